//! Time and randomness from outside.

use async_trait::async_trait;

use crate::{Draw, Monotonic, Now};

/// Tells the time.
///
/// `mono` must never go back while the process lives, and `wall` should be within a few minutes of the truth: the
/// service refuses signatures that are further off.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Now;
}

/// Gives random bits from a cryptographic generator.
///
/// Nonces and tokens are made of them: a predictable generator lets strangers in. There is no fallback to a weaker one.
pub trait Entropy: Send + Sync {
    /// 128 fresh bits.
    ///
    /// # Errors
    /// [`EntropyError`] when the generator has none to give; nothing is signed then.
    fn draw(&self) -> Result<Draw, EntropyError>;
}

/// The random generator gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system's random generator gave nothing: no request can be signed without it")]
pub struct EntropyError;

/// Waits.
///
/// Dropping the future must cancel the wait and nothing else.
#[async_trait]
pub trait Sleep: Send + Sync {
    /// Returns when the [`Clock`] of the same client shows `until` or later; returning early is harmless.
    /// [`Monotonic::NEVER`] never returns.
    async fn until(&self, until: Monotonic);
}
