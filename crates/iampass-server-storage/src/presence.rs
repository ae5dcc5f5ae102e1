//! The words of phones about being near or away: what they do to the sessions that the phone has opened.
//!
//! Belongs here: which sessions a word is about. Does not belong here: what it does to one ([`super::timeline_rows`]), or when a promise has
//! passed: each reader of a session works that out, and a timer writes it down ([`Database::settle_due`]).

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{SignedWord, State, Walkaway};

use super::applications::read_walkaway;
use super::timeline_rows::{self, Heard};
use super::{Database, Device, SpentNonce, StorageError, Tx, device_rows};

/// The outcome of a phone's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceOutcome {
    /// It is written down.
    Said {
        /// How many sessions it counts for. Those that the user has locked are not among them.
        sessions: u64,
        /// How many sessions it changes nothing about, because a word that was signed later was there before it.
        overtaken: u64,
        /// Until when they stay active without a new word. None of a phone that is away.
        near_until: Option<UnixSeconds>,
    },
    /// It was held up for longer than it promises, and changes nothing.
    Late,
    /// The application does not want to know it.
    Off,
    /// The user has locked the session that the phone named.
    Locked,
    /// The session that the phone named has ended, or is not open yet.
    NotPossible(State),
    /// The phone has opened no session of that name.
    Unknown,
    /// The phone is not registered any more.
    UnknownDevice,
}

/// The open sessions of a phone. Values: the user, the phone, the time.
pub(super) const OPENED: &str = "SELECT key FROM sessions /*open of user*/
    WHERE user_key = ?1 AND ended_at IS NULL AND device_key = ?2 AND activated_at IS NOT NULL AND due_at > ?3 ORDER BY key";

impl Database {
    /// A phone says that it is near or away: of the session that it names, or of all that it has opened.
    pub async fn say_presence(
        &self,
        device: Device,
        session: Option<String>,
        word: SignedWord,
        spent: SpentNonce,
    ) -> Result<PresenceOutcome, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move { say(tx, &device, session.as_deref(), word).await })
        })
        .await
    }
}

async fn say(
    tx: &mut Tx<'_>,
    device: &Device,
    session: Option<&str>,
    word: SignedWord,
) -> Result<PresenceOutcome, StorageError> {
    if !device_rows::exists(tx, device.key).await? {
        return Ok(PresenceOutcome::UnknownDevice);
    }
    let found = match session {
        Some(name) => {
            let sql = "SELECT key FROM sessions WHERE request_id = ?1 AND device_key = ?2";
            tx.query(sql, &[name.into(), device.key.into()]).await?
        }
        None => {
            let now = tx.now();
            tx.query(OPENED, &[device.user.into(), device.key.into(), now.into()]).await?
        }
    };
    let mut sessions = Vec::new();
    for row in found {
        sessions.extend(timeline_rows::lock_heard(tx, row.key(0)?).await?);
    }
    // It is read after the sessions are locked, and needs no lock of its own: a change that switches it off locks all sessions of the application
    // before it forgets their promises. Either this sees the change, or the change sees this promise.
    let sql = "SELECT walkaway FROM applications WHERE key = ?1";
    match tx.query_one(sql, &[device.application.into()]).await? {
        None => return Ok(PresenceOutcome::UnknownDevice),
        Some(row) if read_walkaway(&row, 0)? == Walkaway::Off => return Ok(PresenceOutcome::Off),
        Some(_) => {}
    }
    let now = tx.now();
    if word.has_passed(now) {
        return Ok(PresenceOutcome::Late);
    }
    let (mut counted, mut overtaken, mut other) = (0, 0, PresenceOutcome::Unknown);
    for found in sessions {
        match timeline_rows::hear(tx, &found, word, now).await? {
            Heard::Counts => counted += 1,
            Heard::Overtaken => overtaken += 1,
            Heard::NotPossible(State::Walkaway) => other = PresenceOutcome::Locked,
            Heard::NotPossible(state) => other = PresenceOutcome::NotPossible(state),
        }
    }
    if session.is_some() && counted + overtaken == 0 {
        return Ok(other);
    }
    // The word comes again and again, and is noted once an hour.
    device_rows::used_of_late(tx, device.key).await?;
    let near_until = word.near_until(now).filter(|_| overtaken == 0 || counted > 0);
    Ok(PresenceOutcome::Said { sessions: counted, overtaken, near_until })
}
