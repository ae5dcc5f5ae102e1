//! The project's tasks. `cargo xtask --help` lists them.

#![forbid(unsafe_code)]

mod attack;
mod bench;
mod cargo;
mod crash;
mod demo;
mod free_port;
mod layers;
mod map;
mod packages;
mod service;
mod surroundings;
mod test;
mod test_programs;
mod walk;
mod words;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts the service and walks through a login, with a phone in your browser.
    Demo(demo::Demo),
    /// Runs all tests; starts, and on Debian as root installs, what they need.
    Test(test::Test),
    /// Attacks the real program, and says what came of it.
    Attack(attack::Attack),
    /// Kills the service at random instants, and looks for anything that it had confirmed and lost.
    Crash(crash::Crash),
    /// Runs the product among real proxies, databases and mail servers.
    Surroundings(surroundings::Surroundings),
    /// Checks that comments and documents keep to the rules of style.
    Words(words::Words),
    /// Checks which crates and modules use which.
    Layers(layers::Layers),
    /// Writes the generated parts of the project's map, and checks that all that the map names exists.
    Map(map::Map),
    /// Counts the files of the service that a call goes through.
    Walk(walk::Walk),
    /// Measures, against references measured in the same run.
    Bench(bench::Bench),
}

/// An error, told for a person.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Demo(demo) => demo.run(),
        Task::Test(test) => test.run(),
        Task::Attack(attack) => attack.run(),
        Task::Crash(crash) => crash.run(),
        Task::Surroundings(surroundings) => surroundings.run(),
        Task::Words(words) => words.run(),
        Task::Layers(layers) => layers.run(),
        Task::Map(map) => map.run(),
        Task::Walk(walk) => walk.run(),
        Task::Bench(bench) => bench.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
