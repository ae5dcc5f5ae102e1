//! The log of events: searched, the latest first, and events that are sent again.
//!
//! Belongs here: reading the log and putting events into the queue again. Does not belong here: adding events ([`super::events`]).

use iampass_core::UnixSeconds;
use iampass_core::events::{EventHow, EventKind};
use iampass_server_domain::rules::Act;

use super::audit::{Noted, note};
use super::events::{EventKey, EventState, are_wanted};
use super::{Actor, ApplicationKey, Database, Right, Row, StorageError, Value};

/// Events that are sent again by one change.
const MOST_AGAIN: i64 = 10_000;

/// A line of the log.
#[derive(Clone, Debug)]
pub struct EventEntry {
    /// Its row.
    pub key: EventKey,
    /// The id that its receiver knows it by.
    pub id: String,
    /// The thing that it tells of.
    pub kind: EventKind,
    /// When it happened.
    pub at: UnixSeconds,
    /// The user, by the id that the application gave.
    pub user: Option<String>,
    /// How it came about.
    pub how: Option<EventHow>,
    /// Its state.
    pub state: EventState,
    /// How many attempts were made since it was last put into the queue.
    pub attempts: u32,
    /// When the last attempt ended.
    pub last_at: Option<UnixSeconds>,
    /// The status of the last answer.
    pub last_status: Option<u16>,
    /// Why the last attempt failed, as a word.
    pub last_error: Option<String>,
    /// When the next attempt is due, for one that waits.
    pub next_at: UnixSeconds,
    /// Whether an attempt is being made.
    pub is_under_way: bool,
}

/// The conditions of a search. All that are given have to be met.
#[derive(Clone, Debug, Default)]
pub struct EventSearch {
    /// The event of this id, or the events about the user of this id.
    pub text: Option<String>,
    /// Events in this state alone.
    pub state: Option<EventState>,
    /// Events before this one.
    pub before: Option<i64>,
}

/// The events that are to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendAgain {
    /// The one of this id, whatever became of it.
    One(String),
    /// All that were not taken and that happened since then.
    FailedSince(UnixSeconds),
}

macro_rules! entries_where {
    ($condition:literal) => {
        concat!(
            "SELECT key, id, kind, at, user_id, how, state, attempts, last_at, last_status, last_error, next_at, leased_until FROM events
             WHERE application_key = ?1 AND key < ?2",
            $condition,
            " ORDER BY key DESC LIMIT ?3"
        )
    };
}
const ALL: &str = entries_where!("");
const IN_STATE: &str = entries_where!(" AND state = ?4");

/// By the id of the event or of the user: each by its own index, and the latest of both. A state is compared as a value of no index, since many more events
/// are in one state than are about one user.
macro_rules! entries_of_text {
    ($condition:literal) => {
        concat!(
            "SELECT key, id, kind, at, user_id, how, state, attempts, last_at, last_status, last_error, next_at, leased_until FROM events
             WHERE key IN
                 (SELECT key FROM events WHERE id = ?4 AND application_key = ?1 AND key < ?2",
            $condition,
            " UNION SELECT key FROM (SELECT key FROM events WHERE application_key = ?1 AND user_id = ?4 AND key < ?2",
            $condition,
            " ORDER BY key DESC LIMIT ?3) AS latest) ORDER BY key DESC LIMIT ?3"
        )
    };
}
const OF_TEXT: &str = entries_of_text!("");
const OF_TEXT_IN_STATE: &str = entries_of_text!(" AND coalesce(state, '') = ?5");

impl Database {
    /// The events of an application that are looked for, the latest first: `most` at most.
    pub async fn events(
        &self,
        application: ApplicationKey,
        search: EventSearch,
        most: u32,
    ) -> Result<Vec<EventEntry>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let before = search.before.unwrap_or(i64::MAX);
                let mut values = vec![application.into(), before.into(), i64::from(most).into()];
                values.extend(search.text.as_ref().map(Value::from));
                values.extend(search.state.map(|state| Value::from(state.word())));
                let sql = match (&search.text, search.state) {
                    (None, None) => ALL,
                    (None, Some(_)) => IN_STATE,
                    (Some(_), None) => OF_TEXT,
                    (Some(_), Some(_)) => OF_TEXT_IN_STATE,
                };
                let now = tx.now();
                tx.query(sql, &values).await?.iter().map(|row| entry(row, now)).collect()
            })
        })
        .await
    }

    /// Puts events into the queue again, and writes down who did it: how many. None when the application has no endpoint that is on, or no such event.
    pub async fn send_events_again(
        &self,
        application: ApplicationKey,
        which: SendAgain,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<u64>, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageEvents), move |tx| {
            Box::pin(async move {
                if !are_wanted(tx, application).await? {
                    return Ok(None);
                }
                let now = tx.now();
                let (queued, subject) = match &which {
                    SendAgain::One(id) => {
                        let sql = "UPDATE events SET state = 'queued', attempts = 0, queued_at = ?3, next_at = ?3, ended_at = NULL, leased_until = NULL
                                   WHERE application_key = ?1 AND id = ?2 AND state <> 'queued'";
                        let values = [application.into(), id.into(), now.into()];
                        (tx.execute(sql, &values).await?, id.clone())
                    }
                    SendAgain::FailedSince(since) => {
                        let sql = "UPDATE events SET state = 'queued', attempts = 0, queued_at = ?3, next_at = ?3, ended_at = NULL, leased_until = NULL
                                   WHERE key IN (SELECT key FROM events WHERE application_key = ?1 AND at >= ?2
                                                     AND state IN ('given_up', 'withdrawn', 'dropped') ORDER BY at DESC, key DESC LIMIT ?4)
                                     AND state <> 'queued'";
                        let values = [application.into(), (*since).into(), now.into(), MOST_AGAIN.into()];
                        let queued = tx.execute(sql, &values).await?;
                        (queued, format!("{queued} since {since}"))
                    }
                };
                if queued == 0 && matches!(which, SendAgain::One(_)) {
                    return Ok(None);
                }
                // Somebody says that it is worth a try now.
                let sql = "UPDATE event_endpoints SET held_until = NULL WHERE application_key = ?1";
                tx.execute(sql, &[application.into()]).await?;
                tx.raised().endpoint();
                note(tx, &Noted { subject: Some(subject), ..noted }).await?;
                Ok(Some(queued))
            })
        })
        .await
    }
}

fn entry(row: &Row, now: UnixSeconds) -> Result<EventEntry, StorageError> {
    Ok(EventEntry {
        key: EventKey(row.integer(0)?),
        id: row.text(1)?.to_owned(),
        kind: EventKind::from(row.text(2)?),
        at: row.seconds(3)?,
        user: row.optional_text(4)?.map(str::to_owned),
        how: row.optional_text(5)?.map(EventHow::from),
        state: EventState::of_word(row.text(6)?)
            .ok_or(StorageError::Corrupt { what: "state of an event" })?,
        attempts: u32::try_from(row.integer(7)?).unwrap_or(u32::MAX),
        last_at: row.optional_seconds(8)?,
        last_status: row.optional_integer(9)?.and_then(|status| u16::try_from(status).ok()),
        last_error: row.optional_text(10)?.map(str::to_owned),
        next_at: row.seconds(11)?,
        is_under_way: row.optional_seconds(12)?.is_some_and(|until| until > now),
    })
}
