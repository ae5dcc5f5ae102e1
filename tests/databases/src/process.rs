//! A server process of a test's own: its folder, its port, its life.
//!
//! Belongs here: what PostgreSQL and MariaDB have in common. Does not belong here: what they are started with.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::account::Account;
use crate::failure::Failure;
use crate::port;
use crate::server::Server;
use crate::watcher::Watcher;

/// How long a server may take until it answers. It takes a second, unless the machine is busy.
const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to stop before it is killed.
const STOPS_WITHIN: Duration = Duration::from_secs(10);
/// How long a server that comes back waits for its port.
const PORT_FREE_WITHIN: Duration = Duration::from_secs(10);

/// A product that can be started.
pub(crate) trait Engine {
    /// The signal that stops it at once, with nothing written that was not yet written.
    const STOP: &'static str;
    /// The statement that gives out where the server has its data.
    const WHERE_IS_THE_DATA: &'static str;

    /// The server program in the foreground, listening on this port of 127.0.0.1.
    fn command(&self, port: u16) -> Command;
    /// How to connect to it there.
    fn server(&self, port: u16) -> Result<Server, Failure>;
    /// Where it has its data.
    fn data(&self) -> &Path;
}

/// A server with a folder of its own. Dropping it stops it and removes the folder.
#[derive(Debug)]
pub(crate) struct Process<E: Engine> {
    engine: E,
    account: Account,
    server: Server,
    port: u16,
    child: Option<Child>,
    // Dropped in this order: the watcher removes the folder, unless it has been killed.
    watcher: Watcher,
    folder: TempDir,
}

/// Why there is no server yet.
enum NotStarted {
    PortTaken,
    Failed(Failure),
}

/// A folder that belongs to this account.
pub(crate) fn folder(account: &Account) -> Result<TempDir, Failure> {
    // Servers say where their data is with links resolved.
    let parent = std::env::temp_dir().canonicalize().map_err(|error| error.to_string())?;
    let folder = tempfile::Builder::new().prefix("iampass-test-").tempdir_in(parent);
    let folder = folder.map_err(|error| format!("a temporary folder: {error}"))?;
    account.owns(folder.path())?;
    Ok(folder)
}

impl<E: Engine> Process<E> {
    /// Starts it on some port and returns when it answers.
    pub(crate) fn start(engine: E, account: Account, folder: TempDir) -> Result<Self, Failure> {
        let watcher = Watcher::start(folder.path(), E::STOP)?;
        let port = port::unused()?;
        let server = engine.server(port)?;
        let mut process = Self { engine, account, server, port, child: None, watcher, folder };
        for _ in 0..10 {
            match process.launch() {
                Ok(()) => return Ok(process),
                Err(NotStarted::Failed(failure)) => return Err(failure),
                Err(NotStarted::PortTaken) => {
                    process.port = port::unused()?;
                    process.server = process.engine.server(process.port)?;
                }
            }
        }
        Err("each port was taken by somebody else in the meantime".to_owned())
    }

    /// Starts it on the port that it had, with the data that it has.
    pub(crate) fn start_again(&mut self) -> Result<(), Failure> {
        if self.child.is_some() {
            return Err("it has not been stopped".to_owned());
        }
        let deadline = Instant::now() + PORT_FREE_WITHIN;
        loop {
            match self.launch() {
                Ok(()) => return Ok(()),
                Err(NotStarted::Failed(failure)) => return Err(failure),
                Err(NotStarted::PortTaken) if Instant::now() < deadline => sleep(Duration::from_millis(100)),
                Err(NotStarted::PortTaken) => return Err(format!("somebody else has port {}", self.port)),
            }
        }
    }

    /// The number of the process. `None` when it has been stopped.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Stops it at once; its connections are cut. Does nothing when it has been stopped.
    pub(crate) fn stop(&mut self) -> Result<(), Failure> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        // The standard library knows one signal only. Whether this one arrived is seen below.
        let _ = Command::new("sh")
            .args(["-c", r#"kill -s "$1" "$2""#, "stop", E::STOP, &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        let deadline = Instant::now() + STOPS_WITHIN;
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = child.kill();
            }
            sleep(Duration::from_millis(10));
        }
        self.watcher.release()
    }

    /// Kills it and all its children, so that none of them does anything more. Does nothing when it has been stopped.
    pub(crate) fn kill(&mut self) -> Result<(), Failure> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        // Both at one stroke: children that are left alone finish what they are at.
        let script = r#"kill -s KILL "$1" $(cat "/proc/$1/task/$1/children" || ps -o pid= --ppid "$1")"#;
        let _ = Command::new("sh")
            .args(["-c", script, "kill", &child.id().to_string()])
            .stderr(Stdio::null())
            .status();
        // Where the script could not find the children.
        let _ = child.kill();
        child.wait().map_err(|error| error.to_string())?;
        self.watcher.release()
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn engine(&self) -> &E {
        &self.engine
    }

    fn launch(&mut self) -> Result<(), NotStarted> {
        let log = self.folder.path().join("log");
        let command = self.engine.command(self.port);
        let child = spawn(command, &self.account, &log).map_err(NotStarted::Failed)?;
        let guarded = self.watcher.guard(&child);
        let child = self.child.insert(child);
        guarded.map_err(NotStarted::Failed)?;
        let deadline = Instant::now() + STARTS_WITHIN;
        let failure = loop {
            match child.try_wait() {
                Ok(None) if self.server.listens() && is_at(&self.server, &self.engine) => return Ok(()),
                Ok(None) if Instant::now() < deadline => sleep(Duration::from_millis(20)),
                Ok(None) => {
                    let said = self.server.sql(E::WHERE_IS_THE_DATA);
                    break format!(
                        "the server did not answer within {STARTS_WITHIN:?} (its client: {said:?})"
                    );
                }
                Ok(Some(status)) => break format!("the server ended with {status}"),
                Err(error) => break error.to_string(),
            }
        };
        self.stop().map_err(NotStarted::Failed)?;
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        // The second: children of one that was killed are still on their way out.
        if log.contains("Address already in use") || log.contains("is still in use") {
            return Err(NotStarted::PortTaken);
        }
        Err(NotStarted::Failed(format!("{failure}. Its log:\n{log}")))
    }
}

impl<E: Engine> Drop for Process<E> {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Whether the one that answers there is this one, and not another test's that was quicker to take the port.
fn is_at<E: Engine>(server: &Server, engine: &E) -> bool {
    server.sql(E::WHERE_IS_THE_DATA).is_ok_and(|data| Path::new(&data) == engine.data())
}

fn spawn(mut command: Command, account: &Account, log: &Path) -> Result<Child, Failure> {
    let output = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let errors = output.try_clone().map_err(|error| error.to_string())?;
    account
        .runs(&mut command)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))
}

/// Runs a program that prepares the folder, as the account.
pub(crate) fn prepare(mut command: Command, account: &Account) -> Result<(), Failure> {
    let output = account
        .runs(&mut command)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{}: {} {}{}",
        command.get_program().display(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}
