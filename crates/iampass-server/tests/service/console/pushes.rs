//! Pushes in the Console: what was sent stands there with its outcome, is found by what is asked for, and a phone can be tried.

use iampass_server::{ConsoleSettings, Registration};
use serde_json::json;

use super::shop::{log, member, owner, page_of, place, went_to};
use crate::gateways::Gateway;
use crate::push::{subscribe, to_this_machine};
use crate::rig::Rig;

async fn pushing_house() -> Rig {
    Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.pushes = to_this_machine();
    })
    .await
}

/// Waits until no push waits.
async fn settled(rig: &Rig) {
    for _ in 0..500 {
        if rig.store.column("SELECT state FROM pushes WHERE state = 'waiting'").is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("a push still waits");
}

#[tokio::test]
async fn pushes_are_listed_searched_and_tried_and_name_nobody() {
    let rig = pushing_house().await;
    let mut owner = owner(&rig).await;
    assert!(owner.get(&place(&rig, "/pushes")).await.body.contains("No pushes yet"));
    let service = Gateway::start(&["201 Created", "400 Bad Request"]).await;
    let phone = rig.phone("ann").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    rig.session("ann", "").await;
    service.after(1).await;
    settled(&rig).await;

    let page = page_of(&rig, "ann");
    assert!(owner.get(&page).await.body.contains("Send a test push"));
    let tested = owner.post(&format!("{page}/test-push"), &[]).await;
    went_to(&tested, &format!("{page}?done=push-queued"));
    service.after(2).await;
    settled(&rig).await;
    assert_eq!(log(&rig)[0], "push.tested");

    let rows = async |owner: &mut super::visitor::Visitor<'_>, query: &str| {
        let page = owner.get(&place(&rig, &format!("/pushes{query}"))).await;
        assert_eq!(page.status, 200, "{page:?}");
        for secret in [service.url().as_str(), "anns-", phone.pair.id.as_str()] {
            assert!(!page.body.contains(secret), "{secret}: {page:?}");
        }
        page.body.matches("data-label=\"When\"").count()
    };
    assert_eq!(rows(&mut owner, "").await, 2);
    for (query, count) in [
        ("?state=sent", 1),
        ("?state=refused", 1),
        ("?kind=test", 1),
        ("?kind=question_waits&state=refused", 0),
        ("?service=web", 2),
        ("?service=fcm", 0),
        ("?user=ann", 2),
        ("?user=bob", 0),
        ("?before=1", 0),
        // A word that is not in the list asks for nothing.
        ("?state=%00&before=x", 2),
    ] {
        assert_eq!(rows(&mut owner, query).await, count, "{query}");
    }

    // A user whose phone is subscribed nowhere.
    let other = rig.phone("bob").await;
    assert_eq!(rig.questions(&other).await.len(), 0);
    let page = page_of(&rig, "bob");
    went_to(&owner.post(&format!("{page}/test-push"), &[]).await, &format!("{page}?done=push-nowhere"));
    assert_eq!(rows(&mut owner, "").await, 2);

    // A member who may only look tries no phone.
    let mut reader = member(&rig, &mut owner, "rita", "read-only").await;
    assert_eq!(rows(&mut reader, "").await, 2);
    assert_eq!(reader.post(&format!("{page}/test-push"), &[]).await.status, 403);
    assert_eq!(service.called().len(), 2);
}

#[tokio::test]
async fn another_application_s_pushes_are_not_there() {
    let rig = pushing_house().await;
    let mut owner = owner(&rig).await;
    let service = Gateway::start(&[]).await;
    let other = rig.another_application("Other").await;
    let users = rig.url(&format!("/management/add_users/{}", other.id));
    rig.post(&other, &users, json!({"users": ["eve"]})).await.ok(201);
    let phone = rig.phone("ann").await;
    assert!(subscribe(&rig, &phone, &service.url()).await);
    rig.session("ann", "").await;
    service.after(1).await;
    rig.store.change(&format!(
        "UPDATE pushes SET application_key = (SELECT key FROM applications WHERE id = '{}')",
        other.id
    ));
    assert!(owner.get(&place(&rig, "/pushes")).await.body.contains("No pushes yet"));
    let key = rig.store.column("SELECT CAST(key AS TEXT) FROM users WHERE id = 'eve'").remove(0);
    assert_eq!(owner.post(&place(&rig, &format!("/users/{key}/test-push")), &[]).await.status, 404);
}
