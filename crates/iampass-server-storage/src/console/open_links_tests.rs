//! All links of an account end with its sessions, on each database that there is.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_server_domain::rules::Role;

use super::*;
use crate::test_store::{noted, on_both};
use crate::{AccountKey, LinkCode, LinkKind, NewLink};

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test]
async fn logging_out_everywhere_ends_all_links_and_sessions_and_those_of_no_other() {
    on_both(async |store| {
        let database = &store.database;
        let console = store.console().await;
        let shop = store.application("SHOP").await;
        let (owner, other) = (store.owner(shop).await, store.owner(store.application("ELSE").await).await);
        store.add(shop, &["ann", "bob"]).await;
        let administrators = "UPDATE accounts SET administrator = 1 WHERE key = ?1";
        store.run(administrators.to_owned(), vec![owner.0]).await;
        store.run(administrators.to_owned(), vec![other.0]).await;
        let (by_owner, by_other) = (store.signed_in(owner).await, store.signed_in(other).await);
        let user_of =
            async |account: AccountKey| store.user(console, &format!("user-of-{}", account.0)).await;
        let (user, others_user) = (user_of(owner).await, user_of(other).await);
        store.sessions(console, Some(user), 1, 3).await;
        store.sessions(console, Some(others_user), 4, 4).await;
        for (maker, by) in [(owner, by_owner), (other, by_other)] {
            let by = || by.clone();
            let code = || LinkCode::draw().unwrap();
            let made = database.make_invitation(code(), shop, Role::Owner, by(), DAY, noted("i"));
            assert!(made.await.unwrap());
            let phone_of = AccessFor::Account(maker);
            let made = database.make_access_link(code(), phone_of, Actor::Command, DAY, noted("l"));
            assert_eq!(made.await.unwrap(), crate::AccessLinkMade::Made);
            let new = AccessFor::NewAdministrator(None);
            let made = database.make_access_link(code(), new, by(), DAY, noted("l"));
            assert_eq!(made.await.unwrap(), crate::AccessLinkMade::Made);
            let made = database.make_phone_link(maker, console, code(), DAY, by()).await.unwrap();
            assert_eq!(made, crate::PhoneLinkMade::Made);
            if maker == owner {
                let token = UserToken::new("ann").unwrap();
                let link = NewLink { application: shop, user: token, display_name: None, lifetime: DAY };
                let change = UserChange::MakeLink(link, code(), LinkKind::Replaces);
                let key = store.user(shop, "ann").await;
                assert!(database.change_user(shop, key, change, by(), noted("u")).await.unwrap());
            }
        }
        let open = database.open_links(owner).await.unwrap();
        assert_eq!(open.len(), 5, "{open:?}");
        assert_eq!(database.open_links(other).await.unwrap().len(), 4);

        assert_eq!(database.log_account_out(owner).await.unwrap(), Some(user));
        assert!(database.open_links(owner).await.unwrap().is_empty());
        let left = database.sessions_of(console, None, 10).await.unwrap();
        assert_eq!(left.iter().map(|session| session.user).collect::<Vec<_>>(), [Some(others_user); 2]);
        let of_other = database.open_links(other).await.unwrap();
        assert_eq!(of_other.len(), 4);
        // One that is gone, and one of somebody else.
        assert!(!database.end_link(owner, of_other[0].key, Actor::Command, noted("e")).await.unwrap());
        assert!(database.end_link(other, of_other[0].key, Actor::Command, noted("e")).await.unwrap());
        assert!(!database.end_link(other, of_other[0].key, Actor::Command, noted("e")).await.unwrap());
        // One without a phone has no sessions.
        let Registration::Done(new) = database.register_account("newcomer".to_owned()).await.unwrap() else {
            panic!("the name is free")
        };
        assert_eq!(database.log_account_out(new.key).await.unwrap(), None);
    })
    .await;
}
