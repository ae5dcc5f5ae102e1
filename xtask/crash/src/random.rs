//! Numbers that a seed decides, so that a run can be gone through again.
//!
//! Belongs here: choosing. Does not belong here: anything secret; nonces come from the system.

/// A small generator (SplitMix64): good enough to choose by, and the same on every machine.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one, which goes its own way.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`; 0 where there is nothing below it.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// One of these, each as often as its weight says; none of none.
    pub(crate) fn choose<T>(&mut self, weighted: Vec<(usize, T)>) -> Option<T> {
        let mut at = self.below(weighted.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in weighted {
            if at < weight {
                return Some(choice);
            }
            at -= weight;
        }
        None
    }
}
