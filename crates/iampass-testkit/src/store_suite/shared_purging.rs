//! Checks of purging shared entries.

use std::collections::BTreeSet;

use iampass_core::UnixMillis;
use iampass_core::port::StoreError;

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, ensure};
use super::shared_fixture::{
    MANY, UnderTest, at, delete, ensure_none, ensure_stored, entry, insert, key, load, purge, swap, version,
};

pub(super) async fn only_expired(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    for (name, expires) in [("before", 9), ("now", 10), ("after", 11)] {
        insert(&first, &key(name), &entry(1, expires)).await?;
    }
    let removed = purge(&second, UnixMillis(0), MANY).await?;
    ensure(removed == 0, format!("purge_shared removed {removed} entries for a clock that stands at zero"))?;
    let removed = purge(&second, at(10), MANY).await?;
    ensure(removed == 1, format!("purge_shared said {removed} where 1 entry had expired"))?;
    ensure_none(&first, &key("before"), "after it was purged").await?;
    for (name, expires) in [("now", 10), ("after", 11)] {
        ensure_stored(&first, &key(name), &entry(1, expires)).await?;
    }
    ensure(purge(&first, at(10), MANY).await? == 0, "purge_shared removed more when it was called again")?;
    // A purged key is free.
    insert(&second, &key("before"), &entry(2, 50)).await?;
    PASSED
}

pub(super) async fn in_parts(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    for number in 0..10 {
        insert(&node, &key(&number.to_string()), &entry(number, 10)).await?;
    }
    insert(&node, &key("later"), &entry(1, 100)).await?;
    for (limit, expected) in [(0, 0), (3, 3), (1, 1), (4, 4), (4, 2), (4, 0)] {
        let removed = purge(&node, at(50), limit).await?;
        ensure(
            removed == expected,
            format!("purge_shared with the limit {limit} said {removed} instead of {expected}"),
        )?;
    }
    for number in 0..10 {
        ensure_none(&node, &key(&number.to_string()), "after all that had expired were purged").await?;
    }
    ensure_stored(&node, &key("later"), &entry(1, 100)).await?;
    PASSED
}

pub(super) async fn not_renewed(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    insert(&first, &key("a"), &entry(1, 10)).await?;
    insert(&first, &key("b"), &entry(1, 100)).await?;
    ensure(swap(&first, &key("a"), Some(1), &entry(2, 100)).await?, "swap_shared replaced nothing")?;
    ensure(swap(&first, &key("b"), Some(1), &entry(2, 10)).await?, "swap_shared replaced nothing")?;
    ensure(purge(&second, at(50), MANY).await? == 1, "purge_shared did not go by the last writing's expiry")?;
    ensure_stored(&first, &key("a"), &entry(2, 100)).await?;
    ensure_none(&first, &key("b"), "whose last writing expired and was purged").await?;
    let removed = delete(&second, &key("b"), 2).await?;
    ensure(!removed, "delete_shared removed an entry that was purged before")?;
    PASSED
}

pub(super) async fn once(store: UnderTest<'_>) -> CheckResult {
    for number in 0..50 {
        insert(&store.node(0), &key(&number.to_string()), &entry(number, 10)).await?;
    }
    let tasks = (0..TASKS).map(|number| {
        let node = store.node(number % 2);
        async move { node.purge_shared(at(11), 3).await }
    });
    let mut removed = 0;
    for result in at_once(tasks.collect()).await? {
        removed += result.or_seen("purge_shared, called by 50 tasks at once,")?;
    }
    // Those that get in each other's way may leave some.
    removed += purge(&store.node(0), at(11), MANY).await?;
    ensure(removed == 50, format!("50 tasks that purge 50 expired entries at once said {removed}"))?;
    PASSED
}

pub(super) async fn replaced_or_purged(store: UnderTest<'_>) -> CheckResult {
    let half = i64::try_from(TASKS / 2).unwrap_or(i64::MAX);
    for number in 0..half {
        insert(&store.node(0), &key(&number.to_string()), &entry(number, 10)).await?;
    }
    let tasks = (0..half).flat_map(|number| [(number, true), (number, false)]).map(|(number, renews)| {
        let node = store.node(usize::from(renews));
        async move {
            if !renews {
                return Ok::<_, StoreError>((None, node.purge_shared(at(11), 1).await?));
            }
            let key = key(&number.to_string());
            let renewed = node.swap_shared(&key, Some(version(number)), &entry(number + 100, 90)).await?;
            Ok((renewed.then_some(number), 0))
        }
    });
    let (mut renewed, mut removed) = (BTreeSet::new(), 0);
    for result in at_once(tasks.collect()).await? {
        let (one, purged) = result.or_seen("swap_shared or purge_shared, called by 50 tasks at once,")?;
        renewed.extend(one);
        removed += purged;
    }
    removed += purge(&store.node(0), at(11), MANY).await?;
    for number in 0..half {
        let found = load(&store.node(1), &key(&number.to_string())).await?.map(|entry| entry.version);
        let expected = renewed.contains(&number).then(|| version(number + 100));
        ensure(found == expected, "an entry that was renewed is gone, or one that was purged is there")?;
    }
    let settled = renewed.len() + removed;
    ensure(settled == TASKS / 2, format!("of {} entries {settled} were renewed or purged", TASKS / 2))?;
    PASSED
}
