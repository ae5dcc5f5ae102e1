//! Registration links by e-mail, through a mail server of a few lines.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Secret;
use iampass_server::notices::{MailSettings, SmtpSender};
use serde_json::{Value, json};

use crate::gateways::MailServer;
use crate::rig::{Answer, Rig};

async fn rig(url: &str) -> Rig {
    let settings = MailSettings::new(&Secret::new(url), "Shop Login <login@shop.example>").unwrap();
    let rig = Rig::with(|config| config.mail = Some(Arc::new(SmtpSender::new(&settings).unwrap()))).await;
    rig.add_users(&["u"]).await;
    rig
}

async fn ask(rig: &Rig, body: Value) -> Answer {
    let url = rig.url(&format!("/management/send_registration_mail/{}/u", rig.app.id));
    rig.post(&rig.app, &url, body).await
}

async fn until(rig: &Rig, expected: &[&str]) {
    let log = || {
        rig.store.column(
            "SELECT state || ' ' || attempts || ' ' || coalesce(last_error, '-') || ' ' || masked FROM deliveries ORDER BY key",
        )
    };
    for _ in 0..400 {
        if log() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(log(), expected);
}

/// A message without its transfer encoding, as far as these need it.
fn decoded(said: &str) -> String {
    said.replace("=\r\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn a_link_is_sent_as_text_and_as_a_page() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&format!("smtp://login:pass%20word@{}", server.address)).await;
    let body = json!({"email": "ann@example.org", "display_name": "Ann", "message": "Welcome!"});
    assert_eq!(ask(&rig, body).await.ok(200), json!({"status": true}));
    let said = server.after(1).await.remove(0);
    // Of "\0login\0pass word".
    assert!(said.contains("AUTH PLAIN AGxvZ2luAHBhc3Mgd29yZA==\r\n"), "{said}");
    let said = decoded(&said);
    assert!(said.contains("RCPT TO:<ann@example.org>"), "{said}");
    for header in [
        "From: \"Shop Login\" <login@shop.example>",
        "To: ann@example.org",
        "Subject: Shop: register your phone",
        "MIME-Version: 1.0",
    ] {
        assert!(said.contains(&format!("{header}\r\n")), "{header} in {said}");
    }
    let link = said.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(link.starts_with(&rig.url("/r/")), "{link}");
    assert!(said.contains(&format!("Hello Ann,\r\n\r\nWelcome!\r\n\r\n{link}\r\n")), "{said}");
    let id = rig.store.column("SELECT id FROM deliveries").remove(0);
    assert!(said.contains(&format!("Message-ID: <{id}@shop.example>\r\n")), "{said}");
    until(&rig, &["sent 1 - a***@***.org"]).await;
    rig.register(&link).await;
}

#[tokio::test]
async fn a_server_that_has_no_time_is_asked_again_and_one_that_refuses_is_not() {
    let server = MailServer::start(&["451 later", "250 OK", "550 nobody here"]).await;
    let rig = rig(&format!("smtp://{}", server.address)).await;
    ask(&rig, json!({"email": "ann@example.org"})).await.ok(200);
    until(&rig, &["queued 1 busy 451 a***@***.org"]).await;
    rig.clock.advance(7);
    rig.service.run_due_tasks().await.unwrap();
    until(&rig, &["sent 2 busy 451 a***@***.org"]).await;
    ask(&rig, json!({"email": "bob@example.org"})).await.ok(200);
    until(&rig, &["sent 2 busy 451 a***@***.org", "refused 1 refused 550 b***@***.org"]).await;
}

/// A server that speaks no TLS gets nothing to read where TLS was asked for.
#[tokio::test]
async fn nothing_is_said_in_clear_where_tls_is_to_be() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&format!("smtps://login:password@{}", server.address)).await;
    ask(&rig, json!({"email": "ann@example.org"})).await.ok(200);
    for _ in 0..400 {
        if !rig.store.column("SELECT last_error FROM deliveries WHERE last_error IS NOT NULL").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(rig.store.column("SELECT state FROM deliveries"), ["queued"]);
    for said in server.said() {
        assert!(!said.contains("MAIL FROM") && !said.contains("AUTH") && !said.contains("EHLO"), "{said}");
    }
}

/// A fault of the connection or of the settings is no fault of the message: it goes out as soon as that is mended.
#[tokio::test]
async fn a_refusal_that_is_not_of_the_message_is_tried_again_with_its_reason() {
    for (command, answer, reason) in [
        ("", "554 5.7.1 go away", "greeting_refused 554 5.7.1"),
        ("", "421 later", "busy 421"),
        ("EHLO", "504 5.5.2 <x>: need fully-qualified hostname", "greeting_refused 504 5.5.2"),
        ("EHLO", "550 bad name", "greeting_refused 550"),
        ("AUTH", "535 5.7.8 wrong", "unauthorized 535 5.7.8"),
        ("EHLO", "250 mail.test", "no_login"),
        ("MAIL", "550 5.1.8 no such sender", "sender_refused 550 5.1.8"),
        (
            "RCPT",
            "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
            "greeting_refused 504 5.5.2",
        ),
        ("RCPT", "450 4.2.0 greylisted", "busy 450 4.2.0"),
        ("", "HTTP/1.1 400 Bad Request", "not_understood"),
    ] {
        let server = MailServer::saying(&[(command, answer)]).await;
        let rig = rig(&format!("smtp://login:password@{}", server.address)).await;
        ask(&rig, json!({"email": "ann@example.org"})).await.ok(200);
        until(&rig, &[&format!("queued 1 {reason} a***@***.org")]).await;
        rig.clock.advance(7);
        rig.service.run_due_tasks().await.unwrap();
        until(&rig, &[&format!("sent 2 {reason} a***@***.org")]).await;
    }
}

#[tokio::test]
async fn nothing_is_sent_in_clear_where_starttls_is_missing_and_the_reason_is_said() {
    let server = MailServer::saying(&[]).await;
    let directory = tempfile::tempdir().unwrap();
    let authorities = directory.path().join("ca.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&authorities, made.cert.pem()).unwrap();
    let url = Secret::new(format!("smtp://{}", server.address));
    let settings = MailSettings::new(&url, "login@shop.example").unwrap();
    let settings =
        settings.with_ca_file(&authorities).unwrap().with_hello_name("login.shop.example").unwrap();
    let rig = Rig::with(|config| config.mail = Some(Arc::new(SmtpSender::new(&settings).unwrap()))).await;
    rig.add_users(&["u"]).await;
    ask(&rig, json!({"email": "ann@example.org"})).await.ok(200);
    until(&rig, &["queued 1 no_encryption a***@***.org"]).await;
    let said = server.after(1).await.remove(0);
    assert!(said.contains("EHLO login.shop.example\r\n"), "{said}");
    assert!(!said.contains("MAIL FROM"), "{said}");
}

/// Without a name that is set, the greeting is a full name or an address, never a bare word that servers refuse.
#[tokio::test]
async fn the_greeting_is_a_full_name_or_an_address() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&format!("smtp://{}", server.address)).await;
    ask(&rig, json!({"email": "ann@example.org"})).await.ok(200);
    let said = server.after(1).await.remove(0);
    let name = said.lines().find_map(|line| line.strip_prefix("EHLO ")).unwrap().to_owned();
    assert!(name.contains('.') || name.starts_with('['), "{name}");
}

#[tokio::test]
async fn an_address_brings_no_headers_and_a_text_no_lines() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&format!("smtp://{}", server.address)).await;
    for body in [
        json!({"email": "ann@example.org\r\nBcc: bob@example.org"}),
        json!({"email": "ann@example.org, bob@example.org"}),
        json!({"email": "ann"}),
        json!({"email": "ann@example.org", "display_name": "Ann\r\nBcc: bob@example.org"}),
        json!({"email": "ann@example.org", "message": "Hello\r\n.\r\nMAIL FROM:<x@y.example>"}),
        json!({"email": "ann@example.org", "message": "x".repeat(1_001)}),
    ] {
        ask(&rig, body).await.is(422, "INVALID_PARAMETER");
    }
    ask(&rig, json!({})).await.is(422, "INVALID_BODY");
    assert!(rig.store.column("SELECT state FROM deliveries").is_empty());
}

#[tokio::test]
async fn it_says_that_it_is_not_set_up_after_checking_its_input() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let answer = ask(&rig, json!({"email": "ann@example.org"})).await;
    answer.is(200, "MAIL_NOT_CONFIGURED");
    assert_eq!(answer.json["status"], false);
    let nobody = rig.url(&format!("/management/send_registration_mail/{}/nobody", rig.app.id));
    rig.post(&rig.app, &nobody, json!({"email": "ann@example.org"})).await.is(404, "UNKNOWN_USER");
    ask(&rig, json!({"email": "ann"})).await.is(422, "INVALID_PARAMETER");
    assert!(rig.store.column("SELECT state FROM deliveries").is_empty());
}
