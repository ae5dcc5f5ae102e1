//! [`Presence`]: saying that a phone is near or away.

use std::time::Duration;

use iampass_core::wire::{PhonePresence, PresenceAnswer};

use super::Account;
use crate::{PhoneError, answers, calls, presence_calls};

impl Account {
    /// The way to say that this phone is near or away. `None` where the application does not want to know it.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn presence(&self) -> Result<Option<Presence>, PhoneError> {
        let call = calls::active_sessions(self.registration())?;
        let url = self.ports().send(&call, answers::read_presence_url).await?;
        Ok(url.map(|url| Presence { account: self.clone(), url }))
    }
}

/// The words of a phone about being near or away. They count for all sessions that the phone has opened, or for the one that a word names.
///
/// Each word is sent once, and the service counts words in the order in which they were signed: one that comes late is
/// [overtaken](PresenceAnswer::overtaken), or refused by [`Reason::PresenceLate`](iampass_core::wire::Reason::PresenceLate). A phone that is near says
/// so again before its promise has passed; one that fails to, for whatever reason, is away.
/// [`Reason::WalkawayOff`](iampass_core::wire::Reason::WalkawayOff) says that the application does not want to know it any more.
#[derive(Clone, Debug)]
pub struct Presence {
    account: Account,
    url: String,
}

impl Presence {
    /// The phone is near, and promises to be for so long from now: 10 s to an hour, in whole seconds.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn near(&self, promised: Duration) -> Result<PresenceAnswer, PhoneError> {
        self.say(&PhonePresence::Near { seconds: promised.as_secs(), session_id: None }).await
    }

    /// The phone is away: its sessions are `walkaway` at once, and `active` again when it is near.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn away(&self) -> Result<PresenceAnswer, PhoneError> {
        self.say(&PhonePresence::Away { session_id: None }).await
    }

    /// Says a word as it stands.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`Reason::SessionLocked`](iampass_core::wire::Reason::SessionLocked) for a session that its user has locked,
    /// or [`Reason::UnknownSession`](iampass_core::wire::Reason::UnknownSession) for one that has ended or is not this phone's.
    pub async fn say(&self, word: &PhonePresence) -> Result<PresenceAnswer, PhoneError> {
        let (ports, registration) = (self.account.ports(), self.account.registration());
        let at = ports.sign_word_at(word);
        let call = presence_calls::say(registration, &self.url, word, at)?;
        let call = ports.sign(call, registration.device_key()).await?;
        ports.send(&call, answers::read_presence).await
    }
}
