//! `cargo xtask test`: all tests.

use clap::Args;

use crate::attack::Attack;
use crate::crash::Crash;
use crate::layers::Layers;
use crate::map::Map;
use crate::surroundings::Surroundings;
use crate::words::Words;
use crate::{Failure, cargo, packages, test_programs};

/// Which tests are run.
#[derive(Args)]
pub(crate) struct Test {
    /// Passed on to the tests, such as a filter.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<(), Failure> {
        // They take about a second, so they come first.
        Words::all().run()?;
        Layers::all().run()?;
        Map::check().run()?;
        packages::install_missing()?;
        // The system tests start these as processes of their own.
        cargo::build_programs()?;
        // The core has to build with nothing but itself.
        cargo::run(cargo::cargo().args([
            "check",
            "-p",
            "iampass-core",
            "-p",
            "iampass",
            "--no-default-features",
        ]))?;
        let only_some = !self.arguments.is_empty();
        if only_some {
            let mut test = cargo::cargo();
            test.args(["test", "--workspace", "--all-features", "--"]).args(self.arguments);
            return cargo::run(&mut test);
        }
        let all = ["--workspace", "--all-features", "--exclude", "iampass-simulation"];
        let tests = test_programs::run_all(&all);
        let examples = cargo::run(cargo::cargo().args(["test", "--doc", "--no-fail-fast"]).args(all));
        tests.and(examples)?;
        // Optimised, it plays tens of thousands of seeds in a minute or two.
        cargo::run(cargo::cargo().args(["test", "--release", "-p", "iampass-simulation"]))?;
        // The attacks that take no longer than a minute together.
        Attack::short().run()?;
        // A few kills of those that `cargo xtask crash` makes.
        Crash::short(5, false).run()?;
        Crash::short(2, true).run()?;
        // A few of the real programs that `cargo xtask surroundings` puts around it.
        Surroundings::short().run()
    }
}
