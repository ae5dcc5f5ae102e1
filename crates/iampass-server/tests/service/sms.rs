//! Registration links by SMS, through a gateway that misbehaves.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::Secret;
use iampass_server::notices::{SmsSettings, WebhookSender, verify_webhook};
use iampass_server::{Service, ServiceConfig};
use serde_json::json;
use tokio::net::TcpListener;

use crate::gateways::{Called, Gateway};
use crate::rig::{Answer, Rig, path_of};
use crate::store::Store;
use crate::watched::{figure, metrics_of};

const SECRET: &str = "webhook-secret-of-the-tests";
pub(crate) const NUMBER: &str = "+15559876542";

pub(crate) fn by_sms(config: &mut ServiceConfig, url: &str) {
    let settings = SmsSettings::new(url, Secret::new(SECRET)).unwrap();
    config.sms = Some(Arc::new(WebhookSender::new(settings).unwrap()));
}

pub(crate) async fn rig(gateway: &Gateway) -> Rig {
    let url = gateway.url();
    let settings = |config: &mut ServiceConfig| {
        by_sms(config, &url);
        config.metrics.from_this_machine = true;
    };
    let rig = Rig::with(settings).await;
    rig.add_users(&["u"]).await;
    rig
}

pub(crate) async fn ask(rig: &Rig, body: serde_json::Value) -> Answer {
    let url = rig.url(&format!("/management/send_registration_sms/{}/u", rig.app.id));
    rig.post(&rig.app, &url, body).await
}

pub(crate) async fn ask_plainly(rig: &Rig) {
    assert_eq!(ask(rig, json!({"phone_number": NUMBER})).await.ok(200), json!({"status": true}));
}

/// Moves the clock and has the service look at it.
async fn later(rig: &Rig, seconds: u64) {
    rig.clock.advance(seconds);
    rig.service.run_due_tasks().await.unwrap();
}

/// `state attempts last_error masked`, and whether contents are left, of all messages.
pub(crate) fn log(rig: &Rig) -> Vec<String> {
    rig.store.column(
        "SELECT state || ' ' || attempts || ' ' || coalesce(last_error, '-') || ' ' || masked
             || CASE WHEN contents IS NULL AND link_sha256 IS NULL THEN '' ELSE ' sealed' END
         FROM deliveries ORDER BY key",
    )
}

pub(crate) async fn until(rig: &Rig, expected: &[&str]) {
    for _ in 0..400 {
        if log(rig) == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(log(rig), expected);
}

/// Long enough for something to happen that must not.
pub(crate) async fn meanwhile() {
    tokio::time::sleep(Duration::from_millis(1_200)).await;
}

fn link_in(call: &Called) -> String {
    call.json()["link"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_link_is_sent_signed_and_forgotten() {
    let gateway = Gateway::start(&[]).await;
    let rig = rig(&gateway).await;
    let body = json!({"phone_number": NUMBER, "display_name": "Ann", "message": "Welcome to {link} !"});
    assert_eq!(ask(&rig, body).await.ok(200), json!({"status": true}));

    let call = gateway.after(1).await.remove(0);
    let (at, signature) =
        (call.header("x-iampass-webhook-timestamp"), call.header("x-iampass-webhook-signature"));
    assert!(verify_webhook(&Secret::new(SECRET), at, signature, call.body.as_bytes(), rig.now()), "{call:?}");
    assert!(call.head.starts_with("POST /send HTTP/1.1\r\n"), "{call:?}");
    let body = call.json();
    assert_eq!(body["id"], call.header("idempotency-key"));
    assert_eq!((&body["to"], &body["application_name"]), (&json!(NUMBER), &json!("Shop")));
    assert_eq!(body["expires_at"], json!(rig.now().0 + 3_600));
    let link = link_in(&call);
    assert_eq!(body["text"], format!("Welcome to {link} !"));
    until(&rig, &["sent 1 - ***42"]).await;

    let phone = rig.register(&link).await;
    let user = json!({"user_id": "u", "display_name": "Ann", "application_id": rig.app.id, "application_name": "Shop"});
    assert_eq!(phone.record["user"], user);
    later(&rig, 3_600).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
}

#[tokio::test]
async fn a_gateway_that_is_down_gets_it_when_it_is_up() {
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let rig = Rig::with(|config| by_sms(config, &format!("http://{address}/"))).await;
    rig.add_users(&["u"]).await;
    ask_plainly(&rig).await;
    until(&rig, &["queued 1 unreachable ***42 sealed"]).await;
    let gateway = Gateway::at(address, &[]).await;
    later(&rig, 7).await;
    gateway.after(1).await;
    until(&rig, &["sent 2 unreachable ***42"]).await;
}

#[tokio::test]
async fn trouble_is_met_with_patience_and_the_same_message() {
    let gateway = Gateway::start(&["500 Oh", "429 Slow\r\nRetry-After: 100"]).await;
    let rig = rig(&gateway).await;
    ask_plainly(&rig).await;
    until(&rig, &["queued 1 broken ***42 sealed"]).await;
    later(&rig, 7).await;
    until(&rig, &["queued 2 busy ***42 sealed"]).await;
    // Its own turn would have come by now.
    later(&rig, 99).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 2);
    later(&rig, 2).await;
    until(&rig, &["sent 3 busy ***42"]).await;
    let calls = gateway.after(3).await;
    for call in &calls {
        assert_eq!(call.header("idempotency-key"), calls[0].header("idempotency-key"));
        assert_eq!(call.body, calls[0].body);
    }
    let signed: Vec<_> = calls.iter().map(|call| call.header("x-iampass-webhook-timestamp")).collect();
    assert!(signed[0] < signed[1] && signed[1] < signed[2], "{signed:?}");
    let counted = metrics_of(&rig).await;
    for (event, count) in [("sent", 1.0), ("delayed", 2.0), ("failed", 0.0)] {
        let name = format!(r#"iampass_deliveries_total{{channel="sms",event="{event}"}}"#);
        assert_eq!(figure(&counted, &name), Some(count), "{event}");
    }
}

#[tokio::test]
async fn what_is_refused_or_redirected_is_not_sent_again() {
    let elsewhere = Gateway::start(&[]).await;
    let redirect: &'static str =
        Box::leak(format!("307 There\r\nLocation: {}", elsewhere.url()).into_boxed_str());
    let gateway = Gateway::start(&["422 No", redirect]).await;
    let rig = rig(&gateway).await;
    ask_plainly(&rig).await;
    until(&rig, &["refused 1 refused ***42"]).await;
    ask_plainly(&rig).await;
    until(&rig, &["refused 1 refused ***42", "refused 1 redirected ***42"]).await;
    later(&rig, 600).await;
    meanwhile().await;
    assert_eq!((gateway.called().len(), elsewhere.called().len()), (2, 0));
}

#[tokio::test]
async fn it_is_given_up_while_its_link_is_still_good() {
    let gateway = Gateway::start(&["503 No"; 3]).await;
    let rig = rig(&gateway).await;
    ask_plainly(&rig).await;
    until(&rig, &["queued 1 busy ***42 sealed"]).await;
    later(&rig, 50 * 60).await;
    until(&rig, &["given_up 1 busy ***42"]).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
}

#[tokio::test]
async fn a_link_that_was_replaced_used_or_whose_user_has_gone_is_not_sent() {
    let gateway = Gateway::start(&["503 No"; 3]).await;
    let rig = rig(&gateway).await;
    let queued = "queued 1 busy ***42 sealed";
    let withdrawn = "withdrawn 1 busy ***42";

    ask_plainly(&rig).await;
    until(&rig, &[queued]).await;
    let url = rig.url(&format!("/management/device_registration_link/{}/u", rig.app.id));
    rig.get(&rig.app, &url).await.ok(200);
    later(&rig, 7).await;
    until(&rig, &[withdrawn]).await;

    ask_plainly(&rig).await;
    until(&rig, &[withdrawn, queued]).await;
    rig.register(&link_in(&gateway.called()[1])).await;
    later(&rig, 7).await;
    until(&rig, &[withdrawn, withdrawn]).await;

    ask_plainly(&rig).await;
    until(&rig, &[withdrawn, withdrawn, queued]).await;
    let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &url, json!({"users": ["u"]})).await.ok(200);
    // Its contents go with the user, not when it would have been its turn.
    later(&rig, 0).await;
    until(&rig, &[withdrawn, withdrawn, withdrawn]).await;
    later(&rig, 600).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 3);
}

#[tokio::test]
async fn a_crash_between_sending_and_noting_it_sends_the_same_message_again() {
    let gateway = Gateway::start(&["never"]).await;
    let rig = rig(&gateway).await;
    ask_plainly(&rig).await;
    let first = gateway.after(1).await.remove(0);
    let (clock, app, store) = rig.crash().await;
    let url = gateway.url();
    let rig = Rig::at(clock, store, Some(app), |config| by_sms(config, &url)).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1, "its lease is not over yet");
    later(&rig, 61).await;
    let second = gateway.after(2).await.remove(1);
    assert_eq!(second.header("idempotency-key"), first.header("idempotency-key"));
    assert_eq!(second.body, first.body);
    until(&rig, &["sent 2 - ***42"]).await;
}

#[tokio::test]
async fn stopping_in_good_order_waits_for_what_is_on_its_way() {
    let gateway = Gateway::start(&[]).await;
    let rig = rig(&gateway).await;
    ask_plainly(&rig).await;
    gateway.after(1).await;
    let (clock, app, store) = rig.stop().await;
    let url = gateway.url();
    let rig = Rig::at(clock, store, Some(app), |config| by_sms(config, &url)).await;
    assert_eq!(log(&rig), ["sent 1 - ***42"]);
}

/// Two nodes where the store allows it, one elsewhere: each message is sent by one of them.
#[tokio::test]
async fn nodes_share_the_work() {
    let gateway = Gateway::start(&[]).await;
    let url = gateway.url();
    let rig = Rig::with(|config| {
        by_sms(config, &url);
        config.rates.per_destination_messages = None;
    })
    .await;
    let second = match &rig.store {
        Store::Postgres(_) => {
            let mut config = rig.store.config();
            config.clock = Arc::clone(&rig.clock) as Arc<dyn iampass_core::port::Clock>;
            by_sms(&mut config, &gateway.url());
            config.public_url = Some(rig.url("").parse().unwrap());
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            Some(tokio::spawn(Service::open(config).await.unwrap().serve(listener, std::future::pending())))
        }
        Store::File(_) => None,
    };
    let users: Vec<String> = (0..30).map(|number| format!("user-{number}")).collect();
    rig.add_users(&users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for user in &users {
        let url = rig.url(&format!("/management/send_registration_sms/{}/{user}", rig.app.id));
        rig.post(&rig.app, &url, json!({"phone_number": NUMBER})).await.ok(200);
    }
    gateway.after(users.len()).await;
    until(&rig, &vec!["sent 1 - ***42"; users.len()]).await;
    let mut ids: Vec<_> =
        gateway.called().iter().map(|call| call.header("idempotency-key").to_owned()).collect();
    assert_eq!(ids.len(), users.len());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), users.len(), "nobody got it twice");
    if let Some(second) = second {
        second.abort();
    }
}

/// Where the number and the link must not be: what is logged at its most talkative, and the data while the message waits.
#[tokio::test]
async fn neither_number_nor_link_is_logged_or_stored_in_clear() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _captured = tracing::subscriber::set_default(subscriber);
    let gateway = Gateway::start(&["500 Oh", "200 OK", "422 No"]).await;
    let rig = rig(&gateway).await;
    let body = json!({"phone_number": NUMBER, "display_name": "Name-Of-Ann", "message": "Words-For-Ann"});
    ask(&rig, body.clone()).await.ok(200);
    until(&rig, &["queued 1 broken ***42 sealed"]).await;
    let link = link_in(&gateway.called()[0]);
    let code = path_of(&link).strip_prefix("/r/").unwrap().to_owned();
    let secrets = [NUMBER, NUMBER.trim_start_matches('+'), &code, SECRET, "Words-For-Ann"];
    if let Store::File(directory) = &rig.store {
        for file in std::fs::read_dir(directory.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
            for secret in secrets {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
            }
        }
    }
    later(&rig, 7).await;
    until(&rig, &["sent 2 broken ***42"]).await;
    ask(&rig, body).await.ok(200);
    until(&rig, &["sent 2 broken ***42", "refused 1 refused ***42"]).await;

    let text = String::from_utf8_lossy(&written.0.lock().unwrap()).into_owned();
    let id = gateway.called()[0].header("idempotency-key").to_owned();
    assert!(text.contains(&id), "the log names the message by its id: {text}");
    let last = path_of(&link_in(&gateway.called()[2])).strip_prefix("/r/").unwrap().to_owned();
    for secret in secrets.into_iter().chain([last.as_str(), "Name-Of-Ann"]) {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
