//! Members, invitations and the last owner.

use super::visitor::{Visitor, open_house};
use crate::rig::Rig;

/// The key of an account, as forms send it.
fn key(rig: &Rig, name: &str) -> String {
    rig.store.column(&format!("SELECT CAST(key AS TEXT) FROM accounts WHERE name = '{name}'")).remove(0)
}

#[tokio::test]
async fn members_are_added_changed_and_removed_and_all_of_it_is_written_down() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    let (id, _) = anna.add_application("Shop").await;
    let members = format!("/console/applications/{id}/members");
    let add = format!("{members}/add");

    let unknown = anna.post(&add, &[("name", "nobody"), ("role", "developer")]).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.body.contains("Nobody has this name"));
    assert_eq!(anna.post(&add, &[("name", "bert"), ("role", "root")]).await.status, 422);
    assert_eq!(bert.get(&members).await.status, 404);
    assert_eq!(anna.post(&add, &[("name", "Bert"), ("role", "read-only")]).await.status, 303);
    assert_eq!(anna.post(&add, &[("name", "bert"), ("role", "owner")]).await.status, 409, "he is one");
    let page = bert.get(&members).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("Add a member") && page.body.contains("Read-only"));

    let bert_key = key(&rig, "bert");
    let role = format!("{members}/{bert_key}/role");
    assert!(anna.get(&role).await.body.contains("Change the role of bert?"));
    assert_eq!(anna.post(&role, &[("role", "root")]).await.status, 422);
    assert_eq!(anna.post(&role, &[("role", "developer")]).await.status, 303);
    assert!(bert.get(&format!("/console/applications/{id}")).await.body.contains("Developer"));

    let remove = format!("{members}/{bert_key}/remove");
    let question = anna.get(&remove).await;
    assert!(
        question.body.contains("Remove bert from Shop?") && question.body.contains("Cancel"),
        "{question:?}"
    );
    assert_eq!(anna.post(&remove, &[("typed", "brt")]).await.status, 422);
    assert_eq!(bert.get(&members).await.status, 200, "nothing was changed");
    assert_eq!(anna.post(&remove, &[("typed", "bert")]).await.status, 303);
    assert_eq!(bert.get(&members).await.status, 404);
    assert_eq!(anna.post(&remove, &[("typed", "bert")]).await.status, 404, "he is gone");

    let sql = format!("SELECT action FROM audit WHERE application_id = '{id}' ORDER BY key");
    assert_eq!(
        rig.store.column(&sql),
        ["application.created", "member.added", "member.role-changed", "member.removed"]
    );
    let subject =
        format!("SELECT subject FROM audit WHERE application_id = '{id}' AND action = 'member.added'");
    assert_eq!(rig.store.column(&subject), ["bert (read-only)"]);
}

#[tokio::test]
async fn the_last_owner_can_neither_leave_nor_be_made_less() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    let (id, _) = anna.add_application("Shop").await;
    let (members, leave) =
        (format!("/console/applications/{id}/members"), format!("/console/applications/{id}/leave"));
    let anna_key = key(&rig, "anna");
    let role = |key: &str| format!("{members}/{key}/role");
    let less = [("role", "developer")];
    anna.post(&format!("{members}/add"), &[("name", "bert"), ("role", "developer")]).await;

    assert_eq!(anna.post(&role(&anna_key), &less).await.status, 409);
    assert_eq!(anna.post(&leave, &[("typed", "Shop")]).await.status, 422);
    assert_eq!(anna.post(&format!("{members}/{anna_key}/remove"), &[("typed", "anna")]).await.status, 422);
    assert!(anna.get(&members).await.body.contains("Add a member"), "still an owner");

    assert_eq!(anna.post(&role(&key(&rig, "bert")), &[("role", "owner")]).await.status, 303);
    assert_eq!(anna.post(&leave, &[("typed", "shop")]).await.status, 422, "it has to be the name");
    assert_eq!(anna.post(&leave, &[("typed", "Shop")]).await.status, 303);
    assert_eq!(anna.get(&members).await.status, 404);
    assert_eq!(bert.post(&leave, &[("typed", "Shop")]).await.status, 422, "now he is the last");
}

#[tokio::test]
async fn two_owners_who_leave_at_once_leave_one_behind() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    for round in 0..3 {
        let name = format!("Shop {round}");
        let (id, _) = anna.add_application(&name).await;
        let add = format!("/console/applications/{id}/members/add");
        anna.post(&add, &[("name", "bert"), ("role", "owner")]).await;
        let leave = format!("/console/applications/{id}/leave");
        let typed = [("typed", name.as_str())];
        let (one, other) =
            futures_util::future::join(anna.post(&leave, &typed), bert.post(&leave, &typed)).await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
    }
}

#[tokio::test]
async fn an_invitation_is_accepted_once_by_an_account_or_a_newcomer() {
    let rig = Rig::start().await;
    let mut admin = Visitor::administrator(&rig, "olga").await;
    let (id, _) = admin.add_application("Shop").await;
    let link = admin.invite(&id, "developer").await;

    // A newcomer, although nobody may register.
    let mut carl = Visitor::new(&rig);
    let page = carl.get(&link).await;
    assert!(page.body.contains("Join Shop") && page.body.contains("Developer") && page.body.contains("olga"));
    assert_eq!(carl.post(&link, &[("name", "olga")]).await.status, 409, "the name is taken");
    assert_eq!(carl.post(&link, &[("name", "admin")]).await.status, 422, "it speaks for the service");
    assert_eq!(carl.post(&link, &[("name", "a b")]).await.status, 422);
    assert_eq!(carl.post(&link, &[("name", "carl")]).await.status, 303);
    assert_eq!(carl.get(&link).await.status, 410, "it is used");
    assert!(!carl.get("/console").await.body.contains("Shop"), "not before a phone has said so");
    carl.enrol().await;
    carl.sign_in("carl").await;
    assert!(carl.get(&format!("/console/applications/{id}")).await.body.contains("Developer"));

    // An account that there is, in another application.
    let (other, _) = carl.add_application("Carl's").await;
    let link = carl.invite(&other, "owner").await;
    assert_eq!(
        carl.post(&link, &[]).await.header("location"),
        Some(&*format!("/console/applications/{other}?done=is-member"))
    );
    assert_eq!(
        admin.post(&link, &[]).await.header("location"),
        Some(&*format!("/console/applications/{other}?done=joined"))
    );
    assert_eq!(carl.post(&link, &[]).await.status, 410);
    assert!(admin.get(&format!("/console/applications/{other}")).await.body.contains("Owner"));
}

#[tokio::test]
async fn invitations_expire_and_can_be_taken_back() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (id, _) = anna.add_application("Shop").await;
    let (taken_back, expired) = (anna.invite(&id, "owner").await, anna.invite(&id, "owner").await);
    let digests = rig.store.column("SELECT made_by FROM console_links");
    assert_eq!(digests.len(), 2);
    let key = rig.store.column("SELECT CAST(min(key) AS TEXT) FROM console_links").remove(0);
    let take_back = format!("/console/applications/{id}/members/take-back");
    assert_eq!(anna.post(&take_back, &[("invitation", &key)]).await.status, 303);

    let mut mallory = Visitor::registered(&rig, "mallory").await;
    assert_eq!(mallory.post(&taken_back, &[]).await.status, 410);
    assert_eq!(mallory.get(&expired).await.status, 200);
    rig.clock.advance(7 * 24 * 3_600);
    let mut mallory = Visitor::new(&rig);
    assert_eq!(mallory.post(&expired, &[("name", "eve-eve")]).await.status, 410);
    assert!(rig.store.column("SELECT name FROM accounts WHERE name = 'eve-eve'").is_empty());
}

/// An owner who was removed came back as an owner by a link of his own.
#[tokio::test]
async fn who_is_out_does_not_come_back_by_a_link_of_his_own() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (id, _) = anna.add_application("Shop").await;
    let members = format!("/console/applications/{id}/members");
    for (name, way) in [("mallory", "removed"), ("mathew", "left"), ("martin", "demoted")] {
        let mut mallory = Visitor::registered(&rig, name).await;
        assert_eq!(
            anna.post(&format!("{members}/add"), &[("name", name), ("role", "owner")]).await.status,
            303
        );
        let own = mallory.invite(&id, "owner").await;
        let by_anna = anna.invite(&id, "read-only").await;
        let mallorys = key(&rig, name);
        let out = match way {
            "removed" => anna.post(&format!("{members}/{mallorys}/remove"), &[("typed", name)]).await,
            "left" => mallory.post(&format!("/console/applications/{id}/leave"), &[("typed", "Shop")]).await,
            _ => anna.post(&format!("{members}/{mallorys}/role"), &[("role", "read-only")]).await,
        };
        assert_eq!(out.status, 303, "{way}");
        for mut visitor in [Visitor::registered(&rig, &format!("{name}-2")).await, mallory] {
            assert_eq!(visitor.get(&own).await.status, 410, "{way}");
            assert_eq!(visitor.post(&own, &[]).await.status, 410, "{way}");
            let status = visitor.get(&members).await.status;
            assert!(status == 404 || way == "demoted", "{way}: {status}");
        }
        // Those of others are as good as before.
        assert_eq!(Visitor::new(&rig).get(&by_anna).await.status, 200);
    }
    let owners =
        "SELECT a.name FROM members m JOIN accounts a ON a.key = m.account_key WHERE m.role = 'owner'";
    assert_eq!(rig.store.column(owners), ["anna"]);
}

#[tokio::test]
async fn the_log_of_what_was_done_cannot_be_changed_behind_the_services_back() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    anna.add_application("Shop").await;
    let before = rig.store.column("SELECT action FROM audit ORDER BY key");
    for sql in ["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit"] {
        assert!(rig.store.try_change(sql).is_err(), "{sql}");
    }
    assert_eq!(rig.store.column("SELECT action FROM audit ORDER BY key"), before);
}
