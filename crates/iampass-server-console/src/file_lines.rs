//! Files that the Console gives out: CSV for tables, JSON lines for programs.
//!
//! Belongs here: how lines are written, whatever they tell of, and the answer that is a file. Does not belong here: what is in them
//! ([`super::audit_file`], [`super::history_file`]).

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use iampass_server_storage::StorageError;
use serde::Serialize;

use super::file_format::FileFormat;
use super::page_error::PageError;

/// A line of a file: a JSON object, or its values as cells.
pub(crate) trait FileLine: Serialize {
    /// The values, in the order of the headings.
    fn cells(&self) -> Vec<&str>;
}

/// The text of these lines.
///
/// # Errors
/// [`StorageError::Corrupt`] for a line that cannot be written; none is known.
pub(crate) fn written<L: FileLine>(
    format: FileFormat,
    lines: impl IntoIterator<Item = L>,
) -> Result<Vec<u8>, StorageError> {
    let unwritable = || StorageError::Corrupt { what: "line of a file" };
    match format {
        FileFormat::Csv => {
            let mut text = csv::WriterBuilder::new()
                .has_headers(false)
                // Spreadsheets may take other characters than the comma for the end of a cell.
                .quote_style(csv::QuoteStyle::Always)
                .terminator(csv::Terminator::CRLF)
                .from_writer(Vec::new());
            for line in lines {
                text.write_record(line.cells().into_iter().map(no_formula)).map_err(|_| unwritable())?;
            }
            text.into_inner().map_err(|_| unwritable())
        }
        FileFormat::JsonLines => {
            let mut text = Vec::new();
            for line in lines {
                serde_json::to_writer(&mut text, &line).map_err(|_| unwritable())?;
                text.push(b'\n');
            }
            Ok(text)
        }
    }
}

/// A cell that begins like a formula would be computed by a spreadsheet. An apostrophe keeps it a text.
fn no_formula(cell: &str) -> String {
    const FIRST: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    if cell.starts_with(FIRST) { format!("'{cell}") } else { cell.to_owned() }
}

/// The format that a query asks for; CSV where it asks for none.
pub(crate) fn format_asked(query: &BTreeMap<String, String>) -> Result<FileFormat, PageError> {
    let word = query.get("format").map_or("csv", String::as_str);
    let format = FileFormat::ALL.into_iter().find(|format| format.word() == word);
    format.ok_or(PageError::NotFound)
}

/// The queries of the links to a file in each format, with the names of the formats. `search` is the query of what is searched for.
pub(crate) fn links(search: &str) -> Vec<(&'static str, String)> {
    let link = |format: FileFormat| format!("format={}&{search}", format.word());
    vec![("CSV", link(FileFormat::Csv)), ("JSON lines", link(FileFormat::JsonLines))]
}

/// The answer that is the file.
pub(crate) fn answer(format: FileFormat, name: &str, file: Vec<u8>) -> Result<Response, PageError> {
    let answer = Response::builder()
        .header(CONTENT_TYPE, format.content_type())
        .header(CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .header(CACHE_CONTROL, "no-store");
    answer.body(Body::from(file)).map_err(|_| PageError::Internal)
}
