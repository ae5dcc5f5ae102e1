//! The login of a web application by phone, without a framework.
//!
//! `iampass-axum` and `iampass-actix` translate between this crate and their frameworks; an application uses one of them. For another
//! framework: mount [`ROUTES`] below one path, make a [`Request`] of what comes, give back the [`HttpAnswer`], and ask
//! [`LoginWeb::admit`] before a handler that is not for everybody.
//!
//! ```text
//! GET login ──► POST login ──► GET login/wait ── accepted ──► session cookie, back to where the user wanted to go
//!                 │ asks the phone        │ events, or asking again and again, or a page that reloads itself
//! ```
//!
//! * A login is completed only in the browser that began it: it takes a sealed cookie, and a proof that is in no cookie.
//! * A session counts as logged in only while the service has confirmed it within the freshness bound. One session is asked about once per
//!   node, however many pages and requests it has.
//! * A name that nobody has is answered like any other, and as fast.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod admission;
mod answer;
mod any_login;
mod attempts;
mod client_address;
mod config;
mod cookie_keys;
mod cookies;
mod cutoff;
mod directory;
mod earlier_pages;
mod enrol;
mod events;
mod guard;
mod known_browsers;
mod known_browsers_page;
mod login;
mod login_builder;
mod lost_phone;
mod open_streams;
mod own_host;
mod own_pages;
pub mod pages;
mod pending;
mod question;
mod registration;
mod request;
mod return_to;
mod routes;
mod same_site;
mod session;
mod shared_entry;
mod standing;
mod throttle;
mod ticket;
mod told_at;
mod wait;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;

pub use admission::{Admission, Refusal};
pub use answer::{Body, EventStream, HttpAnswer};
pub use any_login::AnyLogin;
pub use client_address::{InvalidNetwork, ProxyNetworks};
pub use config::{ConfigError, SessionMode};
pub use cookie_keys::CookieKeys;
pub use directory::{Notice, UserDirectory};
pub use guard::{LiveSession, Presence, PresenceChanges, WhilePresent};
pub use iampass_core::rate_limit::Rate;
pub use login_builder::LoginWebBuilder;
pub use lost_phone::LostPhone;
pub use own_pages::PAGE_HEADERS;
pub use request::{Headers, Method, Request};
pub use routes::{LONGEST_BODY, ROUTES, Route};
pub use throttle::Limits;
use ticket::Tickets;

use attempts::Attempts;
use config::Config;
use guard::Guard;
use known_browsers::KnownBrowsers;
use open_streams::OpenStreams;
use pending::PendingLogins;
use registration::Registrations;
use shared_entry::SharedEntries;
use throttle::Throttles;

/// How often logouts that are owed are delivered, and sessions that expired are removed.
const DELIVERY: Duration = Duration::from_secs(10);

/// The login of one application. Cheap to clone, to be shared by all tasks.
pub struct LoginWeb<D> {
    inner: Arc<Inner<D>>,
}

impl<D> Clone for LoginWeb<D> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<D> std::fmt::Debug for LoginWeb<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginWeb").field("origin", &self.inner.config.origin).finish_non_exhaustive()
    }
}

struct Inner<D> {
    config: Arc<Config>,
    client: Client,
    directory: D,
    guard: Arc<Guard>,
    pending: PendingLogins,
    registrations: Registrations,
    entries: SharedEntries,
    attempts: Attempts,
    known_browsers: KnownBrowsers,
    tickets: Tickets,
    throttles: Throttles,
    streams: Arc<OpenStreams>,
    runtime: tokio::runtime::Handle,
}

impl<D: UserDirectory> LoginWeb<D> {
    /// Begins to set one up: for users whom `directory` knows, through `client`, which needs a token store.
    pub fn builder(client: Client, directory: D) -> LoginWebBuilder<D> {
        LoginWebBuilder::new(client, directory)
    }

    fn from_parts(
        config: Config,
        client: Client,
        directory: D,
        limits: Limits,
        runtime: tokio::runtime::Handle,
    ) -> Self {
        let config = Arc::new(config);
        let entries = SharedEntries::new(client.clone());
        let inner = Arc::new(Inner {
            guard: Guard::new(client.clone(), Arc::clone(&config), runtime.clone()),
            pending: PendingLogins::new(runtime.clone()),
            registrations: Registrations::new(runtime.clone()),
            attempts: Attempts::new(entries.clone()),
            tickets: Tickets::new(entries.clone(), KnownBrowsers::new(entries.clone())),
            known_browsers: KnownBrowsers::new(entries.clone()),
            entries,
            throttles: Throttles::new(limits),
            streams: OpenStreams::new(),
            runtime: runtime.clone(),
            config,
            client,
            directory,
        });
        let weak = Arc::downgrade(&inner);
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(DELIVERY).await;
                let Some(client) = weak.upgrade().map(|inner| inner.client.clone()) else { return };
                match client.deliver_logouts(100).await {
                    Ok(delivery) if delivery.unreadable > 0 => tracing::warn!(
                        logouts = delivery.unreadable,
                        "logouts that are owed cannot be read: the key that sealed their sessions is not in the key ring, or they are damaged"
                    ),
                    Ok(_) => {}
                    Err(error) => tracing::warn!(%error, "logouts that are owed could not be delivered"),
                }
            }
        });
        Self { inner }
    }

    /// Where the routes are to be mounted. A path prefix is not part of it.
    #[must_use]
    pub fn mount_path(&self) -> &str {
        &self.config().mount_path
    }

    /// The parts that pages are made with: links, texts, assets. For the application's own pages, which load the script that watches the
    /// session ([`pages::session_script`]).
    #[must_use]
    pub fn page_context(&self) -> &pages::PageContext {
        &self.config().site
    }

    /// The client that it asks the service with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// The application's users.
    #[must_use]
    pub fn directory(&self) -> &D {
        &self.inner.directory
    }

    /// Whether a request with these headers was sent by a page of the application: for forms of its own that change something, which
    /// then need no token.
    #[must_use]
    pub fn is_from_own_page(&self, headers: &Headers) -> bool {
        same_site::is_from(&self.config().origin, headers)
    }

    fn config(&self) -> &Config {
        &self.inner.config
    }

    fn guard(&self) -> &Guard {
        &self.inner.guard
    }

    fn pending(&self) -> &PendingLogins {
        &self.inner.pending
    }

    fn registrations(&self) -> &Registrations {
        &self.inner.registrations
    }

    fn entries(&self) -> &SharedEntries {
        &self.inner.entries
    }

    fn attempts(&self) -> &Attempts {
        &self.inner.attempts
    }

    fn known_browsers(&self) -> &KnownBrowsers {
        &self.inner.known_browsers
    }

    fn tickets(&self) -> &Tickets {
        &self.inner.tickets
    }

    fn throttles(&self) -> &Throttles {
        &self.inner.throttles
    }

    fn streams(&self) -> &Arc<OpenStreams> {
        &self.inner.streams
    }

    fn runtime(&self) -> &tokio::runtime::Handle {
        &self.inner.runtime
    }

    /// The address that a request comes from, past the trusted proxies.
    fn client_address(&self, request: &Request) -> Option<IpAddr> {
        self.config().addresses.client(request.peer, &request.headers)
    }
}

/// 128 random bits as text that needs no escape anywhere. `None` when the system gives none.
fn random_text() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
