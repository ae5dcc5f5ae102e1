//! The service as a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::Shop;
use super::line::Pair;
use crate::Failure;

/// The service as a process of its own, whose memory and time are nobody else's.
pub(super) struct Program {
    process: Child,
    pub(super) shop: Shop,
}

impl Program {
    pub(super) async fn start(file: &Path) -> Result<Self, Failure> {
        let program = std::env::current_exe()?.with_file_name("iampass-bench-service");
        let mut process = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION))
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("the service has no output")?;
        let line = BufReader::new(output).lines().next_line().await?.ok_or("the service did not start")?;
        let says: Value = serde_json::from_str(&line)?;
        let address = super::text(&says, "/address")?;
        Ok(Self { process, shop: Shop::at(address, Pair::read(&says, "/id", "/secret")?) })
    }

    /// Its resident memory.
    pub(super) fn bytes(&self) -> Result<f64, Failure> {
        bytes(&self.process)
    }

    /// The processor time that it has taken so far.
    pub(super) fn busy(&self) -> Result<Duration, Failure> {
        busy(&self.process)
    }

    pub(super) async fn end(mut self) -> Result<(), Failure> {
        drop(self.process.stdin.take());
        self.process.wait().await?;
        Ok(())
    }
}

/// The resident memory of a process.
pub(super) fn bytes(process: &Child) -> Result<f64, Failure> {
    let id = process.id().ok_or("the service has ended")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("its memory is not told")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0)
}

/// The processor time that a process has taken so far.
pub(super) fn busy(process: &Child) -> Result<Duration, Failure> {
    Ok(busy_of(process.id().ok_or("the service has ended")?)?.own)
}

/// The processor time of a process.
pub(super) struct Busy {
    pub(super) parent: u32,
    pub(super) own: Duration,
    pub(super) of_ended_children: Duration,
}

/// The processor time of the process of this number, so far.
pub(super) fn busy_of(id: u32) -> Result<Busy, Failure> {
    /// Linux counts so many a second for programs, whatever it counts by itself.
    const TICKS: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name, which may hold anything, ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |place: usize| {
        let number = fields.get(place).and_then(|field| field.parse::<u64>().ok());
        number.ok_or("its processor time is not told")
    };
    let time =
        |user, system| Ok::<_, &str>(Duration::from_millis((field(user)? + field(system)?) * 1_000 / TICKS));
    Ok(Busy { parent: u32::try_from(field(1)?)?, own: time(11, 12)?, of_ended_children: time(13, 14)? })
}
