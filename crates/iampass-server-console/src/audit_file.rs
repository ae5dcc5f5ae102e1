//! The audit log as a file: CSV for tables, JSON lines for programs.
//!
//! Belongs here: how an entry is written, and how a time is asked for. Does not belong here: which entries ([`iampass_server_storage`]).

use iampass_core::UnixSeconds;
use iampass_server_storage::{AuditEntry, StorageError};
use serde::Serialize;
use time::{Date, Month, OffsetDateTime};

use super::file_format::FileFormat;
use super::file_lines::{FileLine, written};
use super::moment::Moment;
use super::speech::Speech;

#[derive(Serialize)]
struct Line<'e> {
    at: String,
    application: Option<&'e str>,
    actor: &'e str,
    action: &'e str,
    subject: Option<&'e str>,
}

impl FileFormat {
    /// The name under which a browser stores it.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "log.csv",
            Self::JsonLines => "log.jsonl",
        }
    }

    /// The text before the entries.
    #[must_use]
    pub fn head(self) -> &'static str {
        match self {
            Self::Csv => "at,application,actor,action,subject\r\n",
            Self::JsonLines => "",
        }
    }

    /// The lines of these entries.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] for an entry that cannot be written; none is known.
    pub fn lines(self, entries: &[AuditEntry]) -> Result<Vec<u8>, StorageError> {
        written(self, entries.iter().map(line))
    }
}

impl FileLine for Line<'_> {
    fn cells(&self) -> Vec<&str> {
        vec![&self.at, self.application.unwrap_or(""), self.actor, self.action, self.subject.unwrap_or("")]
    }
}

fn line(entry: &AuditEntry) -> Line<'_> {
    Line {
        at: Moment::new(entry.at, entry.at, Speech::english()).machine(),
        application: entry.application.as_deref(),
        actor: &entry.actor,
        action: &entry.action,
        subject: entry.subject.as_deref(),
    }
}

/// The beginning of a day in UTC, `2026-11-28`.
#[must_use]
pub fn day(text: &str) -> Option<UnixSeconds> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()?;
    u64::try_from(OffsetDateTime::new_utc(date, time::Time::MIDNIGHT).unix_timestamp()).ok().map(UnixSeconds)
}

/// A time in UTC, as files have it: `2026-11-28T10:00:00Z`.
#[must_use]
pub fn written_time(at: UnixSeconds) -> String {
    Moment::new(at, at, Speech::english()).machine()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_lines_that_spreadsheets_and_programs_read() {
        let entry = AuditEntry {
            key: 1,
            at: UnixSeconds(1_764_036_718),
            application: Some("APP".to_owned()),
            actor: "ann, the owner".to_owned(),
            action: "users.added".to_owned(),
            subject: Some("=1+1".to_owned()),
        };
        let text = |format: FileFormat| {
            String::from_utf8(format.lines(std::slice::from_ref(&entry)).unwrap()).unwrap()
        };
        assert_eq!(
            text(FileFormat::Csv),
            "\"2025-11-25T02:11:58Z\",\"APP\",\"ann, the owner\",\"users.added\",\"'=1+1\"\r\n"
        );
        let json: serde_json::Value = serde_json::from_str(&text(FileFormat::JsonLines)).unwrap();
        assert_eq!((&json["subject"], &json["at"]), (&"=1+1".into(), &"2025-11-25T02:11:58Z".into()));
        assert!(FileFormat::JsonLines.lines(&[]).unwrap().is_empty());
    }

    #[test]
    fn days_begin_in_utc() {
        assert_eq!(day("1970-01-02"), Some(UnixSeconds(86_400)));
        assert_eq!(day("2026-11-28"), Some(UnixSeconds(1_795_824_000)));
        for none in ["", "2026", "2026-13-01", "2026-02-30", "1969-12-31", "26-11-28", "2026-11-28T00:00"] {
            assert_eq!(day(none), None, "{none}");
        }
    }
}
