//! The databases of applications: the stores of both crates among them.
//!
//! Belongs here: what is tried, by the tests of `store_surroundings`. Does not belong here: how Galera nodes ([`galera`]), poolers
//! ([`poolers`]) and PostgreSQL servers that fail ([`postgres`]) are started.

mod galera;
mod poolers;
mod postgres;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::super::Kind;
use super::{Outcome, Verdict, Wanted};
use crate::{Failure, cargo};

use self::galera::Cluster;
use self::poolers::{Mode, Pooled};

/// A database, the Debian packages that it needs, and how it is tried.
type Surrounding = (&'static str, &'static [&'static str], fn(&Folder) -> Result<Vec<Tried>, Failure>);

/// The name of a trial, and its result.
type Tried = (String, Result<(), Failure>);

const SURROUNDINGS: [Surrounding; 3] = [
    ("galera", &["mariadb-server", "mariadb-client", "galera-4", "rsync"], galera_nodes),
    ("pgbouncer", &["postgresql", "pgbouncer"], pooled_connections),
    ("postgresql", &["postgresql"], postgres::tries),
];

/// Tries them. None of them is short.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for (name, packages, try_all) in SURROUNDINGS {
        if wanted.short || !wanted.has_trial(name, &format!("stores, {name}")) {
            continue;
        }
        let mut add = |tried: &str, verdict| {
            let version = version(name);
            outcomes.push(Outcome {
                kind: Kind::Databases,
                name: name.to_owned(),
                version,
                tried: tried.to_owned(),
                verdict,
            });
        };
        if !is_installed(packages) {
            let how = format!("as root on Debian: apt-get install {}", packages.join(" "));
            add("the stores", Verdict::NotTried(how));
            continue;
        }
        match Folder::new(name).and_then(|folder| try_all(&folder)) {
            Ok(all) => {
                for (tried, result) in all {
                    add(&tried, Verdict::of(result));
                }
            }
            Err(error) => add("the stores", Verdict::Fails(error.to_string())),
        }
    }
    Ok(outcomes)
}

fn galera_nodes(folder: &Folder) -> Result<Vec<Tried>, Failure> {
    let mut cluster = Cluster::start(folder)?;
    let mut all = vec![
        (
            "stores: three nodes migrate at once".to_owned(),
            test("all_nodes_migrate_at_once", &cluster.urls()),
        ),
        (
            "stores: what one node acknowledged is there for the others".to_owned(),
            test("what_was_acknowledged_is_there_for_every_node", &cluster.urls()),
        ),
    ];
    cluster.on_each("SET GLOBAL wsrep_sync_wait = 0")?;
    let refused = test("migrate_refuses", &cluster.urls());
    all.push(("stores: nodes that do not wait for each other are refused".to_owned(), refused));
    cluster.on_each("SET GLOBAL wsrep_sync_wait = 7")?;
    cluster.kill_last()?;
    let without_one = test("what_was_acknowledged_is_there_for_every_node", &cluster.urls());
    all.push(("stores: a node is killed, and the two others go on".to_owned(), without_one));
    Ok(all)
}

fn pooled_connections(folder: &Folder) -> Result<Vec<Tried>, Failure> {
    let database = Pooled::start(folder)?;
    let session = database.through(folder, Mode::Session)?;
    let by_session = test("what_was_acknowledged_is_there_for_every_node", session.url());
    let transaction = database.through(folder, Mode::Transaction)?;
    let refused = test("migrate_refuses", transaction.url());
    let turning = database.through(folder, Mode::Turning)?;
    turning.use_two()?;
    let turning_refused = test("migrate_refuses", turning.url());
    let no_lock = test("no_lock_is_left", database.url());
    Ok(vec![
        ("stores: session mode works".to_owned(), by_session),
        ("stores: transaction mode is refused, with the reason".to_owned(), refused),
        ("stores: so it is when it hands out sessions by turns, and is in use".to_owned(), turning_refused),
        ("stores: after that no lock is left in the server".to_owned(), no_lock),
    ])
}

/// Runs one test of the stores at these databases.
fn test(name: &str, urls: &str) -> Result<(), Failure> {
    test_with(name, &[("IAMPASS_TEST_STORE_URLS", urls)])
}

/// Runs one test of the stores with these variables.
fn test_with(name: &str, variables: &[(&str, &str)]) -> Result<(), Failure> {
    let mut command = cargo::cargo();
    // With all of the workspace, so that nothing is built once more with other features.
    command.args(["test", "--quiet", "--workspace", "--all-features", "--test", "store_surroundings"]);
    command.args(["--", "--ignored", "--exact", name]).envs(variables.iter().copied());
    cargo::run(&mut command)
}

/// Installs what is missing, as root on Debian. Whether all is there.
fn is_installed(packages: &[&str]) -> bool {
    let are_there = || {
        let listed = Command::new("dpkg-query").args(["-W", "-f", "${Status}\n"]).args(packages).output();
        listed.is_ok_and(|listed| {
            listed.status.success()
                && String::from_utf8_lossy(&listed.stdout).lines().all(|line| line.ends_with(" installed"))
        })
    };
    if !are_there() && is_root() {
        let mut install = Command::new("apt-get");
        install.args(["-qq", "install", "-y", "--no-install-recommends"]).args(packages);
        let _ = install.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).status();
    }
    are_there()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The first line of what a program says about itself.
fn version(name: &str) -> String {
    if name == "postgresql" {
        return super::cluster::version(name);
    }
    let program = if name == "galera" { "/usr/sbin/mariadbd" } else { "/usr/sbin/pgbouncer" };
    let said = Command::new(program).arg("--version").output();
    let said =
        said.map(|said| String::from_utf8_lossy(&said.stdout).lines().next().unwrap_or_default().to_owned());
    let said = said.unwrap_or_default();
    let version = said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    version.unwrap_or("unknown").to_owned()
}

/// A folder that goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("iampass-stores-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that ends with its value.
struct Running(Child);

impl Running {
    fn start(command: &mut Command, log: &Path) -> Result<Self, Failure> {
        let log = std::fs::File::create(log)?;
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        Ok(Self(child.map_err(|error| format!("{name} cannot be started: {error}"))?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is so.
fn until(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) -> Result<(), Failure> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() > within {
            return Err(format!("{what}: not within {} s", within.as_secs()).into());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Runs a command to its end and gives its output.
fn output(command: &mut Command) -> Result<String, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
