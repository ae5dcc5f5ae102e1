//! The service, and the application that uses it. Belongs here: what all tests need. Does not belong here: tests.

use std::net::TcpListener;
use std::time::Duration;

use actix_notes::config::Keys;
use actix_notes::{Notebook, Settings, serve};
use actix_web::dev::ServerHandle;
use iampass::RegistrationLink;
use iampass_testkit::{ManualClock, TestService, VirtualPhone, code_on_page};
use tempfile::TempDir;

use crate::browser::Browser;

/// For things that happen at once, or when the service's answer is 10 s old, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(40);

pub(crate) struct World {
    pub(crate) service: TestService,
    settings: Settings,
    server: ServerHandle,
    /// Where the database of SQLite is, if it is that; removed at the end.
    _folder: TempDir,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_by(None).await
    }

    /// With a clock that is moved by hand, if one is given.
    pub(crate) async fn start_by(clock: Option<&ManualClock>) -> Self {
        Self::start_over(None, clock).await
    }

    /// Over the database at this URL, or else a file of SQLite.
    pub(crate) async fn start_over(database_url: Option<&str>, clock: Option<&ManualClock>) -> Self {
        let service = match clock {
            Some(clock) => TestService::builder().clock(clock).start().await,
            None => TestService::start().await,
        };
        let service = service.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = Settings {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            database_url: match database_url {
                Some(url) => url.to_owned(),
                None => format!("sqlite://{}", folder.path().join("notes.db").display()),
            },
            keys: Keys::generate().unwrap(),
            trusted_proxies: 0,
        };
        let server = run(&service, &settings, listener).await;
        Self { service, settings, server, _folder: folder }
    }

    /// Ends the application and starts it again, with the same database and keys.
    pub(crate) async fn restart(&mut self) {
        self.server.stop(false).await;
        let address = self.settings.origin.trim_start_matches("http://");
        self.server = run(&self.service, &self.settings, TcpListener::bind(address).unwrap()).await;
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.settings.origin)
    }

    /// Signs up, and gives the link that registers a phone.
    pub(crate) async fn begin_sign_up(&self, browser: &mut Browser, name: &str) -> RegistrationLink {
        let page = browser.post("/sign-up", &[("name", name)]).await;
        assert_eq!(
            (page.status.as_u16(), page.location.as_deref()),
            (303, Some("/auth/enrol")),
            "{}",
            page.text
        );
        let page = browser.reload_until("/auth/enrol", |page| page.text.contains("/r/")).await;
        let mut parts = page.text.split(|c: char| c.is_whitespace() || "\"'<>".contains(c));
        RegistrationLink::parse(parts.find(|part| part.contains("/r/")).unwrap()).unwrap()
    }

    /// Signs up and registers a phone.
    pub(crate) async fn sign_up(&self, browser: &mut Browser, name: &str) -> VirtualPhone {
        let link = self.begin_sign_up(browser, name).await;
        let phone = self.service.register_phone(&link).await.unwrap();
        browser.reload_until("/auth/enrol/state", |page| page.text.contains("true")).await;
        phone
    }

    pub(crate) async fn log_in(&self, browser: &mut Browser, name: &str, phone: &VirtualPhone) {
        let page = browser.post("/auth/login", &[("login_name", name), ("return_to", "/")]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let wait = page.location.unwrap();
        let page = browser.reload_until(&wait, |page| code_on_page(&page.text).is_some()).await;
        phone.accept_code(&code_on_page(&page.text).unwrap()).await.unwrap();
        let page = browser.reload_until(&format!("{wait}&shown=nothing"), |page| page.status == 303).await;
        assert_eq!(page.location.as_deref(), Some("/"));
    }

    /// Signs up, registers a phone and signs in with it.
    pub(crate) async fn signed_in(&self, browser: &mut Browser, name: &str) -> VirtualPhone {
        let phone = self.sign_up(browser, name).await;
        self.log_in(browser, name, &phone).await;
        phone
    }
}

async fn run(service: &TestService, settings: &Settings, listener: TcpListener) -> ServerHandle {
    let notebook = Notebook::open(service.client_builder(), settings.clone()).await.unwrap();
    let server = serve(&notebook, listener).unwrap();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}
