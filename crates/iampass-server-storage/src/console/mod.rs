//! The data of the Console: accounts, members of applications, links that are good once, and the tables of its own login.
//!
//! Belongs here: operations over those tables, each of which asks once more whether its actor may ([`Actor`]). Does not belong here: what a role
//! may do ([`iampass_server_domain::rules`]), the proof that a page takes (`console::access`), and the audit log, which other parts write as well ([`super::audit`]).

mod account_changes;
mod account_lists;
mod accounts;
mod actor;
mod link_use;
mod links;
mod login_tables;
mod members;
mod open_links;
pub(super) mod rights;
mod sessions;
mod users;

#[cfg(test)]
mod lists_tests;
#[cfg(test)]
mod login_tables_tests;
#[cfg(test)]
mod open_links_tests;
#[cfg(test)]
mod paused_phone_tests;
#[cfg(test)]
mod rights_tests;

pub use account_changes::{AccountChange, AccountChanged, PhoneLinkMade};
pub use account_lists::{AccountDetails, AccountMembership, AccountsPage};
pub use accounts::{Account, Registration};
pub use actor::{Actor, Right};
pub use link_use::{AccessUsed, InvitationUsed, Invited};
pub use links::{AccessFor, AccessLinkMade, ConsoleLink, OpenInvitation};
pub use login_tables::{LoginTables, login_schema};
pub use members::{ListedApplication, Member, MemberChange, Membership};
pub use open_links::{LinkKey, LinkPurpose, OpenLink};
pub use sessions::{OpenSession, stamp};
pub use users::{ListedUser, UserChange, UserDetails, UsersFrom, UsersPage};

use super::StorageError;

const fn corrupt(what: &'static str) -> StorageError {
    StorageError::Corrupt { what }
}
