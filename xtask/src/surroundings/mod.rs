//! `cargo xtask surroundings`: the product among the real programs that people put around it.
//!
//! Belongs here: which kinds of surroundings there are, and the table of what held. Does not belong here: how one of them is started and asked;
//! that is in the file of its kind.

mod browsers;
mod clocks;
mod databases;
mod document;
mod installed;
mod mail;
mod outcome;
mod proxies;

pub(crate) use outcome::{Outcome, Verdict};

use clap::{Args, ValueEnum};

use crate::{Failure, cargo};

/// Which surroundings are tried.
#[derive(Args)]
pub(crate) struct Surroundings {
    /// The kind; all kinds where none is named.
    kind: Option<Kind>,
    /// Names within the kind, such as `nginx`, or words of some trials, such as `full disk` or `PROXY`; all of them where none is
    /// named.
    names: Vec<String>,
    /// Only the few that every run of the tests tries. Neither this nor a run by names writes into the document, but with --again.
    #[arg(long)]
    short: bool,
    /// Trials by names are written into the document, in the place of what was there. A trial that failed only since the machine was
    /// slow is tried again by itself.
    #[arg(long, requires = "names", conflicts_with = "short")]
    again: bool,
    /// All kinds at the same time. Most of the time each only waits, but a slow machine may miss a limit of time.
    #[arg(long)]
    at_once: bool,
}

/// A kind of surroundings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// Reverse proxies between the callers and the service.
    Proxies,
    /// Databases that fail, freeze, fill up or stand behind a pooler.
    Databases,
    /// Mail servers that take the notices.
    Mail,
    /// A clock that steps, and a machine that sleeps.
    Clocks,
    /// Browsers in which the pages are used.
    Browsers,
}

const KINDS: [(Kind, Run); 5] = [
    (Kind::Proxies, proxies::run),
    (Kind::Databases, databases::run),
    (Kind::Mail, mail::run),
    (Kind::Clocks, clocks::run),
    (Kind::Browsers, browsers::run),
];

/// Tries the surroundings of one kind.
type Run = fn(&Wanted<'_>) -> Result<Vec<Outcome>, Failure>;

/// The trials that a kind is asked for.
pub(crate) struct Wanted<'a> {
    names: &'a [String],
    /// Only what every run of the tests tries.
    pub(crate) short: bool,
}

impl Wanted<'_> {
    /// Whether a name is to be tried.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }

    /// Whether a trial of this name is to be made: it can be named by words of its own.
    pub(crate) fn has_trial(&self, name: &str, tried: &str) -> bool {
        self.has(name) || self.names.iter().any(|wanted| tried.contains(wanted.as_str()))
    }
}

impl Surroundings {
    pub(crate) fn short() -> Self {
        Self { kind: None, names: Vec::new(), short: true, again: false, at_once: false }
    }

    fn has(&self, kind: Kind) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
    }

    pub(crate) fn run(self) -> Result<(), Failure> {
        let wanted = Wanted { names: &self.names, short: self.short };
        // The programs of the workspace that are tried, and those that try them.
        cargo::build_programs()?;
        // The results of the others are told all the same.
        let tried = |(kind, run): (Kind, Run)| {
            run(&wanted).unwrap_or_else(|error| vec![Outcome::of_all(kind, &*error)])
        };
        let kinds = KINDS.into_iter().filter(|(kind, _)| self.has(*kind));
        let outcomes: Vec<Outcome> = if self.at_once {
            std::thread::scope(|scope| {
                let running: Vec<_> = kinds.map(|kind| (kind.0, scope.spawn(move || tried(kind)))).collect();
                let ended = running.into_iter().map(|(kind, running)| {
                    running.join().unwrap_or_else(|_| vec![Outcome::of_all(kind, &std::fmt::Error)])
                });
                ended.flatten().collect()
            })
        } else {
            kinds.flat_map(tried).collect()
        };
        // A part of a kind is no result of the kind.
        let file = cargo::workspace_root().join("docs/surroundings.md");
        if let Some(kind) = self.kind.filter(|_| self.again) {
            let before = std::fs::read_to_string(&file)?;
            std::fs::write(&file, document::again(&before, kind, &self.names, &outcomes)?)?;
        }
        if self.names.is_empty() && !self.short {
            let before = std::fs::read_to_string(&file).unwrap_or_default();
            let tried = KINDS.map(|(kind, _)| kind);
            let tried: Vec<_> = tried.into_iter().filter(|kind| self.has(*kind)).collect();
            std::fs::write(file, document::document(&before, &tried, &outcomes)?)?;
        }
        print!("{}", outcome::table(&outcomes));
        println!("{}", outcome::summary(&outcomes));
        // Where what a test needs cannot be had it is skipped, as everywhere, but by CI.
        let may_skip = self.short && std::env::var("CI").as_deref() != Ok("true");
        let is_good = |verdict: &Verdict| match verdict {
            Verdict::Holds | Verdict::CannotBe(_) => true,
            Verdict::NotTried(_) => may_skip,
            Verdict::Fails(_) => false,
        };
        if outcomes.iter().all(|outcome| is_good(&outcome.verdict)) {
            Ok(())
        } else {
            Err("not all surroundings hold; the table above says which".into())
        }
    }
}
