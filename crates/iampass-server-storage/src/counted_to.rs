//! [`CountedTo`]: the account or application that nonces are counted to.

use super::{AccountKey, ApplicationKey};

/// The account or application that nonces are counted to. The applications that one account made are counted together, so that nobody takes the room
/// of others by many applications. An account that is made a member or an owner of one has not asked for it: nothing is counted to it for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedTo {
    /// The account of the Console that made the application and belongs to it still, with all others of that kind.
    Account(AccountKey),
    /// All applications that the account made and gave away, also by being deleted. Their owners of today take no room of the account's own.
    GivenAwayBy(AccountKey),
    /// The application alone: no account made it.
    Application(ApplicationKey),
}

impl CountedTo {
    /// From the column [`counted_to`] of an application.
    pub(super) fn of(application: ApplicationKey, column: Option<AccountKey>) -> Self {
        match column {
            None => Self::Application(application),
            Some(AccountKey(maker)) if maker < 0 => Self::GivenAwayBy(AccountKey(maker.saturating_neg())),
            Some(maker) => Self::Account(maker),
        }
    }
}

/// The maker of an application, as a column of a statement; below zero where the maker does not belong to it any more.
macro_rules! counted_to {
    ($application:literal) => {
        concat!(
            "(SELECT CASE WHEN EXISTS (SELECT 1 FROM members m WHERE m.application_key = counted.key AND m.account_key = counted.made_by)
                     THEN counted.made_by ELSE -counted.made_by END FROM applications counted WHERE counted.key = ",
            $application,
            ")"
        )
    };
}
pub(super) use counted_to;
