//! Fault B18: an application that can log nobody in says so at once, on its pages to all alike, and in its log with what to do.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::ClientBuilder;

use crate::axum_site::Axum;
use crate::faulty::Sleeper;
use crate::log;
use crate::no_oracle::NAMES;
use crate::setting::Setting;

const REFUSED: &str = "Signing in is not possible at present";
const UNREACHABLE: &str = "Service not reachable";

const NOT_STARTED: &str = "the service refuses this application's logins";
const NOT_REACHED: &str = "a login could not be started: the service cannot be reached";
const NO_LINK: &str = "no registration link could be made";

/// A fault of an application, and how it shows.
struct Fault {
    /// On the page.
    said: &'static str,
    /// The line of the log.
    logged: &'static str,
    /// In that line.
    reason: &'static str,
}

async fn is_said(setting: &Setting, fault: &Fault, wrong: impl FnOnce(ClientBuilder) -> ClientBuilder) {
    let broken = setting.broken_node(wrong).await;
    let mut ends = Vec::new();
    for name in NAMES {
        let before = log::lines(fault.logged).len();
        let mut browser = broken.browser();
        let wait = browser.begin(name).await;
        let ended =
            |page: &crate::browser::Page| page.status == 200 && !page.text.contains("/auth/login/cancel");
        let page = browser.reload_until(&wait, ended).await;
        assert!(page.text.contains(fault.said), "{} {name}: {}", fault.reason, page.text);
        ends.push(page.text_without_picture().replace(name, "NAME"));
        let lines = log::lines(fault.logged).split_off(before);
        assert_eq!(lines.len(), 1, "{} {name}: {lines:?}", fault.reason);
        assert!(lines[0].contains(fault.reason), "{name}: {}", lines[0]);
        assert!(!lines[0].contains(name) && !lines[0].contains("token-of-anna"), "{}", lines[0]);
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{}: {ends:?}", fault.reason);
}

/// Whether a line of the log says in a sentence what to do.
fn has_advice(line: &str) -> bool {
    line.split("advice").nth(1).is_some_and(|advice| advice.contains('.'))
}

/// A person with a ticket gets a page that says so, and the operator a line with what to do.
async fn no_phone_is_registered(
    setting: &Setting,
    reason: &str,
    wrong: impl FnOnce(ClientBuilder) -> ClientBuilder,
) {
    let broken = setting.broken_node(wrong).await;
    let mut browser = broken.browser();
    let before = log::lines(NO_LINK).len();
    browser.get("/sign-up").await;
    let page = browser.get("/auth/enrol").await;
    assert_eq!(page.status, 503, "{reason}: {}", page.text);
    let lines = log::lines(NO_LINK).split_off(before);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(reason) && has_advice(&lines[0]), "{}", lines[0]);
}

#[tokio::test]
async fn what_is_wrong_with_the_application_is_said_to_all_alike() {
    log::begin();
    let mut setting = Setting::start::<Axum>().await;
    let id = setting.service.application_id().as_str().to_owned();
    let refused = |reason| Fault { said: REFUSED, logged: NOT_STARTED, reason };
    let ahead = || {
        let clock = Sleeper::new();
        clock.has_slept(Duration::from_secs(1_200));
        Arc::new(clock)
    };

    let wrong_secret = |builder: ClientBuilder| builder.application(id.clone(), "another key that is none");
    is_said(&setting, &refused("BAD_SIGNATURE"), wrong_secret).await;
    no_phone_is_registered(&setting, "BAD_SIGNATURE", wrong_secret).await;

    let wrong_id = |builder: ClientBuilder| builder.application("NOBODY", "another key that is none");
    is_said(&setting, &refused("UNKNOWN_APPLICATION"), wrong_id).await;
    no_phone_is_registered(&setting, "UNKNOWN_APPLICATION", wrong_id).await;

    let wrong_clock = |builder: ClientBuilder| builder.clock(ahead());
    is_said(&setting, &refused("TIMESTAMP_TOO_NEW"), wrong_clock).await;
    no_phone_is_registered(&setting, "TIMESTAMP_TOO_NEW", wrong_clock).await;

    let unreachable = Fault { said: UNREACHABLE, logged: NOT_REACHED, reason: "" };
    is_said(&setting, &unreachable, |builder| builder.server("http://127.0.0.1:9")).await;

    setting.service.stop().await.unwrap();
    let database = rusqlite::Connection::open(setting.service.data_file()).unwrap();
    assert!(database.execute("UPDATE applications SET disabled_at = 1", []).unwrap() > 0);
    drop(database);
    setting.service.start_again().await.unwrap();
    is_said(&setting, &refused("APPLICATION_DISABLED"), |builder| builder).await;
    no_phone_is_registered(&setting, "APPLICATION_DISABLED", |builder| builder).await;

    // Each line says what to do as well.
    assert!(log::lines(NOT_STARTED).iter().all(|line| has_advice(line)));
}
