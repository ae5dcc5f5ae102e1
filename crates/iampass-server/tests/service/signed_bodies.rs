//! A phone's post is covered by its signature: the URL that it signs names the digest of the body. Otherwise whoever sees the headers of a
//! *deny* first could make an *accept* of it.

use std::collections::BTreeSet;

use iampass_server::routes;
use serde_json::{Value, json};

use crate::phone_key::Keyed;
use crate::rig::{Pair, Rig, path_of, with_digest};
use crate::unlocking::Unlockable;

/// A POST of a phone, as it should be.
struct Post {
    pattern: &'static str,
    pair: Pair,
    url: String,
    body: String,
}

/// Every POST that a phone makes, in an order in which each can be done.
async fn posts(rig: &Rig) -> Vec<Post> {
    let phone = rig.phone("u").await;
    rig.active_session(&phone, "u", "").await;
    let opened = rig.active_sessions(&phone).await.remove(0);
    rig.session("u", "").await;
    rig.walkaway(true).await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let by_phone = |pattern, url: &Value, body: &str| Post {
        pattern,
        pair: phone.pair.clone(),
        url: text(url),
        body: body.to_owned(),
    };
    let by_question = |pattern, url: &String, body: &str| Post {
        pattern,
        pair: question.pair.clone(),
        url: url.clone(),
        body: body.to_owned(),
    };
    let beginning = rig.locked("v").await;
    let (_, asked_beginning) = rig.asked_to_unlock(&beginning, "v").await;
    let mut begun = rig.locked("w").await;
    let (_, asked_begun) = rig.asked_to_unlock(&begun, "w").await;
    let registration = begun.begin(rig, &asked_begun).await.ok(200);
    let credential = begun.authenticator.create(&registration["options"]);
    let unlockable = rig.unlockable("x").await;
    let (_, asked_unlockable) = rig.asked_to_unlock(&unlockable, "x").await;
    let unlocking = |pattern, of: &Unlockable, url: &Value, others: Value| Post {
        pattern,
        pair: of.keyed.phone.pair.clone(),
        url: text(url),
        body: of.keyed.unlock(rig, others).to_string(),
    };
    let first = rig.keyed("y").await;
    let code = rig.recovery_codes(&first).await.remove(0);
    let (recovering, waiting) = rig.waiting("y").await;
    let by_keyed = |pattern, of: &Keyed, url: &Value, members: Value| Post {
        pattern,
        pair: of.phone.pair.clone(),
        url: text(url),
        body: of.change(rig, members).to_string(),
    };
    let urls = &first.phone.urls;
    let name = json!({"change": "name_phone", "phone_id": first.phone.pair.id, "name": "Ann's"});
    let shown = rig.shown("u", false).await;
    let brought = json!({"scan": shown.scan}).to_string();
    vec![
        by_phone("/device/{id}/bring", &phone.urls["bring_request"], &brought),
        by_question("/identification/{question}/start", &question.start_url, ""),
        by_question("/identification/{question}", &question.identification_url, r#"{"accepted": false}"#),
        by_phone(
            "/device/{id}/configuration",
            &phone.urls["device_configuration"],
            r#"{"notification_token": "*new"}"#,
        ),
        by_phone("/device/{id}/training_data", &phone.urls["training_data"], r#"{"image": "..."}"#),
        by_phone(
            "/device/{id}/presence",
            &json!(rig.presence_url(&phone.pair)),
            r#"{"presence": "near", "seconds": 90}"#,
        ),
        by_phone("/device/{id}/sessions/{name}/walkaway", &opened["walkaway_url"], ""),
        by_phone("/device/{id}/sessions/{name}/return", &opened["return_url"], "{}"),
        by_phone("/device/{id}/sessions/{name}/logout", &opened["logout_url"], ""),
        unlocking(
            "/device/{id}/unlock/start",
            &beginning,
            &asked_beginning.json["identify"]["unlock"]["registration_url"],
            json!({}),
        ),
        unlocking(
            "/device/{id}/unlock/finish",
            &begun,
            &registration["finish_url"],
            json!({"credential": credential}),
        ),
        Post {
            pattern: "/identification/{question}/unlock",
            pair: asked_unlockable.pair.clone(),
            url: text(&asked_unlockable.json["identify"]["unlock"]["challenge_url"]),
            body: String::new(),
        },
        by_keyed("/device/{id}/phones/change", &first, &urls["phones_change"], name),
        by_keyed(
            "/device/{id}/recover",
            &recovering,
            &waiting["recover_url"],
            json!({"change": "recover", "recovery_code": code}),
        ),
        by_keyed("/device/{id}/phones/link", &first, &urls["phones_link"], json!({"change": "add_phone"})),
        by_keyed(
            "/device/{id}/recovery_codes",
            &first,
            &urls["recovery_codes"],
            json!({"change": "make_recovery_codes"}),
        ),
        by_phone("/device/{id}/unregister", &phone.urls["device_unregister"], ""),
    ]
}

/// All that the service remembers of what a phone can change.
fn stored(rig: &Rig) -> Vec<String> {
    let mut rows = rig.store.column("SELECT state || CAST(on_phone AS TEXT) || coalesce(CAST(near_until AS TEXT), '') FROM sessions ORDER BY key");
    for table in [
        "unlock_registrations",
        "unlock_credentials",
        "sessions WHERE unlock_challenge IS NOT NULL",
        "waiting_phones",
        "recovery_codes",
        "phone_events",
        "links",
    ] {
        rows.extend(rig.store.column(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")));
    }
    rows.extend(rig.store.column("SELECT notification_token FROM devices ORDER BY key"));
    rows.extend(rig.store.column("SELECT CAST(in_a_row AS TEXT) FROM denials"));
    rows
}

/// URLs that a phone could call instead of the right one. None covers the body.
fn wrong_urls(url: &str, body: &str) -> Vec<String> {
    let good = with_digest(url, body);
    let digest = good.rsplit('=').next().unwrap().to_owned();
    let other = r#"{"accepted":true}"#;
    let encoded = |url: &str| url.replace("body_sha256", "%62ody_sha256");
    let mut wrong = vec![
        // Missing: the form of phones before this was required.
        url.to_owned(),
        format!("{url}?"),
        format!("{url}?body_sha256"),
        format!("{url}?body_sha256="),
        format!("{url}?sha256={digest}"),
        format!("{url}?BODY_SHA256={digest}"),
        // Doubled, with the same value and with another one, however the name is written.
        with_digest(&good, body),
        with_digest(&good, other),
        with_digest(&with_digest(url, other), body),
        encoded(&good).replace('?', &format!("?body_sha256={digest}&")),
        format!("{good}&%62ody_sha256={digest}"),
        // Of another body.
        with_digest(url, other),
        with_digest(url, &format!("{body} ")),
        // In another spelling, or only a part of it.
        good.replace(&digest, &digest.to_uppercase()),
        good.replace(&digest, &format!("0x{digest}")),
        good.replace(&digest, &format!("+{digest}")),
        good.replace(&digest, &digest[..62]),
        format!("{good}%20"),
        format!("{good}="),
        format!("{good}00"),
        good.replace(&digest, "%ff"),
        good.replace(&digest, "%"),
    ];
    if !body.is_empty() {
        wrong.push(with_digest(url, ""));
    }
    wrong
}

#[tokio::test]
async fn no_post_of_a_phone_is_done_whose_signature_does_not_cover_its_body() {
    let rig = Rig::with_unlocking().await;
    let posts = posts(&rig).await;
    let tried: BTreeSet<_> = posts.iter().map(|post| post.pattern).collect();
    let all = routes().filter(|route| {
        let of_phone = ["/device/", "/identification/"].iter().any(|start| route.pattern.starts_with(start));
        route.method == "POST" && of_phone
    });
    assert_eq!(tried, all.map(|route| route.pattern).collect(), "every POST of a phone is tried");

    for Post { pattern, pair, url, body } in &posts {
        let before = stored(&rig);
        for wrong in wrong_urls(url, body) {
            let refused = rig.call_as_written(pair, "POST", &wrong, Some(body)).await;
            assert_eq!(refused.json["reason"], "BODY_NOT_SIGNED", "{pattern}: {wrong}: {refused:?}");
            refused.is(401, "BODY_NOT_SIGNED");
        }
        // The digest of what was signed, and another body behind the same headers.
        let good = with_digest(url, body);
        for other in [r#"{"accepted": true}"#, r#"{"accepted":true}"#, "{}", " ", ""] {
            if other == body.as_str() {
                continue;
            }
            let refused = rig.call_as_written(pair, "POST", &good, Some(other)).await;
            refused.is(401, "BODY_NOT_SIGNED");
        }
        assert_eq!(stored(&rig), before, "{pattern}");
        rig.call_as_written(pair, "POST", &good, Some(body)).await.ok(200);
    }
}

/// Somebody in between sees the headers of a *deny* and sends them first, with another body.
#[tokio::test]
async fn a_denial_does_not_become_an_acceptance_on_its_way() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let (deny, accept) = (r#"{"accepted": false}"#, r#"{"accepted": true}"#);

    // As phones did it before: no digest at all.
    let headers = rig.signed(&question.pair, &question.identification_url);
    let target = path_of(&question.identification_url);
    rig.send("POST", target, &headers, Some(accept)).await.is(401, "BODY_NOT_SIGNED");
    assert_eq!(rig.status(&session).await, "pending");

    let signed_for_deny = with_digest(&question.identification_url, deny);
    let headers = rig.signed(&question.pair, &signed_for_deny);
    rig.send("POST", path_of(&signed_for_deny), &headers, Some(accept)).await.is(401, "BODY_NOT_SIGNED");
    // Nor is the digest exchanged with the body, since it is signed.
    let headers = rig.signed(&question.pair, &signed_for_deny);
    let for_accept = with_digest(&question.identification_url, accept);
    rig.send("POST", path_of(&for_accept), &headers, Some(accept)).await.is(401, "BAD_SIGNATURE");
    assert_eq!(rig.status(&session).await, "pending");

    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    assert_eq!(rig.status(&session).await, "cancelled");
}

#[tokio::test]
async fn other_members_of_the_query_stand_beside_the_digest_in_any_order() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let configuration = phone.urls["device_configuration"].as_str().unwrap();
    let body = r#"{"notification_token": "*x"}"#;
    for url in [
        with_digest(&format!("{configuration}?a=b"), body),
        format!("{}&a=%20&b", with_digest(configuration, body)),
    ] {
        rig.call_as_written(&phone.pair, "POST", &url, Some(body)).await.ok(200);
    }
}

#[tokio::test]
async fn what_is_no_post_of_a_phone_needs_no_digest() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    for name in ["pending_requests", "active_sessions"] {
        let url = phone.urls[name].as_str().unwrap();
        rig.call_as_written(&phone.pair, "GET", url, None).await.ok(200);
    }
    let session = rig.session("u", "").await;
    rig.call_as_written(&session.pair, "POST", &session.logout_url, Some("")).await.ok(200);
}
