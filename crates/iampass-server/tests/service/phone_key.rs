//! A phone with a key of its own is believed by it alone: whatever else is known of it makes no session active.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::confirmation::{Shown, other_than};
use crate::rig::{Answer, Phone, Question, Rig, path_of, questions};

/// A key, and JWS that it signs, written without the service's own code.
pub(crate) struct Key(EcdsaKeyPair);

impl Key {
    pub(crate) fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": coordinate(&point[1..33]), "y": coordinate(&point[33..])})
    }

    fn sign(&self, header: &Value, payload: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(payload));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub(crate) fn answer(&self, payload: &Value) -> String {
        self.sign(&json!({"alg": "ES256", "typ": "iampass-answer+jwt"}), payload)
    }
}

/// A phone with its key.
pub(crate) struct Keyed {
    pub(crate) key: Key,
    pub(crate) phone: Phone,
}

impl Keyed {
    fn claims(&self, rig: &Rig, question: &Question) -> Value {
        let iss = &self.phone.record["device"]["device_id"];
        let user = &self.phone.record["user"]["user_id"];
        json!({"iss": iss, "aud": rig.app.id, "sub": user, "jti": question.json["auth_request_id"], "iat": rig.now().0})
    }

    /// Claims with these members beside or in place of the usual ones; `null` takes one away.
    pub(crate) fn claims_with(&self, rig: &Rig, question: &Question, others: Value) -> Value {
        let mut claims = self.claims(rig, question);
        for (name, value) in others.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        claims
    }

    /// Its statement about its unlock credential: none yet, or the credential.
    pub(crate) fn unlock(&self, rig: &Rig, others: Value) -> Value {
        let mut claims = json!({"iss": self.phone.record["device"]["device_id"], "aud": rig.app.id,
            "sub": self.phone.record["user"]["user_id"], "iat": rig.now().0});
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        json!({"unlock": self.key.sign(&json!({"alg": "ES256", "typ": "iampass-unlock+jwt"}), &claims)})
    }

    pub(crate) fn brought(&self, rig: &Rig, shown: Value) -> String {
        self.signed(rig, "iampass-bring+jwt", shown)
    }

    /// A statement of this type with these members beside or in place of the usual ones.
    pub(crate) fn signed(&self, rig: &Rig, typ: &str, members: Value) -> String {
        let mut claims = json!({"iss": self.phone.record["device"]["device_id"], "aud": rig.app.id,
            "sub": self.phone.record["user"]["user_id"], "iat": rig.now().0});
        claims.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.key.sign(&json!({"alg": "ES256", "typ": typ}), &claims)
    }
}

impl Rig {
    pub(crate) async fn link(&self, user: &str) -> String {
        self.add_users(&[user]).await;
        let url = self.url(&format!("/management/device_registration_link/{}/{user}", self.app.id));
        self.get(&self.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn register_with(&self, link: &str, key: Value) -> Answer {
        let body = json!({"notification_token": "*test", "platform": "web", "key": key}).to_string();
        self.send("POST", path_of(link), &[], Some(&body)).await
    }

    pub(crate) async fn keyed(&self, user: &str) -> Keyed {
        let key = Key::new();
        let link = self.link(user).await;
        let record = self.register_with(&link, key.jwk()).await.ok(200);
        let pair = crate::rig::Pair::new(&record["device"]["device_id"], &record["device"]["device_secret"]);
        Keyed { key, phone: Phone { pair, urls: record["service"]["service_urls"].clone(), record } }
    }

    pub(crate) async fn asked(&self, keyed: &Keyed, user: &str) -> (Shown, Question) {
        let shown = self.shown(user, true).await;
        (shown, self.questions(&keyed.phone).await.pop().unwrap())
    }
}

#[tokio::test]
async fn a_signed_answer_lets_in_and_says_so() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let (shown, question) = rig.asked(&keyed, "u").await;
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": true, "code": shown.code}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
    let status = rig.get(&shown.session.pair, &shown.session.status_url).await.ok(200);
    assert_eq!(status["assurance"], json!({"code": true, "unlocked": false, "key": "device"}));

    // So is a denial.
    let (shown, question) = rig.asked(&keyed, "u").await;
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": false}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "cancelled");
}

/// A thief of the database and the master key knows every secret of the phone that the service knows.
#[tokio::test]
async fn all_secrets_that_the_service_knows_let_nobody_in() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let (shown, question) = rig.asked(&keyed, "u").await;
    rig.answer(&question, json!({"accepted": true, "code": shown.code}))
        .await
        .is(422, "SIGNED_ANSWER_REQUIRED");
    rig.answer(&question, json!({"accepted": false})).await.is(422, "SIGNED_ANSWER_REQUIRED");
    rig.bring(&keyed.phone, json!({"code": shown.code})).await.is(422, "SIGNED_ANSWER_REQUIRED");
    rig.bring(&keyed.phone, json!({"scan": shown.scan})).await.is(422, "SIGNED_ANSWER_REQUIRED");
    assert_eq!(rig.status(&shown.session).await, "pending");

    // Nor without a code to bring.
    let tapped = rig.session("u", "").await;
    let question = rig.questions(&keyed.phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.is(422, "SIGNED_ANSWER_REQUIRED");
    assert_eq!(rig.status(&tapped).await, "pending");
}

#[tokio::test]
async fn a_jws_that_is_not_good_lets_nobody_in() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let other = rig.keyed("other").await;
    let (shown, question) = rig.asked(&keyed, "u").await;
    let accepts = json!({"accepted": true, "code": shown.code});
    let claims = keyed.claims_with(&rig, &question, accepts.clone());
    let with = |others: Value| {
        let mut all = accepts.clone();
        all.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        keyed.key.answer(&keyed.claims_with(&rig, &question, all))
    };
    let header = |header: Value| keyed.key.sign(&header, &claims);
    let good = keyed.key.answer(&claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let denial = keyed.key.answer(&keyed.claims_with(&rig, &question, json!({"accepted": false})));
    let denial_signature = denial.rsplit_once('.').unwrap().1;
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"iampass-answer+jwt"}"#);
    let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
    let now = rig.now().0;
    for (what, jws) in [
        ("another key", other.key.answer(&claims)),
        ("no signature", format!("{message}.")),
        ("no third part", message.to_owned()),
        ("alg none", format!("{none}.{payload}.")),
        ("alg none with a signature", format!("{none}.{payload}.{signature}")),
        ("another alg", header(json!({"alg": "ES384", "typ": "iampass-answer+jwt"}))),
        ("HMAC with the public key", header(json!({"alg": "HS256", "typ": "iampass-answer+jwt"}))),
        ("no typ", header(json!({"alg": "ES256"}))),
        ("the typ of what is brought", header(json!({"alg": "ES256", "typ": "iampass-bring+jwt"}))),
        (
            "an extension",
            header(json!({"alg": "ES256", "typ": "iampass-answer+jwt", "crit": ["b64"], "b64": true})),
        ),
        ("the signature of a denial", format!("{message}.{denial_signature}")),
        ("the payload of an acceptance, signed as a denial", format!("{head}.{payload}.{denial_signature}")),
        ("another phone", with(json!({"iss": other.phone.record["device"]["device_id"]}))),
        ("another application", with(json!({"aud": "other"}))),
        ("another user", with(json!({"sub": "other"}))),
        ("another question", with(json!({"jti": "other"}))),
        ("no question", with(json!({"jti": null}))),
        ("no time", with(json!({"iat": null}))),
        ("long ago", with(json!({"iat": now - 301}))),
        ("in the future", with(json!({"iat": now + 301}))),
        ("a time that is a text", with(json!({"iat": now.to_string()}))),
        ("no answer", with(json!({"accepted": null}))),
        ("an answer that is a text", with(json!({"accepted": "true"}))),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("text", "accepted".to_owned()),
    ] {
        let answer = rig.answer(&question, json!({"answer": jws})).await;
        assert_eq!(
            (answer.status, &answer.json["reason"]),
            (401, &json!("BAD_SIGNATURE")),
            "{what}: {answer:?}"
        );
        assert_eq!(rig.status(&shown.session).await, "pending", "{what}");
    }
    rig.answer(&question, json!({"answer": good})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn an_answer_is_good_for_one_question_once() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let (first, question) = rig.asked(&keyed, "u").await;
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": true, "code": first.code}));
    let good = json!({"answer": keyed.key.answer(&claims)});
    rig.answer(&question, good.clone()).await.ok(200);
    rig.answer(&question, good.clone()).await.is(409, "UNKNOWN_REQUEST");
    let (second, question) = rig.asked(&keyed, "u").await;
    rig.answer(&question, good).await.is(401, "BAD_SIGNATURE");
    let wrong =
        keyed.claims_with(&rig, &question, json!({"accepted": true, "code": other_than(&second.code)}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&wrong)})).await.is(422, "WRONG_CODE");
    let without = keyed.claims_with(&rig, &question, json!({"accepted": true}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&without)})).await.is(422, "CODE_REQUIRED");
    let both = keyed.claims_with(
        &rig,
        &question,
        json!({"accepted": true, "code": second.code, "scan": second.scan}),
    );
    rig.answer(&question, json!({"answer": keyed.key.answer(&both)})).await.is(422, "INVALID_PARAMETER");
    assert_eq!(rig.status(&second.session).await, "pending");
}

#[tokio::test]
async fn what_is_brought_is_signed_by_the_phone_that_brings_it() {
    let rig = Rig::start().await;
    let (keyed, other) = (rig.keyed("u").await, rig.keyed("other").await);
    let shown = rig.shown("u", false).await;
    let forged = other.brought(&rig, json!({"code": shown.code}));
    rig.bring(&keyed.phone, json!({"brought": forged})).await.is(401, "BAD_SIGNATURE");
    // Signed well, by the phone of another user.
    rig.bring(&other.phone, json!({"brought": forged})).await.is(422, "WRONG_CODE");
    for bad in [json!({"code": shown.code, "scan": shown.scan}), json!({}), json!({"code": 7})] {
        rig.bring(&keyed.phone, json!({"brought": keyed.brought(&rig, bad)})).await.is(401, "BAD_SIGNATURE");
    }
    assert!(rig.questions(&keyed.phone).await.is_empty());
    let brought = keyed.brought(&rig, json!({"scan": shown.scan}));
    let answer = rig.bring(&keyed.phone, json!({"brought": brought})).await.ok(200);
    let question = questions(&answer).pop().unwrap();
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": true, "scan": shown.scan}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}

#[tokio::test]
async fn a_key_that_is_none_uses_up_no_link() {
    let rig = Rig::start().await;
    let link = rig.link("u").await;
    let good = Key::new().jwk();
    let zero = URL_SAFE_NO_PAD.encode([0; 32]);
    for (key, reason) in [
        (json!(null), "INVALID_BODY"),
        (json!("key"), "INVALID_BODY"),
        (json!({}), "INVALID_BODY"),
        (json!({"kty": "EC", "crv": "P-256", "x": good["x"]}), "INVALID_BODY"),
        (json!({"kty": "EC", "crv": "P-384", "x": good["x"], "y": good["y"]}), "INVALID_BODY"),
        (
            json!({"kty": "EC", "crv": "P-256", "x": good["x"], "y": good["y"], "d": good["x"]}),
            "INVALID_BODY",
        ),
        (json!({"kty": "EC", "crv": "P-256", "x": zero, "y": zero}), "INVALID_PARAMETER"),
        (json!({"kty": "EC", "crv": "P-256", "x": good["y"], "y": good["x"]}), "INVALID_PARAMETER"),
    ] {
        rig.register_with(&link, key).await.is(422, reason);
    }
    rig.register_with(&link, good).await.ok(200);
}

/// A phone goes on after a restart and on another database of the same content.
#[tokio::test]
async fn the_key_is_there_after_a_restart() {
    let rig = Rig::start().await;
    let keyed = rig.keyed("u").await;
    let rig = rig.restart().await;
    let keyed = Keyed { phone: keyed.phone.at(&rig), key: keyed.key };
    let (shown, question) = rig.asked(&keyed, "u").await;
    rig.answer(&question, json!({"accepted": true, "code": shown.code}))
        .await
        .is(422, "SIGNED_ANSWER_REQUIRED");
    let claims = keyed.claims_with(&rig, &question, json!({"accepted": true, "code": shown.code}));
    rig.answer(&question, json!({"answer": keyed.key.answer(&claims)})).await.ok(200);
    assert_eq!(rig.status(&shown.session).await, "active");
}
