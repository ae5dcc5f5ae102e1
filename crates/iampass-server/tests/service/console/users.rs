//! Users and their phones in the Console: adding, finding, new links, lost phones, deleting. And who tries it without deserving it.

use super::shop::{key_of, link_on, log, member, open_sessions, owner, page_of, place, went_to};
use super::visitor::{Visitor, open_house};
use crate::rig::path_of;

#[tokio::test]
async fn users_are_added_found_and_deleted() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let empty = owner.get(&place(&rig, "/users")).await;
    assert!(empty.body.contains("No users yet"), "{empty:?}");

    let added = owner.post(&place(&rig, "/users/add"), &[("users", "ann")]).await;
    went_to(&added, &format!("{}?done=added", page_of(&rig, "ann")));
    let added = owner.post(&place(&rig, "/users/add"), &[("users", "bob 1\r\n ann\r\nbob&2<b>\r\n")]).await;
    went_to(&added, &place(&rig, "/users?created=2&existing=1"));
    let bad = owner.post(&place(&rig, "/users/add"), &[("users", "new\nb\u{7}d")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("Line 2 is no user id") && bad.body.contains("new\nb"), "{bad:?}");
    let many: String =
        (0..900).map(|number| format!("a-rather-long-user-id-of-45-characters-{number}\n")).collect();
    let added = owner.post(&place(&rig, "/users/add"), &[("users", &many)]).await;
    went_to(&added, &place(&rig, "/users?created=900&existing=0"));

    let found = owner.get(&place(&rig, "/users?q=bob")).await;
    assert!(found.body.contains("bob 1") && found.body.contains("bob&#38;2&#60;b&#62;"), "{found:?}");
    assert!(!found.body.contains(">ann<"), "{found:?}");
    let next =
        owner.get(&place(&rig, "/users?q=a-rather&after=a-rather-long-user-id-of-45-characters-5")).await;
    assert!(
        next.body.contains("characters-50<")
            && next.body.contains("rel=\"prev\"")
            && next.body.contains("rel=\"next\"")
    );
    let odd = owner.get(&place(&rig, "/users?q=%00&after=%00")).await;
    assert_eq!(odd.status, 200);

    let bob = page_of(&rig, "bob 1");
    let asked = owner.get(&format!("{bob}/delete")).await;
    assert!(
        asked.body.contains("Delete the user bob 1?") && asked.body.contains("No session ends"),
        "{asked:?}"
    );
    let refused = owner.post(&format!("{bob}/delete"), &[("typed", "bob")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(owner.get(&bob).await.status, 200);
    let deleted = owner.post(&format!("{bob}/delete"), &[("typed", "bob 1")]).await;
    went_to(&deleted, &place(&rig, "/users?done=deleted"));
    assert_eq!(owner.get(&bob).await.status, 404);
    assert_eq!(log(&rig)[..3], ["user.deleted", "users.added", "users.added"]);
}

#[tokio::test]
async fn a_link_from_the_console_registers_a_phone_once_and_is_shown_once() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    rig.add_users(&["ann"]).await;
    let page = page_of(&rig, "ann");
    let shown = owner.post(&format!("{page}/link"), &[]).await;
    let link = link_on(&shown);
    assert!(shown.body.contains("<svg") && shown.body.contains("in 1 day"), "{shown:?}");
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    // Loading its address again shows no link, nor does any other page.
    let code = path_of(&link);
    let again = owner.get(&format!("{page}/link")).await;
    assert!(again.status == 200 && !again.body.contains(code), "{again:?}");
    let mut read_only = member(&rig, &mut owner, "rita", "read-only").await;
    for path in [page.clone(), place(&rig, "/log"), place(&rig, "/users")] {
        assert!(!owner.get(&path).await.body.contains(code));
        assert!(!read_only.get(&path).await.body.contains(code));
    }
    assert!(owner.get(&page).await.body.contains("A registration link is out"));

    // Another one takes its place.
    let second = link_on(&owner.post(&format!("{page}/link"), &[]).await);
    let body = r#"{"notification_token": "*test", "platform": "web"}"#;
    assert!(rig.send("POST", code, &[], Some(body)).await.status >= 400);
    rig.register(&second).await;
    assert!(rig.send("POST", path_of(&second), &[], Some(body)).await.status >= 400);
    let page = owner.get(&page).await;
    assert!(
        page.body.contains("Remove phone") && !page.body.contains("A registration link is out"),
        "{page:?}"
    );
    assert_eq!(log(&rig).iter().filter(|action| *action == "registration-link.made").count(), 2);
}

#[tokio::test]
async fn a_lost_phone_ends_with_its_sessions_and_another_is_registered() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let phone = rig.phone("ann").await;
    let session = rig.active_session(&phone, "ann", "").await;
    let page = page_of(&rig, "ann");
    let asked = owner.get(&format!("{page}/lost")).await;
    assert!(asked.body.contains("1 session end"), "{asked:?}");
    // Without the button of that page nothing happens.
    assert_eq!(owner.post(&format!("{page}/lost"), &[]).await.status, 422);
    assert_eq!(rig.status(&session).await, "active");
    let link = link_on(&owner.post(&format!("{page}/lost"), &[("sure", "yes")]).await);
    assert_eq!(rig.status(&session).await, "closed");
    let pending = phone.urls["pending_requests"].as_str().unwrap();
    assert_eq!(rig.get(&phone.pair, pending).await.status, 401);
    let another = rig.register(&link).await;
    let session = rig.active_session(&another, "ann", "").await;

    went_to(
        &owner.post(&format!("{page}/remove-phone"), &[("sure", "yes")]).await,
        &format!("{page}?done=phone-removed"),
    );
    assert_eq!(rig.status(&session).await, "closed");
    let refused = rig.authenticate("ann", "").await.ok(200);
    assert_eq!(refused["authentication_status"]["reason"], "NO_MOBILE_DEVICE");
    assert_eq!(log(&rig)[..4], ["phone.removed", "phone.registered", "phone.lost", "phone.registered"]);
}

#[tokio::test]
async fn another_applications_user_is_not_there_under_ones_own() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    rig.add_users(&["mine"]).await;
    let mut stranger = Visitor::registered(&rig, "stefan").await;
    let (other, _) = stranger.add_application("Other").await;
    let phone = rig.phone("ann").await;
    let session = rig.active_session(&phone, "ann", "").await;
    let (ann, open) = (key_of(&rig, "ann"), open_sessions(&rig).remove(0));
    let before = log(&rig);

    let own = format!("/console/applications/{other}");
    for path in ["", "/events", "/lost", "/remove-phone", "/log-out", "/delete"] {
        let answer = stranger.get(&format!("{own}/users/{ann}{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("ann"), "{path}");
    }
    let fields = [("sure", "yes"), ("typed", "ann")];
    for path in ["link", "lost", "remove-phone", "log-out", "delete"] {
        let answer = stranger.post(&format!("{own}/users/{ann}/{path}"), &fields).await;
        assert_eq!(answer.status, 404, "{path}");
        // And under the application that it is of, where the stranger has no business.
        assert_eq!(
            stranger.post(&format!("{}/{path}", page_of(&rig, "ann")), &fields).await.status,
            404,
            "{path}"
        );
    }
    for place in [format!("{own}/sessions/{open}/end"), place(&rig, &format!("/sessions/{open}/end"))] {
        assert_eq!(stranger.get(&place).await.status, 404);
        assert_eq!(stranger.post(&place, &fields).await.status, 404);
    }
    assert_eq!(rig.status(&session).await, "active");
    assert_eq!(log(&rig), before);
    assert_eq!(owner.get(&page_of(&rig, "ann")).await.status, 200);
}

#[tokio::test]
async fn what_other_sites_or_lesser_roles_send_changes_nothing() {
    let rig = open_house().await;
    let mut owner = owner(&rig).await;
    let mut read_only = member(&rig, &mut owner, "rita", "read-only").await;
    let phone = rig.phone("ann").await;
    let session = rig.active_session(&phone, "ann", "").await;
    let (page, open) = (page_of(&rig, "ann"), open_sessions(&rig).remove(0));
    let before = log(&rig);
    let fields = [
        ("sure", "yes"),
        ("typed", "ann"),
        ("users", "eve"),
        ("name", "Evil"),
        ("overlap", "none"),
        ("methods", "any"),
    ];
    let shop_typed = [("sure", "yes"), ("typed", "Shop")];
    let mut changes: Vec<String> =
        ["link", "lost", "remove-phone", "log-out", "delete"].map(|path| format!("{page}/{path}")).into();
    changes.extend(
        [
            "/users/add",
            "/settings/rename",
            "/settings/login",
            "/settings/rotate",
            "/settings/end-overlap",
            "/settings/disable",
            "/settings/enable",
            "/settings/delete",
        ]
        .map(|path| place(&rig, path)),
    );
    changes.push(place(&rig, &format!("/sessions/{open}/end")));
    let elsewhere = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("origin", "https://evil.example"),
    ];
    for change in &changes {
        let fields: &[_] = if change.contains("/settings/d") { &shop_typed } else { &fields };
        let answer = owner.send("POST", change, &elsewhere, Some(fields)).await;
        assert_eq!(answer.status, 403, "{change}: {answer:?}");
        let answer = read_only.post(change, fields).await;
        assert_eq!(answer.status, 403, "{change}: {answer:?}");
    }
    assert_eq!(rig.status(&session).await, "active");
    assert_eq!(log(&rig), before);
    let names = rig.store.column("SELECT name FROM applications WHERE name <> 'IAMPASS Console'");
    assert_eq!(names, ["Shop"]);
}
