//! `cargo xtask bench`: measures, with everything optimised.

use clap::Args;

use crate::{Failure, cargo};

/// What is measured.
#[derive(Args)]
pub(crate) struct Bench {
    /// The figures to measure; all unless given.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Where the figures are written as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // The measuring program is a package of its own: other tasks need not wait until it is built.
        cargo::run(cargo::cargo().args(["build", "--release", "--package", "iampass-bench", "--bins"]))?;
        let mut bench = cargo::cargo();
        bench.args(["run", "--release", "--quiet", "--package", "iampass-bench", "--"]).args(self.names);
        if let Some(file) = self.json {
            bench.arg("--json").arg(std::path::absolute(file)?);
        }
        cargo::run(&mut bench)
    }
}
