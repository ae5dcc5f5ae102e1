//! Words to the operator over real sockets: by a gateway and by mail, once over two nodes, and that it is over.

use std::io::ErrorKind;
use std::time::Duration;

use iampass_core::{Secret, UnixSeconds};
use iampass_server::ServiceConfig;
use iampass_server::alerts::{AlertConfig, AlertMessage, AlertSender, AlertThresholds};
use iampass_server::notices::{MailSettings, verify_webhook};
use serde_json::json;
use tokio::net::TcpListener;

use crate::gateways::{Gateway, MailServer};
use crate::rig::Rig;
use crate::sms::meanwhile;
use crate::store::on_postgres;

const SECRET: &str = "alert-secret-of-the-tests";

fn telling(config: &mut ServiceConfig, gateway: &str, mail: Option<&MailServer>) {
    let settings = mail.map(|mail| {
        let url = Secret::new(format!("smtp://{}", mail.address));
        MailSettings::new(&url, "IAMPASS <alerts@login.example>").unwrap()
    });
    let mail = settings.as_ref().map(|settings| (settings, vec!["ops@example.org".to_owned()]));
    let sender = AlertSender::new(Some((gateway, Secret::new(SECRET))), mail).unwrap();
    let mut alerts = AlertConfig::new(sender);
    alerts.look_every = Duration::from_millis(100);
    alerts.thresholds = AlertThresholds { disk_percent: 0, ..AlertThresholds::default() };
    config.alerts = Some(alerts);
}

async fn report(rig: &Rig) {
    let phone = rig.phone("ann").await;
    rig.session("ann", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false, "report": true})).await.ok(200);
}

#[tokio::test]
async fn a_report_is_told_once_and_then_that_it_is_over() {
    let (gateway, mail) = (Gateway::start(&["500 Oh"]).await, MailServer::start(&[]).await);
    let rig = Rig::with(|config| telling(config, &gateway.url(), Some(&mail))).await;
    report(&rig).await;
    let call = gateway.after(1).await.remove(0);
    let (at, signature) =
        (call.header("x-iampass-webhook-timestamp"), call.header("x-iampass-webhook-signature"));
    assert!(verify_webhook(&Secret::new(SECRET), at, signature, call.body.as_bytes(), rig.now()), "{call:?}");
    let body = call.json();
    assert_eq!((&body["state"], &body["kind"]), (&json!("raised"), &json!("reports")));
    assert_eq!((&body["subject"], &body["figure"]), (&json!(rig.app.id), &json!(1)));
    assert!(body["text"].as_str().unwrap().contains("1 logins were reported"), "{body}");
    assert!(body["advice"].as_str().unwrap().contains("history"), "{body}");
    let said = mail.after(1).await.remove(0);
    assert!(
        said.contains("RCPT TO:<ops@example.org>") && said.contains("Subject: IAMPASS: 1 logins"),
        "{said}"
    );
    // The gateway has not taken it, and the mail server has: operators are told.
    meanwhile().await;
    assert_eq!((gateway.called().len(), mail.said().len()), (1, 1));
    // After an hour it counts no more, and after some minutes it is over.
    rig.clock.advance(3_700);
    meanwhile().await;
    let cleared = gateway.after(2).await.remove(1).json();
    assert_eq!((&cleared["state"], &cleared["kind"]), (&json!("cleared"), &json!("reports")));
    assert_eq!(cleared["id"], body["id"]);
    assert!(mail.after(2).await[1].contains("over: 1 logins"), "{:?}", mail.said());
    meanwhile().await;
    assert_eq!(gateway.called().len(), 2);
}

#[tokio::test]
async fn denials_in_a_row_are_told_and_a_report_is_one_of_them() {
    let gateway = Gateway::start(&[]).await;
    let rig = Rig::with(|config| telling(config, &gateway.url(), None)).await;
    let phone = rig.phone("ann").await;
    for _ in 0..5 {
        rig.session("ann", "").await;
    }
    let questions = rig.questions(&phone).await;
    assert_eq!(questions.len(), 5);
    rig.answer(&questions[0], json!({"accepted": false, "report": true})).await.ok(200);
    for question in &questions[1..4] {
        rig.answer(question, json!({"accepted": false})).await.ok(200);
    }
    // For the pause the report counts as five; for operators these are four.
    assert_eq!(gateway.after(1).await.remove(0).json()["kind"], json!("reports"));
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
    rig.answer(&questions[4], json!({"accepted": false})).await.ok(200);
    let told = gateway.after(2).await.remove(1).json();
    assert_eq!((&told["kind"], &told["figure"]), (&json!("denials"), &json!(5)));
    assert_eq!(told["subject"], json!(format!("{}/ann", rig.app.id)));
}

#[tokio::test]
async fn an_alert_that_nobody_took_is_sent_again() {
    let gateway = Gateway::start(&["500 Oh"]).await;
    let rig = Rig::with(|config| telling(config, &gateway.url(), None)).await;
    report(&rig).await;
    gateway.after(1).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
    rig.clock.advance(7);
    let calls = gateway.after(2).await;
    assert_eq!(calls[0].json()["id"], calls[1].json()["id"]);
    meanwhile().await;
    assert_eq!(gateway.called().len(), 2);
}

#[tokio::test]
async fn of_two_nodes_one_tells() {
    if !on_postgres() {
        return;
    }
    let gateway = Gateway::start(&[]).await;
    let rig = Rig::with(|config| telling(config, &gateway.url(), None)).await;
    let (clock, store, app) = (std::sync::Arc::clone(&rig.clock), rig.store.clone(), rig.app.clone());
    let _other = Rig::at(clock, store, Some(app), |config| telling(config, &gateway.url(), None)).await;
    report(&rig).await;
    gateway.after(1).await;
    meanwhile().await;
    assert_eq!(gateway.called().len(), 1);
    rig.clock.advance(3_700);
    gateway.after(2).await;
    meanwhile().await;
    let states: Vec<_> = gateway.called().iter().map(|call| call.json()["state"].clone()).collect();
    assert_eq!(states, ["raised", "cleared"]);
}

/// An alert that is not seen for a while is over: a way that hangs must not make it so.
#[tokio::test]
async fn a_way_that_does_not_answer_holds_up_no_look() {
    let gateway = Gateway::start(&["never"]).await;
    let rig = Rig::with(|config| telling(config, &gateway.url(), None)).await;
    report(&rig).await;
    gateway.after(1).await;
    // Until it is answered, the word is with this node.
    let seen = || rig.store.column("SELECT CAST(seen_at AS TEXT) FROM alerts WHERE leased_until IS NOT NULL");
    let before = seen();
    assert_eq!(before.len(), 1);
    rig.clock.advance(60);
    for _ in 0..600 {
        let now = seen();
        if now.len() == 1 && now != before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there was no look while the word was being sent");
}

#[tokio::test]
async fn a_mail_server_that_is_silent_to_one_address_holds_up_no_other() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Secret::new(format!("smtp://{}", server.local_addr().unwrap()));
    let settings = MailSettings::new(&url, "IAMPASS <alerts@login.example>").unwrap();
    let to = ["ops@example.org", "boss@example.org"].map(str::to_owned).to_vec();
    let sender = AlertSender::new(None, Some((&settings, to))).unwrap();
    let at = UnixSeconds(1_800_000_000);
    let message = AlertMessage { id: "a".to_owned(), state: "test", alert: None, at, now: at };
    let sending = tokio::spawn(async move { sender.send(&message).await });
    let (first, _) = server.accept().await.unwrap();
    let (_second, _) = server.accept().await.unwrap();
    // The first one still waits for a greeting.
    let read = first.try_read(&mut [0]);
    assert_eq!(read.unwrap_err().kind(), ErrorKind::WouldBlock);
    sending.abort();
}
