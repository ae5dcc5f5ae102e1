//! Answers that are seen on their way: kept, repeated, changed, held back.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use iampass_core::UnixSeconds;
use iampass_core::signing::BodyDigest;
use serde_json::json;

use crate::forger::{Forger, claims, pair_of, pair_of_phone};
use crate::ground::{Ground, SOON};
use crate::service::Service;
use crate::verdict::{Attack, Outcome, Verdict, attack, hold, works};
use crate::wire::copy;

pub(crate) const ATTACKS: [Attack; 6] = [
    attack!(
        "replayed-answer",
        "an acceptance is sent again: at once, after a logout, for the next question, after a crash",
        replayed
    ),
    attack!("swapped-body", "the headers of a denial are sent with the body of an acceptance", swapped),
    attack!("late-answer", "an acceptance after its time", late),
    attack!("lost-answer", "an acceptance is held back until the login was given up", lost),
    attack!("clock-steps", "calls and answers that are signed by a clock that is an hour wrong", clocks),
    attack!("answers-at-once", "an acceptance, a denial and a logout at the same time", at_once),
];

async fn replayed(ground: Arc<Ground>) -> Outcome {
    let (mut service, [shop]) = Service::start(["code"], &[])?;
    let phone = shop.phone("u").await?;
    let first = shop.start("u", true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let forger = Forger::with_key_of(&phone).await?;
    let jws = forger.answer(&claims(&shop.wire, &phone, &request, &first.code)).await?;
    let body = json!({"answer": jws}).to_string();
    let seen = shop.wire.by_phone(&pair_of(&request), &request.identify.identification_url, &body)?;
    shop.wire.send(copy(&seen)).await?.done("an acceptance")?;
    works!(shop.is_in(&first).await?, "the acceptance lets nobody in");
    let status = shop.wire.signed(&first.pair, Method::GET, &first.status_url, "")?;
    shop.wire.send(copy(&status)).await?.done("a status")?;
    shop.wire.post(&first.pair, &first.logout_url, &json!({})).await?.done("a logout")?;
    for when in ["after the logout", "after a crash"] {
        hold!(shop.wire.send(copy(&seen)).await?.status == 403, "the same request is taken {when}");
        hold!(
            shop.wire.send(copy(&status)).await?.status == 403,
            "a question of the application is taken twice {when}"
        );
        // The same answer in a new request: its secret is known, as to a thief of the database.
        let again = shop.wire.by_phone(&pair_of(&request), &request.identify.identification_url, &body)?;
        hold!(shop.wire.send(again).await?.status >= 400, "the same answer is taken {when}");
        hold!(!shop.is_in(&first).await?, "the session is active again {when}");
        let next = shop.start("u", true).await?;
        let other = phone.next_request(SOON).await?.ok_or("no question")?;
        let moved = shop.wire.by_phone(&pair_of(&other), &other.identify.identification_url, &body)?;
        let moved = shop.wire.send(moved).await?;
        hold!(moved.status >= 400 && !shop.is_in(&next).await?, "it answers the next question {when}");
        phone.ignore(&other);
        if when == "after the logout" {
            service.crash()?;
        }
    }
    drop(ground);
    Verdict::defeated(
        "NONCE_REPLAYED for the same request, nothing for the same answer; nothing is forgotten by a crash",
    )
}

async fn swapped(ground: Arc<Ground>) -> Outcome {
    // A phone of before: no other signature covers its answer.
    let user = ground.user("swapped");
    let phone = ground.shop.shared_phone(&user).await?;
    let started = ground.shop.start(&user, true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let (deny, accept) =
        (json!({"accepted": false}).to_string(), json!({"accepted": true, "code": started.code}).to_string());
    let (wire, pair, url) = (&ground.shop.wire, pair_of(&request), &request.identify.identification_url);
    let signed = |body: &str| BodyDigest::of(body.as_bytes()).appended_to(url);
    for (what, signed, sent) in [
        ("without a digest", url.clone(), url.clone()),
        ("with the digest of the denial", signed(&deny), signed(&deny)),
        ("with another digest than was signed", signed(&deny), signed(&accept)),
    ] {
        let request = wire.signed_at(wire.now(), &pair, Method::POST, &signed, &sent, &accept)?;
        let answer = wire.send(request).await?;
        hold!(answer.status == 401 && !ground.shop.is_in(&started).await?, "{what}: {}", answer.status);
    }
    wire.send(wire.by_phone(&pair, url, &deny)?).await?.done("the denial")?;
    hold!(ground.shop.status(&started).await? == "cancelled", "the denial is not what counts");
    Verdict::defeated("BODY_NOT_SIGNED or BAD_SIGNATURE for each of 3; the denial counts")
}

async fn late(ground: Arc<Ground>) -> Outcome {
    let (_service, [shop]) = Service::start(["code"], &["--answer-timeout", "5"])?;
    let phone = shop.phone("u").await?;
    let started = shop.start("u", true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    tokio::time::sleep(Duration::from_millis(6_100)).await;
    hold!(phone.accept_with_code(&request, &started.code).await.is_err(), "the answer is taken");
    hold!(phone.bring_scan(&started.scan_url).await.is_err(), "the scan is brought");
    hold!(shop.status(&started).await? == "timeout", "the session is not over");
    drop(ground);
    Verdict::defeated("after 5 s nothing can be brought or answered")
}

async fn lost(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("lost");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let forger = Forger::with_key_of(&phone).await?;
    let wire = &ground.shop.wire;
    let jws = forger.answer(&claims(wire, &phone, &request, &started.code)).await?;
    let held = wire.by_phone(
        &pair_of(&request),
        &request.identify.identification_url,
        &json!({"answer": jws}).to_string(),
    )?;
    // The user hears nothing and gives up; the attacker lets it go on now.
    wire.post(&started.pair, &started.logout_url, &json!({})).await?.done("a logout")?;
    let answer = wire.send(held).await?;
    hold!(answer.status >= 400 && !ground.shop.is_in(&started).await?, "it is taken: {}", answer.status);
    hold!(ground.shop.status(&started).await? == "closed", "the session is not closed");
    // The user signs in again, and the phone hears nothing of its own answer: its second try changes nothing.
    let again = ground.shop.start(&user, true).await?;
    let request = phone.accept_code(&again.code).await?;
    hold!(phone.accept_with_code(&request, &again.code).await.is_err(), "an answer is taken twice");
    works!(ground.shop.is_in(&again).await?, "a phone that tries again keeps its own user out");
    Verdict::defeated("what was given up stays closed; an answer whose receipt is lost counts once")
}

async fn clocks(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("clocks");
    let phone = ground.shop.phone(&user).await?;
    let started = ground.shop.start(&user, true).await?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let forger = Forger::with_key_of(&phone).await?;
    let wire = &ground.shop.wire;
    let now = wire.now().0;
    for wrong in [now - 3_600, now + 3_600] {
        // The claims of another clock, and the signature of the request by another clock.
        let mut told = claims(wire, &phone, &request, &started.code);
        if let Some(iat) = told.get_mut("iat") {
            *iat = json!(wrong);
        }
        let body = json!({"answer": forger.answer(&told).await?}).to_string();
        let url = &request.identify.identification_url;
        let claims_wrong = wire.send(wire.by_phone(&pair_of(&request), url, &body)?).await?;
        hold!(claims_wrong.status == 401, "claims of another hour are taken: {}", claims_wrong.status);
        let good = json!({"answer": forger.answer(&claims(wire, &phone, &request, &started.code)).await?})
            .to_string();
        let url = BodyDigest::of(good.as_bytes()).appended_to(url);
        let at = UnixSeconds(wrong);
        let late =
            wire.send(wire.signed_at(at, &pair_of(&request), Method::POST, &url, &url, &good)?).await?;
        hold!(matches!(late.status, 401 | 403), "a request of another hour is taken: {}", late.status);
        let pending = &phone.record().service.service_urls.pending_requests;
        let read = wire.signed_at(at, &pair_of_phone(&phone), Method::GET, pending, pending, "")?;
        hold!(matches!(wire.send(read).await?.status, 401 | 403), "a read of another hour is taken");
        hold!(!ground.shop.is_in(&started).await?, "the browser is in");
    }
    phone.accept_code(&started.code).await?;
    works!(ground.shop.is_in(&started).await?, "the right clock lets nobody in");
    Verdict::defeated(
        "refused an hour early and an hour late; the service's own clock: cargo xtask surroundings clocks",
    )
}

async fn at_once(ground: Arc<Ground>) -> Outcome {
    for _ in 0..5 {
        let user = ground.user("racing");
        let phone = ground.shop.phone(&user).await?;
        let started = ground.shop.start(&user, true).await?;
        let request = phone.next_request(SOON).await?.ok_or("no question")?;
        let logout = json!({});
        let (yes, no, out) = tokio::join!(
            phone.accept_with_code(&request, &started.code),
            phone.deny(&request),
            ground.shop.wire.post(&started.pair, &started.logout_url, &logout),
        );
        out?.done("a logout")?;
        hold!(yes.is_err() || no.is_err(), "both answers are taken");
        hold!(!ground.shop.is_in(&started).await?, "the session is active after its logout");
    }
    Verdict::defeated("one outcome in each of 5 rounds, and none is active after its logout")
}
