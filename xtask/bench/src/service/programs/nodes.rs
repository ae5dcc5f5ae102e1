//! Processes of the program over one database.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use iampass_test_databases::unused_port;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::super::line::Pair;
use super::super::{Shop, program};
use crate::Failure;

/// Names the program to measure.
const PROGRAM: &str = "IAMPASS_BENCH_SERVICE";
/// All comes from one address and one application, and leaves its nonces behind.
const SETTINGS: [&str; 6] = [
    "rate_limits.per_application=off",
    "rate_limits.per_address=off",
    "rate_limits.per_user_starts=off",
    "rate_limits.per_user_links=off",
    "limits.remembered_nonces=20000000",
    "metrics.from_this_machine=true",
];
/// The longest that a node may take until it listens.
const START: Duration = Duration::from_secs(30);

/// Where the service keeps its data.
pub(super) enum Data {
    File(PathBuf),
    Postgres {
        url: String,
        /// Holds the master key.
        keys: TempDir,
    },
}

impl Data {
    pub(super) fn postgres(url: &str) -> Result<Self, Failure> {
        Ok(Self::Postgres { url: url.to_owned(), keys: tempfile::tempdir()? })
    }

    fn arguments(&self) -> Vec<OsString> {
        match self {
            Self::File(file) => vec!["--data".into(), file.into()],
            Self::Postgres { url, keys } => {
                let key = keys.path().join("master.key");
                vec!["--database-url".into(), url.into(), "--master-key-file".into(), key.into()]
            }
        }
    }
}

/// The running nodes, ended with their owner.
pub(super) struct Nodes {
    processes: Vec<Child>,
    shop: Shop,
}

impl Nodes {
    pub(super) async fn start(data: &Data, count: usize) -> Result<Self, Failure> {
        let program = program()?;
        if let Data::Postgres { keys, .. } = data {
            let key = keys.path().join("master.key");
            said(Command::new(&program).args(["master-key", "new", "--to"]).arg(key)).await?;
        }
        let pair = add_application(&program, data).await?;
        let nodes: Vec<_> = (0..count)
            .map(|_| Ok(format!("127.0.0.1:{}", unused_port()?)))
            .collect::<Result<_, Failure>>()?;
        let address = nodes.first().cloned().unwrap_or_default();
        let mut processes = Vec::with_capacity(count);
        for node in &nodes {
            let mut run = Command::new(&program);
            run.arg("run").args(data.arguments()).args(["--listen", node, "--console", "off"]);
            run.args(["--public-url", &format!("http://{address}")]);
            run.args(SETTINGS.iter().flat_map(|setting| ["--set", setting]));
            let run =
                run.env("RUST_LOG", "error").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
            processes.push(run.spawn()?);
            wait_until_open(node).await?;
        }
        Ok(Self { processes, shop: Shop { address, nodes, pair } })
    }

    /// The application, called at all nodes in turn.
    pub(super) fn shop(&self) -> &Shop {
        &self.shop
    }

    /// The processor time that all have taken so far.
    pub(super) fn busy(&self) -> Result<Duration, Failure> {
        self.processes.iter().map(program::busy).sum()
    }

    /// The resident memory of all.
    pub(super) fn bytes(&self) -> Result<f64, Failure> {
        self.processes.iter().map(program::bytes).sum()
    }

    pub(super) async fn end(mut self) -> Result<(), Failure> {
        for process in &mut self.processes {
            process.kill().await?;
        }
        Ok(())
    }
}

/// The program that is measured.
fn program() -> Result<PathBuf, Failure> {
    let beside = || Ok::<_, Failure>(std::env::current_exe()?.with_file_name("iampass-server"));
    let program = std::env::var_os(PROGRAM).map(PathBuf::from).map_or_else(beside, Ok)?;
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    if program.is_file() { Ok(program) } else { Err(format!("{} was not built", program.display()).into()) }
}

/// Adds an application whose approval is a tap: that is what the older programs know.
async fn add_application(program: &Path, data: &Data) -> Result<Pair, Failure> {
    let mut add = Command::new(program);
    add.args(["application", "add", "--name", "Bench", "--json"]).args(data.arguments());
    let help = said(Command::new(program).args(["application", "add", "--help"])).await?;
    if help.contains("--approval") {
        add.args(["--approval", "tap"]);
    }
    let says: Value = serde_json::from_str(&said(&mut add).await?)?;
    Pair::read(&says, "/application_id", "/application_secret")
}

/// The output of a command. `Err`: it failed.
async fn said(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).output().await?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("the service's program failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}

async fn wait_until_open(node: &str) -> Result<(), Failure> {
    let begun = Instant::now();
    while TcpStream::connect(node).await.is_err() {
        if begun.elapsed() > START {
            return Err("the service does not listen; what it said stands above".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
