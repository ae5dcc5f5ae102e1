//! Session rows as [`Timeline`]s: loading one, letting an event happen to it, saving it.
//!
//! Belongs here: the one place that writes a session's state. Does not belong here: which event may follow which
//! ([`iampass_server_domain::rules`]).
//!
//! A row is locked before it is judged, and the time is asked after: the second transaction sees the result of the first.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Ending, Event, SignedWord, State, Timeline};

use super::events::Wanted;
use super::{ApplicationKey, DeviceKey, Row, SessionKey, StorageError, Tx, UserKey, Value, events, pushes};

/// The outcome of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// It happened; this is the state now.
    Changed(State),
    /// It does not fit the state, which is this one.
    NotPossible(State),
}

/// A session that is locked.
pub(super) struct StoredTimeline {
    key: SessionKey,
    timeline: Timeline,
    duration: Duration,
    user: Option<UserKey>,
    /// The events that its application wants.
    wanted: Wanted,
    /// Whether the answer that is being taken says that somebody else has asked.
    pub(super) is_reported: bool,
}

/// Reads a timeline from the columns `state`, `due_at` and `near_until`, which follow each other.
pub(super) fn timeline(row: &Row, state: usize) -> Result<Timeline, StorageError> {
    Ok(Timeline { near_until: row.optional_seconds(state + 2)?, ..asked(row, state)? })
}

/// The same from `state` and `due_at` alone, where it matters only whether an answer is waited for: nothing is promised before one.
pub(super) fn asked(row: &Row, state: usize) -> Result<Timeline, StorageError> {
    let (state, due_at) = (State::from_word(row.text(state)?), row.optional_seconds(state + 1)?);
    Ok(Timeline { state, due_at, near_until: None })
}

/// The columns of a session's row, which is there to be changed.
macro_rules! stored_columns {
    () => {
        concat!(
            "key, duration_seconds, user_key, state, due_at, near_until, ",
            $crate::events::wanted!("sessions.application_key")
        )
    };
}
pub(super) use stored_columns;

/// Reads these columns, of which `first` is the first.
pub(super) fn stored(row: &Row, first: usize) -> Result<StoredTimeline, StorageError> {
    Ok(StoredTimeline {
        key: row.key(first)?,
        duration: Duration::from_secs(row.integer(first + 1)?.unsigned_abs()),
        user: row.optional_key(first + 2)?,
        timeline: timeline(row, first + 3)?,
        wanted: Wanted::read(row, first + 6)?,
        is_reported: false,
    })
}

/// Lets `event` happen to a session; None when there is no such session. Where its deadline stands against that, the end that it has
/// brought is written down, so that a caller can rely on the answer whatever the clock does next.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    session: SessionKey,
    event: Event,
) -> Result<Option<Applied>, StorageError> {
    let Some(found) = lock(tx, session).await? else { return Ok(None) };
    apply_to(tx, &found, event).await.map(Some)
}

/// The same, done by this phone, which need not be told of it.
pub(super) async fn apply_by_phone(
    tx: &mut Tx<'_>,
    session: SessionKey,
    event: Event,
    by: DeviceKey,
) -> Result<Option<Applied>, StorageError> {
    let Some(found) = lock(tx, session).await? else { return Ok(None) };
    let ending = match event {
        Event::LoggedOut => Some(Ending::ByPhone),
        other => Ending::by_event(other),
    };
    apply_ending(tx, &found, event, Some(by), ending).await.map(Some)
}

/// Ends a session by `event`, which would not say `ending` by itself.
pub(super) async fn end_as(
    tx: &mut Tx<'_>,
    session: SessionKey,
    event: Event,
    ending: Ending,
) -> Result<Option<Applied>, StorageError> {
    let Some(found) = lock(tx, session).await? else { return Ok(None) };
    apply_ending(tx, &found, event, None, Some(ending)).await.map(Some)
}

/// The same as [`apply`] to a session that is locked.
pub(super) async fn apply_to(
    tx: &mut Tx<'_>,
    found: &StoredTimeline,
    event: Event,
) -> Result<Applied, StorageError> {
    apply_ending(tx, found, event, None, Ending::by_event(event)).await
}

async fn apply_ending(
    tx: &mut Tx<'_>,
    found: &StoredTimeline,
    event: Event,
    by: Option<DeviceKey>,
    ending: Option<Ending>,
) -> Result<Applied, StorageError> {
    // Even what cannot be done may have found that a deadline has passed.
    raise(tx, found.user);
    let now = tx.now();
    let Ok(after) = found.timeline.after(event, now, found.duration) else {
        return Ok(Applied::NotPossible(settle_one(tx, found, now).await?));
    };
    if after != found.timeline {
        save(tx, found, after, ending, now).await?;
        let is_news = matches!(event, Event::LoggedOut | Event::PhoneLeft | Event::PhoneReturned);
        if let Some(user) = found.user.filter(|_| is_news && found.timeline.state.is_open()) {
            pushes::tell_of_change(tx, user, by).await?;
        }
    }
    Ok(Applied::Changed(after.state))
}

/// A session that is locked, and the latest word about it.
pub(super) struct HeardSession {
    found: StoredTimeline,
    word_at: Option<UnixSeconds>,
}

/// The outcome of a phone's word for one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It counts.
    Counts,
    /// A word that was signed later was there before it. It changes nothing.
    Overtaken,
    /// It does not fit the state, which is this one.
    NotPossible(State),
}

/// Locks a session, for [`hear`]. None when there is no such session.
pub(super) async fn lock_heard(
    tx: &mut Tx<'_>,
    session: SessionKey,
) -> Result<Option<HeardSession>, StorageError> {
    let sql = concat!("SELECT word_at, ", stored_columns!(), " FROM sessions WHERE key = ?1 /*lock*/");
    let Some(row) = tx.query_one(sql, &[session.into()]).await? else { return Ok(None) };
    Ok(Some(HeardSession { found: stored(&row, 1)?, word_at: row.optional_seconds(0)? }))
}

/// A word of the phone about being near or away, at `now`. It comes again and again, so it wakes those who wait for the user only where the session
/// becomes another for them, and it is no news for other phones.
pub(super) async fn hear(
    tx: &mut Tx<'_>,
    HeardSession { found, word_at }: &HeardSession,
    word: SignedWord,
    now: UnixSeconds,
) -> Result<Heard, StorageError> {
    let before = found.timeline.state_at(now);
    let after = found.timeline.after(word.event(now), now, found.duration);
    let counts = word.counts_after(*word_at, before, now);
    let state = match after {
        Ok(after) if counts => after.state,
        _ => settle_one(tx, found, now).await?,
    };
    if state != found.timeline.state || state != before {
        raise(tx, found.user);
    }
    let after = match after {
        Err(_) => return Ok(Heard::NotPossible(state)),
        Ok(_) if !counts => return Ok(Heard::Overtaken),
        Ok(after) => after,
    };
    let latest = word_at.map_or(word.at, |latest| latest.max(word.at));
    if after != found.timeline || Some(latest) != *word_at {
        // It was open and is open, so the other columns stay as they are.
        let sql = "UPDATE sessions SET state = ?2, near_until = ?3, word_at = ?4 WHERE key = ?1";
        let state = after.state.word().into();
        tx.execute(sql, &[found.key.into(), state, after.near_until.into(), latest.into()]).await?;
    }
    if let (State::Active, Some(until)) = (after.state, after.near_until) {
        tx.raised().deadline(until);
    }
    Ok(Heard::Counts)
}

/// Phones of the application say no more whether they are near. A session that is away stays so until its user is back.
pub(super) async fn forget_promises(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
) -> Result<(), StorageError> {
    // A word that has read the setting before it changed holds the lock of its session until its promise is there to be found. No session begins
    // meanwhile, because the application is locked.
    let sql = "SELECT count(*) FROM (SELECT key FROM sessions WHERE application_key = ?1 AND ended_at IS NULL ORDER BY key /*lock*/) AS open";
    tx.query(sql, &[application.into()]).await?;
    let now = tx.now();
    let sql = "UPDATE sessions SET state = ?3, near_until = NULL WHERE key IN
                   (SELECT key FROM sessions WHERE application_key = ?1 AND ended_at IS NULL AND state = 'active' AND near_until <= ?2
                    ORDER BY key /*lock*/)";
    tx.execute(sql, &[application.into(), now.into(), State::Walkaway.word().into()]).await?;
    let sql = "UPDATE sessions SET near_until = NULL WHERE key IN
                   (SELECT key FROM sessions WHERE application_key = ?1 AND ended_at IS NULL AND near_until IS NOT NULL ORDER BY key /*lock*/)";
    tx.execute(sql, &[application.into()]).await?;
    Ok(())
}

/// The phone is gone: what it was asked is withdrawn, what it opened is closed.
pub(super) async fn end_those_of_device(tx: &mut Tx<'_>, device: DeviceKey) -> Result<(), StorageError> {
    let sql = "SELECT key FROM sessions WHERE device_key = ?1 AND ended_at IS NULL ORDER BY key";
    end(tx, sql, device.into(), Event::PhoneGone, Ending::PhoneGone).await
}

/// The last phone of the user is gone: what was put to all of them is withdrawn.
pub(super) async fn withdraw_unanswered(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let sql = "SELECT key FROM sessions WHERE user_key = ?1 AND device_key IS NULL AND activated_at IS NULL AND ended_at IS NULL
               ORDER BY key";
    end(tx, sql, user.into(), Event::PhoneGone, Ending::PhoneGone).await
}

/// The user, or all of the user's phones, are gone.
pub(super) async fn end_those_of_user(
    tx: &mut Tx<'_>,
    user: UserKey,
    ending: Ending,
) -> Result<(), StorageError> {
    let sql =
        "SELECT key FROM sessions /*open of user*/ WHERE user_key = ?1 AND ended_at IS NULL ORDER BY key";
    end(tx, sql, user.into(), Event::PhoneGone, ending).await
}

/// All of a user are to be logged out.
pub(super) async fn log_out_those_of_user(
    tx: &mut Tx<'_>,
    user: UserKey,
    ending: Ending,
) -> Result<(), StorageError> {
    let sql =
        "SELECT key FROM sessions /*open of user*/ WHERE user_key = ?1 AND ended_at IS NULL ORDER BY key";
    end(tx, sql, user.into(), Event::LoggedOut, ending).await
}

/// The application may not be used any more.
pub(super) async fn end_those_of_application(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
) -> Result<(), StorageError> {
    let now = tx.now();
    // All at once, as there may be many. Whatever is live is closed by a logout; what a deadline has ended keeps that end.
    let sql = "UPDATE sessions SET state = ?3, due_at = NULL, near_until = NULL, ended_at = ?2, ended_by = ?4 WHERE key IN
                   (SELECT key FROM sessions WHERE application_key = ?1 AND ended_at IS NULL AND due_at > ?2 ORDER BY key /*lock*/)";
    let (closed, disabled) = (State::Closed.word(), Ending::Disabled.word());
    tx.execute(sql, &[application.into(), now.into(), closed.into(), disabled.into()]).await?;
    events::of_disabled(tx, application, now).await
}

async fn end(
    tx: &mut Tx<'_>,
    sql: &'static str,
    owner: Value<'_>,
    event: Event,
    ending: Ending,
) -> Result<(), StorageError> {
    for row in tx.query(sql, &[owner]).await? {
        // One that has ended by its deadline keeps that end.
        end_as(tx, row.key(0)?, event, ending).await?;
    }
    Ok(())
}

/// The effect of a deadline on a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    /// The state after that.
    pub(super) state: State,
    /// The session's user.
    pub(super) user: Option<UserKey>,
    /// Whether it is written down only now.
    pub(super) by_now: bool,
}

impl Settled {
    /// Whether this was a question whose time was up.
    pub(super) fn has_timed_out(self) -> bool {
        self.by_now && self.state == State::Timeout
    }
}

/// Writes down what the deadline of one session has done until now. None when there is no such session.
pub(super) async fn settle_session(
    tx: &mut Tx<'_>,
    session: SessionKey,
) -> Result<Option<Settled>, StorageError> {
    let Some(found) = lock(tx, session).await? else { return Ok(None) };
    raise(tx, found.user);
    let now = tx.now();
    let state = settle_one(tx, &found, now).await?;
    Ok(Some(Settled { state, user: found.user, by_now: state != found.timeline.state }))
}

async fn settle_one(
    tx: &mut Tx<'_>,
    found: &StoredTimeline,
    now: UnixSeconds,
) -> Result<State, StorageError> {
    let settled = found.timeline.settled(now);
    if settled.state != found.timeline.state {
        save(tx, found, settled, Some(Ending::by_deadline(found.timeline)), now).await?;
    }
    Ok(settled.state)
}

fn raise(tx: &Tx<'_>, user: Option<UserKey>) {
    if let Some(user) = user {
        tx.raised().user(user);
    }
}

/// The statement that locks a session.
const LOCK: &str = concat!("SELECT ", stored_columns!(), " FROM sessions WHERE key = ?1 /*lock*/");

async fn lock(tx: &mut Tx<'_>, session: SessionKey) -> Result<Option<StoredTimeline>, StorageError> {
    tx.query_one(LOCK, &[session.into()]).await?.map(|row| stored(&row, 0)).transpose()
}

/// Sessions that are over. Values: the time, how many.
const OVER: &str = concat!(
    "SELECT ",
    stored_columns!(),
    " FROM sessions WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2 /*lock skip*/"
);

/// Sessions whose phone has not kept its promise. Values: the time, how many.
pub(super) const MISSED: &str = concat!(
    "SELECT ",
    stored_columns!(),
    " FROM sessions WHERE state = 'active' AND near_until <= ?1 ORDER BY near_until LIMIT ?2 /*lock skip*/"
);

/// Writes down what deadlines have done until now, at most `most` sessions. Rows that another node works on are left to that node.
pub(super) async fn settle(tx: &mut Tx<'_>, most: u32) -> Result<Vec<Settled>, StorageError> {
    let now = tx.now();
    let mut all = Vec::new();
    // A session that is over is found first, so a promise that has passed as well is none of its end.
    for sql in [OVER, MISSED] {
        let left = i64::from(most).saturating_sub(i64::try_from(all.len()).unwrap_or(i64::MAX));
        for row in tx.query(sql, &[now.into(), left.into()]).await? {
            let row = stored(&row, 0)?;
            let settled = row.timeline.settled(now);
            save(tx, &row, settled, Some(Ending::by_deadline(row.timeline)), now).await?;
            raise(tx, row.user);
            all.push(Settled { state: settled.state, user: row.user, by_now: true });
        }
    }
    Ok(all)
}

/// Writes a timeline down, with the event that tells its application. `ending` counts where it has ended.
async fn save(
    tx: &mut Tx<'_>,
    found: &StoredTimeline,
    timeline: Timeline,
    ending: Option<Ending>,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    let activated = timeline.state.is_open().then_some(now);
    let ended = timeline.state.is_ended().then_some(now);
    let ended_by = ending.filter(|_| timeline.state.is_ended()).map(Ending::word);
    tx.execute_later(
        "UPDATE sessions SET state = ?2, due_at = ?3, activated_at = coalesce(activated_at, ?4), ended_at = ?5, near_until = ?6, ended_by = ?7
         WHERE key = ?1",
        &[
            found.key.into(),
            timeline.state.word().into(),
            timeline.due_at.into(),
            activated.into(),
            ended.into(),
            timeline.near_until.into(),
            ended_by.into(),
        ],
    )
    .await?;
    let change = (found.timeline.state, timeline.state);
    events::of_change(tx, (found.key, found.wanted), change, ending, found.is_reported).await
}
