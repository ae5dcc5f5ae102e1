//! Shared entries for the suite, and calls that say what went wrong. Belongs here: what several checks need. Does not belong here:
//! checks.

use std::sync::Arc;

use iampass_core::UnixMillis;
use iampass_core::port::{SharedEntry, SharedKey, SharedState, SharedVersion};

use super::checks::{OrSeen as _, Seen, ensure};
use super::under_test::StoreUnderTest;

pub(super) type UnderTest<'a> = &'a dyn StoreUnderTest<dyn SharedState>;
pub(super) type Node = Arc<dyn SharedState>;

/// More than any check stores.
pub(super) const MANY: usize = 1_000;

/// So many milliseconds after the time at which the suite plays.
pub(super) const fn at(millis: u64) -> UnixMillis {
    UnixMillis(1_800_000_000_000 + millis)
}

pub(super) fn key(name: &str) -> SharedKey {
    SharedKey::new("suite", name.as_bytes())
}

pub(super) const fn version(number: i64) -> SharedVersion {
    SharedVersion::from_number(number)
}

/// An entry that expires so many milliseconds after the time at which the suite plays.
pub(super) fn entry(number: i64, expires: u64) -> SharedEntry {
    SharedEntry::new(version(number), format!("value {number}").into_bytes(), at(expires))
}

pub(super) async fn load(node: &Node, key: &SharedKey) -> Result<Option<SharedEntry>, Seen> {
    node.load_shared(key).await.or_seen("load_shared")
}

pub(super) async fn swap(
    node: &Node,
    key: &SharedKey,
    expected: Option<i64>,
    entry: &SharedEntry,
) -> Result<bool, Seen> {
    node.swap_shared(key, expected.map(version), entry).await.or_seen("swap_shared")
}

pub(super) async fn delete(node: &Node, key: &SharedKey, expected: i64) -> Result<bool, Seen> {
    node.delete_shared(key, version(expected)).await.or_seen("delete_shared")
}

pub(super) async fn purge(node: &Node, now: UnixMillis, limit: usize) -> Result<usize, Seen> {
    node.purge_shared(now, limit).await.or_seen("purge_shared")
}

/// Stores a new entry, which nothing is in the way of.
pub(super) async fn insert(node: &Node, key: &SharedKey, entry: &SharedEntry) -> Result<(), Seen> {
    let stored = swap(node, key, None, entry).await?;
    ensure(stored, "swap_shared stored no new entry where there was none")
}

/// The entry is the one that was stored, with all that is in it.
pub(super) async fn ensure_stored(node: &Node, key: &SharedKey, stored: &SharedEntry) -> Result<(), Seen> {
    let Some(found) = load(node, key).await? else {
        return Err("load_shared gave None, and there was an entry".to_owned());
    };
    let fields = [
        ("version", stored.version == found.version),
        ("value", stored.value == found.value),
        ("expiry", stored.expires_at == found.expires_at),
    ];
    for (field, same) in fields {
        let bytes = stored.value.len();
        ensure(same, format!("the {field} of an entry of {bytes} bytes did not come back as it was stored"))?;
    }
    Ok(())
}

pub(super) async fn ensure_none(node: &Node, key: &SharedKey, when: &str) -> Result<(), Seen> {
    let found = load(node, key).await?;
    ensure(found.is_none(), format!("load_shared gave an entry instead of None {when}"))
}
