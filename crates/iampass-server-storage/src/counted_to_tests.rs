//! The account or application that the nonces of an application, its sessions, its phones and their questions are counted to.

use iampass_server_domain::rules::Role;

use super::bringing_tests::{phone, start};
use super::test_store::{noted, on_both};
use super::*;

#[tokio::test]
async fn all_that_an_account_made_counts_to_the_account_and_nothing_that_it_was_given() {
    on_both(async |store| {
        let application = store.application("APP").await;
        let other = store.application("OTHER").await;
        phone(store, application).await;
        let credentials = start(store, application, "482913", "scan").await;
        let found = async |key: ApplicationKey| {
            let named = if key == application { "APP" } else { "OTHER" };
            let mut found = vec![store.database.application(named).await.unwrap().unwrap().counted_to];
            if key == application {
                let (_, device) = store.database.device("phone").await.unwrap().unwrap();
                let id = credentials.request_id.as_str();
                let (_, question) = store.database.question(id).await.unwrap().unwrap();
                let token = credentials.token.as_str();
                let (_, session) = store.database.session(token).await.unwrap().unwrap();
                found.extend([device.counted_to, question.counted_to, session.counted_to]);
            }
            found
        };
        assert_eq!(found(application).await, [CountedTo::Application(application); 4]);
        assert_eq!(found(other).await, [CountedTo::Application(other)]);
        let ann = store.account("ann", false).await;
        let bert = store.account("bert", false).await;
        for application in [application, other] {
            store.member(application, "ann", Role::Owner).await;
            store.member(application, "bert", Role::Owner).await;
            store
                .run(
                    "UPDATE applications SET made_by = ?1 WHERE key = ?2".to_owned(),
                    vec![ann.0, application.0],
                )
                .await;
        }
        // A session that is at hand keeps its share until it changes.
        let changed =
            async || store.run("UPDATE sessions SET wrong_codes = wrong_codes".to_owned(), vec![]).await;
        changed().await;
        let maker = found(other).await[0];
        assert_eq!(maker, CountedTo::Account(ann));
        assert_eq!(found(application).await, [maker; 4]);
        // She gives one away: its owner takes no room of hers, and no more room than before.
        let given_away = CountedTo::GivenAwayBy(ann);
        let left = store.database.remove_member(application, ann, Actor::Command, noted("member.removed"));
        assert_eq!(left.await.unwrap(), MemberChange::Done);
        changed().await;
        assert_eq!(found(application).await, [given_away; 4]);
        assert_eq!(found(other).await, [maker]);
        // Nor is it hers again because its owner lets her in, unasked.
        for role in [Role::ReadOnly, Role::Owner] {
            store.member(application, "ann", role).await;
            changed().await;
            assert_eq!(found(application).await, [given_away; 4]);
            let left =
                store.database.remove_member(application, ann, Actor::Command, noted("member.removed"));
            assert_eq!(left.await.unwrap(), MemberChange::Done);
        }
        // The other one goes with her account, and what bert has made stays his.
        let (change, console) = (AccountChange::Delete, store.console().await);
        let deleted = store.database.change_account(ann, change, console, Actor::Command, "a".to_owned());
        assert!(matches!(deleted.await.unwrap(), AccountChanged::Done { .. }));
        changed().await;
        assert_eq!(found(application).await, [given_away; 4]);
        assert_eq!(found(other).await, [given_away]);
        let own = store.application("OWN").await;
        store
            .run("UPDATE applications SET made_by = ?1 WHERE key = ?2".to_owned(), vec![bert.0, own.0])
            .await;
        let own = store.database.application("OWN").await.unwrap().unwrap();
        assert_eq!(own.counted_to, CountedTo::Account(bert));
    })
    .await;
}
