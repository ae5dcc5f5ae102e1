//! The setting of every check: the service, the application on a socket, and users with phones.

use std::net::SocketAddr;

use iampass::RegistrationLink;
use iampass_testkit::{TestService, VirtualPhone, code_on_page};
use microblog::config::Keys;
use microblog::{Settings, application};
use sea_orm::DatabaseConnection;

use crate::browser::Browser;

pub(crate) struct Setting {
    pub(crate) service: TestService,
    /// The application's own database, seen from outside.
    pub(crate) database: DatabaseConnection,
    origin: String,
    serving: tokio::task::JoinHandle<()>,
    /// Removed when this is dropped.
    folder: Option<tempfile::TempDir>,
}

impl Drop for Setting {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Setting {
    /// Over a new file of SQLite.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("blog.db").display());
        let mut setting = Self::over(&url).await;
        setting.folder = Some(folder);
        setting
    }

    /// Over this database.
    pub(crate) async fn over(database_url: &str) -> Self {
        let service = TestService::start().await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            origin: origin.clone(),
            database_url: database_url.to_owned(),
            keys: Keys::generate().unwrap(),
            trusted_proxies: 0,
        };
        let (application, _) = application(service.client_builder(), settings).await.unwrap();
        let application = application.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, application).await.unwrap() });
        let database = microblog::database::connect(database_url).await.unwrap();
        Self { service, database, origin, serving, folder: None }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    /// Signs up in this browser, and gives the link for the phone.
    pub(crate) async fn sign_up(
        &self,
        browser: &mut Browser,
        name: &str,
        display_name: &str,
    ) -> RegistrationLink {
        let fields = [("name", name), ("display_name", display_name)];
        browser.post("/sign-up", &fields).await.leads_to("/auth/enrol");
        let page = browser.get("/auth/enrol").await;
        RegistrationLink::parse(&page.link("/r/")).unwrap()
    }

    /// Signs up and registers a phone.
    pub(crate) async fn enrol(&self, browser: &mut Browser, name: &str, display_name: &str) -> VirtualPhone {
        let link = self.sign_up(browser, name, display_name).await;
        let phone = self.service.register_phone(&link).await.unwrap();
        browser.reload_until("/auth/enrol/state", |page| page.text.contains("true")).await;
        phone
    }

    /// Signs in, and leads to this address.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, phone: &VirtualPhone, name: &str, next: &str) {
        let fields = [("login_name", name), ("return_to", next), ("keep", "yes")];
        let page = browser.post("/auth/login", &fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let wait = page.location.unwrap();
        let page = browser.reload_until(&wait, |page| code_on_page(&page.text).is_some()).await;
        phone.accept_code(&code_on_page(&page.text).unwrap()).await.unwrap();
        browser
            .reload_until(&format!("{wait}&shown=nothing"), |page| page.status == 303)
            .await
            .leads_to(next);
    }

    /// Somebody who has just arrived.
    pub(crate) async fn user(&self, name: &str, display_name: &str) -> (Browser, VirtualPhone) {
        let mut browser = self.browser();
        let phone = self.enrol(&mut browser, name, display_name).await;
        self.sign_in(&mut browser, &phone, name, "/welcome").await;
        browser.get("/welcome").await.shows("Welcome");
        (browser, phone)
    }
}
