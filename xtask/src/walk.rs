//! `cargo xtask walk`: the files of the service that one call goes through, counted from the running program.
//!
//! The call is made a few times and many times by `iampass-walk` under valgrind's callgrind, which counts how often each function is called. A
//! function that is called as much more often as the call is made more often is on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};

use crate::{Failure, cargo};

/// How often the call is made in the two runs.
const FEW: u64 = 5;
const MANY: u64 = 25;

/// A call whose way is shown.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Call {
    /// A signed question for the status of a session.
    Status,
    /// The start of a login.
    #[value(name = "authenticate_user")]
    AuthenticateUser,
}

impl Call {
    const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::AuthenticateUser => "authenticate_user",
        }
    }
}

/// The choice of calls.
#[derive(Args)]
pub(crate) struct Walk {
    /// The calls; both unless given.
    #[arg(value_enum)]
    calls: Vec<Call>,
}

impl Walk {
    pub(crate) fn run(self) -> Result<(), Failure> {
        cargo::build_programs()?;
        let calls =
            if self.calls.is_empty() { vec![Call::Status, Call::AuthenticateUser] } else { self.calls };
        for call in calls {
            let (few, many) = (counted(call, FEW)?, counted(call, MANY)?);
            let mut files = BTreeMap::<&str, BTreeSet<&str>>::new();
            for ((file, function), count) in &many {
                let before = few.get(&(file.clone(), function.clone())).copied().unwrap_or_default();
                if count.saturating_sub(before) >= MANY - FEW {
                    files.entry(file).or_default().insert(function);
                }
            }
            for (file, functions) in &files {
                println!("{file}: {} functions", functions.len());
            }
            println!("walk: {} goes through {} files of the service", call.name(), files.len());
        }
        Ok(())
    }
}

/// How often each function of the service is called, by its file and name.
type Counts = BTreeMap<(String, String), u64>;

fn counted(call: Call, times: u64) -> Result<Counts, Failure> {
    let written = std::env::temp_dir().join(format!("iampass-walk-{}-{times}", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", written.display()))
        .arg(cargo::built("iampass-walk")?)
        .args([call.name(), &times.to_string()])
        .stderr(Stdio::null());
    cargo::run(&mut valgrind).map_err(|error| format!("{error}. On Debian: apt-get install valgrind"))?;
    let text = std::fs::read_to_string(&written)?;
    std::fs::remove_file(&written)?;
    Ok(read(&text, &cargo::workspace_root()))
}

/// Reads what callgrind has written. A call is told by the lines `cfi=` (its file, unless it is the caller's), `cfn=` (its function) and `calls=`.
fn read(text: &str, root: &Path) -> Counts {
    let mut counts = Counts::new();
    let (mut own, mut called, mut function) = (String::new(), None, String::new());
    for line in text.lines() {
        if let Some(file) =
            line.strip_prefix("fl=").or_else(|| line.strip_prefix("fi=")).or_else(|| line.strip_prefix("fe="))
        {
            own = file.to_owned();
        } else if let Some(file) = line.strip_prefix("cfi=").or_else(|| line.strip_prefix("cfl=")) {
            called = Some(file.to_owned());
        } else if let Some(name) = line.strip_prefix("cfn=") {
            name.clone_into(&mut function);
        } else if let Some(rest) = line.strip_prefix("calls=") {
            let count = rest.split_whitespace().next().and_then(|count| count.parse().ok()).unwrap_or(0);
            let file = called.take().unwrap_or_else(|| own.clone());
            if let Some(file) = of_service(&file, root) {
                *counts.entry((file, function.clone())).or_default() += count;
            }
        }
    }
    counts
}

/// The path of a source file of the service within the workspace.
fn of_service(file: &str, root: &Path) -> Option<String> {
    let path = Path::new(file);
    let path = path.strip_prefix(root).unwrap_or(path).to_str()?;
    path.starts_with("crates/iampass-server").then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_file_and_function() {
        let text = "fl=/w/crates/iampass-server/src/a.rs\nfn=one\n1 5\ncfi=/w/crates/iampass-server-storage/src/b.rs\ncfn=two\n\
                    calls=3 7\n1 2\ncfn=three\ncalls=4 7\n1 2\ncfi=/rust/std.rs\ncfn=four\ncalls=9 1\n1 2\n\
                    cfi=/w/crates/iampass-server-storage/src/b.rs\ncfn=two\ncalls=2 7\n";
        let counts = read(text, Path::new("/w"));
        let count = |file: &str, function: &str| counts.get(&(file.to_owned(), function.to_owned())).copied();
        assert_eq!(count("crates/iampass-server-storage/src/b.rs", "two"), Some(5));
        assert_eq!(count("crates/iampass-server/src/a.rs", "three"), Some(4));
        assert_eq!(counts.len(), 2, "{counts:?}");
    }
}
