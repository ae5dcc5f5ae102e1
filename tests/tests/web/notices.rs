//! Replacing a lost phone: what the user is told, and what stands in the log.

use std::time::Duration;

use iampass_core::port::{BoxError, MemorySessionStore, MemoryTokenStore, UserKey};
use iampass_testkit::TestService;
use iampass_web::{CookieKeys, LoginWeb, LostPhone, Notice, UserDirectory};

use crate::axum_site::Axum;
use crate::faulty::Faulty;
use crate::log;
use crate::setting::User;

const WAIT: Duration = Duration::from_secs(40);

const ASKED: &str = "replacing a phone was asked for";
const STOPPED: &str = "replacing a phone was stopped";
const REPLACED: &str = "a phone was replaced";

/// How often each of the three stands in the log of this test, for the record and with the user's token.
fn audited() -> [usize; 3] {
    [ASKED, STOPPED, REPLACED].map(|words| {
        let lines = log::lines(words);
        for line in &lines {
            assert!(line.contains("WARN") && line.contains("iampass::audit"), "{line}");
            assert!(line.contains("token-of-anna") && !line.contains("Anna"), "{line}");
        }
        lines.len()
    })
}

fn kind(notice: &Notice) -> &'static str {
    match notice {
        Notice::PhoneReplacementAsked { .. } => ASKED,
        Notice::PhoneReplacementStopped => STOPPED,
        Notice::PhoneReplaced => REPLACED,
        other => panic!("{other:?}"),
    }
}

/// The owner hears of each step, whoever takes it, and once.
#[tokio::test]
async fn the_user_is_told_of_each_step_of_a_replacement() {
    log::begin();
    let faulty = Faulty::start().await;
    let node = faulty
        .node_with::<Axum>(|client| client, |builder| builder.lost_phone(LostPhone::AfterWait(WAIT)))
        .await;
    let told = || -> Vec<&'static str> {
        let notices = faulty.users.notices.lock().unwrap();
        assert!(notices.iter().all(|(user, _)| *user == UserKey::from(1)));
        notices.iter().map(|(_, notice)| kind(notice)).collect()
    };
    let mut thief = node.browser();
    faulty.log_in(&mut thief).await;
    let mut owner = node.browser();
    faulty.log_in(&mut owner).await;
    assert!(told().is_empty() && audited() == [0, 0, 0]);

    // Asked for, twice by the same browser, which counts once.
    let earliest = faulty.clock.wall().plus(WAIT);
    thief.post("/auth/lost-phone", &[]).await;
    thief.post("/auth/lost-phone", &[]).await;
    let latest = faulty.clock.wall().plus(WAIT);
    assert_eq!((told(), audited()), (vec![ASKED], [1, 0, 0]));
    let (_, first) = faulty.users.notices.lock().unwrap()[0].clone();
    let Notice::PhoneReplacementAsked { ready_at } = first else { panic!("{first:?}") };
    assert!(earliest <= ready_at && ready_at <= latest, "the user is told until when to stop it");

    // Stopped in another browser. A second time there is nothing to stop.
    owner.post("/auth/lost-phone/stop", &[]).await;
    owner.post("/auth/lost-phone/stop", &[]).await;
    assert_eq!((told(), audited()), (vec![ASKED, STOPPED], [1, 1, 0]));

    // Stopped by a login that the phone accepted.
    thief.post("/auth/lost-phone", &[]).await;
    faulty.log_in(&mut node.browser()).await;
    assert_eq!((told(), audited()), (vec![ASKED, STOPPED, ASKED, STOPPED], [2, 2, 0]));

    // Stopped by *Log out everywhere*.
    thief.post("/auth/lost-phone", &[]).await;
    owner.post("/auth/sessions/end-all", &[]).await;
    assert_eq!((told()[4..].to_vec(), audited()), (vec![ASKED, STOPPED], [3, 3, 0]));

    // Stopped by nobody.
    let mut user = node.browser();
    faulty.log_in(&mut user).await;
    user.post("/auth/lost-phone", &[]).await;
    faulty.clock.has_slept(WAIT);
    let page = user.post("/auth/lost-phone", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/auth/enrol"), "{}", page.text);
    assert_eq!((told()[6..].to_vec(), audited()), (vec![ASKED, REPLACED], [4, 3, 1]));
}

/// An application that tells its users nothing.
struct Silent;

#[async_trait::async_trait]
impl UserDirectory for Silent {
    type User = User;

    async fn find(&self, _: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(None)
    }

    async fn load(&self, _: &UserKey) -> Result<Option<User>, BoxError> {
        Ok(None)
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// A policy whose users are told nothing is warned of at the start. Nothing else is.
#[tokio::test]
async fn a_policy_without_notices_is_warned_of() {
    const WARNED: &str = "implement `UserDirectory::notify`";
    log::begin();
    let service = TestService::start().await.unwrap();
    let client = || {
        let client = service.client_builder().token_store(std::sync::Arc::new(MemoryTokenStore::new(10)));
        client.session_store(std::sync::Arc::new(MemorySessionStore::new(10))).build().unwrap()
    };
    let after_wait = LostPhone::AfterWait(WAIT);
    let build = |builder: iampass_web::LoginWebBuilder<User>, policy| {
        let keys = CookieKeys::generate().unwrap();
        builder.origin("http://127.0.0.1:9").cookie_keys(keys).lost_phone(policy).build().unwrap()
    };
    build(LoginWeb::builder(client(), Silent), LostPhone::Off);
    build(LoginWeb::builder(client(), crate::setting::Users::default()), after_wait);
    assert_eq!(log::logged(WARNED), 0);
    build(LoginWeb::builder(client(), Silent), after_wait);
    assert_eq!(log::logged(WARNED), 1);
    let line = log::lines(WARNED).remove(0);
    assert!(line.contains("WARN") && line.contains("can_notify"), "{line}");
}
