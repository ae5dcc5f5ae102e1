//! Databases that fail, freeze, fill up or stand behind a pooler.
//!
//! Belongs here: which of the two sides is tried against them. Does not belong here: how a database is started or broken.

mod cluster;
mod scratch;
mod service;
mod stores;

use super::{Outcome, Verdict, Wanted};
use crate::Failure;

/// Tries them.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = service::run(wanted)?;
    outcomes.extend(stores::run(wanted)?);
    Ok(outcomes)
}
