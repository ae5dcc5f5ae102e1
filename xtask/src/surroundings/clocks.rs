//! A clock that steps, and a machine that sleeps. `iampass-clocks` does it, by Debian's libfaketime, which sets the clock of the service alone.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::installed::{install, version};
use super::{Kind, Outcome, Verdict, Wanted};
use crate::{Failure, cargo};

const NAME: &str = "libfaketime";

/// Tries them. In a short run nothing is tried: it takes minutes.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    if wanted.short || !wanted.has(NAME) {
        return Ok(Vec::new());
    }
    cargo::build_programs()?;
    println!("{NAME} …");
    let installed = install(&["faketime"], &["faketime"]);
    let outcome = |tried: &str, verdict| Outcome {
        kind: Kind::Clocks,
        name: NAME.to_owned(),
        version: version("faketime", "--version"),
        tried: tried.to_owned(),
        verdict,
    };
    let library = match (installed, library()) {
        (Ok(()), Some(library)) => library,
        (Err(how), _) => return Ok(vec![outcome("all of it", Verdict::NotTried(how))]),
        (Ok(()), None) => {
            let how = "on Debian: apt-get install libfaketime".to_owned();
            return Ok(vec![outcome("all of it", Verdict::NotTried(how))]);
        }
    };
    let mut clocks = Command::new(cargo::built("iampass-clocks")?);
    let said = clocks.arg(library).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let mut outcomes: Vec<_> = super::outcome::told(&said.stdout)?
        .into_iter()
        .map(|(tried, verdict)| outcome(&tried, verdict))
        .collect();
    if !said.status.success() {
        let seen = "it ended before everything was tried".to_owned();
        outcomes.push(outcome("all of it", Verdict::Fails(seen)));
    }
    Ok(outcomes)
}

/// The library for programs with threads, in the folder of the machine's architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    let found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    found.into_iter().find(|file| file.is_file())
}
