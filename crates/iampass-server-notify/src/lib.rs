//! Registration links by SMS and by e-mail: the port, its two adapters, and the worker that delivers what is queued.
//!
//! `send_registration_sms` and `send_registration_mail` store the message with the link, in one transaction, and answer. A worker sends it:
//! at least once, with the same idempotency key each time, until it is taken, refused for good, fifty minutes old, or of no use because the link
//! was used, replaced or has expired. Its text and its recipient are sealed while it waits and deleted after; the delivery log keeps the
//! number or address masked.
//!
//! # The webhook
//! An operator's SMS gateway is called with `POST` and a JSON body \[X\]:
//! ```json
//! {"id": "4d1c…", "channel": "sms", "to": "+15550100", "text": "Shop: … https://login.example/r/…",
//!  "link": "https://login.example/r/…", "expires_at": 1800086400, "application_id": "…", "application_name": "Shop"}
//! ```
//! `text` is what is to be sent and holds the link already; the other fields are for gateways with templates of their own. Headers:
//! * `Idempotency-Key`: the `id` of the body. The same message comes with the same one, however often it is sent: send it once.
//! * `X-IAMPASS-Webhook-Timestamp`: when this attempt was made, in seconds since 1970.
//! * `X-IAMPASS-Webhook-Signature`: `sha256=` and, in lower-case hexadecimal, HMAC-SHA256 of the timestamp as it stands in its header, a
//!   full stop, and the bytes of the body; the key is the bytes of the shared secret.
//!
//! To verify: take the body before it is parsed, compute the HMAC, compare in constant time, and refuse timestamps that are more than five
//! minutes off. In Python, with only what comes with it:
//! ```python
//! def is_genuine(secret: str, headers, body: bytes) -> bool:
//!     sent_at = headers["X-IAMPASS-Webhook-Timestamp"]
//!     signature = hmac.new(secret.encode(), sent_at.encode() + b"." + body, hashlib.sha256).hexdigest()
//!     same = hmac.compare_digest("sha256=" + signature, headers["X-IAMPASS-Webhook-Signature"])
//!     return same and abs(time.time() - int(sent_at)) <= 300
//! ```
//! In Rust, by [`verify_webhook`]:
//! ```
//! use iampass_core::{Secret, UnixSeconds};
//! use iampass_server_notify::{WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, verify_webhook};
//!
//! fn is_genuine(secret: &Secret, headers: &http::HeaderMap, body: &[u8], now: UnixSeconds) -> bool {
//!     let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
//!     verify_webhook(secret, header(WEBHOOK_TIMESTAMP), header(WEBHOOK_SIGNATURE), body, now)
//! }
//! # assert!(!is_genuine(&Secret::new("s"), &http::HeaderMap::new(), b"{}", UnixSeconds(0)));
//! ```
//!
//! The gateway answers within ten seconds: 2xx when it has the message; 408, 409, 425, 429 or 5xx when it is to be sent again later, with
//! `Retry-After` if it likes; 401 or 403 when the signature is not good, which is tried again too, since an operator can set that right.
//! Everything else refuses the message for good. Redirects are not followed.
//!
//! This crate is a part of `iampass-server`, which shows most of it as `iampass_server::notices`; it promises no stable interface of its own.
//!
//! # What it does not do
//! It does not say who may have a message sent, which is in `iampass-server`; it does not store messages, which is in `iampass-server-storage`;
//! and the time of the next attempt comes from `iampass-server-domain`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod alerts;
mod event_worker;
#[cfg(test)]
mod example;
mod sending;
mod settings;
mod smtp;
mod smtp_refusal;
mod text;
mod webhook;
mod worker;

pub use alerts::{AlertMessage, AlertSender};
pub use event_worker::EventWorker;
pub use iampass_server_domain::notice::{Channel, Notice, NoticeError, NoticeErrorKind, NoticeSender, Reply};
pub use settings::is_full_host_name;
pub use settings::{InvalidNoticeSettings, MailSettings, SmsSettings, checked_webhook};
pub use smtp::SmtpSender;
pub use webhook::{
    IDEMPOTENCY_KEY, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, WebhookSender, sign_webhook, verify_webhook,
};
pub use worker::{DeliveryWorker, Uncount};
