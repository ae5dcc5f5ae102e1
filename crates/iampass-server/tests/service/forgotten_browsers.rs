//! A browser that an application knows is not taken for a known one where a phone of the user has ended since.

use iampass_core::UnixSeconds;
use serde_json::{Value, json};

use crate::rig::{Answer, Rig, path_of, random_nonce, sign};

const HALF_A_YEAR: u64 = 180 * 24 * 3_600;

impl Rig {
    async fn start_of_browser(&self, body: Value) -> Answer {
        let url = self.url(&format!("/authentication/authenticate_user/{}/u", self.app.id));
        self.post(&self.app, &url, body).await
    }

    async fn is_taken_for_known(&self, known_since: Option<u64>) -> bool {
        let mut body = json!({"known_browser": true});
        if let Some(since) = known_since {
            body["known_since"] = json!(since);
        }
        let answer = self.start_of_browser(body).await;
        if answer.status == 202 {
            return true;
        }
        let status = &answer.json["authentication_status"];
        assert_eq!((answer.status, &status["reason"]), (200, &json!("BROWSER_NOT_KNOWN")), "{answer:?}");
        assert_eq!((&status["authenticated"], &status["session_token"]), (&json!(false), &Value::Null));
        false
    }
}

#[tokio::test]
async fn a_browser_from_before_a_phone_was_replaced_is_not_known() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let before = rig.now().0;
    rig.clock.advance(60);
    assert!(rig.is_taken_for_known(Some(before)).await && rig.is_taken_for_known(None).await);
    let phone = rig.phone("u").await;
    let replaced = rig.now().0;
    for since in [Some(0), Some(before), Some(replaced), None] {
        assert!(!rig.is_taken_for_known(since).await, "{since:?}");
    }
    assert_eq!(rig.questions(&phone).await.len(), 0, "nothing is asked");
    // A login since then makes it known again, and a stranger is asked about as ever.
    assert!(rig.is_taken_for_known(Some(replaced + 1)).await);
    rig.start_of_browser(json!({"known_since": before})).await.ok(202);
    assert_eq!(rig.questions(&phone).await.len(), 2);
    // No application knows a browser for longer.
    rig.clock.advance(HALF_A_YEAR);
    assert!(rig.is_taken_for_known(None).await);
}

#[tokio::test]
async fn one_of_several_phones_that_is_removed_counts_as_well() {
    let rig = Rig::start().await;
    let first = rig.keyed("u").await;
    let codes = rig.recovery_codes(&first).await;
    let (second, waiting) = rig.waiting("u").await;
    rig.recover(&second, &waiting, &codes[0]).await.ok(200);
    let before = rig.now().0;
    rig.clock.advance(60);
    assert!(rig.is_taken_for_known(Some(before)).await, "a phone that is added ends none");
    let remove = json!({"change": "remove_phone", "phone_id": second.phone.pair.id});
    rig.change_phones(&first, remove).await.ok(200);
    assert!(!rig.is_taken_for_known(Some(before)).await);
}

/// The user of before, of the same id, may have lost a phone.
#[tokio::test]
async fn a_browser_from_before_its_user_was_deleted_and_added_again_is_not_known() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let before = rig.now().0;
    rig.clock.advance(60);
    assert!(rig.is_taken_for_known(Some(before)).await);
    let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &url, json!({"users": ["u"]})).await.ok(200);
    rig.add_users(&["u"]).await;
    rig.phone("u").await;
    assert!(!rig.is_taken_for_known(Some(before)).await);
    assert!(rig.is_taken_for_known(Some(rig.now().0)).await);
}

/// By its clock, the browser was let in after the phone had ended.
#[tokio::test]
async fn an_application_whose_clock_is_ahead_knows_no_browser_for_longer() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    rig.clock.advance(60);
    let let_in_at = rig.now().0;
    rig.clock.advance(10);
    rig.phone("u").await;
    let ahead = 90;
    let body = json!({"known_browser": true, "known_since": let_in_at + ahead});
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", rig.app.id));
    let headers = sign(&rig.app, &url, random_nonce(), UnixSeconds(rig.now().0 + ahead));
    let answer = rig.send("POST", path_of(&url), &headers, Some(&body.to_string())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json["authentication_status"]["reason"], json!("BROWSER_NOT_KNOWN"));
}

#[tokio::test]
async fn the_time_of_the_last_login_is_a_time() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    for since in [json!(null), json!("1"), json!(-1), json!(1.5), json!([1]), json!(true)] {
        let body = json!({"known_browser": true, "known_since": since});
        rig.start_of_browser(body).await.is(422, "INVALID_BODY");
    }
    rig.start_of_browser(json!({"known_browser": true, "known_since": u64::MAX})).await.ok(202);
}
