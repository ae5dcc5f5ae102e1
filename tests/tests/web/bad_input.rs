//! Every input to the login's routes gets a clear answer, never a server error, and never a way in.

use iampass_web::{Method, ROUTES};

use crate::browser::Browser;
use crate::each_framework;
use crate::setting::{SOON, Setting};

each_framework!(
    no_cookie_of_any_kind_is_a_way_in,
    no_form_is_a_way_in,
    no_query_is_a_way_in,
    no_header_is_a_way_in,
);

const COOKIES: [&str; 5] =
    ["iampass-session", "iampass-login", "iampass-enrol", "iampass-browser", "iampass-replacement"];

/// Asks each route by its own method, and by each other one, and looks at what came.
async fn ask_all(setting: &Setting, browser: &Browser, query: &str, body: &[u8], headers: &[(&str, &str)]) {
    for route in ROUTES {
        // A stream that is good would not end.
        let is_stream = route.path.ends_with("/events");
        for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
            if is_stream && method == "GET" {
                continue;
            }
            let mut browser = browser.clone();
            let path = format!("/auth{}{query}", route.path);
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let wanted = if method == reqwest::Method::POST { Method::Post } else { Method::Get };
            let is_own = ROUTES.iter().any(|other| other.path == route.path && other.method == wanted)
                && (method == reqwest::Method::POST || method == reqwest::Method::GET);
            let mut request = browser
                .request(method.clone(), &path)
                .header("origin", browser.origin.clone())
                .header("sec-fetch-site", "same-origin")
                .header("sec-fetch-mode", "navigate");
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/x-www-form-urlencoded");
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
            for path in [
                "/auth/login",
                "/auth/login/wait?proof=x",
                "/auth/sessions",
                "/auth/lost-phone",
                "/auth/session/state",
                "/",
            ] {
                let mut browser = browser.clone();
                let page = browser.get(path).await;
                assert!(page.status.as_u16() < 500, "{name} {path}: {}", page.text);
            }
            for path in [
                "/auth/login/cancel",
                "/auth/browsers/forget-all",
                "/auth/lost-phone/stop",
                "/auth/sessions/end-all",
            ] {
                let mut browser = browser.clone();
                let page = browser.post(path, &[]).await;
                assert!(page.status.as_u16() < 500, "{name} {path}: {}", page.text);
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
    ask_all(&setting, &all, "", b"", &[]).await;
}

async fn no_form_is_a_way_in(setting: Setting) {
    let browser = setting.browser();
    let long = format!("login_name={}", "a".repeat(9_000));
    let huge = format!("login_name={}", "a".repeat(70_000));
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
    ] {
        for route in ROUTES.iter().filter(|route| route.method == Method::Post) {
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
        "?a[]=b&=&&&",
    ] {
        for path in [
            "/login",
            "/login/wait",
            "/login/state",
            "/enrol",
            "/enrol/state",
            "/lost-phone",
            "/session/state",
        ] {
            let mut stranger = stranger.clone();
            let page = stranger.get(&format!("/auth{path}{query}")).await;
            assert!(page.status.as_u16() < 500, "{path}{query:.60}: {}", page.text);
            assert!(!stranger.is_in().await, "{path}{query:.60}");
        }
    }
    browser.complete(&wait).await;
    assert!(browser.is_in().await, "nobody took it");
}

async fn no_header_is_a_way_in(setting: Setting) {
    let browser = setting.browser();
    for headers in [
        &[("x-forwarded-for", "::1, x, 1.2.3.4:99999")][..],
        &[("x-forwarded-for", "")],
        &[("accept", "text/html"), ("content-type", "multipart/form-data")],
        &[("sec-fetch-dest", "iframe"), ("sec-fetch-user", "?9")],
        &[("referer", "http://other.example/"), ("content-type", "application/json")],
    ] {
        ask_all(&setting, &browser, "", b"login_name=carl", headers).await;
    }
}
