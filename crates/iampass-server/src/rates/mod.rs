//! How often things may be done: per application, per user, per session and per address.
//!
//! Counters are in memory and bounded, and each node has its own: behind a round-robin over n nodes the limits are up to n times as high.
//! Time is the service's clock's.
//!
//! A stranger never uses up the budget of others: calls are counted for an application, user or session only after their
//! signature has been found good, and what fails is counted for the address alone. Good calls from an address from which bad ones come go
//! through, so an attacker cannot lock out others at the same address. A registration link is looked at before anything is counted, for the
//! same reason. Nothing is counted for a proxy on this machine that no setting names: it is the address of all who come through it.
//!
//! Belongs here: counting. Does not belong here: who is asked for what ([`crate::authenticity`], [`crate::api`]).

mod limits;

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::rate_limit::{AddressLimiter, RateLimiter};

pub use iampass_core::rate_limit::Rate;
pub use limits::RateLimits;

use crate::client_address::ClientAddress;
use crate::problem::Refused;

/// The kinds of calls that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limited {
    /// Signed calls of an application.
    Application,
    /// Good signed calls from an address.
    Address,
    /// From an address: what was not signed by whom it claims to be, and registrations by links that are none.
    AddressFailures,
    /// Questions to the phone of a user.
    UserStarts,
    /// Registration links for a user.
    UserLinks,
    /// Messages to a user.
    UserMessages,
    /// Messages of an application.
    ApplicationMessages,
    /// Messages to a number or an address.
    DestinationMessages,
    /// Accounts of the Console, from an address.
    Registrations,
    /// Signed calls of a key of the Admin API.
    AdminKey,
    /// Questions how a session is.
    SessionStatus,
}

impl Limited {
    pub(crate) const ALL: [Self; 11] = [
        Self::Application,
        Self::Address,
        Self::AddressFailures,
        Self::UserStarts,
        Self::UserLinks,
        Self::UserMessages,
        Self::ApplicationMessages,
        Self::DestinationMessages,
        Self::Registrations,
        Self::AdminKey,
        Self::SessionStatus,
    ];

    /// For metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Address => "address",
            Self::AddressFailures => "address_failures",
            Self::UserStarts => "user_starts",
            Self::UserLinks => "user_links",
            Self::UserMessages => "user_messages",
            Self::ApplicationMessages => "application_messages",
            Self::DestinationMessages => "destination_messages",
            Self::Registrations => "registrations",
            Self::AdminKey => "admin_key",
            Self::SessionStatus => "session_status",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Application => {
                "the application makes more calls than it is allowed to: make fewer, or have its limit raised"
            }
            Self::Address => {
                "more calls come from this address than are allowed: make fewer, or have the limit raised"
            }
            Self::AddressFailures => {
                "too many requests from this address were refused: check the credentials and the clock"
            }
            Self::UserStarts => "too many logins were started for this user: wait before the next one",
            Self::UserLinks => {
                "too many registration links were made for this user: wait before the next one"
            }
            Self::UserMessages => "too many messages were sent to this user: wait before the next one",
            Self::ApplicationMessages => {
                "the application has more messages sent than it is allowed to: wait, or have its limit raised"
            }
            Self::DestinationMessages => {
                "too many messages were sent to this number or address: wait before the next one"
            }
            Self::Registrations => "too many accounts were made from this address: wait before the next one",
            Self::AdminKey => {
                "the key of the Admin API makes more calls than it is allowed to: make fewer, or have the limit of an application raised"
            }
            Self::SessionStatus => "the state of this session is asked for too often: ask less often",
        }
    }
}

/// All counters of a service.
pub(crate) struct Rates {
    clock: Arc<dyn Clock>,
    by_key: [Option<RateLimiter>; Limited::ALL.len()],
    by_address: [Option<AddressLimiter>; Limited::ALL.len()],
    refused: [AtomicU64; Limited::ALL.len()],
    /// Whether it was told that a proxy on this machine is not named.
    told_untold_proxy: AtomicBool,
}

impl Rates {
    pub(crate) fn new(limits: &RateLimits, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            by_key: Limited::ALL.map(|what| limits.of(what).map(RateLimiter::new)),
            by_address: Limited::ALL.map(|what| limits.of(what).map(AddressLimiter::new)),
            refused: Default::default(),
            told_untold_proxy: AtomicBool::new(false),
        }
    }

    /// Counts one for `key`, or refuses it with the time to wait.
    pub(crate) fn take(&self, what: Limited, key: impl Hash) -> Result<(), Refused> {
        let Some(limiter) = self.by_key.get(what as usize).and_then(Option::as_ref) else { return Ok(()) };
        limiter.take(key, self.clock.now().mono).map_err(|wait| self.too_many(what, wait))
    }

    /// One that was counted for `key` was not done after all.
    pub(crate) fn give_back(&self, what: Limited, key: impl Hash) {
        if let Some(limiter) = self.by_key.get(what as usize).and_then(Option::as_ref) {
            limiter.give_back(key, self.clock.now().mono);
        }
    }

    /// Counts one for the address and for the networks that it belongs to, or refuses it with the time to wait.
    pub(crate) fn take_from(&self, what: Limited, address: ClientAddress) -> Result<(), Refused> {
        let Some(limiter) = self.by_address.get(what as usize).and_then(Option::as_ref) else {
            return Ok(());
        };
        let counted = address.counted().or_else(|| {
            self.tell_untold_proxy();
            // A caller that makes an address up can keep others from no more than making an account.
            address.claimed().filter(|_| what == Limited::Registrations)
        });
        let Some(address) = counted else { return Ok(()) };
        limiter.take(address, self.clock.now().mono).map_err(|wait| self.too_many(what, wait))
    }

    /// Counts a good call for its address, where that is known. Only good ones are counted so, so that no caller uses up the budget of others.
    pub(crate) fn count_call(&self, address: Option<ClientAddress>) -> Result<(), Refused> {
        address.map_or(Ok(()), |address| self.take_from(Limited::Address, address))
    }

    /// Says once, however many come through it, that a proxy should be named.
    fn tell_untold_proxy(&self) {
        if !self.told_untold_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "requests come through a proxy on this machine, and no proxy is trusted: nothing but sign-ins to the Console and new accounts is limited by address. Name the proxy in the setting `trusted_proxies` (for example [\"127.0.0.1\", \"::1\"]), so that its clients are told apart"
            );
        }
    }

    /// Counts a refusal for the address that it goes to. There, too many of them are answered by nothing but the time to wait.
    pub(crate) fn instead_of(&self, refused: Refused, address: Option<ClientAddress>) -> Refused {
        match address.map(|address| self.take_from(Limited::AddressFailures, address)) {
            Some(Err(too_many)) => too_many,
            Some(Ok(())) | None => refused,
        }
    }

    fn too_many(&self, what: Limited, wait: Duration) -> Refused {
        if let Some(refused) = self.refused.get(what as usize) {
            refused.fetch_add(1, Ordering::Relaxed);
        }
        Refused::too_many(what.sentence(), wait)
    }

    /// How many were refused, since the service was opened.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (Limited, u64)> {
        Limited::ALL.into_iter().zip(self.refused.iter().map(|refused| refused.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use iampass_server_storage::SystemClock;

    use super::*;

    #[test]
    fn numbers_are_places() {
        for (place, what) in Limited::ALL.into_iter().enumerate() {
            assert_eq!(what as usize, place);
        }
    }

    #[test]
    fn a_limit_that_is_off_counts_nothing() {
        let rates = Rates::new(&RateLimits::off(), Arc::new(SystemClock::new()));
        for _ in 0..1_000 {
            for what in Limited::ALL {
                assert!(rates.take(what, "key").is_ok());
            }
        }
    }

    #[test]
    fn what_is_refused_is_counted_by_its_kind() {
        let mut limits = RateLimits::off();
        limits.per_user_starts = Some(Rate { burst: 1, every: Duration::from_secs(3_600) });
        let rates = Rates::new(&limits, Arc::new(SystemClock::new()));
        let take = || rates.take(Limited::UserStarts, "u");
        assert!(take().is_ok());
        assert!(take().is_err());
        assert!(take().is_err());
        let refused: Vec<_> = rates.refused().filter(|(_, count)| *count > 0).collect();
        assert_eq!(refused, [(Limited::UserStarts, 2)]);
    }
}
