//! The application's own pages around the login: guards, caches, forms that are sent too late, other names of the host, and names in
//! links.

use iampass_web::ROUTES;
use reqwest::Method;

use crate::browser::{Browser, Page};
use crate::each_framework;
use crate::setting::{Framework, SOON, Setting};

each_framework!(
    what_is_not_for_a_user_is_left_to_caches,
    a_form_that_comes_too_late_leads_back_to_its_page,
    head_is_answered_and_takes_nothing_up,
    another_name_of_the_host_leads_to_ours,
    only_own_pages_fill_in_a_name,
    an_application_s_own_forms_are_told_from_those_of_others,
    streams_say_something_at_once_and_are_not_collected,
);

async fn an_application_s_own_forms_are_told_from_those_of_others(setting: Setting) {
    let mut browser = setting.browser();
    let own = setting.origin().to_owned();
    let host = own.replace("127.0.0.1", "localhost");
    for (headers, expected) in [
        (vec![("origin", own.as_str())], true),
        (vec![("origin", own.as_str()), ("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![], false),
        (vec![("origin", "https://other.example")], false),
        (vec![("origin", "https://other.example"), ("sec-fetch-site", "same-origin")], false),
        (vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")], false),
        (vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")], false),
        (vec![("origin", own.as_str()), ("origin", "https://other.example")], false),
        (vec![("origin", host.as_str())], false),
        (vec![("origin", "null")], false),
    ] {
        let mut request = browser.request(Method::POST, "/own-form");
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let page = browser.take(request).await;
        assert_eq!(
            (page.status.as_u16(), page.text.as_str()),
            (200, if expected { "true" } else { "false" }),
            "{headers:?}"
        );
    }
}

/// A guard around the whole application lets the login's own routes through, and those alone.
async fn a_guard_around_everything_leads_to_the_login<F: Framework>(prefix: &'static str) {
    let setting = Setting::start::<F>().await;
    let (mut browser, _serving) = crate::prefix::application::<F>(&setting, prefix).await;
    let home = format!("{prefix}/");
    let page = browser.get(&home).await;
    assert_eq!((page.status.as_u16(), page.text), (303, String::new()));
    let login = page.location.unwrap();
    assert!(login.starts_with(&format!("{prefix}/auth/login?next=")), "{login}");
    let page = browser.get(&login).await;
    assert_eq!(page.status, 200, "the login page leads to {:?}", page.location);
    for asset in page.text.split('"').filter(|part| part.contains("/auth/assets/")) {
        assert_eq!(browser.get(asset).await.status, 200, "{asset}");
    }
    for not_ours in [
        "/auth",
        "/auth/",
        "/auth/admin",
        "/auth/login/../../",
        "/auth/login/x",
        "/auth/assets/..",
        "/auth/%6cogin",
    ] {
        let path = format!("{prefix}{not_ours}");
        // As it is written, since clients tidy paths up.
        let status = crate::prefix::raw_status(&browser, &path).await;
        assert!(status == 303 || status == 404, "{path}: {status}");
    }
    let fields = [("login_name", "anna"), ("return_to", &*home)];
    let wait = browser.post(&format!("{prefix}/auth/login"), &fields).await.location.unwrap();
    setting.anna.accept_next(SOON).await.unwrap();
    let page = browser.complete(&wait).await;
    assert_eq!(page.location.as_deref(), Some(&*home));
    assert_eq!(browser.get(&home).await.text, "Hello Anna");
}

#[tokio::test]
async fn a_guard_around_everything_over_axum() {
    a_guard_around_everything_leads_to_the_login::<crate::axum_site::Axum>("").await;
    a_guard_around_everything_leads_to_the_login::<crate::axum_site::Axum>("/app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_around_everything_over_actix() {
    a_guard_around_everything_leads_to_the_login::<crate::actix_site::Actix>("").await;
    a_guard_around_everything_leads_to_the_login::<crate::actix_site::Actix>("/app").await;
}

fn header(page: &Page, name: &str) -> Option<String> {
    page.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
}

async fn what_is_not_for_a_user_is_left_to_caches(setting: Setting) {
    let mut browser = setting.browser();
    browser.cookies.insert("theme".to_owned(), "dark".to_owned());
    browser.cookies.insert("my-iampass-session".to_owned(), "x".to_owned());
    let page = browser.get("/maybe").await;
    assert_eq!((page.text.as_str(), header(&page, "cache-control")), ("Hello stranger", None));
    // Whether it is good or not: somebody whose session has just ended must not leave a page behind.
    browser.cookies.insert("iampass-session".to_owned(), "x".to_owned());
    let page = browser.get("/maybe").await;
    assert_eq!(header(&page, "cache-control").as_deref(), Some("no-store"));
    let mut anna = setting.logged_in().await;
    assert_eq!(header(&anna.get("/maybe").await, "cache-control").as_deref(), Some("no-store"));
}

async fn a_form_that_comes_too_late_leads_back_to_its_page(setting: Setting) {
    let mut browser = setting.browser();
    let origin = setting.origin().to_owned();
    let send = async |browser: &mut Browser, referer: Option<String>| {
        let mut request = browser.form("/posts", &[("text", "long")]).header("sec-fetch-site", "same-origin");
        if let Some(referer) = referer {
            request = request.header("referer", referer);
        }
        browser.take(request).await.location
    };
    let there = send(&mut browser, Some(format!("{origin}/page?draft=1#end"))).await;
    assert_eq!(there.as_deref(), Some("/auth/login?next=%2Fpage%3Fdraft%3D1"));
    for other in [None, Some("http://other.example/page".to_owned()), Some("nonsense".to_owned())] {
        assert_eq!(
            send(&mut browser, other.clone()).await.as_deref(),
            Some("/auth/login?next=%2F"),
            "{other:?}"
        );
    }
    // A person ends at the front page, whatever leads to an address for forms. A program is told.
    let page = browser.get("/posts").await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")));
    assert_eq!(browser.fetch("/posts").await.status, 405);
}

async fn head_is_answered_and_takes_nothing_up(setting: Setting) {
    let mut browser = setting.browser();
    for route in ROUTES.iter().filter(|route| route.method == iampass_web::Method::Get) {
        let path = format!("/auth{}", route.path);
        let request = browser.request(Method::HEAD, &path);
        let page = browser.take(request).await;
        // Without a name there is no such file; without a session its list leads to the login.
        let expected = match route.path {
            "/assets/" => 404,
            "/sessions" => 401,
            _ => 200,
        };
        assert_eq!((page.status.as_u16(), page.text), (expected, String::new()), "{path}");
        assert!(page.headers.get("set-cookie").is_none(), "{path}");
    }
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    for _ in 0..3 {
        let request = browser.request(Method::HEAD, &wait);
        let page = browser.take(request).await;
        assert_eq!(page.status, 200);
        assert!(page.headers.get("set-cookie").is_none());
    }
    assert!(!browser.is_in().await, "a HEAD took the login up");
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    // A route that changes something is not for HEAD.
    let request = browser.request(Method::HEAD, "/auth/logout");
    assert_eq!(browser.take(request).await.status, 405);
    assert!(browser.is_in().await);
}

async fn another_name_of_the_host_leads_to_ours(setting: Setting) {
    let mut browser = setting.browser();
    let port = setting.origin().rsplit(':').next().unwrap().to_owned();
    let other = format!("localhost:{port}");
    let visit = |browser: &Browser, path: &str| {
        let request = browser.request(Method::GET, path).header("host", other.clone());
        request.header("sec-fetch-mode", "navigate").header("accept", "text/html")
    };
    let request = visit(&browser, "/auth/login?next=%2Fpage");
    let page = browser.take(request).await;
    assert_eq!(page.location, Some(format!("{}/auth/login?next=%2Fpage", setting.origin())));
    // Behind a proxy that names the application differently, the browser comes back at once. It gets its page then.
    let request = visit(&browser, "/auth/login?next=%2Fpage");
    assert_eq!(browser.take(request).await.status, 200);

    // A form that is sent there all the same is told where to go.
    for path in ["/auth/logout", "/auth/login"] {
        let request = browser.form(path, &[("login_name", "anna")]).header("host", other.clone());
        let request =
            request.header("origin", format!("http://{other}")).header("sec-fetch-site", "same-origin");
        let page = browser.take(request).await;
        assert_eq!(page.status, 403);
        assert!(page.text.contains(&format!("href=\"{}/", setting.origin())), "{path}: {}", page.text);
    }
    assert!(setting.anna.pending().await.unwrap().is_empty());
}

async fn only_own_pages_fill_in_a_name(setting: Setting) {
    let browser = setting.browser();
    let name_in_field = async |site: Option<&str>, referer: Option<String>| {
        let mut request =
            browser.request(Method::GET, "/auth/login?name=mallory").header("accept", "text/html");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site).header("sec-fetch-mode", "navigate");
        }
        if let Some(referer) = referer {
            request = request.header("referer", referer);
        }
        browser.clone().take(request).await.text.contains("mallory")
    };
    let own = format!("{}/sign-up", setting.origin());
    assert!(name_in_field(Some("same-origin"), None).await);
    assert!(name_in_field(None, Some(own.clone())).await, "an older browser");
    for site in ["cross-site", "same-site", "none"] {
        assert!(!name_in_field(Some(site), Some(own.clone())).await, "{site}");
    }
    assert!(!name_in_field(None, None).await);
    assert!(!name_in_field(None, Some("http://other.example/".to_owned())).await);

    // Nor by way of a login that leads on to the login page.
    let mut browser = setting.browser();
    let page = browser.get("/auth/login?next=%2Fauth%2Flogin%3Fname%3Dmallory").await;
    assert!(
        page.text.contains("name=\"return_to\" value=\"/\"") && !page.text.contains("mallory"),
        "{}",
        page.text
    );
}

async fn streams_say_something_at_once_and_are_not_collected(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("carl").await;
    let mut anna = setting.logged_in().await;
    let streams =
        [(&mut browser, wait.replace("/wait", "/events")), (&mut anna, "/auth/session/events".to_owned())];
    for (browser, path) in streams {
        let answer = browser.request(Method::GET, &path).send().await.unwrap();
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-store, no-transform", "{path}");
        assert_eq!(header("x-accel-buffering"), "no");
        drop(answer);
        let heard = browser.first_events(&path).await;
        assert!(heard.starts_with("event: "), "{path}: {heard:?}");
    }
}
