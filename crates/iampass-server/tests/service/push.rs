//! Pushes: from the subscription of a phone to what its push service gets.

use iampass_server::push::{Contact, PushConfig, Pushes, Reach};
use serde_json::{Value, json};

use crate::gateways::{Called, Gateway};
use crate::rig::{Phone, Rig};

const POINT: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

async fn pushing() -> Rig {
    Rig::with(|config| config.pushes = to_this_machine()).await
}

pub(crate) fn to_this_machine() -> Pushes {
    with(Reach::Everywhere)
}

fn with(reach: Reach) -> Pushes {
    let mut push = PushConfig::new(Contact::new("mailto:ops@example.org").unwrap());
    push.reach = reach;
    Pushes::With(push)
}

async fn configure(rig: &Rig, phone: &Phone, token: &str) -> Value {
    let url = phone.urls["device_configuration"].as_str().unwrap();
    rig.post(&phone.pair, url, json!({"notification_token": token})).await.ok(200)["push"].clone()
}

fn token(endpoint: &str, key: &str) -> String {
    let subscription = json!({
        "endpoint": endpoint, "keys": {"p256dh": POINT, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}, "applicationServerKey": key,
    });
    format!("webpush:{subscription}")
}

/// Says where a phone is, and what the service says to that.
pub(crate) async fn subscribe(rig: &Rig, phone: &Phone, endpoint: &str) -> bool {
    let push = configure(rig, phone, "*").await;
    assert_eq!(push["is_subscribed"], false);
    let key = push["application_server_key"].as_str().unwrap();
    configure(rig, phone, &token(endpoint, key)).await["is_subscribed"].as_bool().unwrap()
}

/// The state of the only push, as soon as it is none that waits.
async fn state(rig: &Rig) -> String {
    for _ in 0..1_000 {
        let found = rig.store.column("SELECT state FROM pushes ORDER BY key DESC");
        if let Some(state) = found.first().filter(|state| *state != "waiting") {
            return state.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it still waits")
}

#[tokio::test]
async fn a_question_wakes_the_phone_and_names_nobody() {
    let rig = pushing().await;
    let service = Gateway::start(&["201 Created"]).await;
    let phone = rig.phone("anns-user-id").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    rig.session("anns-user-id", "").await;
    let Called { head, body } = service.after(1).await.remove(0);
    let question = rig.questions(&phone).await.pop().unwrap();
    let said = format!("{head}{body}").to_lowercase();
    for name in ["anns-user-id", &rig.app.id.to_lowercase(), &phone.pair.id, &question.pair.id] {
        assert!(!said.contains(name), "{name} is in {said}");
    }
    for header in
        ["ttl: 60", "urgency: high", "content-encoding: aes128gcm", "topic: ", "authorization: vapid t="]
    {
        assert!(said.contains(header), "{header} is not in {said}");
    }
    assert_eq!(state(&rig).await, "sent");
    // Another question: another topic.
    rig.session("anns-user-id", "").await;
    let again = service.after(2).await.remove(1);
    assert_ne!(again.header("topic"), head.lines().find_map(|line| line.strip_prefix("topic: ")).unwrap());
}

#[tokio::test]
async fn a_phone_that_has_left_is_told_so_and_subscribes_anew() {
    let rig = pushing().await;
    let service = Gateway::start(&["410 Gone"]).await;
    let phone = rig.phone("u").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    rig.session("u", "").await;
    service.after(1).await;
    assert_eq!(state(&rig).await, "gone");
    rig.session("u", "").await;
    assert!(!subscribe(&rig, &phone, &service.url()).await, "it gives the dead endpoint once more");
    let anew = format!("{}/anew", service.url());
    assert!(subscribe(&rig, &phone, &anew).await);
    rig.session("u", "").await;
    let called = service.after(2).await;
    assert!(called[1].head.starts_with("POST /send/anew "), "{}", called[1].head);
}

#[tokio::test]
async fn a_phone_that_unsubscribes_or_goes_is_woken_no_more() {
    let rig = pushing().await;
    let service = Gateway::start(&[]).await;
    let phone = rig.phone("u").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    assert_eq!(configure(&rig, &phone, "*").await["is_subscribed"], false);
    rig.session("u", "").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    let unregister = phone.urls["device_unregister"].as_str().unwrap();
    rig.call(&phone.pair, "POST", unregister, None).await.ok(200);
    assert!(rig.store.column("SELECT id FROM push_subscriptions").is_empty());
    let other = rig.phone("u").await;
    rig.session("u", "").await;
    rig.questions(&other).await;
    assert!(rig.store.column("SELECT state FROM pushes").is_empty());
    assert!(service.called().is_empty());
}

#[tokio::test]
async fn an_endpoint_in_the_own_network_is_refused() {
    let rig = Rig::with(|config| config.pushes = with(Reach::Public)).await;
    let phone = rig.phone("u").await;
    let key = configure(&rig, &phone, "*").await["application_server_key"].as_str().unwrap().to_owned();
    let url = phone.urls["device_configuration"].as_str().unwrap();
    for endpoint in
        ["http://push.example/a", "https://127.0.0.1/a", "https://169.254.169.254/a", "https://localhost/a"]
    {
        let body = json!({"notification_token": token(endpoint, &key)});
        rig.post(&phone.pair, url, body).await.is(422, "INVALID_PARAMETER");
    }
    assert!(rig.store.column("SELECT id FROM push_subscriptions").is_empty());
}

#[tokio::test]
async fn an_endpoint_does_not_stand_in_the_row_of_its_phone() {
    let rig = pushing().await;
    let phone = rig.phone("u").await;
    assert!(subscribe(&rig, &phone, "http://127.0.0.1:9/anns-endpoint").await);
    assert_eq!(rig.store.column("SELECT notification_token FROM devices"), ["*push"]);
}

#[tokio::test]
async fn a_service_that_pushes_to_nobody_takes_any_token_and_keeps_none_that_leads_to_a_phone() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let kept = || rig.store.column("SELECT notification_token FROM devices");
    for (sent, in_row) in [
        ("webpush:{}", "*push"),
        (&token("https://push.example/anns-endpoint", "key"), "*push"),
        ("fcm:anns-token", "*push"),
        ("apns:00fc", "*push"),
        ("webhook:anns-phone", "*push"),
        ("*browser", "*browser"),
        ("f1:somebody-elses-app", "f1:somebody-elses-app"),
    ] {
        assert_eq!(configure(&rig, &phone, sent).await, Value::Null);
        assert_eq!(kept(), [in_row], "{sent}");
    }
    rig.session("u", "").await;
    assert!(rig.store.column("SELECT state FROM pushes").is_empty());
    assert!(rig.store.column("SELECT id FROM push_subscriptions").is_empty());
}

/// The kinds that were pushed, the oldest first.
fn kinds(rig: &Rig) -> Vec<String> {
    rig.store.column("SELECT kind FROM pushes ORDER BY key")
}

#[tokio::test]
async fn a_session_that_ends_elsewhere_is_told_and_one_that_the_phone_ends_is_not() {
    let rig = pushing().await;
    let service = Gateway::start(&[]).await;
    let phone = rig.phone("u").await;
    let first = rig.active_session(&phone, "u", "").await;
    rig.active_session(&phone, "u", "").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);

    // The phone itself.
    let newest = rig.active_sessions(&phone).await.remove(0);
    let logout = newest["logout_url"].as_str().unwrap();
    rig.call(&phone.pair, "POST", logout, None).await.ok(200);
    assert!(kinds(&rig).is_empty());

    // The application.
    rig.call(&first.pair, "POST", &first.logout_url, None).await.ok(200);
    assert_eq!(rig.status(&first).await, "closed");
    let called = service.after(1).await;
    assert_eq!(kinds(&rig), ["session_changed"]);
    let head = called[0].head.to_lowercase();
    assert!(head.contains("urgency: normal"), "{head}");
    assert_eq!(state(&rig).await, "sent");
    // Once more changes nothing, so there is nothing to tell.
    rig.call(&first.pair, "POST", &first.logout_url, None).await;
    assert_eq!(kinds(&rig).len(), 1);
}

/// A question that nobody has answered is no session of the user yet.
#[tokio::test]
async fn a_question_that_is_withdrawn_is_no_change_of_a_session() {
    let rig = pushing().await;
    let service = Gateway::start(&[]).await;
    let phone = rig.phone("u").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    let session = rig.session("u", "").await;
    rig.call(&session.pair, "POST", &session.logout_url, None).await;
    assert_eq!(kinds(&rig), ["question_waits"]);
}

/// Everything that there is of a push: what its service gets, and what is kept of it. A push service and a copy of the log name nobody.
#[tokio::test]
async fn neither_a_push_nor_its_log_names_a_person_or_an_application() {
    let rig = pushing().await;
    let service = Gateway::start(&["201 Created", "400 Bad Request"]).await;
    let user = "anns-user-id";
    let phone = rig.phone(user).await;
    let session = rig.active_session(&phone, user, "").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    rig.session(user, "").await;
    service.after(1).await;
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    let called = service.after(2).await;
    assert_eq!(state(&rig).await, "refused");
    let mut there: Vec<String> = called.iter().map(|got| format!("{}{}", got.head, got.body)).collect();
    let columns = ["service", "kind", "state", "coalesce(last_error, '')"];
    for column in columns {
        there.extend(rig.store.column(&format!("SELECT {column} FROM pushes")));
    }
    let there = there.join("\n").to_lowercase();
    let name = rig.store.column("SELECT name FROM applications WHERE id <> 'console'").remove(0);
    let names = [user, &rig.app.id, &name, &phone.pair.id, &session.pair.id, "anns"];
    for name in names {
        assert!(!there.contains(&name.to_lowercase()), "{name} is in {there}");
    }
    // Every text that a push has: another column would have to be looked at here as well.
    let texts: Vec<String> = if crate::store::on_postgres() {
        rig.store.column("SELECT column_name::text FROM information_schema.columns WHERE table_name = 'pushes' AND data_type NOT LIKE '%int%' ORDER BY ordinal_position")
    } else {
        rig.store.column("SELECT name FROM pragma_table_info('pushes') WHERE type <> 'INTEGER' ORDER BY cid")
    };
    assert_eq!(texts, ["service", "kind", "state", "last_error"]);
}
