//! Pushes that wake phones: the port, its adapters, the queue that decides what goes out when, and the worker around it.
//!
//! A push says that there is something to ask for, and of which kind it is: a question waits, a session's state has changed, or a phone is tried. It names
//! no user, no application and no question. The phone's page or app asks the service for the rest, so a push that is lost loses nothing but the
//! sound: opening the page is enough.
//!
//! | way | standards and contracts | what the push service sees |
//! |---|---|---|
//! | [`WebPush`] | RFC 8030, RFC 8291, RFC 8292 | how long, how urgent, the topic. The text is for the browser alone, and always of the same length |
//! | [`Fcm`] | FCM HTTP v1, service account (RFC 7523) | the token, the kind, the topic |
//! | [`Apns`] | token-based, HTTP/2 | the token, the kind, the topic |
//! | [`PushWebhook`] | the webhook of [`iampass_server_notify`] | the token, the kind, the topic |
//!
//! A key by which push services of browsers know this service, and a subscription to it:
//!
//! ```
//! use iampass_server_push::{Reach, VapidKey, WebSubscription};
//!
//! let key = VapidKey::generate()?;
//! // The page calls pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.public_key() }).
//! let refused = WebSubscription::new("https://169.254.169.254/latest", "", "", key.id(), Reach::Public);
//! assert!(refused.is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Endpoints of browsers are strangers' URLs ([`Endpoint`], [`HttpClient::to_strangers`]): HTTPS alone, to addresses of the public internet alone,
//! which are checked after the name was looked up and are the very ones that are connected to. Redirects are not followed; time and answers are
//! bounded. There is no list of push services: browsers change theirs.
//!
//! This crate is a part of `iampass-server`; it promises no stable interface of its own.
//!
//! # What it does not do
//! It stores nothing: the [`Outbox`] is a port, and who is pushed to is decided in `iampass-server`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod address;
mod apns;
mod endpoint;
mod event_webhook;
mod fcm;
mod http_client;
mod jwt;
mod notification_token;
mod outbox;
mod port;
mod public_address;
mod public_key;
pub mod queue;
mod topic;
mod ways;
mod web;
mod webhook;
mod worker;

pub use address::{Address, DeviceToken, InvalidSubscription, InvalidToken, LONGEST_TOKEN, WebSubscription};
pub use apns::{Apns, ApnsAccount, ApnsServer, InvalidApnsAccount};
pub use endpoint::{Endpoint, InvalidEndpoint, LONGEST_ENDPOINT, Reach};
pub use event_webhook::EventWebhook;
pub use fcm::{Fcm, InvalidServiceAccount, ServiceAccount};
pub use http_client::{HttpClient, HttpSetupError};
pub use iampass_server_domain::push::{PushError, PushErrorKind, PushKind, PushService};
pub use jwt::InvalidKey;
pub use notification_token::{InvalidNotificationToken, InvalidStoredAddress, NotificationToken};
pub use outbox::{DeliveryRecord, LEASE, Outbox, OutboxError};
pub use port::{Push, PushId, PushRequest};
pub use public_address::is_public;
pub use topic::Topic;
pub use ways::Ways;
pub use web::{Contact, InvalidContact, VapidKey, VapidKeyId, VapidKeys, WebPush};
pub use webhook::PushWebhook;
pub use worker::PushWorker;
