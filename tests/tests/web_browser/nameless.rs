//! Logins without typing: from the page to signed in, by the QR code that the page shows, in each engine and without a script; and on the phone itself,
//! where one browser has the application and the phone's page.

use std::time::Duration;

use iampass_core::wire::MovingQr;
use iampass_system_tests::{Engine, Scripts};
use iampass_web::{CookieKeys, KeepSignedIn, Limits, Rate, ShownApproval};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::maker::Maker;
use crate::setting::{Framework, SOON, Setting, login_builder};
use crate::visitor::{Visitor, visitor_in};

/// The address of the picture that the page shows: the QR code in base64, or the element itself where no script has put one there.
const PICTURE: &str = "
    const done = arguments[arguments.length - 1];
    const place = document.getElementById('qr');
    const picture = place?.tagName === 'IMG' ? place : place?.querySelector('img');
    done(picture?.src ? atob(picture.src.split(',')[1]) : '');
";
const PICTURE_IS_SEEN: &str = "
    const { width, height } = document.getElementById('qr').getBoundingClientRect();
    return width > 150 && height > 150 && Boolean(document.getElementById('qr').src);
";

/// An application whose pages show codes.
struct Shop {
    setting: Setting,
    maker: Maker,
    origin: String,
    _serving: Box<dyn Send + Sync>,
}

impl Shop {
    async fn open<F: Framework>() -> Self {
        Self::with_limits::<F>(Limits::default()).await
    }

    async fn with_limits<F: Framework>(limits: Limits) -> Self {
        let setting = Setting::with::<Axum>(1, |builder| builder).await;
        let maker = Maker::new();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let client = setting.service.client_builder().transport(maker.clone());
        let client = client.token_store(setting.tokens.clone()).session_store(setting.sessions.clone());
        let login = login_builder(client.build().unwrap(), setting.users.clone())
            .approval(ShownApproval::Code)
            .limits(limits)
            .keep_signed_in(KeepSignedIn::Offered(Duration::from_secs(60)))
            .origin(origin.clone())
            .name("Test application")
            .cookie_keys(CookieKeys::generate().unwrap())
            .answer_step(Duration::from_millis(50));
        let _serving = F::serve(login.build().unwrap(), listener).await;
        Self { setting, maker, origin, _serving }
    }

    async fn visitor(&self, engine: Engine) -> Option<Visitor> {
        visitor_in(engine, &self.origin).await
    }

    /// Anna scans this picture, and accepts.
    async fn scan(&self, picture: &str) {
        let qr = self.maker.moving().pop().expect("no code was given");
        let shown = (0..60).map(Duration::from_secs).find(|second| is_of(&qr, *second, picture));
        let shown = qr.scan_url(shown.expect("the picture is of no second"));
        let request = self.setting.anna.bring_scan(shown.expose()).await.unwrap();
        self.setting.anna.accept_with_scan(&request, shown.expose()).await.unwrap();
    }
}

fn is_of(qr: &MovingQr, second: Duration, picture: &str) -> bool {
    let drawn = qr.qr_svg(second, 240).unwrap();
    let path =
        |svg: &str| svg.rsplit_once(" d=\"").map(|(_, path)| path.split('"').next().unwrap().to_owned());
    path(&drawn).is_some() && path(&drawn) == path(picture)
}

/// The next picture after this one.
async fn next_picture(visitor: &Visitor, before: &serde_json::Value) -> serde_json::Value {
    let changed = async {
        loop {
            let picture = visitor.browser.run(PICTURE, Vec::new()).await.unwrap();
            if picture != *before && picture != "" {
                return picture;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, changed).await.expect("the picture stays the same")
}

async fn without_typing<F: Framework>(engine: Engine) {
    let shop = Shop::open::<F>().await;
    let Some(visitor) = shop.visitor(engine).await else { return };
    visitor.open("/page#plans").await;
    visitor.shows("h1", "Sign in to Test application").await;
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    let first = visitor.browser.run(PICTURE, Vec::new()).await.unwrap();
    visitor.step("the QR code").await;
    let labels = "return document.querySelectorAll('#code-form button > span').length === 2";
    visitor
        .browser
        .finds("the button keeps its label for phones, and that for others", labels)
        .await
        .unwrap();
    // It changes each second, and is good for some seconds.
    let picture = next_picture(&visitor, &first).await;
    shop.scan(picture.as_str().unwrap()).await;
    visitor.comes_to("/page#plans").await;
    visitor.shows("#greeting", "Hello Anna").await;
    visitor.step("signed in").await;
    visitor.click("#log-out").await;
    // Leaving the page ends what it has begun.
    visitor.open("/auth/login").await;
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    let left = visitor.browser.run(PICTURE, Vec::new()).await.unwrap();
    visitor.open("/auth/enrol").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let qr = shop.maker.moving().pop().unwrap();
    let second =
        (0..60).map(Duration::from_secs).find(|second| is_of(&qr, *second, left.as_str().unwrap())).unwrap();
    let shown = qr.scan_url(second + Duration::from_secs(1));
    assert!(
        shop.setting.anna.bring_scan(shown.expose()).await.is_err(),
        "the page that was left still waits"
    );
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_typing_in_chromium() {
    without_typing::<Axum>(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_typing_in_firefox() {
    without_typing::<Actix>(Engine::Firefox).await;
}

/// The code that is shown already was begun without the choice, so another one takes its place.
async fn the_choice_counts_for_the_code(engine: Engine) {
    let shop = Shop::open::<Axum>().await;
    let Some(visitor) = shop.visitor(engine).await else { return };
    visitor.open("/page").await;
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    assert_eq!(shop.maker.moving().len(), 1);
    let first = visitor.browser.run(PICTURE, Vec::new()).await.unwrap();
    visitor.click("#keep").await;
    let until = async {
        while shop.maker.moving().len() < 2 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, until).await.expect("the choice changes nothing");
    let qr = shop.maker.moving().pop().unwrap();
    let mut picture = next_picture(&visitor, &first).await;
    while !(0..60).map(Duration::from_secs).any(|second| is_of(&qr, second, picture.as_str().unwrap())) {
        picture = next_picture(&visitor, &picture).await;
    }
    shop.scan(picture.as_str().unwrap()).await;
    visitor.comes_to("/page").await;
    visitor.shows("#greeting", "Hello Anna").await;
    let token = iampass_core::UserToken::new("token-of-anna").unwrap();
    let session = shop.setting.sessions.sessions_of(&token, 1).await.unwrap().remove(0);
    assert!(session.expires_at.since(session.started_at) > Duration::from_secs(1_800), "it is not kept");
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_counts_for_the_code_in_chromium() {
    the_choice_counts_for_the_code(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_choice_counts_for_the_code_in_firefox() {
    the_choice_counts_for_the_code(Engine::Firefox).await;
}

/// A page that is come back to, kept by the browser or loaded anew, shows a code that is good: the one that it showed when it was left is taken back.
async fn back_shows_a_code_that_signs_in(engine: Engine) {
    let shop = Shop::open::<Axum>().await;
    let Some(visitor) = shop.visitor(engine).await else { return };
    visitor.open("/page").await;
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    let left = visitor.browser.run(PICTURE, Vec::new()).await.unwrap();
    visitor.open("/auth/enrol").await;
    let begun = shop.maker.moving().len();
    visitor.browser.run(GO_BACK, Vec::new()).await.unwrap();
    visitor.shows("h1", "Sign in to Test application").await;
    let until = async {
        while shop.maker.moving().len() == begun {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(SOON, until).await.expect("the page that is come back to begins no login");
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    let qr = shop.maker.moving().pop().unwrap();
    let mut picture = next_picture(&visitor, &left).await;
    while !(0..60).map(Duration::from_secs).any(|second| is_of(&qr, second, picture.as_str().unwrap())) {
        picture = next_picture(&visitor, &picture).await;
    }
    shop.scan(picture.as_str().unwrap()).await;
    visitor.comes_to("/page").await;
    visitor.shows("#greeting", "Hello Anna").await;
    visitor.leave().await;
}

const GO_BACK: &str = "setTimeout(() => history.back(), 0); arguments[arguments.length - 1](null);";

#[tokio::test(flavor = "multi_thread")]
async fn back_shows_a_code_that_signs_in_in_chromium() {
    back_shows_a_code_that_signs_in(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_shows_a_code_that_signs_in_in_firefox() {
    back_shows_a_code_that_signs_in(Engine::Firefox).await;
}

const PLACE_OF_THE_NAME: &str = "
    const done = arguments[arguments.length - 1];
    const { top, left } = document.getElementById('login_name').getBoundingClientRect();
    done([top, left]);
";

/// A person may be about to tap the field of the name, or a link.
async fn nothing_moves_when_the_code_comes(engine: Engine) {
    let shop = Shop::open::<Axum>().await;
    shop.maker.is_giving.send_replace(false);
    let Some(visitor) = shop.visitor(engine).await else { return };
    visitor.open("/auth/login").await;
    let before = visitor.browser.run(PLACE_OF_THE_NAME, Vec::new()).await.unwrap();
    assert!(shop.maker.moving().is_empty(), "the code has come already");
    shop.maker.is_giving.send_replace(true);
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    let after = visitor.browser.run(PLACE_OF_THE_NAME, Vec::new()).await.unwrap();
    assert_eq!(before, after);
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_when_the_code_comes_in_chromium() {
    nothing_moves_when_the_code_comes(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_when_the_code_comes_in_firefox() {
    nothing_moves_when_the_code_comes(Engine::Firefox).await;
}

/// The person is not left with an empty place.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_does_not_come_gives_the_button_back() {
    let shop = Shop::open::<Axum>().await;
    *shop.maker.starts_after.lock().unwrap() = Duration::from_secs(60);
    let Some(visitor) = shop.visitor(Engine::Chromium).await else { return };
    visitor.open("/auth/login").await;
    visitor.shows("#code-said", "The QR code is not shown here any more").await;
    *shop.maker.starts_after.lock().unwrap() = Duration::ZERO;
    visitor.click("#code-form button").await;
    visitor.shows("h1", "Scan with your phone").await;
    visitor.leave().await;
}

/// The page that the button leads to says why there is no code.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_refused_is_explained() {
    // No code becomes free again before the browser has opened the page, however slow it is.
    let few = Rate { burst: 1, every: Duration::from_secs(3_600) };
    let shop = Shop::with_limits::<Axum>(Limits::default().per_address(few)).await;
    let Some(visitor) = shop.visitor(Engine::Chromium).await else { return };
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let code =
        || client.post(format!("{}/auth/login/code", shop.origin)).header("origin", &shop.origin).send();
    while code().await.unwrap().status() != 429 {}
    visitor.open("/auth/login").await;
    visitor.shows("#code-said", "The QR code is not shown here any more").await;
    visitor.click("#code-form button").await;
    visitor.shows(".failure", "Too many sign-ins").await;
    visitor.leave().await;
}

/// Without a script there is a button, and the page loads itself anew.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_script() {
    let shop = Shop::open::<Axum>().await;
    let Some(browser) =
        iampass_system_tests::Browser::start_as("nameless-without-script", Scripts::Off).await.unwrap()
    else {
        return;
    };
    let open = |path: &str| format!("{}{path}", shop.origin);
    browser.open(&open("/page")).await.unwrap();
    browser.shows("h1", "Sign in to Test application").await.unwrap();
    browser.click("#code-form button").await.unwrap();
    browser.shows("h1", "Scan with your phone").await.unwrap();
    browser.picture("the QR code").await.unwrap();
    let path = browser.attribute("#qr path:last-of-type", "d").await.unwrap().unwrap();
    shop.scan(&format!("<path d=\"{path}\"")).await;
    browser.comes_to(&open("/page")).await.unwrap();
    browser.shows("#greeting", "Hello Anna").await.unwrap();
    browser.close().await;
}

/// The phone's page and the application are in one browser: a tap leads to the phone's page, *Accept* leads back, and nothing is typed.
async fn on_the_phone(engine: Engine, name: Option<&str>) {
    let shop = Shop::open::<Axum>().await;
    let Some(visitor) = shop.visitor(engine).await else { return };
    visitor.open("/sign-up").await;
    visitor.shows("h1", "Register your phone").await;
    let link = visitor.browser.attribute("#link", "value").await.unwrap().unwrap();
    visitor.browser.open(&link).await.unwrap();
    visitor.browser.click("#register-now").await.unwrap();
    visitor.browser.shows("#notice", "This phone is registered").await.unwrap();
    visitor.open("/page").await;
    visitor.shows("h1", "Sign in to Test application").await;
    // This screen is none that is touched, so the page begins by itself. Two beginnings at once would be one too many.
    visitor.browser.finds("the QR code is seen", PICTURE_IS_SEEN).await.unwrap();
    if let Some(name) = name {
        visitor.send_name(name).await;
        visitor.shows("h1", "Accept on your phone").await;
    } else {
        // As on a screen that is touched.
        let send = "HTMLFormElement.prototype.submit.call(document.getElementById('code-form')); arguments[0](true);";
        visitor.browser.run(send, Vec::new()).await.unwrap();
        visitor.shows("h1", "Scan with your phone").await;
    }
    visitor.browser.resize(390, 844).await.unwrap();
    visitor.step("the way to the phone's page").await;
    // Not each browser can be as narrow as a phone.
    let follow = "document.querySelector('a.on-phone').click(); arguments[0](true);";
    visitor.browser.run(follow, Vec::new()).await.unwrap();
    visitor.browser.shows("#request-title", "Is this you signing in?").await.unwrap();
    visitor.browser.shows("#request-note", "began to sign in in this browser").await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    visitor.step("the request").await;
    visitor.browser.click("#accept").await.unwrap();
    visitor.comes_to("/page").await;
    visitor.shows("#greeting", "Hello Bert").await;
    visitor.leave().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_phone_in_chromium() {
    on_the_phone(Engine::Chromium, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_name_on_the_phone_in_chromium() {
    on_the_phone(Engine::Chromium, Some("bert")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_phone_in_firefox() {
    on_the_phone(Engine::Firefox, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_name_on_the_phone_in_firefox() {
    on_the_phone(Engine::Firefox, Some("bert")).await;
}

/// Somebody opens the link of a stranger's page in a browser where a user is registered, and accepts: neither browser is signed in.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_a_stranger_s_page_is_refused_with_a_page() {
    let shop = Shop::open::<Axum>().await;
    let Some(owner) = shop.visitor(Engine::Chromium).await else { return };
    let mut stranger = crate::browser::Browser::new(shop.origin.clone(), shop.origin.clone());
    owner.open("/sign-up").await;
    let link = owner.browser.attribute("#link", "value").await.unwrap().unwrap();
    owner.browser.open(&link).await.unwrap();
    owner.browser.click("#register-now").await.unwrap();
    owner.browser.shows("#notice", "This phone is registered").await.unwrap();
    let wait = stranger.post("/auth/login/code", &[("return_to", "/page")]).await.location.unwrap();
    let page = stranger.reload_until(&wait, |page| page.text.contains("/phone#link=")).await;
    let (before, behind) = page.text.split_at(page.text.find("/phone#link=").unwrap());
    let link = format!("{}{}", before.rsplit('"').next().unwrap(), behind.split('"').next().unwrap());
    owner.browser.open(&link).await.unwrap();
    owner.browser.shows("#request-title", "Is this you signing in?").await.unwrap();
    tokio::time::sleep(Duration::from_millis(800)).await;
    owner.browser.click("#accept").await.unwrap();
    owner.shows("h1", "Not begun in this browser").await;
    owner.is_out().await;
    let page = tokio::time::timeout(SOON, stranger.get(&format!("{wait}&shown=nothing"))).await.unwrap();
    assert!(page.status != 303 && !stranger.is_in().await, "{}", page.text);
    owner.browser.close().await;
}
