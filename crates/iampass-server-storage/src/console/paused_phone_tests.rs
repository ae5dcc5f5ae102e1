//! Limits in the Console of a phone that a recovery code has let in, for its first day, on each database that there is.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_server_domain::rules::Role;

use super::*;
use crate::test_store::{Store, noted, on_both};
use crate::{
    AccountKey, ApplicationKey, CountedTo, Device, LinkCode, LinkKind, NewLink, SpentNonce, StorageError,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The account has one phone, which a recovery code has let in `ago` seconds ago. It is signed in by that.
async fn recovered(store: &Store, account: AccountKey, ago: i64) -> Actor {
    let actor = store.signed_in(account).await;
    let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let now = if store.is_postgres {
        "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
    } else {
        "CAST(strftime('%s', 'now') AS INTEGER)"
    };
    let name = format!("phone-of-{}", account.0);
    let sql = format!(
        "INSERT INTO devices (id, secret, user_key, notification_token, platform, created_at, recovered_at)
         SELECT '{name}', {secret}, u.key, '*x', 'web', 1, {now} - ?2 FROM users u JOIN console_tokens t ON t.token = u.id
         WHERE t.user_id = ?1"
    );
    store.run(sql, vec![account.0, ago]).await;
    actor
}

async fn access_link(store: &Store, access: AccessFor, by: Actor) -> Result<AccessLinkMade, StorageError> {
    let code = LinkCode::draw().unwrap();
    store.database.make_access_link(code, access, by, DAY, noted("link.made")).await
}

/// The link would get its holder into another account, which then makes one for this account.
#[tokio::test]
async fn it_makes_no_link_that_gets_any_account_in() {
    on_both(async |store| {
        let (anna, bob) = (store.account("anna", true).await, store.account("bob", true).await);
        let by = recovered(store, anna, 60).await;
        for access in [
            AccessFor::Account(anna),
            AccessFor::Account(bob),
            AccessFor::NewAdministrator(Some("eve".to_owned())),
            AccessFor::NewAdministrator(None),
        ] {
            let refused = access_link(store, access, by.clone()).await;
            assert!(matches!(refused, Err(StorageError::PhoneTooNew)), "{refused:?}");
        }
        // Others help, and so does time.
        let other = store.signed_in(bob).await;
        assert_eq!(access_link(store, AccessFor::Account(anna), other).await.unwrap(), AccessLinkMade::Made);
        store.run("UPDATE devices SET recovered_at = recovered_at - ?1".to_owned(), vec![86_400]).await;
        assert_eq!(access_link(store, AccessFor::Account(bob), by).await.unwrap(), AccessLinkMade::Made);
    })
    .await;
}

async fn given(store: &Store, application: ApplicationKey, by: Actor) {
    let made = store.database.make_invitation(
        LinkCode::draw().unwrap(),
        application,
        Role::Owner,
        by.clone(),
        DAY,
        noted("invitation.made"),
    );
    assert!(made.await.unwrap());
    let user = store.user(application, "ann").await;
    let link =
        NewLink { application, user: UserToken::new("ann").unwrap(), display_name: None, lifetime: DAY };
    let change = UserChange::MakeLink(link, LinkCode::draw().unwrap(), LinkKind::Replaces);
    assert!(store.database.change_user(application, user, change, by, noted("link")).await.unwrap());
}

#[tokio::test]
async fn what_it_gave_out_ends_when_it_leaves() {
    on_both(async |store| {
        let shop = store.application("SHOP").await;
        store.add(shop, &["ann"]).await;
        let anna = store.account("anna", false).await;
        store.member(shop, "anna", Role::Owner).await;
        let by = store.signed_in(anna).await;
        given(store, shop, by).await;
        recovered(store, anna, 60).await;
        assert_eq!((store.count("console_links").await, store.count("links").await), (1, 1));
        let console = store.console().await;
        let phone = store.database.read(|tx| {
            Box::pin(async move {
                let row = tx.query_one("SELECT key, user_key FROM devices", &[]).await?.unwrap();
                Ok((row.key(0)?, row.key(1)?))
            })
        });
        let (key, user) = phone.await.unwrap();
        let counted_to = CountedTo::Application(console);
        let device = Device { key, user, application: console, counted_to, signer: None };
        let spent = SpentNonce::none(Arc::clone(&store.database));
        store.database.unregister_device(device, spent).await.unwrap();
        assert_eq!((store.count("console_links").await, store.count("links").await), (0, 0));
    })
    .await;
}
