//! The memory that a waiting push takes. It is a program of its own, since it counts all that the program takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::alloc::System;

use iampass_core::{Now, UnixSeconds};
use iampass_server_push::queue::{Limits, Queue, SubscriptionKey, Waiting};
use iampass_server_push::{
    Address, LONGEST_ENDPOINT, PushId, PushKind, Reach, Topic, VapidKeyId, WebSubscription,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const PUSHES: u64 = 10_000;
const MOST_BYTES: usize = 2_048;

/// The longest endpoint there may be, each at a server of its own with a long name.
fn push(id: u64) -> Waiting {
    let label = "a".repeat(60);
    let mut endpoint = format!("https://s{id}.{label}.{label}.{label}.example/");
    endpoint.extend(std::iter::repeat_n('x', LONGEST_ENDPOINT - endpoint.len()));
    let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let id_of_key = VapidKeyId::from_bytes([0; 8]);
    let subscription =
        WebSubscription::new(&endpoint, key, "BTBZMqHH6r4Tts7J_aSIgg", id_of_key, Reach::Public);
    Waiting {
        id: PushId(id),
        subscription: SubscriptionKey(id),
        address: Address::Web(subscription.unwrap()),
        kind: PushKind::QuestionWaits,
        topic: Topic::from_bytes([0; 24]),
        expires_at: UnixSeconds(1_800_000_060),
    }
}

#[test]
fn a_push_that_waits_takes_two_kibibytes_at_most() {
    let now = Now::new(Duration::ZERO, 1_800_000_000);
    let region = Region::new(ALLOCATOR);
    let mut queue = Queue::new(Limits::default());
    (0..PUSHES).for_each(|id| queue.add(push(id), now));
    let change = region.change();
    let taken = change.bytes_allocated - change.bytes_deallocated;
    assert_eq!(queue.len(), 10_000);
    let each = taken / 10_000;
    println!("{each} bytes a push");
    assert!(each <= MOST_BYTES, "{each} bytes");
}
