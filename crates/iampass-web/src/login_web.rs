//! [`LoginWeb`]: the login of one application, and the parts that its flows use.
//!
//! Belongs here: the parts, and the task that they need. Does not belong here: the flows, each of which is a file of its own with methods of
//! `LoginWeb`.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;

use crate::attempts::Attempts;
use crate::config::Config;
use crate::directory::UserDirectory;
use crate::guard::Guard;
use crate::known_browsers::KnownBrowsers;
use crate::makes_codes::MakesCodes;
use crate::open_streams::OpenStreams;
use crate::pending::PendingLogins;
use crate::registered_phone::RegisteredPhones;
use crate::registration::Registrations;
use crate::request::{Headers, Request};
use crate::shared_entry::SharedEntries;
use crate::throttle::{Limits, Throttles};
use crate::ticket::Tickets;
use crate::{pages, same_site};

/// How often logouts that are owed are delivered, and sessions that expired are removed.
const DELIVERY: Duration = Duration::from_secs(10);

/// The login of one application. Cheap to clone, to be shared by all tasks.
///
/// # Routes
/// It serves [`ROUTES`](crate::ROUTES), below [`LoginWeb::mount_path`]; `docs/access.md` says who may use each, with which proof.
///
/// | routes | are for |
/// |---|---|
/// | `GET /login`, `POST /login` | the page with the name, and its form: an attempt begins, and the phone is asked |
/// | `POST /login/code` | a login without a name: a QR code that changes each second, and the phone that brings it says whose login it is |
/// | `GET /login/wait`, `GET /login/events`, `GET /login/state`, `GET /login/arrived`, `GET /login/returned`, `POST /login/cancel` | the page that waits, what tells it to go on, and taking the attempt back |
/// | `GET /language` | keeping the language of the pages that the user chooses |
/// | `POST /logout` | ending the session of this browser |
/// | `GET /enrol`, `GET /enrol/events`, `GET /enrol/state` | registering a phone, by a ticket of [`LoginWeb::begin_enrolment`] |
/// | `GET /sessions`, `POST /sessions/end`, `POST /sessions/end-all` | where the user is signed in, and the rest of the user's own page; JSON for a program |
/// | `POST /browsers/forget`, `POST /browsers/forget-all` | browsers that are to be known no more |
/// | `GET /lost-phone`, `POST /lost-phone`, `POST /lost-phone/stop`, `POST /lost-phone/code`, `POST /lost-phone/add` | another phone for a lost one, in the ways that [`LoginWebBuilder::lost_phone`](crate::LoginWebBuilder::lost_phone) switches on |
/// | `GET /session/events`, `GET /session/state` | what tells open pages that the user has left, is back, or is logged out |
/// | `GET /assets/` | stylesheet and scripts, under names that change with their content |
///
/// # Cookies
/// All are `HttpOnly`, `SameSite=Lax` and, but on a loopback address, `Secure`. All but the last two are sealed by [`CookieKeys`](crate::CookieKeys). Their names begin with `__Host-`
/// and the prefix `iampass`, which [`LoginWebBuilder::cookie_prefix`](crate::LoginWebBuilder::cookie_prefix) changes; below a path prefix they begin with `__Secure-`.
///
/// | cookie | is set | lasts |
/// |---|---|---|
/// | `…-session` | when a login is taken up, new each time | as long as the session; where [`KeepSignedIn`](crate::KeepSignedIn) leaves it to the user, until the browser is closed |
/// | `…-login` | when an attempt begins | until its answer has been shown, some minutes at most |
/// | `…-qr` | the same of a login without a name | the same |
/// | `…-browser` | when a login is taken up: the browser is known from then on | 180 days |
/// | `…-enrol` | by [`LoginWeb::begin_enrolment`] | 15 minutes |
/// | `…-replacement` | when a lost phone is to be replaced | as long as the policy says |
/// | `…-language` | when a language is chosen; it holds the tag, like `de` | a year |
/// | `…-moved` | when a browser is led to the application's own host; it says nothing of anybody | 10 seconds |
///
/// # Log
/// It logs by `tracing`. Lines with the target `iampass::audit` are for the record: a replacement of a phone was asked for, was stopped, was done. Keep them, also
/// where other warnings are dropped. Each names the user's random token, as the service knows it, and no name. An application's subscriber sets their level with
/// `iampass::audit=warn`.
///
/// # Tasks
/// [`LoginWebBuilder::build`](crate::LoginWebBuilder::build) spawns one task on the runtime that it is called in. Every ten seconds it delivers logouts that are owed and removes what has
/// expired ([`Client::deliver_logouts`]), and it ends with the last clone. Each request of [`LoginWeb::handle`], each question to a phone, each logout and each
/// session that is watched has a task of its own while it lasts, and so has [`LoginWeb::check_at_start`]. [`LoginWeb::shutdown`] ends what waits.
pub struct LoginWeb<U> {
    pub(crate) inner: Arc<Inner<U>>,
}

impl<U> Clone for LoginWeb<U> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<U> std::fmt::Debug for LoginWeb<U> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginWeb").field("origin", &self.inner.config.origin).finish_non_exhaustive()
    }
}

pub(crate) struct Inner<U> {
    pub(crate) config: Arc<Config>,
    pub(crate) client: Client,
    pub(crate) directory: Arc<dyn UserDirectory<User = U>>,
    pub(crate) guard: Arc<Guard>,
    pub(crate) pending: PendingLogins,
    pub(crate) registrations: Registrations,
    pub(crate) entries: SharedEntries,
    pub(crate) attempts: Attempts,
    pub(crate) known_browsers: KnownBrowsers,
    pub(crate) tickets: Tickets,
    pub(crate) makes_codes: MakesCodes,
    pub(crate) registered_phones: RegisteredPhones,
    pub(crate) throttles: Throttles,
    pub(crate) streams: Arc<OpenStreams>,
    pub(crate) runtime: tokio::runtime::Handle,
}

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    pub(crate) fn from_parts(
        config: Config,
        client: Client,
        directory: Arc<dyn UserDirectory<User = U>>,
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
            makes_codes: MakesCodes::default(),
            registered_phones: RegisteredPhones::default(),
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
    /// session ([`pages::session_script`]). In the first language; [`LoginWeb::page_context_for`] has that of a request.
    #[must_use]
    pub fn page_context(&self) -> &pages::PageContext {
        &self.config().site
    }

    /// The client that it asks the service with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Finds out whether users can sign in ([`Client::check`]), and logs what keeps them from it and what to do: a wrong secret or clock, or a service that
    /// does not answer. To be called when the application starts. It returns at once, and the application goes on in any case: the service may be there a
    /// moment later.
    pub fn check_at_start(&self) {
        let client = self.client().clone();
        self.runtime().spawn(async move {
            let check = client.check().await;
            if check.is_ok() {
                tracing::info!("users can sign in: {check}");
            } else {
                tracing::error!("nobody can sign in: {check}");
            }
        });
    }

    /// The application's users.
    #[must_use]
    pub fn directory(&self) -> &dyn UserDirectory<User = U> {
        &*self.inner.directory
    }

    /// Whether a request with these headers was sent by a page of the application: for forms of its own that change something, which
    /// then need no token.
    #[must_use]
    pub fn is_from_own_page(&self, headers: &Headers) -> bool {
        same_site::is_from(&self.config().origin, headers)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.inner.guard
    }

    pub(crate) fn pending(&self) -> &PendingLogins {
        &self.inner.pending
    }

    pub(crate) fn registrations(&self) -> &Registrations {
        &self.inner.registrations
    }

    pub(crate) fn entries(&self) -> &SharedEntries {
        &self.inner.entries
    }

    pub(crate) fn attempts(&self) -> &Attempts {
        &self.inner.attempts
    }

    pub(crate) fn known_browsers(&self) -> &KnownBrowsers {
        &self.inner.known_browsers
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.inner.tickets
    }

    pub(crate) fn throttles(&self) -> &Throttles {
        &self.inner.throttles
    }

    pub(crate) fn streams(&self) -> &Arc<OpenStreams> {
        &self.inner.streams
    }

    pub(crate) fn runtime(&self) -> &tokio::runtime::Handle {
        &self.inner.runtime
    }

    /// The address that a request comes from, past the trusted proxies.
    pub(crate) fn client_address(&self, request: &Request) -> Option<IpAddr> {
        self.config().addresses.client(request.peer, &request.headers)
    }
}
