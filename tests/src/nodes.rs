//! Several nodes of the service over one PostgreSQL database, behind a round-robin.
//!
//! Belongs here: starting and killing them. Does not belong here: the database server, which is the caller's.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use iampass_test_databases::unused_port;
use tempfile::TempDir;

use crate::account::Account;
use crate::programs::{Failure, program};
use crate::round_robin::RoundRobin;

/// How long a node may take until it is ready, on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The running nodes. They are killed when dropped.
#[derive(Debug)]
pub struct Nodes {
    nodes: Vec<Node>,
    account: Account,
    _proxy: RoundRobin,
    _folder: TempDir,
}

#[derive(Debug)]
struct Node {
    address: SocketAddr,
    arguments: Vec<String>,
    process: Option<Child>,
}

impl Nodes {
    /// Starts so many nodes over an empty database, with so many seconds for a phone to answer, and an application.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start(count: usize, database_url: &str, answer_timeout: u64) -> Result<Self, Failure> {
        Self::start_with(count, database_url, answer_timeout, &[])
    }

    /// With more arguments for each of them.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn start_with(
        count: usize,
        database_url: &str,
        answer_timeout: u64,
        more: &[&str],
    ) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let key: PathBuf = folder.path().join("master.key");
        let key = key.to_str().ok_or("the temporary folder has a name that is no text")?;
        run(&["master-key", "new", "--to", key])?;
        let data = ["--database-url", database_url, "--master-key-file", key];
        let mut add = vec!["application", "add", "--name", "Shop", "--json"];
        add.extend(data);
        let said = serde_json::from_str(&run(&add)?).map_err(|error| error.to_string())?;

        let ports = (0..count).map(|_| unused_port()).collect::<Result<Vec<_>, _>>()?;
        let addresses: Vec<_> =
            ports.into_iter().map(|port| SocketAddr::from(([127, 0, 0, 1], port))).collect();
        let proxy = RoundRobin::start(addresses.clone()).map_err(|error| error.to_string())?;
        let server = format!("http://{}", proxy.address());
        let account = Account::read(&server, &said)?;
        let node = |address: SocketAddr| {
            let (listen, answer_timeout) = (address.to_string(), answer_timeout.to_string());
            let own = ["--listen", &listen, "--public-url", &server, "--answer-timeout", &answer_timeout];
            let all = ["run"].into_iter().chain(data).chain(own).chain(more.iter().copied());
            let arguments = all.map(str::to_owned).collect();
            Node { address, arguments, process: None }
        };
        let mut nodes: Vec<_> = addresses.into_iter().map(node).collect();
        for node in &mut nodes {
            node.start()?;
        }
        Ok(Self { nodes, account, _proxy: proxy, _folder: folder })
    }

    /// Where the round-robin is, and the application.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Where one of the nodes listens itself; the first is 0.
    ///
    /// # Errors
    /// When there is no such node.
    pub fn address(&self, node: usize) -> Result<SocketAddr, Failure> {
        Ok(self.nodes.get(node).ok_or("there is no such node")?.address)
    }

    /// Kills a node, without a warning.
    ///
    /// # Errors
    /// When there is no such node, or it does not run.
    pub fn kill(&mut self, node: usize) -> Result<(), Failure> {
        let mut process =
            self.nodes.get_mut(node).and_then(|node| node.process.take()).ok_or("it does not run")?;
        process.kill().and_then(|()| process.wait()).map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Starts a node again that was killed.
    ///
    /// # Errors
    /// When there is no such node, or it does not start.
    pub fn start_again(&mut self, node: usize) -> Result<(), Failure> {
        self.nodes.get_mut(node).ok_or("there is no such node")?.start()
    }

    /// Whether all of them run.
    pub fn are_running(&mut self) -> bool {
        self.nodes
            .iter_mut()
            .all(|node| node.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None))))
    }
}

impl Node {
    fn start(&mut self) -> Result<(), Failure> {
        let mut command = Command::new(program("iampass-server")?);
        command.args(&self.arguments).env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null());
        let process =
            self.process.insert(command.spawn().map_err(|error| format!("iampass-server: {error}"))?);
        let deadline = Instant::now() + READY_WITHIN;
        while !is_ready(self.address) {
            if let Ok(Some(status)) = process.try_wait() {
                return Err(format!("a node ended with {status}"));
            }
            if Instant::now() > deadline {
                return Err(format!("a node is not ready after {READY_WITHIN:?}"));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// The output of a command of the service.
fn run(arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program("iampass-server")?)
        .args(arguments)
        .env("RUST_LOG", "off")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("iampass-server: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("iampass-server {}: {}", output.status, String::from_utf8_lossy(&output.stderr)))
}
