//! A name that nobody has, or whose user has no phone, looks like any other: in what is said, when, and for how long.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iampass_core::machine::LoginOptions;
use iampass_core::port::{MemorySessionStore, MemoryTokenStore};
use iampass_testkit::TestService;

use crate::axum_site::Axum;
use crate::browser::{Browser, Page};
use crate::faulty::Faulty;
use crate::setting::{SOON, Setting, Stores};

pub(crate) const NAMES: [&str; 3] = ["anna", "bert", "carl"];

/// How long after the start of its login a stream says `moved`.
async fn moved_at(browser: Browser, path: String, began: Instant) -> Duration {
    let mut answer = browser.request(reqwest::Method::GET, &path).send().await.unwrap();
    let mut heard = String::new();
    while let Some(part) = answer.chunk().await.unwrap() {
        heard.push_str(std::str::from_utf8(&part).unwrap());
        if heard.contains("event: moved") {
            break;
        }
    }
    began.elapsed()
}

/// All streams of one login end at one instant, on all nodes, whenever they were opened and whoever has the name.
#[tokio::test(flavor = "multi_thread")]
async fn streams_of_a_login_that_nobody_answers_end_at_one_instant() {
    for name in NAMES {
        let mut tries = Vec::new();
        // A slow machine may read one of them late, so it gets several tries. Streams without a common instant end 230 ms apart in each of them.
        while !tries.last().is_some_and(|at: &Vec<Duration>| is_one_instant(at)) {
            assert!(tries.len() < 3, "{name}: {tries:?}");
            tries.push(ends_of_streams(name).await);
        }
    }
}

/// When the streams of a login that nobody answers end, after the start of the login. It may be answered within four seconds.
async fn ends_of_streams(name: &str) -> Vec<Duration> {
    let setting = Setting::with::<Axum>(2, |builder| {
        builder.login_options(LoginOptions::default().deadline(Duration::from_secs(4)))
    })
    .await;
    let mut browser = setting.browser_at(0);
    let began = Instant::now();
    let wait = browser.begin(name).await;
    let is_asked_or_over =
        |page: &Page| page.text.contains("Accept the request") || page.text.contains("No answer in time");
    browser.reload_until(&wait, is_asked_or_over).await;
    let events = wait.replace("/wait", "/events");
    let mut streams = Vec::new();
    for n in 0..4 {
        let browser = browser.at(&setting.browser_at(n % 2));
        streams.push(tokio::spawn(moved_at(browser, events.clone(), began)));
        tokio::time::sleep(Duration::from_millis(230)).await;
    }
    let mut at = Vec::new();
    for stream in streams {
        at.push(stream.await.unwrap());
    }
    let first = at.iter().min().unwrap();
    assert!(*first >= Duration::from_millis(3_900), "{name}: {at:?}");
    let page = browser.get(&wait).await;
    assert!(page.text.contains("No answer in time"), "{name}: {}", page.text);
    at
}

fn is_one_instant(at: &[Duration]) -> bool {
    let (first, last) = (at.iter().min().unwrap(), at.iter().max().unwrap());
    *last - *first < Duration::from_millis(200) && *last < Duration::from_millis(4_900)
}

/// For how long a page waits for the phone, where the service waits for a tenth of that.
const PATIENT: Duration = Duration::from_secs(10);

/// A service that gives up a question before the page does: the page goes on waiting, as it does for a name that nobody has, and all pages
/// end at the instant that they were told.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_waits_for_a_shorter_time_tells_no_names_apart() {
    let service = TestService::builder().answer_timeout(Duration::from_secs(1)).start().await.unwrap();
    let stores = Stores {
        tokens: Arc::new(MemoryTokenStore::new(100)),
        sessions: Arc::new(MemorySessionStore::new(1_000)),
    };
    let setting = Setting::over::<Axum>(service, &vec![stores; 2], |builder| {
        builder.login_options(LoginOptions::default().deadline(PATIENT))
    })
    .await;
    let began = Instant::now();
    let mut waiting = Vec::new();
    for name in NAMES {
        let mut browser = setting.browser_at(0);
        let began = Instant::now();
        let wait = browser.begin(name).await;
        browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
        let events = wait.replace("/wait", "/events");
        let other = browser.at(&setting.browser_at(1));
        let told = tokio::spawn(moved_at(other, events, began));
        waiting.push((name, browser, wait, told));
    }
    // The service has given it up: the phone has nothing to accept any more.
    while !setting.anna.pending().await.unwrap().is_empty() {
        assert!(began.elapsed() < SOON, "the service goes on asking");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Both nodes hear of it within the time that they wait between two questions.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for (name, browser, wait, _) in &mut waiting {
        for node in 0..2 {
            let page = browser.at(&setting.browser_at(node)).get(wait).await;
            let state = browser.at(&setting.browser_at(node)).fetch(&wait.replace("/wait", "/state")).await;
            // Only a machine that is too slow for all of this gets here later.
            if began.elapsed() < PATIENT {
                assert!(page.text.contains("Accept the request"), "{name}: {}", page.text);
                assert_eq!(state.text, r#"{"moved":false}"#, "{name}");
            }
        }
    }
    let mut ends = Vec::new();
    for (name, mut browser, wait, told) in waiting {
        let told = told.await.unwrap();
        assert!(told >= PATIENT - Duration::from_millis(100), "{name}: {told:?}");
        let page = browser.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
        assert!(page.text.contains("No answer in time"), "{name}: {}", page.text);
        ends.push(page.text_without_picture().replace(name, "NAME"));
    }
    assert!(ends.iter().all(|end| *end == ends[0]));
}

/// A page says that the phone is asked at an instant that was set before the question was put, so that it does not show how much work that was.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_that_the_phone_is_asked_at_an_instant_that_was_set() {
    let step = Duration::from_secs(2);
    let setting = Setting::with::<Axum>(1, |builder| builder.answer_step(Duration::from_secs(2))).await;
    let mut displacing = Vec::new();
    for name in NAMES {
        let mut browser = setting.browser();
        let mut other = setting.browser();
        displacing.push(tokio::spawn(async move {
            let wait = browser.begin(name).await;
            browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
            let began = Instant::now();
            let wait = other.begin(name).await;
            let state = format!("{}&shown=preparing", wait.replace("/wait", "/state"));
            while other.fetch(&state).await.text == r#"{"moved":false}"# {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            (name, began.elapsed())
        }));
    }
    // The browser that was displaced has three seconds to hear of it.
    let earliest = Duration::from_secs(3) + step - Duration::from_millis(50);
    for displaced in displacing {
        let (name, after) = displaced.await.unwrap();
        assert!(after >= earliest, "{name}: {after:?}");
    }
}

/// Six nodes, where each page and each stream of one login is led to another one.
#[tokio::test(flavor = "multi_thread")]
async fn six_nodes_tell_no_names_apart() {
    const NODES: usize = 6;
    let setting = Setting::with::<Axum>(NODES, |builder| {
        builder.login_options(LoginOptions::default().deadline(PATIENT))
    })
    .await;
    let mut waiting = Vec::new();
    for (first, name) in NAMES.into_iter().enumerate() {
        let mut browser = setting.browser_at(first);
        let began = Instant::now();
        let wait = browser.begin(name).await;
        let (mut pages, mut streams) = (Vec::new(), Vec::new());
        for node in 0..NODES {
            let mut there = browser.at(&setting.browser_at(node));
            let page = there.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
            let state = there.fetch(&wait.replace("/wait", "/state")).await;
            assert_eq!(
                (state.status.as_u16(), state.text.as_str()),
                (200, r#"{"moved":false}"#),
                "{name} {node}"
            );
            pages.push(page.text.contains("/auth/login/cancel"));
            streams.push(tokio::spawn(moved_at(there, wait.replace("/wait", "/events"), began)));
        }
        assert!(pages.iter().all(|can_cancel| *can_cancel), "{name}: {pages:?}");
        waiting.push((name, browser, wait, streams));
    }
    let mut ends = Vec::new();
    for (name, browser, wait, streams) in waiting {
        for (node, told) in streams.into_iter().enumerate() {
            let told = told.await.unwrap();
            assert!(told >= PATIENT - Duration::from_millis(100), "{name} at {node}: {told:?}");
            let mut there = browser.at(&setting.browser_at(node));
            let page = there.reload_until(&wait, |page| !page.text.contains("/auth/login/cancel")).await;
            assert!(page.text.contains("No answer in time"), "{name} at {node}: {}", page.text);
            ends.push(page.text_without_picture().replace(name, "NAME"));
        }
    }
    assert!(ends.iter().all(|end| *end == ends[0]));
}

/// The service is so far away that one step is not enough. The start is answered before the service is, and the page hears of the question at the next
/// step after its answer, whoever has the name.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_takes_longer_than_a_step_tells_no_names_apart() {
    const TAKES: u64 = 2_200;
    const STEP: Duration = Duration::from_millis(1_500);
    let faulty = Faulty::start().await;
    let node = faulty.node_with::<Axum>(|client| client, |login| login.answer_step(STEP)).await;
    for name in NAMES {
        faulty.way.next_question_takes.store(TAKES, Ordering::SeqCst);
        let mut browser = node.browser();
        let began = Instant::now();
        let wait = browser.begin(name).await;
        let state = format!("{}&shown=preparing", wait.replace("/wait", "/state"));
        let mut told = Instant::now();
        while browser.fetch(&state).await.text == r#"{"moved":false}"# {
            told = Instant::now();
            assert!(began.elapsed() < SOON, "{name}: no phone is asked");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // It is asked twice as long as a step, and told at the second one after that.
        assert_eq!(
            faulty.way.next_question_takes.load(Ordering::SeqCst),
            0,
            "{name}: the service is asked too"
        );
        let told = told - began;
        assert!(told >= STEP * 2 - Duration::from_millis(100), "{name}: {told:?}");
        let page = browser.get(&wait).await;
        assert!(page.text.contains("Accept the request"), "{name}: {}", page.text);
        browser.cancel(&wait).await;
    }
}

/// A page that waits asks the store as often for a name that nobody has as for one whose phone is asked.
#[tokio::test]
async fn a_page_that_waits_takes_as_many_lookups_for_all() {
    let faulty = Faulty::start().await;
    let node = faulty.node::<Axum>().await;
    let mut lookups = Vec::new();
    for name in NAMES {
        let mut browser = node.browser();
        let wait = browser.begin(name).await;
        browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
        let mut fewest = [usize::MAX; 2];
        // Others look up things as well; never all the time.
        for _ in 0..10 {
            for (place, fewest) in [wait.clone(), wait.replace("/wait", "/state")].iter().zip(&mut fewest) {
                let before = faulty.sessions.lookups.load(Ordering::SeqCst);
                browser.get(place).await;
                *fewest = (faulty.sessions.lookups.load(Ordering::SeqCst) - before).min(*fewest);
            }
        }
        lookups.push((name, fewest));
    }
    assert!(lookups.iter().all(|(_, fewest)| *fewest == lookups[0].1), "{lookups:?}");
}
