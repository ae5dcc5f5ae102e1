//! The login of a web application by phone, without a framework.
//!
//! `iampass-axum` and `iampass-actix` translate between this crate and their frameworks; an application uses one of them. For another
//! framework: mount [`ROUTES`] below one path, make a [`Request`] of what comes, give back the [`HttpAnswer`], and ask
//! [`LoginWeb::admit`] before a handler that is not for everybody.
//!
//! ```
//! use iampass_web::{Admission, HttpAnswer, LoginWeb, Request};
//!
//! /// Answers a request of a framework of your own. `page` is a handler for users only.
//! async fn answer<U: Clone + Send + Sync + 'static>(
//!     login: &LoginWeb<U>,
//!     mut request: Request,
//!     page: impl Fn(U) -> HttpAnswer,
//! ) -> HttpAnswer {
//!     if let Some(below) = request.path.strip_prefix(login.mount_path()).map(str::to_owned) {
//!         request.path = below;
//!         return login.handle(request).await;
//!     }
//!     match login.admit(&request.headers, &request.path).await {
//!         Admission::In(_, user) => page(user),
//!         Admission::Answer(answer) => answer,
//!     }
//! }
//! ```
//!
//! ```text
//! GET login ──► POST login ──► GET login/wait ── accepted ──► session cookie, back to where the user wanted to go
//!                 │ asks the phone        │ a code, events, or asking again and again, or a page that reloads itself
//! ```
//!
//! * A login is completed only in the browser that began it: it takes a sealed cookie, and a proof that is in no cookie.
//! * The page that waits shows a code, which the user's phone has to bring: an approval lets in only the browser that shows it. Nothing rings for a
//!   browser in which the user has not signed in before. [`ShownApproval::Tap`] is for phones and services that know no codes.
//! * A handler can require proof of an approval, such as a code or an unlocked phone: [`LoginWeb::admit_proven`].
//! * A session counts as logged in only while the service has confirmed it within the freshness bound. One session is asked about once per
//!   node, however many pages and requests it has.
//! * Pages come in five languages, and an application adds its own: [`LoginWebBuilder::languages`].
//! * A name that nobody has is answered like any other, and as fast.
//!
//! # What it does not do
//! It does not know the application's users: they come by [`UserDirectory`]. It opens no socket and no database: the [`Client`](iampass_core::client::Client) that it is given
//! has both. Rights of users beyond *logged in* are the application's own.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account_page;
mod adding_phone;
mod admission;
mod answer;
mod asking;
mod attempts;
mod browser_name;
mod came_back;
mod client_address;
mod config;
mod config_error;
mod cookie_keys;
mod cookies;
mod counted_streams;
mod cross_site;
mod cutoff;
mod directory;
mod earlier_pages;
mod enrol;
mod events;
mod few_at_once;
mod forbidden;
mod guard;
mod keep_signed_in;
mod kept_code;
mod known_browsers;
mod known_browsers_page;
mod language;
mod login;
mod login_builder;
mod login_web;
mod lost_phone;
mod lost_phone_policy;
mod makes_codes;
mod nameless;
mod open_streams;
mod own_host;
mod own_pages;
mod own_sessions;
mod page_times;
pub mod pages;
mod pages_of_attempts;
mod pending;
mod proof;
mod question;
mod random_text;
mod registered_phone;
mod registration;
mod request;
mod return_to;
mod returned;
mod routes;
mod same_site;
mod session;
mod shared_entry;
mod signed_in_from;
mod sites;
mod standing;
mod throttle;
mod ticket;
mod told_at;
mod wait;
mod wait_stream;

pub use admission::{Admission, Refusal};
pub use answer::{Body, EventStream, HttpAnswer};
pub use client_address::{InvalidNetwork, ProxyNetworks};
pub use config::{NamelessLogin, SessionMode, ShownApproval};
pub use config_error::ConfigError;
pub use cookie_keys::CookieKeys;
pub use directory::{Notice, UserDirectory};
pub use guard::{LiveSession, Presence, PresenceChanges, UnlessCut, WhilePresent};
pub use iampass_core::rate_limit::Rate;
pub use iampass_core::wire::{Assurance, KeyKind};
pub use keep_signed_in::KeepSignedIn;
pub use login_builder::LoginWebBuilder;
pub use login_web::LoginWeb;
pub use lost_phone_policy::{LostPhone, LostPhoneWays};
pub use own_pages::PAGE_HEADERS;
pub use proof::{ByCode, ByDeviceKey, ByUnlockedPhone, Requirement, Unproven};
pub use request::{Headers, Method, Request};
pub use routes::{LONGEST_BODY, ROUTES, Route};
pub use throttle::Limits;
