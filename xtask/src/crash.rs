//! `cargo xtask crash`: kills the service at random instants, and looks for anything that it had confirmed and lost.

use clap::Args;

use crate::{Failure, cargo};

/// How often, and over which database.
#[derive(Args)]
pub(crate) struct Crash {
    /// How many kills; 200 over SQLite and 50 over PostgreSQL unless given.
    #[arg(long)]
    runs: Option<u32>,
    /// Over PostgreSQL, of which some of the kills are, instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// Goes through the same as a run before, which has printed it.
    #[arg(long)]
    seed: Option<u64>,
    /// How many milliseconds the service may take to be back.
    #[arg(long, default_value_t = 2_000, value_name = "MILLISECONDS")]
    back_within_ms: u64,
    /// With what tests have built, instead of programs as they are shipped.
    #[arg(skip)]
    is_short: bool,
}

impl Crash {
    /// A few kills, on a machine that may be busy with other things.
    pub(crate) fn short(runs: u32, postgres: bool) -> Self {
        Self { runs: Some(runs), postgres, seed: None, back_within_ms: 60_000, is_short: true }
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        // Apart, so that the service has the features that it is shipped with.
        let mut build = cargo::cargo();
        let program = if self.is_short {
            // As for tests, so that nothing is built twice for them.
            build.args(["build", "--workspace", "--all-features", "--all-targets"]);
            cargo::built
        } else {
            build.args([
                "build",
                "--release",
                "--package",
                "iampass-server",
                "--package",
                "iampass-crash",
                "--bins",
            ]);
            cargo::optimised
        };
        cargo::run(&mut build)?;
        let mut crash = std::process::Command::new(program("iampass-crash")?);
        crash.current_dir(cargo::workspace_root()).arg("--server").arg(program("iampass-server")?);
        let runs = self.runs.unwrap_or(if self.postgres { 50 } else { 200 });
        crash.args(["--runs", &runs.to_string(), "--back-within-ms", &self.back_within_ms.to_string()]);
        if self.postgres {
            crash.arg("--postgres");
        }
        if let Some(seed) = self.seed {
            crash.args(["--seed", &seed.to_string()]);
        }
        cargo::run(&mut crash)
    }
}
