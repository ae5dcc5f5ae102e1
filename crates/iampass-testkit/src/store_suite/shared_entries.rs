//! Checks of shared entries one call after the other. Belongs here: load, swap, delete. Does not belong here: calls at once, purging.

use iampass_core::UnixMillis;
use iampass_core::port::{MAX_SHARED_BYTES, SharedEntry, SharedKey};

use super::checks::{CheckResult, PASSED, ensure};
use super::shared_fixture::{
    UnderTest, at, delete, ensure_none, ensure_stored, entry, insert, key, swap, version,
};

pub(super) async fn unknown(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    ensure_none(&node, &key("a"), "of an empty store").await?;
    insert(&node, &key("a"), &entry(1, 10)).await?;
    ensure_none(&node, &key("b"), "of a key that is not there").await?;
    ensure_none(&node, &SharedKey::new("other", b"a"), "of another kind").await?;
    PASSED
}

/// Entries with all that a column could change.
fn difficult() -> Vec<SharedEntry> {
    let all_bytes = || 0..=u8::MAX;
    let longest: Vec<u8> = all_bytes().cycle().take(MAX_SHARED_BYTES).collect();
    let values = [
        Vec::new(),
        vec![0],
        all_bytes().collect(),
        longest,
        vec![0xff; MAX_SHARED_BYTES],
        b"\xc3\x28 no UTF-8, '; DROP TABLE -- \\ % \0 at the end \0".to_vec(),
        " e\u{301} \u{1f511} ".into(),
    ];
    let mut entries: Vec<_> =
        (0..).zip(values).map(|(number, value)| SharedEntry::new(version(number), value, at(123))).collect();
    for number in [i64::MAX, i64::MIN, -1, 4_294_967_297, 9_007_199_254_740_993] {
        entries.push(entry(number, 10));
    }
    for millis in [0, 1, 4_294_967_296_001, 253_402_300_799_999, i64::MAX.unsigned_abs()] {
        entries.push(SharedEntry::new(version(1), Vec::new(), UnixMillis(millis)));
    }
    entries
}

pub(super) async fn come_back(store: UnderTest<'_>) -> CheckResult {
    let entries = difficult();
    for (number, entry) in entries.iter().enumerate() {
        insert(&store.node(0), &key(&number.to_string()), entry).await?;
    }
    for (number, entry) in entries.iter().enumerate() {
        ensure_stored(&store.node(1), &key(&number.to_string()), entry).await?;
    }
    // The same in the place of another one.
    insert(&store.node(1), &key("one"), &entry(77, 5)).await?;
    let mut before = version(77);
    for entry in &entries {
        let is_there = entry.version == before;
        if !is_there {
            let swapped = swap(&store.node(0), &key("one"), Some(before.number()), entry).await?;
            ensure(swapped, "swap_shared did not replace the writing that was expected")?;
            ensure_stored(&store.node(1), &key("one"), entry).await?;
            before = entry.version;
        }
    }
    PASSED
}

pub(super) async fn keys_are_exact(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let longest = "abcdefghijklmnopqrstuvwxyz012345";
    let mut keys = Vec::new();
    for kind in ["suite", "Suite", "SUITE", "suit", "suite0", "suite00", longest] {
        for subject in ["", "a", "A", " a", "a ", "aa", "\0"] {
            keys.push(SharedKey::new(kind, subject.as_bytes()));
        }
    }
    for (number, key) in (1..).zip(&keys) {
        ensure_none(&node, key, "of a key that only looks like one that is there").await?;
        insert(&node, key, &entry(number, 10)).await?;
    }
    for (number, key) in (1..).zip(&keys) {
        ensure_stored(&store.node(1), key, &entry(number, 10)).await?;
    }
    PASSED
}

pub(super) async fn new_only_where_there_is_none(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    insert(&first, &key("a"), &entry(1, 10)).await?;
    for again in [entry(2, 20), entry(1, 20)] {
        let stored = swap(&second, &key("a"), None, &again).await?;
        ensure(!stored, "swap_shared stored a new entry where there was one")?;
        ensure_stored(&second, &key("a"), &entry(1, 10)).await?;
    }
    PASSED
}

pub(super) async fn replaced_if_expected(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let stored = swap(&first, &key("a"), Some(1), &entry(2, 10)).await?;
    ensure(!stored, "swap_shared replaced an entry that is not there")?;
    ensure_none(&second, &key("a"), "after a swap of an entry that is not there").await?;
    insert(&first, &key("a"), &entry(1, 10)).await?;
    insert(&first, &key("b"), &entry(1, 11)).await?;
    let stored = swap(&second, &key("a"), Some(7), &entry(2, 20)).await?;
    ensure(!stored, "swap_shared replaced another writing than the expected one")?;
    ensure_stored(&first, &key("a"), &entry(1, 10)).await?;
    let mut before = 1;
    for (number, expires) in [(2, 20), (3, 5), (9, 30)] {
        let stored = swap(&second, &key("a"), Some(before), &entry(number, expires)).await?;
        ensure(stored, "swap_shared did not replace the writing that was expected")?;
        ensure_stored(&first, &key("a"), &entry(number, expires)).await?;
        let stored = swap(&first, &key("a"), Some(before), &entry(99, 99)).await?;
        ensure(!stored, "swap_shared replaced a writing that had been replaced before")?;
        before = number;
    }
    ensure_stored(&second, &key("b"), &entry(1, 11)).await?;
    PASSED
}

pub(super) async fn deleted(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    ensure(!delete(&first, &key("a"), 1).await?, "delete_shared removed an entry that is not there")?;
    for name in ["a", "b"] {
        insert(&first, &key(name), &entry(1, 10)).await?;
    }
    ensure(
        !delete(&second, &key("a"), 2).await?,
        "delete_shared removed another writing than the expected one",
    )?;
    ensure_stored(&first, &key("a"), &entry(1, 10)).await?;
    ensure(
        delete(&second, &key("a"), 1).await?,
        "delete_shared did not remove the writing that was expected",
    )?;
    ensure_none(&first, &key("a"), "after it was removed").await?;
    ensure(!delete(&first, &key("a"), 1).await?, "delete_shared removed an entry twice")?;
    ensure_stored(&second, &key("b"), &entry(1, 10)).await?;
    PASSED
}

pub(super) async fn made_anew(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let same = |number| SharedEntry::new(version(number), b"the same".to_vec(), at(10));
    insert(&first, &key("a"), &same(1)).await?;
    ensure(
        delete(&second, &key("a"), 1).await?,
        "delete_shared did not remove the writing that was expected",
    )?;
    insert(&second, &key("a"), &same(2)).await?;
    // Somebody has read the first one, and looks again only now.
    let stored = swap(&first, &key("a"), Some(1), &entry(3, 10)).await?;
    ensure(!stored, "swap_shared took an entry that was deleted and made anew for the old one")?;
    let removed = delete(&first, &key("a"), 1).await?;
    ensure(!removed, "delete_shared took an entry that was deleted and made anew for the old one")?;
    ensure_stored(&first, &key("a"), &same(2)).await?;
    PASSED
}

pub(super) async fn expired(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let long_ago = |number, millis| SharedEntry::new(version(number), Vec::new(), UnixMillis(millis));
    insert(&first, &key("a"), &long_ago(1, 0)).await?;
    ensure_stored(&second, &key("a"), &long_ago(1, 0)).await?;
    let stored = swap(&second, &key("a"), None, &entry(2, 10)).await?;
    ensure(
        !stored,
        "swap_shared stored a new entry where there was an expired one, which nobody has purged",
    )?;
    let stored = swap(&second, &key("a"), Some(1), &long_ago(2, 1)).await?;
    ensure(stored, "swap_shared did not replace an expired entry")?;
    ensure_stored(&first, &key("a"), &long_ago(2, 1)).await?;
    ensure(delete(&first, &key("a"), 2).await?, "delete_shared did not remove an expired entry")?;
    PASSED
}

/// More than a small cache would hold.
const CROWD: i64 = 150;

pub(super) async fn none_makes_room(store: UnderTest<'_>) -> CheckResult {
    for number in 0..CROWD {
        insert(&store.node(0), &key(&number.to_string()), &entry(number, 10)).await?;
    }
    for number in 0..CROWD {
        ensure_stored(&store.node(1), &key(&number.to_string()), &entry(number, 10)).await?;
    }
    PASSED
}
