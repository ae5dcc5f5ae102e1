//! Logging in and out, and getting in without deserving it.

use iampass_core::port::UserKey;

use crate::each_framework;
use crate::setting::{SOON, Setting, sealed};

each_framework!(
    a_user_logs_in_and_out,
    nobody_else_gets_in,
    a_declined_login_lets_nobody_in,
    an_unknown_name_looks_like_a_known_one,
    an_unknown_name_looks_like_a_known_one_to_the_end,
    one_phone_has_one_question,
    a_cookie_of_another_program_is_in_nobodys_way,
    half_of_a_pending_login_is_worth_nothing,
    a_login_is_taken_up_once,
    other_sites_change_nothing,
    a_login_leads_to_no_other_site,
    a_cancelled_question_leaves_the_phone,
    a_phone_is_registered,
    a_deleted_user_is_out,
    sessions_are_listed_and_ended,
);

async fn a_user_logs_in_and_out(setting: Setting) {
    let mut browser = setting.browser();
    let page = browser.get("/?a=b").await;
    assert_eq!(page.location.as_deref(), Some("/auth/login?next=%2F%3Fa%3Db"));
    assert_eq!(browser.get("/auth/login?next=%2F%3Fa%3Db").await.status, 200);
    let wait = browser.begin("anna").await;
    assert_eq!(browser.get(&wait).await.status, 200);
    assert!(!browser.is_in().await, "before it is accepted");
    setting.anna.accept_next(SOON).await.unwrap();
    let page = browser.complete(&wait).await;
    assert_eq!(page.location.as_deref(), Some("/?from=login"));
    let page = browser.get("/").await;
    assert_eq!((page.status.as_u16(), page.text.as_str()), (200, "Hello Anna"));
    assert_eq!(page.headers["cache-control"], "no-store");
    for path in ["/maybe", "/fresh", "/required/x"] {
        assert_eq!(browser.get(path).await.text, "Hello Anna", "{path}");
    }

    let cookies = browser.cookies.clone();
    let page = browser.post("/auth/logout", &[]).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")));
    // The browser stays known, which lets nobody in.
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["iampass-browser"]);
    assert!(!browser.is_in().await);
    browser.cookies = cookies;
    assert!(!browser.is_in().await, "the old cookie is worth nothing");
    assert!(setting.anna.is_logged_out_within(SOON).await.unwrap(), "the service knows");
}

async fn nobody_else_gets_in(setting: Setting) {
    let mut stranger = setting.browser();
    for path in ["/", "/fresh", "/required/x", "/auth/sessions"] {
        let page = stranger.get(path).await;
        assert_eq!(page.status, 303, "{path}");
        assert!(page.location.unwrap().starts_with("/auth/login?next="), "{path}");
        let page = stranger.fetch(path).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.text.contains("not_logged_in"), "{path}");
    }
    assert_eq!(stranger.get("/maybe").await.text, "Hello stranger");
    for cookie in ["", "x", "AAAA", &"A".repeat(3_000)] {
        stranger.cookies.insert("iampass-session".to_owned(), cookie.to_owned());
        assert!(!stranger.is_in().await);
    }
}

async fn a_declined_login_lets_nobody_in(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    setting.anna.deny_next(SOON).await.unwrap();
    browser.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel") && page.status == 200).await;
    assert!(!browser.cookies.contains_key("iampass-login"), "{:?}", browser.cookies);
    assert!(!browser.is_in().await);
    // And a new one can be begun at once.
    browser.begin("anna").await;
}

async fn an_unknown_name_looks_like_a_known_one(setting: Setting) {
    let mut pages = Vec::new();
    for name in ["anna", "bert", "carl"] {
        let mut browser = setting.browser();
        let wait = browser.begin(name).await;
        let page = browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
        let state = browser.fetch(&wait.replace("/wait", "/state")).await;
        let events = browser.first_events(&wait.replace("/wait", "/events")).await;
        let lengths: Vec<_> =
            browser.cookies.iter().map(|(name, value)| (name.clone(), value.len())).collect();
        let proof = wait.split_once("proof=").unwrap().1;
        let text = page.text.replace(proof, "PROOF").replace(name, "NAME");
        pages.push((page.status, without_numbers(&text), state.text + &events, lengths, wait.len()));
        // Another browser with the same name takes its place, and both pages say so.
        let mut second = setting.browser();
        let newer = second.begin(name).await;
        let page = second.get(&newer).await;
        assert!(page.text.contains("its request was taken back"), "{name}: {}", page.text);
        let page = browser.get(&wait).await;
        assert!(page.text.contains("Begun in another browser"), "{name}: {}", page.text);
        second.cancel(&newer).await;
    }
    for other in &pages[1..] {
        let differing = pages[0].1.lines().zip(other.1.lines()).find(|(one, other)| one != other);
        assert_eq!(differing, None);
        assert_eq!(
            (pages[0].0, &pages[0].2, &pages[0].3, pages[0].4),
            (other.0, &other.2, &other.3, other.4)
        );
    }
}

/// After it was taken back, or with the cookie that was kept of it.
async fn an_unknown_name_looks_like_a_known_one_to_the_end(setting: Setting) {
    let mut pages = Vec::new();
    for name in ["anna", "carl"] {
        let mut browser = setting.browser();
        let wait = browser.begin(name).await;
        let kept = browser.cookies.clone();
        let cancelled = browser.cancel(&wait).await;
        let mut later = Vec::new();
        for _ in 0..3 {
            browser.cookies = kept.clone();
            let page = browser.get(&wait).await;
            browser.cookies = kept.clone();
            let state = browser.fetch(&wait.replace("/wait", "/state")).await;
            later.push((page.status, page.text_without_picture().replace(name, "NAME"), state.text));
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        pages.push((cancelled.status, cancelled.text_without_picture().replace(name, "NAME"), later));
    }
    assert!(pages[0] == pages[1], "{:?}", pages);
}

/// However its name is typed, and whoever keeps the cookie of a login that is over.
async fn one_phone_has_one_question(setting: Setting) {
    let mut first = setting.browser();
    let over = first.begin("anna").await;
    setting.browser().begin("ANNA").await;
    let mut last = setting.browser();
    let wait = last.begin("Anna").await;
    last.reload_until(&wait, |page| page.text.contains("Accept the request on your phone")).await;
    assert_eq!(setting.anna.pending().await.unwrap().len(), 1);

    // The cookie of a login that is over takes no other one back.
    let old = first.cookies.clone();
    for _ in 0..3 {
        first.cookies = old.clone();
        first.cancel(&over).await;
    }
    setting.anna.accept_next(SOON).await.unwrap();
    last.complete(&wait).await;
    assert!(last.is_in().await && !first.is_in().await);
}

async fn a_cookie_of_another_program_is_in_nobodys_way(setting: Setting) {
    let mut browser = setting.browser();
    browser.cookies.insert("city".to_owned(), "Zürich".to_owned());
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
}

/// The seconds that are left differ.
fn without_numbers(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// Law 4.
async fn half_of_a_pending_login_is_worth_nothing(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();

    let mut with_address = setting.browser();
    let mut with_cookie = setting.browser();
    with_cookie.cookies = browser.cookies.clone();
    for _ in 0..20 {
        with_address.get(&wait).await;
        with_cookie.get("/auth/login/wait").await;
        with_cookie.get("/auth/login/wait?proof=").await;
        with_cookie.get("/auth/login/wait?proof=00000000000000000000000000000000").await;
        with_cookie.fetch("/auth/login/state?proof=00000000000000000000000000000000").await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!with_address.is_in().await);
    assert!(!with_cookie.is_in().await);
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    // Not even the sealed login can stand in for a session.
    let pending = with_cookie.cookies["iampass-login"].clone();
    with_cookie.cookies.insert("iampass-session".to_owned(), pending);
    assert!(!with_cookie.is_in().await);
}

async fn a_login_is_taken_up_once(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    let mut thief = browser.clone();
    browser.complete(&wait).await;
    // Until its browser has come back with the session, the answer that brought it may have been lost.
    assert!(browser.is_in().await);
    let stolen = thief.cookies.clone();
    for _ in 0..3 {
        thief.cookies = stolen.clone();
        let page = thief.get(&wait).await;
        assert_eq!(page.status, 200, "{:?}", page.location);
        assert!(!thief.is_in().await);
    }
    assert!(browser.is_in().await, "whoever came first is not thrown out");
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 1);
}

async fn other_sites_change_nothing(setting: Setting) {
    let mut browser = setting.logged_in().await;
    let from = |site: &'static str, origin: &'static str| {
        move |request: reqwest::RequestBuilder| {
            request.header("sec-fetch-site", site).header("origin", origin)
        }
    };
    for path in
        ["/auth/login", "/auth/logout", "/auth/sessions/end-all", "/auth/lost-phone", "/auth/login/cancel"]
    {
        let request = browser.form(path, &[("login_name", "anna")]);
        let page = browser.take(from("cross-site", "https://other.example")(request)).await;
        assert_eq!(page.status, 403, "{path}");
        let request = browser.form(path, &[("login_name", "anna")]);
        let page = browser.take(request).await;
        assert_eq!(page.status, 403, "{path}, without a word of where it comes from");
        let page = browser.get(path).await;
        assert_ne!(page.status, 500, "{path}");
    }
    assert!(browser.is_in().await);
    assert!(setting.anna.pending().await.unwrap().is_empty());
}

async fn a_login_leads_to_no_other_site(setting: Setting) {
    let mut browser = setting.browser();
    for place in ["https://other.example/", "//other.example/", "/\\other.example/", "javascript:alert(1)"] {
        let fields = [("login_name", "anna"), ("return_to", place)];
        let wait = browser.post("/auth/login", &fields).await.location.unwrap();
        setting.anna.accept_next(SOON).await.unwrap();
        let page = browser.complete(&wait).await;
        let location = page.location.unwrap();
        assert!(!location.contains("javascript") && location.starts_with('/'), "{place} leads to {location}");
        let followed = url::Url::parse("http://here.example/auth/").unwrap().join(&location).unwrap();
        assert_eq!(followed.host_str(), Some("here.example"), "{place} leads to {location}");
    }
}

async fn a_cancelled_question_leaves_the_phone(setting: Setting) {
    let mut browser = setting.browser();
    let wait = browser.begin("anna").await;
    browser.reload_until(&wait, |page| page.text.contains("Accept the request on your phone")).await;
    assert_eq!(setting.anna.pending().await.unwrap().len(), 1);
    let page = browser.cancel(&wait).await;
    assert_eq!(page.status, 200);
    for _ in 0..100 {
        if setting.anna.pending().await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the question stays on the phone after it was cancelled");
}

async fn a_phone_is_registered(setting: Setting) {
    let mut browser = setting.browser();
    assert_eq!(browser.get("/auth/enrol").await.status, 403, "without a ticket");
    let page = browser.get("/sign-up").await;
    assert_eq!(page.location.as_deref(), Some("/auth/enrol"));
    let page = browser.get("/auth/enrol").await;
    let mut link = page.text.split(|c: char| c.is_whitespace() || "\"'<>".contains(c));
    let link = link.find(|part| part.contains("/r/")).unwrap().to_owned();
    let link = iampass_core::RegistrationLink::parse(&link).unwrap();
    let bert = setting.service.register_phone(&link).await.unwrap();
    browser.reload_until("/auth/enrol/state", |page| page.text.contains("true")).await;
    let page = browser.get("/auth/enrol").await;
    assert!(page.text.to_lowercase().contains("registered"), "{}", page.text);
    assert!(browser.cookies.is_empty(), "the ticket is used up");
    assert!(setting.tokens.token_for(&UserKey::from(2)).await.unwrap().is_some());
    let wait = browser.begin("bert").await;
    bert.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert_eq!(browser.get("/").await.text, "Hello Bert");
}

async fn a_deleted_user_is_out(setting: Setting) {
    let mut browser = setting.logged_in().await;
    assert!(browser.is_in().await);
    setting.users.anna_is_deleted.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(!browser.is_in().await);
    setting.users.anna_is_deleted.store(false, std::sync::atomic::Ordering::SeqCst);
    assert!(!browser.is_in().await, "and stays out");
}

async fn sessions_are_listed_and_ended(setting: Setting) {
    let mut first = setting.logged_in().await;
    let mut second = setting.logged_in().await;
    assert_eq!(first.get("/auth/sessions").await.status, 200);
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 2);
    let page = first.post("/auth/sessions/end-all", &[]).await;
    assert_eq!(page.status, 303);
    assert!(!first.is_in().await);
    assert!(!second.is_in().await);
    assert!(setting.anna.is_logged_out_within(SOON).await.unwrap(), "the service knows");
}

/// The same with the session in the cookie.
#[tokio::test]
async fn a_sealed_session_logs_in_and_out() {
    let setting = Setting::with::<crate::axum_site::Axum>(1, sealed).await;
    a_user_logs_in_and_out(setting).await;
}
