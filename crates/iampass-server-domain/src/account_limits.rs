//! [`AccountLimits`]: how much of the service an account of the Console may take up.

use crate::Registration;

/// How much of the service an account of the Console may take up that is no administrator. Administrators, and applications that a command of the operator has
/// made, are not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountLimits {
    /// Applications that an account has made and that were not deleted, also those that it has left since. None: as many as it likes.
    pub applications: Option<u64>,
    /// Users of an application that such an account has made. None: as many as it likes.
    pub users: Option<u64>,
}

impl AccountLimits {
    /// The limits where everybody may make an account, unless they are set.
    pub const OF_OPEN_REGISTRATION: Self = Self { applications: Some(20), users: Some(10_000) };

    /// The limits that were set: 0 means none. One that was not set is that of open registration where everybody may make an account, and none elsewhere.
    ///
    /// ```
    /// use iampass_server_domain::{AccountLimits, Registration};
    ///
    /// let limits = AccountLimits::set(Some(0), None, Registration::Open);
    /// assert_eq!(limits, AccountLimits { applications: None, users: Some(10_000) });
    /// ```
    #[must_use]
    pub fn set(applications: Option<u64>, users: Option<u64>, registration: Registration) -> Self {
        let otherwise = match registration {
            Registration::Open => Self::OF_OPEN_REGISTRATION,
            Registration::Invited => Self::default(),
        };
        let limit =
            |set: Option<u64>, otherwise| set.map_or(otherwise, |most| Some(most).filter(|&most| most > 0));
        Self {
            applications: limit(applications, otherwise.applications),
            users: limit(users, otherwise.users),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_goes_by_who_may_make_an_account() {
        let set = |applications, users, registration| {
            let limits = AccountLimits::set(applications, users, registration);
            (limits.applications, limits.users)
        };
        assert_eq!(set(None, None, Registration::Invited), (None, None));
        assert_eq!(set(None, None, Registration::Open), (Some(20), Some(10_000)));
        for registration in [Registration::Invited, Registration::Open] {
            assert_eq!(set(Some(0), Some(0), registration), (None, None));
            assert_eq!(set(Some(3), Some(7), registration), (Some(3), Some(7)));
        }
    }
}
