//! Running the measuring program, and the figures that it writes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::{Failure, cargo};

/// Figures of the service's program as it is shipped. One load generator measures any revision of it.
pub(super) const OF_THE_PROGRAM: [&str; 9] = [
    "login_sqlite_per_s",
    "login_sqlite_alone_per_s",
    "status_sqlite_per_s",
    "login_postgres_per_s",
    "login_postgres_commits",
    "login_postgres_alone_per_s",
    "status_postgres_per_s",
    "login_postgres_two_nodes_per_s",
    "login_postgres_two_nodes_vs_one",
];

/// Names the program of the service, for the measuring program.
const SERVICE: &str = "IAMPASS_BENCH_SERVICE";

/// A measuring program.
pub(super) struct Measuring {
    program: PathBuf,
    /// The program of the service that it measures. None: the one beside it.
    service: Option<PathBuf>,
}

/// A figure as the measuring program writes it.
#[derive(Deserialize)]
struct Measured {
    name: String,
    value: f64,
    better: String,
}

impl Measuring {
    pub(super) fn by(program: PathBuf) -> Self {
        Self { program, service: None }
    }

    /// The same of another program of the service.
    pub(super) fn of(self, service: PathBuf) -> Self {
        Self { service: Some(service), ..self }
    }

    /// Measures these figures once more.
    pub(super) fn add_to(&self, measurements: &mut Measurements, names: &[String]) -> Result<(), Failure> {
        let file = self.program.with_file_name("figures.json");
        let mut command = Command::new(&self.program);
        command.args(names).arg("--json").arg(&file).stdout(Stdio::null());
        if let Some(root) = self.program.ancestors().nth(3) {
            command.current_dir(root);
        }
        match &self.service {
            Some(service) => command.env(SERVICE, service),
            None => command.env_remove(SERVICE),
        };
        cargo::run(&mut command)?;
        for figure in serde_json::from_slice::<Vec<Measured>>(&std::fs::read(&file)?)? {
            let of_name = measurements.0.entry(figure.name).or_default();
            of_name.values.push(figure.value);
            of_name.is_lower_better = figure.better == "lower";
        }
        Ok(())
    }
}

/// The values of each figure, over the rounds.
#[derive(Default)]
pub(super) struct Measurements(BTreeMap<String, OfName>);

#[derive(Default)]
struct OfName {
    values: Vec<f64>,
    is_lower_better: bool,
}

impl Measurements {
    pub(super) fn medians(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, of_name)| (name.as_str(), median(&of_name.values)))
    }

    pub(super) fn median(&self, name: &str) -> Option<f64> {
        self.0.get(name).map(|of_name| median(&of_name.values))
    }

    pub(super) fn is_lower_better(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|of_name| of_name.is_lower_better)
    }
}

/// The middle one; of two middle ones the lower.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}
