//! The operator's gateway over sockets.

use iampass_core::Secret;
use iampass_server_notify::verify_webhook;
use iampass_server_push::{
    Address, DeviceToken, HttpClient, Push as _, PushErrorKind as K, PushKind, PushWebhook,
};
use serde_json::{Value, json};

use crate::browser::{NOW, request};
use crate::server::{Server, reply};

#[tokio::test]
async fn a_push_is_signed_as_other_messages_are() {
    let server = Server::plain(|_| reply(204, &[], "")).await;
    let secret = Secret::new("0123456789abcdef");
    let url = format!("{}/hook", server.url()).parse().unwrap();
    let way = PushWebhook::new(HttpClient::to_known_servers(None).unwrap(), url, secret.clone());
    let address = Address::Webhook(DeviceToken::new("phone-1").unwrap());
    way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap();
    let got = &server.got()[0];
    let header = |name| got.header(name);
    assert!(verify_webhook(
        &secret,
        header("x-iampass-webhook-timestamp"),
        header("x-iampass-webhook-signature"),
        &got.body,
        NOW
    ));
    assert_eq!(header("idempotency-key"), "7");
    let body: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(
        body,
        json!({"id": "7", "channel": "push", "token": "phone-1", "kind": "question_waits",
            "topic": body["topic"], "expires_at": NOW.0 + 42})
    );
}

#[tokio::test]
async fn a_gateway_may_say_that_the_phone_has_left() {
    let server = Server::plain(|_| reply(410, &[], "")).await;
    let url = server.url().parse().unwrap();
    let way =
        PushWebhook::new(HttpClient::to_known_servers(None).unwrap(), url, Secret::new("0123456789abcdef"));
    let address = Address::Webhook(DeviceToken::new("phone-1").unwrap());
    let error = way.push(&request(&address, PushKind::QuestionWaits)).await.unwrap_err();
    assert_eq!(error.kind(), K::Gone);
}
