//! Bringing where the browsers of two questions show the same digits.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::wire::{RegisterDevice, Shown};
use iampass_core::{DeviceId, Secret, UserToken};
use iampass_server_domain::credentials::{SessionCredentials, ShownSecrets};
use serde_json::json;

use super::test_store::{Store, on_both};
use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

fn none(store: &Store) -> SpentNonce {
    SpentNonce::none(Arc::clone(&store.database))
}

/// The phone of a new user.
pub(super) async fn phone(store: &Store, application: ApplicationKey) -> Device {
    let user = UserToken::new("ann").unwrap();
    store.add(application, &["ann"]).await;
    let code = LinkCode::draw().unwrap();
    let link = NewLink { application, user, display_name: None, lifetime: HOUR };
    assert!(store.database.make_link(link, code.clone(), none(store)).await.unwrap());
    let device = NewDevice { id: DeviceId::new("phone").unwrap(), secret: Secret::new("s") };
    let phone: RegisterDevice =
        serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
    store.database.register_device(code, device, phone).await.unwrap().registered().unwrap();
    store.database.device("phone").await.unwrap().unwrap().1
}

/// A browser that nobody knows shows this.
pub(super) async fn start(
    store: &Store,
    application: ApplicationKey,
    code: &str,
    scan: &str,
) -> SessionCredentials {
    let credentials = SessionCredentials::draw().unwrap();
    let new = NewSession {
        application,
        user: Some(UserToken::new("ann").unwrap()),
        methods: Vec::new(),
        duration: HOUR,
        answer_timeout: HOUR,
        most_pending: 5,
        browser: Browser::Unknown,
        known_since: None,
        shown: Some(ShownSecrets { code: Secret::new(code), scan: Secret::new(scan) }),
        browser_name: None,
        address: None,
        return_to: None,
        credentials: credentials.clone(),
    };
    let started = store.database.start_session(new, none(store)).await.unwrap();
    assert!(matches!(started, StartOutcome::Started { .. }), "{started:?}");
    credentials
}

/// The question that the phone gets for this.
async fn brought(store: &Store, device: &Device, shown: Shown) -> Option<Question> {
    match store.database.bring(device.clone(), shown, none(store)).await.unwrap() {
        BringOutcome::Brought(question) => Some(*question),
        BringOutcome::WrongCode => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn digits_that_two_browsers_show_bring_neither() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let device = phone(store, application).await;
        let owner = start(store, application, "482913", "of-the-owner").await;
        // A stranger who begins many logins meets the owner's digits in the end.
        let stranger = start(store, application, "482913", "of-the-stranger").await;
        start(store, application, "600000", "of-another").await;
        let digits = || Shown::Code("482913".into());
        assert!(brought(store, &device, digits()).await.is_none());
        let now = store.database.write(|tx| Box::pin(async move { Ok(tx.now()) })).await.unwrap();
        let waiting = store.database.questions(device.key, device.user, now).await.unwrap();
        assert_eq!(waiting.unwrap().questions.len(), 0, "nothing of it is on the phone");
        // The QR code is that of one browser.
        let question = brought(store, &device, Shown::Scan("of-the-owner".into())).await.unwrap();
        assert_eq!(question.id, owner.request_id);
        // When the stranger's is over, the digits are those of one browser.
        let session = store.database.session(stranger.token.as_str()).await.unwrap().unwrap().1;
        store.database.log_out(session.key, none(store)).await.unwrap();
        let question = brought(store, &device, digits()).await.unwrap();
        assert_eq!(question.id, owner.request_id);
    })
    .await;
}

/// The page whose question has given way shows its digits still. Somebody who brings them has guessed nothing.
#[tokio::test]
async fn digits_of_a_question_that_gave_way_are_not_counted_as_guesses() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let device = phone(store, application).await;
        start(store, application, "482913", "of-the-owner").await;
        for number in 0..200 {
            start(store, application, &format!("{:06}", 500_000 + number), &format!("scan-{number}")).await;
        }
        for _ in 0..10 {
            assert!(brought(store, &device, Shown::Code("482913".into())).await.is_none(), "it gave way");
        }
        let question = brought(store, &device, Shown::Code("500199".into())).await;
        assert!(question.is_some(), "the digits of one that waits are taken");
        for guess in 0..5 {
            let wrong = Shown::Code(format!("{:06}", 900_000 + guess).into());
            assert!(brought(store, &device, wrong).await.is_none());
        }
        let paused = store.database.bring(device, Shown::Code("500198".into()), none(store)).await.unwrap();
        assert!(matches!(paused, BringOutcome::TooManyWrong { .. }), "guesses are counted: {paused:?}");
    })
    .await;
}

/// The same browser has begun anew, and its user reads the digits of the page before.
#[tokio::test]
async fn digits_of_a_question_that_was_withdrawn_are_not_counted_as_guesses() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let device = phone(store, application).await;
        let before = start(store, application, "482913", "of-the-page-before").await;
        let session = store.database.session(before.token.as_str()).await.unwrap().unwrap().1;
        store.database.log_out(session.key, none(store)).await.unwrap();
        start(store, application, "500199", "of-the-page").await;
        for _ in 0..10 {
            assert!(brought(store, &device, Shown::Code("482913".into())).await.is_none(), "it is over");
        }
        assert!(brought(store, &device, Shown::Code("500199".into())).await.is_some());
    })
    .await;
}

/// Anybody who knows a name can leave any number of ended questions behind it. The service looks at none of them where somebody waits.
#[tokio::test]
async fn what_has_ended_is_not_read_for_what_waits() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let device = phone(store, application).await;
        store.sessions(application, Some(device.user), 1, 20_000).await;
        store.run("UPDATE sessions SET ended_at = asked_at".to_owned(), vec![]).await;
        if store.is_postgres {
            store.run("ANALYZE sessions".to_owned(), vec![]).await;
        }
        let (user, phone) = (device.user.into(), device.key.into());
        for sql in [starting::RINGING, starting::SILENT, starting::SIGNED_IN] {
            let plan = store.plan(sql, vec![user]).await;
            assert!(plan.contains("sessions_by_user"), "{sql}\n{plan}");
        }
        for (sql, values) in [
            (questions::ON_PHONE, vec![user, phone]),
            (questions::FETCHED, vec![user, phone]),
            (bringing::SHOWN, vec![user, phone]),
            (sessions::OPENED_BY, vec![user, phone, 0.into()]),
        ] {
            let plan = store.plan(sql, values).await;
            assert!(plan.contains("sessions_by_user"), "{sql}\n{plan}");
        }
    })
    .await;
}
