//! Keys of the Admin API on both databases: what ends one, what one may do, and what a change asks once more.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::wire::AdminScope;
use iampass_core::{ApplicationId, Secret, UserToken};
use iampass_server_domain::rules::{Approval, Role, Scopes};

use super::admin_keys::is_good;
use super::*;
use crate::test_store::{Store, noted, on_both};
use crate::{
    AccountKey, AdminKeyRow, ApplicationChange, ApplicationKey, LinkCode, LinkKind, NewLink, SpentNonce,
    StorageError,
};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) fn new_key(id: &str, scopes: &str, application: Option<&str>) -> NewAdminKey {
    NewAdminKey {
        id: id.to_owned(),
        secret: Secret::new("hidden"),
        name: "Nightly".to_owned(),
        scopes: Scopes::read(scopes).unwrap(),
        application: application.map(str::to_owned),
        lifetime: DAY,
    }
}

pub(super) async fn make(store: &Store, id: &str, scopes: &str, by: Actor) {
    let made = store.database.make_admin_key(new_key(id, scopes, None), by, noted("key.made")).await.unwrap();
    assert_eq!(made, AdminKeyMade::Made);
}

pub(super) async fn begin(store: &Store, id: &str) -> Result<AdminCaller, AdminKeyRefused> {
    let (secret, signer) = store.database.admin_signer(id).await.unwrap().expect("the key");
    assert_eq!(secret.expose(), "hidden");
    let spent = SpentNonce::none(Arc::clone(&store.database));
    store.database.begin_admin_call(signer, spent).await.unwrap()
}

async fn row(store: &Store, id: &str) -> AdminKeyRow {
    store.database.admin_keys().await.unwrap().into_iter().find(|key| key.id == id).unwrap().key
}

async fn rename(store: &Store, application: ApplicationKey, by: Actor) -> Result<bool, StorageError> {
    let change = ApplicationChange::Rename("New".to_owned());
    Ok(store.database.change_application(application, change, by, noted("renamed")).await?.is_some())
}

/// An administrator with a key, and an application that the administrator owns.
async fn owner_with_key(store: &Store, number: u32, scopes: &str) -> (AccountKey, ApplicationKey, String) {
    let name = format!("boss-{number}");
    let account = store.account(&name, true).await;
    let application = store.application(&format!("APP{number}")).await;
    store.member(application, &name, Role::Owner).await;
    let id = format!("KEY-{number}");
    make(store, &id, scopes, store.signed_in(account).await).await;
    (account, application, id)
}

#[tokio::test]
async fn a_key_ends_with_the_right_of_the_account_that_made_it_and_for_good() {
    on_both(async |store| {
        store.account("other", true).await;
        let console = store.console().await;
        for (number, change) in
            (0..).zip([AccountChange::Disable, AccountChange::Demote, AccountChange::LogOut])
        {
            let (account, application, id) = owner_with_key(store, number, "applications:write").await;
            let caller = begin(store, &id).await.unwrap();
            let by = caller.actor(AdminScope::ApplicationsWrite);
            assert!(rename(store, application, by.clone()).await.unwrap());
            let changed = store.database.change_account(account, change, console, Actor::Command, "a".into());
            assert!(matches!(changed.await.unwrap(), AccountChanged::Done { .. }));
            assert_eq!(begin(store, &id).await.unwrap_err(), AdminKeyRefused::Ended, "{change:?}");
            let refused = rename(store, application, by.clone()).await;
            assert!(matches!(refused, Err(StorageError::KeyEnded)), "{change:?}: {refused:?}");
            // With the right it does not come back.
            let sql = "UPDATE accounts SET disabled_at = NULL, administrator = 1 WHERE key = ?1".to_owned();
            store.run(sql, vec![account.0]).await;
            assert_eq!(begin(store, &id).await.unwrap_err(), AdminKeyRefused::Ended, "{change:?}");
            let delete = AccountChange::Delete;
            store.run("DELETE FROM members".to_owned(), vec![]).await;
            let gone = store.database.change_account(account, delete, console, Actor::Command, "a".into());
            assert!(matches!(gone.await.unwrap(), AccountChanged::Done { .. }));
            assert!(store.database.admin_signer(&id).await.unwrap().is_none(), "it would be a command's");
            assert!(matches!(rename(store, application, by).await, Err(StorageError::KeyEnded)));
        }
    })
    .await;
}

/// The row of the account alone is not trusted: a right that went by whatever way is gone.
#[tokio::test]
async fn each_call_and_each_change_ask_whether_the_key_is_good() {
    on_both(async |store| {
        let (account, application, id) = owner_with_key(store, 1, "applications:write").await;
        let by = begin(store, &id).await.unwrap().actor(AdminScope::ApplicationsWrite);
        let (key, account) = (row(store, &id).await.0, account.0);
        for (loss, back, refused) in [
            ("accounts SET disabled_at = 1", "accounts SET disabled_at = NULL", AdminKeyRefused::Ended),
            ("accounts SET administrator = 0", "accounts SET administrator = 1", AdminKeyRefused::Ended),
            ("admin_keys SET revoked_at = 1", "admin_keys SET revoked_at = NULL", AdminKeyRefused::Ended),
            (
                "admin_keys SET expires_at = 1",
                "admin_keys SET expires_at = 9000000000",
                AdminKeyRefused::Expired,
            ),
        ] {
            let of = if loss.starts_with("accounts") { account } else { key };
            store.run(format!("UPDATE {loss} WHERE key = ?1"), vec![of]).await;
            assert_eq!(begin(store, &id).await.unwrap_err(), refused, "{loss}");
            let entries = store.count("audit").await;
            let changed = rename(store, application, by.clone()).await;
            assert!(matches!(changed, Err(StorageError::KeyEnded)), "{loss}: {changed:?}");
            assert_eq!(store.count("audit").await, entries, "{loss}");
            store.run(format!("UPDATE {back} WHERE key = ?1"), vec![of]).await;
            assert!(rename(store, application, by.clone()).await.unwrap(), "{back}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_may_no_more_than_its_scopes_its_application_and_its_account() {
    on_both(async |store| {
        let (account, application, id) = owner_with_key(store, 1, "applications:write,users:write").await;
        let others = store.application("OTHERS").await;
        let caller = begin(store, &id).await.unwrap();
        let by = |scope| caller.actor(scope);
        assert!(rename(store, application, by(AdminScope::ApplicationsWrite)).await.unwrap());
        // A scope that it does not have, one that is for something else, and an application that its account does not own.
        for (of, scope) in [
            (application, AdminScope::PhonesWrite),
            (application, AdminScope::UsersWrite),
            (others, AdminScope::ApplicationsWrite),
        ] {
            let refused = rename(store, of, by(scope)).await;
            assert!(matches!(refused, Err(StorageError::Forbidden)), "{scope}: {refused:?}");
        }
        // One of an account is none of a command.
        let key = row(store, &id).await;
        let disguised = Actor::Key { key, account: None, scope: AdminScope::ApplicationsWrite };
        assert!(matches!(rename(store, others, disguised).await, Err(StorageError::KeyEnded)));

        // One that is limited to an application.
        let limited = new_key("KEY-limited", "applications:write", Some("APP1"));
        let by = store.signed_in(account).await;
        assert_eq!(
            store.database.make_admin_key(limited, by.clone(), noted("key.made")).await.unwrap(),
            AdminKeyMade::Made
        );
        store.member(others, "boss-1", Role::Owner).await;
        let caller = begin(store, "KEY-limited").await.unwrap();
        assert_eq!(caller.application_id.as_deref(), Some("APP1"));
        let limited = caller.actor(AdminScope::ApplicationsWrite);
        assert!(rename(store, application, limited.clone()).await.unwrap());
        assert!(matches!(rename(store, others, limited).await, Err(StorageError::Forbidden)));
        let id = ApplicationId::new("NEW").unwrap();
        let added = store.database.add_application_by_key(
            id,
            Secret::new("s"),
            "New".to_owned(),
            Approval::Code,
            caller,
        );
        assert!(matches!(added.await, Err(StorageError::Forbidden)));

        // An application that there is not, and a scope that a key of one application does not have.
        for (new, outcome) in [
            (new_key("KEY-2", "users:read", Some("NOPE")), AdminKeyMade::NoSuchApplication),
            (new_key("KEY-3", "users:read", Some("console")), AdminKeyMade::NoSuchApplication),
            (new_key("KEY-4", "accounts:read", Some("APP1")), AdminKeyMade::NotAllowed),
            (
                NewAdminKey { lifetime: DAY * 367, ..new_key("KEY-5", "users:read", None) },
                AdminKeyMade::NotAllowed,
            ),
        ] {
            let id = new.id.clone();
            let made = store.database.make_admin_key(new, by.clone(), noted("key.made")).await.unwrap();
            assert_eq!(made, outcome, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_key_makes_keys_ways_in_or_members() {
    on_both(async |store| {
        let every: Vec<_> = AdminScope::ALL.iter().map(|scope| scope.word()).collect();
        make(store, "KEY-all", &every.join(","), Actor::Command).await;
        let application = store.application("APP").await;
        let newcomer = store.account("newcomer", false).await;
        let console = store.console().await;
        let (owner, invitation) = (store.owner(application).await, LinkCode::draw().unwrap());
        let invite = store.database.make_invitation(
            invitation.clone(),
            application,
            Role::ReadOnly,
            store.signed_in(owner).await,
            DAY,
            noted("invited"),
        );
        assert!(invite.await.unwrap());
        let caller = begin(store, "KEY-all").await.unwrap();
        let database = &store.database;
        for scope in AdminScope::ALL {
            let by = || caller.actor(*scope);
            let new = new_key("KEY-second", "users:read", None);
            let refused = [
                database.make_admin_key(new, by(), noted("key.made")).await.map(drop),
                database.revoke_admin_key("KEY-all".to_owned(), by(), noted("key.revoked")).await.map(drop),
                database
                    .make_access_link(
                        LinkCode::draw().unwrap(),
                        AccessFor::NewAdministrator(None),
                        by(),
                        DAY,
                        noted("link.made"),
                    )
                    .await
                    .map(drop),
                database
                    .make_access_link(
                        LinkCode::draw().unwrap(),
                        AccessFor::Account(newcomer),
                        by(),
                        DAY,
                        noted("link.made"),
                    )
                    .await
                    .map(drop),
                database
                    .make_invitation(
                        LinkCode::draw().unwrap(),
                        application,
                        Role::Owner,
                        by(),
                        DAY,
                        noted("invited"),
                    )
                    .await
                    .map(drop),
                database
                    .add_member(application, "newcomer".to_owned(), Role::Owner, by(), noted("added"))
                    .await
                    .map(drop),
                database
                    .change_application(
                        application,
                        ApplicationChange::Messages { allowed: true },
                        by(),
                        noted("messages"),
                    )
                    .await
                    .map(drop),
                database
                    .make_phone_link(newcomer, console, LinkCode::draw().unwrap(), DAY, by())
                    .await
                    .map(drop),
                database.use_invitation(invitation.clone(), Invited::Account(newcomer, by())).await.map(drop),
                database.end_link(owner, LinkKey::Console(1), by(), noted("link.ended")).await.map(drop),
            ];
            for (place, refused) in refused.into_iter().enumerate() {
                assert!(matches!(refused, Err(StorageError::Forbidden)), "{scope} {place}: {refused:?}");
            }
        }
        assert_eq!((store.count("admin_keys").await, store.count("console_links").await), (1, 1));
    })
    .await;
}

/// A link lets somebody become a user: it is good for as long as the key is.
#[tokio::test]
async fn a_registration_link_ends_with_the_key_that_made_it() {
    on_both(async |store| {
        let application = store.application("APP").await;
        store.add(application, &["ann"]).await;
        let ann = store.user(application, "ann").await;
        let ends = [
            "UPDATE admin_keys SET revoked_at = 1",
            "UPDATE admin_keys SET expires_at = 1",
            "DELETE FROM admin_keys",
        ];
        for (number, end) in ends.into_iter().map(Some).chain([None]).enumerate() {
            let id = format!("KEY-{number}");
            make(store, &id, "phones:write", Actor::Command).await;
            let caller = begin(store, &id).await.unwrap();
            let code = LinkCode::draw().unwrap();
            let user = UserToken::new("ann").unwrap();
            let link = NewLink { application, user, display_name: None, lifetime: DAY };
            let change = UserChange::MakeLink(link, code.clone(), LinkKind::Replaces);
            let by = caller.actor(AdminScope::PhonesWrite);
            assert!(store.database.change_user(application, ann, change, by, noted("link")).await.unwrap());
            let is_good = |store: &Store| {
                let (database, code) = (Arc::clone(&store.database), code.clone());
                async move {
                    database
                        .write(move |tx| {
                            Box::pin(async move { Ok(crate::links::redeem(tx, &code).await?.is_some()) })
                        })
                        .await
                        .unwrap()
                }
            };
            match end {
                Some(end) => {
                    store.run(format!("{end} WHERE id = 'KEY-{number}'"), vec![]).await;
                    assert!(!is_good(store).await, "{end}");
                }
                None => assert!(is_good(store).await),
            }
        }
        // Revoking a key ends it at once.
        make(store, "KEY-revoked", "phones:write", Actor::Command).await;
        let caller = begin(store, "KEY-revoked").await.unwrap();
        let (code, user) = (LinkCode::draw().unwrap(), UserToken::new("ann").unwrap());
        let link = NewLink { application, user, display_name: None, lifetime: DAY };
        let change = UserChange::MakeLink(link, code, LinkKind::Replaces);
        let by = caller.actor(AdminScope::PhonesWrite);
        store.database.change_user(application, ann, change, by, noted("link")).await.unwrap();
        assert_eq!(store.count("links").await, 1);
        let revoke =
            || store.database.revoke_admin_key("KEY-revoked".into(), Actor::Command, noted("key.revoked"));
        assert!(revoke().await.unwrap());
        assert_eq!(store.count("links").await, 0);
        assert!(!revoke().await.unwrap(), "once");
    })
    .await;
}

#[tokio::test]
async fn a_restored_backup_brings_no_key_back() {
    on_both(async |store| {
        make(store, "KEY-1", "users:read", Actor::Command).await;
        assert!(begin(store, "KEY-1").await.is_ok());
        store.database.end_what_was_restored().await.unwrap();
        assert_eq!(begin(store, "KEY-1").await.unwrap_err(), AdminKeyRefused::Ended);
        let listed = store.database.admin_keys().await.unwrap();
        assert!(listed[0].revoked_at.is_some(), "it is seen to have ended");
    })
    .await;
}

#[tokio::test]
async fn keys_that_ended_long_ago_go() {
    on_both(async |store| {
        for id in ["KEY-good", "KEY-ended"] {
            make(store, id, "users:read", Actor::Command).await;
        }
        store.run("UPDATE admin_keys SET revoked_at = 1 WHERE id = 'KEY-ended'".to_owned(), vec![]).await;
        let kept = crate::Kept { ended: DAY, signature_window: DAY, clock_ahead: Duration::ZERO };
        let now = store.database.clock().now().wall;
        store.database.tidy(now, kept, Vec::new()).await.unwrap();
        let left = store.database.admin_keys().await.unwrap();
        assert_eq!(left.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["KEY-good"]);
        let key = left[0].key;
        let is_there = store.database.read(move |tx| Box::pin(is_good(tx, key)));
        assert!(is_there.await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn good_keys_are_listed_first_and_each_is_found_by_its_id() {
    on_both(async |store| {
        for id in ["KEY-1", "KEY-2", "KEY-3"] {
            make(store, id, "users:read", Actor::Command).await;
        }
        store.run("UPDATE admin_keys SET revoked_at = 1 WHERE id = 'KEY-3'".to_owned(), vec![]).await;
        let listed = store.database.admin_keys().await.unwrap();
        let ids: Vec<_> = listed.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(ids, ["KEY-2", "KEY-1", "KEY-3"]);
        let found = store.database.admin_key("KEY-3").await.unwrap().expect("the key");
        assert!(found.id == "KEY-3" && found.revoked_at.is_some());
        assert!(store.database.admin_key("KEY-4").await.unwrap().is_none());
    })
    .await;
}
