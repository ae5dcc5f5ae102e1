//! Somebody with a browser at the application. Belongs here: what all checks do with it.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::LoginOptions;
use iampass_core::port::{MemorySessionStore, MemoryTokenStore};
use iampass_system_tests::{Browser, Engine, Scripts};
use iampass_testkit::TestService;
use iampass_web::{Limits, Rate};

use crate::setting::{Framework, Setting, Stores};

/// For so long a phone may answer: longer than any browser takes for the steps of a test.
const PATIENT: Duration = Duration::from_secs(3_600);

/// Logins that wait for so long.
pub(crate) fn patient() -> LoginOptions {
    LoginOptions::default().deadline(PATIENT)
}

/// The application as for the tests over HTTP, but one user may begin many logins in a minute, and phones have long to answer.
pub(crate) async fn setting<F: Framework>() -> Setting {
    let service = TestService::builder().answer_timeout(PATIENT).start().await.unwrap();
    let stores = Stores {
        tokens: Arc::new(MemoryTokenStore::new(100)),
        sessions: Arc::new(MemorySessionStore::new(1_000)),
    };
    Setting::over::<F>(service, &[stores], |builder| {
        let many = Rate { burst: 50, every: Duration::from_secs(1) };
        builder.limits(Limits::default().per_user(many)).login_options(patient())
    })
    .await
}

/// `None` where no browser can be started, which has been said.
pub(crate) async fn one_visitor(setting: &Setting, name: &str, scripts: Scripts) -> Option<Visitor> {
    let browser = Browser::start_as(name, scripts).await.unwrap()?;
    Some(Visitor { browser, origin: setting.origin().to_owned() })
}

/// The same in any engine, at an address that leads to the application.
pub(crate) async fn visitor_in(engine: Engine, origin: &str) -> Option<Visitor> {
    let browser = Browser::start_in(engine, &format!("{engine:?}"), Scripts::On).await.unwrap()?;
    Some(Visitor { browser, origin: origin.to_owned() })
}

pub(crate) async fn two_visitors(setting: &Setting, names: [&str; 2]) -> Option<(Visitor, Visitor)> {
    let (one, two) = tokio::join!(
        one_visitor(setting, names[0], Scripts::On),
        one_visitor(setting, names[1], Scripts::On)
    );
    Some((one?, two?))
}

pub(crate) struct Visitor {
    pub(crate) browser: Browser,
    origin: String,
}

impl Visitor {
    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub(crate) async fn open(&self, path: &str) {
        self.browser.open(&self.address(path)).await.unwrap();
    }

    /// Waits until the browser is there by itself.
    pub(crate) async fn comes_to(&self, path: &str) {
        self.browser.comes_to(&self.address(path)).await.unwrap();
    }

    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        self.browser.shows(selector, text).await.unwrap();
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.browser.click(selector).await.unwrap();
    }

    /// A step is done: a picture of it is taken, and no page so far may have done what its policy forbids, or have failed in its script.
    pub(crate) async fn step(&self, name: &str) {
        self.browser.picture(name).await.unwrap();
        let complaints = self.browser.complaints().await.unwrap();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }

    /// Fills in and sends the login page that is shown.
    pub(crate) async fn send_name(&self, login_name: &str) {
        self.browser.fill("#login_name", login_name).await.unwrap();
        self.click("form.fields button[type=submit]").await;
    }

    /// The same, for a phone that is asked then.
    pub(crate) async fn begin(&self, login_name: &str) {
        self.send_name(login_name).await;
        self.shows("h1", "Check your phone").await;
    }

    pub(crate) async fn is_greeted(&self, name: &str) {
        self.comes_to("/page").await;
        self.shows("#greeting", &format!("Hello {name}")).await;
    }

    /// That nobody is logged in here, which is the server's word and not what an old page shows.
    pub(crate) async fn is_out(&self) {
        self.open("/page").await;
        self.comes_to("/auth/login?next=%2Fpage").await;
        self.shows("h1", "Sign in to Test application").await;
        assert!(!self.browser.has("#greeting").await.unwrap());
    }

    /// Ends the browser, when all pages were as they should be.
    pub(crate) async fn leave(self) {
        self.step("at the end").await;
        self.browser.close().await;
    }
}
