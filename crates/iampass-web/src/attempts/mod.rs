//! Attempts to log in, over all nodes. Belongs here: that a user has one question at a time, and whose it is. Does not belong here: putting
//! the question ([`crate::question`]), and what pages say ([`crate::wait`]).
//!
//! A user has one place, and so has a name that nobody has. An attempt takes the place before any phone is asked. It may take it from
//! another attempt: from one of the same browser always, from a stranger's always, from a known browser's only as a known browser. The other
//! attempt is marked first, so that nobody can get in by it any more, whatever its question on the phone is answered.

mod budget;
mod record;
#[cfg(test)]
mod tests;

use iampass_core::port::{SharedKey, StoreError, StoreErrorKind};
use iampass_core::{SessionToken, UnixMillis};

pub(crate) use budget::{Budget, Rates};
pub(crate) use record::{Asker, Attempt, AttemptEnd, AttemptId, Phase};

use crate::pending::GRACE;
use crate::shared_entry::{Change, SharedEntries};
use record::Place;

/// How often taking a place is tried while other nodes take it too.
const ROUNDS: usize = 32;

/// Whose place it is. It never leaves this node but as a digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// A user, by the application's key.
    User(String),
    /// A name that nobody has.
    Nobody(String),
}

impl Subject {
    /// The key of the entry of this kind about this subject.
    pub(crate) fn key(&self, kind: &'static str) -> SharedKey {
        let (tag, text) = match self {
            Self::User(key) => ("u", key),
            Self::Nobody(name) => ("n", name),
        };
        SharedKey::new(kind, format!("{tag}:{text}").as_bytes())
    }
}

/// What became of an attempt that was begun.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It has the place.
    InPlace {
        /// Questions that have to be withdrawn at the service before another one is put.
        withdrawn: Vec<SessionToken>,
        /// Whether the place was taken from another browser.
        has_displaced: bool,
        /// Since when the attempt that had the place before has nothing to accept, if there was one.
        closed_at: Option<UnixMillis>,
    },
    /// Another browser has the place and keeps it.
    Busy,
}

/// The attempts of one application.
#[derive(Clone)]
pub(crate) struct Attempts {
    entries: SharedEntries,
}

fn attempt_key(id: &AttemptId) -> SharedKey {
    SharedKey::new("attempt", id.as_str().as_bytes())
}

/// Until when an attempt is remembered: its browser may come late, and is to hear how it ended.
fn remembered_until(until: UnixMillis) -> UnixMillis {
    until.plus(GRACE * 10)
}

impl Attempts {
    pub(crate) fn new(entries: SharedEntries) -> Self {
        Self { entries }
    }

    /// The attempt of this id, or `None` if nobody knows of it.
    pub(crate) async fn load(&self, id: &AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.entries.load(&attempt_key(id)).await
    }

    /// Begins an attempt: it takes the place of `subject`, if it may. `own` is the attempt that the same browser began before, if it did.
    ///
    /// `may_displace`: whether it may take the place of another browser's live attempt at all.
    pub(crate) async fn begin(
        &self,
        id: &AttemptId,
        attempt: &Attempt,
        subject: &Subject,
        own: Option<&AttemptId>,
        may_displace: bool,
    ) -> Result<Begun, StoreError> {
        self.entries.insert(&attempt_key(id), attempt, remembered_until(attempt.until)).await?;
        let (place_key, now) = (subject.key("place"), self.entries.now());
        let (mut withdrawn, mut has_displaced, mut closed_at) = (Vec::new(), false, None);
        for _ in 0..ROUNDS {
            let place: Option<Place> = self.entries.load(&place_key).await?;
            if let Some(place) = &place {
                match self.clear(place, attempt, own, may_displace).await? {
                    Cleared::Free { since } => closed_at = closed_at.max(since),
                    Cleared::Own(session) => {
                        closed_at = Some(now);
                        withdrawn.extend(session);
                    }
                    Cleared::Displaced(session) => {
                        closed_at = Some(now);
                        has_displaced = true;
                        withdrawn.extend(session);
                    }
                    Cleared::Held => {
                        self.change(id, |attempt| {
                            attempt.close(Phase::Ended { end: AttemptEnd::Busy }, now);
                            true
                        })
                        .await?;
                        return Ok(Begun::Busy);
                    }
                }
            }
            let taken = self.entries.update(&place_key, |current: Option<Place>| {
                if current == place {
                    let value = Place { attempt: id.clone() };
                    Change::Put { value, expires_at: remembered_until(attempt.until), told: true }
                } else {
                    Change::Leave(false)
                }
            });
            if taken.await? {
                if has_displaced {
                    self.change(id, |attempt| {
                        attempt.has_displaced = true;
                        true
                    })
                    .await?;
                }
                return Ok(Begun::InPlace { withdrawn, has_displaced, closed_at });
            }
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }

    /// Ends the attempt that has a place, if `attempt` may take that.
    async fn clear(
        &self,
        place: &Place,
        attempt: &Attempt,
        own: Option<&AttemptId>,
        may_displace: bool,
    ) -> Result<Cleared, StoreError> {
        let now = self.entries.now();
        let is_own_attempt = own == Some(&place.attempt);
        let key = attempt_key(&place.attempt);
        let cleared = self.entries.update(&key, |other: Option<Attempt>| {
            let mut other = match other {
                Some(other) if other.is_open() => other,
                other => {
                    return Change::Leave(Cleared::Free { since: other.and_then(|other| other.closed_at) });
                }
            };
            // Its time is over, but its question may still be on the phone: it is withdrawn before another one is put.
            if !other.is_live(now) {
                let session = other.asked_session().cloned();
                other.close(Phase::Ended { end: AttemptEnd::NoAnswer }, now);
                let expires_at = remembered_until(other.until);
                return Change::Put { value: other, expires_at, told: Cleared::Own(session) };
            }
            let is_own = is_own_attempt || attempt.asker.is_same_browser(&other.asker);
            let displaces = may_displace && attempt.asker.may_displace(&other.asker);
            if !is_own && !displaces {
                return Change::Leave(Cleared::Held);
            }
            let session = other.asked_session().cloned();
            let end = if is_own { AttemptEnd::Replaced } else { AttemptEnd::Superseded };
            other.close(Phase::Ended { end }, now);
            let expires_at = remembered_until(other.until);
            let told = if is_own { Cleared::Own(session) } else { Cleared::Displaced(session) };
            Change::Put { value: other, expires_at, told }
        });
        cleared.await
    }

    /// Changes an attempt if `change` says so, and tells what it is then. `None`: nobody knows of it.
    async fn change(
        &self,
        id: &AttemptId,
        mut change: impl FnMut(&mut Attempt) -> bool,
    ) -> Result<Option<(Attempt, bool)>, StoreError> {
        self.entries
            .update(&attempt_key(id), |attempt: Option<Attempt>| {
                let Some(mut attempt) = attempt else { return Change::Leave(None) };
                if !change(&mut attempt) {
                    return Change::Leave(Some((attempt, false)));
                }
                let expires_at = remembered_until(attempt.until);
                Change::Put { told: Some((attempt.clone(), true)), value: attempt, expires_at }
            })
            .await
    }

    async fn is_changed(
        &self,
        id: &AttemptId,
        change: impl FnMut(&mut Attempt) -> bool,
    ) -> Result<bool, StoreError> {
        Ok(self.change(id, change).await?.is_some_and(|(_, is_changed)| is_changed))
    }

    /// The phone is asked by this session. `false`: the attempt is over already, and the session has to be ended.
    pub(crate) async fn asked(&self, id: &AttemptId, session: &SessionToken) -> Result<bool, StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| {
            let goes_on = attempt.phase == Phase::Starting && attempt.until > now;
            if goes_on {
                attempt.phase = Phase::Asked { session: session.clone() };
            }
            goes_on
        })
        .await
    }

    /// No phone is asked, and the browser is not to see it.
    pub(crate) async fn not_asked(&self, id: &AttemptId) -> Result<(), StoreError> {
        self.is_changed(id, |attempt| {
            let goes_on = attempt.phase == Phase::Starting;
            if goes_on {
                attempt.phase = Phase::NotAsked;
            }
            goes_on
        })
        .await
        .map(drop)
    }

    /// The user accepted: the place is free, and the attempt waits for its browser. `false`: the attempt was over before.
    pub(crate) async fn answered(&self, id: &AttemptId) -> Result<bool, StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| match &attempt.phase {
            Phase::Asked { session } if attempt.until > now => {
                let phase = Phase::Answered { session: session.clone() };
                attempt.close(phase, now);
                true
            }
            _ => false,
        })
        .await
    }

    /// Ends an attempt by which nobody has got in. What comes back is the session of its question, which has to be withdrawn.
    pub(crate) async fn end(
        &self,
        id: &AttemptId,
        end: AttemptEnd,
    ) -> Result<Option<SessionToken>, StoreError> {
        let (mut session, now) = (None, self.entries.now());
        self.is_changed(id, |attempt| {
            session = attempt.asked_session().cloned();
            let goes_on = !matches!(attempt.phase, Phase::Ended { .. } | Phase::TakenUp { .. });
            if goes_on {
                attempt.close(Phase::Ended { end }, now);
            } else {
                session = None;
            }
            goes_on
        })
        .await?;
        Ok(session)
    }

    /// Gives the accepted session to the attempt's browser. `false`: nobody gets in by this attempt, or its browser has the session already.
    pub(crate) async fn take_up(&self, id: &AttemptId) -> Result<bool, StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| match &attempt.phase {
            // An answer that came after its time is none.
            Phase::Asked { .. } if attempt.until <= now => false,
            Phase::Asked { session } | Phase::Answered { session } => {
                let phase = Phase::TakenUp { session: session.clone() };
                attempt.close(phase, now);
                true
            }
            _ => false,
        })
        .await
    }
}

/// What became of the attempt that had a place.
enum Cleared {
    /// It was over, and its page has had nothing to accept since then.
    Free { since: Option<UnixMillis> },
    /// The same browser's. Its question has to be withdrawn.
    Own(Option<SessionToken>),
    /// Another browser's. Its question has to be withdrawn.
    Displaced(Option<SessionToken>),
    /// It keeps the place.
    Held,
}
