//! The pages that show a code, and their browsers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iampass_core::machine::LoginOptions;
use reqwest::Method;
use serde_json::json;

use super::{Coded, FIREFOX, digits, until_code};
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::log;
use crate::two_browsers::{ACCEPT, SUPERSEDED};

const NAMES: [&str; 3] = ["anna", "bert", "carl"];

/// The page but for what differs each time: the code, the proof, the time left, and the name.
fn form(text: &str, name: &str) -> String {
    let mut form = text.replace(name, "NAME");
    for (from, to) in [
        ("<div class=\"qr\"", "</div>"),
        ("<p class=\"code\">", "</p>"),
        ("data-code=\"", "\""),
        ("class=\"button primary wide on-phone\" href=\"", "\""),
        ("proof=", "\""),
        ("name=\"proof\" value=\"", "\""),
        ("data-left=\"", "\""),
        ("ring-seconds\">", "<"),
        ("<time id=\"until\"", "</time>"),
        ("stroke-dashoffset=\"", "\""),
    ] {
        let mut cut = String::new();
        let mut rest = form.as_str();
        while let Some((before, after)) = rest.split_once(from) {
            cut.push_str(before);
            cut.push('…');
            rest = after.split_once(to).unwrap().1;
        }
        cut.push_str(rest);
        form = cut;
    }
    form
}

#[tokio::test]
async fn a_page_shows_the_code_of_its_own_question() {
    let coded = Coded::start(1).await;
    let mut owner = coded.browser();
    let request = owner.form("/auth/login", &[("login_name", "anna")]).header("origin", owner.origin.clone());
    let wait = owner.take(request.header("user-agent", FIREFOX)).await.location.unwrap();
    let page = until_code(&mut owner, &wait).await;
    let given = coded.latest();
    assert_eq!(digits(&page).unwrap(), given.code);
    let link = given.open_url.expect("the page takes its browser back");
    assert!(page.text.contains(&format!("href=\"{link}\"")), "{}", page.text);
    assert!(!page.text.contains(&given.scan_url), "a link to the code does not come back");
    assert!(page.text.contains("<svg") && page.text.contains("Open IAMPASS on your phone"));
    assert!(!page.text.contains(ACCEPT) && !page.text.contains("Your phone shows"));
    assert!(page.text.contains("names another application than"), "{}", page.text);
    let mut body = given.body;
    let return_to = body["return_to"].take();
    let told = json!({"confirm": ["code"], "browser": "Firefox on Windows", "address": "127.0.0.1", "return_to": null});
    assert_eq!(body, told);
    let back = format!("{}/auth/login/returned?attempt=", owner.origin);
    assert!(return_to.as_str().is_some_and(|address| address.starts_with(&back)), "{return_to}");
    assert_eq!(page.headers["cache-control"], "no-store");
}

/// All that another browser can get: pages, states, events, and cookies of its own or half of the owner's.
#[tokio::test]
async fn no_other_browser_gets_a_code() {
    log::begin();
    for nodes in [1, 2] {
        let coded = Coded::start(nodes).await;
        coded.codes_are_known().await;
        let mut owner = coded.browser();
        let wait = owner.begin("anna").await;
        let page = until_code(&mut owner, &wait).await;
        let secret = coded.latest();
        let mut stranger = coded.browser_at(nodes - 1);
        let strange = stranger.begin("anna").await;
        let strange_page = until_code(&mut stranger, &strange).await;
        assert_ne!(digits(&page), digits(&strange_page));
        // The address of the owner's page, without its cookie, and with the stranger's own.
        let mut nobody = coded.browser_at(nodes - 1);
        let mut heard = String::new();
        for browser in [&mut nobody, &mut stranger] {
            for place in ["/wait", "/state", "/events"] {
                let place = wait.replace("/wait", place);
                if place.contains("events") {
                    heard.push_str(&browser.first_events(&place).await);
                } else {
                    heard.push_str(&browser.get(&place).await.text);
                }
            }
        }
        // The owner's cookie without the address.
        let mut thief = coded.browser_at(nodes - 1);
        thief.cookies.clone_from(&owner.cookies);
        for place in ["/auth/login/wait", "/auth/login/wait?proof=x", "/auth/login/events", "/auth/login"] {
            let page = if place.contains("events") {
                thief.first_events(place).await
            } else {
                thief.get_without_picture(place).await.text
            };
            heard.push_str(&page);
        }
        heard.push_str(&format!("{:?}{:?}", owner.cookies, stranger.cookies));
        let scan = secret.scan_url.split_once('=').unwrap().1;
        let link = secret.open_url.as_deref().unwrap().split_once('=').unwrap().1;
        assert!(!heard.contains(&secret.code) && !heard.contains(scan) && !heard.contains(link), "{heard}");
        let spelled: Vec<_> = secret.code.chars().map(String::from).collect();
        assert!(!heard.contains(&spelled.join(" ")), "{heard}");
        // The owner's page goes on showing it, on each node.
        let mut owner = owner.at(&coded.browser_at(nodes - 1));
        assert_eq!(digits(&owner.get(&wait).await), digits(&page));
        assert_eq!(log::logged(&secret.code) + log::logged(scan), 0);
    }
}

/// A code of an attempt that is over is on no page: of the same browser, after a cancel, or after a newer attempt.
#[tokio::test]
async fn a_code_goes_with_its_attempt() {
    let coded = Coded::start(1).await;
    let mut owner = coded.browser();
    let first = owner.begin("anna").await;
    let page = until_code(&mut owner, &first).await;
    let second = owner.begin("anna").await;
    let newer = until_code(&mut owner, &second).await;
    assert_ne!(digits(&page), digits(&newer));
    assert_eq!(digits(&owner.get(&first).await), None);
    owner.cancel(&second).await;
    assert_eq!(digits(&owner.get(&second).await), None);
}

/// A name that nobody has, or whose user has no phone or was asked too often, shows a code of the same form, at the same instant.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_shows_a_code_like_any_other() {
    for is_known in [false, true] {
        let mut tries = Vec::new();
        while !tries.last().is_some_and(|took: &Vec<Duration>| are_alike(took)) {
            assert!(tries.len() < TRIES, "{tries:?}");
            tries.push(times_to_a_code(is_known).await);
        }
    }
}

/// A slow machine may show a page late, or a step of the answer later. Work that takes longer for one name than for another does so in each try.
const TRIES: usize = 3;

fn are_alike(took: &[Duration]) -> bool {
    took.iter().all(|took_for| took_for.as_millis().abs_diff(took[0].as_millis()) < 400)
}

/// How long it takes until each of the names is shown a code. The pages are the same.
async fn times_to_a_code(is_known: bool) -> Vec<Duration> {
    let coded = Coded::with::<Axum>(1, |builder| builder.answer_step(Duration::from_millis(500))).await;
    if is_known {
        coded.codes_are_known().await;
    }
    let mut shown = Vec::new();
    let mut times = Vec::new();
    for name in NAMES {
        let mut browser = coded.browser();
        let began = Instant::now();
        let wait = browser.begin(name).await;
        let page = until_code(&mut browser, &wait).await;
        let took = began.elapsed();
        let status = browser.get(&wait.replace("/wait", "/state")).await.text;
        shown.push((form(&page.text, name), page.status, status));
        times.push(took);
    }
    // One whose user the service takes no more questions for.
    let mut browser = coded.browser();
    coded.maker.refuses.store(usize::from(is_known), Ordering::SeqCst);
    let wait = browser.begin("anna").await;
    let page = until_code(&mut browser, &wait).await;
    assert_eq!(form(&page.text, "anna"), shown[0].0);
    assert_eq!(coded.maker.refuses.load(Ordering::SeqCst), 0);
    for other in &shown {
        assert_eq!(*other, shown[0]);
    }
    let codes: Vec<_> = coded.maker.given().into_iter().map(|given| given.code).collect();
    assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), codes.len());
    times
}

/// They end alike as well.
#[tokio::test(flavor = "multi_thread")]
async fn codes_that_nobody_brings_end_at_one_instant() {
    let mut tries = Vec::new();
    while !tries.last().is_some_and(|ends: &Vec<Duration>| are_alike(ends)) {
        assert!(tries.len() < TRIES, "{tries:?}");
        tries.push(ends_of_codes().await);
    }
}

/// When the codes of the names end, after the start of each login.
async fn ends_of_codes() -> Vec<Duration> {
    let coded = Coded::with::<Axum>(1, |builder| {
        builder.login_options(LoginOptions::default().deadline(Duration::from_secs(6)))
    })
    .await;
    let mut ends = Vec::new();
    for name in NAMES {
        let (mut browser, began) = (coded.browser(), Instant::now());
        let wait = browser.begin(name).await;
        until_code(&mut browser, &wait).await;
        let page = browser.reload_until(&wait, |page| page.text.contains("No answer in time")).await;
        assert_eq!(digits(&page), None);
        ends.push(began.elapsed());
    }
    ends
}

/// A service that makes no codes: the page and the waits are as without.
#[tokio::test]
async fn without_a_code_the_page_says_to_accept() {
    let coded = Coded::start(1).await;
    coded.maker.makes_none.store(true, Ordering::SeqCst);
    for name in NAMES {
        let mut browser = coded.browser();
        let wait = browser.begin(name).await;
        let page = browser.reload_until(&wait, |page| page.text.contains(ACCEPT)).await;
        assert_eq!(digits(&page), None);
    }
    // And one browser's attempt takes the other's place.
    let (mut stranger, mut owner) = (coded.browser(), coded.browser());
    let strange = stranger.begin("anna").await;
    stranger.reload_until(&strange, |page| page.text.contains(ACCEPT)).await;
    owner.begin("anna").await;
    stranger.reload_until(&strange, |page| page.text.contains(SUPERSEDED)).await;
}

/// With a code nobody is in the way of anybody: no page is displaced, and none waits.
#[tokio::test]
async fn a_stranger_takes_no_place_and_keeps_nobody_waiting() {
    for nodes in [1, 2] {
        let coded = Coded::start(nodes).await;
        coded.codes_are_known().await;
        let mut owner = coded.browser();
        let wait = owner.begin("anna").await;
        let page = until_code(&mut owner, &wait).await;
        let began = Instant::now();
        let mut stranger = coded.browser_at(nodes - 1);
        let strange = stranger.begin("Anna").await;
        until_code(&mut stranger, &strange).await;
        // One that displaces another browser's attempt waits for 15 s.
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(digits(&owner.get(&wait).await), digits(&page));
        assert!(!owner.get(&wait).await.text.contains("another browser"));
        // The owner begins anew, and does not wait either. One that waits for the page before does so for 3 s in each try.
        let mut tries = Vec::new();
        while tries.last().is_none_or(|took| *took >= Duration::from_secs(2)) {
            assert!(tries.len() < TRIES, "{tries:?}");
            let began = Instant::now();
            let again = owner.begin("anna").await;
            until_code(&mut owner, &again).await;
            tries.push(began.elapsed());
        }
    }
}

/// A service that made codes and makes none any more: what was left out for their sake lets nobody in.
#[tokio::test]
async fn a_question_without_the_code_that_was_counted_on_lets_nobody_in() {
    let coded = Coded::start(1).await;
    coded.codes_are_known().await;
    coded.maker.makes_none.store(true, Ordering::SeqCst);
    let mut browser = coded.browser();
    let wait = browser.begin("anna").await;
    let page = ended(&mut browser, &wait).await;
    assert!(page.contains("That did not work"), "{page}");
    // A name without a phone and one that nobody has end in the same words.
    for name in ["bert", "nobody-here"] {
        let mut other = coded.browser();
        let wait = other.begin(name).await;
        let page = ended(&mut other, &wait).await;
        assert!(page.contains("That did not work"), "{name}: {page}");
    }
    assert!(coded.setting.anna.pending().await.unwrap().is_empty());
    browser.get(&wait).await;
    assert!(!browser.is_in().await);
    // However often it is tried: nothing between application and service can take the code away.
    for _ in 0..2 {
        let wait = browser.begin("anna").await;
        let page = ended(&mut browser, &wait).await;
        assert!(page.contains("That did not work") && !page.contains(ACCEPT), "{page}");
        assert!(coded.setting.anna.pending().await.unwrap().is_empty());
    }
    // And it is as before when the codes are back.
    coded.maker.makes_none.store(false, Ordering::SeqCst);
    let wait = browser.begin("anna").await;
    let code = digits(&until_code(&mut browser, &wait).await).unwrap();
    coded.setting.anna.accept_code(&code).await.unwrap();
}

async fn ended(browser: &mut Browser, wait: &str) -> String {
    let is_over =
        |page: &crate::browser::Page| page.status == 200 && !page.text.contains("/auth/login/cancel");
    browser.reload_until(wait, is_over).await.text
}

/// A page without a script gets its code, and goes on, by loading itself anew; one with a script hears of it.
#[tokio::test]
async fn a_page_comes_to_its_code_with_a_script_and_without() {
    let coded = Coded::start(1).await;
    let mut browser = coded.browser();
    let wait = browser.begin("anna").await;
    let events = format!("{}&shown=preparing", wait.replace("/wait", "/events"));
    let mut answer = browser.request(Method::GET, &events).send().await.unwrap();
    let mut heard = String::new();
    while !heard.contains("event: moved") {
        heard.push_str(std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap());
    }
    let page = browser.get(&wait).await;
    assert_eq!(digits(&page), Some(coded.latest().code));
    assert!(page.text.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"));
    assert!(!heard.contains(&coded.latest().code), "the page is loaded anew instead");
}
