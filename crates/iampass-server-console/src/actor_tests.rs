//! Every change of the Console asks in its own transaction whether its actor may still make it, on each database that there is.

use std::time::Duration;

use iampass_core::events::EventSecret;
use iampass_core::{ApplicationId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::event::EventKinds;
use iampass_server_domain::rules::{Act, AllowedPhones, Approval, Role, Walkaway};
use iampass_server_storage::test_store::{Store, noted, over_server};
use iampass_server_storage::{
    AccessFor, AccessLinkMade, AccountChange, AccountChanged, AccountKey, Actor, ApplicationAdded,
    ApplicationChange, ApplicationKey, Database, EndpointChange, EndpointChanged, InvitationUsed, Invited,
    LinkCode, LinkKey, LinkKind, MemberChange, NewLink, PhoneLinkMade, SendAgain, SessionKey, Sharing,
    StorageConfig, StorageError, StorageLocation, UserChange, UserKey, UsersAdded,
};

use crate::admin_key_commands::{NewKey, NotMade, make, revoke};
use crate::page_list::{Access, PAGES, Verb};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Is for everybody, and for an account that is signed in as well.
const JOIN: &str = "/console/join/{code}";

/// The changes of one page, and the account that may use it.
struct Scene<'s> {
    store: &'s Store,
    console: ApplicationKey,
    shop: ApplicationKey,
    /// The account that has the right.
    holder: AccountKey,
    /// Another one, for changes of accounts and members.
    target: AccountKey,
    user: UserKey,
    session: SessionKey,
    invitation: LinkCode,
    /// The id of a key of the Admin API.
    admin_key: String,
    number: i64,
}

fn is_for_administrators(access: Access) -> bool {
    matches!(access, Access::Administrator | Access::Application(Act::DecideMessages))
}

impl<'s> Scene<'s> {
    async fn of(store: &'s Store, access: Access, number: i64) -> Self {
        let shop = store.application(&format!("APP{number}")).await;
        let owner = store.owner(shop).await;
        let holder = store.account(&format!("holder-{number}"), is_for_administrators(access)).await;
        if matches!(access, Access::Application(act) if act != Act::DecideMessages) {
            store.member(shop, &format!("holder-{number}"), Role::Owner).await;
        }
        let target = store.account(&format!("target-{number}"), true).await;
        store.add(shop, &["ann"]).await;
        let user = store.user(shop, "ann").await;
        store.sessions(shop, Some(user), number, number).await;
        let session = store.database.sessions_of(shop, None, 1).await.unwrap()[0].key;
        let (invitation, maker) = (LinkCode::draw().unwrap(), store.signed_in(owner).await);
        let made = store.database.make_invitation(
            invitation.clone(),
            shop,
            Role::ReadOnly,
            maker,
            DAY,
            noted("invitation.made"),
        );
        assert!(made.await.unwrap());
        // A link that the holder can end.
        let (code, own) = (LinkCode::draw().unwrap(), AccessFor::Account(holder));
        let made = store.database.make_access_link(code, own, Actor::Command, DAY, noted("link.made"));
        assert_eq!(made.await.unwrap(), AccessLinkMade::Made);
        let scopes = ["users:read".to_owned()];
        let asked = NewKey { name: "Nightly", scopes: &scopes, application: None, days: 1 };
        let admin_key = make(&store.database, asked, Actor::Command, "a").await.unwrap().id;
        let console = store.console().await;
        Self { store, console, shop, holder, target, user, session, invitation, admin_key, number }
    }

    fn link(&self) -> (NewLink, LinkCode) {
        let user = UserToken::new("ann").unwrap();
        let link = NewLink { application: self.shop, user, display_name: None, lifetime: DAY };
        (link, LinkCode::draw().unwrap())
    }

    async fn change_account(&self, change: AccountChange, by: Actor) -> Result<bool, StorageError> {
        if change == AccountChange::Enable {
            self.store
                .run("UPDATE accounts SET disabled_at = 1 WHERE key = ?1".to_owned(), vec![self.target.0])
                .await;
        }
        let changed = self.store.database.change_account(self.target, change, self.console, by, "a".into());
        Ok(matches!(changed.await?, AccountChanged::Done { .. }))
    }

    async fn change_user(&self, change: UserChange, by: Actor) -> Result<bool, StorageError> {
        self.store.database.change_user(self.shop, self.user, change, by, noted("user")).await
    }

    /// An endpoint with an event that was not taken, unless there is one already.
    async fn with_endpoint(&self) {
        let (secret, number) = (if self.store.is_postgres { "'\\x00'" } else { "x'00'" }, self.number);
        let sql = format!(
            "INSERT INTO event_endpoints (application_key, id, url, kinds, secret, made_at)
             VALUES (?1, 'e{number}', 'https://a.example/', 4095, {secret}, 1) ON CONFLICT DO NOTHING"
        );
        self.store.run(sql, vec![self.shop.0]).await;
        let sql = format!(
            "INSERT INTO events (id, application_key, kind, at, state, attempts, queued_at, next_at, ended_at)
             VALUES ('evt_{number}', ?1, 'user.added', 1, 'given_up', 1, 1, 1, 1) ON CONFLICT DO NOTHING"
        );
        self.store.run(sql, vec![self.shop.0]).await;
    }

    async fn change_application(&self, change: ApplicationChange, by: Actor) -> Result<bool, StorageError> {
        let changed = self.store.database.change_application(self.shop, change, by, noted("application"));
        Ok(changed.await?.is_some())
    }

    /// Makes the change that this page makes; whether it was made.
    async fn change(&self, pattern: &str, by: Actor) -> Result<bool, StorageError> {
        let (database, shop) = (&self.store.database, self.shop);
        let in_application = "/console/applications/{application}";
        let done = |changed| changed == MemberChange::Done;
        if let Some(page) = pattern.strip_prefix(in_application) {
            return match page {
                "/users/add" => {
                    let users = vec![UserToken::new("bob").unwrap()];
                    let added = database.add_users_noted(shop, users, by, noted("users.added")).await?;
                    Ok(matches!(added, UsersAdded::Added(added) if !added.created.is_empty()))
                }
                "/users/{user}/link" => {
                    let (link, code) = self.link();
                    self.change_user(UserChange::MakeLink(link, code, LinkKind::Replaces), by).await
                }
                "/users/{user}/lost" => {
                    let (link, code) = self.link();
                    self.change_user(UserChange::PhoneLost(link, code), by).await
                }
                "/users/{user}/remove-phone" => self.change_user(UserChange::RemovePhone, by).await,
                "/users/{user}/test-push" => {
                    Ok(database.try_phones(shop, self.user, by, noted("push.tested")).await?.is_some())
                }
                "/users/{user}/log-out" => self.change_user(UserChange::LogOut, by).await,
                "/users/{user}/delete" => self.change_user(UserChange::Delete, by).await,
                "/sessions/{session}/end" => {
                    Ok(database.end_session(shop, self.session, by, noted("ended")).await?.is_some())
                }
                "/settings/rename" => {
                    self.change_application(ApplicationChange::Rename("New".into()), by).await
                }
                "/settings/login" => {
                    let change = ApplicationChange::Configure {
                        methods: Some(None),
                        duration_seconds: Some(None),
                        approval: Some(Approval::Code),
                        walkaway: Some(Walkaway::On),
                        phones: Some(AllowedPhones::WithKey),
                    };
                    self.change_application(change, by).await
                }
                "/settings/rotate" => {
                    let (secret, previous_until) = (Secret::new("new"), UnixSeconds(1));
                    self.change_application(ApplicationChange::Rotate { secret, previous_until }, by).await
                }
                "/settings/end-overlap" => self.change_application(ApplicationChange::EndOverlap, by).await,
                "/settings/disable" => self.change_application(ApplicationChange::Disable, by).await,
                "/settings/enable" => self.change_application(ApplicationChange::Enable, by).await,
                "/settings/delete" => self.change_application(ApplicationChange::Delete, by).await,
                "/messages/allow" | "/messages/forbid" => {
                    let allowed = page == "/messages/allow";
                    self.change_application(ApplicationChange::Messages { allowed }, by).await
                }
                "/events/again" => {
                    self.with_endpoint().await;
                    let which = SendAgain::One(format!("evt_{}", self.number));
                    Ok(database.send_events_again(shop, which, by, noted("again")).await?.is_some())
                }
                page if page.starts_with("/events/") => {
                    self.with_endpoint().await;
                    let secret = EventSecret::from_bytes([1; 32]);
                    let change = match page {
                        "/events/endpoint" => {
                            let (url, kinds) = ("https://a.example/".to_owned(), EventKinds::all());
                            EndpointChange::Set { url, kinds, secret }
                        }
                        "/events/rotate" => EndpointChange::Rotate { secret },
                        "/events/switch-on" => EndpointChange::SwitchOn,
                        "/events/switch-off" => EndpointChange::SwitchOff,
                        "/events/remove" => EndpointChange::Remove,
                        "/events/test" => EndpointChange::Test,
                        other => panic!("a page that is not covered here: {other}"),
                    };
                    let changed = database.change_event_endpoint(shop, change, by, noted("endpoint")).await?;
                    Ok(changed == Some(EndpointChanged::Changed))
                }
                "/members/add" => {
                    let name = format!("target-{}", self.number);
                    database.add_member(shop, name, Role::Developer, by, noted("added")).await.map(done)
                }
                "/members/invite" => {
                    let code = LinkCode::draw().unwrap();
                    database.make_invitation(code, shop, Role::Owner, by, DAY, noted("invited")).await
                }
                "/members/take-back" => {
                    let key = database.open_invitations(shop).await.unwrap()[0].key;
                    database.take_back_invitation(shop, key, by, noted("taken-back")).await
                }
                "/members/{account}/role" => {
                    let owner = self.store.owner(shop).await;
                    database.change_role(shop, owner, Role::ReadOnly, by, noted("role")).await.map(done)
                }
                "/members/{account}/remove" => {
                    let owner = self.store.owner(shop).await;
                    database.remove_member(shop, owner, by, noted("removed")).await.map(done)
                }
                "/leave" => database.remove_member(shop, self.holder, by, noted("left")).await.map(done),
                other => panic!("a page that is not covered here: {other}"),
            };
        }
        match pattern {
            JOIN => {
                let invited = Invited::Account(self.holder, by);
                let used = database.use_invitation(self.invitation.clone(), invited).await?;
                Ok(matches!(used, InvitationUsed::Joined { .. }))
            }
            "/console/account/phone" => {
                let code = LinkCode::draw().unwrap();
                let made = database.make_phone_link(self.holder, self.console, code, DAY, by).await?;
                Ok(made == PhoneLinkMade::Made)
            }
            "/console/account/end-link" => {
                let open = database.open_links(self.holder).await.unwrap();
                let link = open.first().map_or(LinkKey::Console(0), |link| link.key);
                database.end_link(self.holder, link, by, noted("link-ended")).await
            }
            "/console/accounts/{account}/link" => {
                let (code, access) = (LinkCode::draw().unwrap(), AccessFor::Account(self.target));
                let made = database.make_access_link(code, access, by, DAY, noted("link.made")).await;
                made.map(|made| made == AccessLinkMade::Made)
            }
            "/console/accounts/{account}/disable" => self.change_account(AccountChange::Disable, by).await,
            "/console/accounts/{account}/enable" => self.change_account(AccountChange::Enable, by).await,
            "/console/accounts/{account}/demote" => self.change_account(AccountChange::Demote, by).await,
            "/console/accounts/{account}/log-out" => self.change_account(AccountChange::LogOut, by).await,
            "/console/accounts/{account}/delete" => self.change_account(AccountChange::Delete, by).await,
            "/console/keys/new" => {
                let scopes = ["users:read".to_owned()];
                let asked = NewKey { name: "Nightly", scopes: &scopes, application: None, days: 1 };
                match make(database, asked, by, "a").await {
                    Ok(_) => Ok(true),
                    Err(NotMade::Store(error)) => Err(error),
                    Err(other) => panic!("{other:?}"),
                }
            }
            "/console/keys/{key}/revoke" => revoke(database, &self.admin_key, by, "a").await,
            "/console/applications/new" => {
                let id = ApplicationId::new(format!("NEW{}", self.number)).unwrap();
                let owner = database.account(self.holder).await.unwrap().unwrap();
                let added =
                    database.add_owned_application(id, Secret::new("s"), "New".into(), &owner, by).await;
                Ok(added? == ApplicationAdded::Done)
            }
            other => panic!("a page that is not covered here: {other}"),
        }
    }

    /// The statements that take the right away, each with the one that gives it back.
    fn losses(&self, access: Access) -> Vec<(String, String)> {
        let holder = self.holder.0;
        let session = |set: &str| format!("UPDATE sessions SET {set} WHERE token = 'session-of-{holder}'");
        let account = |set: &str| format!("UPDATE accounts SET {set} WHERE key = {holder}");
        let open = session("state = 'active', due_at = 9000000000, ended_at = NULL");
        let mut losses = vec![
            (session("state = 'closed', due_at = NULL, ended_at = 1"), open.clone()),
            (session("state = 'walkaway'"), open.clone()),
            (session("due_at = 1"), open),
            (account("disabled_at = 1"), account("disabled_at = NULL")),
        ];
        if is_for_administrators(access) {
            losses.push((account("administrator = 0"), account("administrator = 1")));
        } else if let Access::Application(act) = access {
            let (shop, back) = (self.shop.0, format!("VALUES ({}, {holder}, 'owner', 1)", self.shop.0));
            let member = format!("WHERE application_key = {shop} AND account_key = {holder}");
            let back = format!("INSERT INTO members (application_key, account_key, role, since) {back}");
            losses.push((format!("DELETE FROM members {member}"), back));
            if act != Act::Leave {
                let role = |role: &str| format!("UPDATE members SET role = '{role}' {member}");
                losses.push((role("read-only"), role("owner")));
            }
        }
        losses
    }
}

/// How much has been written down.
async fn entries(store: &Store) -> i64 {
    store.count("audit").await
}

/// Does the test on each database that there is.
async fn on_both(test: impl AsyncFn(&Store)) {
    let database =
        Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await.unwrap();
    test(&Store::over_file(database)).await;
    let Some(server) = iampass_test_databases::postgres() else { return };
    let server = server.database();
    let database = Database::open(&over_server(server.url()), Sharing::Alone).await.unwrap();
    test(&Store::over_postgres(database, server)).await;
}

/// The changes that an account makes in the first day of a phone that a recovery code has let in: those that end something, and those about itself.
const OPEN_TO_NEW_PHONES: [&str; 6] = [
    JOIN,
    "/console/account/end-link",
    "/console/account/phone",
    "/console/applications/{application}/settings/disable",
    "/console/applications/{application}/users/{user}/log-out",
    "/console/applications/{application}/sessions/{session}/end",
];

/// All else would outlast the phone of a thief of the code.
#[tokio::test]
async fn a_phone_that_a_code_let_in_makes_no_lasting_change() {
    on_both(async |store| {
        store.account("boss", true).await;
        let posts = PAGES.iter().filter(|page| page.verb == Verb::Post && page.access != Access::Anyone);
        let pages = posts.map(|page| (page.pattern, page.access)).chain([(JOIN, Access::Account)]);
        for (number, (pattern, access)) in (1..).zip(pages) {
            if OPEN_TO_NEW_PHONES.contains(&pattern) {
                continue;
            }
            let scene = Scene::of(store, access, number).await;
            let by = store.signed_in(scene.holder).await;
            let secret = if store.is_postgres { "'\\x00'" } else { "x'00'" };
            let sql = format!(
                "INSERT INTO devices (id, secret, user_key, notification_token, platform, created_at, recovered_at)
                 SELECT 'phone-{number}', {secret}, u.key, '*x', 'web', 1, 8999999999 FROM users u
                 JOIN console_tokens t ON t.token = u.id WHERE t.user_id = ?1"
            );
            store.run(sql, vec![scene.holder.0]).await;
            let before = entries(store).await;
            let refused = scene.change(pattern, by.clone()).await;
            assert!(matches!(refused, Err(StorageError::PhoneTooNew)), "{pattern}: {refused:?}");
            assert_eq!(entries(store).await, before, "{pattern}");
            // After a day it is a phone like any other.
            store.run("UPDATE devices SET recovered_at = 1".to_owned(), Vec::new()).await;
            assert!(scene.change(pattern, by).await.unwrap(), "{pattern}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_change_is_made_by_a_right_that_has_ended() {
    on_both(async |store| {
        store.account("boss", true).await;
        let posts = PAGES.iter().filter(|page| page.verb == Verb::Post && page.access != Access::Anyone);
        let pages = posts.map(|page| (page.pattern, page.access)).chain([(JOIN, Access::Account)]);
        for (number, (pattern, access)) in (1..).zip(pages) {
            let scene = Scene::of(store, access, number).await;
            let by = store.signed_in(scene.holder).await;
            for (loss, back) in scene.losses(access) {
                store.run(loss.clone(), Vec::new()).await;
                let before = entries(store).await;
                let refused = scene.change(pattern, by.clone()).await;
                assert!(matches!(refused, Err(StorageError::Forbidden)), "{pattern} {loss}: {refused:?}");
                assert_eq!(entries(store).await, before, "{pattern} {loss}");
                store.run(back, Vec::new()).await;
            }
            // The session of another account is none of this one's, nor is one of another application.
            let Actor::SignedIn { session, .. } = store.signed_in(scene.target).await else { continue };
            for session in [session, iampass_core::SessionToken::new(format!("t{number}")).unwrap()] {
                let by = Actor::SignedIn { account: scene.holder, session };
                let refused = scene.change(pattern, by).await;
                assert!(matches!(refused, Err(StorageError::Forbidden)), "{pattern}: {refused:?}");
            }
            let before = entries(store).await;
            assert!(scene.change(pattern, by).await.unwrap(), "{pattern}");
            assert!(entries(store).await > before, "{pattern} is written down");
        }
    })
    .await;
}
