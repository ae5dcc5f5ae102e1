//! Events: writing them down in the transaction of what they tell of, and the log of what became of them.
//!
//! An event is one statement, which adds a row where the application has an endpoint that wants this kind, and nothing where it has none. It is never waited
//! for, so a login takes no trip more; and it is not sent at all where the row of the session has said that the kind is not wanted ([`Wanted`]). An event keeps the ids by which its application knows the user and the session, and outlives both.
//!
//! Belongs here: adding and withdrawing events. Does not belong here: the log ([`super::event_log`]), endpoints ([`super::event_endpoints`]), whose turn it
//! is to be sent ([`super::event_leases`]), and how many there may be ([`super::event_bounds`]).

use iampass_core::UnixSeconds;
use iampass_core::events::{EventHow, EventKind};
use iampass_server_domain::event::bit;
use iampass_server_domain::random;
use iampass_server_domain::rules::{Ending, State};

use super::{ApplicationKey, Row, SessionKey, StorageError, Tx, UserKey, Value};

/// Events of one application that wait. Of more, the oldest are dropped.
pub(super) const MOST_WAITING: i64 = 10_000;

/// The row of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKey(pub i64);

/// The state of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// It waits to be sent, for the first time or again.
    Queued,
    /// The endpoint has taken it.
    Sent,
    /// It was not taken in time.
    GivenUp,
    /// The endpoint was switched off or removed before.
    Withdrawn,
    /// Too many waited.
    Dropped,
}

impl EventState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::GivenUp, Self::Withdrawn, Self::Dropped];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
            Self::Withdrawn => "withdrawn",
            Self::Dropped => "dropped",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Columns of a new row, and the values of every statement that adds one: ?2 id, ?3 kind, ?4 time, ?5 how, ?6 the bit of the kind.
macro_rules! insert {
    ($user:literal, $session:literal, $from:literal) => {
        concat!(
            "INSERT INTO events (id, application_key, kind, at, user_id, session_token, how, state, attempts, queued_at, next_at)
             SELECT CAST(?2 AS TEXT), e.application_key, CAST(?3 AS TEXT), CAST(?4 AS BIGINT), ",
            $user,
            ", ",
            $session,
            ", CAST(?5 AS TEXT), 'queued', 0, CAST(?4 AS BIGINT), CAST(?4 AS BIGINT) FROM ",
            $from,
            " AND e.off_at IS NULL AND (e.kinds & CAST(?6 AS BIGINT)) <> 0"
        )
    };
}

const OF_SESSION: &str = insert!(
    "u.id",
    "s.token",
    "sessions s JOIN event_endpoints e ON e.application_key = s.application_key LEFT JOIN users u ON u.key = s.user_key
     WHERE s.key = ?1"
);
const OF_TOKEN: &str = insert!(
    "u.id",
    "s.token",
    "sessions s JOIN event_endpoints e ON e.application_key = s.application_key LEFT JOIN users u ON u.key = s.user_key
     WHERE s.token = ?1"
);
const OF_USER: &str = insert!(
    "u.id",
    "CAST(NULL AS TEXT)",
    "users u JOIN event_endpoints e ON e.application_key = u.application_key WHERE u.key = ?1"
);
const OF_NAMED: &str =
    insert!("CAST(?7 AS TEXT)", "CAST(NULL AS TEXT)", "event_endpoints e WHERE e.application_key = ?1");

/// Sessions that one statement has ended: those of ?1 that ended at ?4 by `disabled`. The key of a session makes the id that of one event. There are no more
/// of them than may wait (?9): the latest.
const OF_DISABLED: &str =
    "INSERT INTO events (id, application_key, kind, at, user_id, session_token, how, state, attempts, queued_at, next_at)
     SELECT CAST(?2 AS TEXT) || '-' || CAST(s.key AS TEXT), e.application_key,
            CASE WHEN s.activated_at IS NULL THEN CAST(?7 AS TEXT) ELSE CAST(?3 AS TEXT) END, CAST(?4 AS BIGINT), u.id, s.token,
            CAST(?5 AS TEXT), 'queued', 0, CAST(?4 AS BIGINT), CAST(?4 AS BIGINT)
     FROM sessions s JOIN event_endpoints e ON e.application_key = s.application_key LEFT JOIN users u ON u.key = s.user_key
     WHERE s.application_key = ?1 AND s.ended_at = CAST(?4 AS BIGINT) AND s.ended_by = CAST(?5 AS TEXT) AND e.off_at IS NULL
       AND (e.kinds & CASE WHEN s.activated_at IS NULL THEN CAST(?8 AS BIGINT) ELSE CAST(?6 AS BIGINT) END) <> 0
     ORDER BY s.key DESC LIMIT ?9";

/// The kinds of events that an application wants, whose key stands here: the column that [`Wanted`] is read from.
macro_rules! wanted {
    ($application:literal) => {
        concat!(
            "(SELECT w.kinds FROM event_endpoints w WHERE w.application_key = ",
            $application,
            " AND w.off_at IS NULL)"
        )
    };
}
pub(super) use wanted;

/// The kinds of events that an application wants. It is read where a row is locked, so that nothing is written down where nothing is wanted; the statement that
/// adds an event decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted(i64);

impl Wanted {
    /// Reads the column of [`wanted!`].
    pub(super) fn read(row: &Row, column: usize) -> Result<Self, StorageError> {
        Ok(Self(row.optional_integer(column)?.unwrap_or_default()))
    }

    fn has(self, kind: &EventKind) -> bool {
        self.0 & bit(kind) != 0
    }
}

/// An id of a new event.
fn draw_id() -> Result<String, StorageError> {
    Ok(format!("evt_{}", random::hexadecimal::<16>()?))
}

async fn add(
    tx: &mut Tx<'_>,
    sql: &'static str,
    owner: Value<'_>,
    kind: &EventKind,
    how: Option<&EventHow>,
    named: Option<&str>,
) -> Result<(), StorageError> {
    let (id, now) = (draw_id()?, tx.now());
    let how = how.map(EventHow::as_str);
    let values =
        [owner, (&id).into(), kind.as_str().into(), now.into(), how.into(), bit(kind).into(), named.into()];
    let values = if sql == OF_NAMED { &values[..] } else { &values[..6] };
    tx.execute_later(sql, values).await?;
    tx.raised().event();
    Ok(())
}

/// An event about a session, which is there.
async fn of_session(
    tx: &mut Tx<'_>,
    session: SessionKey,
    kind: &EventKind,
    how: Option<&EventHow>,
) -> Result<(), StorageError> {
    add(tx, OF_SESSION, session.into(), kind, how, None).await
}

/// The same about the session of this token, where it is wanted.
pub(super) async fn of_token(
    tx: &mut Tx<'_>,
    token: &str,
    wanted: Wanted,
    kind: &EventKind,
) -> Result<(), StorageError> {
    match wanted.has(kind) {
        true => add(tx, OF_TOKEN, token.into(), kind, None, None).await,
        false => Ok(()),
    }
}

/// An event about a user, who is there.
pub(super) async fn of_user(
    tx: &mut Tx<'_>,
    user: UserKey,
    kind: &EventKind,
    how: Option<&EventHow>,
) -> Result<(), StorageError> {
    add(tx, OF_USER, user.into(), kind, how, None).await
}

/// An event about an application, or about its user of this id.
pub(super) async fn of_application(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    kind: &EventKind,
    user: Option<&str>,
) -> Result<(), StorageError> {
    add(tx, OF_NAMED, application.into(), kind, None, user).await
}

/// Events about all sessions and logins of an application that were ended at `at`, since it was disabled.
pub(super) async fn of_disabled(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    at: UnixSeconds,
) -> Result<(), StorageError> {
    let (id, ended, failed) = (draw_id()?, EventKind::SessionEnded, EventKind::LoginFailed);
    let values = [
        application.into(),
        (&id).into(),
        ended.as_str().into(),
        at.into(),
        EventHow::Disabled.as_str().into(),
        bit(&ended).into(),
        failed.as_str().into(),
        bit(&failed).into(),
        MOST_WAITING.into(),
    ];
    tx.execute_later(OF_DISABLED, &values).await?;
    tx.raised().event();
    Ok(())
}

/// The event of a session that goes from one state to another, where it is wanted. `ending` counts where it has ended.
pub(super) async fn of_change(
    tx: &mut Tx<'_>,
    (session, wanted): (SessionKey, Wanted),
    (before, after): (State, State),
    ending: Option<Ending>,
    is_reported: bool,
) -> Result<(), StorageError> {
    let kind = match (before, ending) {
        (before, _) if before.is_in_progress() && after.is_open() => EventKind::LoginAccepted,
        _ if !after.is_ended() => return Ok(()),
        (before, Some(Ending::Denied)) if before.is_in_progress() && is_reported => EventKind::LoginReported,
        (before, Some(Ending::Denied)) if before.is_in_progress() => EventKind::LoginDenied,
        (before, _) if before.is_in_progress() => EventKind::LoginFailed,
        _ => EventKind::SessionEnded,
    };
    if !wanted.has(&kind) {
        return Ok(());
    }
    let says_how = matches!(kind, EventKind::LoginFailed | EventKind::SessionEnded);
    let how = ending.filter(|_| says_how).map(|ending| EventHow::from(ending.word()));
    of_session(tx, session, &kind, how.as_ref()).await
}

/// Whether an application has an endpoint that is on. The endpoint stays as it is until the transaction ends.
pub(super) async fn are_wanted(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<bool, StorageError> {
    let sql = "SELECT 1 FROM event_endpoints WHERE application_key = ?1 AND off_at IS NULL /*lock*/";
    Ok(tx.query_one(sql, &[application.into()]).await?.is_some())
}

/// Withdraws the events of an application that wait, whoever has them: what is on its way may still arrive.
pub(super) async fn withdraw(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<u64, StorageError> {
    let now = tx.now();
    let sql = "UPDATE events SET state = 'withdrawn', ended_at = ?2, leased_until = NULL
               WHERE application_key = ?1 AND state = 'queued'";
    tx.execute(sql, &[application.into(), now.into()]).await
}
