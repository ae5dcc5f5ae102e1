//! Randomness that is the same every time.

use std::sync::atomic::{AtomicU64, Ordering};

use iampass_core::Draw;
use iampass_core::port::{Entropy, EntropyError};

/// An [`Entropy`] whose draws follow from a seed: **for tests only**. Everyone who knows the seed knows every nonce and token.
///
/// ```
/// use iampass_core::port::Entropy;
/// use iampass_testkit::SeededEntropy;
///
/// let (one, same) = (SeededEntropy::new(7), SeededEntropy::new(7));
/// assert_eq!(one.draw()?.bytes(), same.draw()?.bytes());
/// assert_ne!(one.draw()?.bytes(), SeededEntropy::new(8).draw()?.bytes());
/// # Ok::<(), iampass_core::port::EntropyError>(())
/// ```
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

/// The step of SplitMix64, which visits every state once.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SeededEntropy {
    /// Draws that follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    fn next(&self) -> [u8; 8] {
        let mut mixed = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).to_be_bytes()
    }
}

impl Entropy for SeededEntropy {
    fn draw(&self) -> Result<Draw, EntropyError> {
        let mut bytes = [0; 16];
        for (byte, drawn) in bytes.iter_mut().zip(self.next().into_iter().chain(self.next())) {
            *byte = drawn;
        }
        Ok(Draw::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_draw_comes_twice() {
        let entropy = SeededEntropy::new(1);
        let nonces: BTreeSet<_> = (0..10_000).map(|_| entropy.draw().unwrap().nonce()).collect();
        assert_eq!(nonces.len(), 10_000);
    }
}
