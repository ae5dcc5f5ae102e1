//! Answers in the name of a phone whose key the attacker does not have.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::wire::AuthenticationRequest;
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};

use crate::forger::{ANSWER, Forger, answer, claims, pair_of_phone, unsigned, with};
use crate::ground::{Ground, SOON};
use crate::service::Started;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 7] = [
    attack!(
        "secrets-of-the-database",
        "all secrets that the service has of a phone with a key answer for it",
        database
    ),
    attack!(
        "secret-of-a-phone-that-has-left",
        "the secret that a phone with a key shares lets a session go on, or removes the phone",
        after_it_has_left
    ),
    attack!("jws-of-another-key", "an answer signed by a key that was never registered", another_key),
    attack!("jws-without-a-signature", "alg none, no signature, HMAC with the public key", no_signature),
    attack!(
        "jws-of-another-kind",
        "other typ, alg and extensions, signed by the phone's own key",
        other_kind
    ),
    attack!(
        "jws-with-other-claims",
        "the phone's own signature for another question, user, application or time",
        other_claims
    ),
    attack!("jws-put-together", "the signature of a denial under the payload of an acceptance", put_together),
];

struct Asked {
    phone: VirtualPhone,
    started: Started,
    request: AuthenticationRequest,
    claims: Value,
}

async fn asked(ground: &Ground) -> Result<Asked, Failure> {
    let user = ground.user("keyed");
    let phone = ground.shop.phone(&user).await?;
    works_key(&phone)?;
    let started = ground.shop.start(&user, true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let claims = claims(&ground.shop.wire, &phone, &request, &started.code);
    Ok(Asked { phone, started, request, claims })
}

fn works_key(phone: &VirtualPhone) -> Result<(), Failure> {
    if phone.has_device_key() { Ok(()) } else { Err("the phone has no key".into()) }
}

/// Each of them is refused and changes nothing; the good one is taken after them.
async fn all_refused(ground: &Ground, asked: &Asked, forged: &[(&str, Value)]) -> Outcome {
    let Asked { phone, started, request, claims } = asked;
    for (what, body) in forged {
        let refused = answer(&ground.shop.wire, request, body).await?;
        let is_in = ground.shop.is_in(started).await?;
        hold!(refused.status >= 400 && !is_in, "{what}: {} {}", refused.status, refused.reason());
        hold!(refused.status < 500, "{what}: {}", refused.status);
        let status = ground.shop.status(started).await?;
        hold!(matches!(&*status, "pending" | "identifying"), "{what}: the session is {status}");
    }
    let good = Forger::with_key_of(phone).await?.answer(claims).await?;
    let good = answer(&ground.shop.wire, request, &json!({"answer": good})).await?;
    works!(ground.shop.is_in(started).await?, "the good answer: {} {}", good.status, good.reason());
    let names: Vec<_> = forged.iter().map(|(what, _)| *what).collect();
    Verdict::defeated(format!("refused: {}; the phone's own answer is taken", names.join(", ")))
}

async fn database(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let (code, scan) = (&asked.started.code, &asked.started.scan_url);
    // The thief brings and answers as a phone of before does.
    let thief = asked.phone.without_its_key()?;
    hold!(thief.bring_code(code).await.is_err(), "the digits are brought by HMAC alone");
    hold!(thief.bring_scan(scan).await.is_err(), "the scan is brought by HMAC alone");
    let url =
        asked.phone.record().service.service_urls.bring_request.clone().ok_or("nothing can be brought")?;
    let plain =
        ground.shop.wire.phone_post(&pair_of_phone(&asked.phone), &url, &json!({"code": code})).await?;
    hold!(plain.status >= 400, "the digits are brought by HMAC alone");
    let secret = scan.rsplit('=').next().unwrap_or_default();
    let forged = [
        ("HMAC alone with the digits", json!({"accepted": true, "code": code})),
        ("with the scan", json!({"accepted": true, "scan": secret})),
        ("without a code", json!({"accepted": true})),
        ("a denial", json!({"accepted": false})),
        ("an empty JWS beside it", json!({"accepted": true, "code": code, "answer": ""})),
    ];
    all_refused(&ground, &asked, &forged).await
}

async fn after_it_has_left(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("away");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, false).await?;
    phone.accept_code(&started.code).await?;
    works!(phone.walk_away().await? == 1, "the phone cannot leave");
    works!(ground.shop.status(&started).await? == "walkaway", "the phone has not left");
    let thief = phone.without_its_key()?;
    hold!(thief.come_back().await.is_err(), "the thief is back in the phone's place");
    hold!(thief.log_out().await.is_err(), "the thief ends the session");
    hold!(thief.configure("*thief").await.is_err(), "notifications go to the thief");
    hold!(thief.unregister().await.is_err(), "the thief removes the phone");
    hold!(ground.shop.status(&started).await? == "walkaway", "the session goes on");
    works!(phone.come_back().await? == 1, "the phone itself cannot come back");
    works!(ground.shop.is_in(&started).await?, "the phone itself cannot come back");
    Verdict::defeated("return, logout, configuration and removal are refused; the phone itself comes back")
}

async fn another_key(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let jws = Forger::with_new_key().await?.answer(&asked.claims).await?;
    let other = ground.shop.phone(&ground.user("other")).await?;
    let of_other = Forger::with_key_of(&other).await?.answer(&asked.claims).await?;
    let thief = asked.phone.with_another_key().await?;
    hold!(thief.bring_code(&asked.started.code).await.is_err(), "a new key brings the digits");
    let forged =
        [("a new key", json!({"answer": jws})), ("the key of another user", json!({"answer": of_other}))];
    all_refused(&ground, &asked, &forged).await
}

async fn no_signature(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let good = Forger::with_key_of(&asked.phone).await?.answer(&asked.claims).await?;
    let (message, signature) = good.rsplit_once('.').ok_or("no JWS")?;
    let none = unsigned(&json!({"alg": "none", "typ": ANSWER}), &asked.claims);
    let hs256 = unsigned(&json!({"alg": "HS256", "typ": ANSWER}), &asked.claims);
    let zero = URL_SAFE_NO_PAD.encode([0; 64]);
    let forged = [
        ("alg none", format!("{none}.")),
        ("alg none with a signature", format!("{none}.{signature}")),
        ("HS256", format!("{hs256}.{}", URL_SAFE_NO_PAD.encode([7; 32]))),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("a signature of zeros", format!("{message}.{zero}")),
        ("nothing", String::new()),
    ];
    let forged = forged.map(|(what, jws)| (what, json!({"answer": jws})));
    all_refused(&ground, &asked, &forged).await
}

async fn other_kind(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let forger = Forger::with_key_of(&asked.phone).await?;
    let public = forger.public();
    let (x, y) = (public.get(1..33).unwrap_or_default(), public.get(33..).unwrap_or_default());
    let jwk =
        json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)});
    let mut forged = Vec::new();
    for (what, header) in [
        ("the typ of what is brought", json!({"alg": "ES256", "typ": "iampass-bring+jwt"})),
        ("no typ", json!({"alg": "ES256"})),
        ("typ JWT", json!({"alg": "ES256", "typ": "JWT"})),
        ("alg ES384", json!({"alg": "ES384", "typ": ANSWER})),
        ("an extension", json!({"alg": "ES256", "typ": ANSWER, "crit": ["b64"], "b64": true})),
    ] {
        forged.push((what, json!({"answer": forger.sign(&header, &asked.claims).await?})));
    }
    // A header that brings its own key.
    let own = Forger::with_new_key().await?;
    let header = json!({"alg": "ES256", "typ": ANSWER, "jwk": jwk});
    forged.push(("a key in the header", json!({"answer": own.sign(&header, &asked.claims).await?})));
    all_refused(&ground, &asked, &forged).await
}

async fn other_claims(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let forger = Forger::with_key_of(&asked.phone).await?;
    let now = ground.shop.wire.now().0;
    let mut forged = Vec::new();
    for (what, name, value) in [
        ("another question", "jti", json!("other")),
        ("no question", "jti", Value::Null),
        ("another user", "sub", json!("other")),
        ("another application", "aud", json!(ground.tap.pair.id)),
        ("another phone", "iss", json!("other")),
        ("an hour ago", "iat", json!(now - 3_600)),
        ("in an hour", "iat", json!(now + 3_600)),
        ("no time", "iat", Value::Null),
        ("a text as its decision", "accepted", json!("true")),
        ("no code", "code", json!("")),
    ] {
        let jws = forger.answer(&with(&asked.claims, name, value)).await?;
        forged.push((what, json!({"answer": jws})));
    }
    all_refused(&ground, &asked, &forged).await
}

async fn put_together(ground: Arc<Ground>) -> Outcome {
    let asked = asked(&ground).await?;
    let forger = Forger::with_key_of(&asked.phone).await?;
    let denial = forger.answer(&with(&asked.claims, "accepted", json!(false))).await?;
    let good = unsigned(&json!({"alg": "ES256", "typ": ANSWER}), &asked.claims);
    let signature = denial.rsplit('.').next().unwrap_or_default();
    let forged = [("the signature of a denial", json!({"answer": format!("{good}.{signature}")}))];
    let refused = all_refused(&ground, &asked, &forged).await?;
    // A denial with plain members beside it is a denial, if it is taken at all.
    let again = self::asked(&ground).await?;
    let forger = Forger::with_key_of(&again.phone).await?;
    let denial = forger.answer(&with(&again.claims, "accepted", json!(false))).await?;
    let body = json!({"answer": denial, "accepted": true, "code": again.started.code});
    answer(&ground.shop.wire, &again.request, &body).await?;
    hold!(!ground.shop.is_in(&again.started).await?, "plain members beside a signed denial let in");
    Ok(refused)
}
