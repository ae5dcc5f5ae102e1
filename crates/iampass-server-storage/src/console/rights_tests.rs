//! Links end with the right of the account that made them, on each database that there is.

use std::time::Duration;

use iampass_core::wire::RegisterDevice;
use iampass_core::{DeviceId, Secret, UserToken};
use iampass_server_domain::rules::Role;
use serde_json::json;

use super::*;
use crate::phone_log::{PhoneEvent, note_phone};
use crate::test_store::{Store, noted, on_both};
use crate::{AccountKey, ApplicationKey, LinkCode, LinkKind, NewDevice, NewLink};

const DAY: Duration = Duration::from_secs(24 * 3_600);

impl Store {
    async fn invite(&self, application: ApplicationKey, role: Role, maker: AccountKey) -> Option<LinkCode> {
        let code = LinkCode::draw().unwrap();
        let noted = noted("invitation.made");
        let maker = self.signed_in(maker).await;
        let made = self.database.make_invitation(code.clone(), application, role, maker, DAY, noted);
        allowed(made.await).then_some(code)
    }

    async fn link_by(&self, application: ApplicationKey, maker: AccountKey) -> Option<LinkCode> {
        let code = LinkCode::draw().unwrap();
        let user = self.user(application, "ann").await;
        let token = UserToken::new("ann").unwrap();
        let link = NewLink { application, user: token, display_name: None, lifetime: DAY };
        let change = UserChange::MakeLink(link, code.clone(), LinkKind::Replaces);
        let maker = self.signed_in(maker).await;
        let made = self.database.change_user(application, user, change, maker, noted("link"));
        allowed(made.await).then_some(code)
    }

    async fn registers(&self, code: &LinkCode) -> bool {
        let phone: RegisterDevice =
            serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
        let device = NewDevice { id: DeviceId::new("phone").unwrap(), secret: Secret::new("s") };
        self.database.register_device(code.clone(), device, phone).await.unwrap().registered().is_some()
    }

    async fn joins(&self, code: &LinkCode, name: &str) -> bool {
        let used = self.database.use_invitation(code.clone(), Invited::Newcomer(name.to_owned()));
        matches!(used.await.unwrap(), InvitationUsed::Joined { .. })
    }

    async fn change_account(&self, account: AccountKey, change: AccountChange) -> AccountChanged {
        self.database
            .change_account(account, change, ApplicationKey(0), Actor::Command, "a".to_owned())
            .await
            .unwrap()
    }

    /// Takes the right away, in one of the ways there are.
    async fn take_away(&self, way: &str, application: ApplicationKey, account: AccountKey) {
        let database = &self.database;
        match way {
            "removed" => {
                let removed =
                    database.remove_member(application, account, Actor::Command, noted("member.removed"));
                assert_eq!(removed.await.unwrap(), MemberChange::Done);
            }
            "made a developer" | "made read-only" => {
                let role = if way == "made read-only" { Role::ReadOnly } else { Role::Developer };
                let changed = database.change_role(
                    application,
                    account,
                    role,
                    Actor::Command,
                    noted("member.role-changed"),
                );
                assert_eq!(changed.await.unwrap(), MemberChange::Done);
            }
            "disabled" | "deleted" => {
                let change = if way == "deleted" { AccountChange::Delete } else { AccountChange::Disable };
                let changed = self.change_account(account, change).await;
                assert!(matches!(changed, AccountChanged::Done { .. }), "{changed:?}");
            }
            other => panic!("{other}"),
        }
    }

    /// Gives it back, as far as there is somebody to give it to.
    async fn give_back(&self, way: &str, application: ApplicationKey, account: AccountKey, name: &str) {
        match way {
            "removed" => self.member(application, name, Role::Owner).await,
            "disabled" => drop(self.change_account(account, AccountChange::Enable).await),
            "deleted" => {}
            _ => {
                let changed = self.database.change_role(
                    application,
                    account,
                    Role::Owner,
                    Actor::Command,
                    noted("member.role-changed"),
                );
                assert_eq!(changed.await.unwrap(), MemberChange::Done);
            }
        }
    }
}

/// Whether a change was made by which its actor may make it.
fn allowed(made: Result<bool, StorageError>) -> bool {
    match made {
        Err(StorageError::Forbidden) => false,
        made => made.unwrap(),
    }
}

const WAYS: [&str; 5] = ["removed", "made a developer", "made read-only", "disabled", "deleted"];

#[tokio::test]
async fn links_end_with_what_their_maker_was_and_do_not_come_back_with_it() {
    on_both(async |store| {
        for (number, way) in WAYS.into_iter().enumerate() {
            let shop = store.application(&format!("APP{number}")).await;
            store.add(shop, &["ann"]).await;
            store.owner(shop).await;
            let name = format!("mallory-{number}");
            let mallory = store.account(&name, false).await;
            store.member(shop, &name, Role::Owner).await;
            let invitation = store.invite(shop, Role::Owner, mallory).await.unwrap();
            let link = store.link_by(shop, mallory).await.unwrap();
            store.take_away(way, shop, mallory).await;
            assert!(store.database.console_link(invitation.clone()).await.unwrap().is_none(), "{way}");
            assert!(!store.joins(&invitation, &format!("evil-{number}")).await, "{way}");
            let open = store.database.open_invitations(shop).await.unwrap();
            assert!(open.is_empty(), "{way}: it is not listed");
            // Nor can another one be made, by whoever asked before.
            assert!(store.invite(shop, Role::ReadOnly, mallory).await.is_none(), "{way}");
            store.give_back(way, shop, mallory, &name).await;
            assert!(!store.joins(&invitation, &format!("evil-{number}")).await, "{way}, and given back");
            assert!(!store.registers(&link).await, "{way}, and given back");
            assert_eq!(
                store.database.account_named(&format!("evil-{number}")).await.unwrap().map(|_| ()),
                None
            );
        }
    })
    .await;
}

/// As if the change that took the right away had not seen the link.
#[tokio::test]
async fn a_link_that_is_still_there_is_judged_by_what_its_maker_may_now() {
    on_both(async |store| {
        for (number, sql) in [
            "DELETE FROM members WHERE account_key = ?1",
            "UPDATE members SET role = 'read-only' WHERE account_key = ?1",
            "UPDATE accounts SET disabled_at = 1 WHERE key = ?1",
        ]
        .into_iter()
        .enumerate()
        {
            let shop = store.application(&format!("APP{number}")).await;
            store.add(shop, &["ann"]).await;
            let owner = store.owner(shop).await;
            for role in Role::ALL {
                store.invite(shop, role, owner).await.unwrap();
            }
            let invitation = store.invite(shop, Role::ReadOnly, owner).await.unwrap();
            let link = store.link_by(shop, owner).await.unwrap();
            assert!(store.database.console_link(invitation.clone()).await.unwrap().is_some());
            store.run(sql.to_owned(), vec![owner.0]).await;
            assert!(store.database.console_link(invitation.clone()).await.unwrap().is_none(), "{sql}");
            assert!(!store.joins(&invitation, &format!("evil-{number}")).await, "{sql}");
            assert!(!store.registers(&link).await, "{sql}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_administrator_gave_ends_when_he_is_none() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.owner(shop).await;
        let (admin, other) = (store.account("admin", true).await, store.account("other", true).await);
        let ann = store.account("ann", false).await;
        let invitation = store.invite(shop, Role::Owner, admin).await.unwrap();
        let access = async |maker| {
            let code = LinkCode::draw().unwrap();
            let made = store.database.make_access_link(
                code.clone(),
                AccessFor::Account(ann),
                store.signed_in(maker).await,
                DAY,
                noted("link.made"),
            );
            allowed(made.await.map(|made| made == crate::AccessLinkMade::Made)).then_some(code)
        };
        let (by_admin, by_other) = (access(admin).await.unwrap(), access(other).await.unwrap());
        assert!(access(ann).await.is_none(), "no administrator");
        let demoted = store.change_account(admin, AccountChange::Demote).await;
        assert_eq!(demoted, AccountChanged::Done { ended: None });
        assert!(!store.joins(&invitation, "evil").await);
        assert!(access(admin).await.is_none());
        let use_it = |code: LinkCode| store.database.use_access_link(code, String::new(), ApplicationKey(0));
        assert!(matches!(use_it(by_admin).await.unwrap(), AccessUsed::NoSuchLink));
        // The other one's is good, until the account is disabled that it is for.
        assert!(store.database.console_link(by_other.clone()).await.unwrap().is_some());
        store.change_account(ann, AccountChange::Disable).await;
        store.change_account(ann, AccountChange::Enable).await;
        assert!(matches!(use_it(by_other).await.unwrap(), AccessUsed::NoSuchLink));
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_and_the_last_owner_stay() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        let boss = store.account("boss", true).await;
        // One that never signed in is none to rely on, nor is one that is disabled.
        let second = store.account("second", true).await;
        store.run("UPDATE accounts SET arrived_at = NULL WHERE key = ?1".to_owned(), vec![second.0]).await;
        let third = store.account("third", true).await;
        store.change_account(third, AccountChange::Disable).await;
        for change in [AccountChange::Disable, AccountChange::Demote, AccountChange::Delete] {
            assert_eq!(store.change_account(boss, change).await, AccountChanged::LastAdministrator);
        }
        store.change_account(third, AccountChange::Enable).await;
        // Two who demote each other at the same time.
        let (one, other) = tokio::join!(
            store.change_account(boss, AccountChange::Demote),
            store.change_account(third, AccountChange::Demote)
        );
        let done = |changed: &AccountChanged| matches!(changed, AccountChanged::Done { .. });
        assert!(done(&one) != done(&other), "{one:?} {other:?}");

        let owner = store.owner(shop).await;
        let deleted = store.change_account(owner, AccountChange::Delete).await;
        assert_eq!(deleted, AccountChanged::LastOwnerOf(vec!["Shop".to_owned()]));
        assert!(store.database.account(owner).await.unwrap().is_some());
        let heir = store.account("heir", false).await;
        store.member(shop, "heir", Role::Owner).await;
        assert!(done(&store.change_account(owner, AccountChange::Delete).await));
        assert!(store.database.account(owner).await.unwrap().is_none());
        assert_eq!(store.change_account(owner, AccountChange::Delete).await, AccountChanged::NoSuchAccount);
        let members = store.database.members(shop).await.unwrap();
        assert_eq!(members.iter().map(|member| member.account).collect::<Vec<_>>(), [heir]);
    })
    .await;
}

/// Keys that read the entries about applications must not read those about accounts.
#[tokio::test]
async fn a_phone_of_a_disabled_account_is_noted_by_the_name_of_the_account() {
    on_both(async |store| {
        store.account("boss", true).await;
        let anna = store.account("anna", false).await;
        store.signed_in(anna).await;
        let user = store.user(store.console().await, &format!("user-of-{}", anna.0)).await;
        let note = async || {
            let noted =
                store.database.write(move |tx| Box::pin(note_phone(tx, user, PhoneEvent::Removed))).await;
            noted.unwrap();
        };
        store.change_account(anna, AccountChange::Disable).await;
        note().await;
        let of_account = "audit WHERE action = 'account.phone-removed' AND actor = 'anna' AND subject = 'anna' AND application_id IS NULL";
        assert_eq!(store.count(of_account).await, 1);
        // A user who stands for no account any more.
        store.run("DELETE FROM console_tokens WHERE user_id = ?1".to_owned(), vec![anna.0]).await;
        note().await;
        assert_eq!(store.count("audit WHERE action = 'phone.removed' AND application_id IS NULL").await, 1);
        assert_eq!(store.count("audit WHERE application_id = 'console'").await, 0);
    })
    .await;
}
