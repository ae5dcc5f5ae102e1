//! Lists of users and sessions on both databases: what a page holds, whose it is, and by which index it is found among many.

use iampass_core::UserToken;
use iampass_server_domain::rules::State;

use super::sessions::{Ended, OF_APPLICATION, OF_USER};
use super::users::{BACKWARD, FORWARD};
use super::*;
use crate::test_store::{noted, on_both};
use crate::{AuditSearch, LinkCode, LinkKind, NewLink, SessionKey, Value};

/// As many users as the lists must stay quick with.
const MANY: i64 = 100_000;

#[tokio::test]
async fn pages_of_users_follow_each_other_in_both_directions() {
    use UsersFrom::{After, Before, Start};

    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        store.add(shop, &["b", "a1", "a2", "a3", "a", "é", "a\u{10ffff}z"]).await;
        store.add(other, &["a0", "a11"]).await;
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(store.page(shop, "", Start).await, (ids(&["a", "a1"]), false, true));
        assert_eq!(store.page(shop, "", After("a1".into())).await, (ids(&["a2", "a3"]), true, true));
        assert_eq!(store.page(shop, "", After("a\u{10ffff}z".into())).await, (ids(&["b", "é"]), true, false));
        assert_eq!(
            store.page(shop, "", Before("b".into())).await,
            (ids(&["a3", "a\u{10ffff}z"]), true, true)
        );
        assert_eq!(store.page(shop, "", Before("a2".into())).await, (ids(&["a", "a1"]), false, true));
        // The search: what begins with it, itself as well, and nothing of the next letter or of another application.
        assert_eq!(store.page(shop, "a", After("a3".into())).await, (ids(&["a\u{10ffff}z"]), true, false));
        assert_eq!(store.page(shop, "a1", Start).await, (ids(&["a1"]), false, false));
        assert_eq!(store.page(shop, "a1", After("b".into())).await, (vec![], true, false));
        assert_eq!(store.page(shop, "a0", Start).await, (vec![], false, false));
        assert_eq!(store.page(shop, "%", Start).await, (vec![], false, false));
        assert_eq!(store.page(shop, "A", Start).await, (vec![], false, false));
    })
    .await;
}

#[tokio::test]
async fn another_applications_user_and_session_are_not_there() {
    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 1).await;
        let session = store.database.sessions_of(shop, None, 10).await.unwrap()[0].key;
        let link = NewLink {
            application: other,
            user: UserToken::new("ann").unwrap(),
            display_name: None,
            lifetime: std::time::Duration::from_secs(60),
        };
        assert!(store.database.user_details(other, ann, 10).await.unwrap().is_none());
        for change in [
            UserChange::Delete,
            UserChange::RemovePhone,
            UserChange::LogOut,
            UserChange::MakeLink(link.clone(), LinkCode::draw().unwrap(), LinkKind::Replaces),
            UserChange::PhoneLost(link, LinkCode::draw().unwrap()),
        ] {
            assert!(
                !store.database.change_user(other, ann, change, Actor::Command, noted("no")).await.unwrap()
            );
        }
        assert!(store.database.session_of(other, session).await.unwrap().is_none());
        assert!(
            store.database.end_session(other, session, Actor::Command, noted("no")).await.unwrap().is_none()
        );
        assert_eq!(store.database.sessions_of(other, None, 10).await.unwrap().len(), 0);
        let before = store.database.user_details(shop, ann, 10).await.unwrap().unwrap();
        assert_eq!((before.sessions.len(), before.sessions[0].state), (1, State::Active));

        // The owner's own call ends it, and both are written down; what was refused is not.
        let ended =
            store.database.end_session(shop, session, Actor::Command, noted("session.ended")).await.unwrap();
        assert_eq!(ended, Some(Ended { user: Some(ann) }));
        assert!(
            store.database.end_session(shop, session, Actor::Command, noted("no")).await.unwrap().is_none()
        );
        assert!(store.database.session_of(shop, session).await.unwrap().is_none());
        assert!(
            store
                .database
                .change_user(shop, ann, UserChange::Delete, Actor::Command, noted("user.deleted"))
                .await
                .unwrap()
        );
        let search = AuditSearch { application: Some("APP".to_owned()), ..AuditSearch::default() };
        let log = store.database.search_audit(search, 10).await.unwrap().entries;
        let log: Vec<_> = log.iter().map(|entry| (entry.action.as_str(), entry.subject.as_deref())).collect();
        assert_eq!(
            log,
            [("user.deleted", Some("ann")), ("session.ended", Some("ann")), ("users.added", Some("ann"))]
        );
    })
    .await;
}

#[tokio::test]
async fn sessions_come_newest_first_a_page_after_the_other() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.add(shop, &["ann"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 5).await;
        let first = store.database.sessions_of(shop, None, 3).await.unwrap();
        let second = store.database.sessions_of(shop, Some(first[2].key), 3).await.unwrap();
        let asked: Vec<_> = first.iter().chain(&second).map(|session| session.asked_at.0).collect();
        assert_eq!(asked, [5, 4, 3, 2, 1]);
        assert_ne!(stamp(&first), stamp(&second));
        assert_eq!(store.database.user_details(shop, ann, 10).await.unwrap().unwrap().sessions.len(), 5);
        assert!(store.database.session_of(shop, SessionKey(i64::MAX)).await.unwrap().is_none());
        assert!(
            store
                .database
                .change_user(shop, ann, UserChange::LogOut, Actor::Command, noted("out"))
                .await
                .unwrap()
        );
        assert_eq!(store.database.sessions_of(shop, None, 3).await.unwrap().len(), 0);
    })
    .await;
}

#[tokio::test]
async fn lists_are_found_by_an_index_among_many() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        let users = "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
                     INSERT INTO users (application_key, id, created_at) SELECT CAST(?1 AS BIGINT), 'user-' || i, 0 FROM n";
        store.run(users.to_owned(), vec![shop.0, MANY]).await;
        let last = store.user(shop, "user-99999").await;
        store.sessions(shop, Some(last), 1, 10).await;
        store.sessions(shop, None, 11, 1_000).await;
        // Most are another application's, and newer: going through all from the end would take long.
        store.sessions(store.application("OTHER").await, None, 1_001, 21_000).await;
        for table in ["users", "sessions", "devices"] {
            store.run(format!("ANALYZE {table}"), vec![]).await;
        }
        let page = |lowest, above| vec![shop.into(), Value::Text(lowest), Value::Text(above), 51.into(), 0.into()];
        let index = if store.is_postgres { "users_application_key_id_key" } else { "sqlite_autoindex_users_1" };
        for (sql, values, index) in [
            (FORWARD, page("user-5", "user-6"), index),
            (BACKWARD, page("", "user-6"), index),
            (OF_APPLICATION, vec![shop.into(), 0.into(), i64::MAX.into(), 51.into()], "sessions_by_application"),
            (OF_USER, vec![last.into(), 0.into(), 51.into()], "_user"),
        ] {
            // Of the two indexes of sessions by user, either will do.
            let plan = store.plan(sql, values).await;
            let by_hand = plan.contains("Seq Scan on users") || plan.contains("Seq Scan on sessions") || plan.contains("SCAN ");
            let sorts = sql != OF_USER && (plan.contains("Sort") || plan.contains("TEMP B-TREE FOR ORDER"));
            // From both sides: what lies before the page is not read either.
            let is_bounded = !sql.contains("u.id >= ?2") || plan.contains("id>? AND id<?") || plan.contains("(id >= ");
            assert!(plan.contains(index) && is_bounded && !by_hand && !sorts, "{sql}\n{plan}");
        }
        let page = store.database.users_of(shop, "user-9", UsersFrom::After("user-95".to_owned()), 50).await.unwrap();
        assert_eq!((page.users.len(), page.users[0].id.as_str()), (50, "user-950"));
    })
    .await;
}
