//! The log of an application in the Console: what becomes of phones by whatever way, the search, and files.

use super::shop::{log, owner, place};
use super::visitor::open_house;

#[tokio::test]
async fn phones_are_in_the_log_whatever_way_they_come_and_go() {
    let rig = open_house().await;
    rig.phone("ann").await;
    let url = rig.url(&format!("/management/device_registration_link/{}/ann", rig.app.id));
    let link = rig.get(&rig.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned();
    let phone = rig.register(&link).await;
    let unregister = phone.urls["device_unregister"].as_str().unwrap().to_owned();
    rig.call(&phone.pair, "POST", &unregister, None).await.ok(200);
    rig.phone("bob").await;
    let lost = rig.url(&format!("/management/lost_user_mobile_device/{}/bob", rig.app.id));
    rig.get(&rig.app, &lost).await.ok(200);
    let entries = rig.store.column(
        "SELECT actor || ' ' || action || ' ' || subject FROM audit WHERE application_id IS NOT NULL ORDER BY key",
    );
    assert_eq!(
        entries,
        [
            "phone phone.registered ann",
            "phone phone.replaced ann",
            "phone phone.removed ann",
            "phone phone.registered bob",
            "application phone.lost bob",
        ]
    );
}

#[tokio::test]
async fn a_sign_in_is_in_the_log_of_the_account() {
    let rig = open_house().await;
    let _owner = owner(&rig).await;
    let sql = "SELECT actor || ' ' || coalesce(subject, '-') FROM audit WHERE action = 'account.signed-in' ORDER BY key";
    let signed_in = rig.store.column(sql);
    assert!(!signed_in.is_empty());
    for line in signed_in {
        let (actor, subject) = line.split_once(' ').unwrap();
        assert_eq!(actor, subject);
    }
}

#[tokio::test]
async fn the_log_is_searched_and_given_as_a_file() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    for user in ["ann", "bob"] {
        rig.phone(user).await;
    }
    for user in ["carl", "dora"] {
        owner.post(&place(&rig, "/users/add"), &[("users", user)]).await;
    }
    let found = owner.get(&place(&rig, "/log?user=ann")).await.body;
    assert!(found.contains("A phone was registered") && found.contains(">ann<") && !found.contains(">bob<"));
    let found = owner.get(&place(&rig, "/log?action=users.added")).await.body;
    assert!(found.contains(">carl<") && !found.contains(">ann<"), "{found}");
    let found = owner.get(&place(&rig, "/log?actor=phone&user=bob")).await.body;
    assert!(found.contains(">bob<") && !found.contains(">carl<"), "{found}");
    for nothing in ["user=none", "to=2001-01-01", "from=2100-01-01", "user=%00"] {
        let found = owner.get(&place(&rig, &format!("/log?{nothing}"))).await;
        assert!(!found.body.contains(">ann<") && !found.body.contains(">carl<"), "{nothing}: {found:?}");
    }
    // A place that is none is the start.
    assert!(owner.get(&place(&rig, "/log?before=x&user=ann")).await.body.contains(">ann<"));

    let file = owner.get(&place(&rig, "/log/file?format=csv&user=ann")).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"log.csv\""));
    let mut lines = file.body.lines();
    assert_eq!(lines.next(), Some("at,application,actor,action,subject"));
    let line = lines.next().unwrap();
    let cells = format!("\"{}\",\"phone\",\"phone.registered\",\"ann\"", rig.app.id);
    assert!(line.ends_with(&cells), "{line}");
    assert_eq!(lines.next(), None);
    let file = owner.get(&place(&rig, "/log/file?format=json-lines&action=users.added")).await;
    let subjects = file.body.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["subject"].as_str().unwrap().to_owned()
    });
    assert_eq!(subjects.collect::<Vec<_>>(), ["dora", "carl"]);
    assert_eq!(owner.get(&place(&rig, "/log/file?format=xml")).await.status, 404);
    assert_eq!(log(&rig)[..2], ["log.exported", "log.exported"]);
}
