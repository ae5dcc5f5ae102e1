//! `iampass-server log`: the audit log, for those who run the service.

use std::io::Write as _;

use clap::Args;
use iampass_core::UnixSeconds;
use iampass_server_console::{AuditFormat, day};
use iampass_server_storage::{AuditPlace, AuditSearch, Database, Noted, Sharing};

use super::data_arguments::DataArguments;
use crate::ServerError;

/// Entries that are read at a time.
const AT_ONCE: usize = 500;

#[derive(Args, Debug)]
pub(super) struct LogArguments {
    #[command(flatten)]
    data: DataArguments,
    /// Only what was done to this application, by its id.
    #[arg(long, value_name = "ID")]
    application: Option<String>,
    /// Only this, such as phone.replaced or account.signed-in.
    #[arg(long, value_name = "WORD")]
    action: Option<String>,
    /// Only what was done by this account, or by `command line`, `application` or `phone`.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// Only what was done to this user, account or whatever else it was done to.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// From this day on, in UTC: 2026-11-28.
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    from: Option<UnixSeconds>,
    /// Before this day, in UTC.
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    until: Option<UnixSeconds>,
    /// How to write it.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// Comma-separated values with a line of headings.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl From<Format> for AuditFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::JsonLines => Self::JsonLines,
        }
    }
}

fn parse_day(text: &str) -> Result<UnixSeconds, &'static str> {
    day(text).ok_or("it is no day: write 2026-11-28")
}

/// Writes all that is found to the standard output, the latest first, as it is read.
pub(super) async fn log(arguments: LogArguments) -> Result<(), ServerError> {
    let LogArguments { data, application, action, actor, user, from, until, format } = arguments;
    let format = AuditFormat::from(format);
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
    let search = AuditSearch { application, action, actor, subject: user, from, until, before: None };
    let noted = Noted {
        actor: "command line".to_owned(),
        application: search.application.clone(),
        action: "log.exported",
        subject: None,
    };
    std::io::stdout().write_all(format.head().as_bytes())?;
    let mut before: Option<AuditPlace> = None;
    loop {
        let page = database.search_audit(AuditSearch { before, ..search.clone() }, AT_ONCE).await?;
        std::io::stdout().write_all(&format.lines(&page.entries)?)?;
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    std::io::stdout().flush()?;
    database.note(noted).await?;
    Ok(())
}
