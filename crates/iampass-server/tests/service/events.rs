//! Events of applications over real sockets: what an endpoint gets, and what becomes of events when it misbehaves.

use std::collections::BTreeSet;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::events::{Event, EventHeaders, EventHow, EventKind, EventSecret, RefusedEvent, verify};
use iampass_server::push::Reach;
use iampass_server::{ConsoleSettings, Registration, ServiceConfig};
use serde_json::json;

use crate::console::{Visitor, log, owner, place, went_to};
use crate::gateways::{Called, Gateway};
use crate::rig::{Answer, Rig};
use crate::sms::meanwhile;

pub(crate) fn to_anywhere(config: &mut ServiceConfig) {
    config.console = Some(ConsoleSettings::new(Registration::Open));
    config.event_reach = Reach::Everywhere;
}

pub(crate) async fn house() -> Rig {
    Rig::with(to_anywhere).await
}

/// Kinds of the fields of the form.
pub(crate) fn all_kinds() -> Vec<&'static str> {
    EventKind::ALL.iter().map(EventKind::as_str).collect()
}

pub(crate) async fn send_form(owner: &mut Visitor<'_>, rig: &Rig, url: &str, kinds: &[&str]) -> Answer {
    let fields: Vec<(&str, &str)> =
        [("url", url)].into_iter().chain(kinds.iter().map(|kind| (*kind, "yes"))).collect();
    owner.post(&place(rig, "/events/endpoint"), &fields).await
}

pub(crate) fn secret_on(page: &Answer) -> EventSecret {
    assert_eq!((page.status, page.header("cache-control")), (201, Some("no-store")), "{page:?}");
    let text = page.body.split('"').find(|text| text.starts_with("whsec_")).expect("a secret");
    EventSecret::parse(text).unwrap()
}

/// Sets the endpoint of the rig's application.
pub(crate) async fn set(owner: &mut Visitor<'_>, rig: &Rig, url: &str, kinds: &[&str]) -> EventSecret {
    secret_on(&send_form(owner, rig, url, kinds).await)
}

pub(crate) fn judged(
    call: &Called,
    secrets: &[EventSecret],
    now: UnixSeconds,
) -> Result<Event, RefusedEvent> {
    let (id, timestamp) = (call.header("webhook-id"), call.header("webhook-timestamp"));
    let signature = call.header("webhook-signature");
    verify(secrets, &EventHeaders { id, timestamp, signature }, call.body.as_bytes(), now)
}

pub(crate) fn read(call: &Called, secret: &EventSecret, rig: &Rig) -> Event {
    judged(call, std::slice::from_ref(secret), rig.now()).unwrap()
}

/// `kind state attempts last_status last_error` of all events, in their order.
pub(crate) fn states(rig: &Rig) -> Vec<String> {
    rig.store.column(
        "SELECT kind || ' ' || state || ' ' || attempts || ' ' || coalesce(CAST(last_status AS TEXT), '-') || ' ' || coalesce(last_error, '-')
         FROM events ORDER BY key",
    )
}

pub(crate) async fn until(rig: &Rig, expected: &[&str]) {
    for _ in 0..400 {
        if states(rig) == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(states(rig), expected);
}

/// Moves the clock and has the service look at it.
pub(crate) async fn later(rig: &Rig, seconds: u64) {
    rig.clock.advance(seconds);
    rig.service.run_due_tasks().await.unwrap();
}

#[tokio::test]
async fn the_endpoint_is_told_signed_what_happens() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&[]).await;
    let secret = set(&mut owner, &rig, &endpoint.url(), &all_kinds()).await;
    let phone = rig.phone("ann").await;
    let session = rig.active_session(&phone, "ann", "").await;
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    rig.session("ann", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    rig.session("ann", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false, "report": true})).await.ok(200);
    let removed = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &removed, json!({"users": ["ann"]})).await.ok(200);

    use EventKind as K;
    let expected = [
        (K::UserAdded, None),
        (K::PhoneRegistered, Some(EventHow::ByLink)),
        (K::LoginStarted, None),
        (K::LoginAccepted, None),
        (K::SessionEnded, Some(EventHow::ByApplication)),
        (K::LoginStarted, None),
        (K::LoginDenied, None),
        (K::LoginStarted, None),
        (K::LoginReported, None),
        (K::UserDeleted, None),
    ];
    let calls = endpoint.after(expected.len()).await;
    assert_eq!(calls.len(), expected.len());
    let events: Vec<Event> = calls.iter().map(|call| read(call, &secret, &rig)).collect();
    for (kind, how) in &expected {
        let found = events.iter().any(|event| (&event.kind, &event.how) == (kind, how));
        assert!(found, "{kind} {how:?}: {events:?}");
    }
    let ids: BTreeSet<_> = events.iter().map(|event| event.id.clone()).collect();
    assert_eq!(ids.len(), events.len());
    for event in &events {
        assert_eq!(event.application.as_str(), rig.app.id);
        assert_eq!(event.user.as_ref().unwrap().as_str(), "ann");
        assert_eq!(event.at, rig.now());
        let has_session = event.kind.as_str().starts_with("login.") || event.kind == K::SessionEnded;
        assert_eq!(event.session.is_some(), has_session, "{event:?}");
    }
    let ended = events.iter().find(|event| event.kind == K::SessionEnded).unwrap();
    assert_eq!(ended.session.as_ref().unwrap().as_str(), session.pair.id);
    // Nothing secret goes along: neither of the application nor of the session nor of the phone.
    let said: String = calls.iter().map(|call| format!("{}{}", call.head, call.body)).collect();
    for secret in
        [rig.app.secret.expose(), session.pair.secret.expose(), phone.pair.secret.expose(), &phone.pair.id]
    {
        assert!(!said.contains(secret), "{secret}");
    }
    assert!(calls[0].head.starts_with("POST /send HTTP/1.1\r\n"), "{:?}", calls[0]);
    // The secret is shown once: no page has it afterwards.
    for path in ["/events", "/events/endpoint", "/log"] {
        let page = owner.get(&place(&rig, path)).await;
        assert!(page.status == 200 && !page.body.contains(secret.to_text().expose()), "{path}");
    }
    let page = owner.get(&place(&rig, "/events?text=ann&state=sent")).await;
    assert_eq!(page.body.matches("data-label=\"Event ID\"").count(), expected.len(), "{page:?}");
    let page = owner.get(&place(&rig, &format!("/events?text={}", ended.id))).await;
    assert_eq!(page.body.matches("data-label=\"Event ID\"").count(), 1, "{page:?}");
}

#[tokio::test]
async fn an_application_without_an_endpoint_writes_no_event_and_another_one_gets_none() {
    let rig = house().await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    assert_eq!(states(&rig), Vec::<String>::new());
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&[]).await;
    set(&mut owner, &rig, &endpoint.url(), &["login.reported"]).await;
    let other = rig.another_application("Other").await;
    let users = rig.url(&format!("/management/add_users/{}", other.id));
    rig.post(&other, &users, json!({"users": ["eve"]})).await.ok(201);
    // Not of a kind that was asked for.
    rig.session("ann", "").await;
    assert_eq!(states(&rig), Vec::<String>::new());
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 0);
}

#[tokio::test]
async fn an_event_is_sent_again_with_growing_pauses_and_by_the_same_id() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&["500 Oh", "429 Slow\r\nRetry-After: 100"]).await;
    let secret = set(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 500 broken"]).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 1);
    later(&rig, 7).await;
    until(&rig, &["user.added queued 2 429 busy"]).await;
    // Its own turn would have come by now.
    later(&rig, 99).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 2);
    later(&rig, 2).await;
    until(&rig, &["user.added sent 3 200 -"]).await;
    let calls = endpoint.after(3).await;
    for call in &calls {
        assert_eq!((call.header("webhook-id"), &call.body), (calls[0].header("webhook-id"), &calls[0].body));
    }
    // Each attempt is signed anew: an old one is refused, however it was signed.
    assert_eq!(
        judged(&calls[2], std::slice::from_ref(&secret), rig.now()).unwrap().kind,
        EventKind::UserAdded
    );
    let too_late = UnixSeconds(rig.now().0 + 301);
    assert_eq!(judged(&calls[2], &[secret], too_late), Err(RefusedEvent::NotNow));
}

#[tokio::test]
async fn an_event_may_overtake_one_that_failed() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&["500 Oh"]).await;
    let secret = set(&mut owner, &rig, &endpoint.url(), &["user.added", "user.deleted"]).await;
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 500 broken"]).await;
    rig.clock.advance(1);
    let removed = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &removed, json!({"users": ["ann"]})).await.ok(200);
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 1, "an endpoint that failed is left alone");
    later(&rig, 7).await;
    let events: Vec<_> =
        endpoint.after(3).await.iter().skip(1).map(|call| read(call, &secret, &rig)).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [EventKind::UserDeleted, EventKind::UserAdded]);
    // The times say what came first.
    assert!(events[1].at < events[0].at);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_and_its_events_are_sent_again_by_hand() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&["500 Oh", "410 Gone"]).await;
    let secret = set(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 500 broken"]).await;
    rig.add_users(&["bob"]).await;
    later(&rig, 7).await;
    for _ in 0..200 {
        if states(&rig).iter().all(|state| state.contains(" withdrawn ")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let withdrawn = states(&rig);
    assert!(withdrawn.iter().all(|state| state.contains(" withdrawn ")), "{withdrawn:?}");
    assert_eq!(log(&rig)[0], "endpoint.gone");
    assert!(owner.get(&place(&rig, "/events")).await.body.contains("switched off by the endpoint"));
    // Events of the time meanwhile are not written down, and nothing is sent again while it is off.
    rig.add_users(&["cat"]).await;
    assert_eq!(states(&rig).len(), 2);
    went_to(
        &owner.post(&place(&rig, "/events/again"), &[("since", "day")]).await,
        &place(&rig, "/events?done=none"),
    );
    later(&rig, 7).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 2);

    let switched = owner.post(&place(&rig, "/events/switch-on"), &[("sure", "yes")]).await;
    went_to(&switched, &place(&rig, "/events?done=on"));
    assert_eq!(owner.post(&place(&rig, "/events/again"), &[("since", "soon")]).await.status, 422);
    went_to(
        &owner.post(&place(&rig, "/events/again"), &[("since", "day")]).await,
        &place(&rig, "/events?done=again"),
    );
    let calls = endpoint.after(4).await;
    let users: BTreeSet<_> = calls[2..].iter().map(|call| read(call, &secret, &rig).user.unwrap()).collect();
    assert_eq!(users.len(), 2);
    assert_eq!(log(&rig)[0], "events.sent-again");
    until(&rig, &["user.added sent 1 200 -", "user.added sent 1 200 -"]).await;
    // One that was taken is sent again where somebody asks for it, by the same id.
    let id = calls[3].header("webhook-id").to_owned();
    went_to(
        &owner.post(&place(&rig, "/events/again"), &[("id", &id)]).await,
        &place(&rig, "/events?done=again"),
    );
    assert_eq!(endpoint.after(5).await[4].header("webhook-id"), id);
    went_to(
        &owner.post(&place(&rig, "/events/again"), &[("id", "evt_0")]).await,
        &place(&rig, "/events?done=none"),
    );
}

#[tokio::test]
async fn an_event_is_given_up_after_three_days() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&["503 No"; 9]).await;
    set(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 503 busy"]).await;
    later(&rig, 3 * 24 * 3_600).await;
    until(&rig, &["user.added given_up 1 503 busy"]).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 1);
    // The log keeps it for as long as ended sessions.
    later(&rig, 31 * 24 * 3_600).await;
    assert_eq!(states(&rig), Vec::<String>::new());
}
