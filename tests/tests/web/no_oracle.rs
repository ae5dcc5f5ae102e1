//! A name that nobody has, or whose user has no phone, looks like any other: in what is said, when, and for how long.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use iampass_core::machine::LoginOptions;
use iampass_core::port::{MemorySessionStore, MemoryTokenStore};
use iampass_testkit::TestService;

use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::faulty::Faulty;
use crate::setting::{SOON, Setting, Stores};

const NAMES: [&str; 3] = ["anna", "bert", "carl"];

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
    let setting = Setting::with::<Axum>(2, |builder| {
        builder.login_options(LoginOptions::default().deadline(Duration::from_secs(4)))
    })
    .await;
    for name in NAMES {
        let mut browser = setting.browser_at(0);
        let began = Instant::now();
        let wait = browser.begin(name).await;
        browser.reload_until(&wait, |page| page.text.contains("Accept the request")).await;
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
        let (first, last) = (at.iter().min().unwrap(), at.iter().max().unwrap());
        assert!(*last - *first < Duration::from_millis(200), "{name}: {at:?}");
        assert!(
            *first >= Duration::from_millis(3_900) && *last < Duration::from_millis(4_900),
            "{name}: {at:?}"
        );
        let page = browser.get(&wait).await;
        assert!(page.text.contains("No answer in time"), "{name}: {}", page.text);
    }
}

/// An application that the service refuses, or cannot reach, says so at once and to all alike.
#[tokio::test]
async fn what_is_wrong_with_the_application_is_said_to_all_alike() {
    let setting = Setting::with::<Axum>(1, |builder| builder).await;
    for (secret, server, said) in [
        (Some("another secret that is none"), None, "Signing in is not possible at present"),
        (None, Some("http://127.0.0.1:9"), "Service not reachable"),
    ] {
        let mut ends = Vec::new();
        let broken = setting.broken_node(secret, server).await;
        for name in NAMES {
            let mut browser = broken.browser();
            let began = Instant::now();
            let wait = browser.begin(name).await;
            let page = browser
                .reload_until(&wait, |page| page.status == 200 && !page.text.contains("/auth/login/cancel"))
                .await;
            assert!(page.text.contains(said), "{name}: {}", page.text);
            assert!(began.elapsed() < Duration::from_secs(15), "{name}: {:?}", began.elapsed());
            ends.push(page.text_without_picture().replace(name, "NAME"));
        }
        assert!(ends.iter().all(|end| *end == ends[0]));
    }
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
