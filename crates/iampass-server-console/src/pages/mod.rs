//! The handlers, a file a subject, each with the templates that it shows.

pub(super) mod access_link;
pub(super) mod account;
pub(super) mod account_changes;
pub(super) mod accounts;
pub(super) mod admin_keys;
pub(super) mod applications;
pub(super) mod confirm;
pub(super) mod event_endpoint;
pub(super) mod events;
pub(super) mod history;
pub(super) mod invitations;
pub(super) mod join;
pub(super) mod link;
pub(super) mod live;
pub(super) mod log;
pub(super) mod login_settings;
pub(super) mod member_role;
pub(super) mod members;
pub(super) mod messages;
pub(super) mod new_member;
pub(super) mod overview;
pub(super) mod own_phone;
pub(super) mod phone;
pub(super) mod pushes;
pub(super) mod register;
pub(super) mod rename;
pub(super) mod secret;
pub(super) mod service;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod snippets;
pub(super) mod switches;
pub(super) mod user;
pub(super) mod users;

mod login_pages;
mod searched;

pub(super) use login_pages::LoginPages;

use std::collections::BTreeMap;

use axum::extract::Query;

/// A query, whatever is in it.
pub(super) type Asked = Query<BTreeMap<String, String>>;
