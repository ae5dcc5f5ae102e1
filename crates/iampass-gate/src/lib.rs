//! Logins by phone for any site behind nginx, Caddy, Traefik or HAProxy, without a line of code in that site.
//!
//! The proxy asks the gate about each request (`auth_request`, `forward_auth`, ForwardAuth, or our file of Lua for HAProxy). The gate lets it in, with
//! headers that say who the user is, or gives the answer in its place: the way to the login, or why not. The login's own pages are at
//! [`check::MOUNT`] of the guarded site.
//!
//! | module | |
//! |---|---|
//! | [`settings`], [`keys`] | what the operator says |
//! | [`path`], [`rules`] | which paths are for which users |
//! | [`original`], [`check`] | what a proxy asks about, and the decision |
//! | [`identity`] | the headers for the site |
//! | [`users`] | users in a file or a table |
//! | [`set_up`], [`app`], [`health`] | the gate put together |
//! | [`proxies`] | the lines for each proxy |
//!
//! `docs/gate.md` is for operators.
//!
//! # What it does not do
//! It sees the head of a request and never the answer of the site. A stream or WebSocket is asked about when it is opened, and not again.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod app;
pub mod check;
pub mod health;
pub mod identity;
pub mod keys;
mod letters;
mod once_a_minute;
pub mod original;
pub mod path;
pub mod proxies;
pub mod rules;
pub mod set_up;
pub mod settings;
pub mod users;
