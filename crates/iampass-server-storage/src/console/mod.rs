//! The data of the Console: accounts, members of applications, links that are good once, keys of the Admin API, and the tables of its own login.
//!
//! Belongs here: operations over those tables, each of which asks once more whether its actor may ([`Actor`]). Does not belong here: what a role
//! may do ([`iampass_server_domain::rules`]), the proof that a page takes (`console::access`), and the audit log, which other parts write as well ([`super::audit`]).

mod account_changes;
mod account_lists;
pub(super) mod account_room;
mod accounts;
mod actor;
mod admin_calls;
mod admin_keys;
mod counting_turns;
mod history;
mod link_use;
mod links;
mod login_hours;
mod login_tables;
mod members;
mod open_links;
mod owned_applications;
pub(super) mod rights;
mod sessions;
mod users;

#[cfg(test)]
mod access_links_tests;
#[cfg(test)]
mod account_room_tests;
#[cfg(test)]
mod admin_keys_accounts_tests;
#[cfg(test)]
mod admin_keys_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod lists_tests;
#[cfg(test)]
mod login_hours_tests;
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
pub(crate) use actor::refuse_new_phone;
pub use actor::{Actor, Right};
pub use admin_calls::{AdminCaller, AdminKeyRefused, AdminSigner, ApplicationsPage};
pub(crate) use admin_keys::is_good as is_good_admin_key;
pub use admin_keys::{AdminKey, AdminKeyMade, NewAdminKey, StoredScopes};
pub use history::{
    AskedUser, HistoryEntry, HistoryPage, HistoryPhone, HistoryPlace, HistorySearch, read_address,
};
pub use link_use::{AccessUsed, InvitationUsed, Invited};
pub use links::{AccessFor, AccessLinkMade, ConsoleLink, OpenInvitation};
pub(crate) use login_hours::LoginHoursCache;
pub use login_hours::{HOUR, LoginCounts, LoginHour, LoginHours};
pub use login_tables::{LoginTables, login_schema};
pub use members::{ListedApplication, Member, MemberChange, Membership};
pub use open_links::{LinkKey, LinkPurpose, OpenLink};
pub use owned_applications::ApplicationAdded;
pub use sessions::{OpenSession, stamp};
pub use users::{ListedUser, UserChange, UserDetails, UsersFrom, UsersPage};

use super::StorageError;

const fn corrupt(what: &'static str) -> StorageError {
    StorageError::Corrupt { what }
}
