//! The room of an account where everybody may make one: the pages and the calls say that there is no more, and what to do.

use iampass_server::{AccountLimits, ConsoleSettings, Registration};
use serde_json::json;

use super::shop::{owner, place};
use super::visitor::Visitor;
use crate::rig::Rig;

async fn small_house() -> Rig {
    Rig::with(|config| {
        config.console = Some(ConsoleSettings::new(Registration::Open));
        config.account_limits = AccountLimits { applications: Some(1), users: Some(2) };
    })
    .await
}

fn made(rig: &Rig) -> usize {
    rig.store.column("SELECT id FROM applications WHERE made_by IS NOT NULL").len()
}

#[tokio::test]
async fn an_account_makes_no_more_applications_than_it_may() {
    let rig = small_house().await;
    let mut ann = Visitor::registered(&rig, "ann").await;
    let new = "/console/applications/new";
    assert_eq!(ann.post(new, &[("name", "One")]).await.status, 201);
    let refused = ann.post(new, &[("name", "Two")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("Delete one that is not used any more"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Two\""), "the form keeps what was typed");
    assert_eq!(made(&rig), 1);
    let mut administrator = owner(&rig).await;
    for name in ["Three", "Four"] {
        assert_eq!(administrator.post(new, &[("name", name)]).await.status, 201);
    }
    assert_eq!(made(&rig), 3);
}

#[tokio::test]
async fn an_application_of_an_account_gets_no_more_users_than_it_may_have() {
    let rig = small_house().await;
    let mut owner = owner(&rig).await;
    Visitor::registered(&rig, "ann").await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let add = async |users: &[&str]| rig.post(&rig.app, &url, json!({"users": users})).await;
    // A command made it, so it has as many as it likes.
    add(&["a", "b", "c"]).await.ok(201);
    rig.store.change(&format!(
        "UPDATE applications SET made_by = (SELECT key FROM accounts WHERE name = 'ann') WHERE id = '{}'",
        rig.app.id
    ));
    add(&["a", "b", "c"]).await.ok(201);
    let refused = add(&["d"]).await;
    assert!(refused.body.contains("ask the operator"), "{}", refused.body);
    refused.is(409, "USER_LIMIT_REACHED");
    // By the Admin API as well; the rig holds its answer against the description.
    let key = crate::admin_api::by_command(&rig, &["users:write"], None).await;
    let by_key = rig.url(&format!("/admin/v1/applications/{}/add_users", rig.app.id));
    rig.post(&key, &by_key, json!({"users": ["d"]})).await.is(409, "USER_LIMIT_REACHED");
    let refused = owner.post(&place(&rig, "/users/add"), &[("users", "d")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("may have 2 users"), "{}", refused.body);
    assert!(rig.store.column("SELECT id FROM users WHERE id = 'd'").is_empty());
}
