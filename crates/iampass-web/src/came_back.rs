//! The secret of a browser that came back from IAMPASS on the same device. The cookie of its login may have been planted in it by somebody who has it
//! too, so the browser that brings the proof gets a fresh secret, and from then on the login is that browser's alone.
//!
//! Belongs here: making the secret and comparing it. Does not belong here: the proof ([`crate::returned`]).

use base16ct::lower;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The secret, as the cookie of the login holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BackSecret(String);

impl BackSecret {
    /// The secret is 128 random bits.
    pub(crate) const fn new(random: String) -> Self {
        Self(random)
    }

    pub(crate) fn digest(&self) -> BackDigest {
        BackDigest(lower::encode_string(&Sha256::digest(&self.0)))
    }
}

/// Its digest, as all nodes have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BackDigest(String);

impl BackDigest {
    pub(crate) fn is_of(&self, secret: Option<&BackSecret>) -> bool {
        secret.is_some_and(|secret| self.0.as_bytes().ct_eq(secret.digest().0.as_bytes()).into())
    }
}
