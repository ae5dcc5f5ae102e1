//! Many windows of one browser, over HTTP/1.1: a browser keeps about six connections to a host, and a stream of events takes one (B5). So
//! all windows of one login share a stream; whatever they tell each other, only the server's word uncovers a page.

use std::time::Duration;

use iampass_core::RegistrationLink;
use iampass_system_tests::{Engine, Kind, Window};

use crate::axum_site::Axum;
use crate::counting_proxy::CountingProxy;
use crate::setting::{Framework as _, SOON, Setting};
use crate::visitor::{Visitor, patient, setting, visitor_in};

const EVENTS: &str = "/auth/session/events";
const STATE: &str = "/auth/session/state";

/// A page that never loads must not hold the test up.
const LOADED_WITHIN: Duration = Duration::from_secs(60);

const IS_COVERED: &str =
    "return document.title === 'You seem to be away' && document.querySelector('iampass-cover') !== null;";
const IS_UNCOVERED: &str =
    "return document.title === 'Secret plans' && document.querySelector('iampass-cover') === null;";

/// The application behind a proxy, a browser in which anna is logged in, and its windows.
struct Desk {
    setting: Setting,
    proxy: CountingProxy,
    visitor: Visitor,
    windows: Vec<Window>,
    _serving: Box<dyn Send + Sync>,
}

impl Desk {
    /// `before_pages` runs in each window before the scripts of its pages.
    async fn set(engine: Engine, before_pages: Option<&'static str>) -> Option<Self> {
        let desk = Self::logged_out(engine, before_pages).await?;
        desk.visitor.open("/page").await;
        desk.visitor.begin("anna").await;
        desk.setting.anna.accept_next(SOON).await.unwrap();
        desk.visitor.is_greeted("Anna").await;
        Some(desk)
    }

    async fn logged_out(engine: Engine, before_pages: Option<&'static str>) -> Option<Self> {
        let setting = setting::<Axum>().await;
        let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (proxy, application) = (bind(), bind());
        let origin = format!("http://{}", proxy.local_addr().unwrap());
        let target = format!("http://{}", application.local_addr().unwrap());
        let login =
            setting.builder(&origin).name("Test application").login_options(patient()).build().unwrap();
        let serving = Axum::serve(login, application).await;
        let proxy = CountingProxy::start(proxy, target);
        let visitor = visitor_in(engine, &origin).await?;
        if let Some(script) = before_pages {
            visitor.browser.run_before_pages(script).await.unwrap();
        }
        let windows = vec![visitor.browser.window().await.unwrap()];
        Some(Self { setting, proxy, visitor, windows, _serving: serving })
    }

    /// Opens this page in another window.
    async fn open(&mut self, kind: Kind, path: &str, before_pages: Option<&str>) {
        let opening = async {
            self.windows.push(self.visitor.browser.open_another(kind).await.unwrap());
            if let Some(script) = before_pages {
                self.visitor.browser.run_before_pages(script).await.unwrap();
            }
            self.visitor.open(path).await;
        };
        tokio::time::timeout(LOADED_WITHIN, opening).await.expect("the page does not load");
    }

    async fn each_finds(&self, what: &str, script: &str) {
        for window in &self.windows {
            self.visitor.browser.show(window).await.unwrap();
            self.visitor.browser.finds(what, script).await.unwrap();
        }
    }

    /// Closes the window that was opened first, which holds the stream.
    async fn close_first(&mut self) {
        let first = self.windows.remove(0);
        self.visitor.browser.show(&first).await.unwrap();
        self.visitor.browser.close_this().await.unwrap();
        self.visitor.browser.show(&self.windows[0]).await.unwrap();
    }

    async fn leave(self) {
        self.visitor.leave().await;
    }
}

async fn eight_windows_of_one_login(engine: Engine, kind: Kind) {
    let Some(mut desk) = Desk::set(engine, None).await else { return };
    for _ in 1..8 {
        desk.open(kind, "/page", None).await;
        desk.visitor.is_greeted("Anna").await;
    }
    desk.proxy.comes_to(EVENTS, 1).await;

    desk.setting.anna.walk_away().await.unwrap();
    desk.each_finds("the page is covered", IS_COVERED).await;
    desk.setting.anna.come_back().await.unwrap();
    desk.each_finds("the cover is lifted", IS_UNCOVERED).await;

    let before = desk.proxy.made(EVENTS);
    desk.close_first().await;
    desk.proxy.makes_more(EVENTS, before).await;
    desk.proxy.comes_to(EVENTS, 1).await;
    desk.setting.anna.walk_away().await.unwrap();
    desk.each_finds("the page is covered", IS_COVERED).await;
    desk.setting.anna.come_back().await.unwrap();
    desk.each_finds("the cover is lifted", IS_UNCOVERED).await;

    desk.setting.anna.log_out().await.unwrap();
    for window in &desk.windows {
        desk.visitor.browser.show(window).await.unwrap();
        desk.visitor.comes_to("/auth/login?next=%2Fpage").await;
    }
    desk.proxy.comes_to(EVENTS, 0).await;
    desk.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_windows_in_chromium() {
    eight_windows_of_one_login(Engine::Chromium, Kind::Window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tabs_in_chromium() {
    eight_windows_of_one_login(Engine::Chromium, Kind::Tab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_windows_in_firefox() {
    eight_windows_of_one_login(Engine::Firefox, Kind::Window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tabs_in_firefox() {
    eight_windows_of_one_login(Engine::Firefox, Kind::Tab).await;
}

/// Of one question to a phone, and of one registration of a phone.
async fn eight_windows_that_wait(engine: Engine, kind: Kind) {
    let Some(mut desk) = Desk::logged_out(engine, None).await else { return };
    desk.visitor.open("/sign-up").await;
    desk.visitor.comes_to("/auth/enrol").await;
    let link = desk.visitor.browser.attribute("#link", "value").await.unwrap().unwrap();
    for _ in 1..8 {
        desk.open(kind, "/auth/enrol", None).await;
        desk.visitor.shows("h1", "Register your phone").await;
    }
    desk.proxy.comes_to("/auth/enrol/events", 1).await;
    let link = RegistrationLink::parse(&link).unwrap();
    let phone = desk.setting.service.register_phone(&link).await.unwrap();
    // One of them says so; the ticket is used up by that.
    let goes_on = "return document.querySelector('h1').textContent !== 'Register your phone';";
    desk.each_finds("it goes on", goes_on).await;
    desk.proxy.comes_to("/auth/enrol/events", 0).await;

    desk.visitor.open("/auth/login?next=/page").await;
    desk.visitor.begin("bert").await;
    let wait = desk.visitor.browser.address().await.unwrap();
    let wait = wait.strip_prefix(&desk.visitor.address("")).unwrap().to_owned();
    let waits = desk.windows.pop().unwrap();
    desk.windows = vec![waits];
    for _ in 1..8 {
        desk.open(kind, &wait, None).await;
        desk.visitor.shows("h1", "Check your phone").await;
    }
    desk.proxy.comes_to("/auth/login/events", 1).await;
    phone.accept_next(SOON).await.unwrap();
    // One of them gets the login; the others come to where users are.
    let goes_on = "return document.querySelector('h1')?.textContent !== 'Check your phone';";
    desk.each_finds("it goes on", goes_on).await;
    desk.proxy.comes_to("/auth/login/events", 0).await;
    desk.visitor.open("/page").await;
    desk.visitor.is_greeted("Bert").await;
    desk.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_windows_wait_in_chromium() {
    eight_windows_that_wait(Engine::Chromium, Kind::Window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tabs_wait_in_firefox() {
    eight_windows_that_wait(Engine::Firefox, Kind::Tab).await;
}

/// As browsers are at an origin without TLS, and as older ones are.
const WITHOUT_LOCKS: &str = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });";

#[tokio::test(flavor = "multi_thread")]
async fn without_locks_a_tab_that_is_not_seen_holds_no_stream() {
    let Some(mut desk) = Desk::set(Engine::Chromium, Some(WITHOUT_LOCKS)).await else { return };
    let locks = desk.visitor.browser.finds("there are no locks", "return navigator.locks === undefined;");
    locks.await.unwrap();
    for _ in 1..8 {
        desk.open(Kind::Tab, "/page", Some(WITHOUT_LOCKS)).await;
        desk.visitor.is_greeted("Anna").await;
        desk.proxy.comes_to(EVENTS, 1).await;
    }
    let before = desk.proxy.made(EVENTS);
    desk.visitor.browser.show(&desk.windows[0]).await.unwrap();
    desk.proxy.makes_more(EVENTS, before).await;
    desk.proxy.comes_to(EVENTS, 1).await;
    desk.setting.anna.walk_away().await.unwrap();
    desk.each_finds("the page is covered", IS_COVERED).await;
    desk.leave().await;
}

/// Takes the lock and does nothing with it, as a window that was frozen while it led.
const STAND_STILL: &str = "
    const [name, done] = arguments;
    navigator.locks.request(name, { steal: true }, () => {
        done(true);
        return new Promise(() => {});
    }).catch(() => {});
";

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_stands_still_leaves_the_others_not_blind() {
    let Some(mut desk) = Desk::set(Engine::Chromium, None).await else { return };
    desk.proxy.comes_to(EVENTS, 1).await;
    desk.open(Kind::Window, "/auth/lost-phone", None).await;
    let name = format!("iampass-stream {EVENTS}");
    let asked = desk.visitor.browser.run(STAND_STILL, vec![name.into()]).await.unwrap();
    assert_eq!(asked, serde_json::json!(true));
    desk.proxy.comes_to(EVENTS, 0).await;
    // Each asks for itself, and one that is seen leads.
    let (asked, led) = (desk.proxy.made(STATE), desk.proxy.made(EVENTS));
    desk.open(Kind::Window, "/page", None).await;
    desk.visitor.is_greeted("Anna").await;
    desk.proxy.makes_more(STATE, asked).await;
    desk.proxy.makes_more(EVENTS, led).await;
    desk.proxy.comes_to(EVENTS, 1).await;
    desk.windows.remove(1);
    desk.setting.anna.walk_away().await.unwrap();
    desk.each_finds("the page is covered", IS_COVERED).await;
    desk.leave().await;
}

/// Says to all windows whatever a page of the same origin could say.
const SAY_PRESENT: &str = "
    const [name, done] = arguments;
    const channel = new BroadcastChannel(name);
    fetch('/auth/session/state').then((answer) => answer.json()).then(({ login }) => {
        const state = { login, said: 'present' };
        for (const name of ['present', 'alive']) channel.postMessage({ name, data: name, state });
        for (const wrong of [null, 1, 'present', {}, { name: 'present' }, { name: 'alive', data: 'alive' }]) channel.postMessage(wrong);
        done(true);
    });
";

/// Remembers whether the cover was lifted, however shortly.
const WATCH_THE_COVER: &str = "
    window.wasLifted = false;
    new MutationObserver(() => {
        if (document.querySelector('iampass-cover') === null) window.wasLifted = true;
    }).observe(document.documentElement, { childList: true });
    arguments[0](null);
";

#[tokio::test(flavor = "multi_thread")]
async fn no_message_of_a_page_uncovers_another() {
    let Some(mut desk) = Desk::set(Engine::Chromium, None).await else { return };
    desk.open(Kind::Window, "/page", None).await;
    desk.visitor.is_greeted("Anna").await;
    // The window that was opened last follows.
    desk.setting.anna.walk_away().await.unwrap();
    desk.each_finds("the page is covered", IS_COVERED).await;
    desk.visitor.browser.run(WATCH_THE_COVER, Vec::new()).await.unwrap();
    let asked = desk.proxy.made(STATE);
    let name = format!("iampass-stream {EVENTS}");
    desk.visitor.browser.show(&desk.windows[0]).await.unwrap();
    for _ in 0..3 {
        desk.visitor.browser.run(SAY_PRESENT, vec![name.clone().into()]).await.unwrap();
    }
    // The three, and the one that follows.
    desk.proxy.makes_more(STATE, asked + 3).await;
    desk.each_finds("the page is still covered", IS_COVERED).await;
    let was_covered =
        desk.visitor.browser.finds("it was never uncovered", "return window.wasLifted === false;");
    was_covered.await.unwrap();
    desk.setting.anna.come_back().await.unwrap();
    desk.each_finds("the cover is lifted", IS_UNCOVERED).await;
    desk.leave().await;
}

/// The page was made for a login; what the server says of another one is no word about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_login_is_loaded_anew() {
    let Some(mut desk) = Desk::set(Engine::Chromium, None).await else { return };
    let Some(other) = visitor_in(Engine::Chromium, desk.visitor.address("").as_str()).await else { return };
    other.open("/page").await;
    other.begin("anna").await;
    desk.setting.anna.accept_next(SOON).await.unwrap();
    other.is_greeted("Anna").await;
    desk.open(Kind::Window, "/page", None).await;
    desk.visitor.is_greeted("Anna").await;
    desk.each_finds("it is shown", IS_UNCOVERED).await;
    for window in &desk.windows {
        desk.visitor.browser.show(window).await.unwrap();
        desk.visitor.browser.run("window.isTheSame = true; arguments[0](null);", Vec::new()).await.unwrap();
    }
    other.browser.copy_cookie("iampass-session", &desk.visitor.browser).await.unwrap();
    // The state is another login's, whatever makes a window ask.
    let name = format!("iampass-stream {EVENTS}");
    desk.visitor.browser.show(&desk.windows[0]).await.unwrap();
    desk.visitor.browser.run(SAY_PRESENT, vec![name.into()]).await.unwrap();
    desk.visitor.browser.show(&desk.windows[1]).await.unwrap();
    let is_new = "return window.isTheSame === undefined && document.querySelector('#greeting') !== null;";
    desk.visitor.browser.finds("the page is a new one", is_new).await.unwrap();
    desk.leave().await;
    other.leave().await;
}
