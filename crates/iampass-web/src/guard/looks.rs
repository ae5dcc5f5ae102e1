//! Looking at the stores again while a session is in use. The service knows nothing of a row that was deleted, of a user's token that was
//! taken away, or of a logout that another node was asked for. Belongs here: when it is looked, what it may find, and for how long the
//! last look is believed. Does not belong here: the service's answers ([`super::watcher`]).

use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::port::{StoreError, StoreErrorKind};
use iampass_core::{Error, Monotonic, Now, SessionToken};

use super::LiveSession;
use super::last_status::milliseconds;
use crate::config::SessionMode;

/// How often it is looked: once a minute at least, with a look that takes its time. Sessions are spread over some seconds more, so that
/// those of one moment are not all looked at in one moment.
const BETWEEN_LOOKS: Duration = Duration::from_secs(40);
const SPREAD_SECONDS: u64 = 10;

/// How long one look may take.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// For how long the last look is believed when there is no other: for somebody who comes back after a pause it is looked first.
const BELIEVED: Duration = Duration::from_secs(60);

/// The same while the stores fail. After that access is refused (law 1).
const BELIEVED_IN_TROUBLE: Duration = Duration::from_secs(180);

/// How soon it is looked again after a look that failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);

/// The finding of a look at the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All is as it was.
    InUse,
    /// Its logout was requested. The store holds it until it is delivered.
    LogoutRequested,
    /// It is not in the store any more, and no other part will end it at the service.
    Gone,
    /// Its user has no token any more, or another one.
    UserChanged,
    /// It cannot be read any more: its key was taken away.
    Unreadable,
    /// The stores do not answer.
    Nothing,
}

/// When it was looked. Each session has one, so the times are in short forms; milliseconds do.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    /// When the last look began that found the session in use, in milliseconds of the monotonic clock and of the wall clock.
    last: (u64, u64),
    /// When the next one is due, in milliseconds of the monotonic clock.
    next: u64,
    /// Seconds beyond [`BETWEEN_LOOKS`].
    spread: u8,
    is_failing: bool,
}

impl Looks {
    /// The session was found in its store now.
    pub(super) fn new(token: &SessionToken, now: Now) -> Self {
        let spread = token.as_str().bytes().map(u64::from).sum::<u64>() % SPREAD_SECONDS;
        let mut looks = Self {
            last: (0, 0),
            next: 0,
            spread: u8::try_from(spread).unwrap_or_default(),
            is_failing: false,
        };
        looks.looked(now);
        looks
    }

    fn looked(&mut self, begun: Now) {
        self.last = (milliseconds(begun.mono), begun.unix_millis().0);
        self.next = milliseconds(begun.mono + self.between());
    }

    fn between(&self) -> Duration {
        BETWEEN_LOOKS + Duration::from_secs(self.spread.into())
    }

    /// How long ago the last look was, by the clock that says more. Milliseconds are cut off, so it is never younger than it is.
    fn age(&self, now: Now) -> Duration {
        let (mono, wall) = self.last;
        let mono = now.mono.since(Monotonic::from_origin(Duration::from_millis(mono)));
        mono.max(Duration::from_millis(now.unix_millis().0.abs_diff(wall)))
    }

    fn next(&self) -> Monotonic {
        Monotonic::from_origin(Duration::from_millis(self.next))
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        now.mono >= self.next() || (!self.is_failing && self.age(now) >= self.between())
    }

    /// How long until it is due.
    pub(super) fn due_in(&self, now: Now) -> Duration {
        if self.is_due(now) { Duration::ZERO } else { self.next().since(now.mono) }
    }

    /// Whether the last look is still to be believed.
    pub(super) fn is_believed(&self, now: Now) -> bool {
        let bound = if self.is_failing { BELIEVED_IN_TROUBLE } else { BELIEVED };
        self.age(now) <= bound
    }

    /// Takes in what a look found that began at `begun`.
    pub(super) fn found(&mut self, found: Found, begun: Now, now: Now) {
        self.is_failing = found == Found::Nothing;
        if self.is_failing {
            self.next = milliseconds(now.mono + AFTER_A_FAILURE);
        } else {
            self.looked(begun);
        }
    }
}

/// Looks at the session's row and at its user's token.
pub(super) async fn look(client: Client, mode: SessionMode, live: std::sync::Arc<LiveSession>) -> Found {
    let looked = async {
        let session = in_store(&client, mode, &live).await?;
        if session != Found::InUse {
            return Ok(session);
        }
        let Some(tokens) = client.token_store() else { return Ok(Found::UserChanged) };
        let user = tokens.user_for(live.user_token()).await?;
        Ok(if user.as_ref() == Some(live.user()) { Found::InUse } else { Found::UserChanged })
    };
    let looked: Result<Result<Found, Error>, _> = tokio::time::timeout(LONGEST_LOOK, looked).await;
    match looked {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a session in use cannot be looked at again; it is tried again");
            Found::Nothing
        }
        Err(_) => {
            tracing::warn!(
                "the store takes too long to say whether a session is still in use; it is asked again"
            );
            Found::Nothing
        }
    }
}

async fn in_store(client: &Client, mode: SessionMode, live: &LiveSession) -> Result<Found, Error> {
    if mode == SessionMode::Sealed {
        // The cookie holds the session itself; the store knows whether it is in use.
        let kept = client.claim_session_again(&live.session()).await?;
        return Ok(if kept.is_in_use() { Found::InUse } else { Found::Gone });
    }
    match client.load_session(live.token()).await {
        Ok(Some(record)) if record.logout_due.is_none() => Ok(Found::InUse),
        Ok(Some(_)) => Ok(Found::LogoutRequested),
        Ok(None) => Ok(Found::Gone),
        Err(error) if is_unreadable(&error) => Ok(Found::Unreadable),
        Err(error) => Err(error),
    }
}

/// Whether a session is there that nobody can read here: its key was taken away, or it is of another service.
pub(super) fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::Store(error) if StoreError::kind(error) == StoreErrorKind::Unreadable)
}

#[cfg(test)]
mod tests {
    use iampass_core::UnixSeconds;

    use super::*;

    fn at(seconds: u64) -> Now {
        Now::new(Duration::from_secs(seconds), 1_700_000_000 + seconds)
    }

    fn looks() -> Looks {
        Looks::new(&SessionToken::new("a-session").unwrap(), at(0))
    }

    #[test]
    fn it_is_looked_once_a_minute_at_least() {
        let mut looks = looks();
        assert!(!looks.is_due(at(1)) && looks.due_in(at(0)) >= BETWEEN_LOOKS);
        for round in 1..5 {
            let now = at(round * 50);
            assert!(looks.is_due(now) && looks.is_believed(now));
            looks.found(Found::InUse, now, now);
            assert!(!looks.is_due(now));
        }
        assert!(!looks.is_believed(at(4 * 50 + 61)), "somebody who comes back later waits for a look");
    }

    #[test]
    fn a_store_that_fails_is_believed_for_a_bounded_time() {
        let mut looks = looks();
        looks.found(Found::Nothing, at(50), at(55));
        assert!(!looks.is_due(at(55)) && looks.is_due(at(57)));
        assert!(looks.is_believed(at(180)));
        assert!(!looks.is_believed(at(181)));
        looks.found(Found::InUse, at(300), at(301));
        assert!(looks.is_believed(at(301)));
    }

    #[test]
    fn a_machine_that_slept_looks_first() {
        let slept = Now { wall: UnixSeconds(1_700_003_000), ..at(1) };
        assert!(looks().is_due(slept) && !looks().is_believed(slept));
    }
}
