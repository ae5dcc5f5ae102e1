//! Session rows as [`Timeline`]s: loading one, letting an event happen to it, saving it.
//!
//! Belongs here: the one place that writes a session's state. Does not belong here: which event may follow which
//! ([`crate::rules`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::nonces::{seconds, unix};
use super::{DeviceKey, SessionKey, StorageError, UserKey};
use crate::rules::{Event, State, Timeline};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// It happened; this is the state now.
    Changed(State),
    /// It does not fit the state, which is this one.
    NotPossible(State),
}

struct StoredTimeline {
    key: SessionKey,
    timeline: Timeline,
    duration: Duration,
    user: Option<UserKey>,
}

const COLUMNS: &str = "SELECT key, state, due_at, duration_seconds, user FROM sessions";

/// Reads a timeline from the columns `state` and `due_at`.
pub(super) fn timeline(row: &Row<'_>, state: &str, due_at: &str) -> rusqlite::Result<Timeline> {
    let word = row.get_ref(state)?.as_str()?;
    Ok(Timeline { state: State::from_word(word), due_at: row.get::<_, Option<i64>>(due_at)?.map(unix) })
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredTimeline> {
    Ok(StoredTimeline {
        key: row.get("key")?,
        timeline: timeline(row, "state", "due_at")?,
        duration: Duration::from_secs(row.get::<_, i64>("duration_seconds")?.unsigned_abs()),
        user: row.get("user")?,
    })
}

/// Lets `event` happen to a session; None when there is no such session. Where its deadline stands against that, the end that it has
/// brought is written down, so that whoever is told of it can rely on it whatever the clock does next.
pub(super) fn apply(
    connection: &Connection,
    session: SessionKey,
    event: Event,
    now: UnixSeconds,
) -> Result<Option<Applied>, StorageError> {
    let Some(found) = find(connection, session)? else { return Ok(None) };
    let Ok(after) = found.timeline.after(event, now, found.duration) else {
        return Ok(Some(Applied::NotPossible(settle_one(connection, &found, now)?)));
    };
    if after != found.timeline {
        save(connection, session, after, now)?;
    }
    Ok(Some(Applied::Changed(after.state)))
}

/// The phone is gone: what it was asked is withdrawn, what it opened is closed.
pub(super) fn end_those_of_device(
    connection: &Connection,
    device: DeviceKey,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let sessions =
        keys(connection, "SELECT key FROM sessions WHERE device = ?1 AND ended_at IS NULL", device)?;
    end(connection, sessions, now)
}

/// The user is gone.
pub(super) fn end_those_of_user(
    connection: &Connection,
    user: UserKey,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let sessions = keys(connection, "SELECT key FROM sessions WHERE user = ?1 AND ended_at IS NULL", user)?;
    end(connection, sessions, now)
}

fn keys(
    connection: &Connection,
    sql: &str,
    owner: impl rusqlite::ToSql,
) -> Result<Vec<SessionKey>, StorageError> {
    let mut statement = connection.prepare_cached(sql)?;
    let keys = statement.query_map([owner], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

fn end(connection: &Connection, sessions: Vec<SessionKey>, now: UnixSeconds) -> Result<(), StorageError> {
    for session in sessions {
        // One that has ended by its deadline keeps that end.
        apply(connection, session, Event::PhoneGone, now)?;
    }
    Ok(())
}

/// Writes down what the deadline of one session has done until `now`; the state after that, and whose session it is. None when there is
/// no such session.
pub(super) fn settle_session(
    connection: &Connection,
    session: SessionKey,
    now: UnixSeconds,
) -> Result<Option<(State, Option<UserKey>)>, StorageError> {
    let Some(found) = find(connection, session)? else { return Ok(None) };
    Ok(Some((settle_one(connection, &found, now)?, found.user)))
}

fn settle_one(
    connection: &Connection,
    found: &StoredTimeline,
    now: UnixSeconds,
) -> Result<State, StorageError> {
    let settled = found.timeline.settled(now);
    if settled.state != found.timeline.state {
        save(connection, found.key, settled, now)?;
    }
    Ok(settled.state)
}

fn find(connection: &Connection, session: SessionKey) -> Result<Option<StoredTimeline>, StorageError> {
    Ok(connection
        .prepare_cached(&format!("{COLUMNS} WHERE key = ?1"))?
        .query_row([session], stored)
        .optional()?)
}

/// Writes down what deadlines have done until `now`, at most `most` sessions; the users to whom it happened.
pub(super) fn settle(
    connection: &Connection,
    now: UnixSeconds,
    most: u32,
) -> Result<Vec<Option<UserKey>>, StorageError> {
    let mut due =
        connection.prepare_cached(&format!("{COLUMNS} WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2"))?;
    let rows: Vec<StoredTimeline> =
        due.query_map(params![seconds(now), most], stored)?.collect::<Result<_, _>>()?;
    let mut users = Vec::with_capacity(rows.len());
    for row in rows {
        save(connection, row.key, row.timeline.settled(now), now)?;
        users.push(row.user);
    }
    Ok(users)
}

fn save(
    connection: &Connection,
    session: SessionKey,
    timeline: Timeline,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let activated = timeline.state.is_open().then_some(seconds(now));
    let ended = timeline.state.is_ended().then_some(seconds(now));
    connection
        .prepare_cached(
            "UPDATE sessions SET state = ?2, due_at = ?3, activated_at = coalesce(activated_at, ?4), ended_at = ?5
             WHERE key = ?1",
        )?
        .execute(params![session, timeline.state.word(), timeline.due_at.map(seconds), activated, ended])?;
    Ok(())
}
