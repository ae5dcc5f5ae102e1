//! The IAMPASS service, self-hosted: the Management, Authentication and phone APIs over one SQLite file, or over one PostgreSQL for many
//! nodes, and a page that plays the phone.
//!
//! As a program it is `iampass-server` (`dev` to try it out, `run` to keep it running). As a library it is [`Service`]: opened from
//! a [`ServiceConfig`], served on a listener or mounted as a router.
//!
//! ```no_run
//! use iampass_server::{Service, ServiceConfig};
//!
//! # async fn example() -> Result<(), iampass_server::ServerError> {
//! let service = Service::open(ServiceConfig::temporary()).await?;
//! let application = service.add_application("My shop", None).await?;
//! println!("IAMPASS_APPLICATION_ID={}", application.id);
//! println!("IAMPASS_APPLICATION_SECRET={}", application.secret.expose());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8089").await?;
//! service.serve(listener, async { let _ = tokio::signal::ctrl_c().await; }).await
//! # }
//! ```
//!
//! Its promises:
//! * **Nothing acknowledged is lost.** Every answer to a change is given after its commit, with `synchronous=FULL`.
//! * **Deadlines count when they pass**, not when a timer gets to it: an unanswered question cannot be accepted late.
//! * **An answer about a session stays true.** A session that was reported as ended never becomes active, and one whose credentials never
//!   reached its application is ended.
//! * **A request is done once.** Its nonce is stored with its change, so that it cannot be replayed, not even after a restart.
//! * **Bad input gets an answer** in JSON with a code and a sentence, and never a 5xx.
//!
//! # What it does not do
//! The methods `device` and `facial` cannot be verified here: logins that ask for them are refused, unless they are to be simulated in
//! development ([`UnverifiedMethods`]). Pictures are accepted and thrown away. Registration links go out by SMS and e-mail where an operator has
//! set up a way ([`notices`]); elsewhere those calls answer with a reason.
//!
//! Phones ask, and are answered as soon as there is something. One whose page is closed is woken by a push that says nothing but that
//! there is something to ask for ([`push`]). It is no login for an application, which is made with the
//! crate `iampass`; nor does it know anything of its users but what the application calls them.
//!
//! # Its data
//! Checking an HMAC needs the secret itself, so secrets are sealed in the database under a [`MasterKey`] that is not in it. A data file is
//! made readable by its owner only all the same, and one that others may read is closed to them when it is opened.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod admin_call;
mod alert_config;
mod alerting;
mod api;
mod app;
mod authenticity;
mod call;
pub mod cli;
mod client_address;
mod clock_watch;
mod config;
mod console_pages;
mod docs;
mod envelope;
mod error;
mod handover;
mod health;
mod health_check;
mod in_process;
mod known_as;
mod metrics;
mod once_a_minute;
mod path_segments;
mod phone_page;
mod phone_signature;
mod problem;
mod proxies;
mod public_url;
mod pushing;
mod rates;
mod relying_party;
mod request;
mod request_id;
mod rewritten;
mod routes;
mod security_headers;
mod seen_nonces;
mod service;
mod service_report;
mod serving;
mod settings;
mod shutdown;
mod through;
mod timers;
mod tls;

pub mod alerts {
    //! Words to the operator: when there are some, and the ways that they go.
    //!
    //! The crate `iampass-server-notify` sends them.
    pub use crate::alert_config::AlertConfig;
    pub use iampass_server_domain::alert::{Alert, AlertKind, AlertThresholds};
    pub use iampass_server_notify::{AlertMessage, AlertSender};
}

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

pub mod push {
    //! Pushes to phones: which are made, and the ways to native apps.
    //!
    //! All of it is in the crate `iampass-server-push`, whose front page says what push services see.
    pub use crate::pushing::{PushConfig, Pushes};
    pub use iampass_server_push::{
        Apns, ApnsAccount, ApnsServer, Contact, Fcm, HttpClient, HttpSetupError, InvalidApnsAccount,
        InvalidContact, InvalidServiceAccount, Push, PushError, PushErrorKind, PushKind, PushRequest,
        PushService, PushWebhook, Reach, ServiceAccount, Ways,
    };
}

pub use config::{ConsoleSettings, Limits, ServiceConfig};
pub use error::{DataError, ServerError};
pub use iampass_server_console::{ConsoleLink, KeepSignedIn, MadeKey, NewKey, ShownSetting};
pub use iampass_server_domain::rules::{AllowedPhones, Approval};
pub use iampass_server_domain::{AccountLimits, LostAccountPhone, Registration, UnverifiedMethods};
pub use iampass_server_storage::{
    DatabaseUrl, InvalidDatabaseUrl, InvalidMasterKey, InvalidTransfer, KeyId, MASTER_KEY_VARIABLE,
    MasterKey, MasterKeySource, MasterKeys, Migrations, StorageLocation,
};
pub use iampass_texts::{OwnTextProblem, OwnTexts};
pub use metrics::MetricsAccess;
pub use proxies::{ForwardedHeader, InvalidProxy, Proxies, ProxyProtocol, TrustedProxies};
pub use public_url::{InvalidPublicUrl, PublicUrl};
pub use rates::{Rate, RateLimits};
pub use routes::{Route, routes};
pub use service::{NewApplication, Service};
pub use settings::{Problem, SettingsError};
pub use tls::{TlsError, TlsFiles};
