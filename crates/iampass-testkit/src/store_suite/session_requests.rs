//! Checks of logouts that somebody asked for. Belongs here: that nothing takes them back. Does not belong here: logouts that are queued.

use iampass_core::UnixSeconds;
use iampass_core::port::LOGOUT_REQUESTED;

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, ensure};
use super::session_fixture::{
    LEASE, UnderTest, claim, claim_none, claim_one, claim_session, create, create_due, ensure_gone,
    ensure_names, load, name, names_of, queue, record, release, request,
};

pub(super) async fn due_at_once(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    request(&first, "unknown").await?;
    ensure_gone(&first, "unknown").await?;
    create(&first, &record("used", 0)?).await?;
    create_due(&first, "queued", 500).await?;
    create(&first, &record("other", 0)?).await?;
    for token in ["used", "queued", "used"] {
        request(&first, token).await?;
    }
    for token in ["used", "queued"] {
        let stored = load(&second, token).await?;
        ensure(
            stored.is_logout_requested() && stored.logout_due == Some(LOGOUT_REQUESTED),
            "load does not show that a logout was requested",
        )?;
    }
    ensure_names(&names_of(&second, "u", 10).await?, &["other"], "sessions_of after request_logout")?;
    // A clock that was never set is behind all others.
    let claimed = second.claim_logouts(UnixSeconds(0), LEASE, 10).await.or_seen("claim_logouts")?.jobs;
    ensure(
        claimed.len() == 2,
        format!("a node whose clock stands at zero claimed {} of two requested logouts", claimed.len()),
    )?;
    PASSED
}

pub(super) async fn not_taken_back(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    request(&first, "a").await?;
    for node in [&first, &second] {
        ensure(
            !claim_session(node, "a").await?,
            "claim_session took a session back whose logout was requested",
        )?;
    }
    ensure(load(&second, "a").await?.is_logout_requested(), "claim_session took a requested logout away")?;
    let held =
        claim_one(&second, 10, "a", "after its logout was requested and claim_session was refused").await?;
    ensure(
        !claim_session(&first, "a").await?,
        "claim_session took a session back whose requested logout is claimed",
    )?;
    release(&second, &held, 50).await?;
    ensure(
        !claim_session(&first, "a").await?,
        "claim_session took a session back whose requested logout was given back",
    )?;
    claim_one(&first, 50, "a", "after all that").await?;
    // One that was in use before.
    create_due(&first, "b", 10).await?;
    ensure(claim_session(&first, "b").await?, "claim_session refused a session that is there")?;
    request(&second, "b").await?;
    ensure(
        !claim_session(&first, "b").await?,
        "claim_session took a session back that was in use until its logout was requested",
    )?;
    PASSED
}

pub(super) async fn not_put_off(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create(&first, &record("a", 0)?).await?;
    request(&first, "a").await?;
    queue(&second, "a", 3_000).await?;
    ensure(load(&first, "a").await?.is_logout_requested(), "queue_logout put a requested logout off")?;
    ensure(
        !claim_session(&second, "a").await?,
        "queue_logout made a requested logout one that claim_session takes back",
    )?;
    let held = claim_one(&first, 10, "a", "when its logout was requested and queued for later").await?;
    queue(&second, "a", 3_000).await?;
    release(&first, &held, 50).await?;
    queue(&second, "a", 3_000).await?;
    claim_one(&second, 50, "a", "when it was claimed before and queued for later").await?;
    // A queued logout is never taken for one that was requested.
    create(&first, &record("b", 0)?).await?;
    let unset = LOGOUT_REQUESTED;
    first.queue_logout(&name("b")?, unset).await.or_seen("queue_logout")?;
    ensure(
        claim_session(&second, "b").await?,
        "claim_session refused a session whose logout was queued, not requested",
    )?;
    PASSED
}

pub(super) async fn kept_at_once(store: UnderTest<'_>) -> CheckResult {
    let half = TASKS / 2;
    for number in 0..half {
        create_due(&store.node(0), &format!("s{number}"), 10).await?;
    }
    let mut tasks = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let (node, token) = (store.node(number % 2), name(format!("s{}", number / 2))?);
        tasks.push(async move {
            if number % 2 == 0 {
                node.claim_session(&token).await.map(drop)
            } else {
                node.request_logout(&token).await
            }
        });
    }
    for result in at_once(tasks).await? {
        result.or_seen("claim_session or request_logout, called by 50 tasks at once,")?;
    }
    let owed = claim(&store.node(0), 0).await?.len();
    ensure(owed == half, format!("of {half} sessions whose logout was requested {owed} are owed one"))?;
    PASSED
}

pub(super) async fn of_claimed(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    create_due(&first, "a", 10).await?;
    let held = claim_one(&first, 10, "a", "when it is due").await?;
    request(&second, "a").await?;
    claim_none(&second, 39, "though it was requested while it was held").await?;
    claim_one(&second, 40, "a", "when the lease is over").await?;
    release(&first, &held, 41).await?;
    claim_none(&first, 41, "after a stale claim was released").await?;
    PASSED
}
