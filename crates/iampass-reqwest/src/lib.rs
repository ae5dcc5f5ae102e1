//! [`ReqwestTransport`]: what carries the requests of an IAMPASS client, over [`reqwest`].
//!
//! ```
//! use iampass_core::client::Client;
//! use iampass_core::port::HttpTransport;
//! use iampass_reqwest::ReqwestTransport;
//!
//! fn transport() -> Result<impl HttpTransport, iampass_reqwest::TransportSetupError> {
//!     ReqwestTransport::new()
//! }
//! ```
//!
//! # What it sees to
//!
//! * The URL goes out byte for byte as it was signed, or not at all.
//! * No redirect is followed: a signature is for one place (law 5). One that a caller's client followed is refused.
//! * Nothing is sent twice: a nonce is good for one request.
//! * An answer has at most 1 MiB and comes within a time, body included; one that is opened as a stream goes on, within bounds.
//! * Errors say what happened and hold no URL, header or body.
//!
//! No type of reqwest stands in the API but in the two constructors, so that a new version of it changes this crate only.
//!
//! # What it does not do
//! It signs nothing, repeats nothing and reads no meaning into an answer: that is in `iampass-core`. It keeps no cookies and no cache.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod body;
mod destination;
mod error;
mod transport;

pub use error::TransportSetupError;
pub use transport::ReqwestTransport;
