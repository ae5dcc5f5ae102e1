//! The Console: where developers register an account, add applications and say who else may work on them, in a browser.
//!
//! It is an application of this very service: its users sign in by phone, by `iampass-axum`, and it asks the service what any application
//! would ask, by a transport that stays in the process (`ConsoleParts::service`). All that it keeps is in the service's store, so any node can show
//! any page.
//!
//! | module | |
//! |---|---|
//! | `hosts`, `state` | one Console for each origin it is seen at, opened at its first request |
//! | `page_list`, `routes` | the list of all pages, and who may use each |
//! | `access` | who asks, and whether the page is theirs; what handlers take |
//! | `pages` | the handlers, a file a subject |
//! | `frame`, `frame_texts`, `assets` | what stands around every page; stylesheet and script |
//! | `language`, `speech` | the language of a request, and the texts in it |
//! | `fields`, `moment`, `page_error` | what a form may hold; times; what goes wrong, as a page |
//!
//! # How to add a page
//! 1. A template in `templates/console/`, beginning with `{% extends "console/frame.html" %}`, and a struct with a field `frame: Frame`. Its
//!    links begin with `{{ frame.base }}` (the service may stand below a path), its times are `{{ moment|… }}` as in `members.html`, its tables
//!    have the class `table` and name each column in `data-label`.
//! 2. A handler in `pages/`: it takes `State<Console>`, what `access` offers (`SignedIn`, or `InApplication` for a page of an
//!    application, which is found and allowed already), and `fields::Fields` for a form; it gives back `Result<Response, PageError>` by
//!    `frame::show`, or `frame::done` after a change.
//! 3. A line in `page_list`: method, path, what somebody must be allowed to do, the proof that it takes, and whether it shows a secret; and the
//!    same line in `docs/access.md`. Nothing is served that is not in that list, so nothing can forget to ask. A change is a POST; before
//!    each one the service is asked anew whether the session stands, and those that other sites send are refused. A change that a stolen session must
//!    not be enough for takes `page_list::Proof::Approved`, as does the page with its form. Changes stand at the address of the page that
//!    offers them, or one segment below: a browser that loads one again, or has to sign in first, is led back there.
//!    Its texts are in `iampass-texts`, `console.ftl`, in every language: `{{ frame.t("users-title") }}` in a template, and the title by its name in
//!    `Frame::new`. A template has no words of its own. Names and ids that somebody has typed stand in `<bdi>`, so that a name in another direction of writing
//!    leaves the sentence as it is; tests read all templates for both.
//! 4. A dangerous change shows `pages::confirm` first: what ends, the name to be typed, a way back.
//! 5. The change asks once more in its own transaction whether the actor may: `iampass_server_storage::Actor`, by `InApplication::actor`. It goes
//!    into the audit log in the same transaction: `iampass_server_storage::Noted`, by `InApplication::noted`.
//! 6. For the navigation of an application: a variant of `frame::Tab`.
//!
//! The tests in `tests/service/console` walk all routes as each role; a new line in the list is covered by them as it is.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod access;
#[cfg(test)]
mod access_table_tests;
mod account_links;
mod account_tokens;
mod accounts;
#[cfg(test)]
mod actor_tests;
mod admin_key_commands;
mod assets;
mod audit_file;
mod below_prefix;
mod charts;
mod error;
mod error_pages;
mod fields;
mod file_format;
mod file_lines;
mod frame;
mod frame_texts;
mod history_file;
mod hosts;
mod language;
mod moment;
mod opening;
mod page_error;
mod page_list;
mod pages;
mod parts;
mod routes;
mod service_report;
mod speech;
mod state;
mod stream_room;
#[cfg(test)]
mod template_tests;
mod time_here;

pub use access::PagePattern;
pub use account_links::{
    ConsoleLink, MadeLink, change_account, change_for_command, link_for_command, list_for_command,
};
pub use admin_key_commands::{
    MadeKey, NewKey, keys_for_command, make_key_for_command, revoke_key_for_command,
};
pub use audit_file::{day, written_time};
pub use error::ConsoleError;
pub use fields::{checked_application_name, is_reserved};
pub use file_format::FileFormat;
pub use hosts::{Consoles, OpenConsole, not_here};
pub use iampass_web::KeepSignedIn;
pub use page_list::page_routes;
pub use parts::{ConsoleParts, RegistrationLimit, ServiceFacts};
pub use service_report::{NodeState, ServiceReport, ServiceReports, ShownSetting, WayOut};
pub use speech::ConsoleTexts;
pub use state::Place;
pub use stream_room::StreamRoom;
