//! [`CountedTo`]: the account or application that nonces are counted to.

use super::{AccountKey, ApplicationKey, StorageError, Tx};

/// The account or application that nonces are counted to. The applications that one account made are counted together, so that nobody takes the room
/// of others by many applications. An account that is made a member or an owner of one has not asked for it: nothing is counted to it for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CountedTo {
    /// The account of the Console that made the application and has belonged to it since, with all others of that kind.
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

/// The maker of an application, as a column of a statement; below zero where the maker has given it away.
macro_rules! counted_to {
    ($application:literal) => {
        concat!("(SELECT counted.made_by FROM applications counted WHERE counted.key = ", $application, ")")
    };
}
pub(super) use counted_to;

/// The account belongs to the application no more: if it made it, it has given it away. That is final: whoever owns it today may make the maker a
/// member again unasked.
pub(super) async fn give_away(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    account: AccountKey,
) -> Result<(), StorageError> {
    let sql = "UPDATE applications SET made_by = -made_by WHERE key = ?1 AND made_by = ?2";
    tx.execute(sql, &[application.into(), account.into()]).await?;
    Ok(())
}

/// The account is about to be deleted: it gives all applications away that it made.
pub(super) async fn give_all_away(tx: &mut Tx<'_>, account: AccountKey) -> Result<(), StorageError> {
    tx.execute("UPDATE applications SET made_by = -made_by WHERE made_by = ?1", &[account.into()]).await?;
    Ok(())
}
