//! `cargo xtask bench`: measures, with everything optimised.

mod baseline;
mod builds;
mod measuring;
mod ratio_bounds;

use std::process::Command;

use clap::Args;

use crate::{Failure, cargo};

/// The choice of figures.
#[derive(Args)]
pub(crate) struct Bench {
    /// The figures to measure; all unless given. `build`, alone and with --baseline, measures the times of builds.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Where the figures are written as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
    /// Measures this revision as well, in turn with this one, and prints the ratio of each figure. It is built in a folder of its own below
    /// `target`, which takes as long as a first build.
    #[arg(long, value_name = "REVISION", conflicts_with = "json")]
    baseline: Option<String>,
    /// How often both are measured; the ratio is that of the medians.
    #[arg(long, value_name = "N", default_value_t = 3, requires = "baseline")]
    rounds: usize,
}

impl Bench {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.names.iter().any(|name| name == builds::NAME) {
            return match (&self.names[..], &self.baseline) {
                ([_], Some(revision)) => builds::compare(revision),
                _ => {
                    Err(format!("`{}` is measured alone, and takes --baseline REVISION", builds::NAME).into())
                }
            };
        }
        // The measuring program is a package of its own: other tasks need not wait until it is built.
        let programs = ["--package", "iampass-bench", "--package", "iampass-server", "--bins"];
        cargo::run(cargo::cargo().args(["build", "--release"]).args(programs))?;
        if let Some(revision) = &self.baseline {
            return baseline::compare(revision, &self.names, self.rounds);
        }
        let mut bench = Command::new(cargo::optimised("iampass-bench")?);
        bench.current_dir(cargo::workspace_root()).args(self.names);
        if let Some(file) = self.json {
            bench.arg("--json").arg(std::path::absolute(file)?);
        }
        cargo::run(&mut bench)
    }
}
