//! Checks with nodes whose clocks differ. Belongs here: those. Does not belong here: one clock.
//!
//! Times are the truth; a node whose clock is ahead or behind calls with another. Node 0 is right.

use super::checks::{CheckResult, PASSED, ensure};
use super::session_fixture::{
    UnderTest, claim, claim_none, claim_one, create_due, delete, load, queue, release,
};

/// How far a clock is off, in seconds.
const OFF: u64 = 300;
/// When the logout is due.
const DUE: u64 = 1_000;

pub(super) async fn ahead_claims(store: UnderTest<'_>) -> CheckResult {
    let (right, ahead) = (store.node(0), store.node(1));
    create_due(&right, "a", DUE).await?;
    // The node ahead claims early, for a lease that is long for the others, and dies.
    let dead = claim_one(&ahead, DUE - 100 + OFF, "a", "by a node whose clock is ahead").await?;
    let until = DUE - 100 + OFF + 30;
    claim_none(&right, DUE - 100, "before it is due by this clock").await?;
    // Another is due by the right clock meanwhile; that a later time was seen before is nothing to it.
    create_due(&right, "b", DUE - 90).await?;
    claim_one(&right, DUE - 90, "b", "after a node whose clock is ahead had claimed another").await?;
    delete(&right, "b").await?;
    claim_none(&right, until - 1, "within the lease, as the store has it").await?;
    let heir = claim_one(&right, until, "a", "after a node whose clock was ahead died").await?;
    ensure(heir.number > dead.number, "the node that took over has no higher claim number")?;
    load(&right, "a").await?;
    PASSED
}

pub(super) async fn behind_claims(store: UnderTest<'_>) -> CheckResult {
    let (right, behind) = (store.node(0), store.node(1));
    create_due(&right, "a", DUE).await?;
    claim_none(&behind, DUE - 1, "before it is due by the clock that is behind").await?;
    let slow = claim_one(&behind, DUE, "a", "by a node whose clock is behind").await?;
    // By the right clock the lease is over before it began: it is taken over, which delivers it twice and loses nothing.
    let heir = claim_one(&right, DUE + OFF, "a", "when the lease is over by the right clock").await?;
    ensure(heir.number > slow.number, "the node that took over has no higher claim number")?;
    release(&behind, &slow, DUE + 5).await?;
    claim_none(&right, DUE + OFF + 1, "after the node behind released its stale claim").await?;
    claim_none(&behind, DUE + 6, "by the node behind, after its claim was taken over").await?;
    claim_one(&right, DUE + OFF + 30, "a", "when the second lease is over").await?;
    PASSED
}

pub(super) async fn releases(store: UnderTest<'_>) -> CheckResult {
    let (right, other) = (store.node(0), store.node(1));
    create_due(&right, "a", DUE).await?;
    // Ahead: due again ten seconds later by its own clock.
    let held = claim_one(&other, DUE + OFF, "a", "by a node whose clock is ahead").await?;
    release(&other, &held, DUE + OFF + 10).await?;
    claim_none(&right, DUE + 10, "before it is due by this clock").await?;
    let held = claim_one(&right, DUE + OFF + 10, "a", "after a node ahead gave it back").await?;
    release(&right, &held, DUE + OFF + 20).await?;
    // Behind: due again at a time that is over for the others.
    let held = claim_one(&other, DUE + OFF + 20, "a", "by a node whose clock is behind").await?;
    release(&other, &held, DUE + OFF + 30).await?;
    claim_one(&right, DUE + 2 * OFF, "a", "after a node behind gave it back").await?;
    // The same for one that is queued by a node whose clock is off.
    create_due(&right, "b", 3_000).await?;
    queue(&other, "b", DUE).await?;
    let owed = claim(&right, DUE + 2 * OFF).await?;
    ensure(owed.len() == 1, "a logout that a node behind queued is not owed to the others")?;
    PASSED
}

pub(super) async fn within_lease(store: UnderTest<'_>) -> CheckResult {
    let (right, other) = (store.node(0), store.node(1));
    create_due(&right, "a", DUE).await?;
    claim_one(&right, DUE, "a", "when it is due").await?;
    // A node far behind looks for work, and one that is ahead by less than the lease.
    claim_none(&other, DUE - OFF, "by a node far behind").await?;
    claim_none(&right, DUE + 5, "by the clock that claimed it, within its lease").await?;
    claim_none(&other, DUE + 5 + 20, "by a node ahead by less than the lease").await?;
    claim_none(&right, DUE + 29, "by the clock that claimed it, within its lease").await?;
    // One that is ahead by more takes it over; then its claim holds for both.
    claim_one(&other, DUE + 29 + OFF, "a", "by a node ahead by more than the lease").await?;
    claim_none(&right, DUE + 60, "by the right clock, after a node ahead took it over").await?;
    claim_none(&other, DUE + 29 + OFF + 29, "by the clock that took it over, within its lease").await?;
    claim_one(&right, DUE + 29 + OFF + 30, "a", "when all leases are over").await?;
    PASSED
}
