//! The entries that all nodes of an application share: they are in the session store, and are cleared with it.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::UnixMillis;
use iampass_core::port::{MemorySessionStore, SharedEntry, SharedKey, SharedState as _, SharedVersion};
use iampass_testkit::{ManualClock, TestService};

fn entry(number: i64, expires_at: UnixMillis) -> SharedEntry {
    SharedEntry::new(SharedVersion::from_number(number), b"value".to_vec(), expires_at)
}

#[tokio::test]
async fn two_nodes_share_what_is_in_their_session_store() {
    let service = TestService::start().await.unwrap();
    let store = Arc::new(MemorySessionStore::new(10));
    let node = || service.client_builder().session_store(store.clone()).build().unwrap();
    let (one, other) = (node(), node());
    let (key, later) =
        (SharedKey::new("test", b"anna"), one.now().unix_millis().plus(Duration::from_secs(60)));
    assert!(one.shared_state().swap_shared(&key, None, &entry(1, later)).await.unwrap());
    assert!(!other.shared_state().swap_shared(&key, None, &entry(2, later)).await.unwrap());
    let read = other.shared_state().load_shared(&key).await.unwrap().unwrap().version;
    assert!(other.shared_state().swap_shared(&key, Some(read), &entry(2, later)).await.unwrap());
    assert_eq!(store.load_shared(&key).await.unwrap(), Some(entry(2, later)));
    // A client without a store of its own is alone.
    let alone = service.client().unwrap();
    assert_eq!(alone.shared_state().load_shared(&key).await.unwrap(), None);
}

#[tokio::test]
async fn delivering_logouts_clears_away_what_has_expired_some_at_a_time() {
    let clock = ManualClock::new();
    let service = TestService::builder().clock(&clock).start().await.unwrap();
    let store = Arc::new(MemorySessionStore::new(10));
    let client = service.client_builder().session_store(store.clone()).build().unwrap();
    let soon = client.now().unix_millis().plus(Duration::from_millis(500));
    let key = |number: i64| SharedKey::new("test", &number.to_be_bytes());
    for number in 0..25 {
        assert!(store.swap_shared(&key(number), None, &entry(number, soon)).await.unwrap());
    }
    let count = || async {
        let mut there = 0;
        for number in 0..25 {
            there += usize::from(store.load_shared(&key(number)).await.unwrap().is_some());
        }
        there
    };
    let _ = client.deliver_logouts(2).await.unwrap();
    assert_eq!(count().await, 25, "their time is not over yet");
    service.advance(Duration::from_secs(1)).await.unwrap();
    let _ = client.deliver_logouts(2).await.unwrap();
    assert_eq!(count().await, 5, "ten for each session that may go");
    let _ = client.deliver_logouts(2).await.unwrap();
    assert_eq!(count().await, 0);
}
