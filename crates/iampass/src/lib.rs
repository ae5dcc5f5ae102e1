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
//! let client = Client::builder().transport(ReqwestTransport::new()?).from_env().build()?;
//! let user = UserToken::new("the token from your lookup table")?;
//!
//! match client.login(&user, LoginOptions::default())?.outcome().await? {
//!     LoginOutcome::Granted(granted) => println!("in, with {:?}", granted.session.token()),
//!     other => println!("not in: {other:?}"),
//! }
//! # Ok(())
//! # }
//! ```

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
pub use iampass_core::wire::{AuthenticationMethod, Reason, RegistrationSms, SessionStatus};
pub use iampass_core::{
    ApplicationId, Error, InvalidId, RegistrationLink, Secret, Server, Session, SessionToken, UserToken,
};

#[cfg(feature = "reqwest")]
pub use iampass_reqwest::ReqwestTransport;

#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
