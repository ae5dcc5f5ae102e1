//! Kills the service at random instants under load, and looks for anything that it had acknowledged and lost. Run it by
//! `cargo xtask crash`.
//!
//! Workers change people of their own, one change after another: users are added and deleted, phones registered, replaced, lost and
//! removed, logins started, shown, accepted, declined and ended. Each worker keeps book ([`model`]). After each kill everything that was
//! changed is asked for ([`audit`]), every request that was acknowledged is sent again and has to be refused, and the request that was under way has to
//! have been done as a whole or not at all.

#![forbid(unsafe_code)]

mod action;
mod audit;
mod call;
mod campaign;
mod model;
mod random;
mod service;
mod storage_checks;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use iampass_test_databases::{PrivatePostgres, Tls};

use campaign::{Plan, campaign};
use random::Random;
use service::{Place, Service};

/// An error, told for a person.
type Failure = iampass_core::port::BoxError;

/// Kills the service and looks for losses.
#[derive(Parser, Debug)]
struct Arguments {
    /// How many kills.
    #[arg(long)]
    runs: u32,
    /// Over PostgreSQL instead of SQLite.
    #[arg(long)]
    postgres: bool,
    /// With PostgreSQL, one of so many kills is the database's; 0 for none.
    #[arg(long, default_value_t = 4)]
    database_every: u32,
    /// The number of workers that change people at the same time.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=250))]
    workers: u8,
    /// Decides what is done and when it is killed; another one each time unless given.
    #[arg(long)]
    seed: Option<u64>,
    /// How many milliseconds the service may take to be back.
    #[arg(long, default_value_t = 2_000)]
    back_within_ms: u64,
    /// The program of the service.
    #[arg(long)]
    server: PathBuf,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crash: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("iampass-crash-").tempdir()?;
    let seed = match arguments.seed {
        Some(seed) => seed,
        None => u64::from(getrandom::u32()?),
    };
    let place = if arguments.postgres {
        let Some(server) = PrivatePostgres::start_durable(Tls::Off) else {
            return Ok(()); // It has been said how to get one.
        };
        let database = server.database();
        Place::Postgres(Box::new((database, server)))
    } else {
        Place::File(folder.path().join("data.sqlite"))
    };
    let plan = Plan {
        runs: arguments.runs,
        workers: arguments.workers,
        database_every: if arguments.postgres { arguments.database_every } else { 0 },
        back_within: Duration::from_millis(arguments.back_within_ms),
    };
    println!(
        "Seed {seed}. {} kills over {} …",
        plan.runs,
        if arguments.postgres { "PostgreSQL" } else { "SQLite" }
    );
    let mut service = Service::new(arguments.server, place, folder.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match runtime.block_on(campaign(&mut service, plan, Random::new(seed))) {
        Ok(report) => {
            println!("{}", report.text());
            Ok(())
        }
        Err(error) => {
            drop(service);
            Err(format!("seed {seed}: {error}\nThe data and the log are kept in {}", folder.keep().display())
                .into())
        }
    }
}
