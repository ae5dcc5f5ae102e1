//! Links by which an account gets in without its phone, on each database that there is.

use std::time::Duration;

use iampass_core::wire::RegisterDevice;
use iampass_core::{DeviceId, Secret};
use serde_json::json;

use super::*;
use crate::test_store::{Store, noted, on_both};
use crate::{AccountKey, ApplicationKey, LinkCode, NewDevice, UserKey};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// An account that can sign in, the Console's application, and its user there.
struct Ann {
    account: AccountKey,
    console: ApplicationKey,
    user: UserKey,
}

impl Ann {
    async fn of(store: &Store) -> Self {
        let console = store.console().await;
        let account = store.owner(store.application("SHOP").await).await;
        store.signed_in(account).await;
        let user = store.user(console, &format!("user-of-{}", account.0)).await;
        Self { account, console, user }
    }

    async fn access_link(&self, store: &Store) -> LinkCode {
        let code = LinkCode::draw().unwrap();
        let access = AccessFor::Account(self.account);
        let made =
            store.database.make_access_link(code.clone(), access, Actor::Command, DAY, noted("link.made"));
        assert_eq!(made.await.unwrap(), AccessLinkMade::Made);
        code
    }

    async fn phone_link(&self, store: &Store) -> LinkCode {
        let code = LinkCode::draw().unwrap();
        let by = store.signed_in(self.account).await;
        let made = store.database.make_phone_link(self.account, self.console, code.clone(), DAY, by).await;
        assert_eq!(made.unwrap(), PhoneLinkMade::Made);
        code
    }

    async fn change(&self, store: &Store, change: AccountChange) {
        let changed =
            store.database.change_account(self.account, change, self.console, Actor::Command, "a".to_owned());
        assert!(matches!(changed.await.unwrap(), AccountChanged::Done { .. }), "{change:?}");
    }
}

async fn is_good(store: &Store, code: &LinkCode) -> bool {
    store.database.console_link(code.clone()).await.unwrap().is_some()
}

async fn register(store: &Store, code: LinkCode, id: &str) -> bool {
    let phone: RegisterDevice =
        serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
    let device = NewDevice { id: DeviceId::new(id).unwrap(), secret: Secret::new("s") };
    store.database.register_device(code, device, phone).await.unwrap().registered().is_some()
}

#[tokio::test]
async fn an_account_has_one_access_link_at_a_time() {
    on_both(async |store| {
        let ann = Ann::of(store).await;
        let astray = ann.access_link(store).await;
        let good = ann.access_link(store).await;
        assert!(!is_good(store, &astray).await && is_good(store, &good).await);
        let used =
            |code: &LinkCode| store.database.use_access_link(code.clone(), "other".to_owned(), ann.console);
        assert!(matches!(used(&astray).await.unwrap(), AccessUsed::NoSuchLink));
        assert!(matches!(used(&good).await.unwrap(), AccessUsed::MayEnrol { .. }));
        assert!(matches!(used(&good).await.unwrap(), AccessUsed::NoSuchLink));
    })
    .await;
}

#[tokio::test]
async fn another_phone_ends_the_access_link() {
    on_both(async |store| {
        let ann = Ann::of(store).await;
        let astray = ann.access_link(store).await;
        let code = ann.phone_link(store).await;
        assert!(is_good(store, &astray).await, "the phone is not another one yet");
        assert!(register(store, code, "new-phone").await);
        assert!(!is_good(store, &astray).await);
    })
    .await;
}

#[tokio::test]
async fn no_link_and_no_known_browser_survives_a_log_out_by_an_administrator_nor_a_disabling() {
    for change in [AccountChange::LogOut, AccountChange::Disable] {
        on_both(async |store| {
            let ann = Ann::of(store).await;
            let unknown = format!("users WHERE key = {} AND phone_ended_at IS NOT NULL", ann.user.0);
            let (access, registration) = (ann.access_link(store).await, ann.phone_link(store).await);
            assert_eq!(store.count(&unknown).await, 0);
            ann.change(store, change).await;
            assert!(!is_good(store, &access).await, "{change:?}");
            assert!(!register(store, registration, "thief").await, "{change:?}");
            assert_eq!(store.count(&unknown).await, 1, "{change:?}");
            assert!(store.database.open_links(ann.account).await.unwrap().is_empty());
        })
        .await;
    }
}
