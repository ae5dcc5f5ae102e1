//! Events of applications beside each other, over restarts and nodes, and who says where they go.

use std::collections::BTreeSet;

use iampass_core::events::RefusedEvent;
use iampass_server::{ConsoleSettings, Registration};

use crate::console::{member, owner, place, went_to};
use crate::events::{
    all_kinds, house, judged, later, read, secret_on, send_form, set, states, to_anywhere, until,
};
use crate::gateways::{Closed, Gateway};
use crate::rig::Rig;
use crate::sms::meanwhile;
use crate::store::on_postgres;

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_its_own_events_alone() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let hangs = Gateway::start(&["never"; 200]).await;
    set(&mut owner, &rig, &hangs.url(), &["user.added"]).await;
    let (id, _) = owner.add_application("Quick").await;
    let quick = Gateway::start(&[]).await;
    let fields = [("url", quick.url()), ("user.added", "yes".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let set = owner.post(&format!("/console/applications/{id}/events/endpoint"), &fields).await;
    assert_eq!(set.status, 201, "{set:?}");
    let users: Vec<String> = (0..100).map(|number| format!("u{number}")).collect();
    rig.add_users(&users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    hangs.after(1).await;
    let test = owner.post(&format!("/console/applications/{id}/events/test"), &[]).await;
    assert_eq!(test.status, 303, "{test:?}");
    quick.after(1).await;
    // Those that hang still do: none of them was given up, or begun again.
    let states = states(&rig);
    assert!(!states.iter().any(|state| state.contains("timeout")), "{states:?}");
    assert!(hangs.called().len() <= 8, "{}", hangs.called().len());
}

#[tokio::test]
async fn a_restart_loses_no_event() {
    let closed = Closed::start().await;
    let rig = house().await;
    let secret = {
        let mut owner = owner(&rig).await;
        let secret = set(&mut owner, &rig, &format!("http://{}/hook", closed.address), &["user.added"]).await;
        // The Console watches a session for some seconds, and holds the data meanwhile.
        owner.post("/console/auth/logout", &[]).await;
        secret
    };
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 - unreachable"]).await;
    let (clock, app, store) = rig.stop().await;
    clock.advance(10);
    let endpoint = closed.open(&[]).await;
    let rig = Rig::at(clock, store, Some(app), to_anywhere).await;
    let call = endpoint.after(1).await.remove(0);
    assert_eq!(read(&call, &secret, &rig).user.unwrap().as_str(), "ann");
    until(&rig, &["user.added sent 2 200 -"]).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_for_an_application_that_was_deleted_or_disabled() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&["500 Oh"]).await;
    set(&mut owner, &rig, &endpoint.url(), &all_kinds()).await;
    let phone = rig.phone("ann").await;
    rig.active_session(&phone, "ann", "").await;
    endpoint.after(1).await;
    let disabled = owner.post(&place(&rig, "/settings/disable"), &[("typed", "Shop")]).await;
    assert_eq!(disabled.status, 303, "{disabled:?}");
    later(&rig, 60).await;
    meanwhile().await;
    let sent = endpoint.called().len();
    assert!(sent <= 2, "{sent}");
    assert!(states(&rig).iter().any(|state| state.starts_with("session.ended queued")), "{:?}", states(&rig));
    let deleted = owner.post(&place(&rig, "/settings/delete"), &[("typed", "Shop")]).await;
    assert_eq!(deleted.status, 303, "{deleted:?}");
    assert_eq!(rig.store.column("SELECT id FROM event_endpoints"), Vec::<String>::new());
    later(&rig, 3_600).await;
    meanwhile().await;
    assert_eq!(endpoint.called().len(), sent);
    assert_eq!(states(&rig), Vec::<String>::new());
}

#[tokio::test]
async fn no_event_goes_into_a_private_network_or_in_clear() {
    let rig = Rig::with(|config| config.console = Some(ConsoleSettings::new(Registration::Open))).await;
    let mut owner = owner(&rig).await;
    for url in [
        "http://shop.example/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://localhost/",
        "https://printer.local/",
        "https://user:pass@shop.example/",
        "https://shop.example/#x",
        "ftp://shop.example/",
        "shop.example",
        "",
    ] {
        let page = send_form(&mut owner, &rig, url, &["user.added"]).await;
        assert!(page.status == 422 && page.body.contains("Nothing was changed"), "{url}: {page:?}");
    }
    assert_eq!(send_form(&mut owner, &rig, "https://shop.example/", &[]).await.status, 422, "no kinds");
    assert_eq!(rig.store.column("SELECT id FROM event_endpoints"), Vec::<String>::new());
    // One that came in before the rule is not called either, nor is one whose name leads inside.
    set(&mut owner, &rig, "https://shop.example/", &["user.added"]).await;
    let inside = Gateway::start(&[]).await;
    rig.store.change(&format!("UPDATE event_endpoints SET url = '{}'", inside.url()));
    rig.add_users(&["ann"]).await;
    until(&rig, &["user.added queued 1 - address_not_allowed"]).await;
    assert_eq!(inside.called().len(), 0);
}

#[tokio::test]
async fn a_new_secret_signs_beside_the_one_before_for_a_day() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&[]).await;
    let old = set(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    let rotated = owner.post(&place(&rig, "/events/rotate"), &[("sure", "yes")]).await;
    let new = secret_on(&rotated);
    rig.add_users(&["ann"]).await;
    let call = endpoint.after(1).await.remove(0);
    for secret in [&old, &new] {
        read(&call, secret, &rig);
    }
    // Saving the form again changes no secret.
    let again = send_form(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    went_to(&again, &place(&rig, "/events?done=set"));
    rig.add_users(&["bob"]).await;
    let call = endpoint.after(2).await.remove(1);
    for secret in [&old, &new] {
        read(&call, secret, &rig);
    }
    rig.clock.advance(24 * 3_600);
    rig.add_users(&["cat"]).await;
    let call = endpoint.after(3).await.remove(2);
    read(&call, &new, &rig);
    assert_eq!(judged(&call, &[old], rig.now()), Err(RefusedEvent::NotSigned));
}

#[tokio::test]
async fn only_owners_say_where_events_go_and_only_they_see_the_whole_address() {
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&[]).await;
    let url = format!("{}?key=s3cret", endpoint.url());
    set(&mut owner, &rig, &url, &["user.added"]).await;
    assert!(owner.get(&place(&rig, "/events")).await.body.contains("s3cret"));
    let mut developer = member(&rig, &mut owner, "dora", "developer").await;
    let page = developer.get(&place(&rig, "/events")).await;
    assert!(
        page.status == 200 && !page.body.contains("s3cret") && !page.body.contains("/events/rotate"),
        "{page:?}"
    );
    assert!(page.body.contains(&endpoint.address.to_string()), "{page:?}");
    for path in ["/events/endpoint", "/events/rotate", "/events/switch-off", "/events/remove"] {
        assert_eq!(developer.get(&place(&rig, path)).await.status, 403, "{path}");
        assert_eq!(
            developer
                .post(&place(&rig, path), &[("sure", "yes"), ("url", "https://a.example/")])
                .await
                .status,
            403
        );
    }
    for path in ["/events/test", "/events/again"] {
        assert_eq!(developer.post(&place(&rig, path), &[("since", "day")]).await.status, 403, "{path}");
    }
    meanwhile().await;
    assert_eq!(endpoint.called().len(), 0);
}

/// Two nodes over one database send each event once.
#[tokio::test]
async fn of_two_nodes_one_sends_an_event() {
    if !on_postgres() {
        return;
    }
    let rig = house().await;
    let mut owner = owner(&rig).await;
    let endpoint = Gateway::start(&[]).await;
    set(&mut owner, &rig, &endpoint.url(), &["user.added"]).await;
    let (clock, store, app) = (std::sync::Arc::clone(&rig.clock), rig.store.clone(), rig.app.clone());
    let other = Rig::at(clock, store, Some(app), to_anywhere).await;
    let users: Vec<String> = (0..50).map(|number| format!("u{number}")).collect();
    let (some, others) = users.split_at(25);
    rig.add_users(&some.iter().map(String::as_str).collect::<Vec<_>>()).await;
    other.add_users(&others.iter().map(String::as_str).collect::<Vec<_>>()).await;
    endpoint.after(50).await;
    meanwhile().await;
    let ids: BTreeSet<_> =
        endpoint.called().iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!((endpoint.called().len(), ids.len()), (50, 50));
}
