//! The cases taking turns. Belongs here: how often, in which order, and what becomes of the times. Does not belong here: what is timed.

use super::Case;
use crate::rounds::median;

/// How many rounds there are; each has one turn of each case.
pub(super) const ROUNDS: usize = 600;
/// How many requests are answered in one turn: few enough that a turn is short beside what the scheduler gives to others.
pub(super) const CALLS: usize = 100;

/// Nanoseconds for one request, in each round.
pub(super) struct Turns([Vec<f64>; 4]);

impl Turns {
    pub(super) fn new() -> Self {
        Self([const { Vec::new() }; 4])
    }

    /// The cases of a round: each of them is first in one round of four.
    pub(super) fn of_round(round: usize) -> impl Iterator<Item = Case> {
        Case::ALL.into_iter().cycle().skip(round % Case::ALL.len()).take(Case::ALL.len())
    }

    pub(super) fn note(&mut self, case: Case, ns: f64) {
        if let Some(times) = self.0.get_mut(case as usize) {
            times.push(ns);
        }
    }

    /// How long the handler for everybody takes.
    pub(super) fn bare_ns(&self) -> f64 {
        median(&mut self.times(Case::Bare).to_vec())
    }

    /// How much longer than that the case takes: the median over the rounds of what it took longer in the same round.
    pub(super) fn added_ns(&self, case: Case) -> f64 {
        let pairs = self.times(case).iter().zip(self.times(Case::Bare));
        median(&mut pairs.map(|(case, bare)| case - bare).collect::<Vec<_>>())
    }

    fn times(&self, case: Case) -> &[f64] {
        self.0.get(case as usize).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_its_turn_in_each_round() {
        for round in 0..5 {
            let mut cases: Vec<_> = Turns::of_round(round).map(|case| case as usize).collect();
            assert_eq!(cases[0], round % 4);
            cases.sort_unstable();
            assert_eq!(cases, [0, 1, 2, 3]);
        }
    }

    #[test]
    fn what_is_added_is_compared_within_the_round() {
        let mut turns = Turns::new();
        // The machine had something else to do in the first of three rounds, and became slower after it.
        for (bare, stored) in [(100.0, 190.0), (200.0, 212.0), (150.0, 160.0)] {
            turns.note(Case::Bare, bare);
            turns.note(Case::Stored, stored);
        }
        assert_eq!((turns.bare_ns(), turns.added_ns(Case::Stored)), (150.0, 12.0));
    }
}
