//! Checks of a token store by many callers at once. Belongs here: those. Does not belong here: one caller alone.

use iampass_core::port::StoreErrorKind;

use super::at_once::{TASKS, at_once};
use super::checks::{CheckResult, OrSeen as _, PASSED, Seen, ensure};
use super::texts::shown;
use super::token_checks::{UnderTest, ensure_has, ensure_no_token, ensure_nobody, token, user};
use iampass_core::UserToken;
use iampass_core::port::UserKey;

fn candidates() -> Result<Vec<UserToken>, Seen> {
    (0..TASKS).map(|number| token(format!("candidate-{number}"))).collect()
}

async fn users(store: UnderTest<'_>) -> Result<Vec<UserKey>, Seen> {
    let mut users = Vec::with_capacity(TASKS);
    for number in (1..).take(TASKS) {
        users.push(user(store, number).await?);
    }
    Ok(users)
}

/// The user has one of the candidates, and the others mean nobody.
async fn ensure_one_of(
    store: UnderTest<'_>,
    user: &UserKey,
    candidates: &[UserToken],
) -> Result<UserToken, Seen> {
    let node = store.node(1);
    let token = node
        .token_for(user)
        .await
        .or_seen("token_for")?
        .ok_or("none of the tasks' tokens was stored for the user")?;
    ensure(
        candidates.contains(&token),
        format!("the user has the token {}, which nobody gave", shown(token.as_str())),
    )?;
    ensure_has(&node, user, &token).await?;
    for other in candidates.iter().filter(|other| **other != token) {
        ensure_nobody(&node, other).await?;
    }
    Ok(token)
}

pub(super) async fn one_user(store: UnderTest<'_>) -> CheckResult {
    let anna = user(store, 1).await?;
    let candidates = candidates()?;
    let mut tasks = Vec::with_capacity(TASKS);
    for (number, candidate) in candidates.iter().cloned().enumerate() {
        let (node, anna) = (store.node(number % 2), anna.clone());
        tasks.push(async move { node.assign(&anna, &candidate).await });
    }
    let mut got = Vec::with_capacity(TASKS);
    for result in at_once(tasks).await? {
        got.push(result.or_seen("assign, called by 50 tasks at once for one user,")?);
    }
    let stored = ensure_one_of(store, &anna, &candidates).await?;
    let others = got.iter().filter(|token| **token != stored).count();
    ensure(others == 0, format!("{others} of {TASKS} tasks were given a token that is not the user's"))?;
    PASSED
}

pub(super) async fn many_users(store: UnderTest<'_>) -> CheckResult {
    let (users, candidates) = (users(store).await?, candidates()?);
    let mut tasks = Vec::with_capacity(TASKS);
    for (number, (user, candidate)) in users.iter().cloned().zip(candidates.iter().cloned()).enumerate() {
        let node = store.node(number % 2);
        tasks.push(async move { node.assign(&user, &candidate).await });
    }
    for (result, candidate) in at_once(tasks).await?.into_iter().zip(&candidates) {
        let got = result.or_seen("assign, called by 50 tasks at once for 50 users,")?;
        ensure(got == *candidate, "a task was given another token than its candidate")?;
    }
    for (user, candidate) in users.iter().zip(&candidates) {
        ensure_has(&store.node(1), user, candidate).await?;
    }
    PASSED
}

pub(super) async fn one_token(store: UnderTest<'_>) -> CheckResult {
    let (users, wanted) = (users(store).await?, token("wanted")?);
    let mut tasks = Vec::with_capacity(TASKS);
    for (number, user) in users.iter().cloned().enumerate() {
        let (node, wanted) = (store.node(number % 2), wanted.clone());
        tasks.push(async move { node.assign(&user, &wanted).await });
    }
    let mut winner = None;
    for (result, user) in at_once(tasks).await?.into_iter().zip(&users) {
        match result {
            Err(error) if error.kind() == StoreErrorKind::Conflict => {
                ensure_no_token(&store.node(0), user).await?
            }
            result => {
                let got = result.or_seen("assign, called by 50 tasks at once with one token,")?;
                ensure(got == wanted, "a task was given another token than its candidate")?;
                ensure(winner.replace(user).is_none(), "two users were given the same token")?;
            }
        }
    }
    let winner = winner.ok_or("nobody was given the token")?;
    ensure_has(&store.node(1), winner, &wanted).await?;
    PASSED
}

pub(super) async fn rotations(store: UnderTest<'_>) -> CheckResult {
    let anna = user(store, 1).await?;
    let candidates = candidates()?;
    let mut tasks = Vec::with_capacity(TASKS);
    for (number, candidate) in candidates.iter().cloned().enumerate() {
        let (node, anna) = (store.node(number % 2), anna.clone());
        tasks.push(async move { node.rotate(&anna, &candidate).await });
    }
    for result in at_once(tasks).await? {
        result.or_seen("rotate, called by 50 tasks at once for one user,")?;
    }
    ensure_one_of(store, &anna, &candidates).await?;
    PASSED
}

pub(super) async fn assign_and_remove(store: UnderTest<'_>) -> CheckResult {
    let anna = user(store, 1).await?;
    let candidates = candidates()?;
    let mut tasks = Vec::with_capacity(TASKS);
    for (number, candidate) in candidates.iter().cloned().enumerate() {
        let (node, anna) = (store.node(number % 2), anna.clone());
        tasks.push(async move {
            if number % 5 == 4 {
                node.remove(&anna).await
            } else {
                node.assign(&anna, &candidate).await.map(|_| ())
            }
        });
    }
    for result in at_once(tasks).await? {
        result.or_seen("assign or remove, called by 50 tasks at once for one user,")?;
    }
    let node = store.node(1);
    if node.token_for(&anna).await.or_seen("token_for")?.is_some() {
        ensure_one_of(store, &anna, &candidates).await?;
    } else {
        for candidate in &candidates {
            ensure_nobody(&node, candidate).await?;
        }
    }
    node.remove(&anna).await.or_seen("remove")?;
    for candidate in &candidates {
        ensure_nobody(&node, candidate).await?;
    }
    PASSED
}
