//! Every input to the login's routes gets a clear answer, never a server error, and never a way in.

use std::time::Duration;

use iampass_web::{LostPhone, Method, ROUTES, Route};

use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::each_framework;
use crate::faulty::Faulty;
use crate::registering::{link_on, registered_bert};
use crate::setting::{Framework, SOON, Setting};

each_framework!(
    no_cookie_of_any_kind_is_a_way_in,
    no_form_is_a_way_in,
    no_id_of_another_one_ends_anything,
    no_query_is_a_way_in,
    no_header_is_a_way_in,
);

const COOKIES: [&str; 8] = [
    "iampass-session",
    "iampass-login",
    "iampass-qr",
    "iampass-enrol",
    "iampass-browser",
    "iampass-replacement",
    "iampass-language",
    "iampass-moved",
];

/// The list above has each cookie that there is: the login's documentation names them all, which a test of its own holds.
#[test]
fn each_cookie_is_tried() {
    let source = include_str!("../../../crates/iampass-web/src/login_web.rs");
    let (_, cookies) = source.split_once("/// # Cookies").unwrap();
    let rows = cookies.lines().take_while(|line| !line.contains("/// # Log"));
    let mut named: Vec<_> = rows.filter_map(|row| row.strip_prefix("/// | `…-")?.split('`').next()).collect();
    let mut tried: Vec<_> = COOKIES.iter().map(|name| name.strip_prefix("iampass-").unwrap()).collect();
    named.sort_unstable();
    tried.sort_unstable();
    assert_eq!(named, tried);
}

/// The routes that one asks for something. A stream ends at once for somebody who may hear nothing.
fn gets() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.method == Method::Get)
}

fn posts() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.method == Method::Post)
}

/// All methods of HTTP that mean something.
const METHODS: &[&str] = &["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"];

/// Those of the routes.
const OWN: &[&str] = &["GET", "POST"];

/// Asks each route by these methods, and looks at what came. `headers` stand in the place of those of the same name that a browser sends.
async fn ask_all(
    setting: &Setting,
    browser: &Browser,
    methods: &[&str],
    body: &[u8],
    headers: &[(&str, &[u8])],
) {
    for route in ROUTES {
        for method in methods {
            let mut browser = browser.clone();
            let path = format!("/auth{}", route.path);
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let wanted = if method == reqwest::Method::POST { Method::Post } else { Method::Get };
            let is_own = ROUTES.iter().any(|other| other.path == route.path && other.method == wanted)
                && (method == reqwest::Method::POST || method == reqwest::Method::GET);
            // A server may close a connection on which nonsense came, and no other request is to meet that.
            let mut request = browser.request(method.clone(), &path).header("connection", "close");
            for (name, value) in [
                ("origin", browser.origin.as_str()),
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-mode", "navigate"),
                ("content-type", "application/x-www-form-urlencoded"),
            ] {
                if !headers.iter().any(|(odd, _)| *odd == name) {
                    request = request.header(name, value);
                }
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if method == reqwest::Method::POST {
                request = request.body(body.to_vec());
            }
            let page = browser.take(request).await;
            let what = format!("{method} {path} {:?}", browser.cookies.keys());
            assert!(page.status.as_u16() < 500, "{what}: {} {}", page.status, page.text);
            assert!(
                is_own || page.status.as_u16() != 200 || method == reqwest::Method::HEAD,
                "{what}: {}",
                page.text
            );
            assert!(!browser.is_in().await, "{what} lets in");
        }
    }
    assert!(setting.anna.active_sessions().await.unwrap().is_empty());
}

async fn no_cookie_of_any_kind_is_a_way_in(setting: Setting) {
    // Good ones of somebody who logs out then, and of an application with other keys.
    let mut good = setting.logged_in().await;
    let mut cookies = good.cookies.clone();
    good.post("/auth/logout", &[]).await;
    let wait = good.begin("bert").await;
    good.get("/sign-up").await;
    cookies.extend(good.cookies.clone());
    good.cancel(&wait).await;
    let other = Setting::start::<crate::axum_site::Axum>().await;
    let foreign = other.logged_in().await.cookies["iampass-session"].clone();
    let foreign_browser = other.logged_in().await.cookies["iampass-browser"].clone();
    while !setting.anna.active_sessions().await.unwrap().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let long = "A".repeat(3_500);
    for name in COOKIES {
        let mut values = vec![
            "",
            "x",
            "%00",
            "\"quoted\"",
            "a=b",
            long.as_str(),
            foreign.as_str(),
            foreign_browser.as_str(),
        ];
        // Each one's value under each other's name, and its own, which is over.
        values.extend(cookies.values().map(String::as_str));
        for value in values {
            let mut browser = setting.browser();
            browser.cookies.insert(name.to_owned(), value.to_owned());
            for route in gets() {
                // A ticket that is good has a stream without an end.
                let request = browser.request(reqwest::Method::GET, &format!("/auth{}?proof=x", route.path));
                let status = request.header("sec-fetch-mode", "navigate").send().await.unwrap().status();
                assert!(status.as_u16() < 500, "{name} {}: {status}", route.path);
            }
            assert!(browser.clone().get("/").await.status.as_u16() < 500, "{name}");
            for route in posts() {
                let mut browser = browser.clone();
                let page = browser.post(&format!("/auth{}", route.path), &[]).await;
                assert!(page.status.as_u16() < 500, "{name} {}: {}", route.path, page.text);
            }
            assert!(!browser.is_in().await, "{name}={value}");
        }
        // Twice is as good as never.
        let mut browser = setting.browser();
        let twice = format!("{name}=a; {name}=b");
        let request = browser.request(reqwest::Method::GET, "/auth/login").header("cookie", twice);
        assert!(browser.take(request).await.status.as_u16() < 500);
    }
    let mut all = setting.browser();
    all.cookies = COOKIES.iter().map(|name| ((*name).to_owned(), "AAAA".to_owned())).collect();
    ask_all(&setting, &all, METHODS, b"", &[]).await;
}

async fn no_form_is_a_way_in(setting: Setting) {
    let browser = setting.browser();
    let long = format!("login_name={}", "a".repeat(9_000));
    let huge = format!("login_name={}", "a".repeat(70_000));
    let long_proof = format!("proof={}", "a".repeat(9_000));
    let long_id = format!("id={}", "a".repeat(9_000));
    let long_place = format!("login_name=carl&return_to=/{}", "a".repeat(9_000));
    for body in [
        "",
        "&&&=&",
        "login_name",
        "login_name=",
        "login_name=%00",
        "login_name=%ff%fe",
        "login_name=carl&login_name=anna&return_to=%2F&return_to=%2F%2Fother.example",
        "{\"login_name\":\"anna\"}",
        long.as_str(),
        huge.as_str(),
        "id=&id=&all=1",
        "proof",
        "proof=%00",
        "proof=%ff",
        "proof=x&proof=y",
        "id=%00&id=..%2f..",
        "return_to=%ff&login_name=carl",
        "return_to=javascript%3Aalert(1)&login_name=carl",
        long_proof.as_str(),
        long_id.as_str(),
        long_place.as_str(),
    ] {
        for route in posts() {
            let mut browser = browser.clone();
            let request = browser
                .request(reqwest::Method::POST, &format!("/auth{}", route.path))
                .header("origin", browser.origin.clone())
                .header("sec-fetch-site", "same-origin")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body.to_owned());
            let page = browser.take(request).await;
            assert!(page.status.as_u16() < 500, "{} {body:.40}: {} {}", route.path, page.status, page.text);
            assert!(!browser.is_in().await);
        }
    }
}

async fn no_query_is_a_way_in(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    let proof = wait.split_once("proof=").unwrap().1.to_owned();
    // Sealed here, and for another purpose.
    let sealed: String =
        url::form_urlencoded::byte_serialize(browser.cookies["iampass-login"].as_bytes()).collect();
    let stranger = setting.browser();
    for query in [
        "?proof",
        "?proof=",
        "?proof=%00",
        "?proof=%ff",
        &format!("?proof={proof}"),
        &format!("?proof=x&proof={proof}"),
        &format!("?proof={}", "a".repeat(4_000)),
        "?next=//other.example&name=anna&shown=preparing&without=link",
        "?next=%ff&name=%ff&name=%00",
        "?a[]=b&=&&&",
        "?page",
        "?page=%00&page=x",
        &format!("?page={sealed}"),
        &format!("?page={}", "a".repeat(4_000)),
        "?attempt=x&return=y",
        "?attempt=&return=",
        "?attempt=%ff&return=%00",
        "?return=x",
        "?attempt=x&attempt=y&return=x&return=y",
        &format!("?attempt={sealed}&return={proof}"),
        &format!("?attempt={}&return={}", "a".repeat(2_000), "b".repeat(2_000)),
        &format!("?proof={proof}&shown"),
        &format!("?proof={proof}&shown=%ff&shown=nothing&without"),
    ] {
        for route in gets() {
            let mut stranger = stranger.clone();
            let page = stranger.get(&format!("/auth{}{query}", route.path)).await;
            assert!(page.status.as_u16() < 500, "{}{query:.60}: {}", route.path, page.text);
            assert!(!stranger.is_in().await, "{}{query:.60}", route.path);
        }
    }
    browser.complete(&wait).await;
    assert!(browser.is_in().await, "nobody took it");
}

async fn no_header_is_a_way_in(setting: Setting) {
    let browser = setting.browser();
    let long = "a".repeat(9_000);
    let long = long.as_bytes();
    let own = browser.origin.clone();
    ask_all(&setting, &browser, METHODS, b"login_name=carl", &[("sec-fetch-dest", b"iframe")]).await;
    for headers in [
        &[("x-forwarded-for", &b"::1, x, 1.2.3.4:99999"[..])][..],
        &[("x-forwarded-for", b"")],
        &[("x-forwarded-for", b"\xff"), ("x-forwarded-for", b"127.0.0.1")],
        &[("accept", b"text/html"), ("content-type", b"multipart/form-data")],
        &[("accept", b"\xff"), ("accept", b"text/html;q=x, application/json")],
        &[("sec-fetch-dest", b"iframe"), ("sec-fetch-user", b"?9")],
        &[("sec-fetch-site", b"same-origin"), ("sec-fetch-site", b"cross-site")],
        &[("sec-fetch-mode", b"\xff"), ("sec-fetch-dest", b"\xff")],
        &[("referer", b"http://other.example/"), ("content-type", b"application/json")],
        &[("referer", b"\xff"), ("referer", b"//"), ("content-type", b"\xff")],
        &[("origin", b"null")],
        &[("origin", b"")],
        &[("origin", b"\xff")],
        &[("origin", long)],
        &[("origin", own.as_bytes()), ("origin", own.as_bytes())],
        &[("origin", own.as_bytes()), ("origin", b"https://other.example")],
        &[("host", b"other.example")],
        &[("host", b"a b/../?#")],
        &[("host", b"localhost:99999")],
        &[("host", b"other.example"), ("host", b"localhost")],
        &[("x-forwarded-host", b"other.example")],
        &[("x-forwarded-host", b""), ("x-forwarded-host", b"\xff")],
        &[("x-forwarded-host", long)],
        &[("forwarded", b"for=\"[::1\";host=other.example;proto=x")],
        &[("forwarded", b"\xff"), ("forwarded", b"for=_x;for=127.0.0.1")],
        &[("user-agent", b"")],
        &[("user-agent", b"\xff\xfe")],
        &[("user-agent", b"Firefox"), ("user-agent", b"Chrome")],
        &[("user-agent", long)],
    ] {
        ask_all(&setting, &browser, OWN, b"login_name=carl", headers).await;
    }
}

/// The ids in the forms of somebody who is signed in: those of another user, and those of nobody.
async fn no_id_of_another_one_ends_anything(setting: Setting) {
    let ids = |page: &Page| -> Vec<String> {
        let parts = page.text.split("name=\"id\" value=\"").skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    let mut anna = setting.logged_in().await;
    let (mut bert, phone) = registered_bert(&setting).await;
    let of_bert = ids(&bert.get("/auth/sessions").await);
    assert!(of_bert.len() >= 2, "his session and his browser");
    let long = "a".repeat(9_000);
    let odd = ["", "x", "\0", "..", long.as_str()];
    for id in of_bert.iter().map(String::as_str).chain(odd) {
        for path in ["/auth/sessions/end", "/auth/browsers/forget"] {
            let page = anna.post(path, &[("id", id)]).await;
            assert_eq!(page.status, 303, "{path} {id:.60}");
        }
    }
    assert!(anna.is_in().await && bert.is_in().await);
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 1);
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    assert_eq!(ids(&bert.get("/auth/sessions").await), of_bert);
    assert!(anna.get("/auth/sessions").await.text.contains("Browsers that know you"));
}

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Everything that a browser can hold, after its time.
async fn what_has_expired_is_no_way_in<F: Framework>() {
    let faulty = Faulty::start().await;
    let policy = LostPhone::AfterWait(Duration::from_secs(60));
    let node = faulty.node_with::<F>(|client| client, |builder| builder.lost_phone(policy)).await;
    let mut browser = node.browser();
    faulty.log_in(&mut browser).await;
    assert_eq!(browser.post("/auth/lost-phone", &[]).await.status, 303);
    browser.get("/sign-up").await;
    let wait = browser.begin("carl").await;
    let proof = wait.split_once("proof=").unwrap().1;
    let mut slept = Duration::ZERO;
    for (after, over) in [
        (Duration::from_secs(20 * 60), &["iampass-login", "iampass-enrol"][..]),
        (10 * DAY, &["iampass-login", "iampass-enrol", "iampass-replacement", "iampass-session"]),
        (
            200 * DAY,
            &["iampass-login", "iampass-enrol", "iampass-replacement", "iampass-session", "iampass-browser"],
        ),
    ] {
        faulty.clock.has_slept(after - slept);
        slept = after;
        let mut holds = node.browser();
        for name in over {
            holds.cookies.insert((*name).to_owned(), browser.cookies[*name].clone());
        }
        for route in ROUTES {
            let mut late = holds.clone();
            let path = format!("/auth{}", route.path);
            let page = match route.method {
                Method::Post => late.post(&path, &[("proof", proof), ("login_name", "carl")]).await,
                _ => late.get(&format!("{path}?proof={proof}")).await,
            };
            let what = format!("{} after {after:?}: {} {}", route.path, page.status, page.text);
            assert!(page.status.as_u16() < 500, "{what}");
            assert!(link_on(&page).is_none(), "{what}");
            assert_ne!(page.location.as_deref(), Some("/auth/enrol"), "{what}");
            assert!(!late.is_in().await, "{what}");
        }
        assert_eq!(holds.clone().get("/auth/enrol").await.status, 403);
    }
    // None of it has cost anna her phone or her session.
    assert_eq!(faulty.anna.active_sessions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_has_expired_is_no_way_in_on_axum() {
    what_has_expired_is_no_way_in::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_no_way_in_on_actix() {
    what_has_expired_is_no_way_in::<Actix>().await;
}
