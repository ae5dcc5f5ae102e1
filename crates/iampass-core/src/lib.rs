//! The IAMPASS protocol, without I/O.
//!
//! IAMPASS logs people in without a password: the application asks the service, the service asks the user's phone, the user
//! accepts. This crate is the part of it that decides. It reads no clock, draws no random bits, sleeps, spawns, sends and stores
//! nothing; all that comes in as arguments or through [`port`]s. (Outside [`client`], which is the loop around it.)
//!
//! | module | is |
//! |---|---|
//! | [`wire`] | what travels: requests and answers of the service's APIs |
//! | [`signing`] | signing and verifying requests; the replay window |
//! | [`machine`] | the state machines: enrolment, login, watch, logout |
//! | [`port`] | what is needed from outside: HTTP, stores, clock, randomness, waiting |
//! | [`events`] | events that the service sends to applications, and verifying them |
//! | [`client`] | an async client over the ports, for applications |
//!
//! # Driving a machine by hand
//!
//! ```
//! use iampass_core::machine::{Input, Login, LoginEvent, LoginOptions, LoginOutcome, Machine, Output};
//! use iampass_core::{Application, ApplicationId, Draw, Now, Secret, Server, UserToken};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! let application = Application::new(
//!     Server::parse("https://login.example")?,
//!     ApplicationId::new("APP")?,
//!     Secret::new("the secret"),
//! );
//! let mut login = Login::new(Arc::new(application), &UserToken::new("u1")?, LoginOptions::default())?;
//!
//! // A clock and random bits of our own, and a service that answers from a list.
//! let mut now = Now::new(Duration::ZERO, 1_700_000_000);
//! let mut draws = (0_u8..).map(|n| Draw::from_bytes([n; 16]));
//! let mut answers = [
//!     r#"{"authentication_status": {"authenticated": true, "session_status": "pending", "session_token": "t",
//!         "session_secret": "s", "status_url": "https://login.example/s", "logout_url": "https://login.example/l"}}"#,
//!     r#"{"authentication_status": {"authenticated": true, "session_status": "active"}}"#,
//! ]
//! .into_iter();
//!
//! let granted = loop {
//!     match login.poll_output(now, draws.next().ok_or("no draw")?) {
//!         Output::Send(outgoing) => {
//!             let answer = http::Response::new(answers.next().ok_or("no answer")?.into());
//!             login.handle(now, Input::Answer(outgoing.id, Ok(answer)));
//!         }
//!         Output::Wait(pause) => now = now.plus(pause.until.since(now.mono)),
//!         Output::Event(LoginEvent::Finished(end)) => break matches!(end?, LoginOutcome::Granted(_)),
//!         Output::Event(_) => {}
//!         Output::Finished => break false,
//!     }
//! };
//! assert!(granted);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do
//!
//! It brings no HTTP client, no runtime and no database: those come in through [`port`]s, from `iampass-reqwest`, `iampass-diesel`, `iampass-sea-orm` or an
//! application itself. It knows nothing of browsers and cookies, which is `iampass-web`.
//!
//! # Features
//!
//! * `system`: the system's clock and randomness, and waiting on tokio, as the defaults of [`client::Client`].
//! * `qr`: [`RegistrationLink`]s as QR codes.
//!
//! Sources of facts about the wire are marked in the documentation: \[D\] the service's documentation, \[P\] its published
//! Python client, \[F\] the reference pages of its Flutter package, \[X\] this project's own decision.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod application;
pub mod client;
mod compact_session;
mod error;
pub mod events;
mod ids;
mod link;
pub mod machine;
mod now;
pub mod port;
#[cfg(feature = "qr")]
mod qr;
pub mod rate_limit;
mod secret;
mod seen;
mod server;
mod session;
pub mod signing;
pub mod trusted_proxies;
pub mod wire;

pub use application::Application;
pub use compact_session::{CompactSession, SessionUrls};
pub use error::Error;
pub use ids::{ApplicationId, AuthRequestId, DeviceId, InvalidId, MAX_ID_BYTES, SessionToken, UserToken};
pub use link::RegistrationLink;
pub use now::{Draw, Monotonic, Now, UnixMillis, UnixSeconds};
pub use secret::Secret;
pub use seen::is_unseen;
pub use server::{RefusedUrl, Server, ServiceUrl, path_segment, query_value};
pub use session::{InvalidSession, Session};
