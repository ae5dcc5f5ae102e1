//! Changes wake those whom they affect, on each database that there is.

use std::sync::Arc;

use iampass_core::UserToken;
use tokio::sync::watch;

use super::test_store::{noted, on_both};
use super::*;

fn was_woken(heard: &mut watch::Receiver<()>) -> bool {
    let woken = heard.has_changed().unwrap();
    heard.mark_unchanged();
    woken
}

#[tokio::test]
async fn a_change_wakes_the_users_that_it_affects_and_no_others() {
    on_both(async |store| {
        let application = store.application("APP").await;
        store.add(application, &["ann", "bob"]).await;
        let (ann, bob) = (store.user(application, "ann").await, store.user(application, "bob").await);
        store.sessions(application, Some(ann), 1, 4).await;
        let database = &store.database;
        let none = || SpentNonce::none(Arc::clone(database));
        let (mut heard, of_bob) = (database.signals().listen(ann), database.signals().listen(bob));
        let sessions = database.sessions_of(application, None, 4).await.unwrap();

        database.log_out(sessions[0].key, none()).await.unwrap();
        assert!(was_woken(&mut heard), "a logout by the application");
        database.end_session(application, sessions[1].key, Actor::Command, noted("ended")).await.unwrap();
        assert!(was_woken(&mut heard), "an end in the Console");
        database.pick_up(sessions[2].key, none()).await.unwrap();
        assert!(was_woken(&mut heard), "an answer, even one that is not possible");
        database
            .change_application(application, ApplicationChange::Disable, Actor::Command, noted("off"))
            .await
            .unwrap();
        assert!(was_woken(&mut heard), "an application that is disabled");
        let change =
            database.change_user(application, ann, UserChange::RemovePhone, Actor::Command, noted("phone"));
        change.await.unwrap();
        assert!(was_woken(&mut heard), "a phone that is removed");
        database
            .change_application(application, ApplicationChange::Enable, Actor::Command, noted("on"))
            .await
            .unwrap();
        assert!(!was_woken(&mut heard), "nothing happens to users");
        assert!(!of_bob.has_changed().unwrap());
        let gone = vec![UserToken::new("ann").unwrap()];
        assert_eq!(database.delete_users(application, gone, none()).await.unwrap(), 1);
        assert!(was_woken(&mut heard), "a user who is deleted");
    })
    .await;
}

#[tokio::test]
async fn a_change_that_fails_wakes_nobody() {
    on_both(async |store| {
        let mut heard = store.database.signals().listen(UserKey(1));
        let change = |fails: bool| {
            store.database.write(move |tx| {
                Box::pin(async move {
                    tx.raised().user(UserKey(1));
                    if fails { Err(StorageError::Corrupt { what: "anything" }) } else { Ok(()) }
                })
            })
        };
        assert!(change(true).await.is_err());
        assert!(!was_woken(&mut heard));
        change(false).await.unwrap();
        assert!(was_woken(&mut heard));
    })
    .await;
}
