//! Attacks on the real program over real sockets: `iampass-server` as its own process, an application with the login pages of `iampass-web`, and
//! phones. `cargo xtask attack` builds and calls it.
//!
//! Arguments are names of attacks, or parts of names; without any, all are tried. `--list` prints the names, and `--short` leaves out those that take
//! long. Each attack prints its name, the
//! attempt and what came of it; the last line counts. The exit code is 1 when one has succeeded or could not be tried.
//!
//! A family of attacks is a file. An attack first does what an honest user does, or does it at its end: a refusal proves nothing where everything is
//! refused.

#![forbid(unsafe_code)]

mod answers;
mod browser;
mod codes;
mod console;
mod cookies;
mod evil;
mod fleet;
mod forger;
mod ground;
mod keys;
mod lockout;
mod moving;
mod nodes;
mod pages;
mod phones;
mod prompting;
mod return_links;
mod service;
mod several;
mod site;
mod unlocking;
mod verdict;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ground::Ground;
use verdict::{Attack, Failure, Verdict};

/// The attacks that take long, most of it in waits that hide whether a name is known.
const LONG: [&str; 6] = [
    "fleet-of-networks",
    "fleet-of-providers",
    "lock-out-at-the-page",
    "decoy-told-from-a-name",
    "removed-member-and-old-invitation",
    "photographed-qr",
];

/// The most that one attack may take, on a busy machine.
const ONE: Duration = Duration::from_secs(150);

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match run(&wanted) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("iampass-attack: {error}");
            ExitCode::FAILURE
        }
    }
}

/// All of them, the most telling first.
fn all() -> impl Iterator<Item = Attack> {
    prompting::ATTACKS
        .into_iter()
        .chain(lockout::ATTACKS)
        .chain(fleet::ATTACKS)
        .chain(codes::ATTACKS)
        .chain(moving::ATTACKS)
        .chain(return_links::ATTACKS)
        .chain(answers::ATTACKS)
        .chain(keys::ATTACKS)
        .chain(phones::ATTACKS)
        .chain(several::ATTACKS)
        .chain(unlocking::ATTACKS)
        .chain(pages::ATTACKS)
        .chain(cookies::ATTACKS)
        .chain(evil::ATTACKS)
        .chain(nodes::ATTACKS)
        .chain(console::ATTACKS)
}

fn run(wanted: &[String]) -> Result<bool, Failure> {
    if wanted.iter().any(|name| name == "--list") {
        all().for_each(|attack| println!("{}: {}", attack.name, attack.tried));
        return Ok(true);
    }
    let is_short = wanted.iter().any(|name| name == "--short");
    let names: Vec<_> = wanted.iter().filter(|name| *name != "--short").collect();
    let is_wanted = |attack: &Attack| {
        let is_named = names.is_empty() || names.iter().any(|name| attack.name.contains(name.as_str()));
        is_named && !(is_short && LONG.contains(&attack.name))
    };
    let attacks: Vec<_> = all().filter(is_wanted).collect();
    if attacks.is_empty() {
        return Err("no attack has such a name; --list prints the names".into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(try_all(&attacks))
}

async fn try_all(attacks: &[Attack]) -> Result<bool, Failure> {
    let ground = Arc::new(Ground::new().await?);
    let (mut defeated, mut residual) = (0, 0);
    for attack in attacks {
        let began = Instant::now();
        let outcome = tokio::time::timeout(ONE, (attack.run)(Arc::clone(&ground))).await;
        let outcome = outcome.unwrap_or_else(|_| Err("it does not end".into()));
        let said = match &outcome {
            Ok(verdict) => verdict.to_string(),
            Err(error) => format!("NOT TRIED: {error}"),
        };
        match outcome {
            Ok(Verdict::Defeated(_)) => defeated += 1,
            Ok(Verdict::Residual(_)) => residual += 1,
            _ => {}
        }
        println!(
            "{} ({:.1} s)\n  tried: {}\n  {said}",
            attack.name,
            began.elapsed().as_secs_f64(),
            attack.tried
        );
    }
    println!("attacks: {defeated} of {} defeated, {residual} residual", attacks.len());
    Ok(defeated + residual == attacks.len())
}
