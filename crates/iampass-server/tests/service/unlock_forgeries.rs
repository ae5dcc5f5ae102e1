//! An authenticator, a page or a thief says something else than that this phone was unlocked for this question: a clear refusal, and no login.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_testkit::{AuthenticatorFlags, ForgingAuthenticator};
use serde_json::{Value, json};

use crate::rig::{Question, Rig, Session};
use crate::unlocking::{ORIGIN, Unlockable};

/// Changes what an authenticator says.
type Forgery = fn(&mut ForgingAuthenticator);

/// The rows that unlocking could change.
fn stored(rig: &Rig) -> Vec<String> {
    let mut rows = rig.store.column("SELECT state || CAST(proven AS TEXT) FROM sessions ORDER BY key");
    let of_credentials = "SELECT CAST(device_key AS TEXT) || ' ' || CAST(counter AS TEXT) || CAST(backed_up AS TEXT) FROM unlock_credentials ORDER BY device_key";
    rows.extend(rig.store.column(of_credentials));
    rows
}

/// The proof is refused, and nothing has changed; the question still waits.
async fn is_refused(rig: &Rig, phone: &Unlockable, at: (&Session, &Question), proof: Value, what: &str) {
    let before = stored(rig);
    let answer = phone.accept(rig, at.1, proof).await;
    assert_eq!(
        (answer.status, answer.json["reason"].as_str()),
        (422, Some("UNLOCK_NOT_VALID")),
        "{what}: {answer:?}"
    );
    assert_eq!(stored(rig), before, "{what}");
    assert_eq!(rig.status(at.0).await, "pending", "{what}");
}

#[tokio::test]
async fn what_the_authenticator_must_not_say_lets_nobody_in() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    type Change = fn(&mut ForgingAuthenticator);
    let changes: [(&str, Change); 13] = [
        ("without verification of the person", |forged| forged.flags.verified = false),
        ("without presence", |forged| forged.flags.present = false),
        ("with neither", |forged| {
            forged.flags = AuthenticatorFlags { present: false, verified: false, ..forged.flags };
        }),
        ("backed up without being eligible for it", |forged| forged.flags.backed_up = true),
        ("eligible for backup, which it was not", |forged| forged.flags.backup_eligible = true),
        ("eligible and backed up, which it was not", |forged| {
            forged.flags.backup_eligible = true;
            forged.flags.backed_up = true;
        }),
        ("for another host", |forged| forged.relying_party = Some("evil.example".to_owned())),
        ("for a sub-domain", |forged| forged.origin = "https://evil.login.example".to_owned()),
        ("on another port", |forged| forged.origin = format!("{ORIGIN}:8443")),
        ("without TLS", |forged| forged.origin = "http://login.example".to_owned()),
        ("on another page", |forged| forged.origin = "https://evil.example".to_owned()),
        ("of the other ceremony", |forged| forged.ceremony = Some("webauthn.create")),
        ("for another challenge", |forged| forged.challenge = Some(URL_SAFE_NO_PAD.encode([7; 32]))),
    ];
    for (what, change) in changes {
        let honest = (phone.authenticator.flags, phone.authenticator.counter);
        change(&mut phone.authenticator);
        let proof = phone.unlock(&rig, &question).await;
        is_refused(&rig, &phone, (&session, &question), proof, what).await;
        let of = &mut phone.authenticator;
        (of.flags, of.counter, of.origin) = (honest.0, honest.1, ORIGIN.to_owned());
        (of.relying_party, of.ceremony, of.challenge) = (None, None, None);
    }
    let proof = phone.unlock(&rig, &question).await;
    phone.accept(&rig, &question, proof).await.ok(200);
    assert_eq!(rig.status(&session).await, "active", "the honest one is taken after all that");
}

#[tokio::test]
async fn a_copied_credential_is_told_by_its_counter() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    phone.authenticator.counter = 40;
    let (_, question) = rig.asked_to_unlock(&phone, "u").await;
    let proof = phone.unlock(&rig, &question).await;
    phone.accept(&rig, &question, proof).await.ok(200);
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    for counter in [0, 20, 40] {
        phone.authenticator.counter = counter;
        let proof = phone.unlock(&rig, &question).await;
        is_refused(&rig, &phone, (&session, &question), proof, "a count that was there").await;
    }
}

#[tokio::test]
async fn a_proof_is_good_for_one_answer_to_one_question() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    let (first, asked_first) = rig.asked_to_unlock(&phone, "u").await;
    let proof = phone.unlock(&rig, &asked_first).await;
    let (second, asked_second) = rig.asked_to_unlock(&phone, "u").await;

    // Of another question, which has no challenge or its own.
    is_refused(&rig, &phone, (&second, &asked_second), proof.clone(), "no challenge").await;
    rig.challenge(&asked_second).await.ok(200);
    is_refused(&rig, &phone, (&second, &asked_second), proof.clone(), "its own challenge").await;

    // Of a challenge that a newer one has replaced.
    let newer = phone.unlock(&rig, &asked_first).await;
    is_refused(&rig, &phone, (&first, &asked_first), proof, "replaced").await;
    phone.accept(&rig, &asked_first, newer.clone()).await.ok(200);
    assert_eq!(rig.status(&first).await, "active");
    phone.accept(&rig, &asked_first, newer.clone()).await.is(409, "UNKNOWN_REQUEST");
    is_refused(&rig, &phone, (&second, &asked_second), newer, "used for the other").await;

    // After its time.
    let proof = phone.unlock(&rig, &asked_second).await;
    rig.clock.advance(61);
    phone.accept(&rig, &asked_second, proof).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&second).await, "timeout");
    rig.challenge(&asked_second).await.is(409, "UNKNOWN_REQUEST");
}

#[tokio::test]
async fn a_wrong_code_uses_the_proof_up() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u?methods=device", rig.app.id));
    let body = json!({"confirm": ["code"], "known_browser": true});
    let started = rig.post(&rig.app, &url, body).await.ok(202);
    let code = started["authentication_status"]["confirmation"]["code"].as_str().unwrap().to_owned();
    let question = rig.questions(&phone.keyed.phone).await.pop().unwrap();
    let with = async |phone: &Unlockable, proof: &Value, code: Option<&str>| {
        let mut answer = json!({"accepted": true, "os_authentication": proof});
        if let Some(code) = code {
            answer["code"] = code.into();
        }
        rig.answer(&question, json!({"answer": phone.signed(&rig, &question, answer)})).await
    };
    let proof = phone.unlock(&rig, &question).await;
    with(&phone, &proof, None).await.is(422, "CODE_REQUIRED");
    with(&phone, &proof, Some(&crate::confirmation::other_than(&code))).await.is(422, "WRONG_CODE");
    with(&phone, &proof, Some(&code)).await.is(422, "UNLOCK_NOT_VALID");
    let proof = phone.unlock(&rig, &question).await;
    with(&phone, &proof, Some(&code)).await.ok(200);
}

#[tokio::test]
async fn one_phone_unlocks_nothing_for_another() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    let mut other = rig.unlockable("v").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    let challenge = rig.challenge(&question).await.ok(200);
    let of_other = other.authenticator.get(&challenge["options"]).unwrap();
    is_refused(&rig, &phone, (&session, &question), of_other.clone(), "of another phone").await;
    // The names of the right one, the signature of the other.
    let mut renamed = of_other;
    for name in ["id", "rawId"] {
        renamed[name] = phone.authenticator.credential_id().into();
    }
    is_refused(&rig, &phone, (&session, &question), renamed, "under the name of this one").await;
    // A credential that another phone has registered is not taken twice.
    let (_, asked_other) = rig.asked_to_unlock(&other, "v").await;
    other.begin(&rig, &asked_other).await.is(409, "UNLOCK_ALREADY_REGISTERED");
    let third = rig.locked("w").await;
    let (_, asked_third) = rig.asked_to_unlock(&third, "w").await;
    let begun = third.begin(&rig, &asked_third).await.ok(200);
    let credential = phone.authenticator.create(&begun["options"]);
    third.finish(&rig, &begun, credential).await.is(409, "UNLOCK_ALREADY_REGISTERED");
}

#[tokio::test]
async fn a_thief_of_the_shared_secret_registers_no_credential() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.locked("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    let thief = rig.keyed("thief").await;
    let urls = &question.json["identify"]["unlock"];
    let begin = urls["registration_url"].as_str().unwrap();
    let pair = &phone.keyed.phone.pair;
    for (body, status, reason) in [
        (json!({}), 422, "INVALID_BODY"),
        (json!({"credential": {}}), 422, "INVALID_BODY"),
        (json!({"unlock": "a.b.c"}), 401, "BAD_SIGNATURE"),
        (thief.unlock(&rig, json!({})), 401, "BAD_SIGNATURE"),
        (phone.keyed.unlock(&rig, json!({"iss": "other"})), 401, "BAD_SIGNATURE"),
        (phone.keyed.unlock(&rig, json!({"sub": "other"})), 401, "BAD_SIGNATURE"),
        (phone.keyed.unlock(&rig, json!({"aud": "OTHER"})), 401, "BAD_SIGNATURE"),
        (phone.keyed.unlock(&rig, json!({"iat": rig.now().0 - 301})), 401, "BAD_SIGNATURE"),
        (phone.keyed.unlock(&rig, json!({"credential": {}})), 422, "INVALID_PARAMETER"),
    ] {
        rig.post(pair, begin, body).await.is(status, reason);
    }
    // A phone without a key has nothing to sign with.
    let keyless = rig.phone("w").await;
    rig.session("w", "?methods=device").await;
    let asked = rig.questions(&keyless).await.pop().unwrap();
    let begin = asked.json["identify"]["unlock"]["registration_url"].as_str().unwrap();
    rig.post(&keyless.pair, begin, thief.unlock(&rig, json!({}))).await.is(422, "DEVICE_KEY_REQUIRED");
    rig.answer(&asked, json!({"accepted": true, "os_authentication": {"authenticated": true}}))
        .await
        .is(409, "UNLOCK_NOT_REGISTERED");
    assert!(rig.store.column("SELECT CAST(device_key AS TEXT) FROM unlock_credentials").is_empty());

    // A copy of the whole phone does not replace the credential that is there.
    phone.register(&rig, &question).await.ok(200);
    phone.begin(&rig, &question).await.is(409, "UNLOCK_ALREADY_REGISTERED");
    assert_eq!(rig.status(&session).await, "pending");
}

#[tokio::test]
async fn a_registration_is_good_once_for_five_minutes_and_verified() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.locked("u").await;
    let (_, question) = rig.asked_to_unlock(&phone, "u").await;
    let begun = phone.begin(&rig, &question).await.ok(200);
    let forged: [(&str, Forgery); 5] = [
        ("unverified", |forged| forged.flags.verified = false),
        ("backed up without being eligible", |forged| forged.flags.backed_up = true),
        ("another page", |forged| forged.origin = "https://evil.example".to_owned()),
        ("another host", |forged| forged.relying_party = Some("evil.example".to_owned())),
        ("another ceremony", |forged| forged.ceremony = Some("webauthn.get")),
    ];
    for (what, change) in forged {
        let mut authenticator = ForgingAuthenticator::new(ORIGIN).unwrap();
        change(&mut authenticator);
        let answer = phone.finish(&rig, &begun, authenticator.create(&begun["options"])).await;
        assert_eq!(answer.json["reason"], "UNLOCK_NOT_VALID", "{what}: {answer:?}");
    }
    let credential = phone.authenticator.create(&begun["options"]);
    let newer = phone.begin(&rig, &question).await.ok(200);
    phone.finish(&rig, &begun, credential).await.is(422, "UNLOCK_NOT_VALID");
    let credential = phone.authenticator.create(&newer["options"]);
    rig.clock.advance(301);
    phone.finish(&rig, &newer, credential).await.is(422, "UNLOCK_NOT_VALID");
    assert!(rig.store.column("SELECT CAST(device_key AS TEXT) FROM unlock_credentials").is_empty());
}

/// Every member of the proof, missing, of another type, empty, too long and doubled in its own text.
#[tokio::test]
async fn every_member_that_is_not_as_it_should_be_is_told() {
    let rig = Rig::with_unlocking().await;
    let mut phone = rig.unlockable("u").await;
    let (session, question) = rig.asked_to_unlock(&phone, "u").await;
    let at = (&session, &question);
    let answer = json!({"answer": phone.signed(&rig, &question, json!({"accepted": true}))});
    rig.answer(&question, answer).await.is(422, "UNLOCK_REQUIRED");
    for not in [json!(true), json!("proof"), json!([]), json!({}), json!({"authenticated": true})] {
        is_refused(&rig, &phone, at, not.clone(), &not.to_string()).await;
    }
    let long = URL_SAFE_NO_PAD.encode(vec![7; 20_000]);
    let honest = phone.unlock(&rig, &question).await;
    let members = [
        "/id",
        "/rawId",
        "/type",
        "/response",
        "/response/clientDataJSON",
        "/response/authenticatorData",
        "/response/signature",
    ];
    for member in members {
        for value in [
            None,
            Some(json!(null)),
            Some(json!(7)),
            Some(json!([])),
            Some(json!({})),
            Some(json!("")),
            Some(json!("=%")),
            Some(json!(long)),
        ] {
            let mut proof = honest.clone();
            match &value {
                Some(value) => *proof.pointer_mut(member).unwrap() = value.clone(),
                None => {
                    let (parent, name) = member.rsplit_once('/').unwrap();
                    proof.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
                }
            }
            let what = format!(
                "{member}: {}",
                value.map_or("missing".to_owned(), |value| value.to_string().chars().take(20).collect())
            );
            is_refused(&rig, &phone, at, proof, &what).await;
        }
    }
    // The text that is signed has each member once. A cut or longer one is another.
    let decoded = URL_SAFE_NO_PAD.decode(honest["response"]["clientDataJSON"].as_str().unwrap()).unwrap();
    let text = String::from_utf8(decoded).unwrap();
    let doubled = text.replacen('{', r#"{"origin":"https://login.example","#, 1);
    for client_data in [doubled, text[..text.len() - 1].to_owned(), format!("{text} "), "[]".to_owned()] {
        let mut proof = honest.clone();
        proof["response"]["clientDataJSON"] = URL_SAFE_NO_PAD.encode(&client_data).into();
        is_refused(&rig, &phone, at, proof, &client_data).await;
    }
    let data = URL_SAFE_NO_PAD.decode(honest["response"]["authenticatorData"].as_str().unwrap()).unwrap();
    for bytes in [&data[..36], &data[..1], &[data.as_slice(), &[0; 40]].concat()] {
        let mut proof = honest.clone();
        proof["response"]["authenticatorData"] = URL_SAFE_NO_PAD.encode(bytes).into();
        is_refused(&rig, &phone, at, proof, "cut or longer authenticator data").await;
    }
    phone.accept(&rig, &question, honest).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
}
