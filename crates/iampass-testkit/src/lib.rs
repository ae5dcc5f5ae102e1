//! Logins by phone, in tests: the IAMPASS service in-process, a phone that is driven from code, and doubles of the ports.
//!
//! Nothing here leaves the machine, and nothing of it belongs in a program that is shipped.
//!
//! ```
//! use iampass_core::UserToken;
//! use iampass_core::machine::{LoginOptions, LoginOutcome};
//! use iampass_testkit::TestService;
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let service = TestService::start().await?;
//! let client = service.client()?;
//! let user = UserToken::new("u1")?;
//! client.add_user(&user).await?;
//! let phone = service.register_phone(&client.registration_link(&user, None).await?).await?;
//!
//! let login = client.login(&user, LoginOptions::default())?;
//! let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(Duration::from_secs(5)));
//! accepted?;
//! assert!(matches!(outcome?, LoginOutcome::Granted(_)));
//! service.shutdown().await?;
//! # Ok(())
//! # }
//! ```
//!
//! | here | is |
//! |---|---|
//! | [`TestService`] | the real service on a free port, with an application ready; it can be stopped and started again |
//! | [`VirtualPhone`] | the phone of one user: accept, deny, report, bring a code, ignore, walk away, come back, log out, lose |
//! | [`code_on_page`] | the digits that a login page shows, for the phone to bring |
//! | [`Phone`] | several of them, and their state as JSON |
//! | [`ManualClock`], [`SeededEntropy`], [`ScriptedTransport`] | doubles of the ports |
//! | [`store_suite`] | a conformance suite for token and session stores of one's own |
//! | `mocks` | mocks of the ports by mockall (feature `mock`) |
//! | `iampass-phone` | the phone as a program, for shell scripts and other languages' tests |
//!
//! # What it does not do
//! It tests nothing by itself but stores ([`store_suite`]); and its phone accepts whatever it is told to accept, so it shows nothing of how safe a real
//! phone is.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod authenticator;
mod doubles;
mod error;
mod login_page;
#[cfg(feature = "mock")]
pub mod mocks;
mod phone;
pub mod store_suite;
mod test_service;

pub use authenticator::{AuthenticatorFlags, ForgedUnlock, ForgingAuthenticator};
pub use doubles::{ManualClock, ScriptedTransport, SeededEntropy, SentRequest};
pub use error::TestkitError;
pub use iampass_server::UnverifiedMethods;
pub use login_page::code_on_page;
pub use phone::{Phone, VirtualPhone};
pub use test_service::{TestService, TestServiceBuilder};
