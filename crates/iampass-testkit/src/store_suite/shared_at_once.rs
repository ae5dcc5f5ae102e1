//! Checks of shared entries that many change at once. Belongs here: who of them wins. Does not belong here: purging.

use iampass_core::port::SharedEntry;

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, Seen, ensure};
use super::shared_fixture::{
    Node, UnderTest, at, delete, ensure_none, ensure_stored, entry, insert, key, load, swap, version,
};

/// 50 tasks swap the writing `expected` of one entry, each for one of its own; one does, and its is stored.
async fn one_wins(store: UnderTest<'_>, expected: Option<i64>) -> Result<(), Seen> {
    let numbers = (1_000..).take(TASKS);
    let tasks = numbers.clone().map(|number| {
        let node = store.node(usize::from(number % 2 == 0));
        async move { (node.swap_shared(&key("a"), expected.map(version), &entry(number, 10)).await, number) }
    });
    let mut winners = Vec::new();
    for (result, number) in at_once(tasks.collect()).await? {
        if result.or_seen("swap_shared, called by 50 tasks at once,")? {
            winners.push(number);
        }
    }
    let [winner] = winners.as_slice() else {
        return Err(format!("{} of 50 tasks were told that they stored one writing", winners.len()));
    };
    ensure_stored(&store.node(0), &key("a"), &entry(*winner, 10)).await
}

pub(super) async fn one_inserts(store: UnderTest<'_>) -> CheckResult {
    one_wins(store, None).await?;
    PASSED
}

pub(super) async fn one_replaces(store: UnderTest<'_>) -> CheckResult {
    insert(&store.node(0), &key("a"), &entry(1, 10)).await?;
    one_wins(store, Some(1)).await?;
    PASSED
}

pub(super) async fn one_deletes(store: UnderTest<'_>) -> CheckResult {
    insert(&store.node(0), &key("a"), &entry(1, 10)).await?;
    let tasks = (0..TASKS).map(|number| {
        let node = store.node(number % 2);
        async move { node.delete_shared(&key("a"), version(1)).await }
    });
    let mut deleted = 0;
    for result in at_once(tasks.collect()).await? {
        deleted += usize::from(result.or_seen("delete_shared, called by 50 tasks at once,")?);
    }
    ensure(deleted == 1, format!("{deleted} of 50 tasks were told that they deleted one writing"))?;
    ensure_none(&store.node(0), &key("a"), "after it was deleted").await?;
    PASSED
}

pub(super) async fn replaced_or_deleted(store: UnderTest<'_>) -> CheckResult {
    let half = i64::try_from(TASKS / 2).unwrap_or(i64::MAX);
    for number in 0..half {
        insert(&store.node(0), &key(&number.to_string()), &entry(number, 10)).await?;
    }
    let tasks = (0..half).flat_map(|number| [(number, true), (number, false)]).map(|(number, deletes)| {
        let node = store.node(usize::from(deletes));
        async move {
            let (key, expected) = (key(&number.to_string()), version(number));
            let done = if deletes {
                node.delete_shared(&key, expected).await
            } else {
                node.swap_shared(&key, Some(expected), &entry(number + 100, 10)).await
            };
            (number, deletes, done)
        }
    });
    let mut done = Vec::new();
    for (number, deletes, result) in at_once(tasks.collect()).await? {
        if result.or_seen("swap_shared or delete_shared, called by 50 tasks at once,")? {
            done.push((number, deletes));
        }
    }
    for number in 0..half {
        let key = key(&number.to_string());
        let deletes: Vec<_> =
            done.iter().filter(|(which, _)| *which == number).map(|(_, deletes)| *deletes).collect();
        match deletes.as_slice() {
            [true] => ensure_none(&store.node(0), &key, "after it was deleted and not replaced").await?,
            [false] => ensure_stored(&store.node(0), &key, &entry(number + 100, 10)).await?,
            _ => {
                return Err(format!(
                    "a writing was replaced or deleted {} times instead of once",
                    deletes.len()
                ));
            }
        }
    }
    PASSED
}

/// How many tasks count up one entry, and how often one of them tries: each round lets at least one of them through.
const COUNTERS: i64 = 20;
const TRIES: i64 = 200;

/// Counts up by one, and goes on until it has.
async fn count_up(node: &Node, number: i64) -> Result<(), Seen> {
    for attempt in 0..TRIES {
        let before =
            load(node, &key("a")).await?.ok_or("load_shared gave None, and nobody deletes the entry")?;
        let [count] = before.value.as_slice() else { return Err("the value is not as it was stored".into()) };
        let counted =
            SharedEntry::new(version(1_000 * (number + 1) + attempt), vec![count.wrapping_add(1)], at(10));
        if swap(node, &key("a"), Some(before.version.number()), &counted).await? {
            return Ok(());
        }
    }
    Err(format!(
        "of {COUNTERS} tasks that count one entry up, one found another writing {TRIES} times in a row"
    ))
}

pub(super) async fn no_change_is_lost(store: UnderTest<'_>) -> CheckResult {
    insert(&store.node(0), &key("a"), &SharedEntry::new(version(1), vec![0], at(10))).await?;
    let tasks = (0..COUNTERS).map(|number| {
        let node = store.node(usize::from(number % 2 == 0));
        async move { count_up(&node, number).await }
    });
    for result in at_once(tasks.collect()).await? {
        result?;
    }
    let counted = load(&store.node(1), &key("a")).await?.map(|entry| entry.value).unwrap_or_default();
    ensure(
        counted.iter().copied().map(i64::from).eq([COUNTERS]),
        format!("{COUNTERS} tasks counted one entry up to {counted:?}"),
    )?;
    // And it can be taken away in the end.
    let last = load(&store.node(0), &key("a")).await?.map(|entry| entry.version.number()).unwrap_or_default();
    ensure(delete(&store.node(0), &key("a"), last).await?, "delete_shared did not remove the last writing")?;
    PASSED
}

pub(super) async fn apart(store: UnderTest<'_>) -> CheckResult {
    let numbers = (0..).take(TASKS);
    let tasks = numbers.clone().map(|number: i64| {
        let node = store.node(usize::from(number % 2 == 0));
        async move {
            let key = key(&number.to_string());
            insert(&node, &key, &entry(number, 10)).await?;
            swap(&node, &key, Some(number), &entry(number + 100, 20)).await
        }
    });
    for result in at_once(tasks.collect()).await? {
        ensure(result?, "swap_shared of one entry was refused while others were changed")?;
    }
    for number in numbers {
        ensure_stored(&store.node(0), &key(&number.to_string()), &entry(number + 100, 20)).await?;
    }
    PASSED
}
