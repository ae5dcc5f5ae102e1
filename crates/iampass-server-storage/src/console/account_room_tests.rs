//! The room of an account of the Console, on each database that there is. Each test tries to get more than there is.

use std::sync::Arc;

use iampass_core::{ApplicationId, Secret, UserToken};
use iampass_server_domain::AccountLimits;
use iampass_server_domain::rules::Role;

use crate::test_store::{Store, noted, over_server};
use crate::{
    Account, AccountKey, Actor, ApplicationAdded, ApplicationChange, ApplicationKey, Database, Sharing,
    SpentNonce, StorageConfig, StorageLocation, UsersAdded,
};

const LIMITS: AccountLimits = AccountLimits { applications: Some(2), users: Some(5) };

/// Does the test on each database that there is, with these limits.
async fn limited(limits: AccountLimits, test: impl AsyncFn(&Store)) {
    let mut config = StorageConfig::new(StorageLocation::Temporary);
    config.account_limits = limits;
    test(&Store::over_file(Database::open(&config, Sharing::Alone).await.unwrap())).await;
    let Some(server) = iampass_test_databases::postgres() else { return };
    let server = server.database();
    let mut config = over_server(server.url());
    config.account_limits = limits;
    let database = Database::open(&config, Sharing::Alone).await.unwrap();
    test(&Store::over_postgres(database, server)).await;
}

async fn account(store: &Store, name: &str, is_administrator: bool) -> Account {
    let key = store.account(name, is_administrator).await;
    store.database.account(key).await.unwrap().unwrap()
}

async fn make(store: &Store, owner: &Account, id: &str) -> ApplicationAdded {
    let named = ApplicationId::new(id).unwrap();
    let added = store.database.add_owned_application(
        named,
        Secret::new("s"),
        "Shop".to_owned(),
        owner,
        Actor::Command,
    );
    added.await.unwrap()
}

async fn key(store: &Store, id: &str) -> ApplicationKey {
    store.database.application(id).await.unwrap().unwrap().key
}

fn users(names: std::ops::Range<usize>) -> Vec<UserToken> {
    names.map(|number| UserToken::new(format!("u{number}")).unwrap()).collect()
}

async fn add(store: &Store, application: ApplicationKey, names: std::ops::Range<usize>) -> bool {
    let spent = SpentNonce::none(Arc::clone(&store.database));
    match store.database.add_users(application, users(names), spent).await.unwrap() {
        UsersAdded::Added(_) => true,
        UsersAdded::NoRoom { most } => {
            assert_eq!(Some(most), LIMITS.users);
            false
        }
    }
}

async fn count(store: &Store, application: ApplicationKey) -> u64 {
    store.database.application_extent(application).await.unwrap().users
}

const TOO_MANY: ApplicationAdded = ApplicationAdded::TooMany { most: 2 };

#[tokio::test]
async fn an_account_makes_as_many_applications_as_it_may_and_an_administrator_more() {
    limited(LIMITS, async |store| {
        let ann = account(store, "ann", false).await;
        for id in ["A1", "A2"] {
            assert_eq!(make(store, &ann, id).await, ApplicationAdded::Done);
        }
        assert_eq!(make(store, &ann, "A3").await, TOO_MANY);
        assert!(store.database.application("A3").await.unwrap().is_none());
        // The row decides, whatever the account was shown as.
        let claimed = Account { is_administrator: true, ..ann.clone() };
        assert_eq!(make(store, &claimed, "A3").await, TOO_MANY);
        // An application that was deleted takes no room.
        let change = ApplicationChange::Delete;
        let first = key(store, "A1").await;
        store.database.change_application(first, change, Actor::Command, noted("deleted")).await.unwrap();
        assert_eq!(make(store, &ann, "A4").await, ApplicationAdded::Done);
        assert_eq!(make(store, &ann, "A5").await, TOO_MANY);
        let root = account(store, "root", true).await;
        for id in ["R1", "R2", "R3"] {
            assert_eq!(make(store, &root, id).await, ApplicationAdded::Done);
        }
    })
    .await;
}

#[tokio::test]
async fn an_application_that_was_given_away_takes_its_makers_room_and_not_its_owners() {
    limited(LIMITS, async |store| {
        let (ann, bob) = (account(store, "ann", false).await, account(store, "bob", false).await);
        for id in ["A1", "A2"] {
            make(store, &ann, id).await;
            let application = key(store, id).await;
            store.member(application, "bob", Role::Owner).await;
            let left = store.database.remove_member(application, ann.key, Actor::Command, noted("left"));
            left.await.unwrap();
        }
        assert_eq!(make(store, &ann, "A3").await, TOO_MANY);
        // Bob has not asked for them.
        assert_eq!(make(store, &bob, "B1").await, ApplicationAdded::Done);
        // Nor is there more room for users in what was given away.
        assert!(!add(store, key(store, "A1").await, 0..6).await);
        store.run("DELETE FROM members".to_owned(), vec![]).await;
        assert!(!add(store, key(store, "A1").await, 0..6).await);
    })
    .await;
}

#[tokio::test]
async fn an_application_of_an_account_has_as_many_users_as_it_may_and_others_have_more() {
    limited(LIMITS, async |store| {
        let ann = account(store, "ann", false).await;
        make(store, &ann, "A1").await;
        let application = key(store, "A1").await;
        assert!(add(store, application, 0..3).await);
        assert!(!add(store, application, 0..6).await, "there is room for two");
        assert_eq!(count(store, application).await, 3, "none of them was added");
        assert!(add(store, application, 0..5).await, "those that are there take no room");
        assert!(add(store, application, 0..5).await);
        assert!(!add(store, application, 5..6).await);
        // Nor in the Console.
        let by_page =
            store.database.add_users_noted(application, users(5..6), Actor::Command, noted("users.added"));
        assert_eq!(by_page.await.unwrap(), UsersAdded::NoRoom { most: 5 });
        let spent = SpentNonce::none(Arc::clone(&store.database));
        store.database.delete_users(application, users(0..1), spent).await.unwrap();
        assert!(add(store, application, 5..6).await);
        assert_eq!(count(store, application).await, 5);
        // A command, and an administrator.
        let root = account(store, "root", true).await;
        make(store, &root, "R1").await;
        for application in [store.application("C1").await, key(store, "R1").await] {
            assert!(add(store, application, 0..9).await);
        }
        // An account that is an administrator no more has no more room either.
        store.run("UPDATE accounts SET administrator = 0 WHERE key = ?1".to_owned(), vec![root.key.0]).await;
        assert!(!add(store, key(store, "R1").await, 9..10).await);
    })
    .await;
}

#[tokio::test]
async fn without_limits_nothing_is_refused() {
    limited(AccountLimits::default(), async |store| {
        let ann = account(store, "ann", false).await;
        for id in ["A1", "A2", "A3"] {
            assert_eq!(make(store, &ann, id).await, ApplicationAdded::Done);
        }
        assert!(add(store, key(store, "A1").await, 0..9).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_changes_at_once_do_not_fill_the_same_room() {
    limited(LIMITS, async |store| {
        for round in 0..10 {
            let ann = account(store, &format!("ann{round}"), false).await;
            let id = |number| format!("A{round}-{number}");
            make(store, &ann, &id(0)).await;
            let (one, two) = (id(1), id(2));
            let (first, second) = tokio::join!(make(store, &ann, &one), make(store, &ann, &two));
            assert!((first == TOO_MANY) != (second == TOO_MANY), "{first:?} {second:?}");
            let application = key(store, &id(0)).await;
            let (first, second) = tokio::join!(add(store, application, 0..3), add(store, application, 3..6));
            assert!(first != second, "{first} {second}");
            assert_eq!(count(store, application).await, 3);
        }
        assert_eq!(with_too_many(store).await, Vec::<AccountKey>::new());
    })
    .await;
}

/// Accounts with more applications than there may be.
async fn with_too_many(store: &Store) -> Vec<AccountKey> {
    let found = store.database.read(|tx| {
        Box::pin(async move {
            let sql = "SELECT made_by FROM applications WHERE hidden = 0 AND made_by IS NOT NULL GROUP BY made_by HAVING count(*) > 2";
            tx.query(sql, &[]).await?.iter().map(|row| row.key(0)).collect()
        })
    });
    found.await.unwrap()
}
