//! The times of one operation on both sides. Belongs here: what becomes of times. Does not belong here: how they came about.

use iampass_sql::Dialect;

use super::operations::Operation;
use crate::rounds::median;

/// One operation on one database: a number for each round, so that what else the machine does falls on both sides of it.
pub(super) struct Compared {
    database: Dialect,
    operation: Operation,
    /// The part of each call that is sealing, in microseconds.
    sealing_us: f64,
    rounds: Vec<Round>,
}

/// Median times of a call, in microseconds, without what is sealing.
struct Round {
    ours_us: f64,
    by_hand_us: f64,
}

impl Compared {
    pub(super) fn new(database: Dialect, operation: Operation, sealing_us: f64) -> Self {
        Self { database, operation, sealing_us, rounds: Vec::new() }
    }

    pub(super) fn operation(&self) -> Operation {
        self.operation
    }

    /// Takes in the calls of a round, in microseconds.
    pub(super) fn note(&mut self, ours_us: &mut [f64], by_hand_us: &mut [f64]) {
        let (ours_us, by_hand_us) = (median(ours_us) - self.sealing_us, median(by_hand_us) - self.sealing_us);
        self.rounds.push(Round { ours_us, by_hand_us });
    }

    /// How often ours takes as long as the one by hand: the median over the rounds.
    pub(super) fn ratio(&self) -> f64 {
        self.median(|round| round.ours_us / round.by_hand_us)
    }

    fn median(&self, value: impl Fn(&Round) -> f64) -> f64 {
        median(&mut self.rounds.iter().map(value).collect::<Vec<_>>())
    }
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (ours_us, by_hand_us) =
            (self.median(|round| round.ours_us), self.median(|round| round.by_hand_us));
        let (operation, database) = (self.operation.name(), self.database);
        write!(f, "{operation} on {database:?} takes {ours_us:.1} µs, by hand {by_hand_us:.1} µs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealing_is_taken_off_and_a_slow_moment_is_nobodys_fault() {
        let mut compared = Compared::new(Dialect::Sqlite, Operation::Load, 10.0);
        compared.note(&mut [32.0, 999.0, 31.0], &mut [30.0, 30.0, 30.0]);
        // The machine became slower, for both.
        compared.note(&mut [120.0, 120.0, 120.0], &mut [110.0, 110.0, 5.0]);
        // And for one of them.
        compared.note(&mut [500.0, 500.0, 500.0], &mut [30.0, 30.0, 30.0]);
        assert!((compared.ratio() - 1.1).abs() < 1e-9, "{}", compared.ratio());
    }
}
