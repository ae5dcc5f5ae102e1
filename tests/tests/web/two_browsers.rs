//! Several browsers and one phone: whose question is on it, what each page says, and who gets in. Each check runs with one node and with
//! two nodes over one store.

use std::time::Duration;

use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::setting::{SOON, Setting};

pub(crate) const ACCEPT: &str = "Accept the request on your phone";
pub(crate) const SUPERSEDED: &str = "Begun in another browser";
const DISPLACED: &str = "its request was taken back";

/// How long after the page before the next question is put at the earliest: three seconds, by clocks that round.
const PAUSE: Duration = Duration::from_millis(2_900);

/// A browser at the first node and one at the last.
pub(crate) async fn two(nodes: usize) -> (Setting, Browser, Browser) {
    let setting = Setting::with::<Axum>(nodes, |builder| builder).await;
    let (one, other) = (setting.browser_at(0), setting.browser_at(nodes - 1));
    (setting, one, other)
}

/// How many questions are on the phone, once it has been the same for a moment.
async fn settled(setting: &Setting) -> usize {
    let mut before = usize::MAX;
    let mut same = 0;
    while same < 5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = setting.anna.pending().await.unwrap().len();
        same = if now == before { same + 1 } else { 0 };
        before = now;
    }
    before
}

pub(crate) async fn until_asked(browser: &mut Browser, wait: &str) -> Page {
    browser.reload_until(wait, |page| page.text.contains(ACCEPT)).await
}

async fn until_ended(browser: &mut Browser, wait: &str) -> Page {
    browser.reload_until(wait, |page| page.status == 200 && !page.text.contains("/auth/login/cancel")).await
}

/// The owner accepts what is on the phone: it is what the owner's browser asked. Whichever spelling each of them uses.
#[tokio::test]
async fn the_owner_accepts_the_owners_question() {
    for (nodes, strange, own) in [(1, "ANNA", "anna"), (2, "anna", "anna"), (2, "anna", "Anna")] {
        let (setting, mut stranger, mut owner) = two(nodes).await;
        let strange = stranger.begin(strange).await;
        until_asked(&mut stranger, &strange).await;
        let wait = owner.begin(own).await;
        // The page says nothing of accepting before the stranger's question is gone.
        let mut page = owner.get(&wait).await;
        while !page.text.contains(ACCEPT) {
            assert!(page.text.contains(DISPLACED), "{}", page.text);
            page = owner.get(&wait).await;
        }
        assert!(page.text.contains(DISPLACED), "{}", page.text);
        assert!(until_ended(&mut stranger, &strange).await.text.contains(SUPERSEDED));
        assert_eq!(settled(&setting).await, 1);
        setting.anna.accept_next(SOON).await.unwrap();
        owner.complete(&wait).await;
        stranger.get(&strange).await;
        assert!(owner.is_in().await && !stranger.is_in().await);
    }
}

/// The form of a tab whose login the same browser has replaced takes back nothing: the newer one's page says to accept.
#[tokio::test]
async fn a_tab_of_a_replaced_login_cancels_nothing() {
    let (setting, mut owner, _) = two(1).await;
    let older = owner.begin("anna").await;
    until_asked(&mut owner, &older).await;
    let newer = owner.begin("anna").await;
    until_asked(&mut owner, &newer).await;
    for proof in [older.split_once("proof=").unwrap().1, "x", ""] {
        let page = owner.post("/auth/login/cancel", &[("proof", proof)]).await;
        assert!(page.text.contains("A newer sign-in") && page.picture().is_none(), "{}", page.text);
    }
    assert_eq!(owner.post("/auth/login/cancel", &[]).await.status, 303);
    assert_eq!(settled(&setting).await, 1);
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&newer).await;
    assert!(owner.is_in().await);
}

/// A question that was answered at the very moment in which another browser took the place lets nobody in.
#[tokio::test]
async fn an_answer_to_a_question_that_was_taken_back_lets_nobody_in() {
    let (setting, mut stranger, mut owner) = two(2).await;
    // As often as the budget of one network allows.
    for _ in 0..2 {
        let strange = stranger.begin("anna").await;
        until_asked(&mut stranger, &strange).await;
        let question = setting.anna.pending().await.unwrap().remove(0);
        let wait = owner.begin("anna").await;
        // Late, whatever the service makes of it.
        let _ = setting.anna.accept(&question).await;
        for _ in 0..10 {
            stranger.get(&strange).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(!stranger.is_in().await && !owner.is_in().await);
        owner.get(&wait).await;
        owner.cancel(&wait).await;
    }
}

/// A second start in one browser is shown the same for a name that somebody has and one that nobody has: nothing to accept for a while.
#[tokio::test]
async fn a_second_start_looks_the_same_for_names_that_nobody_has() {
    let setting = Setting::with::<Axum>(1, |builder| builder).await;
    for name in ["anna", "carl", "bert"] {
        let mut browser = setting.browser();
        let wait = browser.begin(name).await;
        until_asked(&mut browser, &wait).await;
        let begun = std::time::Instant::now();
        let wait = browser.begin(name).await;
        let page = browser.get(&wait).await;
        // A slow machine may get the page only when the question may be put.
        if begun.elapsed() < PAUSE {
            assert!(!page.text.contains(ACCEPT), "{name}: {}", page.text);
        }
        until_asked(&mut browser, &wait).await;
        let took = begun.elapsed();
        // A page that is not known to have gone on is waited for for ten seconds, and one of another browser for longer.
        assert!(took >= PAUSE && took < Duration::from_secs(9), "{name}: {took:?}");
    }
}

/// A browser in which the user has signed in keeps its place against strangers, and takes theirs.
#[tokio::test]
async fn a_known_browser_keeps_its_place() {
    for nodes in [1, 2] {
        let (setting, mut stranger, _) = two(nodes).await;
        let mut owner = setting.logged_in().await;
        assert!(owner.is_in().await);
        owner.post("/auth/logout", &[]).await;
        assert!(owner.cookies.contains_key("iampass-browser"));
        let wait = owner.begin("anna").await;
        until_asked(&mut owner, &wait).await;
        for _ in 0..3 {
            let strange = stranger.begin("anna").await;
            let page = until_ended(&mut stranger, &strange).await;
            assert!(page.text.contains("no phone was asked"), "{}", page.text);
        }
        assert_eq!(settled(&setting).await, 1);
        setting.anna.accept_next(SOON).await.unwrap();
        owner.complete(&wait).await;
        assert!(owner.is_in().await && !stranger.is_in().await);

        // And the other way round.
        owner.post("/auth/logout", &[]).await;
        let strange = stranger.begin("anna").await;
        until_asked(&mut stranger, &strange).await;
        let wait = owner.begin("anna").await;
        assert!(until_ended(&mut stranger, &strange).await.text.contains(SUPERSEDED));
        until_asked(&mut owner, &wait).await;
        setting.anna.accept_next(SOON).await.unwrap();
        owner.complete(&wait).await;
        assert!(owner.is_in().await && !stranger.is_in().await);
    }
}

/// A copy of the cookie of a login, without that of the browser, takes no place from a known browser.
#[tokio::test]
async fn a_copied_login_cookie_displaces_no_known_browser() {
    let (setting, mut thief, _) = two(2).await;
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
    owner.post("/auth/logout", &[]).await;
    let wait = owner.begin("anna").await;
    until_asked(&mut owner, &wait).await;
    thief.cookies.insert("iampass-login".to_owned(), owner.cookies["iampass-login"].clone());
    let strange = thief.begin("anna").await;
    assert!(until_ended(&mut thief, &strange).await.text.contains("no phone was asked"));
    assert!(settled(&setting).await <= 1);
    let _ = setting.anna.accept_next(Duration::from_secs(1)).await;
    thief.get(&strange).await;
    assert!(!thief.is_in().await);
}

/// However many a stranger starts, from one network: neither the user's own browser nor another network is kept out.
#[tokio::test]
async fn a_stranger_keeps_nobody_out() {
    let setting = Setting::with::<Axum>(2, |builder| builder.trusted_proxies(1)).await;
    let from = |address: &'static str| {
        move |request: reqwest::RequestBuilder| request.header("x-forwarded-for", address)
    };
    let start = async |browser: &mut Browser, address| {
        let request =
            browser.form("/auth/login", &[("login_name", "anna")]).header("origin", browser.origin.clone());
        browser.take(from(address)(request)).await
    };
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
    let mut refused = 0;
    for round in 0..20 {
        let page = start(&mut setting.browser_at(round % 2), "203.0.113.66").await;
        refused += usize::from(page.status == 429);
    }
    assert_eq!(refused, 15, "five questions of one network, however many nodes there are");
    // Elsewhere somebody whom no browser knows is not refused.
    let mut elsewhere = setting.browser_at(1);
    let wait = start(&mut elsewhere, "203.0.113.5").await.location.unwrap();
    until_asked(&mut elsewhere, &wait).await;
    // A known browser is not even counted with them.
    owner.post("/auth/logout", &[]).await;
    let wait = start(&mut owner, "203.0.113.66").await.location.unwrap();
    until_asked(&mut owner, &wait).await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
}

/// Refused starts count for nothing: as soon as there is room for one, there is.
#[tokio::test]
async fn what_put_no_question_does_not_count() {
    let setting = Setting::with::<Axum>(1, |builder| builder).await;
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
    owner.post("/auth/logout", &[]).await;
    let wait = owner.begin("anna").await;
    until_asked(&mut owner, &wait).await;
    // More than any budget has, and each is told that no phone was asked.
    for _ in 0..12 {
        let mut stranger = setting.browser();
        let strange = stranger.begin("anna").await;
        assert!(until_ended(&mut stranger, &strange).await.text.contains("no phone was asked"));
    }
}

/// The name is free as soon as the phone has answered, also where the browser that asked never comes back.
#[tokio::test]
async fn a_name_is_free_as_soon_as_its_question_is_answered() {
    for nodes in [1, 2] {
        let (setting, mut first, mut second) = two(nodes).await;
        let wait = first.begin("anna").await;
        until_asked(&mut first, &wait).await;
        setting.anna.deny_next(SOON).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let wait = second.begin("anna").await;
        let page = until_asked(&mut second, &wait).await;
        assert!(!page.text.contains(DISPLACED), "nobody was there to be displaced: {}", page.text);
        setting.anna.accept_next(SOON).await.unwrap();
        second.complete(&wait).await;
        assert!(second.is_in().await);
    }
}

/// A new start in the same browser takes the place of its old one, for the same user or another one, and the old page says so.
#[tokio::test]
async fn a_browser_has_one_login_under_way() {
    for (nodes, other_name) in [(1, "anna"), (2, "anna"), (2, "carl")] {
        let setting = Setting::with::<Axum>(nodes, |builder| builder).await;
        let mut tab = setting.browser_at(0);
        let old = tab.begin("anna").await;
        until_asked(&mut tab, &old).await;
        let mut tab = tab.at(&setting.browser_at(nodes - 1));
        let new = tab.begin(other_name).await;
        let page = until_asked(&mut tab, &new).await;
        assert!(!page.text.contains(DISPLACED));
        assert!(tab.get(&old).await.text.contains("A newer sign-in was begun in this browser"));
        assert_eq!(settled(&setting).await, usize::from(other_name == "anna"));
        if other_name == "anna" {
            setting.anna.accept_next(SOON).await.unwrap();
            tab.complete(&new).await;
            assert!(tab.is_in().await);
        }
    }
}

/// The answer that brings the session's cookie gets lost: the same browser has it again, until it has come back with it.
#[tokio::test]
async fn a_lost_answer_is_given_again_to_the_same_browser() {
    for nodes in [1, 2] {
        let (setting, mut browser, _) = two(nodes).await;
        let wait = browser.begin("anna").await;
        setting.anna.accept_next(SOON).await.unwrap();
        let before = browser.cookies.clone();
        browser.complete(&wait).await;
        browser.cookies = before.clone();
        let mut browser = browser.at(&setting.browser_at(nodes - 1));
        browser.complete(&wait).await;
        assert!(browser.is_in().await);
        assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 1);
        // Once it is in use, the same is worth nothing.
        let mut late = setting.browser();
        late.cookies = before;
        let page = late.get(&wait).await;
        assert!(page.text.contains("completed in another browser"), "{}", page.text);
        assert!(!late.is_in().await);
    }
}

/// *Log out everywhere* ends a session too that its browser has not come back with yet.
#[tokio::test]
async fn a_session_that_is_not_used_yet_ends_with_all_others() {
    let (setting, mut late, _) = two(2).await;
    let mut owner = setting.logged_in().await;
    let wait = late.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    late.complete(&wait).await;
    assert_eq!(owner.post("/auth/sessions/end-all", &[]).await.status, 303);
    assert!(!late.at(&setting.browser_at(1)).is_in().await);
    assert!(!late.is_in().await && !owner.is_in().await);
}

/// *Log out everywhere* comes before a browser takes its login up, or before it does so again: it gets no session, and is not known.
#[tokio::test]
async fn a_login_that_is_taken_up_after_all_have_ended_makes_no_browser_known() {
    for is_again in [false, true] {
        let (setting, mut late, _) = two(2).await;
        let mut owner = setting.logged_in().await;
        let wait = late.begin("anna").await;
        setting.anna.accept_next(SOON).await.unwrap();
        late.reload_until(&wait.replace("/wait", "/state"), |page| page.text.contains("true")).await;
        let before = late.cookies.clone();
        if is_again {
            late.complete(&wait).await;
            late.cookies = before;
        }
        assert_eq!(owner.post("/auth/sessions/end-all", &[]).await.status, 303);
        // The end is told to the second.
        let mut late = late.at(&setting.browser_at(1));
        let page = late.get(&wait).await;
        assert!(page.location.is_none() && !late.cookies.contains_key("iampass-session"), "{}", page.text);
        assert!(!late.is_in().await);
        let wait = owner.begin("anna").await;
        setting.anna.accept_next(SOON).await.unwrap();
        owner.complete(&wait).await;
        let known = owner.get("/auth/sessions").await.text.matches("/auth/browsers/forget\"").count();
        assert_eq!(known, 1, "the owner's alone");
    }
}

/// A browser that was made unknown is a stranger: its cookie is worth nothing, whoever kept it.
#[tokio::test]
async fn a_forgotten_browser_is_a_stranger() {
    let (setting, mut stranger, _) = two(2).await;
    let mut owner = setting.logged_in().await;
    let page = owner.get("/auth/sessions").await;
    assert!(page.text.contains("Browsers that know you"), "{}", page.text);
    let kept = owner.cookies["iampass-browser"].clone();
    assert_eq!(owner.post("/auth/browsers/forget-all", &[]).await.status, 303);
    assert!(!owner.get("/auth/sessions").await.text.contains("Browsers that know you"));
    stranger.cookies.insert("iampass-browser".to_owned(), kept);
    let strange = stranger.begin("anna").await;
    until_asked(&mut stranger, &strange).await;
    // It keeps its place against nobody.
    let mut other = setting.browser_at(1);
    let wait = other.begin("anna").await;
    assert!(until_ended(&mut stranger, &strange).await.text.contains(SUPERSEDED));
    until_asked(&mut other, &wait).await;
    // The other's own cookies of another user or another application open nothing.
    let pending = other.cookies["iampass-login"].clone();
    for value in ["", "x", "AAAA", &"A".repeat(3_000), &pending] {
        stranger.cookies.insert("iampass-browser".to_owned(), value.to_owned());
        assert_eq!(stranger.post("/auth/login", &[("login_name", "bert")]).await.status, 303);
    }
}
