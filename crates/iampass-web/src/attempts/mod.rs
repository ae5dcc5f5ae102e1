//! Attempts to log in, over all nodes. Belongs here: that a user has one question at a time, and whose it is. Does not belong here: putting
//! the question ([`crate::question`]), and what pages say ([`crate::wait`]).
//!
//! A user has one place, and so has a name that nobody has. An attempt takes the place before any phone is asked. It may take it from
//! another attempt: from one of the same browser always, from a stranger's always, from a known browser's only as a known browser. The other
//! attempt is marked first, so that nobody can get in by it any more, whatever its question on the phone is answered.

mod budget;
mod displaces;
mod record;
mod taking_up;
#[cfg(test)]
mod tests;

use iampass_core::port::{SharedKey, StoreError, StoreErrorKind};
use iampass_core::{SessionToken, UnixMillis};

pub(crate) use budget::{Budget, Rates};
pub(crate) use displaces::Displaces;
pub(crate) use record::{Asker, Attempt, AttemptEnd, AttemptId, Earlier, Phase, SealedCode, Whose};

use crate::page_times::{CLOCKS_APART, GRACE, UNSEEN};
use crate::shared_entry::{Change, SharedEntries};
use record::Place;

/// The most pages that a question waits for.
const PAGES: usize = 8;

/// How often taking a place is tried while other nodes take it too.
const ROUNDS: usize = 32;

/// The subject whose place an attempt takes. It leaves this node only as a digest.
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

/// The outcome of beginning an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It has the place.
    InPlace {
        /// Questions that have to be withdrawn at the service before another one is put.
        withdrawn: Vec<SessionToken>,
        /// Whether the place was taken from another browser.
        has_displaced: bool,
        /// The attempts whose pages the question has to wait for.
        after: Vec<Earlier>,
    },
    /// A known browser has the place and keeps it. The attempt goes on beside it: its question rings nowhere, and is answered only with the code that
    /// its page shows.
    /// The questions of attempts that it took the place of before have to be withdrawn.
    Aside { withdrawn: Vec<SessionToken> },
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

    /// Begins an attempt: it takes the place of `subject`, if it may, and that of the name as it was typed. `own` is the attempt that the same
    /// browser began before, if it did.
    ///
    pub(crate) async fn begin(
        &self,
        id: &AttemptId,
        attempt: &Attempt,
        subject: &Subject,
        typed: &str,
        own: Option<&AttemptId>,
        displaces: Displaces,
    ) -> Result<Begun, StoreError> {
        self.begin_aside(id, attempt).await?;
        // A spelling that the directory tells from the user's name takes the place of the user's attempt all the same, as it would if the name
        // were nobody's.
        let typed = Subject::Nobody(typed.to_owned()).key("named");
        let beginning = Beginning { id, attempt, own, displaces };
        let mut taken = Taken::default();
        // The name may be another user's, whom the browser does not know.
        for (place, asker) in [(subject.key("place"), &attempt.asker), (typed, &Asker::Stranger)] {
            if !self.take(&place, asker, &beginning, &mut taken).await? {
                if displaces == Displaces::Strangers {
                    // Everything that follows is as for a stranger.
                    self.is_changed(id, |attempt| {
                        attempt.asker = attempt.asker.clone().aside();
                        true
                    })
                    .await?;
                    return Ok(Begun::Aside { withdrawn: taken.withdrawn });
                }
                let now = self.entries.now();
                self.change(id, |attempt| {
                    attempt.close(Phase::Ended { end: AttemptEnd::Busy }, now);
                    true
                })
                .await?;
                return Ok(Begun::Busy);
            }
        }
        let Taken { withdrawn, has_displaced, after } = taken;
        Ok(Begun::InPlace { withdrawn, has_displaced, after })
    }

    /// Begins an attempt that takes nobody's place: its question rings nowhere, and is answered only with the code that its page shows.
    pub(crate) async fn begin_aside(&self, id: &AttemptId, attempt: &Attempt) -> Result<(), StoreError> {
        self.entries.insert(&attempt_key(id), attempt, remembered_until(attempt.until)).await
    }

    /// Takes one place. `false`: another browser has it and keeps it.
    async fn take(
        &self,
        place_key: &SharedKey,
        asker: &Asker,
        beginning: &Beginning<'_>,
        taken: &mut Taken,
    ) -> Result<bool, StoreError> {
        let (id, until) = (beginning.id, beginning.attempt.until);
        for _ in 0..ROUNDS {
            let place: Option<Place> = self.entries.load(place_key).await?;
            if let Some(place) = place.as_ref().filter(|place| place.attempt != *id) {
                let cleared = self.clear(place, asker, beginning).await?;
                if !taken.add(cleared, self.entries.now()) {
                    return Ok(false);
                }
                // Before anybody can take the place of this one: whoever does has to wait for the same pages.
                if taken.has_displaced || !taken.after.is_empty() {
                    self.change(id, |attempt| {
                        (attempt.has_displaced, attempt.after) = (taken.has_displaced, taken.after.clone());
                        true
                    })
                    .await?;
                }
            }
            let has_taken = self.entries.update(place_key, |current: Option<Place>| {
                if current == place {
                    let value = Place { attempt: id.clone() };
                    Change::Put { value, expires_at: remembered_until(until), told: true }
                } else {
                    Change::Leave(false)
                }
            });
            if has_taken.await? {
                return Ok(true);
            }
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }

    /// Ends the attempt that has a place, if the one that begins may take that.
    async fn clear(
        &self,
        place: &Place,
        asker: &Asker,
        beginning: &Beginning<'_>,
    ) -> Result<Cleared, StoreError> {
        let now = self.entries.now();
        let (attempt, is_own_attempt) = (beginning.attempt, beginning.own == Some(&place.attempt));
        let key = attempt_key(&place.attempt);
        let cleared = self.entries.update(&key, |other: Option<Attempt>| {
            let mut other = match other {
                Some(other) if other.is_open() => other,
                other => {
                    let after = other.map(|other| other.earlier(&place.attempt, now)).unwrap_or_default();
                    return Change::Leave(Cleared::Free { after });
                }
            };
            let session = other.asked_session().cloned();
            // Its time is over, but its question may still be on the phone: it is withdrawn before another one is put.
            if !other.is_live(now) {
                other.close(Phase::Ended { end: AttemptEnd::NoAnswer }, now);
                let (expires_at, after) = (remembered_until(other.until), other.earlier(&place.attempt, now));
                return Change::Put { value: other, expires_at, told: Cleared::Own { session, after } };
            }
            let is_own = is_own_attempt || attempt.asker.is_same_browser(&other.asker);
            let displaces = match beginning.displaces {
                Displaces::Nobody => false,
                Displaces::Strangers => !other.asker.is_known(),
                Displaces::Any => asker.may_displace(&other.asker),
            };
            if !is_own && !displaces {
                return Change::Leave(Cleared::Held);
            }
            let end = if is_own { AttemptEnd::Replaced } else { AttemptEnd::Superseded };
            other.close(Phase::Ended { end }, now);
            if is_own_attempt {
                // It has come with the new one, and has left the page.
                other.told_at.get_or_insert(now);
            }
            other.is_displaced = !is_own && !asker.is_known();
            let (expires_at, after) = (remembered_until(other.until), other.earlier(&place.attempt, now));
            let told =
                if is_own { Cleared::Own { session, after } } else { Cleared::Displaced { session, after } };
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

    /// The phone is asked by this session, and the page shows this code. `false`: the attempt is over already, and the session has to be ended.
    pub(crate) async fn asked(
        &self,
        id: &AttemptId,
        session: &SessionToken,
        code: Option<&SealedCode>,
    ) -> Result<bool, StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| {
            let goes_on = attempt.phase == Phase::Starting && attempt.until > now;
            if goes_on {
                attempt.phase = Phase::Asked { session: session.clone() };
                attempt.was_put = true;
                attempt.code = code.cloned();
            }
            goes_on
        })
        .await
    }

    /// No phone is asked, and the browser is not to see it: its page shows a code that no phone can bring, where others show one.
    pub(crate) async fn not_asked(
        &self,
        id: &AttemptId,
        code: Option<&SealedCode>,
    ) -> Result<(), StoreError> {
        self.is_changed(id, |attempt| {
            let goes_on = attempt.phase == Phase::Starting;
            if goes_on {
                attempt.phase = Phase::NotAsked;
                attempt.was_put = true;
                attempt.code = code.cloned();
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

    /// Ends an attempt that has let no user in. Returns the session of its question, which has to be withdrawn.
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

    /// The browser of an attempt shows a page by which there is nothing to accept.
    pub(crate) async fn told(&self, id: &AttemptId) -> Result<(), StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| {
            let is_first = attempt.closed_at.is_some() && attempt.told_at.is_none();
            if is_first {
                attempt.told_at = Some(now);
            }
            is_first
        })
        .await
        .map(drop)
    }
}

/// An attempt that begins.
struct Beginning<'a> {
    id: &'a AttemptId,
    attempt: &'a Attempt,
    own: Option<&'a AttemptId>,
    displaces: Displaces,
}

/// The outcome of taking places.
#[derive(Default)]
struct Taken {
    withdrawn: Vec<SessionToken>,
    has_displaced: bool,
    after: Vec<Earlier>,
}

impl Taken {
    /// `false`: the place is held.
    fn add(&mut self, cleared: Cleared, now: UnixMillis) -> bool {
        let (session, after) = match cleared {
            Cleared::Held => return false,
            Cleared::Free { after } => (None, after),
            Cleared::Own { session, after } => (session, after),
            Cleared::Displaced { session, after } => {
                self.has_displaced = true;
                (session, after)
            }
        };
        self.withdrawn.extend(session);
        for earlier in after {
            if now.since(earlier.closed_at) < UNSEEN + CLOCKS_APART && !self.after.contains(&earlier) {
                self.after.push(earlier);
            }
        }
        // The list stays short even if a browser takes a place again and again. The latest are kept: they have to be waited for longest.
        self.after.sort_by_key(|earlier| std::cmp::Reverse(earlier.closed_at));
        self.after.truncate(PAGES);
        true
    }
}

/// The fate of the attempt that had a place, with the attempts that the next question has to wait for.
enum Cleared {
    /// It was over.
    Free { after: Vec<Earlier> },
    /// The same browser's. Its question has to be withdrawn.
    Own { session: Option<SessionToken>, after: Vec<Earlier> },
    /// Another browser's. Its question has to be withdrawn.
    Displaced { session: Option<SessionToken>, after: Vec<Earlier> },
    /// It keeps the place.
    Held,
}
