//! Checks of logouts that are owed. Belongs here: due, queued, claimed, kept. Does not belong here: what becomes of a
//! claim afterwards.

use std::collections::BTreeSet;

use iampass_core::port::{ClaimOutcome, StoreError};

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, ensure};
use super::session_fixture::{
    LEASE, UnderTest, at, claim, claim_none, claim_one, claim_session, create, create_due, ensure_gone,
    ensure_same, load, name, queue, record, release,
};

pub(super) async fn when_due(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create(&first, &record("never", 0)?).await?;
    create_due(&first, "a", 10).await?;
    claim_none(&second, 0, "long before it is due").await?;
    claim_none(&second, 9, "a second before it is due").await?;
    claim_one(&second, 10, "a", "when it is due").await?;
    create_due(&first, "late", 20).await?;
    claim_one(&second, 25, "late", "after it was due").await?;
    PASSED
}

pub(super) async fn job_is_whole(store: UnderTest<'_>) -> CheckResult {
    let stored = record("a", 3)?.with_logout_due(at(10));
    create(&store.node(0), &stored).await?;
    let jobs = claim(&store.node(1), 10).await?;
    let [job] = jobs.as_slice() else {
        return Err(format!("claim_logouts gave {} jobs instead of one", jobs.len()));
    };
    // A store may choose the due time that the job holds.
    let mut found = job.record.clone();
    found.logout_due = stored.logout_due;
    ensure_same(&stored, &found)?;
    ensure(job.claim.token == *stored.session.token(), "the claim is of another session")?;
    ensure(job.claim.number >= 1, "the claim's number is zero; claims are counted from one")?;
    load(&store.node(0), "a").await?;
    PASSED
}

pub(super) async fn queued(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create(&first, &record("a", 0)?).await?;
    create(&first, &record("b", 0)?).await?;
    queue(&first, "unknown", 0).await?;
    ensure_gone(&first, "unknown").await?;
    claim_none(&second, 1_000, "though none was queued").await?;
    for _ in 0..2 {
        queue(&first, "a", 20).await?;
    }
    let due = load(&second, "a").await?.logout_due;
    ensure(due == Some(at(20)), "load does not show the queued logout")?;
    claim_none(&second, 19, "before the queued logout is due").await?;
    claim_one(&second, 20, "a", "when the queued logout is due").await?;
    // One that is due later already is made due earlier.
    queue(&first, "b", 500).await?;
    queue(&first, "b", 25).await?;
    claim_one(&second, 25, "b", "when a logout was queued again for an earlier time").await?;
    PASSED
}

pub(super) async fn in_batches(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    for number in 0..10 {
        create_due(&node, &format!("s{number}"), number).await?;
    }
    let none = node.claim_logouts(at(20), LEASE, 0).await.or_seen("claim_logouts")?;
    ensure(none.jobs.is_empty(), "claim_logouts with the limit 0 gave a job")?;
    let mut claimed = BTreeSet::new();
    for (limit, expected) in [(3, 3), (1, 1), (4, 4), (4, 2), (4, 0)] {
        let jobs = node.claim_logouts(at(20), LEASE, limit).await.or_seen("claim_logouts")?.jobs;
        ensure(
            jobs.len() == expected,
            format!("claim_logouts with the limit {limit} gave {} jobs instead of {expected}", jobs.len()),
        )?;
        for job in jobs {
            ensure(claimed.insert(job.claim.token), "a logout was in two batches")?;
        }
    }
    PASSED
}

/// All that 50 claimers get at once.
async fn claimed_at_once(store: UnderTest<'_>, now: u64, limit: usize) -> Result<Vec<String>, String> {
    let tasks = (0..TASKS).map(|number| {
        let node = store.node(number % 2);
        async move { node.claim_logouts(at(now), LEASE, limit).await }
    });
    let mut claimed = Vec::new();
    for result in at_once(tasks.collect()).await? {
        let jobs = result.or_seen("claim_logouts, called by 50 tasks at once,")?.jobs;
        ensure(
            jobs.len() <= limit,
            format!("claim_logouts with the limit {limit} gave {} jobs", jobs.len()),
        )?;
        claimed.extend(jobs.into_iter().map(|job| job.claim.token.to_string()));
    }
    Ok(claimed)
}

/// 50 claimers at once get the one logout that is due at `now`, once.
pub(super) async fn ensure_one_claims(store: UnderTest<'_>, now: u64) -> Result<(), String> {
    let claimed = claimed_at_once(store, now, 10).await?.len();
    ensure(claimed <= 1, format!("{claimed} of 50 claimers got the same logout"))?;
    // Claimers that get in each other's way may all step back; then it is there for the next.
    let after = claim(&store.node(0), now).await?.len();
    ensure(claimed + after == 1, format!("{claimed} of 50 claimers got the logout, and {after} after them"))
}

pub(super) async fn exclusive(store: UnderTest<'_>) -> CheckResult {
    create_due(&store.node(0), "a", 10).await?;
    ensure_one_claims(store, 10).await?;
    PASSED
}

pub(super) async fn shared_out(store: UnderTest<'_>) -> CheckResult {
    for number in 0..TASKS {
        create_due(&store.node(0), &format!("s{number}"), 10).await?;
    }
    let mut claimed = claimed_at_once(store, 10, 3).await?;
    for job in claim(&store.node(0), 10).await? {
        claimed.push(job.claim.token.to_string());
    }
    let different = claimed.iter().collect::<BTreeSet<_>>().len();
    ensure(
        claimed.len() == TASKS && different == TASKS,
        format!("of {TASKS} logouts {different} were claimed, in {} claims", claimed.len()),
    )?;
    PASSED
}

pub(super) async fn kept(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    create_due(&first, "b", 10).await?;
    for _ in 0..2 {
        ensure(claim_session(&first, "a").await?, "claim_session refused a session that is there")?;
        let due = load(&second, "a").await?.logout_due;
        ensure(due.is_none(), "load shows a due logout of a session that was kept")?;
    }
    claim_one(&second, 1_000, "b", "after the other session was kept").await?;
    // It can be ended like any other afterwards.
    queue(&second, "a", 1_010).await?;
    claim_one(&first, 1_010, "a", "when the logout of a kept session was queued").await?;
    PASSED
}

pub(super) async fn claim_refused(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    ensure(
        !claim_session(&first, "unknown").await?,
        "claim_session said true for a session that is not there",
    )?;
    ensure_gone(&first, "unknown").await?;
    create_due(&first, "a", 10).await?;
    let held = claim_one(&second, 10, "a", "when it is due").await?;
    ensure(
        !claim_session(&first, "a").await?,
        "claim_session said true for a session whose logout is claimed",
    )?;
    release(&second, &held, 50).await?;
    ensure(
        !claim_session(&first, "a").await?,
        "claim_session said true after the claim was released; it may have been delivered",
    )?;
    claim_one(&second, 50, "a", "after claim_session was refused").await?;
    ensure(
        !claim_session(&first, "a").await?,
        "claim_session said true for a session whose logout is claimed again",
    )?;
    claim_one(&first, 80, "a", "after claim_session was refused and the lease ran out").await?;
    PASSED
}

pub(super) async fn kept_once(store: UnderTest<'_>) -> CheckResult {
    create_due(&store.node(0), "a", 10).await?;
    let mut tasks = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let (node, token) = (store.node(number % 2), name("a")?);
        tasks.push(async move { node.claim_session(&token).await });
    }
    let mut first = 0;
    for kept in at_once(tasks).await? {
        match kept.or_seen("claim_session, called by 50 tasks at once,")? {
            ClaimOutcome::Claimed => first += 1,
            ClaimOutcome::AlreadyClaimed => {}
            ClaimOutcome::Rejected => return Err("claim_session refused a session that is there".to_owned()),
        }
    }
    ensure(first == 1, format!("{first} of 50 tasks were told that they kept the session first"))?;
    create(&store.node(0), &record("b", 0)?).await?;
    let kept = store.node(1).claim_session(&name("b")?).await.or_seen("claim_session")?;
    ensure(
        kept == ClaimOutcome::AlreadyClaimed,
        format!("keep of a session without a logout due gave {kept:?}"),
    )?;
    PASSED
}

pub(super) async fn keep_or_claim(store: UnderTest<'_>) -> CheckResult {
    let half = TASKS / 2;
    for number in 0..half {
        create_due(&store.node(0), &format!("s{number}"), 10).await?;
    }
    let mut tasks = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let (node, token) = (store.node(number % 2), name(format!("s{}", number / 2))?);
        tasks.push(async move {
            if number % 4 < 2 {
                return Ok::<_, StoreError>((
                    node.claim_session(&token).await?.is_in_use().then_some(token),
                    Vec::new(),
                ));
            }
            let jobs = node.claim_logouts(at(10), LEASE, 1).await?.jobs;
            Ok((None, jobs.into_iter().map(|job| job.claim.token).collect()))
        });
    }
    let (mut kept, mut claimed) = (BTreeSet::new(), BTreeSet::new());
    for result in at_once(tasks).await? {
        let (one, jobs): (_, Vec<_>) =
            result.or_seen("claim_session or claim_logouts, called by 50 tasks at once,")?;
        kept.extend(one);
        claimed.extend(jobs);
    }
    claimed.extend(claim(&store.node(0), 10).await?.into_iter().map(|job| job.claim.token));
    let both = kept.intersection(&claimed).count();
    ensure(both == 0, format!("{both} sessions were kept though their logout was claimed"))?;
    let settled = kept.len() + claimed.len();
    ensure(settled == half, format!("of {half} sessions {settled} were kept or claimed"))?;
    PASSED
}
