//! The processor time of those who take part in a measurement: the service, the database, and the load itself, which no improvement of the others
//! makes smaller.

use std::fmt;
use std::time::Duration;

use super::super::program::{Busy, busy_of};
use crate::{Failure, rounds};

/// Seconds of processor time that each has taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Processors {
    service: f64,
    /// None where the service is its own database.
    database: Option<f64>,
    load: f64,
}

impl Processors {
    /// Until now. `database` is the process that the processes of the database are children of.
    pub(super) fn now(service: Duration, database: Option<u32>) -> Result<Self, Failure> {
        let database = database.map(with_children).transpose()?.map(|busy| busy.as_secs_f64());
        let load = busy_of(std::process::id())?.own;
        Ok(Self { service: service.as_secs_f64(), database, load: load.as_secs_f64() })
    }

    /// The time that was taken since then.
    pub(super) fn since(&self, before: &Self) -> Self {
        Self {
            service: self.service - before.service,
            database: self.database.zip(before.database).map(|(now, before)| now - before),
            load: self.load - before.load,
        }
    }

    /// The time for a thousand, where so many took this.
    pub(super) fn of_a_thousand(&self, count: f64) -> Self {
        let each = |seconds: f64| seconds / count * 1_000.0;
        Self { service: each(self.service), database: self.database.map(each), load: each(self.load) }
    }

    pub(super) fn median(all: &[Self]) -> Self {
        let middle =
            |of: fn(&Self) -> Option<f64>| rounds::median(&mut all.iter().filter_map(of).collect::<Vec<_>>());
        Self {
            service: middle(|one| Some(one.service)),
            database: all.iter().any(|one| one.database.is_some()).then(|| middle(|one| one.database)),
            load: middle(|one| Some(one.load)),
        }
    }
}

impl fmt::Display for Processors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} s of the service, ", self.service)?;
        if let Some(database) = self.database {
            write!(f, "{database:.2} s of the database, ")?;
        }
        write!(f, "{:.2} s of the load", self.load)
    }
}

/// The time of a process and of all its children, also of those that have ended.
fn with_children(parent: u32) -> Result<Duration, Failure> {
    let Busy { own, of_ended_children, .. } = busy_of(parent)?;
    let mut all = own + of_ended_children;
    for entry in std::fs::read_dir("/proc")? {
        let process = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        // One that has ended meanwhile is among those of its parent.
        let Some(Ok(child)) = process.map(busy_of) else { continue };
        if child.parent == parent {
            all += child.own;
        }
    }
    Ok(all)
}
