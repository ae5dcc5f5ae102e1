//! The stores of both crates in surroundings that `cargo xtask surroundings databases` starts: Galera nodes, poolers, PostgreSQL that fails. It runs these
//! tests one by one, and gives them the databases' URLs.
//!
//! Belongs here: what has to hold there. Does not belong here: how the surroundings are started or broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod failing;
mod nodes;

use iampass_core::UnixSeconds;
use iampass_core::port::{ClaimOutcome, StoreErrorKind, UserKey};
use iampass_core::{SessionToken, UserToken};

use nodes::{BOTH, Library, Node, nodes, record};

/// All nodes migrate at once, and go back at once, many times.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn all_nodes_migrate_at_once() {
    for library in BOTH {
        let nodes = nodes(library).await;
        for round in 0..15 {
            at_once(&nodes, true, round).await;
            each_can_be_used(&nodes, 1).await;
            at_once(&nodes, false, round).await;
        }
    }
}

async fn at_once(nodes: &[Node], up: bool, round: usize) {
    let tasks = nodes
        .iter()
        .cloned()
        .map(|node| tokio::spawn(async move { if up { node.migrate().await } else { node.revert().await } }));
    for task in tasks.collect::<Vec<_>>() {
        if let Err(error) = task.await.unwrap() {
            panic!("round {round}, up {up}: {error}: {:?}", std::error::Error::source(&error));
        }
    }
}

/// A change that one node has acknowledged is there for the next one at once.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn what_was_acknowledged_is_there_for_every_node() {
    for library in BOTH {
        let nodes = nodes(library).await;
        nodes[0].migrate().await.unwrap();
        each_can_be_used(&nodes, 200).await;
        nodes[0].revert().await.unwrap();
    }
}

async fn each_can_be_used(nodes: &[Node], times: usize) {
    let mut lost = Vec::new();
    for number in 0..times {
        let (one, other) = (&nodes[number % nodes.len()], &nodes[(number + 1) % nodes.len()]);
        let (user, token) = (UserKey::from(1), UserToken::new(format!("u{number}")).unwrap());
        one.tokens.rotate(&user, &token).await.unwrap();
        if other.tokens.token_for(&user).await.unwrap() != Some(token) {
            lost.push("rotate");
        }
        let session = |what: &str| SessionToken::new(format!("{what}{number}")).unwrap();
        let due = UnixSeconds(1_500);
        one.sessions.create(&record(&session("keep")).with_logout_due(due)).await.unwrap();
        if other.sessions.claim_session(&session("keep")).await.unwrap() != ClaimOutcome::Claimed {
            lost.push("keep");
        }
        one.sessions.create(&record(&session("queue"))).await.unwrap();
        other.sessions.queue_logout(&session("queue"), due).await.unwrap();
        if one
            .sessions
            .load(&session("queue"))
            .await
            .unwrap()
            .is_none_or(|found| found.logout_due != Some(due))
        {
            lost.push("queue_logout");
        }
        for (what, deletes) in [("keep", other), ("queue", one)] {
            deletes.sessions.delete(&session(what)).await.unwrap();
            for node in nodes {
                if node.sessions.load(&session(what)).await.unwrap().is_some() {
                    lost.push("delete");
                }
            }
        }
    }
    assert!(lost.is_empty(), "{} lost: {lost:?}", lost.len());
}

/// Surroundings in which the stores would not be right are refused, with the reason.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn migrate_refuses() {
    for library in BOTH {
        let nodes = nodes(library).await;
        for _ in 0..10 {
            for node in &nodes {
                let error = node.migrate().await.expect_err("it was to be refused");
                assert_eq!(error.kind(), StoreErrorKind::Unsuitable, "{library:?}: {error}");
                assert!(
                    ["session mode", "wsrep_sync_wait"]
                        .iter()
                        .any(|advice| error.to_string().contains(advice)),
                    "{error}"
                );
            }
        }
    }
}

/// A migration that was refused or given up keeps nobody else from migrating.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn no_lock_is_left() {
    let soon = std::time::Duration::from_secs(10);
    for library in [Library::Diesel, Library::SeaOrm] {
        for node in nodes(library).await {
            tokio::time::timeout(soon, node.migrate()).await.expect("a lock was left").unwrap();
            tokio::time::timeout(soon, node.revert()).await.expect("a lock was left").unwrap();
        }
    }
}
