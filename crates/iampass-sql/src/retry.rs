//! When a statement is run again by itself. Belongs here: that decision. Does not belong here: waiting; what is worth a wait
//! is left to the caller, which knows how long its user has waited.

use crate::database::{Database, Row, Statement, Value};
use crate::{DatabaseError, Fault};

/// How often a statement is run that met another one. Under a crowd on one row each round lets at least one through; where all
/// transactions are serializable, statements that only read fail too, and 20 rounds were not enough for 50 callers.
const CONTENDED_RUNS: usize = 100;

/// Whether a statement whose connection broke, so that its outcome is not known, may be run once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterBreak {
    /// Running it twice has the effect of running it once.
    RunAgain,
    /// Twice would not be the same as once.
    GiveUp,
}

struct Budget {
    contended: usize,
    broken: usize,
}

impl Budget {
    fn new(after_break: AfterBreak) -> Self {
        // A pool's idle connection that broke long ago is noticed only when it is used, hence once more at once.
        let broken = usize::from(after_break == AfterBreak::RunAgain);
        Self { contended: CONTENDED_RUNS - 1, broken }
    }

    fn allows(&mut self, fault: Fault) -> bool {
        let left = match fault {
            Fault::Contended => &mut self.contended,
            Fault::Unreachable => &mut self.broken,
            _ => return false,
        };
        let allowed = *left > 0;
        *left = left.saturating_sub(1);
        allowed
    }
}

pub(crate) async fn execute(
    database: &dyn Database,
    statement: &Statement,
    values: Vec<Value>,
    after_break: AfterBreak,
) -> Result<u64, DatabaseError> {
    let mut budget = Budget::new(after_break);
    loop {
        match database.execute(statement, values.clone()).await {
            Err(error) if budget.allows(error.fault()) => {}
            result => return result,
        }
    }
}

/// For statements that only read.
pub(crate) async fn query(
    database: &dyn Database,
    statement: &Statement,
    values: Vec<Value>,
) -> Result<Vec<Row>, DatabaseError> {
    let mut budget = Budget::new(AfterBreak::RunAgain);
    loop {
        match database.query(statement, values.clone()).await {
            Err(error) if budget.allows(error.fault()) => {}
            result => return result,
        }
    }
}

/// The outcome of a statement that changes one row or none.
pub(crate) enum Changed {
    One,
    /// There is no such row, or another statement was faster.
    None,
    /// The same, but the connection had broken in a first run that may have been done.
    NoneAfterBreak(DatabaseError),
}

/// Runs a statement that changes a row which it does not find again once it is changed. Where the connection broke it is run again: a
/// change then shows that the first run was not done.
pub(crate) async fn change_once(
    database: &dyn Database,
    statement: &Statement,
    values: Vec<Value>,
) -> Result<Changed, DatabaseError> {
    let mut broken = None;
    loop {
        let run = execute(database, statement, values.clone(), AfterBreak::GiveUp).await;
        let nothing_changed = match run {
            Ok(changed) => changed == 0,
            Err(error) if error.fault() == Fault::UniqueViolation => true,
            Err(error) if error.fault() == Fault::Unreachable && broken.is_none() => {
                broken = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        return Ok(match (nothing_changed, broken) {
            (false, _) => Changed::One,
            (true, None) => Changed::None,
            (true, Some(error)) => Changed::NoneAfterBreak(error),
        });
    }
}
