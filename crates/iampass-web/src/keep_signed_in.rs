//! [`KeepSignedIn`]: whether a browser that is closed stays signed in, by the user's own choice. Belongs here: what follows from the choice. Does not
//! belong here: the cookie ([`crate::guard`]), and the duration of a session at the service ([`crate::asking`]).

use std::time::Duration;

use iampass_core::machine::{DEFAULT_SESSION_DURATION, LoginOptions};

use crate::pages::KeepChoice;

/// Whether login pages let the user choose that the browser stays signed in.
///
/// Where the choice is offered and not made, the browser forgets the session when it is closed, and the session itself ends at the service after the
/// time that stands here at the latest. Where it is made, both last as long as
/// [`LoginOptions::duration`](iampass_core::machine::LoginOptions::duration) says, an hour where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeepSignedIn {
    /// There is no choice: a browser stays signed in as long as its session lasts.
    #[default]
    Always,
    /// The choice is offered, and not made beforehand. A session that is not kept lasts so long.
    Offered(Duration),
    /// The choice is offered, and made beforehand. A session that is not kept lasts so long.
    OnByDefault(Duration),
}

impl KeepSignedIn {
    /// How long a session lasts that is not kept, where that is a choice.
    const fn otherwise(self) -> Option<Duration> {
        match self {
            Self::Always => None,
            Self::Offered(lasts) | Self::OnByDefault(lasts) => Some(lasts),
        }
    }

    /// Whether sessions last as they should: whole seconds, one at least, and those that are not kept no longer than others.
    pub(crate) fn is_possible(self, login: &LoginOptions) -> bool {
        let longest = login.duration.unwrap_or(DEFAULT_SESSION_DURATION);
        self.otherwise().is_none_or(|lasts| {
            lasts >= Duration::from_secs(1) && lasts.subsec_nanos() == 0 && lasts <= longest
        })
    }

    /// The choice as the login page shows it. `None`: there is none.
    pub(crate) fn shown(self, chosen: Option<bool>) -> Option<KeepChoice> {
        let beforehand = matches!(self, Self::OnByDefault(_));
        self.otherwise().map(|lasts| KeepChoice {
            is_chosen: chosen.unwrap_or(beforehand),
            otherwise_seconds: lasts.as_secs(),
        })
    }

    /// Whether the browser keeps the session when it is closed. Where there is no choice, none counts.
    pub(crate) const fn is_kept(self, chosen: bool) -> bool {
        matches!(self, Self::Always) || chosen
    }

    /// How long a session is to last, where `named` is what the application has named. Where there is a choice, it is always named: by the settings at the service a
    /// session that is kept could be shorter than one that is not.
    pub(crate) fn asked_for(self, chosen: bool, named: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Always => named,
            Self::Offered(_) | Self::OnByDefault(_) => {
                self.lasts(chosen).or(named).or(Some(DEFAULT_SESSION_DURATION))
            }
        }
    }

    /// How long a session lasts at most by the choice. `None`: the choice shortens nothing.
    pub(crate) const fn lasts(self, chosen: bool) -> Option<Duration> {
        if self.is_kept(chosen) { None } else { self.otherwise() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_session_is_shorter_only_where_it_is_not_kept() {
        assert!(KeepSignedIn::Always.is_kept(false) && KeepSignedIn::Always.shown(Some(true)).is_none());
        assert_eq!(KeepSignedIn::Always.lasts(false), None);
        assert_eq!(KeepSignedIn::Always.asked_for(false, None), None);
        for (keep, beforehand) in
            [(KeepSignedIn::Offered(HOUR), false), (KeepSignedIn::OnByDefault(HOUR), true)]
        {
            assert_eq!((keep.lasts(true), keep.lasts(false)), (None, Some(HOUR)));
            assert_eq!((keep.asked_for(true, None), keep.asked_for(false, None)), (Some(HOUR), Some(HOUR)));
            let named = Some(HOUR * 8);
            assert_eq!((keep.asked_for(true, named), keep.asked_for(false, named)), (named, Some(HOUR)));
            assert!(keep.is_kept(true) && !keep.is_kept(false));
            let shown = |chosen| keep.shown(chosen).unwrap().is_chosen;
            assert_eq!((shown(None), shown(Some(true)), shown(Some(false))), (beforehand, true, false));
        }
    }

    #[test]
    fn a_session_that_is_not_kept_lasts_no_longer_than_others() {
        let day = LoginOptions::default().duration(HOUR * 24);
        assert!(KeepSignedIn::Offered(HOUR * 24).is_possible(&day) && KeepSignedIn::Always.is_possible(&day));
        for lasts in [HOUR * 25, Duration::ZERO, Duration::from_millis(500), Duration::from_millis(1_500)] {
            assert!(!KeepSignedIn::Offered(lasts).is_possible(&day), "{lasts:?}");
        }
        assert!(KeepSignedIn::OnByDefault(HOUR).is_possible(&LoginOptions::default()));
        assert!(!KeepSignedIn::OnByDefault(HOUR * 2).is_possible(&LoginOptions::default()));
    }
}
