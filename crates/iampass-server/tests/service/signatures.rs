//! The callers that are let through, and the errors that others are told.

use iampass_core::{Secret, UnixSeconds};
use serde_json::json;

use crate::rig::{Pair, Rig, random_nonce, sign};

fn has_device(rig: &Rig, user: &str) -> (String, String) {
    let path = format!("/management/has_registered_mobile_device/{}/{user}", rig.app.id);
    (rig.url(&path), path)
}

#[tokio::test]
async fn all_spellings_of_the_headers_are_read() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let (url, path) = has_device(&rig, "u");
    for (timestamp, authentication, version) in [
        ("X-IAMPASS-Authentication-Timestamp", "Authentication", "X-IAMOASS-Authentication-Version"),
        ("X-IAMPASS-Authentiaction-Timestamp", "AUTHENTICATION", "X-IAMPASS-Authentiaction-Version"),
        ("X-Iampass-Authentication-Timestamp", "authentication", "X-IAMPASS-Authentication-Version"),
    ] {
        let lines = sign(&rig.app, &url, random_nonce(), rig.now());
        let headers = [
            (authentication, lines[0].1.clone()),
            (timestamp, lines[1].1.clone()),
            (version, "1".to_owned()),
        ];
        rig.send("GET", &path, &headers, None).await.ok(200);
    }
    // No version at all, and a scheme in another case.
    let lines = sign(&rig.app, &url, random_nonce(), rig.now());
    let headers = [("Authentication", lines[0].1.replace("hmac", "HMAC")), (lines[1].0, lines[1].1.clone())];
    rig.send("GET", &path, &headers, None).await.ok(200);
}

#[tokio::test]
async fn the_form_with_the_scheme_is_accepted() {
    // Computed here as the documentation says it, because the core signs the other form.
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let (url, path) = has_device(&rig, "u");
    let signature = documented_signature(&rig.app.secret, &url, 42, rig.now());
    let headers = [
        ("Authentication", format!("hmac {}:42:{signature}", rig.app.id)),
        ("X-IAMPASS-Authentication-Timestamp", rig.now().to_string()),
    ];
    rig.send("GET", &path, &headers, None).await.ok(200);
}

/// HMAC-SHA-256 by hand over SHA-256, apart from the core's own.
fn documented_signature(secret: &Secret, url: &str, nonce: u64, at: UnixSeconds) -> String {
    use sha2::{Digest as _, Sha256};

    let token = Sha256::digest(format!("{nonce}{}", secret.expose()));
    let mut key = [0_u8; 64];
    key[..16].copy_from_slice(&token[..16]);
    let pad = |byte: u8| key.map(|k| k ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(format!("{nonce}{url}{at}")).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    base64(&outer[..16])
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut padded = [0_u8; 3];
        padded[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, padded[0], padded[1], padded[2]]);
        for digit in 0..4 {
            if digit <= chunk.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[tokio::test]
async fn refusals_say_what_is_wrong() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let (url, path) = has_device(&rig, "u");
    let at = |seconds: i64| UnixSeconds(rig.now().0.saturating_add_signed(seconds));

    rig.send("GET", &path, &[], None).await.is(401, "SIGNATURE_MISSING");
    let without_time = vec![sign(&rig.app, &url, 1, rig.now())[0].clone()];
    rig.send("GET", &path, &without_time, None).await.is(401, "SIGNATURE_MISSING");
    for malformed in [
        "hmac",
        "hmac x",
        "Basic a:1:c",
        "hmac :1:AAAAAAAAAAAAAAAAAAAAAA==",
        "hmac a:-1:AAAAAAAAAAAAAAAAAAAAAA==",
    ] {
        let headers = [
            ("Authentication", malformed.to_owned()),
            ("X-IAMPASS-Authentication-Timestamp", "1".to_owned()),
        ];
        rig.send("GET", &path, &headers, None).await.is(401, "SIGNATURE_MALFORMED");
    }
    let wrong = Pair { id: rig.app.id.clone(), secret: Secret::new("wrong") };
    let refused = rig.get(&wrong, &url).await;
    refused.is(401, "BAD_SIGNATURE");
    assert!(refused.header("www-authenticate").is_some());
    for (offset, status, reason) in [(-301, 403, "TIMESTAMP_TOO_OLD"), (301, 403, "TIMESTAMP_TOO_NEW")] {
        rig.send("GET", &path, &sign(&rig.app, &url, random_nonce(), at(offset)), None)
            .await
            .is(status, reason);
    }
    for offset in [-300, 300] {
        rig.send("GET", &path, &sign(&rig.app, &url, random_nonce(), at(offset)), None).await.ok(200);
    }
}

#[tokio::test]
async fn the_one_who_signs_is_the_one_whom_the_url_is_about() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let other = rig.another_application("Other").await;
    let (url, _) = has_device(&rig, "u");
    rig.get(&other, &url).await.is(401, "NOT_YOURS");
    let nobody = Pair { id: "NOBODY".into(), secret: Secret::new("x") };
    rig.get(&nobody, &url).await.is(401, "UNKNOWN_ID");
    let about_nobody = rig.url("/management/has_registered_mobile_device/NOBODY/u");
    rig.get(&nobody, &about_nobody).await.is(404, "UNKNOWN_APPLICATION");
    rig.get(&rig.app, &about_nobody).await.is(401, "NOT_YOURS");
    let no_session = rig.url("/authentication/session/NOBODY/status");
    rig.get(&nobody, &no_session).await.is(404, "UNKNOWN_SESSION");
    rig.get(&rig.app, &no_session).await.is(401, "UNKNOWN_ID");

    // Credentials are good for one kind of call only.
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.get(&session.pair, &url).await.is(401, "UNKNOWN_ID");
    rig.get(&rig.app, &session.status_url).await.is(401, "UNKNOWN_ID");
    rig.get(&phone.pair, &session.status_url).await.is(401, "UNKNOWN_ID");
    rig.post(&session.pair, &question.identification_url, json!({"accepted": true}))
        .await
        .is(401, "UNKNOWN_ID");
    rig.post(&phone.pair, &question.identification_url, json!({"accepted": true}))
        .await
        .is(401, "UNKNOWN_ID");
    assert_eq!(rig.status(&session).await, "pending");
}

#[tokio::test]
async fn what_is_signed_is_the_url_as_it_was_sent() {
    let rig = Rig::start().await;
    rig.add_users(&["a b"]).await;
    let base = format!("/management/has_registered_mobile_device/{}/", rig.app.id);
    // Two spellings of one URL are two URLs.
    let headers = rig.signed(&rig.app, &rig.url(&format!("{base}a+b")));
    rig.send("GET", &format!("{base}a%20b"), &headers, None).await.is(401, "URL_REWRITTEN");
    let headers = rig.signed(&rig.app, &rig.url(&format!("{base}a%20b?x=%2f")));
    rig.send("GET", &format!("{base}a%20b?x=/"), &headers, None).await.is(401, "BAD_SIGNATURE");
    let headers = rig.signed(&rig.app, &rig.url(&format!("{base}a%20b?x=%2f")));
    rig.send("GET", &format!("{base}a%20b?x=%2f"), &headers, None).await.ok(200);
    // A signature for one user is none for another.
    let headers = rig.signed(&rig.app, &rig.url(&format!("{base}a%20b")));
    rig.send("GET", &format!("{base}other"), &headers, None).await.is(401, "BAD_SIGNATURE");
}

#[tokio::test]
async fn an_absolute_request_line_and_a_missing_host() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let (url, path) = has_device(&rig, "u");
    let lines = |signed: &str| {
        let lines = sign(&rig.app, signed, random_nonce(), rig.now());
        lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<String>()
    };
    let absolute = "http://name.example:81".to_owned() + &path;
    let request =
        format!("GET {absolute} HTTP/1.1\r\nHost: else\r\nConnection: close\r\n{}\r\n", lines(&absolute));
    rig.raw(request.as_bytes()).await.unwrap().ok(200);
    let request = format!("GET {path} HTTP/1.0\r\n{}\r\n", lines(&url));
    rig.raw(request.as_bytes()).await.unwrap().is(401, "SIGNATURE_MALFORMED");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {0}\r\nHost: {0}\r\nConnection: close\r\n{1}\r\n",
        rig.address,
        lines(&url)
    );
    rig.raw(request.as_bytes()).await.unwrap().is(401, "SIGNATURE_MALFORMED");
}

#[tokio::test]
async fn ids_with_a_colon_and_signs_work() {
    let rig = Rig::start().await;
    let odd = rig.application("a:1:b/c+d%", "S3CRET").await;
    let url = rig.url("/management/add_users/a:1:b%2Fc%2Bd%25");
    rig.post(&odd, &url, json!({"users": ["u"]})).await.ok(201);
}
