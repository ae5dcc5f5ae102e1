//! Checks of sessions that get their user later: those of logins without a name.

use iampass_core::port::StoreError;

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, ensure};
use super::session_fixture::{
    UnderTest, at, claim_one, claim_session, create, create_due, ensure_gone, ensure_same, load, name,
    names_of, record_of, request, set_user, user,
};

pub(super) async fn given(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let mut stored = record_of("a", "nobody", 5)?.with_logout_due(at(10));
    create(&first, &stored).await?;
    for node in [&first, &second, &first] {
        ensure(set_user(node, "a", "nobody", "ann").await?, "set_user said false for a login under way")?;
        stored.user = user("ann")?;
        ensure_same(&stored, &load(node, "a").await?)?;
    }
    ensure(claim_session(&second, "a").await?, "claim_session refused a session that was given to its user")?;
    ensure(names_of(&first, "ann", 10).await? == ["a"], "sessions_of does not give a session to its user")?;
    ensure(names_of(&first, "nobody", 10).await?.is_empty(), "sessions_of still gives it to nobody")?;
    PASSED
}

pub(super) async fn not_given(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    ensure(
        !set_user(&first, "unknown", "u", "ann").await?,
        "set_user said true for a session that is not there",
    )?;
    ensure_gone(&first, "unknown").await?;
    // That of another user.
    create_due(&first, "a", 10).await?;
    ensure(!set_user(&second, "a", "nobody", "ann").await?, "set_user said true for another user's session")?;
    ensure(load(&first, "a").await?.user == user("u")?, "set_user took a session from its user")?;
    // One in use.
    ensure(claim_session(&first, "a").await?, "claim_session refused a session that is there")?;
    ensure(!set_user(&second, "a", "u", "ann").await?, "set_user said true for a session in use")?;
    // One that was requested to end, and one whose logout was claimed.
    create_due(&first, "b", 900).await?;
    request(&first, "b").await?;
    create_due(&first, "c", 20).await?;
    ensure(!set_user(&second, "b", "u", "ann").await?, "set_user said true though the logout was requested")?;
    request(&first, "c").await?;
    let jobs =
        first.claim_logouts(at(30), super::session_fixture::LEASE, 10).await.or_seen("claim_logouts")?;
    ensure(jobs.jobs.len() == 2, "claim_logouts did not give the two that are due")?;
    for token in ["a", "b", "c"] {
        ensure(!set_user(&second, token, "u", "ann").await?, "set_user said true for a session at its end")?;
        ensure(
            load(&first, token).await?.user == user("u")?,
            "set_user gave a session that is not under way",
        )?;
    }
    create_due(&first, "d", 40).await?;
    claim_one(&second, 41, "d", "so that its logout was claimed").await?;
    ensure(!set_user(&first, "d", "u", "ann").await?, "set_user said true though the logout was claimed")?;
    PASSED
}

pub(super) async fn given_once(store: UnderTest<'_>) -> CheckResult {
    create(&store.node(0), &record_of("a", "nobody", 0)?.with_logout_due(at(10))).await?;
    let mut tasks = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let (node, token, nobody) = (store.node(number % 2), name("a")?, user("nobody")?);
        let owner = user(format!("u{number}"))?;
        tasks
            .push(async move { Ok::<_, StoreError>((node.set_user(&token, &nobody, &owner).await?, owner)) });
    }
    let mut owners = Vec::new();
    for result in at_once(tasks).await? {
        let (is_given, owner) = result.or_seen("set_user, called by 50 tasks at once,")?;
        owners.extend(is_given.then_some(owner));
    }
    let [owner] = owners.as_slice() else {
        return Err(format!("{} of 50 tasks were told that they gave the session away", owners.len()));
    };
    ensure(load(&store.node(1), "a").await?.user == *owner, "the session is another user's than was said")?;
    PASSED
}
