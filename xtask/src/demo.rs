//! `cargo xtask demo`: the service, a phone and an application, running.

use std::process::Command;

use clap::Args;

use crate::service::Service;
use crate::{Failure, cargo};

/// How the demonstration goes.
#[derive(Args)]
pub(crate) struct Demo {
    /// Lets a virtual phone answer, so that it runs by itself.
    #[arg(long)]
    auto: bool,
    /// The port of the service; one that is free unless given.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Failure> {
        println!("Building (the first time takes a few minutes) …");
        let mut build = cargo::cargo();
        build.args(["build", "-p", "iampass-server", "-p", "getting-started"]);
        if self.auto {
            build.args(["-p", "iampass-testkit", "--features", "iampass-testkit/command"]);
        }
        cargo::run(&mut build)?;

        let service = Service::start(self.port)?;
        println!("\nThe service is running at  {}", service.says("server"));
        if !self.auto {
            println!("The phone is this page:    {}", service.says("phone"));
        }
        println!();
        let mut example = Command::new(cargo::built("getting-started")?);
        example.envs(service.environment());
        if self.auto {
            example.arg("--phone").arg(cargo::built("iampass-phone")?);
        }
        cargo::run(&mut example)
    }
}
