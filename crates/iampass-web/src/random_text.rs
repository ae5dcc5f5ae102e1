//! [`random_text`]: names and proofs that nothing else can guess.

use base16ct::lower;

/// 128 random bits as text that needs no escape anywhere. `None` when the system gives none.
pub(crate) fn random_text() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(lower::encode_string(&bytes))
}
