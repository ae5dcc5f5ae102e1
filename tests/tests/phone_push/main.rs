//! The phone's page as an app that is pushed to, in Chromium and Firefox: real subscriptions, real messages, real notifications and real taps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_server::push::{Contact, PushConfig, Pushes, Reach};
use iampass_system_tests::{Browser, Desktop, Engine, PushService};
use iampass_testkit::TestService;

const WAITS: &str = "A sign-in waits for your answer";
const IS_WOKEN: &str = "This phone is woken when a request waits";

/// The endpoint that Chromium names is one of Google's, whatever service it speaks with.
const TO_THIS_MACHINE: &str = "
    const given = PushSubscription.prototype.toJSON;
    PushSubscription.prototype.toJSON = function () {
        const json = given.call(this);
        return { ...json, endpoint: json.endpoint.replace(/^https:\\/\\/[^/]+/, 'HERE') };
    };
";

struct Stage {
    desktop: Desktop,
    push: PushService,
    service: TestService,
    client: Client,
    browser: Browser,
}

impl Stage {
    async fn set(engine: Engine) -> Option<Self> {
        let desktop = Desktop::start().unwrap()?;
        let push = PushService::start().await.unwrap();
        let browser = Browser::start_on(engine, "phone_push", &desktop, &push).await.unwrap()?;
        subscribes_here(&browser, &push).await;
        let mut config = PushConfig::new(Contact::new("mailto:ops@example.org").unwrap());
        config.reach = Reach::Everywhere;
        let service = TestService::builder()
            .application_name("Corner Shop")
            .at_localhost()
            .pushes(Pushes::With(config))
            .start()
            .await
            .unwrap();
        let client = service.client().unwrap();
        Some(Self { desktop, push, service, client, browser })
    }

    /// Registers the browser as the phone of this user, and lets it be woken.
    async fn register(&self, name: &str) {
        let user = UserToken::new(name).unwrap();
        self.client.add_user(&user).await.unwrap();
        let link = self.client.registration_link(&user, Some(name)).await.unwrap();
        self.browser.open(link.as_str()).await.unwrap();
        self.browser.click("#register-now").await.unwrap();
        self.browser.shows("#notice", "This phone is registered").await.unwrap();
        self.browser.click("#set-notifications").await.unwrap();
        self.browser.shows("#set-notifications-text", IS_WOKEN).await.unwrap();
        self.has_browser().await;
    }

    async fn has_browser(&self) {
        for _ in 0..600 {
            if self.push.has_browser() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the browser does not listen to the push service");
    }

    fn begin(&self, name: &str) -> tokio::task::JoinHandle<LoginOutcome> {
        let login = self.client.login(&UserToken::new(name).unwrap(), LoginOptions::default()).unwrap();
        tokio::spawn(async move { login.outcome().await.unwrap() })
    }

    fn phone(&self) -> String {
        format!("{}/phone", self.service.server_url())
    }

    /// Signs in while the page is closed: from the notification to the session.
    async fn signs_in(&mut self, name: &str) {
        self.signs_in_by(name, WAITS).await;
    }

    /// The same by a notification with this title.
    async fn signs_in_by(&mut self, name: &str, waits: &str) {
        self.browser.open("about:blank").await.unwrap();
        let login = self.begin(name);
        let shown = self.desktop.notification(waits).await.unwrap();
        for named in [name, "Corner Shop"] {
            assert!(!format!("{} {}", shown.title, shown.body).contains(named), "{shown:?}");
        }
        self.desktop.tap(&shown).unwrap();
        self.browser.show_the_one_at("/phone").await.unwrap();
        self.browser.shows("#request-user", name).await.unwrap();
        self.browser.click("#accept").await.unwrap();
        assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
        let posted = self.push.posted().pop().unwrap();
        assert_eq!(posted.status, 201);
        let said = format!("{}{}", posted.head, String::from_utf8_lossy(&posted.body));
        for named in [name, "Corner", self.service.application_id().as_str()] {
            assert!(!said.contains(named), "{named} is in {said}");
        }
    }

    async fn leave(self) {
        self.browser.close().await;
        self.service.shutdown().await.unwrap();
    }
}

/// Each window of Chromium has to be told by itself.
async fn subscribes_here(browser: &Browser, push: &PushService) {
    if browser.engine() == Engine::Chromium {
        browser.run_before_pages(&TO_THIS_MACHINE.replace("HERE", &push.url())).await.unwrap();
    }
}

async fn the_whole_way(engine: Engine) {
    let Some(mut stage) = Stage::set(engine).await else { return };
    stage.register("anna-b").await;
    stage.signs_in("anna-b").await;

    // In the language that the person has chosen on the page. The subscription stays.
    subscribes_here(&stage.browser, &stage.push).await;
    stage.browser.open(&stage.phone()).await.unwrap();
    stage.browser.shows("#user-list", "anna-b").await.unwrap();
    stage.browser.run(CHOOSE_GERMAN, vec![]).await.unwrap();
    stage.browser.finds("it is woken", IS_WOKEN_IN_GERMAN).await.unwrap();
    for _ in 0..600 {
        if stage.browser.run(IS_GERMAN, vec![]).await.unwrap() == true {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.has_browser().await;
    stage.signs_in_by("anna-b", "Eine Anmeldung wartet auf Ihre Antwort").await;

    stage.leave().await;
}

const CHOOSE_GERMAN: &str = "
    const [done] = arguments;
    const field = document.getElementById('language');
    field.value = 'de';
    done(null);
    // The driver has its answer before the page goes.
    setTimeout(() => field.dispatchEvent(new Event('change')), 300);
";

const IS_WOKEN_IN_GERMAN: &str = "return document.getElementById('set-notifications-text').textContent.startsWith('Dieses Telefon wird geweckt')";

/// The worker of before has gone.
const IS_GERMAN: &str = "
    const [done] = arguments;
    navigator.serviceWorker.getRegistration(location.href)
        .then(({ active, installing, waiting }) => done(active.scriptURL.endsWith('language=de') && !installing && !waiting))
        .catch(() => done(false));
";

/// Firefox alone is tried here.
#[tokio::test]
async fn a_browser_that_its_push_service_has_forgotten_subscribes_anew() {
    let Some(mut stage) = Stage::set(Engine::Firefox).await else { return };
    stage.register("anna-b").await;
    stage.signs_in("anna-b").await;

    // The push service has forgotten the browser, which does not know it. The page finds out when it is opened.
    stage.push.forget();
    let lost = stage.begin("anna-b");
    for _ in 0..600 {
        if stage.push.posted().iter().any(|posted| posted.status == 410) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.browser.open(&stage.phone()).await.unwrap();
    stage.browser.shows("#request-user", "anna-b").await.unwrap();
    stage.browser.click("#deny").await.unwrap();
    assert!(!matches!(lost.await.unwrap(), LoginOutcome::Granted(_)));
    stage.browser.finds("subscribed anew", SUBSCRIBED).await.unwrap();
    stage.signs_in("anna-b").await;
    stage.leave().await;
}

const SUBSCRIBED: &str =
    "return document.getElementById('set-notifications-text').textContent.startsWith('This phone is woken')";

#[tokio::test]
async fn chromium_subscribes_is_woken_and_accepts() {
    the_whole_way(Engine::Chromium).await;
}

#[tokio::test]
async fn firefox_subscribes_is_woken_and_accepts() {
    the_whole_way(Engine::Firefox).await;
}
