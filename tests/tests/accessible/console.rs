//! The pages of the Console, as an administrator with an application gets to them.

use iampass_server::{ConsoleLink, ConsoleSettings, Registration, Service, ServiceConfig};
use iampass_system_tests::Scripts;
use tokio::net::TcpListener;

use crate::phone::LONGER;
use crate::snapshot::Snapshot;
use crate::visitor::Visitor;

struct Walk {
    visitor: Visitor,
    /// The language of the pages.
    of: &'static str,
    taken: Vec<Snapshot>,
}

/// All of them. None when there is no browser.
pub(crate) async fn pages() -> Option<Vec<Snapshot>> {
    let mut config = ServiceConfig::temporary();
    config.console = Some(ConsoleSettings::new(Registration::Open));
    let service = Service::open(config).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let link = service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
    tokio::spawn(service.serve(listener, std::future::pending()));
    let visitor = Visitor::new("accessible console", Scripts::On, &server).await?;
    let mut walk = Walk { visitor, of: "English", taken: Vec::new() };
    walk.comes_in(&link).await;
    walk.administers().await;
    let (id, _) = walk.adds_an_application().await;
    let application = format!("/console/applications/{id}");
    walk.manages(&application).await;
    walk.speaks("Arabic", "ar", &application).await;
    walk.visitor.browser.run_before_pages(LONGER).await.unwrap();
    walk.speaks("longer English", "en", &application).await;
    walk.visitor.browser.close().await;
    Some(walk.taken)
}

impl Walk {
    async fn takes(&mut self, name: &str) {
        self.taken
            .push(Snapshot::of(&self.visitor.browser, &format!("Console in {}: {name}", self.of)).await);
    }

    /// The path of the page that is shown.
    async fn place(&self) -> String {
        let address = self.visitor.browser.address().await.unwrap();
        address[address.find("/console").unwrap()..].to_owned()
    }

    /// Opens a page and takes it.
    async fn looks_at(&mut self, path: &str) {
        self.visitor.open(path).await;
        self.visitor.shows("h1", "").await;
        self.takes(path.rsplit_once("applications/").map_or(path, |(_, rest)| rest)).await;
    }

    /// The pages that are there in all languages.
    async fn speaks(&mut self, of: &'static str, tag: &str, application: &str) {
        self.visitor.open("/console").await;
        self.visitor.click(&format!("nav.languages a[lang={tag}]")).await;
        self.visitor.shows(&format!("html[lang={tag}] h1"), "").await;
        self.of = of;
        for path in ["/console", "/console/applications/new", "/console/nothing"] {
            self.looks_at(path).await;
        }
        for page in ["", "/users", "/users?q=x", "/sessions", "/history", "/history?user=x", "/settings"] {
            self.looks_at(&format!("{application}{page}")).await;
        }
        self.visitor.open(&format!("{application}/users")).await;
        self.visitor.click("tbody a").await;
        self.visitor.shows("h1.token", "").await;
        self.takes("a user").await;
    }

    async fn comes_in(&mut self, link: &str) {
        for path in
            ["/console", "/console/register", "/console/account", "/console/nothing", "/console/link/none"]
        {
            self.looks_at(path).await;
        }
        self.visitor.open("/console/register").await;
        self.visitor.fill("#name", "x").await;
        self.visitor.click("form button.primary").await;
        self.visitor.shows("[role=alert]", "Use at least 3 characters").await;
        self.takes("a name that is too short").await;
        self.looks_at(link).await;
        self.visitor.fill("#name", "ada").await;
        self.visitor.click("form button.primary").await;
        self.visitor.enrol_and_sign_in("ada").await;
        self.takes("signed in").await;
    }

    async fn administers(&mut self) {
        for path in ["/console/account", "/console/account/phone", "/console/accounts", "/console/service"] {
            self.looks_at(path).await;
        }
        self.visitor.click("button.fold").await;
        self.takes("the menu").await;
        self.visitor.open("/console/accounts").await;
        self.visitor.click("tbody a").await;
        self.visitor.shows("h1", "ada").await;
        self.takes("an account").await;
        let one = self.place().await;
        for page in ["link", "disable", "enable", "demote", "log-out", "delete"] {
            self.looks_at(&format!("{one}/{page}")).await;
        }
        self.visitor.open(&format!("{one}/link")).await;
        self.visitor.click("form button[type=submit]:not(.small)").await;
        self.takes("a link of an account").await;
    }

    async fn adds_an_application(&mut self) -> (String, String) {
        self.looks_at("/console/applications/new").await;
        self.visitor.click("main form button.primary").await;
        self.visitor.shows("[role=alert]", "").await;
        self.takes("an application without a name").await;
        self.visitor.fill("#name", "Corner shop").await;
        self.visitor.click("main form button.primary").await;
        self.visitor.shows("h1", "Corner shop is added").await;
        self.takes("credentials").await;
        let credentials = self.visitor.credentials().await;
        self.visitor.click("form input[type=checkbox]").await;
        self.visitor.click("main form button.primary").await;
        credentials
    }

    async fn manages(&mut self, pages: &str) {
        for page in ["", "/users", "/sessions", "/history", "/messages", "/log", "/members", "/snippets"] {
            self.looks_at(&format!("{pages}{page}")).await;
        }
        self.manages_users(pages).await;
        for page in ["", "/rename", "/login", "/rotate", "/end-overlap", "/disable", "/enable", "/delete"] {
            self.looks_at(&format!("{pages}/settings{page}")).await;
        }
        self.visitor.open(&format!("{pages}/settings/delete")).await;
        self.visitor.fill("#typed", "Corner").await;
        self.visitor.click("form button.danger").await;
        self.visitor.shows("[role=alert]", "Nothing was changed").await;
        self.takes("not deleted").await;
        for page in ["/messages/allow", "/messages/forbid", "/members/add", "/members/invite", "/leave"] {
            self.looks_at(&format!("{pages}{page}")).await;
        }
        self.visitor.open(&format!("{pages}/members/invite")).await;
        self.visitor.click("form[action$='/invite'] button").await;
        self.visitor.shows("h1", "The invitation is ready").await;
        self.takes("invitation").await;
        self.looks_at(&format!("{pages}/members")).await;
        self.looks_at(&format!("{pages}/log")).await;
    }

    async fn manages_users(&mut self, pages: &str) {
        self.visitor.open(&format!("{pages}/users")).await;
        self.visitor.fill("#users", "user-1\nuser-2").await;
        self.visitor.click("form[action$='/users/add'] button").await;
        self.visitor.shows("[role=status]", "2").await;
        self.takes("users are added").await;
        self.visitor.click("tbody a").await;
        self.visitor.shows("h1", "user-1").await;
        let one = self.place().await;
        for page in ["", "/link", "/lost", "/remove-phone", "/log-out", "/delete"] {
            self.looks_at(&format!("{one}{page}")).await;
        }
        self.visitor.open(&format!("{one}/link")).await;
        self.visitor.click("form[action$='/link'] button").await;
        self.visitor.shows("h1", "Registration link").await;
        self.takes("registration link").await;
    }
}
