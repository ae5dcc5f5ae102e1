//! The rows left of a deleted application, at once and in the end, and the rows removed with time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::wire::RegisterDevice;
use iampass_core::{DeviceId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::credentials::SessionCredentials;
use iampass_server_domain::rules::State;
use serde_json::json;

use super::test_store::{Store, noted, on_both};
use super::*;

const DAY: Duration = Duration::from_secs(24 * 3_600);

impl Store {
    /// All users of an application get a link, a phone's row and a message.
    async fn furnish(&self, application: ApplicationKey) {
        let bytes = if self.is_postgres { "decode(md5(id), 'hex')" } else { "CAST(id AS BLOB)" };
        for sql in [
            format!(
                "INSERT INTO links (user_key, code_sha256, expires_at)
                 SELECT key, {bytes}, 9000000000 FROM users WHERE application_key = ?1"
            ),
            format!(
                "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at)
                 SELECT 'd' || key, {bytes}, key, 'web', '*', 0 FROM users WHERE application_key = ?1"
            ),
            "INSERT INTO deliveries (id, application_key, user_key, channel, masked, state, attempts, queued_at, give_up_at, next_at)
             SELECT 'm' || key, application_key, key, 'sms', '*', 'queued', 0, 0, 9000000000, 0 FROM users WHERE application_key = ?1"
                .to_owned(),
        ] {
            self.run(sql, vec![application.0]).await;
        }
    }

    async fn register(&self, code: LinkCode) -> Option<Registered> {
        let phone: RegisterDevice =
            serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
        let device = NewDevice { id: DeviceId::new("phone").unwrap(), secret: Secret::new("s") };
        self.database.register_device(code, device, phone).await.unwrap().registered()
    }

    async fn link(&self, application: ApplicationKey, user: &str) -> LinkCode {
        let code = LinkCode::draw().unwrap();
        let link =
            NewLink { application, user: UserToken::new(user).unwrap(), display_name: None, lifetime: DAY };
        let user = self.user(application, user).await;
        let change = UserChange::MakeLink(link, code.clone(), super::LinkKind::Replaces);
        assert!(
            self.database
                .change_user(application, user, change, Actor::Command, noted("link"))
                .await
                .unwrap()
        );
        code
    }
}

#[tokio::test]
async fn a_deleted_application_is_gone_at_once_and_what_it_had_goes_after_it() {
    on_both(async |store| {
        let (shop, other) = (store.application("APP").await, store.application("OTHER").await);
        // More than go at a time.
        let ids: Vec<String> = (0..1_201).map(|number| format!("u{number:04}")).collect();
        store.add(shop, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        store.add(other, &["ann"]).await;
        for application in [shop, other] {
            store.furnish(application).await;
        }
        let link = store.link(shop, "u0007").await;
        let kept_link = store.link(other, "ann").await;
        store.sessions(shop, None, 1, 700).await;
        let ann = store.user(other, "ann").await;
        store.sessions(other, Some(ann), 701, 702).await;

        let deleted = ApplicationChange::Delete;
        let ended = store
            .database
            .change_application(shop, deleted.clone(), Actor::Command, noted("gone"))
            .await
            .unwrap();
        assert_eq!(ended.unwrap().into_iter().collect::<BTreeSet<_>>().len(), 700);
        assert!(store.database.application("APP").await.unwrap().is_none());
        assert_eq!(store.database.applications().await.unwrap().len(), 1);
        assert!(
            store
                .database
                .change_application(shop, deleted, Actor::Command, noted("again"))
                .await
                .unwrap()
                .is_none()
        );
        assert!(store.register(link).await.is_none(), "its links are good for nothing");
        assert_eq!(store.database.sessions_of(shop, None, 10).await.unwrap().len(), 0);
        assert_eq!(store.count("sessions WHERE state = 'closed' AND ended_at IS NOT NULL").await, 700);
        // Its id is free.
        store.application("APP").await;

        let mut steps = 0;
        while store.database.remove_deleted().await.unwrap() {
            steps += 1;
        }
        assert_eq!(steps, 4, "500, 500, 201, and the application");
        for (table, left) in [
            ("applications", 2),
            ("users", 1),
            ("devices", 1),
            ("links", 1),
            ("deliveries", 1),
            ("sessions", 2),
        ] {
            assert_eq!(store.count(table).await, left, "{table}");
        }
        let session = store.database.sessions_of(other, None, 1).await.unwrap()[0].state;
        assert_eq!(session, State::Active);
        assert!(store.register(kept_link).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_login_and_a_user_that_were_on_their_way_do_not_outlive_their_application() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.add(shop, &["ann"]).await;
        let deleted =
            store.database.change_application(shop, ApplicationChange::Delete, Actor::Command, noted("gone"));
        assert!(deleted.await.unwrap().is_some());
        assert_eq!(store.database.reseal(&|_| {}).await.unwrap(), 0, "there is no secret left to be opened");
        store.furnish(shop).await;
        let new = NewSession {
            application: shop,
            user: Some(UserToken::new("ann").unwrap()),
            methods: Vec::new(),
            duration: DAY,
            answer_timeout: DAY,
            most_pending: 5,
            browser: Browser::Unknown,
            known_since: None,
            shown: None,
            browser_name: None,
            address: None,
            return_to: None,
            credentials: SessionCredentials::draw().unwrap(),
        };
        let none = SpentNonce::none(Arc::clone(&store.database));
        assert_eq!(store.database.start_session(new, none).await.unwrap(), StartOutcome::Disabled);
        store.add(shop, &["bob"]).await;
        while store.database.remove_deleted().await.unwrap() {}
        assert_eq!((store.count("applications").await, store.count("users").await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn what_is_over_goes_some_at_a_time_and_what_is_not_stays() {
    on_both(async |store| {
        let shop = store.application("APP").await;
        store.add(shop, &["ann", "bob"]).await;
        let ann = store.user(shop, "ann").await;
        store.sessions(shop, Some(ann), 1, 5_003).await;
        store.furnish(shop).await;
        let expired = "UPDATE links SET expires_at = 5005 WHERE user_key = ?1";
        store.run(expired.to_owned(), vec![ann.0]).await;
        let ended =
            "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = asked_at WHERE asked_at > ?1";
        store.run(ended.to_owned(), vec![1]).await;
        let kept = Kept { ended: Duration::from_secs(3), signature_window: DAY, clock_ahead: Duration::ZERO };
        // Ended at 5002 and 5003: not long enough ago.
        let now = UnixSeconds(5_005);
        assert!(store.database.tidy(now, kept, Vec::new()).await.unwrap());
        assert!(!store.database.tidy(now, kept, Vec::new()).await.unwrap());
        assert_eq!(store.count("sessions").await, 3);
        let left = store.count(&format!("links WHERE user_key <> {}", ann.0)).await;
        assert_eq!((store.count("links").await, left), (1, 1));
        assert_eq!(store.count("sessions WHERE state = 'active'").await, 1);
    })
    .await;
}
