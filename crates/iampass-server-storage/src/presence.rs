//! The words of phones about being near or away: what they do to the sessions that the phone has opened.
//!
//! Belongs here: which sessions a word is about. Does not belong here: what it does to one ([`super::timeline_rows`]), or when a promise has
//! passed: each reader of a session works that out, and a timer writes it down ([`Database::settle_due`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Event, State, Walkaway};

use super::applications::read_walkaway;
use super::timeline_rows::{self, Applied};
use super::{Database, Device, SessionKey, SpentNonce, StorageError, Tx, device_rows};

/// The word of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceWord {
    /// It is near, and promises to be for so long from now.
    Near(Duration),
    /// It is away.
    Away,
}

/// The outcome of a phone's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceOutcome {
    /// It is written down.
    Said {
        /// How many sessions it counts for. Those that the user has locked are not among them.
        sessions: u64,
        /// Until when they stay active without a new word. None of a phone that is away.
        near_until: Option<UnixSeconds>,
    },
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
        word: PresenceWord,
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
    word: PresenceWord,
) -> Result<PresenceOutcome, StorageError> {
    if !device_rows::exists(tx, device.key).await? {
        return Ok(PresenceOutcome::UnknownDevice);
    }
    // It is not switched off meanwhile: that would leave a promise behind which nothing can keep.
    let sql = "SELECT walkaway FROM applications WHERE key = ?1 /*lock share*/";
    match tx.query_one(sql, &[device.application.into()]).await? {
        None => return Ok(PresenceOutcome::UnknownDevice),
        Some(row) if read_walkaway(&row, 0)? == Walkaway::Off => return Ok(PresenceOutcome::Off),
        Some(_) => {}
    }
    let now = tx.now();
    let (event, near_until) = match word {
        PresenceWord::Near(promised) => {
            let until = now.plus(promised);
            (Event::PhoneNear { until }, Some(until))
        }
        PresenceWord::Away => (Event::PhoneAway, None),
    };
    let Some(name) = session else {
        let mut sessions = 0;
        for row in tx.query(OPENED, &[device.user.into(), device.key.into(), now.into()]).await? {
            if let Some(Applied::Changed(_)) = timeline_rows::apply_presence(tx, row.key(0)?, event).await? {
                sessions += 1;
            }
        }
        return Ok(PresenceOutcome::Said { sessions, near_until });
    };
    let sql = "SELECT key FROM sessions WHERE request_id = ?1 AND device_key = ?2";
    let found = tx.query_one(sql, &[name.into(), device.key.into()]).await?;
    let Some(found) = found else { return Ok(PresenceOutcome::Unknown) };
    let session: SessionKey = found.key(0)?;
    Ok(match timeline_rows::apply_presence(tx, session, event).await? {
        Some(Applied::Changed(_)) => PresenceOutcome::Said { sessions: 1, near_until },
        Some(Applied::NotPossible(State::Walkaway)) => PresenceOutcome::Locked,
        Some(Applied::NotPossible(state)) => PresenceOutcome::NotPossible(state),
        None => PresenceOutcome::Unknown,
    })
}
