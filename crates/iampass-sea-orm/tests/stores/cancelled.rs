//! Calls that nobody waits for any more: their future is dropped in the middle, and the next call gets its own answer.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::{SessionStore as _, TokenStore as _, UserKey};
use sea_orm::ConnectOptions;

use crate::application::{Application, Keys};
use crate::place::{ALL, Place};
use crate::sessions::{record, session_token};

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_leaves_no_connection_in_the_middle_of_an_answer() {
    // All calls share one connection.
    let one = |options: &mut ConnectOptions| {
        options.max_connections(1);
    };
    for kind in ALL {
        let Some(place) = Place::open_with(kind, one).await else { continue };
        let application = Application::new(&Arc::new(place), Keys::I64).await;
        for number in 0..3 {
            application.add_user(&UserKey::from(number)).await;
        }
        let (tokens, sessions) = (application.tokens(0), application.sessions(0));
        let token = |number: i32| UserToken::new(format!("token {number}")).unwrap();
        for number in 0..3 {
            tokens.assign(&UserKey::from(number), &token(number)).await.unwrap();
        }
        sessions.create(&record("s")).await.unwrap();
        for round in 0..150_u64 {
            let number = i32::try_from(round % 3).unwrap();
            let user = UserKey::from(number);
            // Given up a little later each time: before the connection is there, while it is asked, after it answered.
            let patience = Duration::from_micros(round * 20);
            let given_up = async {
                let again = (number + 1) % 3;
                let _ = tokens.user_for(&token(again)).await;
                let _ = tokens.token_for(&UserKey::from(again)).await;
                let _ = sessions.claim_session(&session_token("s")).await;
            };
            let _ = tokio::time::timeout(patience, given_up).await;
            assert_eq!(tokens.token_for(&user).await.unwrap(), Some(token(number)), "{kind:?} {round}");
            assert_eq!(tokens.user_for(&token(number)).await.unwrap(), Some(user), "{kind:?} {round}");
        }
        assert!(sessions.load(&session_token("s")).await.unwrap().is_some(), "{kind:?}");
    }
}
