//! The Console in a real browser, from nothing to a login by the credentials that it shows, with virtual phones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_core::{RegistrationLink, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::{Browser, DevServer, Scripts};
use iampass_testkit::VirtualPhone;

const SOON: Duration = Duration::from_secs(20);

struct Visitor {
    browser: Browser,
    server: String,
    scripts: Scripts,
}

impl Visitor {
    async fn new(name: &str, scripts: Scripts, server: &str) -> Option<Self> {
        let browser = Browser::start_as(name, scripts).await.unwrap()?;
        Some(Self { browser, server: server.to_owned(), scripts })
    }

    async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.server)).await.unwrap();
    }

    async fn comes_to(&self, path: &str) {
        self.browser.comes_to(&format!("{}{path}", self.server)).await.unwrap();
    }

    async fn click(&self, selector: &str) {
        self.browser.click(selector).await.unwrap();
    }

    async fn shows(&self, selector: &str, text: &str) {
        self.browser.shows(selector, text).await.unwrap();
    }

    async fn fill(&self, selector: &str, text: &str) {
        self.browser.fill(selector, text).await.unwrap();
    }

    async fn value(&self, selector: &str) -> String {
        self.browser.attribute(selector, "value").await.unwrap().unwrap()
    }

    /// A picture, and no page so far may have done what its policy forbids, or have failed in its script, or be wider than the window.
    async fn step(&self, name: &str) {
        self.browser.picture(name).await.unwrap();
        let complaints = self.browser.complaints().await.unwrap();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
        if self.scripts == Scripts::On {
            let is_whole = "return document.documentElement.scrollWidth <= innerWidth;";
            self.browser.finds("nothing is cut off", is_whole).await.unwrap();
        }
    }

    /// Registers the phone that the page asks for, and signs in with it.
    async fn enrol_and_sign_in(&self, name: &str) -> VirtualPhone {
        self.comes_to("/console/auth/enrol").await;
        self.shows("h1", "Register your phone").await;
        let link = RegistrationLink::parse(&self.value("#link").await).unwrap();
        let phone = VirtualPhone::register(&link).await.unwrap();
        assert_eq!(phone.display_name(), Some(name));
        self.shows("h1", "Phone registered").await;
        self.step("phone registered").await;
        self.click("a.primary").await;
        self.shows("h1", "Sign in to IAMPASS Console").await;
        self.fill("#login_name", name).await;
        self.click("form.fields button[type=submit]").await;
        self.shows("h1", "Check your phone").await;
        phone.accept_next(SOON).await.unwrap();
        self.shows(".brand", "IAMPASS Console").await;
        phone
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_nothing_to_a_login_in_an_application() {
    let service = DevServer::start(60).unwrap();
    let server = service.says("server").unwrap();
    let Some(anna) = Visitor::new("anna", Scripts::On, server).await else { return };
    let Some(carl) = Visitor::new("carl", Scripts::On, server).await else { return };

    anna.open("/console").await;
    anna.step("welcome").await;
    anna.click("a[href$='/register']").await;
    anna.fill("#name", "x").await;
    anna.click("form button.primary").await;
    anna.shows("[role=alert]", "Use at least 3 characters").await;
    anna.step("a name that is too short").await;
    anna.fill("#name", "Anna").await;
    anna.click("form button.primary").await;
    let phone = anna.enrol_and_sign_in("anna").await;
    anna.shows("h1", "Three steps to the first login").await;
    anna.step("no application yet").await;

    anna.click("a.primary").await;
    anna.fill("#name", "Corner shop").await;
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop is added").await;
    anna.step("credentials").await;
    let (id, secret) = (anna.value("#credential_id").await, anna.value("#credential_secret").await);
    // Not closed without a word that the secret is kept.
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop is added").await;
    anna.click("form input[type=checkbox]").await;
    anna.click("form button.primary").await;
    anna.shows("h1", "Corner shop").await;
    anna.shows("#application_id", &id).await;
    anna.step("overview").await;
    anna.browser.go_back().await.unwrap();
    anna.open(&format!("/console/applications/{id}")).await;
    anna.browser
        .finds(
            "the secret is not on the page",
            &format!("return !document.documentElement.innerHTML.includes('{secret}');"),
        )
        .await
        .unwrap();

    a_login_by(server, &id, &secret).await;
    anna.open(&format!("/console/applications/{id}")).await;
    anna.browser
        .finds(
            "the user is counted",
            "return document.querySelector('dl.facts').innerText.includes('Users\\n1');",
        )
        .await
        .unwrap();

    anna.click("button.fold").await;
    anna.step("navigation").await;
    anna.click("#navigation a[href$='/members']").await;
    anna.browser
        .finds("nobody but Anna", "return document.querySelectorAll('tbody tr').length === 1;")
        .await
        .unwrap();
    anna.step("members").await;
    anna.click("form[action$='/invite'] button").await;
    anna.shows("h1", "The invitation is ready").await;
    let invitation = anna.value("#invitation_link").await;
    anna.step("invitation").await;

    carl.browser.open(&invitation).await.unwrap();
    carl.shows("h1", "Join Corner shop").await;
    carl.step("invited").await;
    carl.fill("#name", "carl").await;
    carl.click("form button[type=submit]").await;
    carl.enrol_and_sign_in("carl").await;
    carl.shows("h1", "Corner shop").await;
    carl.shows("dl.facts", "Read-only").await;
    carl.open(&format!("/console/applications/{id}/members")).await;
    carl.shows("table", "anna").await;
    assert!(
        !carl.browser.has("form[action$='/add']").await.unwrap(),
        "who only reads is offered nothing to change"
    );
    let refused = "
        const done = arguments[arguments.length - 1];
        const body = new URLSearchParams({ name: 'carl', role: 'owner' });
        fetch(location.pathname + '/add', { method: 'POST', body }).then((answer) => done(answer.status));";
    assert_eq!(carl.browser.run(refused, Vec::new()).await.unwrap(), 403);
    let complaints = carl.browser.complaints().await.unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");

    phone.walk_away().await.unwrap();
    anna.open("/console/account").await;
    anna.browser
        .finds("Anna is away", "return document.title.startsWith('You seem to be away');")
        .await
        .unwrap();
    phone.come_back().await.unwrap();
    anna.shows("h1", "Your account").await;
    anna.click("button.fold").await;
    anna.click("form.who button").await;
    anna.shows("h1", "IAMPASS Console").await;
    anna.open("/console/account").await;
    anna.shows("h1", "Sign in to IAMPASS Console").await;
    anna.browser.close().await;
    carl.browser.close().await;
}

/// Logs a user in to the application of these credentials.
async fn a_login_by(server: &str, id: &str, secret: &str) {
    let client =
        Client::builder().server(server).application(id, secret).transport(ReqwestTransport::new().unwrap());
    let client = client.build().unwrap();
    let user = UserToken::new("the-first-user").unwrap();
    client.add_user(&user).await.unwrap();
    let phone = VirtualPhone::register(&client.registration_link(&user, None).await.unwrap()).await.unwrap();
    let login = client.login(&user, LoginOptions::default()).unwrap();
    let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(SOON));
    accepted.unwrap();
    assert!(matches!(outcome.unwrap(), LoginOutcome::Granted(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_an_account_adds_an_application_all_the_same() {
    let service = DevServer::start(60).unwrap();
    let Some(visitor) = Visitor::new("no scripts", Scripts::Off, service.says("server").unwrap()).await
    else {
        return;
    };
    visitor.open("/console/register").await;
    visitor.fill("#name", "dora").await;
    visitor.click("form button.primary").await;
    visitor.enrol_and_sign_in("dora").await;
    visitor.open("/console/applications/new").await;
    visitor.fill("#name", "Corner shop").await;
    visitor.click("form button.primary").await;
    visitor.shows("h1", "Corner shop is added").await;
    assert_eq!(visitor.value("#credential_secret").await.len(), 32);
    visitor.click("form input[type=checkbox]").await;
    visitor.click("form button.primary").await;
    visitor.shows("h1", "Corner shop").await;
    visitor.click("button.fold").await;
    visitor.click("#navigation a[href$='/members']").await;
    visitor.shows("h1", "Members").await;
    visitor.browser.close().await;
}
