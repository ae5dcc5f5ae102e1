//! A node is killed in the middle of many logins: none is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_core::wire::SessionStatus;
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::Account;
use iampass_testkit::{TestkitError, VirtualPhone};
use tokio::task::JoinSet;

use crate::caller::Three;

const LOGINS: usize = 24;
const ROUNDS: usize = 3;
/// How often a user begins again where the service cannot say what has become of a start.
const ATTEMPTS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_login_is_lost_when_a_node_is_killed_in_the_middle_of_many() {
    let Some(mut three) = Three::start(60) else { return };
    for round in 0..ROUNDS {
        let begun = Arc::new(AtomicUsize::new(0));
        let mut logins = JoinSet::new();
        for user in 0..LOGINS {
            let (account, begun) = (three.account().clone(), Arc::clone(&begun));
            logins.spawn(async move { log_in(&account, &format!("user-{round}-{user}"), &begun).await });
        }
        // Some have been begun, and hardly one has ended.
        while begun.load(Ordering::SeqCst) < LOGINS / 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        three.nodes.kill(round).unwrap();
        let mut after_the_kill = 0;
        while let Some(login) = logins.join_next().await {
            login.unwrap();
            after_the_kill += 1;
        }
        assert_eq!(after_the_kill, LOGINS, "no login was over before the kill");
        three.nodes.start_again(round).unwrap();
        assert!(three.nodes.are_running());
    }
}

/// A client of its own, so that its connections go to other nodes than those of others.
fn client(account: &Account) -> Client {
    Client::builder()
        .server(&account.server)
        .application(&account.application_id, account.application_secret.as_str())
        .transport(ReqwestTransport::new().unwrap())
        .sessions_in_memory()
        .build()
        .unwrap()
}

/// Registers, logs in, and looks whether the session is there on whichever node is asked.
async fn log_in(account: &Account, user: &str, begun: &AtomicUsize) {
    let own = client(account);
    let user = UserToken::new(user).unwrap();
    again(|| own.add_user(&user)).await;
    let phone = loop {
        let link = again(|| own.registration_link(&user, None)).await;
        // A link whose answer was lost is used up: another one is asked for.
        if let Ok(phone) = VirtualPhone::register(&link).await {
            break phone;
        }
    };
    begun.fetch_add(1, Ordering::SeqCst);
    let accepting = tokio::spawn(accept_everything(phone));
    let mut granted = None;
    for _ in 0..ATTEMPTS {
        let options = LoginOptions::default().deadline(Duration::from_secs(50));
        match own.login(&user, options).unwrap().outcome().await {
            Ok(LoginOutcome::Granted(login)) => {
                granted = Some(login);
                break;
            }
            Ok(other) => panic!("{other:?}"),
            // It is unknown whether it was started: it is not used, and its user begins again.
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    }
    accepting.abort();
    let granted = granted.expect("it is granted");
    let session = &granted.session;
    for _ in 0..2 {
        // Over connections of their own.
        let other = client(account);
        assert_eq!(again(|| other.status(session)).await, SessionStatus::Active);
    }
}

async fn again<T, F: Future<Output = Result<T, iampass_core::Error>>>(call: impl Fn() -> F) -> T {
    loop {
        match call().await {
            Ok(value) => return value,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A user who accepts whatever they are asked.
async fn accept_everything(phone: VirtualPhone) {
    loop {
        match phone.accept_next(Duration::from_secs(5)).await {
            Ok(_) | Err(TestkitError::NothingAsked) => {}
            // The answer to an accept was lost, so it is not open any more.
            Err(TestkitError::Refused { status: 403 | 409, .. }) => {}
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    }
}
