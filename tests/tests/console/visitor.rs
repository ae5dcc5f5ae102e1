//! Somebody with a browser, and what everybody does at the Console.

use iampass_core::RegistrationLink;
use iampass_system_tests::{Browser, Engine, Scripts};
use iampass_testkit::VirtualPhone;

/// Somebody with a browser at the Console.
pub(crate) struct Visitor {
    pub(crate) browser: Browser,
    server: String,
    scripts: Scripts,
}

impl Visitor {
    pub(crate) async fn new(name: &str, scripts: Scripts, server: &str) -> Option<Self> {
        Self::new_in(Engine::Chromium, name, scripts, server).await
    }

    pub(crate) async fn new_in(engine: Engine, name: &str, scripts: Scripts, server: &str) -> Option<Self> {
        let browser = Browser::start_in(engine, name, scripts).await.unwrap()?;
        Some(Self { browser, server: server.to_owned(), scripts })
    }

    pub(crate) async fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.server)).await.unwrap();
    }

    pub(crate) async fn comes_to(&self, path: &str) {
        self.browser.comes_to(&format!("{}{path}", self.server)).await.unwrap();
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.browser.click(selector).await.unwrap();
    }

    pub(crate) async fn shows(&self, selector: &str, text: &str) {
        self.browser.shows(selector, text).await.unwrap();
    }

    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        self.browser.fill(selector, text).await.unwrap();
    }

    pub(crate) async fn value(&self, selector: &str) -> String {
        self.browser.attribute(selector, "value").await.unwrap().unwrap()
    }

    /// A picture, and no page so far may have done what its policy forbids, or have failed in its script, or be wider than the window.
    pub(crate) async fn step(&self, name: &str) {
        self.browser.picture(name).await.unwrap();
        let complaints = self.browser.complaints().await.unwrap();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
        if self.scripts == Scripts::On {
            let is_whole = "return document.documentElement.scrollWidth <= innerWidth;";
            self.browser.finds("nothing is cut off", is_whole).await.unwrap();
        }
    }

    /// Makes an account of this name, and signs in.
    pub(crate) async fn register(&self, name: &str) -> VirtualPhone {
        self.open("/console/register").await;
        self.fill("#name", name).await;
        self.click("form button.primary").await;
        self.enrol_and_sign_in(name).await
    }

    /// Adds an application; its id and secret.
    pub(crate) async fn add_application(&self, name: &str) -> (String, String) {
        self.open("/console/applications/new").await;
        self.fill("#name", name).await;
        self.click("form button.primary").await;
        self.shows("h1", &format!("{name} is added")).await;
        let credentials = self.credentials().await;
        self.click("form input[type=checkbox]").await;
        self.click("form button.primary").await;
        self.shows("h1", name).await;
        credentials
    }

    /// The id and the secret that are shown.
    pub(crate) async fn credentials(&self) -> (String, String) {
        (self.value("#credential_id").await, self.value("#credential_secret").await)
    }

    /// The phone brings the code that the page shows, and accepts.
    pub(crate) async fn accept_shown(&self, phone: &VirtualPhone) {
        let digits = "[...document.querySelectorAll('.code-group')].map(group => group.textContent).join('')";
        self.browser.finds("a code", &format!("return {digits}.length === 6;")).await.unwrap();
        let shown = self.browser.run(&format!("arguments[0]({digits});"), vec![]).await.unwrap();
        phone.accept_code(shown.as_str().unwrap()).await.unwrap();
    }

    /// Registers the phone that the page asks for, and signs in with it.
    pub(crate) async fn enrol_and_sign_in(&self, name: &str) -> VirtualPhone {
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
        self.accept_shown(&phone).await;
        self.shows(".brand", "IAMPASS Console").await;
        phone
    }
}
