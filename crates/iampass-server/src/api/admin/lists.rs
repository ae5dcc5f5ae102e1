//! Lists that are only looked at, for the Admin API: open sessions, the history of logins, the audit log.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{AdminHistory, AdminLog, AdminLogEntry, AdminLogin, AdminSessions};
use iampass_server_domain::rules::{Ending, Outcome};
use iampass_server_storage::{
    Application, AskedUser, AuditEntry, AuditPlace, AuditSearch, HistoryEntry, HistoryPlace, HistorySearch,
    SessionKey, read_address,
};

use super::admitted::Admitted;
use super::answers::{invalid, scope_missing};
use super::asked::{place, row};
use super::users;
use crate::problem::{Refused, json};

pub(super) async fn sessions(
    admitted: &Admitted<'_>,
    application: &Application,
) -> Result<Response, Refused> {
    let query = admitted.query(&["after", "limit"])?;
    let (before, limit) = (query.after_row()?.map(SessionKey), query.limit()?);
    // One more says whether there are more.
    let mut found = admitted.app.database.sessions_of(application.key, before, limit + 1).await?;
    let has_later = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| has_later).map(|last| row(last.key.0));
    let sessions = found.into_iter().map(users::session).collect();
    Ok(json(StatusCode::OK, &AdminSessions { status: true, sessions, next }))
}

pub(super) async fn history(admitted: &Admitted<'_>, application: &Application) -> Result<Response, Refused> {
    let query = admitted
        .query(&["after", "limit", "user", "prefix", "outcome", "ended", "address", "from", "until"])?;
    let user = match (query.text("user"), query.text("prefix")) {
        (Some(_), Some(_)) => return Err(invalid("user and prefix do not go together")),
        (Some(id), None) => Some(AskedUser::Named(id)),
        (None, Some(prefix)) => Some(AskedUser::Beginning(prefix)),
        (None, None) => None,
    };
    let outcome = query.text("outcome").map(|word| {
        Outcome::of_word(&word).ok_or_else(|| invalid(one_of("outcome", Outcome::ALL, |one| one.word())))
    });
    let ending = query.text("ended").map(|word| {
        Ending::of_word(&word).ok_or_else(|| invalid(one_of("ended", Ending::ALL, |one| one.word())))
    });
    let address = query.text("address").map(|text| {
        let refused = "address is an IP address, such as 192.0.2.7 or 2001:db8::7";
        read_address(&text).ok_or_else(|| invalid(refused))
    });
    let before = query.after_place()?;
    let search = HistorySearch {
        user,
        outcome: outcome.transpose()?,
        ending: ending.transpose()?,
        address: address.transpose()?,
        from: query.time("from")?,
        until: query.time("until")?,
        before: before.map(|(at, key)| HistoryPlace { at, key: SessionKey(key) }),
        ..HistorySearch::all(application.key)
    };
    let found = admitted.app.database.search_history(search, query.limit()? as usize).await?;
    let next = found.next.map(|next| place(next.at, next.key.0));
    let logins = found.entries.into_iter().map(login).collect();
    Ok(json(StatusCode::OK, &AdminHistory { status: true, logins, next }))
}

pub(super) async fn audit_log(admitted: &Admitted<'_>) -> Result<Response, Refused> {
    let query =
        admitted.query(&["after", "limit", "application", "action", "actor", "subject", "from", "until"])?;
    let application = match (&admitted.caller.application_id, query.text("application")) {
        (None, asked) => asked,
        (Some(only), None) => Some(only.clone()),
        (Some(only), Some(asked)) if *only == asked => Some(asked),
        (Some(_), Some(_)) => {
            return Err(scope_missing("this key is limited to one application, and asks for another"));
        }
    };
    let before = query.after_place()?;
    let search = AuditSearch {
        application,
        action: query.text("action"),
        actor: query.text("actor"),
        subject: query.text("subject"),
        from: query.time("from")?,
        until: query.time("until")?,
        // The other entries are about accounts, links and the service's keys: they are for the operator.
        of_applications: admitted.caller.account.is_some(),
        before: before.map(|(at, key)| AuditPlace { at, key }),
    };
    let found = admitted.app.database.search_audit(search, query.limit()? as usize).await?;
    let next = found.next.map(|next| place(next.at, next.key));
    let entries = found.entries.into_iter().map(entry).collect();
    Ok(json(StatusCode::OK, &AdminLog { status: true, entries, next }))
}

fn one_of<T: Copy>(name: &str, all: &[T], word: fn(T) -> &'static str) -> String {
    let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
    format!("{name} is one of: {}", words.join(", "))
}

fn login(entry: HistoryEntry) -> AdminLogin {
    AdminLogin {
        asked_at: entry.asked_at,
        user_id: entry.user_id,
        outcome: entry.outcome.word().to_owned(),
        ended: entry.ending.map(|ending| ending.word().to_owned()),
        browser: entry.browser_name,
        address: entry.address,
        answered_after: entry.answered_after,
        lasted: entry.lasted,
    }
}

fn entry(entry: AuditEntry) -> AdminLogEntry {
    AdminLogEntry {
        at: entry.at,
        application_id: entry.application,
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
    }
}
