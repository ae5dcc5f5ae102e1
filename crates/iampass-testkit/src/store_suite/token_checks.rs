//! Checks of a token store by one caller. Belongs here: one call after the other. Does not belong here: many at once, nor
//! texts that are hard to store.

use std::sync::Arc;

use iampass_core::UserToken;
use iampass_core::port::{TokenStore, UserKey};

use super::checks::{CheckResult, OrSeen as _, PASSED, Seen, Verdict, ensure, ensure_conflict};
use super::texts::shown;
use super::under_test::{HookOutcome, StoreUnderTest};

pub(super) type UnderTest<'a> = &'a dyn StoreUnderTest<dyn TokenStore>;

pub(super) fn token(text: impl Into<String>) -> Result<UserToken, Seen> {
    UserToken::new(text).map_err(|why| format!("the suite made a token that is none: {why}"))
}

/// A user who is in the application's own table.
pub(super) async fn user(store: UnderTest<'_>, number: u32) -> Result<UserKey, Seen> {
    let key = store.user_key(number);
    store.add_user(&key).await.or_seen("add_user")?;
    Ok(key)
}

/// Both directions say that `user` has `token`.
pub(super) async fn ensure_has(
    store: &Arc<dyn TokenStore>,
    user: &UserKey,
    token: &UserToken,
) -> Result<(), Seen> {
    let (of_user, of_token) = (shown(user.as_str()), shown(token.as_str()));
    match store.token_for(user).await.or_seen("token_for")? {
        Some(found) if found == *token => {}
        Some(found) => {
            return Err(format!(
                "token_for user {of_user} gave {} instead of {of_token}",
                shown(found.as_str())
            ));
        }
        None => return Err(format!("token_for user {of_user} gave None instead of {of_token}")),
    }
    match store.user_for(token).await.or_seen("user_for")? {
        Some(found) if found == *user => Ok(()),
        Some(found) => {
            Err(format!("user_for token {of_token} gave {} instead of {of_user}", shown(found.as_str())))
        }
        None => Err(format!("user_for token {of_token} gave None instead of {of_user}")),
    }
}

pub(super) async fn ensure_no_token(store: &Arc<dyn TokenStore>, user: &UserKey) -> Result<(), Seen> {
    match store.token_for(user).await.or_seen("token_for")? {
        None => Ok(()),
        Some(found) => Err(format!(
            "token_for user {} gave {} instead of None",
            shown(user.as_str()),
            shown(found.as_str())
        )),
    }
}

pub(super) async fn ensure_nobody(store: &Arc<dyn TokenStore>, token: &UserToken) -> Result<(), Seen> {
    match store.user_for(token).await.or_seen("user_for")? {
        None => Ok(()),
        Some(found) => Err(format!(
            "user_for token {} gave {} instead of None",
            shown(token.as_str()),
            shown(found.as_str())
        )),
    }
}

/// Assigns and sees that the user got this very token.
pub(super) async fn give(store: &Arc<dyn TokenStore>, user: &UserKey, token: &UserToken) -> Result<(), Seen> {
    let call = format!("assign of {} to user {}", shown(token.as_str()), shown(user.as_str()));
    let got = store.assign(user, token).await.or_seen(&call)?;
    ensure(got == *token, format!("{call} gave {}", shown(got.as_str())))
}

pub(super) async fn nothing_is_there(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    ensure_no_token(&node, &user(store, 1).await?).await?;
    ensure_no_token(&node, &store.user_key(2)).await?;
    ensure_nobody(&node, &token("a")?).await?;
    PASSED
}

pub(super) async fn found_both_ways(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&second, &ben, &token("b")?).await?;
    for node in [&first, &second] {
        ensure_has(node, &anna, &token("a")?).await?;
        ensure_has(node, &ben, &token("b")?).await?;
    }
    PASSED
}

pub(super) async fn assign_again(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&first, &ben, &token("b")?).await?;
    // Its own one again, a free one, and one that is another user's.
    for candidate in ["a", "c", "b"] {
        let got =
            second.assign(&anna, &token(candidate)?).await.or_seen("assign to a user who has a token")?;
        ensure(
            got.as_str() == "a",
            format!(
                "the user has the token \"a\", and assign of \"{candidate}\" gave {}",
                shown(got.as_str())
            ),
        )?;
        ensure_has(&first, &anna, &token("a")?).await?;
    }
    ensure_nobody(&first, &token("c")?).await?;
    ensure_has(&first, &ben, &token("b")?).await?;
    PASSED
}

pub(super) async fn assign_taken(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    for _ in 0..2 {
        ensure_conflict("assign of another user's token", second.assign(&ben, &token("a")?).await)?;
        ensure_has(&second, &anna, &token("a")?).await?;
        ensure_no_token(&second, &ben).await?;
    }
    PASSED
}

pub(super) async fn rotate_taken(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben, cleo) = (user(store, 1).await?, user(store, 2).await?, user(store, 3).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&first, &ben, &token("b")?).await?;
    for other in [&ben, &cleo] {
        ensure_conflict("rotate to another user's token", second.rotate(other, &token("a")?).await)?;
    }
    ensure_has(&first, &anna, &token("a")?).await?;
    ensure_has(&first, &ben, &token("b")?).await?;
    ensure_no_token(&first, &cleo).await?;
    PASSED
}

pub(super) async fn rotate_replaces(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&first, &ben, &token("b")?).await?;
    first.rotate(&anna, &token("c")?).await.or_seen("rotate")?;
    ensure_nobody(&second, &token("a")?).await?;
    ensure_has(&second, &anna, &token("c")?).await?;
    ensure_has(&second, &ben, &token("b")?).await?;
    PASSED
}

pub(super) async fn rotate_without_a_token(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let anna = user(store, 1).await?;
    node.rotate(&anna, &token("a")?).await.or_seen("rotate for a user without a token")?;
    ensure_has(&node, &anna, &token("a")?).await?;
    PASSED
}

pub(super) async fn rotate_again(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let anna = user(store, 1).await?;
    give(&node, &anna, &token("a")?).await?;
    for replacement in ["a", "b", "b"] {
        node.rotate(&anna, &token(replacement)?).await.or_seen("rotate")?;
        ensure_has(&node, &anna, &token(replacement)?).await?;
    }
    // Back to an earlier one.
    node.rotate(&anna, &token("a")?).await.or_seen("rotate to an earlier token")?;
    ensure_has(&node, &anna, &token("a")?).await?;
    ensure_nobody(&node, &token("b")?).await?;
    PASSED
}

pub(super) async fn old_token_is_free(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&node, &anna, &token("a")?).await?;
    node.rotate(&anna, &token("b")?).await.or_seen("rotate")?;
    give(&node, &ben, &token("a")?).await?;
    ensure_has(&node, &ben, &token("a")?).await?;
    ensure_has(&node, &anna, &token("b")?).await?;
    PASSED
}

pub(super) async fn remove_one(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&first, &ben, &token("b")?).await?;
    first.remove(&anna).await.or_seen("remove")?;
    ensure_no_token(&second, &anna).await?;
    ensure_nobody(&second, &token("a")?).await?;
    ensure_has(&second, &ben, &token("b")?).await?;
    PASSED
}

pub(super) async fn remove_again(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    node.remove(&anna).await.or_seen("remove of a user without a token")?;
    node.remove(&store.user_key(3)).await.or_seen("remove of a user who is not there")?;
    give(&node, &anna, &token("a")?).await?;
    for _ in 0..2 {
        node.remove(&anna).await.or_seen("remove")?;
        ensure_no_token(&node, &anna).await?;
    }
    give(&node, &ben, &token("a")?).await?;
    give(&node, &anna, &token("c")?).await?;
    ensure_has(&node, &ben, &token("a")?).await?;
    ensure_has(&node, &anna, &token("c")?).await?;
    PASSED
}

pub(super) async fn deletion_cascades(store: UnderTest<'_>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let (anna, ben) = (user(store, 1).await?, user(store, 2).await?);
    give(&first, &anna, &token("a")?).await?;
    give(&first, &ben, &token("b")?).await?;
    match store.delete_user(&anna).await.or_seen("delete_user of a user who has a token")? {
        HookOutcome::Done => {}
        HookOutcome::Unsupported => {
            return Ok(Verdict::Skipped(
                "the store has no way to delete a user of the application (delete_user)",
            ));
        }
    }
    for node in [&first, &second] {
        ensure_no_token(node, &anna).await?;
        ensure_nobody(node, &token("a")?).await?;
        ensure_has(node, &ben, &token("b")?).await?;
    }
    // A token that is free again can be given again, also to a user who comes back.
    let cleo = user(store, 3).await?;
    give(&first, &cleo, &token("a")?).await?;
    let anna = user(store, 1).await?;
    give(&first, &anna, &token("c")?).await?;
    ensure_has(&second, &cleo, &token("a")?).await?;
    PASSED
}
