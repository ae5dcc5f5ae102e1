//! Logins without a name. The phone that brings the code says whose it is; nobody else is let in, and nothing stays behind.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::{Client, Nameless};
use iampass_core::machine::{Denial, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::{MemorySessionStore, MemoryTokenStore, SessionStore, TokenStore, UserKey};
use iampass_core::wire::{MovingQr, SessionStatus};
use iampass_core::{Session, UserToken};
use iampass_testkit::{TestService, VirtualPhone};

/// An application that knows ann, and a service that knows bert as well.
struct Rig {
    service: TestService,
    client: Client,
    tokens: Arc<MemoryTokenStore>,
    sessions: Arc<MemorySessionStore>,
}

impl Rig {
    async fn start() -> Self {
        let service = TestService::start().await.unwrap();
        let (tokens, sessions) = (Arc::new(MemoryTokenStore::new(9)), Arc::new(MemorySessionStore::new(9)));
        let builder = service.client_builder().token_store(tokens.clone()).session_store(sessions.clone());
        let client = builder.build().unwrap();
        tokens.assign(&UserKey::from(1), &token("ann")).await.unwrap();
        Self { service, client, tokens, sessions }
    }

    async fn phone_of(&self, user: &str) -> VirtualPhone {
        let user = token(user);
        self.client.add_user(&user).await.unwrap();
        let link = self.client.registration_link(&user, None).await.unwrap();
        self.service.register_phone(&link).await.unwrap()
    }

    async fn started(&self) -> (Session, MovingQr) {
        match self.client.start_nameless(&LoginOptions::default()).await.unwrap() {
            Nameless::Started { session, qr, .. } => (session, qr),
            other => panic!("{other:?}"),
        }
    }

    /// Drives a login, with this phone in front of its page.
    async fn outcome_with(&self, phone: &VirtualPhone) -> LoginOutcome {
        let mut login = self.client.login_nameless(LoginOptions::default()).unwrap();
        while let Some(event) = login.next().await {
            match event {
                LoginEvent::Started(started) => accept(phone, &started.qr.unwrap()).await,
                LoginEvent::Finished(end) => return end.unwrap(),
                _ => {}
            }
        }
        panic!("it never ended")
    }
}

fn token(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

async fn accept(phone: &VirtualPhone, qr: &MovingQr) {
    // The service takes a code of a second that is to come, as clocks differ; so this one is good for longer than that of now.
    let shown = qr.scan_url(Duration::from_secs(5));
    let request = phone.bring_scan(shown.expose()).await.unwrap();
    phone.accept_with_scan(&request, shown.expose()).await.unwrap();
}

#[tokio::test]
async fn the_user_is_the_one_whose_phone_brings_the_code() {
    let rig = Rig::start().await;
    let phone = rig.phone_of("ann").await;
    let LoginOutcome::Granted(granted) = rig.outcome_with(&phone).await else { panic!("not granted") };
    assert_eq!(granted.user, Some(token("ann")));
    assert!(granted.assurance.unwrap().code);
    let kept = rig.client.sessions_of(&token("ann"), 9).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].session.token(), granted.session.token());
}

/// bert has a phone at the service, and the application does not know him: he is not let in, and the session ends at the service.
#[tokio::test]
async fn a_user_whom_the_application_does_not_know_stays_out() {
    let rig = Rig::start().await;
    let phone = rig.phone_of("bert").await;
    assert!(matches!(rig.outcome_with(&phone).await, LoginOutcome::Denied(Denial::UnknownUser)));
    assert!(rig.client.sessions_of(&token("bert"), 9).await.unwrap().is_empty());
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1, "the service believes that it is in use");
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 1);
    assert!(phone.active_sessions().await.unwrap().is_empty());
}

/// The token is taken away between the scan and the look-up.
#[tokio::test]
async fn a_user_whose_token_was_taken_away_stays_out() {
    let rig = Rig::start().await;
    let phone = rig.phone_of("ann").await;
    rig.tokens.remove(&UserKey::from(1)).await.unwrap();
    assert!(matches!(rig.outcome_with(&phone).await, LoginOutcome::Denied(Denial::UnknownUser)));
}

/// Each node that follows a login hears whose it is, and one of them takes the session into use.
#[tokio::test]
async fn any_node_may_follow_it() {
    let rig = Rig::start().await;
    let phone = rig.phone_of("ann").await;
    let (session, qr) = rig.started().await;
    let record = rig.sessions.load(session.token()).await.unwrap().unwrap();
    assert!(record.logout_due.is_some() && rig.tokens.user_for(&record.user).await.unwrap().is_none());
    let follow = || rig.client.follow_nameless(&record, LoginOptions::default()).outcome();
    let (one, two, ()) = tokio::join!(follow(), follow(), accept(&phone, &qr));
    for outcome in [one, two] {
        let LoginOutcome::Granted(granted) = outcome.unwrap() else { panic!("not granted") };
        assert_eq!(granted.user, Some(token("ann")));
    }
    let record = rig.sessions.load(session.token()).await.unwrap().unwrap();
    assert_eq!((record.user, record.logout_due.is_some()), (token("ann"), true), "whoever claims it uses it");
    assert!(rig.client.claim_session(&session).await.unwrap().is_in_use());
    assert_eq!(rig.client.sessions_of(&token("ann"), 9).await.unwrap().len(), 1);
}

/// Followed as a login with a name, it lets nobody in: its user is nobody.
#[tokio::test]
async fn followed_as_one_with_a_name_it_is_nobodys() {
    let rig = Rig::start().await;
    let phone = rig.phone_of("ann").await;
    let (session, qr) = rig.started().await;
    let record = rig.sessions.load(session.token()).await.unwrap().unwrap();
    let following = rig.client.follow(&record, LoginOptions::default()).outcome();
    let (outcome, ()) = tokio::join!(following, accept(&phone, &qr));
    let LoginOutcome::Granted(granted) = outcome.unwrap() else { panic!("not granted") };
    assert!(granted.user.is_none());
    let record = rig.sessions.load(session.token()).await.unwrap().unwrap();
    assert!(rig.tokens.user_for(&record.user).await.unwrap().is_none());
}

#[tokio::test]
async fn a_cancelled_one_is_ended_at_the_service() {
    let rig = Rig::start().await;
    let mut login = rig.client.login_nameless(LoginOptions::default()).unwrap();
    let Some(LoginEvent::Started(started)) = login.next().await else { panic!("not started") };
    login.canceller().cancel();
    assert!(matches!(login.outcome().await.unwrap(), LoginOutcome::Denied(Denial::Cancelled)));
    assert_eq!(rig.client.status(&started.session).await.unwrap(), SessionStatus::Closed);
}

#[tokio::test]
async fn without_a_token_store_there_is_none() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    assert!(client.login_nameless(LoginOptions::default()).is_err());
    assert!(client.start_nameless(&LoginOptions::default()).await.is_err());
}
