//! Checks of what becomes of a claim. Belongs here: leases, take-over, release. Does not belong here: two clocks.

use super::checks::{CheckResult, PASSED, ensure};
use super::session_claims::ensure_one_claims;
use super::session_fixture::{
    UnderTest, claim, claim_none, claim_one, create_due, delete, ensure_gone, queue, release,
};

pub(super) async fn holds(store: UnderTest<'_>) -> CheckResult {
    create_due(&store.node(0), "a", 10).await?;
    claim_one(&store.node(0), 10, "a", "when it is due").await?;
    for number in 0..2 {
        let node = store.node(number);
        claim_none(&node, 10, "in the second in which it was claimed").await?;
        claim_none(&node, 39, "in the last second of the lease").await?;
    }
    PASSED
}

pub(super) async fn taken_over(store: UnderTest<'_>) -> CheckResult {
    create_due(&store.node(0), "a", 10).await?;
    let mut number = 0;
    for (turn, now) in [10, 40, 70, 500].into_iter().enumerate() {
        let claim = claim_one(&store.node(turn % 2), now, "a", "when the lease before is over").await?;
        ensure(
            claim.number > number,
            format!("a later claim has the number {} after {number}; it must be higher", claim.number),
        )?;
        number = claim.number;
        claim_none(&store.node(0), now + 29, "within the lease of the node that took over").await?;
    }
    PASSED
}

pub(super) async fn taken_over_once(store: UnderTest<'_>) -> CheckResult {
    create_due(&store.node(0), "a", 10).await?;
    claim_one(&store.node(0), 10, "a", "when it is due").await?;
    ensure_one_claims(store, 40).await?;
    PASSED
}

pub(super) async fn released(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    let held = claim_one(&first, 10, "a", "when it is due").await?;
    release(&first, &held, 20).await?;
    claim_none(&second, 19, "before the released logout is due again").await?;
    let held = claim_one(&second, 20, "a", "when the released logout is due again").await?;
    // Also to a time after the lease would have been over.
    release(&second, &held, 200).await?;
    claim_none(&first, 199, "before the released logout is due again, after its lease").await?;
    claim_one(&first, 200, "a", "when the logout was released to a time after its lease").await?;
    PASSED
}

pub(super) async fn stale(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    let dead = claim_one(&first, 10, "a", "when it is due").await?;
    let heir = claim_one(&second, 40, "a", "when the lease is over").await?;
    release(&first, &dead, 41).await?;
    claim_none(&first, 41, "after a stale claim was released; another node holds it").await?;
    release(&first, &dead, 3_000).await?;
    release(&second, &heir, 50).await?;
    claim_one(&first, 50, "a", "after its holder released it; a stale claim had put it off").await?;
    PASSED
}

pub(super) async fn released_is_stale(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    let before = claim_one(&first, 10, "a", "when it is due").await?;
    release(&first, &before, 20).await?;
    let now = claim_one(&second, 20, "a", "when it is due again").await?;
    ensure(
        now.number > before.number,
        format!(
            "a claim after a release has the number {} after {}; it must be higher",
            now.number, before.number
        ),
    )?;
    release(&first, &before, 21).await?;
    claim_none(&first, 21, "after the claim before was released once more").await?;
    release(&first, &before, 3_000).await?;
    claim_one(&first, 50, "a", "when the lease is over; a stale claim had put it off").await?;
    PASSED
}

pub(super) async fn release_of_deleted(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    let held = claim_one(&first, 10, "a", "when it is due").await?;
    delete(&second, "a").await?;
    release(&first, &held, 20).await?;
    ensure_gone(&first, "a").await?;
    claim_none(&second, 1_000, "after the session was deleted").await?;
    PASSED
}

pub(super) async fn queued_again(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    claim_one(&first, 10, "a", "when it is due").await?;
    queue(&second, "a", 15).await?;
    claim_none(&second, 39, "though it was queued again while it was held").await?;
    let owed = claim(&second, 40).await?.len();
    ensure(owed == 1, "a logout that was queued again while it was held is lost")?;
    PASSED
}
