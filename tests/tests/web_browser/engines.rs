//! The login in each engine, on two nodes behind a proxy that gives each request to the next one: the phone is asked, the user is in, walks away,
//! and logs out. While the user is away, whatever the page's own code opens stays below the cover. Of two browsers one is let in.

use std::time::{Duration, Instant};

use iampass_system_tests::Engine;
use iampass_web::CookieKeys;

use crate::attempts::{the_later_one_is_asked, the_one_that_was_asked_is_in};
use crate::axum_site::Axum;
use crate::counting_proxy::CountingProxy;
use crate::setting::{Framework as _, SOON, Setting};
use crate::slow_proxy::SlowProxy;
use crate::visitor::{Visitor, patient, setting, visitor_in};

/// A page with what its own code can open: a dialog, a popover, and a frame with both.
const PREPARE: &str = "
    const done = arguments[arguments.length - 1];
    window.isTheSame = true;
    document.body.insertAdjacentHTML('beforeend', `<dialog id=early><button>early</button></dialog>
        <dialog id=late><p>the secret dialog</p><button id=pay>pay</button></dialog>
        <div id=hint popover=manual>a secret popover<button>more</button></div><iframe id=frame></iframe>`);
    const inner = document.getElementById('frame').contentDocument;
    inner.body.innerHTML = '<input id=field><dialog id=inner><button>in a frame</button></dialog>';
    document.getElementById('early').showModal();
    done(true);
";

const IS_COVERED: &str = "
    const cover = document.querySelector('iampass-cover');
    const hits = (x, y) => document.elementFromPoint(x, y) === cover;
    return cover !== null && document.title === 'You seem to be away' && cover.shadowRoot.textContent.includes('Come back')
        && hits(5, 5) && hits(innerWidth / 2, innerHeight / 2);
";

/// Acts as a timer or a message does while the user is away. It gives what could be seen, pressed or written into.
const OPEN_ALL: &str = "
    const done = arguments[arguments.length - 1];
    const by = (id) => document.getElementById(id);
    const leaks = [];
    const look = (when) => {
        const cover = document.querySelector('iampass-cover');
        for (const element of document.querySelectorAll('main, main *, dialog, dialog *, [popover], [popover] *, iframe')) {
            const { left, top, width, height } = element.getBoundingClientRect();
            const isOnScreen = width > 0 && left >= 0 && top >= 0 && left < innerWidth && top < innerHeight;
            if (isOnScreen && document.elementFromPoint(left + 1, top + 1) !== cover) leaks.push(`${when}: ${element.outerHTML} is hit`);
            element.focus();
            if (document.activeElement === element) leaks.push(`${when}: ${element.outerHTML} takes the focus`);
        }
        if (!cover?.shadowRoot.querySelector('dialog').matches(':modal')) leaks.push(`${when}: the cover is none`);
    };
    const inFrame = by('frame').contentDocument;
    look('before');
    by('late').showModal();
    look('a dialog');
    by('hint').showPopover();
    look('a popover');
    const host = document.body.appendChild(document.createElement('div'));
    const shadow = host.attachShadow({ mode: 'closed' });
    shadow.innerHTML = '<dialog><button>in the shadow</button></dialog>';
    shadow.firstChild.showModal();
    shadow.querySelector('button').focus();
    look('a dialog in a shadow tree');
    inFrame.getElementById('inner').showModal();
    inFrame.getElementById('field').focus();
    setTimeout(() => {
        look('later');
        const cover = document.querySelector('iampass-cover');
        if (document.activeElement !== cover) leaks.push(`the focus is in ${document.activeElement?.outerHTML}`);
        shadow.firstChild.close();
        done(leaks);
    }, 700);
";

/// A page that replaces its body, as some do that load parts of themselves.
const REPLACE_BODY: &str = "
    const done = arguments[arguments.length - 1];
    window.oldBody = document.body;
    const body = document.createElement('body');
    body.innerHTML = '<main><button id=new>new secrets</button></main>';
    document.body.replaceWith(body);
    setTimeout(() => {
        const cover = document.querySelector('iampass-cover');
        const button = document.getElementById('new');
        const { left, top } = button.getBoundingClientRect();
        button.focus();
        const isCovered = document.elementFromPoint(left + 1, top + 1) === cover && document.activeElement !== button;
        body.replaceWith(window.oldBody);
        setTimeout(() => done(isCovered), 400);
    }, 400);
";

async fn from_the_login_to_the_logout(setting: &Setting, visitor: &Visitor) {
    // The place within the page is kept on the whole way.
    visitor.open("/page#plans").await;
    visitor.shows("h1", "Sign in to Test application").await;
    visitor.begin("anna").await;
    visitor.step("check your phone").await;
    setting.anna.accept_next(SOON).await.unwrap();
    visitor.comes_to("/page#plans").await;
    visitor.shows("#greeting", "Hello Anna").await;
    visitor.browser.finds("it says who is signed in", SAYS_WHO).await.unwrap();
    visitor.step("signed in").await;

    visitor.browser.run(PREPARE, Vec::new()).await.unwrap();
    setting.anna.walk_away().await.unwrap();
    visitor.browser.finds("the page is covered", IS_COVERED).await.unwrap();
    visitor.step("covered").await;
    let leaks = visitor.browser.run(OPEN_ALL, Vec::new()).await.unwrap();
    assert_eq!(leaks, serde_json::json!([]), "{leaks:#}");
    visitor.browser.finds("the page is still covered", IS_COVERED).await.unwrap();
    visitor.step("covered in spite of dialogs").await;
    let is_covered = visitor.browser.run(REPLACE_BODY, Vec::new()).await.unwrap();
    assert_eq!(is_covered, serde_json::json!(true), "a new body is not covered");
    setting.anna.come_back().await.unwrap();
    visitor.browser.finds("the cover is lifted", IS_UNCOVERED).await.unwrap();
    visitor.step("the cover is lifted").await;
    visitor
        .browser
        .run(
            "document.querySelectorAll('dialog[open]').forEach((d) => d.close()); arguments[0](true);",
            Vec::new(),
        )
        .await
        .unwrap();

    log_out(visitor).await;
    visitor.browser.go_back().await.unwrap();
    visitor.browser.finds("nothing is seen after the logout", NOTHING_IS_SEEN).await.unwrap();
    visitor.is_out().await;
    assert!(setting.anna.active_sessions().await.unwrap().is_empty());
}

/// Presses the button, and is asked to sign in. A node that did not take the logout may go by the service's last answer, until the freshness bound.
async fn log_out(visitor: &Visitor) {
    let login = visitor.address("/auth/login?next=%2F");
    visitor.click("#log-out").await;
    visitor
        .browser
        .finds("the page is left", "return document.querySelector('#greeting') === null;")
        .await
        .unwrap();
    let began = Instant::now();
    while visitor.browser.address().await.unwrap() != login {
        assert!(began.elapsed() < SOON, "the logout does not lead to the login");
        tokio::time::sleep(Duration::from_millis(200)).await;
        visitor.open("/").await;
    }
}

/// Taken out of the page and put back, a dialog is closed; nothing else has changed.
const IS_UNCOVERED: &str = "
    const late = document.getElementById('late');
    return document.querySelector('iampass-cover') === null && !document.body.inert && document.title === 'Secret plans'
        && window.isTheSame === true && !late.inert;
";

const SAYS_WHO: &str = "
    return document.querySelector('iampass-notice')?.shadowRoot.textContent === 'Signed in as Anna';
";

const NOTHING_IS_SEEN: &str = "
    return document.querySelector('#greeting') === null || document.querySelector('iampass-cover') !== null;
";

/// The application on two nodes, behind one address.
struct TwoNodes {
    setting: Setting,
    proxy: CountingProxy,
    origin: String,
    _serving: Vec<Box<dyn Send + Sync>>,
}

impl TwoNodes {
    async fn start() -> Self {
        let (setting, keys) = (setting::<Axum>().await, CookieKeys::generate().unwrap());
        let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = bind();
        let origin = format!("http://{}", proxy.local_addr().unwrap());
        let (mut nodes, mut serving) = (Vec::new(), Vec::new());
        for listener in [bind(), bind()] {
            nodes.push(format!("http://{}", listener.local_addr().unwrap()));
            let login = setting.builder(&origin).name("Test application").cookie_keys(keys.clone());
            serving.push(Axum::serve(login.build().unwrap(), listener).await);
        }
        Self { setting, proxy: CountingProxy::over(proxy, nodes), origin, _serving: serving }
    }

    fn both_were_asked(&self) {
        let given = self.proxy.given();
        assert!(given.iter().all(|requests| *requests > 3), "{given:?}");
    }
}

async fn in_engine(engine: Engine) {
    let site = TwoNodes::start().await;
    let Some(visitor) = visitor_in(engine, &site.origin).await else { return };
    from_the_login_to_the_logout(&site.setting, &visitor).await;
    site.both_were_asked();
    visitor.leave().await;
}

async fn two_browsers_in(engine: Engine) {
    let site = TwoNodes::start().await;
    let (anna, other) = tokio::join!(visitor_in(engine, &site.origin), visitor_in(engine, &site.origin));
    let (Some(anna), Some(other)) = (anna, other) else { return };
    the_later_one_is_asked(&site.setting, &anna, &other).await;
    the_one_that_was_asked_is_in(&site.setting, &anna, &other).await;
    site.both_were_asked();
    anna.leave().await;
    other.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium() {
    in_engine(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_firefox() {
    in_engine(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit() {
    in_engine(Engine::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_in_chromium() {
    two_browsers_in(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_in_firefox() {
    two_browsers_in(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_browsers_in_webkit() {
    two_browsers_in(Engine::WebKit).await;
}

/// All that a page hears comes from asking then, and it comes no later than a person waits for.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_that_holds_events_back() {
    let setting = setting::<Axum>().await;
    let bind = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (proxy, application) = (bind(), bind());
    let origin = format!("http://{}", proxy.local_addr().unwrap());
    let target = format!("http://{}", application.local_addr().unwrap());
    let login = setting.builder(&origin).name("Test application").login_options(patient()).build().unwrap();
    let _serving = Axum::serve(login, application).await;
    let _proxy = SlowProxy::start(proxy, target);
    let Some(visitor) = visitor_in(Engine::Chromium, &origin).await else { return };
    from_the_login_to_the_logout(&setting, &visitor).await;
    visitor.leave().await;
}
