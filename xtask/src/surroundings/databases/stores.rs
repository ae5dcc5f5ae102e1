//! The databases of the stores of applications.

use super::{Outcome, Wanted};
use crate::Failure;

/// Tries them.
pub(super) fn run(_wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    Ok(Vec::new())
}
