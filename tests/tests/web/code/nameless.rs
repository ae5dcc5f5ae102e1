//! Logins without a name: the phone that brings the code which a page shows says whose login it is, and lets in that page's browser alone.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iampass_core::UserToken;
use iampass_core::machine::LoginOptions;
use iampass_core::wire::MovingQr;
use iampass_web::{KeepSignedIn, Limits, LoginWebBuilder, NamelessLogin, Rate};

use super::approving::{approve, signed_in};
use super::{Coded, FIREFOX, until_code};
use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::setting::{Framework, SOON, User};

/// The second of a code that the service takes when a login has begun, and for ten seconds more. It may be one that is to come, as clocks differ.
const AHEAD: u64 = 5;

/// The page of a login without a name, which the button of the login page begins.
pub(super) async fn begin(browser: &mut Browser) -> String {
    let page = browser.post("/auth/login/code", &[("return_to", "/?from=login")]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    page.location.unwrap()
}

/// The same by the script of the login page: the addresses of the events, of the state and of the page that it goes on to.
async fn begin_by_script(browser: &mut Browser) -> (String, String, String) {
    let request =
        browser.form("/auth/login/code", &[("return_to", "/")]).header("origin", browser.origin.clone());
    let request = request.header("accept", "application/json").header("sec-fetch-site", "same-origin");
    let page = browser.take(request).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let told: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    (text("events"), text("state"), text("next"))
}

pub(super) async fn until_shown(browser: &mut Browser, wait: &str) -> Page {
    browser.reload_until(wait, |page| page.text.contains("id=\"qr\"")).await
}

/// The second whose code this picture is.
fn second_of(qr: &MovingQr, picture: &str) -> u64 {
    (0..60)
        .find(|second| {
            let drawn = qr.qr_svg(Duration::from_secs(*second), 240).unwrap();
            picture.contains(&drawn[drawn.find("<svg").unwrap()..])
        })
        .expect("it is the code of no second")
}

/// The seconds of all codes that a stream has told so far.
fn seconds_heard(qr: &MovingQr, heard: &str) -> Vec<u64> {
    let whole = heard.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    let pictures = whole.split("event: qr\ndata: ").skip(1).map(|rest| rest.split('\n').next().unwrap());
    let drawn = pictures.map(|picture| String::from_utf8(STANDARD.decode(picture).unwrap()).unwrap());
    drawn.map(|picture| second_of(qr, &picture)).collect()
}

impl Coded {
    /// The code that was given last.
    fn moving(&self) -> MovingQr {
        self.maker.moving().pop().unwrap()
    }

    /// Anna scans what the page shows, and accepts.
    async fn scan(&self, browser: &mut Browser, wait: &str) {
        let page = until_shown(browser, wait).await;
        let qr = self.moving();
        let shown = qr.scan_url(Duration::from_secs(second_of(&qr, &page.text)));
        let request = self.setting.anna.bring_scan(shown.expose()).await.unwrap();
        self.setting.anna.accept_with_scan(&request, shown.expose()).await.unwrap();
    }

    async fn is_refused(&self, qr: &MovingQr, second: u64) {
        let shown = qr.scan_url(Duration::from_secs(second));
        assert!(self.setting.anna.bring_scan(shown.expose()).await.is_err(), "{second}");
    }
}

async fn the_phone_says_whose_login_it_is<F: Framework>() {
    let coded = Coded::with::<F>(1, |builder| builder).await;
    let mut browser = coded.browser();
    let page = browser.get("/auth/login?next=%2F%3Ffrom%3Dlogin").await;
    assert!(page.text.contains("Show QR code") && page.text.contains("name=\"login_name\""), "{}", page.text);
    assert!(coded.maker.moving().is_empty(), "nobody has asked for a code yet");
    let wait = begin(&mut browser).await;
    let page = until_shown(&mut browser, &wait).await;
    assert!(page.text.contains("http-equiv=\"refresh\" content=\"3\""), "{}", page.text);
    assert!(!page.text.contains("class=\"code\"") && !page.text.contains("scan="), "{}", page.text);
    assert!(coded.setting.anna.pending().await.unwrap().is_empty(), "nothing rings");
    coded.scan(&mut browser, &wait).await;
    let page = browser.complete(&wait).await;
    assert_eq!(page.location.as_deref(), Some("/?from=login"));
    assert!(browser.is_in().await && browser.get("/").await.text.contains("Hello Anna"));
    for (place, status) in [("/proven-code", 200), ("/proven-key", 200), ("/proven/unlocked", 403)] {
        assert_eq!(browser.get(place).await.status, status, "{place}");
    }
    assert!(browser.get("/auth/sessions").await.text.contains("Browsers that know you"));
    // The browser is known: the phone shows the next request by itself.
    browser.post("/auth/logout", &[]).await;
    let wait = browser.begin("anna").await;
    let page = until_code(&mut browser, &wait).await;
    assert!(page.text.contains("Your phone shows the request"), "{}", page.text);
}

#[tokio::test]
async fn the_phone_says_whose_login_it_is_over_axum() {
    the_phone_says_whose_login_it_is::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_says_whose_login_it_is_over_actix() {
    the_phone_says_whose_login_it_is::<Actix>().await;
}

/// The form of the code has the choice too that the browser stays signed in.
#[tokio::test]
async fn it_is_kept_by_choice() {
    let hour = Duration::from_secs(3_600);
    let coded = Coded::with::<Axum>(1, |builder| {
        let login = LoginOptions::default().duration(Duration::from_secs(24 * 3_600));
        builder.keep_signed_in(KeepSignedIn::Offered(Duration::from_secs(3_600))).login_options(login)
    })
    .await;
    for (fields, is_kept) in [(&[("keep", "yes")][..], true), (&[], false)] {
        let mut browser = coded.browser();
        let wait = browser.post("/auth/login/code", fields).await.location.unwrap();
        coded.scan(&mut browser, &wait).await;
        let page = browser.complete(&wait).await;
        let mut cookies = page.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
        let cookie = cookies.find(|cookie| cookie.starts_with("iampass-session=")).unwrap();
        assert_eq!(cookie.contains("Max-Age="), is_kept, "{cookie}");
        assert!(browser.is_in().await);
        let token = UserToken::new("token-of-anna").unwrap();
        let newest = coded.setting.sessions.sessions_of(&token, 1).await.unwrap().remove(0);
        assert_eq!(newest.expires_at.since(newest.started_at) > 2 * hour, is_kept);
        browser.post("/auth/logout", &[]).await;
    }
}

/// The login is begun on one node, its codes come from the second, and it is taken up on the third.
#[tokio::test]
async fn three_nodes_share_it() {
    let coded = Coded::start(3).await;
    let mut first = coded.browser_at(0);
    let request = first.form("/auth/login/code", &[]).header("origin", first.origin.clone());
    let request = request.header("user-agent", FIREFOX).header("accept", "application/json");
    let told: serde_json::Value = serde_json::from_str(&first.take(request).await.text).unwrap();
    let second = first.at(&coded.browser_at(1));
    let (events, next) = (told["events"].as_str().unwrap(), told["next"].as_str().unwrap());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let mut heard = String::new();
    let mut stream = second.request(reqwest::Method::GET, events).send().await.unwrap();
    let qr = coded.moving();
    let mut seconds = Vec::new();
    // A stream that is held up leaves a second out. So it is read until two have come one after the other.
    let until_two = async {
        while !matches!(seconds[..], [.., one, two] if one + 1 == two) {
            heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
            seconds = seconds_heard(&qr, &heard);
        }
    };
    tokio::time::timeout(SOON, until_two).await.unwrap_or_else(|_| panic!("{heard}"));
    assert!(seconds.is_sorted(), "{seconds:?}");
    let newest = *seconds.last().unwrap();
    let shown = qr.scan_url(Duration::from_secs(newest));
    let request = coded.setting.anna.bring_scan(shown.expose()).await.unwrap();
    assert_eq!(request.browser.as_deref(), Some("Firefox on Windows"));
    coded.setting.anna.accept_with_scan(&request, shown.expose()).await.unwrap();
    let moved = async {
        while !heard.contains("event: moved") {
            heard.push_str(std::str::from_utf8(&stream.chunk().await.unwrap().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(SOON, moved).await.unwrap();
    let mut third = second.at(&coded.browser_at(2));
    third.reload_until(next, |page| page.status == 303).await;
    for node in 0..3 {
        assert!(third.at(&coded.browser_at(node)).is_in().await, "{node}");
    }
}

#[tokio::test]
async fn the_state_tells_the_code_where_no_stream_comes_through() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let (_, state, next) = begin_by_script(&mut browser).await;
    let page = browser.reload_until(&state, |page| page.text.contains("\"qr\"")).await;
    let told: serde_json::Value = serde_json::from_str(&page.text).unwrap();
    let picture = STANDARD.decode(told["qr"].as_str().unwrap()).unwrap();
    let qr = coded.moving();
    let shown = qr.scan_url(Duration::from_secs(second_of(&qr, std::str::from_utf8(&picture).unwrap())));
    let request = coded.setting.anna.bring_scan(shown.expose()).await.unwrap();
    coded.setting.anna.accept_with_scan(&request, shown.expose()).await.unwrap();
    browser.reload_until(&state, |page| page.text.contains("\"moved\":true")).await;
    browser.reload_until(&next, |page| page.status == 303).await;
    assert!(browser.is_in().await);
}

/// Anna has a phone and a token, and is no user of the application any more. Carl has a phone at the service, and the application has no token of his.
#[tokio::test]
async fn a_user_who_is_not_the_application_s_stays_out() {
    let coded = Coded::start(1).await;
    coded.setting.users.anna_is_deleted.store(true, Ordering::SeqCst);
    let mut browser = coded.browser();
    let wait = begin(&mut browser).await;
    coded.scan(&mut browser, &wait).await;
    let page = browser.reload_until(&wait, |page| page.text.contains("No account here")).await;
    assert!(page.text.contains("Continue") && !browser.is_in().await, "{}", page.text);
    no_session_stays(&coded.setting.anna).await;
    let service = &coded.setting.service;
    let (client, carl) = (service.client().unwrap(), UserToken::new("token-of-carl").unwrap());
    client.add_user(&carl).await.unwrap();
    let phone = service.register_phone(&client.registration_link(&carl, None).await.unwrap()).await.unwrap();
    let wait = begin(&mut browser).await;
    until_shown(&mut browser, &wait).await;
    let shown = coded.moving().scan_url(Duration::from_secs(AHEAD));
    let request = phone.bring_scan(shown.expose()).await.unwrap();
    phone.accept_with_scan(&request, shown.expose()).await.unwrap();
    browser.reload_until(&wait, |page| page.text.contains("No account here")).await;
    assert!(!browser.is_in().await);
    no_session_stays(&phone).await;
}

async fn no_session_stays(phone: &iampass_testkit::VirtualPhone) {
    let gone = async {
        while !phone.active_sessions().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("its session stays in use at the service");
}

/// The cookie and the address of the page belong together, and neither gets anybody in alone.
#[tokio::test]
async fn another_browser_is_not_let_in() {
    let coded = Coded::start(1).await;
    let mut owner = coded.browser();
    let wait = begin(&mut owner).await;
    coded.scan(&mut owner, &wait).await;
    let mut with_address = coded.browser();
    let mut with_own_cookie = coded.browser();
    begin(&mut with_own_cookie).await;
    let mut with_cookie = owner.clone();
    for browser in [&mut with_address, &mut with_own_cookie] {
        for _ in 0..3 {
            browser.get(&wait).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(!browser.is_in().await);
    }
    with_cookie.get("/auth/login/wait?proof=00").await;
    assert!(!with_cookie.is_in().await);
    // The cookie of a login without a name is none of a login by name.
    let cookie = owner.cookies.get("iampass-qr").unwrap().clone();
    let mut moved = coded.browser();
    moved.cookies.insert("iampass-login".to_owned(), cookie);
    moved.get(&wait).await;
    assert!(!moved.is_in().await);
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
}

/// One that the browser replaced, one that was taken back, and one that was photographed: no phone brings their codes any more.
#[tokio::test]
async fn a_code_that_is_shown_no_more_is_none() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let first = begin(&mut browser).await;
    until_shown(&mut browser, &first).await;
    let replaced = coded.moving();
    let by_name = browser.begin("anna").await;
    let (second, _) = (begin(&mut browser).await, until_code(&mut browser, &by_name).await);
    until_shown(&mut browser, &second).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    coded.is_refused(&replaced, AHEAD).await;
    let page = browser.get(&by_name).await;
    assert!(page.text.contains("/auth/login/cancel"), "a code ends no login by name: {}", page.text);
    let latest = coded.moving();
    let (_, proof) = second.split_once("proof=").unwrap();
    browser.post("/auth/login/cancel", &[("proof", proof)]).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    coded.is_refused(&latest, AHEAD).await;
    assert!(
        browser.cookies.contains_key("iampass-qr"),
        "the next page's cookie may be there by now, and stays"
    );
    let third = begin(&mut browser).await;
    until_shown(&mut browser, &third).await;
    tokio::time::sleep(Duration::from_millis(8_500)).await;
    coded.is_refused(&coded.moving(), 0).await;
    assert!(!browser.is_in().await);
}

fn few_starts(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    let four = Rate { burst: 4, every: Duration::from_secs(3_600) };
    builder.limits(Limits::default().per_address(four))
}

#[tokio::test]
async fn starts_are_bounded_by_address_and_leave_those_with_a_name_alone() {
    let coded = Coded::with::<Axum>(1, few_starts).await;
    let mut refused = 0;
    for _ in 0..40 {
        let mut browser = coded.browser();
        let page = browser.post("/auth/login/code", &[]).await;
        refused += usize::from(page.status == 429);
        assert!(page.status == 303 || page.headers.contains_key("retry-after"), "{}", page.text);
    }
    assert_eq!(refused, 8, "eight times as many as with a name");
    coded.browser().begin("anna").await;
}

/// Somebody at the same address uses up what it may: a browser in which somebody has signed in before still gets its QR code.
#[tokio::test]
async fn a_known_browser_is_not_kept_from_its_code_by_its_address() {
    let coded = Coded::with::<Axum>(1, few_starts).await;
    let mut owner = signed_in(&coded).await;
    owner.post("/auth/logout", &[]).await;
    // A copy of its cookie is worth nothing after the next login.
    let mut copy = coded.browser();
    copy.cookies.insert("iampass-browser".to_owned(), owner.cookies["iampass-browser"].clone());
    let wait = owner.begin("anna").await;
    approve(&coded, &mut owner, &wait).await;
    owner.complete(&wait).await;
    owner.post("/auth/logout", &[]).await;
    let start = async |browser: &mut Browser| browser.post("/auth/login/code", &[]).await.status.as_u16();
    while start(&mut coded.browser()).await == 303 {}
    assert_eq!(start(&mut owner).await, 303);
    assert_eq!(start(&mut copy).await, 429);
}

#[tokio::test]
async fn another_site_starts_none() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let request = browser.form("/auth/login/code", &[]).header("origin", "https://evil.example");
    let page = browser.take(request.header("sec-fetch-site", "cross-site")).await;
    assert!(page.status == 403 && coded.maker.moving().is_empty(), "{}", page.text);
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let coded = Coded::with::<Axum>(1, |builder| builder.nameless_login(NamelessLogin::Off)).await;
    let mut browser = coded.browser();
    assert!(!browser.get("/auth/login").await.text.contains("Show QR code"));
    assert_eq!(browser.post("/auth/login/code", &[]).await.status, 404);
    // Nor where pages show no codes.
    let mut tapping = coded.setting.browser();
    assert!(!tapping.get("/auth/login").await.text.contains("Show QR code"));
    assert_eq!(tapping.post("/auth/login/code", &[]).await.status, 404);
    assert!(coded.maker.moving().is_empty());
}
