//! Callers go away in the middle. The connections that they used answer the next ones rightly, even if the pool does not look whether
//! they are well, as that of node 1.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::UserKey;
use iampass_diesel::DieselConnection;

use crate::nodes::Nodes;
use crate::on_each_database;
use crate::tables::{Keys, Tables};

const USERS: u32 = 20;
const ROUNDS: u32 = 800;

/// The token that a user has in these tests.
fn token(user: u32) -> UserToken {
    UserToken::new(format!("token-of-{user}")).unwrap()
}

async fn answers_are_never_mixed_up<C: DieselConnection>(nodes: Nodes<C>) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    for user in 0..USERS {
        tables.add_user(&user.to_string()).await.unwrap();
        tables.tokens(0).assign(&UserKey::from(user), &token(user)).await.unwrap();
    }
    // With a connection there: to make one takes longer than any call here is given.
    tables.tokens(1).token_for(&UserKey::from(0)).await.unwrap();
    // Spread over what a call takes, so that every step of it is cut.
    let mut finished = 0;
    for round in 0..ROUNDS {
        let (store, user) = (tables.tokens(1), round % USERS);
        let call = tokio::spawn(async move { store.token_for(&UserKey::from(user)).await });
        // This thread has none of the runtime's work. Its timers are too coarse.
        std::thread::sleep(Duration::from_micros(u64::from(round % 40) * 100));
        call.abort();
        if let Ok(found) = call.await {
            assert_eq!(found.unwrap(), Some(token(user)), "in round {round}");
            finished += 1;
        }
    }
    assert!((10..ROUNDS - 10).contains(&finished), "{finished} calls were not cut: nothing is shown by that");
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let (store, user) = (tables.tokens(1), number % USERS);
            tokio::spawn(async move { (user, store.token_for(&UserKey::from(user)).await) })
        })
        .collect();
    for task in tasks {
        let (user, found) = task.await.unwrap();
        assert_eq!(found.unwrap(), Some(token(user)));
    }
}

/// A statement that has begun is brought to its end.
async fn what_was_begun_is_done<C: DieselConnection>(nodes: Nodes<C>) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    for user in 0..USERS {
        tables.add_user(&user.to_string()).await.unwrap();
    }
    let mut begun = 0;
    for user in 0..USERS {
        let store = tables.tokens(1);
        let call = tokio::spawn(async move { store.rotate(&UserKey::from(user), &token(user)).await });
        tokio::time::sleep(Duration::from_micros(u64::from(user) * 100)).await;
        call.abort();
        begun += usize::from(call.await.is_ok());
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut done = 0;
    for user in 0..USERS {
        let found = tables.tokens(0).token_for(&UserKey::from(user)).await.unwrap();
        assert!(found.is_none() || found == Some(token(user)));
        done += usize::from(found.is_some());
    }
    assert!(done >= begun, "{done} of {begun} that were acknowledged are there");
}

on_each_database!(answers_are_never_mixed_up);
on_each_database!(what_was_begun_is_done);
