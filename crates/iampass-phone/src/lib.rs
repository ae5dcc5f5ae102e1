//! The phone's side of IAMPASS: registering, questions, codes, device keys, sessions.
//!
//! An application asks the service to log a user in; the service asks the user's phone. This crate is the phone, without a screen. The
//! service's own phone page, the test kit's virtual phone and a native app do the same.
//!
//! ```
//! use iampass_core::RegistrationLink;
//! use iampass_core::port::HttpTransport;
//! use iampass_phone::{Brought, KeyStore, Phone, PhoneClient, PhoneError};
//! use std::sync::Arc;
//!
//! # #[cfg(feature = "system")]
//! async fn run(transport: Arc<dyn HttpTransport>, keys: Arc<dyn KeyStore>) -> Result<(), PhoneError> {
//!     // `SoftwareKeys` (feature `software-key`), or the key store of the system behind the port.
//!     let mut phone = Phone::new(PhoneClient::builder().transport(transport).keys(keys).build()?);
//!     # let link = RegistrationLink::parse("https://login.example/r/abc").map_err(|refused| PhoneError::RefusedUrl { call: "", refused })?;
//!     let account = phone.register(&link).await?;
//!
//!     // A question of a browser that the user's phone does not know rings nowhere: the phone brings what the page shows.
//!     let shown = phone.read("482 913")?;
//!     let question = account.bring(&shown).await?;
//!     println!("Sign in at {} from {:?}?", question.application_name, question.browser);
//!     account.accept(&question, Some(&shown)).await?;
//!
//!     // A question of a known browser comes by itself. It may need the code all the same.
//!     for question in account.questions().next().await? {
//!         match question.needs_code() {
//!             true => println!("Scan the code on the page, or type its digits."),
//!             false => account.accept(&question, None).await?,
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | here | is |
//! |---|---|
//! | [`Phone`], [`Account`], [`Questions`] | the whole phone over the ports, async |
//! | [`calls`], [`answers`], [`Inbox`] | the same without I/O: a request in, an answer out; the long poll's state |
//! | [`Scan`], [`Digits`], [`Brought`] | what a camera has read and a person has typed |
//! | [`DeviceKeyPair`], [`KeyStore`] | the ports of device keys: ECDSA P-256, one key for each account |
//! | `SoftwareKeys` | keys by aws-lc-rs, kept in the phone's state (feature `software-key`) |
//! | [`Unlock`], [`NoUnlock`] | the port by which the person unlocks the phone, for a question that asks for it |
//!
//! # Device keys
//!
//! A phone with a key store makes a key for each registration and sends the public half with it. From then on the service believes this
//! phone by signed answers only (JWS, ES256), which name the question, the decision, the code that was brought, the application, the user
//! and the time \[X\]. A service that knows no keys ignores the member; the phone then answers as phones of before do.
//!
//! # Laws
//!
//! * A phone with a key sends no answer without the key's signature: it fails with [`PhoneError::Key`].
//! * Nothing is sent to another origin than that of the registration link, and nothing over plain http but to this machine (law 5).
//! * No error, `Debug` output or log holds a secret (law 3).
//!
//! # Without I/O
//!
//! ```
//! use iampass_phone::{Poll, Registration, answers, calls};
//! # use iampass_core::{RegistrationLink, UnixSeconds, Draw};
//! # let link = RegistrationLink::parse("https://login.example/r/abc")?;
//! # let urls = serde_json::json!({"active_sessions": "https://login.example/d/a", "device_configuration": "https://login.example/d/c",
//! #     "device_unregister": "https://login.example/d/u", "pending_requests": "https://login.example/d/p", "training_data": "x"});
//! # let record = serde_json::from_value(serde_json::json!({"user": {"user_id": "u"}, "device": {"device_id": "D", "device_secret": "s"},
//! #     "service": {"service_id": "APP", "service_secret": "s", "service_urls": urls}}))?;
//! # let (nonce, now) = (Draw::from_bytes([7; 16]).nonce(), UnixSeconds(1_764_000_000));
//!
//! let registration = Registration::new(&link, record, None)?;
//! let call = calls::pending_requests(&registration, &Poll::now())?;
//! let request = call.request(nonce, now);
//! assert_eq!(request.uri(), "https://login.example/d/p");
//! // It is sent by any HTTP client; its answer is read.
//! let answer = http::Response::new(br#"{"requests": []}"#.to_vec());
//! assert!(answers::read_requests(&call, &answer)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! * `software-key`: `SoftwareKeys`.
//! * `system`: the system's clock and randomness, and waiting on tokio, as the defaults of [`PhoneClient`].
//!
//! Belongs here: the phone's side of the wire. Does not belong here: screens, cameras, notifications, and the application's side.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod answers;
mod brought;
mod call;
pub mod calls;
mod client;
mod digits;
mod error;
mod inbox;
mod jws;
mod key;
pub mod phone_calls;
pub mod presence_calls;
mod registration;
mod scan;
#[cfg(feature = "software-key")]
mod software_key;
mod unlock;
pub mod unlock_calls;

pub use brought::{Brought, InvalidBrought};
pub use call::{PhoneCall, ToSign};
pub use client::{Account, Phone, PhoneClient, PhoneClientBuilder, Presence, Questions, bring_scan};
pub use digits::{Digits, InvalidDigits};
pub use error::PhoneError;
pub use inbox::{Inbox, Poll};
pub use jws::UnsignedJws;
pub use key::{DeviceKeyPair, KeyError, KeyHandle, KeySignature, KeyStore, SIGNATURE_BYTES};
pub use registration::{Registration, polling_phone};
pub use scan::{InvalidScan, Scan};
#[cfg(feature = "software-key")]
pub use software_key::SoftwareKeys;
pub use unlock::{NoUnlock, Unlock, UnlockError};
