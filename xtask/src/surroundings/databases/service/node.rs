//! A node of the service on a database, and what it says of itself.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::scratch::{Scratch, done};
use crate::free_port::free_port;
use crate::{Failure, cargo};

/// The service, running; killed when dropped.
pub(super) struct Node {
    process: Child,
    port: u16,
    /// The arguments by which every command finds the data.
    data: Vec<String>,
    log: PathBuf,
}

/// The master key of the case, as arguments of a command; made at first use.
fn master_key(scratch: &Scratch) -> Result<[String; 2], Failure> {
    let key = scratch.path("master.key");
    if !key.exists() {
        let program = cargo::built("iampass-server")?;
        done(Command::new(program).args(["master-key", "new", "--to"]).arg(&key))?;
    }
    Ok(["--master-key-file".to_owned(), key.display().to_string()])
}

fn command(scratch: &Scratch, port: u16) -> Result<Command, Failure> {
    let mut command = Command::new(cargo::built("iampass-server")?);
    command.args(["run", "--listen", &format!("127.0.0.1:{port}")]).args(master_key(scratch)?);
    Ok(command)
}

impl Node {
    pub(super) fn on_postgres(scratch: &Scratch, url: &str) -> Result<Self, Failure> {
        Self::start(scratch, ["--database-url".to_owned(), url.to_owned()])
    }

    pub(super) fn on_file(scratch: &Scratch, data: &Path) -> Result<Self, Failure> {
        Self::start(scratch, ["--data".to_owned(), data.display().to_string()])
    }

    fn start(scratch: &Scratch, database: [String; 2]) -> Result<Self, Failure> {
        let port = free_port()?;
        let data: Vec<_> = database.iter().cloned().chain(master_key(scratch)?).collect();
        let log = std::fs::File::create(scratch.path("log"))?;
        let process = command(scratch, port)?.args(database).stdout(Stdio::null()).stderr(log).spawn()?;
        Ok(Self { process, port, data, log: scratch.path("log") })
    }

    /// A new application, as the variables by which clients find it.
    pub(super) fn application(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        let mut add = Command::new(cargo::built("iampass-server")?);
        add.args(["application", "add", "--name", "Shop", "--json"]).args(&self.data);
        let added: Value = serde_json::from_str(&done(&mut add)?)?;
        let says = |name: &str| added.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(vec![
            ("IAMPASS_SERVER", format!("http://127.0.0.1:{}", self.port)),
            ("IAMPASS_APPLICATION_ID", says("application_id")),
            ("IAMPASS_APPLICATION_SECRET", says("application_secret")),
        ])
    }

    /// The most memory that it has used since [`Self::forget_peak`], in bytes.
    pub(super) fn peak(&self) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib =
            line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("the kernel does not say it")?;
        Ok(kib.trim().parse::<u64>()? << 10)
    }

    /// From now on the peak is counted anew.
    pub(super) fn forget_peak(&self) -> Result<(), Failure> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?)
    }

    /// Whether it ends by itself, and says why.
    pub(super) fn is_refused(scratch: &Scratch, url: &str, words: &str) -> Result<(), Failure> {
        let mut command = command(scratch, free_port()?)?;
        let mut process =
            command.args(["--database-url", url]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let began = Instant::now();
        while process.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(30) {
                process.kill()?;
                return Err("it starts".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let output = process.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        match (output.status.code(), said.contains(words)) {
            (Some(4), true) => Ok(()),
            (code, _) => Err(format!("{code:?}: {said}").into()),
        }
    }

    /// Waits until it ends by itself, and says why.
    pub(super) fn ends(&mut self, within: Duration, words: &str) -> Result<(), Failure> {
        let began = Instant::now();
        while self.process.try_wait()?.is_none() {
            if began.elapsed() > within {
                return Err(format!("it goes on after {} s", within.as_secs()).into());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let said = std::fs::read_to_string(&self.log)?;
        if said.contains(words) { Ok(()) } else { Err(said.into()) }
    }

    /// Waits until `/readyz` answers by this status.
    pub(super) fn becomes(&self, status: u16, within: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let found = self.ready();
            if found == Some(status) {
                return Ok(());
            }
            if began.elapsed() > within {
                return Err(
                    format!("/readyz is {found:?}, not {status}, after {} s", within.as_secs()).into()
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub(super) fn is(&self, status: u16) -> Result<(), Failure> {
        let found = self.ready();
        if found == Some(status) { Ok(()) } else { Err(format!("/readyz is {found:?}, not {status}").into()) }
    }

    fn ready(&self) -> Option<u16> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.split(' ').nth(1)?.parse().ok()
    }

    /// Asks it to stop, and waits until it has.
    pub(super) fn stop(&mut self) -> Result<(), Failure> {
        done(Command::new("kill").args(["-TERM", &self.process.id().to_string()]))?;
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("it stops with {status}").into()) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
