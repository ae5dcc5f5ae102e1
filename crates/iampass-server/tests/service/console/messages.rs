//! Messages of applications: whose are sent, and what the page says of them.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Secret;
use iampass_server::notices::{MailSettings, SmtpSender};
use iampass_server::{ConsoleSettings, Registration};
use serde_json::json;

use super::visitor::Visitor;
use crate::gateways::MailServer;
use crate::rig::{Answer, Pair, Rig};

async fn rig(server: &MailServer, registration: Registration) -> Rig {
    let url = Secret::new(format!("smtp://{}", server.address));
    let settings = MailSettings::new(&url, "login@shop.example").unwrap();
    Rig::with(|config| {
        config.mail = Some(Arc::new(SmtpSender::new(&settings).unwrap()));
        config.console = Some(ConsoleSettings::new(registration));
    })
    .await
}

async fn send(rig: &Rig, app: &Pair) -> Answer {
    let users = rig.url(&format!("/management/add_users/{}", app.id));
    assert!(rig.post(app, &users, json!({"users": ["u"]})).await.status < 300);
    let url = rig.url(&format!("/management/send_registration_mail/{}/u", app.id));
    rig.post(app, &url, json!({"email": "ann@example.org"})).await
}

#[tokio::test]
async fn where_anybody_may_register_an_administrator_allows_messages_first() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&server, Registration::Open).await;
    let mut administrator = Visitor::administrator(&rig, "admin").await;
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    let (id, secret) = stranger.add_application("Strange").await;
    let strange = Pair { id: id.clone(), secret: Secret::new(secret) };
    let (own, secret) = administrator.add_application("Own").await;
    let own = Pair { id: own, secret: Secret::new(secret) };

    send(&rig, &rig.app).await.is(200, "");
    send(&rig, &own).await.is(200, "");
    send(&rig, &strange).await.is(200, "MESSAGES_NOT_ALLOWED");
    server.after(2).await;
    let page = format!("/console/applications/{id}/messages");
    let shown = stranger.get(&page).await;
    assert!(shown.body.contains("until an administrator of this service allows them"), "{}", shown.body);
    assert!(!shown.body.contains("/messages/allow"), "{}", shown.body);
    assert_eq!(stranger.post(&format!("{page}/allow"), &[]).await.status, 403);

    assert!(administrator.get(&page).await.body.contains("/messages/allow"));
    assert_eq!(administrator.post(&format!("{page}/allow"), &[("sure", "yes")]).await.status, 303);
    send(&rig, &strange).await.is(200, "");
    server.after(3).await;
    assert_eq!(administrator.post(&format!("{page}/forbid"), &[("sure", "yes")]).await.status, 303);
    send(&rig, &strange).await.is(200, "MESSAGES_NOT_ALLOWED");
}

#[tokio::test]
async fn where_accounts_are_by_invitation_messages_are_sent_without_asking() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&server, Registration::Invited).await;
    let mut administrator = Visitor::administrator(&rig, "admin").await;
    let (id, secret) = administrator.add_application("Own").await;
    let app = Pair { id, secret: Secret::new(secret) };
    send(&rig, &app).await.is(200, "");
    rig.store.column("UPDATE accounts SET administrator = 0 RETURNING name");
    send(&rig, &app).await.is(200, "");
}

#[tokio::test]
async fn the_page_says_state_reason_and_next_attempt() {
    let server = MailServer::saying(&[("EHLO", "504 5.5.2 <x>: need fully-qualified hostname")]).await;
    let rig = rig(&server, Registration::Invited).await;
    let mut administrator = Visitor::administrator(&rig, "admin").await;
    send(&rig, &rig.app).await.is(200, "");
    let page = format!("/console/applications/{}/messages", rig.app.id);
    let mut body = String::new();
    for _ in 0..200 {
        body = administrator.get(&page).await.body;
        if body.contains("tried again") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for said in [
        "not taken yet, tried again",
        "1 attempt",
        "mail.hello_name",
        "504 5.5.2",
        "in a moment",
        "a***@***.org",
    ] {
        assert!(body.contains(said), "{said}: {body}");
    }
}

/// An owner makes others owners without asking them, and steps down: the application is no administrator's by that.
#[tokio::test]
async fn an_administrator_who_was_made_an_owner_unasked_allows_nothing() {
    let server = MailServer::start(&[]).await;
    let rig = rig(&server, Registration::Open).await;
    let _administrator = Visitor::administrator(&rig, "admin").await;
    let mut stranger = Visitor::registered(&rig, "stranger").await;
    let (id, secret) = stranger.add_application("Strange").await;
    let strange = Pair { id: id.clone(), secret: Secret::new(secret) };
    rig.store.column(&format!(
        "UPDATE members SET account_key = (SELECT key FROM accounts WHERE name = 'admin')
         WHERE application_key = (SELECT key FROM applications WHERE id = '{id}') RETURNING role"
    ));
    send(&rig, &strange).await.is(200, "MESSAGES_NOT_ALLOWED");
}
