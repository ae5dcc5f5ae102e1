//! Links that a thief of a young session made do not outlive *Log out everywhere*, and the page of the account lists them.

use super::shop::{key_of, owner, place};
use super::visitor::{Visitor, open_house};
use crate::rig::path_of;

const PHONE: &str = r#"{"notification_token": "*x", "platform": "web"}"#;

/// The link on a page that was just made.
fn link_on(page: &crate::rig::Answer, part: &str) -> String {
    assert_eq!(page.status, 201, "{page:?}");
    path_of(page.body.split('"').find(|text| text.contains(part)).expect(part)).to_owned()
}

#[tokio::test]
async fn log_out_everywhere_ends_all_links_of_the_account() {
    let rig = open_house().await;
    rig.add_users(&["ann"]).await;
    let mut olga = owner(&rig).await;
    let rita = Visitor::registered(&rig, "rita").await;
    let rita_key = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'rita'").remove(0);
    let mut thief = Visitor { rig: &rig, cookies: olga.cookies.clone(), phone: None };
    let own = link_on(&thief.post("/console/account/phone", &[("sure", "yes")]).await, "/r/");
    let invitation = thief.invite(&rig.app.id, "owner").await;
    let of_user = place(&rig, &format!("/users/{}/link", key_of(&rig, "ann")));
    let of_user = link_on(&thief.post(&of_user, &[("sure", "yes")]).await, "/r/");
    let access = format!("/console/accounts/{rita_key}/link");
    let access = link_on(&thief.post(&access, &[("typed", "rita")]).await, "/console/link/");

    // The owner sees them.
    let page = olga.get("/console/account").await.body;
    for line in [
        "Registers another phone for your account",
        "Invites somebody to Shop (Owner)",
        "Registers a phone for the user ann of Shop",
        "Replaces the phone of the account rita",
    ] {
        assert!(page.contains(line), "{line}: {page}");
    }
    assert_eq!(olga.post("/console/auth/sessions/end-all", &[]).await.status, 303);
    assert!(!thief.is_in().await && !olga.is_in().await);
    let mut mallory = Visitor::registered(&rig, "mallory").await;
    assert_eq!(mallory.post(&invitation, &[]).await.status, 410);
    assert_eq!(Visitor::new(&rig).post(&access, &[]).await.status, 410);
    for link in [&own, &of_user] {
        let answer = rig.send("POST", link, &[], Some(PHONE)).await;
        assert!((400..500).contains(&answer.status), "{link}: {answer:?}");
    }
    let done = rig.store.column("SELECT action FROM audit ORDER BY key");
    let since = done.rsplit(|action| action == "account.links-ended").next().unwrap();
    let by_links =
        ["account.phone-replaced", "phone.registered", "phone.replaced", "link.used", "member.joined"];
    assert!(!since.iter().any(|action| by_links.contains(&action.as_str())), "{since:?}");
    let said = rig.store.column("SELECT actor FROM audit WHERE action = 'account.links-ended'");
    assert_eq!(said, ["olga"]);

    // The phone is the owner's, and those of others are as before.
    rig.clock.advance(61);
    olga.sign_in("olga").await;
    assert!(!olga.get("/console/account").await.body.contains("Open links"));
    drop(rita);
}

#[tokio::test]
async fn another_phone_ends_the_links_that_the_sessions_of_the_old_one_made() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (shop, _) = anna.add_application("Anna's").await;
    let invitation = anna.invite(&shop, "owner").await;
    let own = anna.post("/console/account/phone", &[("sure", "yes")]).await;
    let link = own.body.split('"').find(|text| text.contains("/r/")).unwrap().to_owned();
    anna.phone = Some(rig.register(&link).await);
    let mut mallory = Visitor::registered(&rig, "mallory").await;
    assert_eq!(mallory.post(&invitation, &[]).await.status, 410);
}

#[tokio::test]
async fn each_open_link_is_ended_by_its_account_and_by_no_other() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    let (shop, _) = anna.add_application("Anna's").await;
    let invitation = anna.invite(&shop, "owner").await;
    let own = link_on(&anna.post("/console/account/phone", &[("sure", "yes")]).await, "/r/");
    let invited = rig.store.column("SELECT CAST(key AS TEXT) FROM console_links").remove(0);
    let registered = rig.store.column("SELECT CAST(user_key AS TEXT) FROM links").remove(0);
    let ends = [[("kind", "console"), ("key", &*invited)], [("kind", "registration"), ("key", &*registered)]];
    for end in &ends {
        let path = "/console/account/end-link";
        assert_eq!(
            Visitor::new(&rig).post(path, end).await.header("location").map(|to| to.contains("/login")),
            Some(true)
        );
        assert_eq!(bert.post(path, end).await.status, 303, "as if it were gone");
    }
    assert_eq!(Visitor::new(&rig).get(&invitation).await.status, 200);
    let page = anna.get("/console/account").await.body;
    assert!(page.contains("Registers another phone") && page.contains("Invites somebody"), "{page}");
    for end in &ends {
        let ended = anna.post("/console/account/end-link", end).await;
        assert_eq!(ended.header("location"), Some("/console/account?done=link-ended"), "{ended:?}");
    }
    assert_eq!(Visitor::new(&rig).get(&invitation).await.status, 410);
    assert!(rig.send("POST", &own, &[], Some(PHONE)).await.status >= 400);
    assert!(!anna.get("/console/account").await.body.contains("Open links"));
    assert_eq!(anna.post("/console/account/end-link", &[("kind", "x"), ("key", "1")]).await.status, 422);
    let said = rig.store.column("SELECT actor FROM audit WHERE action = 'account.link-ended'");
    assert_eq!(said, ["anna", "anna"]);
}
