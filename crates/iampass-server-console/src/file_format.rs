//! [`FileFormat`]: the kinds of files that the Console gives out.

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFormat {
    /// Comma-separated values with a line of headings.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl FileFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    /// Its word in a query.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "json-lines",
        }
    }

    /// The type of the file.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }
}
