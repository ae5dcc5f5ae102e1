//! [`CountedTo`]: the account or application that nonces are counted to.

use super::{AccountKey, ApplicationKey};

/// The account or application that nonces are counted to. The applications that one account made are counted together, so that nobody takes the room
/// of others by many applications. An account that is made a member or an owner of one has not asked for it: nothing is counted to it for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedTo {
    /// The account of the Console that made the application, with all others that it made.
    Account(AccountKey),
    /// The application alone: no account made it, or its maker is gone.
    Application(ApplicationKey),
}

impl CountedTo {
    /// The maker of an application, if it has one.
    pub(super) fn of(application: ApplicationKey, maker: Option<AccountKey>) -> Self {
        maker.map_or(Self::Application(application), Self::Account)
    }
}

/// The account that an application is counted to, as a column of a statement that has no row of applications.
macro_rules! maker_of {
    ($application:literal) => {
        concat!("(SELECT counted.made_by FROM applications counted WHERE counted.key = ", $application, ")")
    };
}
pub(super) use maker_of;
