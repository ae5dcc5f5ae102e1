//! Checks of what a token table does to texts. Belongs here: Unicode, spelling, lengths. Does not belong here: anything
//! that short plain keys and tokens show as well.

use iampass_core::port::UserKey;
use iampass_core::{MAX_ID_BYTES, UserToken};

use super::checks::{CheckResult, OrSeen as _, PASSED, Seen, Verdict, ensure};
use super::texts::{long_texts, look_alikes, shown};
use super::token_checks::{UnderTest, ensure_has, ensure_no_token, ensure_nobody, give, token, user};
use super::under_test::KeyKind;

/// Gives each token to a user of its own, who must be the only one it means.
async fn ensure_tokens_apart(store: UnderTest<'_>, texts: Vec<String>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let mut given: Vec<(UserKey, UserToken)> = Vec::with_capacity(texts.len());
    for (number, text) in (1..).zip(texts) {
        let (user, token) = (user(store, number).await?, token(text)?);
        ensure_nobody(&first, &token).await?;
        give(&first, &user, &token).await?;
        given.push((user, token));
    }
    for (user, token) in &given {
        ensure_has(&second, user, token).await?;
    }
    PASSED
}

/// Gives a token to each of these keys, which must be users of their own.
async fn ensure_keys_apart(store: UnderTest<'_>, texts: Vec<String>) -> CheckResult {
    let (first, second) = (store.node(0), store.node(1));
    let mut given: Vec<(UserKey, UserToken)> = Vec::with_capacity(texts.len());
    for (number, text) in texts.into_iter().enumerate() {
        let (user, token) = (UserKey::new(text), token(format!("token-{number}"))?);
        let adding = format!("add_user of {}", shown(user.as_str()));
        store.add_user(&user).await.or_seen(adding)?;
        ensure_no_token(&first, &user).await?;
        give(&first, &user, &token).await?;
        given.push((user, token));
    }
    for (user, token) in &given {
        ensure_has(&second, user, token).await?;
    }
    PASSED
}

const NO_TEXTS: CheckResult = Ok(Verdict::Skipped("the table's keys are no texts (key_kind)"));

pub(super) async fn tokens_look_alike(store: UnderTest<'_>) -> CheckResult {
    ensure_tokens_apart(store, look_alikes().collect()).await
}

pub(super) async fn long_tokens(store: UnderTest<'_>) -> CheckResult {
    ensure_tokens_apart(store, long_texts(MAX_ID_BYTES)).await
}

pub(super) async fn keys_look_alike(store: UnderTest<'_>) -> CheckResult {
    let KeyKind::Text { longest } = store.key_kind() else {
        return NO_TEXTS;
    };
    // Keys are the application's own and may hold control characters, unlike tokens.
    let control = ["line", "line\n", "line\r\n", "li\u{1}ne", "\u{7f}line", "\tline"].map(String::from);
    let texts = look_alikes().chain(control).filter(|text| text.len() <= longest).collect();
    ensure_keys_apart(store, texts).await
}

pub(super) async fn long_keys(store: UnderTest<'_>) -> CheckResult {
    let KeyKind::Text { longest } = store.key_kind() else {
        return NO_TEXTS;
    };
    if longest < 16 {
        return Ok(Verdict::Skipped("the table's keys are too short for it (key_kind)"));
    }
    ensure_keys_apart(store, long_texts(longest)).await?;
    // One that is too long must not be cut down to one that is there.
    let (there, too_long) = ("x".repeat(longest - 1) + "a", "x".repeat(longest - 1) + "ab");
    ensure_not(store, &there, too_long).await?;
    PASSED
}

/// `other` is not taken for the user `key`: it is nobody, or an error.
async fn ensure_not(store: UnderTest<'_>, key: &str, other: String) -> Result<(), Seen> {
    let found = store.node(1).token_for(&UserKey::new(other.as_str())).await;
    ensure(
        !matches!(found, Ok(Some(_))),
        format!("token_for user {} gave the token of user {}", shown(&other), shown(key)),
    )
}

pub(super) async fn other_spellings(store: UnderTest<'_>) -> CheckResult {
    let node = store.node(0);
    let anna = user(store, 1).await?;
    give(&node, &anna, &token("a")?).await?;
    let key = anna.as_str();
    let mut others: Vec<String> = ["\0", "\0\0"].map(|end| format!("{key}{end}")).into();
    others.extend([" ", "+", "0", "00", "\t", "{", "urn:uuid:"].map(|start| format!("{start}{key}")));
    others.extend([" ", ".0", "\n", "}", "'", "%"].map(|end| format!("{key}{end}")));
    others.extend([format!("{{{key}}}"), "%".to_owned(), String::new(), "no such user".to_owned()]);
    others.extend([key.to_uppercase(), key.to_lowercase(), key.replace('-', "")]);
    for other in others.into_iter().filter(|other| other != key) {
        ensure_not(store, key, other.clone()).await?;
        // It takes nothing away either, whether it is refused or not.
        drop(node.remove(&UserKey::new(other)).await);
        ensure_has(&node, &anna, &token("a")?).await?;
    }
    PASSED
}
