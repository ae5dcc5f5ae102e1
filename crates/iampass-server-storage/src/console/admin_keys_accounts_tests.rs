//! Keys of the Admin API and accounts on both databases: changes of accounts that no key makes, and what the keys of one account share.

use iampass_core::wire::AdminScope;

use super::admin_keys_tests::{begin, make};
use super::*;
use crate::test_store::{noted, on_both};
use crate::{NonceShare, StorageError};

/// Otherwise a key would give back what was taken from somebody who is not trusted any more.
#[tokio::test]
async fn no_key_enables_an_administrator_or_demotes_or_deletes_an_account() {
    on_both(async |store| {
        make(store, "KEY-1", "accounts:write", Actor::Command).await;
        let console = store.console().await;
        store.account("other", true).await;
        let (boss, anna) = (store.account("boss", true).await, store.account("anna", false).await);
        let by = begin(store, "KEY-1").await.unwrap().actor(AdminScope::AccountsWrite);
        let database = &store.database;
        let change = |account, change, by| database.change_account(account, change, console, by, "a".into());
        for account in [boss, anna] {
            for done in [AccountChange::LogOut, AccountChange::Disable] {
                let changed = change(account, done, by.clone()).await.unwrap();
                assert!(matches!(changed, AccountChanged::Done { .. }), "{done:?}");
            }
            for refused in [AccountChange::Demote, AccountChange::Delete] {
                let changed = change(account, refused, by.clone()).await;
                assert!(matches!(changed, Err(StorageError::Forbidden)), "{refused:?}: {changed:?}");
            }
        }
        let enabled = change(anna, AccountChange::Enable, by.clone()).await.unwrap();
        assert!(matches!(enabled, AccountChanged::Done { .. }));
        let entries = store.count("audit").await;
        let refused = change(boss, AccountChange::Enable, by.clone()).await;
        assert!(matches!(refused, Err(StorageError::Forbidden)), "{refused:?}");
        assert_eq!(store.count("audit").await, entries);
        // The key changes nothing, and the operator does.
        let enabled = change(boss, AccountChange::Enable, Actor::Command).await.unwrap();
        assert!(matches!(enabled, AccountChanged::Done { .. }), "it was disabled until now");
        // One that is enabled already is no exception, by which a program could learn to rely on it.
        let refused = change(boss, AccountChange::Enable, by).await;
        assert!(matches!(refused, Err(StorageError::Forbidden)), "{refused:?}");
    })
    .await;
}

/// A later version may have made it. It is listed by its words, so that it can be revoked, and may do nothing.
#[tokio::test]
async fn a_key_with_a_scope_of_a_later_version_is_listed_and_begins_no_call() {
    on_both(async |store| {
        for id in ["KEY-1", "KEY-2"] {
            make(store, id, "accounts:write", Actor::Command).await;
        }
        let anna = store.account("anna", false).await;
        let by = begin(store, "KEY-1").await.unwrap().actor(AdminScope::AccountsWrite);
        let words = "accounts:write,of:later";
        store.run(format!("UPDATE admin_keys SET scopes = '{words}' WHERE id = 'KEY-1'"), vec![]).await;
        let listed = store.database.admin_keys().await.unwrap();
        let of = |id: &str| listed.iter().find(|key| key.id == id).unwrap().scopes.clone();
        assert_eq!(of("KEY-1"), StoredScopes::Unknown(words.to_owned()));
        assert_eq!((of("KEY-1").words().as_str(), of("KEY-1").known()), (words, None));
        assert_eq!(of("KEY-2").words(), "accounts:write");
        assert!(store.database.admin_key("KEY-1").await.unwrap().is_some());
        assert_eq!(begin(store, "KEY-1").await.unwrap_err(), AdminKeyRefused::UnknownScope);
        assert!(begin(store, "KEY-2").await.is_ok());
        // A call that had begun before changes nothing.
        let console = store.console().await;
        let changed =
            store.database.change_account(anna, AccountChange::Disable, console, by, "a".into()).await;
        assert!(matches!(changed, Err(StorageError::Forbidden)), "{changed:?}");
        let revoke = store.database.revoke_admin_key("KEY-1".into(), Actor::Command, noted("key.revoked"));
        assert!(revoke.await.unwrap());
        assert_eq!(begin(store, "KEY-1").await.unwrap_err(), AdminKeyRefused::Ended);
    })
    .await;
}

#[tokio::test]
async fn keys_of_one_maker_share_the_room_for_nonces() {
    on_both(async |store| {
        let boss = store.account("boss", true).await;
        let by = store.signed_in(boss).await;
        for (id, maker) in [("KEY-1", &by), ("KEY-2", &by), ("KEY-3", &Actor::Command)] {
            make(store, id, "users:read", maker.clone()).await;
        }
        let mut shares = Vec::new();
        for id in ["KEY-1", "KEY-2", "KEY-3"] {
            let (_, signer) = store.database.admin_signer(id).await.unwrap().expect("the key");
            shares.push(NonceShare::from(&signer));
        }
        let of = NonceShare::AdminKeysOf;
        assert_eq!(shares, [of(Some(boss)), of(Some(boss)), of(None)]);
    })
    .await;
}
