//! Adding applications.

use super::visitor::{Visitor, open_house};
use crate::rig::Pair;

#[tokio::test]
async fn an_added_application_works_and_its_secret_is_shown_once() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (id, secret) = anna.add_application("My <b>shop</b>").await;
    let pair = Pair { id: id.clone(), secret: iampass_core::Secret::new(secret.as_str()) };
    let url = rig.url(&format!("/management/add_users/{id}"));
    rig.post(&pair, &url, serde_json::json!({"users": ["u"]})).await.ok(201);

    for path in [
        "/console".to_owned(),
        format!("/console/applications/{id}"),
        format!("/console/applications/{id}/members"),
    ] {
        let page = anna.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains(&secret), "{path}");
        assert!(!page.body.contains("<b>shop") && page.body.contains("shop"), "{path}: names are text");
    }
    let overview = anna.get(&format!("/console/applications/{id}")).await.body;
    assert!(overview.contains(&id) && overview.contains("Owner"), "{overview}");
    // Loading the page of the form again adds nothing.
    assert_eq!(anna.get("/console/applications/new").await.status, 200);
    assert_eq!(rig.store.column("SELECT id FROM applications WHERE hidden = 0").len(), 2);
    assert_eq!(rig.store.column("SELECT actor FROM audit WHERE action = 'application.created'"), ["anna"]);
}

#[tokio::test]
async fn no_application_has_the_name_of_the_console() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let (id, _) = anna.add_application("Shop").await;
    for path in
        ["/console/applications/new".to_owned(), format!("/console/applications/{id}/settings/rename")]
    {
        for name in ["IAMPASS Console", "iampass  CONSOLE", "ＩＡＭＰＡＳＳ Ｃｏｎｓｏｌｅ"] {
            let page = anna.post(&path, &[("name", name)]).await;
            assert!(
                page.status == 422 && page.body.contains("name of the Console itself"),
                "{path} {page:?}"
            );
        }
    }
    assert_eq!(
        rig.store.column("SELECT name FROM applications WHERE hidden = 0 ORDER BY key").last().unwrap(),
        "Shop"
    );
    assert!(
        rig.service
            .add_application("iampass console", None)
            .await
            .unwrap_err()
            .to_string()
            .contains("another name")
    );
}

#[tokio::test]
async fn a_name_that_cannot_be_seen_is_refused_by_the_field_and_in_a_summary() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    for bad in ["", "  ", "\u{202e}x\u{200b}", &"x".repeat(61)] {
        let page = anna.post("/console/applications/new", &[("name", bad)]).await;
        assert_eq!(page.status, 422, "{bad:?}");
        assert!(page.body.contains("No application was added") && page.body.contains("id=\"name_problem\""));
    }
    assert_eq!(anna.post("/console/applications/new", &[("other", "x")]).await.status, 422);
    let long = "x".repeat(20_000);
    assert_eq!(anna.post("/console/applications/new", &[("name", &long)]).await.status, 413);
    assert_eq!(rig.store.column("SELECT id FROM applications WHERE hidden = 0").len(), 1);
}
