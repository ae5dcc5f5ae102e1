//! A service, a client and users with phones.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::{Client, LoginFlow, WatchFlow};
use iampass_core::machine::{Access, Granted, LoginOptions, LoginOutcome, WatchEvent, WatchOptions};
use iampass_testkit::{ManualClock, TestService, VirtualPhone};

/// Far more than anything here takes.
pub(crate) const SOON: Duration = Duration::from_secs(40);

pub(crate) struct Rig {
    pub(crate) service: TestService,
    pub(crate) client: Client,
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::over(TestService::start().await.unwrap())
    }

    /// On a clock that only the test moves.
    pub(crate) async fn on(clock: &ManualClock) -> Self {
        Self::over(TestService::builder().clock(clock).start().await.unwrap())
    }

    pub(crate) fn over(service: TestService) -> Self {
        let client = service.client().unwrap();
        Self { service, client }
    }

    pub(crate) async fn user(&self, id: &str) -> UserToken {
        let user = UserToken::new(id).unwrap();
        self.client.add_user(&user).await.unwrap();
        user
    }

    pub(crate) async fn phone_of(&self, user: &UserToken) -> VirtualPhone {
        let link = self.client.registration_link(user, None).await.unwrap();
        self.service.register_phone(&link).await.unwrap()
    }

    pub(crate) async fn user_with_phone(&self) -> (UserToken, VirtualPhone) {
        let user = self.user("u").await;
        let phone = self.phone_of(&user).await;
        (user, phone)
    }

    pub(crate) fn login(&self, user: &UserToken) -> LoginFlow {
        self.client.login(user, LoginOptions::default()).unwrap()
    }

    pub(crate) async fn granted(&self, user: &UserToken, phone: &VirtualPhone) -> Granted {
        let (outcome, accepted) = tokio::join!(self.login(user).outcome(), phone.accept_next(SOON));
        accepted.unwrap();
        match outcome.unwrap() {
            LoginOutcome::Granted(granted) => granted,
            other => panic!("{other:?}"),
        }
    }

    /// A watch that asks twice a second.
    pub(crate) fn watch(&self, granted: &Granted) -> WatchFlow {
        self.client.watch(granted, WatchOptions::default().freshness(Duration::ZERO))
    }
}

/// Drives a watch until its access is this. A slow answer may be too old as soon as it is there, and then it is unconfirmed; it is never anything else.
pub(crate) async fn comes_to(watch: &mut WatchFlow, wanted: Access) {
    let waiting = async {
        while watch.access() != wanted {
            assert_eq!(watch.access(), Access::Unconfirmed);
            let _ = watch.step().await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("it does not come to {wanted:?}"));
}

/// The first event that is wanted; other ones are let pass.
pub(crate) async fn event(watch: &mut WatchFlow, wanted: impl Fn(&WatchEvent) -> bool) -> WatchEvent {
    let waiting = async {
        loop {
            let event = watch.next().await.unwrap().expect("the watch has ended");
            if wanted(&event) {
                return event;
            }
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("no such event")
}
