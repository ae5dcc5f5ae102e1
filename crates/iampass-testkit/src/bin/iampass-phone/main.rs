//! `iampass-phone`: a phone without a screen, for shell scripts and other languages' tests.
//!
//! Its state is in a file. It exits with 0 when it has done what it was asked, with 1 when there was nothing to do (in time), and with 2
//! when something went wrong. Messages for people go to the standard error, results to the standard output.

#![forbid(unsafe_code)]

mod actions;
mod arguments;
mod phones;
mod presence;
mod report;
mod state_file;

use std::process::ExitCode;

use clap::Parser as _;

use actions::Outcome;
use arguments::Arguments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match actions::run(&arguments).await {
        Ok(Outcome::Done(report)) => {
            report.print(arguments.json);
            ExitCode::SUCCESS
        }
        Ok(Outcome::NothingToDo(message)) => {
            eprintln!("{message}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("iampass-phone: {error}");
            ExitCode::from(2)
        }
    }
}
