//! The phone's page in a real browser, against the real service, with our own client as the application.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod app;
mod asking;
mod codes;
mod codes_offer;
mod displaced;
mod keyboard;
mod languages;
mod leaving;
mod phones;
mod pushes;
mod reading;
mod records;
mod scanning;
mod slow_phone;
mod tabs;
mod taps;
mod unlocking;
mod which_user;

use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::{Denial, LoginOptions, LoginOutcome, WatchEnd, WatchEvent, WatchOptions};
use iampass_core::wire::{AuthenticationMethod, SessionStatus};
use iampass_core::{RegistrationLink, UserToken};
use iampass_system_tests::Browser;
use iampass_testkit::{TestService, TestServiceBuilder, UnverifiedMethods};
use serde_json::json;

struct Stage {
    service: TestService,
    client: Client,
    browser: Browser,
}

impl Stage {
    async fn set() -> Option<Self> {
        Self::with(|service| service).await
    }

    async fn with(change: impl FnOnce(TestServiceBuilder) -> TestServiceBuilder) -> Option<Self> {
        Some(Self::with_browser(Browser::start().await.unwrap()?, change).await)
    }

    /// The camera of the browser sees this film.
    async fn before_camera(seen: &std::path::Path) -> Option<Self> {
        let browser = Browser::start_with_camera(seen).await.unwrap()?;
        Some(Self::with_browser(browser, |service| service).await)
    }

    async fn with_browser(
        browser: Browser,
        change: impl FnOnce(TestServiceBuilder) -> TestServiceBuilder,
    ) -> Self {
        let service = TestService::builder().application_name("Corner Shop");
        let service = change(service).start().await.unwrap();
        let client = service.client().unwrap();
        Self { service, client, browser }
    }

    async fn link(&self, user: &UserToken, name: &str) -> RegistrationLink {
        self.client.add_user(user).await.unwrap();
        self.client.registration_link(user, Some(name)).await.unwrap()
    }

    async fn register(&self, user: &UserToken, name: &str) {
        let link = self.link(user, name).await;
        self.browser.open(link.as_str()).await.unwrap();
        self.browser.click("#register-now").await.unwrap();
        self.browser.shows("#notice", "This phone is registered").await.unwrap();
        assert!(self.client.has_registered_device(user).await.unwrap());
    }

    /// Begins a login that goes on by itself.
    fn begin(&self, user: &UserToken, options: LoginOptions) -> tokio::task::JoinHandle<LoginOutcome> {
        let login = self.client.login(user, options).unwrap();
        tokio::spawn(async move { login.outcome().await.unwrap() })
    }

    async fn leave(self) {
        self.browser.close().await;
        self.service.shutdown().await.unwrap();
    }
}

fn user(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

#[tokio::test]
async fn a_login_from_the_link_to_the_remote_logout() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann-token"));
    stage.register(&ann, "Ann").await;
    assert!(browser.address().await.unwrap().ends_with("/phone"), "the code is gone from the address bar");
    browser.shows("#empty", "Nothing to accept").await.unwrap();

    // The request appears by itself.
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request", "Corner Shop").await.unwrap();
    browser.shows("#request-user", "Ann").await.unwrap();
    assert!(browser.title().await.unwrap().starts_with("(1) Sign-in request"));
    browser.click("#accept").await.unwrap();
    let LoginOutcome::Granted(granted) = login.await.unwrap() else { panic!("not granted") };
    browser.shows("#user-list", "Active").await.unwrap();

    let mut watch =
        stage.client.watch(&granted, WatchOptions::default().freshness(Duration::from_millis(500)));
    browser.click("[data-part=walk-away]").await.unwrap();
    assert!(matches!(watch.next().await.unwrap(), Some(WatchEvent::Away)));
    browser.shows("#away", "You are away").await.unwrap();
    assert!(browser.title().await.unwrap().starts_with("Away"));
    browser.click("#come-back-all").await.unwrap();
    assert!(matches!(watch.next().await.unwrap(), Some(WatchEvent::Present)));

    browser.click("[data-part=log-out]").await.unwrap();
    let ended = watch.next().await.unwrap();
    assert!(matches!(ended, Some(WatchEvent::Ended(WatchEnd::Closed(SessionStatus::Closed)))), "{ended:?}");
    browser.shows("#notice", "Logged out").await.unwrap();
    stage.leave().await;
}

#[tokio::test]
async fn denying_and_the_second_step_of_a_simulated_unlocking() {
    let simulated = |service: TestServiceBuilder| service.unverified_methods(UnverifiedMethods::Simulated);
    let Some(stage) = Stage::with(simulated).await else { return };
    let (browser, bob) = (&stage.browser, user("b/ob é"));
    stage.register(&bob, "Bob").await;

    let login = stage.begin(&bob, LoginOptions::default());
    browser.click("#deny").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(Denial::Declined)));
    browser.shows("#notice", "Denied").await.unwrap();

    let options =
        LoginOptions::default().methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Device]);
    let login = stage.begin(&bob, options);
    browser.shows("#request-title", "Is this you").await.unwrap();
    browser.shows("#request-note", "You will also be asked to unlock this phone (simulated).").await.unwrap();
    browser.click("#accept").await.unwrap();
    // A user does not take this for a real check.
    browser.shows("#request-title", "Unlock this phone (simulated)").await.unwrap();
    browser.shows("#request-note", "It proves nothing").await.unwrap();
    browser.shows("#accept", "Simulate").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    stage.leave().await;
}

#[tokio::test]
async fn one_browser_holds_several_users_and_a_link_works_once() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "Ann").await;
    stage.register(&user("bob"), "Bob").await;
    browser.shows("#user-list", "Ann").await.unwrap();
    browser.shows("#user-list", "Bob").await.unwrap();

    let login = stage.begin(&user("ann"), LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));

    // A link that was used registers nobody.
    let link = stage.link(&user("eve"), "Eve").await;
    browser.open(link.as_str()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#notice", "registered").await.unwrap();
    browser.open(link.as_str()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#register", "This link cannot be used").await.unwrap();
    stage.leave().await;
}

/// The page signs as the published client does, in every odd case.
#[tokio::test]
async fn the_page_signs_all_vectors() {
    const SIGN: &str = "
        const [vectors, done] = arguments;
        const main = document.querySelector('script[src$=\"main.js\"]').src;
        const sign = ({ signedHeaders }) => Promise.all(vectors.map(async (vector) => {
            const signer = { id: vector.client_id, secret: vector.secret };
            const headers = await signedHeaders(signer, vector.url, vector.timestamp, vector.nonce);
            return headers.Authentication;
        }));
        import(new URL('signing.js', main)).then(sign).then(done, (error) => done(String(error)));
    ";
    let Some(stage) = Stage::set().await else { return };
    let vectors = include_str!("../../../crates/iampass-core/tests/vectors/signing_vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    stage.browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    let signed = stage.browser.run(SIGN, vec![vectors.clone()]).await.unwrap();
    let expected: Vec<_> =
        vectors.as_array().unwrap().iter().map(|vector| vector["authorization"].clone()).collect();
    assert!(expected.len() > 200);
    assert_eq!(signed, json!(expected));
    stage.leave().await;
}
