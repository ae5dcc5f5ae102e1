//! Settings of an application in the Console: name, logins, secret, switching off, deleting.

use std::time::{Duration, Instant};

use iampass_core::Secret;
use serde_json::json;

use super::shop::{log, open_sessions, owner, place, went_to};
use super::visitor::{Visitor, open_house};
use crate::rig::{Answer, Pair, Rig};

/// A call that any good secret is good for.
async fn call(rig: &Rig, pair: &Pair) -> Answer {
    rig.post(pair, &rig.url(&format!("/management/add_users/{}", pair.id)), json!({"users": ["ann"]})).await
}

async fn rotate(owner: &mut Visitor<'_>, rig: &Rig, overlap: &str) -> Pair {
    let page = owner.post(&place(rig, "/settings/rotate"), &[("overlap", overlap)]).await;
    assert_eq!((page.status, page.header("cache-control")), (201, Some("no-store")), "{page:?}");
    let (_, field) = page.body.split_once("id=\"credential_secret\"").unwrap();
    let secret = field.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    Pair { id: rig.app.id.clone(), secret: Secret::new(secret) }
}

#[tokio::test]
async fn name_methods_and_duration_hold_from_the_next_login_on() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let settings = place(&rig, "/settings");
    let bad = owner.post(&place(&rig, "/settings/rename"), &[("name", "pay\u{202e}pal")]).await;
    assert!(bad.status == 422 && bad.body.contains("characters that can be seen"), "{bad:?}");
    let renamed = owner.post(&place(&rig, "/settings/rename"), &[("name", " Café  2 ")]).await;
    went_to(&renamed, &format!("{settings}?done=renamed"));
    assert!(owner.get(&settings).await.body.contains("<b dir=\"auto\">Café 2</b>"));

    let login = place(&rig, "/settings/login");
    for fields in [
        [("methods", "these"), ("duration", "1"), ("unit", "hours")],
        [("methods", "any"), ("duration", "31"), ("unit", "days")],
        [("methods", "any"), ("duration", "-1"), ("unit", "hours")],
    ] {
        let bad = owner.post(&login, &fields).await;
        assert!(bad.status == 422 && bad.body.contains("Nothing was changed"), "{bad:?}");
    }
    let fields = [("methods", "these"), ("acceptance", "on"), ("duration", "90"), ("unit", "minutes")];
    went_to(&owner.post(&login, &fields).await, &format!("{settings}?done=configured"));
    let page = owner.get(&settings).await;
    assert!(
        page.body.contains("90 minutes")
            && page.body.contains("<dd><code dir=\"ltr\">acceptance</code></dd>"),
        "{page:?}"
    );
    let page = owner.get(&login).await;
    assert!(
        page.body.contains("value=\"90\"") && page.body.contains("name=\"acceptance\" checked"),
        "{page:?}"
    );
    rig.phone("ann").await;
    rig.authenticate("ann", "?methods=facial").await.is(422, "INVALID_METHODS");
    let started = rig.authenticate("ann", "").await.ok(202);
    assert_eq!(started["authentication_status"]["duration_seconds"], 5_400, "the application is told");
    let stored = format!(
        "SELECT s.methods || ' ' || CAST(s.duration_seconds AS TEXT) FROM sessions s JOIN applications a ON a.key = s.application_key
         WHERE a.id = '{}'",
        rig.app.id
    );
    assert_eq!(rig.store.column(&stored), ["acceptance 5400"]);
    let fields = [("methods", "any"), ("acceptance", "on"), ("duration", ""), ("unit", "minutes")];
    went_to(&owner.post(&login, &fields).await, &format!("{settings}?done=configured"));
    rig.session("ann", "?methods=acceptance").await;
    let expected =
        ["application.configured", "phone.registered", "application.configured", "application.renamed"];
    assert_eq!(log(&rig)[..4], expected);
}

#[tokio::test]
async fn another_approval_has_an_entry_of_its_own_and_an_older_form_does_not_undo_it() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let login = place(&rig, "/settings/login");
    let stored = format!("SELECT approval FROM applications WHERE id = '{}'", rig.app.id);
    let entries = |rig: &Rig| log(rig).iter().filter(|action| *action == "application.approval").count();
    let send = async |owner: &mut Visitor<'_>, approval: &str, before: &str| {
        let fields =
            [("methods", "any"), ("unit", "hours"), ("approval", approval), ("approval_before", before)];
        assert_eq!(owner.post(&login, &fields).await.status, 303);
    };
    send(&mut owner, "code", "tap").await;
    assert_eq!((rig.store.column(&stored), entries(&rig)), (vec!["code".to_owned()], 1));
    // The form that another member has had open since before, sent for its duration.
    send(&mut owner, "tap", "tap").await;
    assert_eq!((rig.store.column(&stored), entries(&rig)), (vec!["code".to_owned()], 1));
    send(&mut owner, "tap", "code").await;
    assert_eq!((rig.store.column(&stored), entries(&rig)), (vec!["tap".to_owned()], 2));
    // A form that names none.
    send(&mut owner, "", "").await;
    assert_eq!((rig.store.column(&stored), entries(&rig)), (vec!["tap".to_owned()], 2));
}

#[tokio::test]
async fn the_phones_that_may_answer_are_chosen_here_and_have_an_entry_of_their_own() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let login = place(&rig, "/settings/login");
    let stored = format!("SELECT phones FROM applications WHERE id = '{}'", rig.app.id);
    let entries = |rig: &Rig| log(rig).iter().filter(|action| *action == "application.phones").count();
    let send = async |owner: &mut Visitor<'_>, phones: &str, before: &str| {
        let fields = [("methods", "any"), ("unit", "hours"), ("phones", phones), ("phones_before", before)];
        owner.post(&login, &fields).await
    };
    assert_eq!(rig.store.column(&stored), ["any"]);
    for (phones, before, expected, noted) in [
        ("key", "any", "key", 1),
        ("any", "any", "key", 1),
        ("", "", "key", 1),
        ("any", "key", "any", 2),
        ("key", "any", "key", 3),
    ] {
        assert_eq!(send(&mut owner, phones, before).await.status, 303);
        assert_eq!(
            (rig.store.column(&stored), entries(&rig)),
            (vec![expected.to_owned()], noted),
            "{phones}"
        );
    }
    let page = owner.get(&place(&rig, "/settings")).await.body;
    assert!(page.contains("Phones with a key of their own"), "{page}");
    // Browsers make no passkey for this service, so nobody could sign in.
    let refused = send(&mut owner, "unlock", "key").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("cannot verify that a phone was unlocked"), "{}", refused.body);
    assert_eq!(rig.store.column(&stored), ["key"]);
}

#[tokio::test]
async fn whether_phones_say_that_they_are_near_is_switched_here_and_has_an_entry_of_its_own() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let login = place(&rig, "/settings/login");
    let stored = format!("SELECT CAST(walkaway AS TEXT) FROM applications WHERE id = '{}'", rig.app.id);
    let entries = |rig: &Rig| log(rig).iter().filter(|action| *action == "application.walkaway").count();
    assert!(owner.get(&login).await.body.contains("Nothing happens by itself"));
    assert_eq!(rig.store.column(&stored), ["0"]);
    for (walkaway, before, expected, noted) in [
        ("on", "off", "1", 1),
        ("off", "off", "1", 1),
        ("off", "on", "0", 2),
        ("", "", "0", 2),
        ("on", "off", "1", 3),
    ] {
        let fields =
            [("methods", "any"), ("unit", "hours"), ("walkaway", walkaway), ("walkaway_before", before)];
        assert_eq!(owner.post(&login, &fields).await.status, 303);
        assert_eq!(
            (rig.store.column(&stored), entries(&rig)),
            (vec![expected.to_owned()], noted),
            "{walkaway}"
        );
    }
    let page = owner.get(&place(&rig, "/settings")).await.body;
    assert!(page.contains("locked when its phone has not said in time"), "{page}");
}

#[tokio::test]
async fn the_secret_before_is_good_for_as_long_as_was_chosen() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let first = rig.app.clone();
    let without = owner.post(&place(&rig, "/settings/rotate"), &[]).await;
    assert_eq!(without.status, 422, "{without:?}");
    let second = rotate(&mut owner, &rig, "hour").await;
    call(&rig, &first).await.ok(201);
    call(&rig, &second).await.ok(201);
    // It is shown this once: no page has it afterwards.
    for path in ["/settings/rotate", "/settings", "/log", "/snippets", ""] {
        let page = owner.get(&place(&rig, path)).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            !page.body.contains(second.secret.expose()) && !page.body.contains(first.secret.expose()),
            "{path}"
        );
    }

    // A third ends the first at once, and that is said before.
    assert!(owner.get(&place(&rig, "/settings/rotate")).await.body.contains("ends at once"));
    let third = rotate(&mut owner, &rig, "day").await;
    assert_eq!(call(&rig, &first).await.status, 401);
    call(&rig, &second).await.ok(201);
    // Ended early.
    assert_eq!(owner.post(&place(&rig, "/settings/end-overlap"), &[]).await.status, 422);
    call(&rig, &second).await.ok(201);
    let ended = owner.post(&place(&rig, "/settings/end-overlap"), &[("sure", "yes")]).await;
    went_to(&ended, &place(&rig, "/settings?done=overlap-ended"));
    assert_eq!(call(&rig, &second).await.status, 401);
    // None at all.
    let fourth = rotate(&mut owner, &rig, "none").await;
    assert_eq!(call(&rig, &third).await.status, 401);
    // Until its time is over.
    let fifth = rotate(&mut owner, &rig, "hour").await;
    rig.clock.advance(3_599);
    call(&rig, &fourth).await.ok(201);
    rig.clock.advance(2);
    assert_eq!(call(&rig, &fourth).await.status, 401);
    call(&rig, &fifth).await.ok(201);
    assert_eq!(
        log(&rig)[..4],
        ["secret.rotated", "secret.rotated", "secret.overlap-ended", "secret.rotated"]
    );
}

#[tokio::test]
async fn disabling_ends_sessions_and_answers_nothing_until_it_is_enabled() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    let session = rig.active_session(&phone, "ann", "").await;
    let asked = owner.get(&place(&rig, "/settings/disable")).await;
    assert!(asked.body.contains("1 session ends at once"), "{asked:?}");
    assert_eq!(owner.post(&place(&rig, "/settings/disable"), &[("typed", "shop")]).await.status, 422);
    call(&rig, &rig.app).await.ok(201);
    let disabled = owner.post(&place(&rig, "/settings/disable"), &[("typed", "Shop")]).await;
    went_to(&disabled, &place(&rig, "/settings?done=disabled"));
    assert!(call(&rig, &rig.app).await.status >= 400);
    assert!(rig.active_sessions(&phone).await.is_empty());
    assert!(open_sessions(&rig).is_empty());
    assert!(owner.get(&place(&rig, "/settings")).await.body.contains("This application is disabled"));
    let enabled = owner.post(&place(&rig, "/settings/enable"), &[("sure", "yes")]).await;
    went_to(&enabled, &place(&rig, "/settings?done=enabled"));
    call(&rig, &rig.app).await.ok(201);
    assert_eq!(rig.status(&session).await, "closed");
    assert_eq!(log(&rig)[..2], ["application.enabled", "application.disabled"]);
}

#[tokio::test]
async fn deleting_says_what_ends_and_leaves_nothing_but_the_log() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    rig.add_users(&["bob"]).await;
    let session = rig.active_session(&phone, "ann", "").await;
    let delete = place(&rig, "/settings/delete");
    let asked = owner.get(&delete).await;
    assert!(asked.body.contains("1 session ends at once"), "{asked:?}");
    assert!(asked.body.contains("Gone with it: 2 users. Gone with it: 1 registered phone."), "{asked:?}");
    assert!(asked.body.contains(&format!("href=\"{}\">Cancel", place(&rig, "/settings"))), "{asked:?}");
    assert_eq!(owner.post(&delete, &[("typed", "")]).await.status, 422);
    call(&rig, &rig.app).await.ok(201);
    went_to(&owner.post(&delete, &[("typed", "Shop")]).await, "/console?done=deleted");
    assert_eq!(owner.get(&place(&rig, "")).await.status, 404);
    assert!(call(&rig, &rig.app).await.status >= 400);
    // The application's data is of no use at once, and gone a little later.
    let status = rig.get(&session.pair, &session.status_url).await;
    assert!(status.status >= 400 || status.ok(200)["session_status"] == "closed");
    let pending = phone.urls["pending_requests"].as_str().unwrap();
    let deleted_at = Instant::now();
    while rig.get(&session.pair, &session.status_url).await.status < 400
        || rig.get(&phone.pair, pending).await.status < 400
        || rig.store.column("SELECT CAST(count(*) AS TEXT) FROM applications") != ["1"]
    {
        assert!(deleted_at.elapsed() < Duration::from_secs(20), "it is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for table in ["users", "devices"] {
        // The rows left are the Console's own: olga and her phone.
        assert_eq!(rig.store.column(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}")), ["1"]);
    }
    assert_eq!(log(&rig)[0], "application.deleted");
}
