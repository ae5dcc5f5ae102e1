//! The handlers, a file a subject, each with the templates that it shows.

pub(super) mod account;
pub(super) mod applications;
pub(super) mod confirm;
pub(super) mod invitations;
pub(super) mod join;
pub(super) mod link;
pub(super) mod members;
pub(super) mod overview;
pub(super) mod register;

mod login_pages;

pub(super) use login_pages::LoginPages;

use std::collections::BTreeMap;

use axum::extract::Query;

/// A query, whatever is in it.
pub(super) type Asked = Query<BTreeMap<String, String>>;
