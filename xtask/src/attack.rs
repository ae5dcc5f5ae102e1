//! `cargo xtask attack`: attacks on the real program, each of which must come to nothing.

use clap::Args;

use crate::{Failure, cargo};

/// The choice of attacks.
#[derive(Args)]
pub(crate) struct Attack {
    /// The attacks to try, by their names or parts of them; all unless given.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Only prints their names.
    #[arg(long)]
    list: bool,
    /// Leaves out those that take long.
    #[arg(long)]
    short: bool,
}

impl Attack {
    /// Those that take no longer than a minute together.
    pub(crate) fn short() -> Self {
        Self { names: Vec::new(), list: false, short: true }
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        // As for tests, so that nothing is built twice for them.
        cargo::build_programs()?;
        let mut attack = std::process::Command::new(cargo::built("iampass-attack")?);
        attack.current_dir(cargo::workspace_root()).args(self.names);
        if self.short {
            attack.arg("--short");
        }
        if self.list {
            attack.arg("--list");
        }
        cargo::run(&mut attack)
    }
}
