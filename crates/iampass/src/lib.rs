//! Phone-approved, passwordless login for Rust applications.
//!
//! The application asks the IAMPASS service to authenticate a user; the service asks the user's registered phone; the user
//! accepts; the application sees the session become active, keeps watching it, and ends it at logout.
//!
//! This crate is the façade: it has no code of its own, and re-exports what its features choose.
//!
//! | feature | brings |
//! |---|---|
//! | (none) | [`core`]: the protocol as state machines and ports, for a transport and runtime of your own |
//! | `reqwest` | [`ReqwestTransport`], and `system` |
//! | `system` | the system's clock and randomness, on tokio |
//! | `qr` | registration links as QR codes in SVG and for a terminal |
//! | `diesel-sqlite`, `diesel-postgres`, `diesel-mysql` | [`diesel`](https://docs.rs/iampass-diesel): token and session stores over diesel |
//! | `sea-orm-sqlite`, `sea-orm-postgres`, `sea-orm-mysql` | [`sea_orm`](https://docs.rs/iampass-sea-orm): token and session stores over sea-orm |
//! | `axum` | [`axum`](https://docs.rs/iampass-axum): the login's routes, layer and extractors for axum, and `web` |
//! | `actix` | [`actix`](https://docs.rs/iampass-actix): the same for actix-web, and `web` |
//! | `web` | [`web`](https://docs.rs/iampass-web): the login of a web application without a framework |
//! | `sql` | [`sql`](https://docs.rs/iampass-sql): the stores' tables and statements, for a database library of your own |
//! | `command` | the program `iampass-schema`, which prints the tables' SQL |
//!
//! # A login
//!
#![cfg_attr(feature = "reqwest", doc = "```no_run")]
#![cfg_attr(not(feature = "reqwest"), doc = "```ignore")]
//! use iampass::{Client, LoginOptions, LoginOutcome, ReqwestTransport, UserToken};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // IAMPASS_SERVER, IAMPASS_APPLICATION_ID and IAMPASS_APPLICATION_SECRET say where and who.
//! let client = Client::builder().transport(ReqwestTransport::new()?).from_env().sessions_in_memory().build()?;
//! let user = UserToken::new("the token from your lookup table")?;
//!
//! match client.login(&user, LoginOptions::default())?.outcome().await? {
//!     LoginOutcome::Granted(granted) => println!("in, with {:?}", granted.session.token()),
//!     other => println!("not in: {other:?}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it does not do
//!
//! It is no service: that is `iampass-server`, or the one that the application is registered at. It holds no data of users: an application keeps its own.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// The protocol: state machines, signing, wire types and ports.
pub use iampass_core as core;

pub use iampass_core::client::{
    Canceller, Client, ClientBuilder, EnrolmentFlow, LoginFlow, LogoutReceipt, WatchFlow,
};
pub use iampass_core::machine::{
    Access, Denial, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome, Granted, LoginEvent, LoginOptions,
    LoginOutcome, RetryPolicy, WatchEnd, WatchEvent, WatchOptions,
};
pub use iampass_core::port::{
    HttpTransport, MemorySessionStore, MemoryTokenStore, SessionRecord, SessionStore, TokenStore, UserKey,
};
pub use iampass_core::wire::{
    AuthenticationMethod, Reason, RegistrationMail, RegistrationSms, SessionStatus,
};
pub use iampass_core::{
    ApplicationId, Error, InvalidId, RegistrationLink, Secret, Server, Session, SessionToken, UserToken,
};

#[cfg(feature = "reqwest")]
pub use iampass_reqwest::ReqwestTransport;

/// The login of web applications, without a framework.
#[cfg(feature = "web")]
pub use iampass_web as web;

/// The login for axum.
#[cfg(feature = "axum")]
pub use iampass_axum as axum;

/// The login for actix-web.
#[cfg(feature = "actix")]
pub use iampass_actix as actix;

/// The stores' tables, statements and sealing, without a database library.
#[cfg(feature = "sql")]
pub use iampass_sql as sql;

/// Token and session stores over diesel.
#[cfg(any(feature = "diesel-sqlite", feature = "diesel-postgres", feature = "diesel-mysql"))]
pub use iampass_diesel as diesel;

/// Token and session stores over sea-orm.
#[cfg(any(feature = "sea-orm-sqlite", feature = "sea-orm-postgres", feature = "sea-orm-mysql"))]
pub use iampass_sea_orm as sea_orm;

/// The programs in the guide are compiled with the doc tests.
#[cfg(all(
    doctest,
    feature = "axum",
    feature = "actix",
    feature = "reqwest",
    feature = "sea-orm-sqlite",
    feature = "diesel-sqlite"
))]
mod guide {
    #[doc = include_str!("../../../docs/guide/behind-a-proxy.md")]
    mod behind_a_proxy {}
    #[doc = include_str!("../../../docs/guide/first-login-actix.md")]
    mod first_login_actix {}
    #[doc = include_str!("../../../docs/guide/first-login-axum.md")]
    mod first_login_axum {}
    #[doc = include_str!("../../../docs/guide/from-the-python-client.md")]
    mod from_the_python_client {}
    #[doc = include_str!("../../../docs/guide/languages-and-texts.md")]
    mod languages_and_texts {}
    #[doc = include_str!("../../../docs/guide/lost-phones.md")]
    mod lost_phones {}
    #[doc = include_str!("../../../docs/guide/own-http-transport.md")]
    mod own_http_transport {}
    #[doc = include_str!("../../../docs/guide/own-users-table.md")]
    mod own_users_table {}
    #[doc = include_str!("../../../docs/guide/own-web-framework.md")]
    mod own_web_framework {}
    #[doc = include_str!("../../../docs/guide/receive-events.md")]
    mod receive_events {}
    #[doc = include_str!("../../../docs/guide/sensitive-actions.md")]
    mod sensitive_actions {}
    #[doc = include_str!("../../../docs/guide/several-nodes.md")]
    mod several_nodes {}
    #[doc = include_str!("../../../docs/guide/sign-ins-and-phones.md")]
    mod sign_ins_and_phones {}
    #[doc = include_str!("../../../docs/guide/stores.md")]
    mod stores {}
    #[doc = include_str!("../../../docs/guide/streams-and-websockets.md")]
    mod streams_and_websockets {}
    #[doc = include_str!("../../../docs/guide/testing.md")]
    mod testing {}
}
