//! Handlers that want an approval to have proven more than a tap: what was not proven is denied.

use std::time::Duration;

use iampass_web::{Limits, LoginWebBuilder, Rate};
use serde_json::{Value, json};

use super::Coded;
use crate::actix_site::Actix;
use crate::axum_site::Axum;
use crate::browser::Browser;
use crate::setting::{Framework, SOON, User, tapped};

/// As often as a check has to.
fn tapped_often(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    let many = Rate { burst: 100, every: Duration::from_secs(1) };
    tapped(builder).limits(Limits::default().per_user(many).per_user_and_network(many))
}

const PLACES: [&str; 3] = ["/proven-code", "/proven-key", "/proven/unlocked"];

/// Logs anna in, with an approval of which the service says this.
async fn logged_in<F: Framework>(coded: &Coded, assurance: Option<Value>) -> Browser {
    *coded.maker.assurance.lock().unwrap() = assurance;
    let mut browser = coded.browser();
    let wait = browser.begin("anna").await;
    coded.setting.anna.accept_next(SOON).await.unwrap();
    browser.complete(&wait).await;
    assert!(browser.is_in().await);
    browser
}

async fn is_open(browser: &mut Browser) -> [bool; 3] {
    let mut open = [false; 3];
    for (place, open) in PLACES.iter().zip(&mut open) {
        let status = browser.get(place).await.status;
        assert!(status == 200 || status == 403, "{place}: {status}");
        *open = status == 200;
        // A program is let in as a person is.
        assert_eq!(browser.fetch(place).await.status, status, "{place}");
    }
    open
}

async fn what_is_not_proven_is_denied<F: Framework>() {
    let coded = Coded::with::<F>(1, tapped_often).await;
    for place in PLACES {
        assert_eq!(coded.browser().get(place).await.status, 303, "{place}");
        assert_eq!(coded.browser().fetch(place).await.status, 401, "{place}");
    }
    for (assurance, open) in [
        (Some(Value::Null), [false; 3]),
        // Our service's own word of a tap.
        (None, [false; 3]),
        (Some(json!({})), [false; 3]),
        (Some(json!({"code": true})), [true, false, false]),
        (Some(json!({"code": true, "key": "device"})), [true, true, false]),
        (Some(json!({"key": "device"})), [false; 3]),
        (Some(json!({"code": true, "key": "new"})), [true, false, false]),
        (Some(json!({"unlocked": true, "key": "shared"})), [false, false, true]),
        (Some(json!({"code": true, "unlocked": true, "key": "device"})), [true; 3]),
    ] {
        let mut browser = logged_in::<F>(&coded, assurance.clone()).await;
        assert_eq!(is_open(&mut browser).await, open, "{assurance:?}");
        browser.post("/auth/logout", &[]).await;
    }
    // Proof that the service does not tell any more is none any more.
    let mut browser = logged_in::<F>(&coded, Some(json!({"code": true}))).await;
    assert_eq!(is_open(&mut browser).await, [true, false, false]);
    *coded.maker.assurance.lock().unwrap() = Some(Value::Null);
    browser.reload_until("/proven-code", |page| page.status == 403).await;
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn what_is_not_proven_is_denied_over_axum() {
    what_is_not_proven_is_denied::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_proven_is_denied_over_actix() {
    what_is_not_proven_is_denied::<Actix>().await;
}

async fn a_person_reads_what_to_do<F: Framework>() {
    let coded = Coded::with::<F>(1, tapped_often).await;
    let mut browser = logged_in::<F>(&coded, Some(json!({}))).await;
    for (place, said) in [
        ("/proven-code", "bring the code that the sign-in page shows"),
        ("/proven-key", "Your phone has no key of its own"),
        ("/proven/unlocked", "unlock your phone"),
    ] {
        let page = browser.get(place).await;
        assert!(
            page.text.contains("This needs a stronger sign-in") && page.text.contains(said),
            "{}",
            page.text
        );
        let back = format!("href=\"/auth/login?next={}\"", place.replace('/', "%2F"));
        assert!(page.text.contains(&back), "{}", page.text);
    }
    for (place, unproven) in [
        ("/proven-code", json!(["code"])),
        ("/proven-key", json!(["code", "device_key"])),
        ("/proven/unlocked", json!(["unlocked"])),
    ] {
        let page = browser.fetch(place).await;
        let told: Value = serde_json::from_str(&page.text).unwrap();
        assert_eq!(told, json!({"error": "proof_needed", "unproven": unproven, "login": "/auth/login"}));
    }
}

#[tokio::test]
async fn a_person_reads_what_to_do_over_axum() {
    a_person_reads_what_to_do::<Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_what_to_do_over_actix() {
    a_person_reads_what_to_do::<Actix>().await;
}
