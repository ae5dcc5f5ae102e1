//! The IAMPASS service, self-hosted: the Management, Authentication and phone APIs over one SQLite file, or over one PostgreSQL for many
//! nodes, and a page that plays the phone.
//!
//! As a program it is `iampass-server` (`dev` to try it out, `run` to keep it running). As a library it is [`Service`]: opened from
//! a [`ServiceConfig`], served on a listener or mounted as a router.
//!
//! Its promises:
//! * **Nothing acknowledged is lost.** Every answer to a change is given after its commit, with `synchronous=FULL`.
//! * **Deadlines count when they pass**, not when a timer gets to it: an unanswered question cannot be accepted late.
//! * **An answer about a session stays true.** A session that was reported as ended never becomes active, and one whose credentials never
//!   reached its application is ended.
//! * **A request is done once.** Its nonce is stored with its change, so that it cannot be replayed, not even after a restart.
//! * **Bad input gets an answer** in JSON with a code and a sentence, and never a 5xx.
//!
//! The methods `device` and `facial` cannot be verified here: logins that ask for them are refused, unless they are to be simulated in
//! development ([`UnverifiedMethods`]). Pictures are accepted and thrown away. Registration links go out by SMS and e-mail where an operator has
//! set up a way ([`notices`]); elsewhere those calls answer with a reason.
//!
//! Checking an HMAC needs the secret itself, so secrets are sealed in the database under a [`MasterKey`] that is not in it. A data file is
//! made readable by its owner only all the same, and one that others may read is closed to them when it is opened.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod api;
mod audit_file;
mod authenticity;
pub mod cli;
mod client_address;
mod clock_watch;
mod config;
mod console;
mod docs;
mod envelope;
mod error;
mod handover;
mod health;
mod metrics;
mod openapi;
mod path_segments;
mod phone_page;
mod problem;
mod proxies;
mod public_url;
mod rates;
mod request;
mod request_id;
mod rewritten;
mod routes;
mod security_headers;
mod service;
mod serving;
mod settings;
mod through;
mod timers;
mod tls;

pub mod notices {
    //! Registration links by SMS and by e-mail: the port, its two adapters, and how a webhook is verified.
    //!
    //! All of it is in the crate `iampass-server-notify`, whose front page describes the webhook.
    pub use iampass_server_notify::{
        Channel, IDEMPOTENCY_KEY, InvalidNoticeSettings, MailSettings, Notice, NoticeError, NoticeErrorKind,
        NoticeSender, Reply, SmsSettings, SmtpSender, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, WebhookSender,
        verify_webhook,
    };
}

pub use config::{ConsoleSettings, Limits, ServiceConfig};
pub use console::ConsoleLink;
pub use error::{DataError, ServerError};
pub use iampass_server_domain::{Registration, UnverifiedMethods};
pub use iampass_server_storage::{
    DatabaseUrl, InvalidDatabaseUrl, InvalidMasterKey, InvalidTransfer, KeyId, MASTER_KEY_VARIABLE,
    MasterKey, MasterKeySource, MasterKeys, Migrations, StorageLocation,
};
pub use metrics::MetricsAccess;
pub use proxies::{ForwardedHeader, InvalidProxy, Proxies, ProxyProtocol, TrustedProxies};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use rates::{Rate, RateLimits};
pub use routes::{Route, routes};
pub use service::{NewApplication, Service};
pub use settings::{Problem, SettingsError};
pub use tls::{TlsError, TlsFiles};
