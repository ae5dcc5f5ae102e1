//! [`CountedTo`]: the account or application that nonces are counted to.

use super::{AccountKey, ApplicationKey};

/// The account or application that nonces are counted to. The applications of one account are counted together, so that nobody takes the room of
/// others by many applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedTo {
    /// The account of the Console that has owned the application for the longest time, with all that it owns so.
    Account(AccountKey),
    /// The application alone: no account owns it.
    Application(ApplicationKey),
}

impl CountedTo {
    /// The owner of an application, if it has one.
    pub(super) fn of(application: ApplicationKey, owner: Option<AccountKey>) -> Self {
        owner.map_or(Self::Application(application), Self::Account)
    }
}

/// The account that an application is counted to, as a column of a statement.
macro_rules! owner_of {
    ($application:literal) => {
        concat!(
            "(SELECT m.account_key FROM members m WHERE m.role = 'owner' AND m.application_key = ",
            $application,
            " ORDER BY m.since, m.account_key LIMIT 1)"
        )
    };
}
pub(super) use owner_of;
