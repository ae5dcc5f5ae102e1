//! FCM over sockets: a token endpoint that checks the assertion, and a server that takes messages with its token.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use iampass_core::{Secret, UnixSeconds};
use iampass_server_push::{
    Address, DeviceToken, Fcm, HttpClient, Push as _, PushErrorKind as K, PushKind, ServiceAccount,
};
use serde_json::{Value, json};

use crate::browser::{NOW, request};
use crate::server::{Got, Reply, Server, reply};

struct Google {
    server: Server,
    way: Fcm,
    tokens: Arc<AtomicU32>,
}

fn assertion_is_good(got: &Got, public: &[u8], audience: &str) -> bool {
    let body = String::from_utf8(got.body.clone()).unwrap();
    let Some(token) =
        body.strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")
    else {
        return false;
    };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    let claims: Value = serde_json::from_slice(&decoded(claims)).unwrap();
    let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    header == json!({"typ": "JWT", "alg": "RS256", "kid": "key-1"})
        && claims["iss"] == "push@project-1.iam.example"
        && claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        && claims["aud"] == audience
        && life == 3_600
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(signed.as_bytes(), &decoded(signature))
            .is_ok()
}

/// `answers` gets the device token and the number of the access token.
async fn google(answers: impl Fn(&str, u32) -> Reply + Send + Sync + 'static) -> Google {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let public = key.public_key().as_ref().to_vec();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let tokens = Arc::new(AtomicU32::new(0));
    let given = Arc::clone(&tokens);
    let server = Server::plain(move |got| {
        if got.path == "/token" {
            let audience = format!("http://{}/token", got.header("host"));
            if !assertion_is_good(got, &public, &audience) {
                return reply(400, &[], r#"{"error": "invalid_grant"}"#);
            }
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            let body = json!({"access_token": format!("ya29.{number}"), "expires_in": 3_599, "token_type": "Bearer"});
            return reply(200, &[], body.to_string());
        }
        assert_eq!(got.path, "/v1/projects/project-1/messages:send");
        let number = got.header("authorization").strip_prefix("Bearer ya29.").unwrap().parse().unwrap();
        let body: Value = serde_json::from_slice(&got.body).unwrap();
        answers(body["message"]["token"].as_str().unwrap(), number)
    })
    .await;
    let account = json!({
        "type": "service_account", "project_id": "project-1", "private_key_id": "key-1", "private_key": pem,
        "client_email": "push@project-1.iam.example", "token_uri": format!("{}/token", server.url()),
    });
    let account = ServiceAccount::from_json(&Secret::new(account.to_string())).unwrap();
    let way = Fcm::at(&server.url(), HttpClient::to_known_servers(None).unwrap(), account);
    Google { server, way, tokens }
}

fn phone(token: &str) -> Address {
    Address::Fcm(DeviceToken::new(token).unwrap())
}

#[tokio::test]
async fn a_message_holds_the_kind_and_nothing_else() {
    let google = google(|_, _| reply(200, &[], r#"{"name": "projects/project-1/messages/1"}"#)).await;
    google.way.push(&request(&phone("f1:APA91b"), PushKind::QuestionWaits)).await.unwrap();
    let body: Value = serde_json::from_slice(&google.server.got()[1].body).unwrap();
    let topic = body["message"]["android"]["collapse_key"].clone();
    assert_eq!(
        body,
        json!({"message": {
            "token": "f1:APA91b",
            "data": {"iampass": "1", "kind": "question_waits"},
            "android": {"priority": "HIGH", "ttl": "42s", "collapse_key": topic},
        }})
    );
}

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_before_its_end() {
    let google = google(|_, _| reply(200, &[], "{}")).await;
    let phone = phone("a");
    let at = |seconds: u64| {
        let mut push = request(&phone, PushKind::QuestionWaits);
        push.now = UnixSeconds(NOW.0 + seconds);
        push
    };
    let (first, second) = (at(0), at(0));
    let both = tokio::join!(google.way.push(&first), google.way.push(&second));
    assert_eq!(both, (Ok(()), Ok(())));
    google.way.push(&at(3_298)).await.unwrap();
    assert_eq!(google.tokens.load(Ordering::SeqCst), 1);
    google.way.push(&at(3_299)).await.unwrap();
    assert_eq!(google.tokens.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_for_the_next_attempt() {
    let google =
        google(|_, number| if number == 1 { reply(401, &[], "{}") } else { reply(200, &[], "{}") }).await;
    let phone = phone("a");
    let push = request(&phone, PushKind::QuestionWaits);
    assert_eq!(google.way.push(&push).await.unwrap_err().kind(), K::TokenExpired);
    assert_eq!(google.way.push(&push).await, Ok(()));
}

#[tokio::test]
async fn answers_are_told_apart() {
    let google = google(|token, _| {
        let body = |code: &str| json!({"error": {"details": [{"errorCode": code}]}}).to_string();
        match token {
            "gone" => reply(404, &[], body("UNREGISTERED")),
            "other" => reply(403, &[], body("SENDER_ID_MISMATCH")),
            "bad" => reply(400, &[], body("INVALID_ARGUMENT")),
            "busy" => reply(429, &[("retry-after", "60")], body("QUOTA_EXCEEDED")),
            _ => reply(404, &[], "no such project"),
        }
    })
    .await;
    for (token, kind) in [
        ("gone", K::Gone),
        ("other", K::Unauthorized),
        ("bad", K::Refused),
        ("busy", K::Busy),
        ("x", K::Refused),
    ] {
        let error = google.way.push(&request(&phone(token), PushKind::QuestionWaits)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{token}");
    }
}

#[tokio::test]
async fn an_account_that_is_withdrawn_is_asked_about_once_in_a_while() {
    let server = Server::plain(|_| reply(400, &[], r#"{"error": "invalid_grant"}"#)).await;
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let account = json!({
        "project_id": "project-1", "private_key": pem, "client_email": "a@b.example",
        "token_uri": format!("{}/token", server.url()),
    });
    let account = ServiceAccount::from_json(&Secret::new(account.to_string())).unwrap();
    let way = Fcm::at(&server.url(), HttpClient::to_known_servers(None).unwrap(), account);
    let phone = phone("a");
    for _ in 0..20 {
        let error = way.push(&request(&phone, PushKind::QuestionWaits)).await.unwrap_err();
        assert_eq!(error.kind(), K::Unauthorized);
    }
    assert_eq!(server.got().len(), 1);
}

#[test]
fn a_file_that_is_no_service_account_is_named_by_its_fault() {
    use iampass_server_push::InvalidServiceAccount as I;
    let read = |project: &str, url: &str| {
        let file = json!({"project_id": project, "client_email": "a", "private_key": "x", "token_uri": url});
        ServiceAccount::from_json(&Secret::new(file.to_string())).unwrap_err()
    };
    assert_eq!(ServiceAccount::from_json(&Secret::new("{}")).unwrap_err(), I::NotJson);
    assert_eq!(read("a/../b", "https://oauth2.example/token"), I::Project);
    assert_eq!(read("a", "http://oauth2.example/token"), I::TokenUrl);
    assert_eq!(read("a", "https://oauth2.example/token"), I::Key);
}
