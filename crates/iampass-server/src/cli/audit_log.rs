//! `iampass-server log`: the audit log, for those who run the service.

use std::io::Write as _;

use clap::Args;
use iampass_core::UnixSeconds;
use iampass_core::wire::AdminLog;
use iampass_server_console::{FileFormat, day};
use iampass_server_storage::{AuditEntry, AuditPlace, AuditSearch, Database, Noted, Sharing};

use super::data_arguments::DataArguments;
use super::remote::{AdminClient, RemoteArguments, encoded};
use crate::ServerError;

/// Entries that are read at a time.
const AT_ONCE: usize = 500;

#[derive(Args, Debug)]
pub(super) struct LogArguments {
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    remote: RemoteArguments,
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

impl From<Format> for FileFormat {
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
    let LogArguments { data, remote, application, action, actor, user, from, until, format } = arguments;
    let format = FileFormat::from(format);
    let search = AuditSearch {
        application,
        action,
        actor,
        subject: user,
        from,
        until,
        of_applications: false,
        before: None,
    };
    if let Some(client) = remote.instead_of(&data)? {
        return log_at(&client, &search, format).await;
    }
    let database = Database::open(&data.config()?.storage(), Sharing::Beside).await?;
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

/// The same of a running service.
async fn log_at(client: &AdminClient, search: &AuditSearch, format: FileFormat) -> Result<(), ServerError> {
    let mut filters = String::new();
    let seconds = |time: Option<UnixSeconds>| time.map(|time| time.0.to_string());
    for (name, value) in [
        ("application", search.application.clone()),
        ("action", search.action.clone()),
        ("actor", search.actor.clone()),
        ("subject", search.subject.clone()),
        ("from", seconds(search.from)),
        ("until", seconds(search.until)),
    ] {
        if let Some(value) = value {
            filters.push_str(&format!("&{name}={}", encoded(&value)));
        }
    }
    let mut after = String::new();
    std::io::stdout().write_all(format.head().as_bytes())?;
    loop {
        let asked = format!("audit_log?limit=200{filters}&after={}", encoded(&after));
        let page: AdminLog = client.get(&asked).await?;
        let entry = |entry: iampass_core::wire::AdminLogEntry| AuditEntry {
            key: 0,
            at: entry.at,
            application: entry.application_id,
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
        };
        let entries: Vec<_> = page.entries.into_iter().map(entry).collect();
        std::io::stdout().write_all(&format.lines(&entries)?)?;
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    std::io::stdout().flush()?;
    Ok(())
}
