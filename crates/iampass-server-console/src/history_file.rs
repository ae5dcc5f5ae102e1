//! The history of logins as a file. Does not belong here: how lines are written ([`super::file_lines`]).

use iampass_server_storage::{Browser, HistoryEntry, HistoryPhone, StorageError};
use serde::Serialize;

use super::file_format::FileFormat;
use super::file_lines::{FileLine, written};
use super::moment::Moment;
use super::speech::Speech;

/// The line of headings of a CSV file.
const HEADINGS: &str = "asked_at,user,outcome,ended_by,browser,address,known_browser,phone,platform,answered_after_seconds,lasted_seconds\r\n";

/// Times are UTC, and lengths are seconds. `phone` is `gone` where it was removed since.
#[derive(Serialize)]
struct Line<'e> {
    asked_at: String,
    user: Option<&'e str>,
    outcome: &'static str,
    ended_by: Option<&'static str>,
    browser: Option<&'e str>,
    address: Option<&'e str>,
    known_browser: &'static str,
    phone: Option<&'e str>,
    platform: Option<&'e str>,
    answered_after_seconds: Option<String>,
    lasted_seconds: Option<String>,
}

impl FileLine for Line<'_> {
    fn cells(&self) -> Vec<&str> {
        let text = |cell: Option<&'static str>| cell.unwrap_or("");
        vec![
            &self.asked_at,
            self.user.unwrap_or(""),
            self.outcome,
            text(self.ended_by),
            self.browser.unwrap_or(""),
            self.address.unwrap_or(""),
            self.known_browser,
            self.phone.unwrap_or(""),
            self.platform.unwrap_or(""),
            self.answered_after_seconds.as_deref().unwrap_or(""),
            self.lasted_seconds.as_deref().unwrap_or(""),
        ]
    }
}

/// The name under which a browser stores it.
pub(crate) const fn file_name(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => "history.csv",
        FileFormat::JsonLines => "history.jsonl",
    }
}

/// The text before the lines.
pub(crate) const fn head(format: FileFormat) -> &'static str {
    match format {
        FileFormat::Csv => HEADINGS,
        FileFormat::JsonLines => "",
    }
}

/// The lines of these logins.
///
/// # Errors
/// Those of [`written`].
pub(crate) fn lines(format: FileFormat, entries: &[HistoryEntry]) -> Result<Vec<u8>, StorageError> {
    written(format, entries.iter().map(line))
}

fn line(entry: &HistoryEntry) -> Line<'_> {
    let (phone, platform) = match &entry.phone {
        HistoryPhone::There { name, platform } => (Some(name.as_str()), Some(platform.as_str())),
        HistoryPhone::Gone => (Some("gone"), None),
        HistoryPhone::None => (None, None),
    };
    Line {
        asked_at: Moment::new(entry.asked_at, entry.asked_at, Speech::english()).machine(),
        user: entry.user.map(|_| entry.user_id.as_str()),
        outcome: entry.outcome.word(),
        ended_by: entry.ending.map(|ending| ending.word()),
        browser: entry.browser_name.as_deref(),
        address: entry.address.as_deref(),
        known_browser: if entry.browser == Browser::Known { "yes" } else { "no" },
        phone,
        platform,
        answered_after_seconds: entry.answered_after.map(|seconds| seconds.to_string()),
        lasted_seconds: entry.lasted.map(|seconds| seconds.to_string()),
    }
}
