//! Events that the service sends to an application: what they say, how they are signed, and [`verify`] for those who receive them.
//!
//! An event is a `POST` of JSON to the endpoint of an application, signed as [Standard Webhooks](https://www.standardwebhooks.com) 1.0.0 says:
//!
//! ```text
//! webhook-id:        the id of the event, the same at each attempt
//! webhook-timestamp: when this attempt was made, in seconds since 1970
//! webhook-signature: v1,base64(HMAC-SHA-256(secret, id.timestamp.body)), and one more while a secret is being replaced
//!
//! {"type":"login.accepted","timestamp":"2027-01-15T08:00:00Z","data":{"application":"APP","user":"u1","session":"t1"}}
//! ```
//!
//! [`verify`] takes the secrets, the headers, the body as it came and the time, and gives the event or the reason why it is none:
//!
//! ```
//! use iampass_core::events::{EventHeaders, EventKind, EventSecret, RefusedEvent, verify};
//! use iampass_core::UnixSeconds;
//!
//! fn received(
//!     secrets: &[EventSecret],
//!     headers: &http::HeaderMap,
//!     body: &[u8],
//!     now: UnixSeconds,
//! ) -> Result<(), RefusedEvent> {
//!     let event = verify(secrets, &EventHeaders::of(headers)?, body, now)?;
//!     match event.kind {
//!         EventKind::UserDeleted => println!("forget {:?}", event.user),
//!         EventKind::LoginReported => println!("somebody tried to sign in as {:?}", event.user),
//!         // Kinds that a later version adds come as `Unknown`.
//!         _ => {}
//!     }
//!     Ok(())
//! }
//! # let refused = received(&[], &http::HeaderMap::new(), b"{}", UnixSeconds(0));
//! # assert_eq!(refused, Err(RefusedEvent::MissingHeader("webhook-id")));
//! ```
//!
//! An event comes once at least, and may come again after a failure: keep the ids of the last days, and do nothing for one that was there. Events may
//! overtake each other: go by [`Event::at`].
//!
//! Belongs here: pure functions over text and time. Does not belong here: HTTP, and keeping ids that were seen.

mod event;
mod kind;
mod secret;
mod signature;
mod time;
mod verify;

pub use event::{Event, EventBody};
pub use kind::{EventHow, EventKind};
pub use secret::{EventSecret, InvalidEventSecret};
pub use signature::{EVENT_ID, EVENT_SIGNATURE, EVENT_TIMESTAMP, sign};
pub use verify::{EventHeaders, LONGEST_EVENT, RefusedEvent, TOLERANCE, verify};
