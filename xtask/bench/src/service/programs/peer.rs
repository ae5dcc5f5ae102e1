//! npm's `oidc-provider` under the same load: CIBA in poll mode.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use base64::Engine as _;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

use super::super::line::text;
use super::super::logins::ROUND;
use crate::Failure;
use crate::load::{Question, read_answer, requests_per_second};

/// The versions that are measured.
const PACKAGES: [&str; 2] = ["oidc-provider@8.8.1", "ioredis@6.0.0"];
const SCRIPT: &str = include_str!("../../../peers/oidc-provider.mjs");

/// The place where the peer keeps its data.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kept {
    /// Nothing outlives the process.
    Memory,
    Redis,
}

/// The peer as a process, ended with its owner.
pub(super) struct Peer {
    _process: Child,
    /// It ends when it writes to a pipe that is closed.
    _output: Lines<BufReader<ChildStdout>>,
    client: PeerClient,
}

/// Its address, and the application's password.
#[derive(Clone, Debug)]
struct PeerClient {
    address: String,
    basic: String,
}

impl Peer {
    /// `None`: it cannot be installed or started here, and why has been said.
    pub(super) async fn start(kept: Kept) -> Result<Option<Self>, Failure> {
        let folder = match installed().await {
            Ok(folder) => folder,
            Err(error) => {
                eprintln!("oidc-provider is left out: {error}. It takes Node.js 20 with npm.");
                return Ok(None);
            }
        };
        let kept = match kept {
            Kept::Memory => "memory",
            Kept::Redis => "redis",
        };
        let mut process = Command::new("node")
            .arg(folder.join("oidc-provider.mjs"))
            .arg(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("the peer has no output")?;
        let mut output = BufReader::new(output).lines();
        let Some(line) = output.next_line().await? else {
            eprintln!(
                "oidc-provider over {kept} is left out: it did not start. Redis has to listen on 127.0.0.1:6379."
            );
            return Ok(None);
        };
        let says: Value = serde_json::from_str(&line)?;
        let password = format!("{}:{}", text(&says, "/id")?, text(&says, "/secret")?);
        let basic = base64::engine::general_purpose::STANDARD.encode(password);
        let client = PeerClient { address: text(&says, "/address")?, basic };
        Ok(Some(Self { _process: process, _output: output, client }))
    }

    /// Logins a second with so many people at a time.
    pub(super) async fn logins(&self, people: usize) -> Result<f64, Failure> {
        let (begun, mut all) = (Instant::now(), JoinSet::new());
        for person in 0..people {
            let client = self.client.clone();
            all.spawn(async move {
                let (mut line, mut logins) = (PeerLine::to(&client).await?, 0.0);
                while begun.elapsed() < ROUND {
                    line.log_in(&format!("user-{person}")).await?;
                    logins += 1.0;
                }
                Ok::<_, Failure>(logins)
            });
        }
        let mut logins = 0.0;
        while let Some(person) = all.join_next().await {
            logins += person??;
        }
        Ok(logins / begun.elapsed().as_secs_f64())
    }

    /// Introspections a second of an active token, over so many connections.
    pub(super) async fn introspections(&self, connections: u64) -> Result<f64, Failure> {
        let mut line = PeerLine::to(&self.client).await?;
        let token = line.log_in("user-0").await?;
        let request = self.client.post("/token/introspection", &format!("token={token}"));
        let ask: Question = std::sync::Arc::new(move |_| request.clone().into_bytes());
        requests_per_second(&self.client.address, connections, ROUND, &ask).await
    }
}

/// The folder where the peer is installed.
async fn installed() -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let folder = own.ancestors().nth(2).unwrap_or(Path::new("target")).join("peers");
    std::fs::create_dir_all(&folder)?;
    if !folder.join("node_modules/oidc-provider").exists() {
        eprintln!("Installing {} …", PACKAGES.join(" and "));
        let mut install = Command::new("npm");
        install
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
            .arg(&folder)
            .args(PACKAGES);
        if !install.stdin(Stdio::null()).status().await?.success() {
            return Err("npm could not install it".into());
        }
    }
    std::fs::write(folder.join("oidc-provider.mjs"), SCRIPT)?;
    Ok(folder)
}

impl PeerClient {
    /// A form, sent by the application.
    fn post(&self, path: &str, form: &str) -> String {
        let (address, basic, length) = (&self.address, &self.basic, form.len());
        format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {basic}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        )
    }
}

/// A connection to the peer.
struct PeerLine {
    client: PeerClient,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl PeerLine {
    async fn to(client: &PeerClient) -> Result<Self, Failure> {
        let stream = TcpStream::connect(&client.address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { client: client.clone(), stream, buffer: Vec::with_capacity(4096) })
    }

    async fn call(&mut self, request: &str) -> Result<Value, Failure> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        read_answer(&mut self.stream, &mut self.buffer).await?;
        let answer = std::str::from_utf8(&self.buffer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
        if head.starts_with("HTTP/1.1 200") {
            Ok(serde_json::from_str(body)?)
        } else {
            Err(format!("the peer answered {answer}").into())
        }
    }

    /// A login as ours: started, fetched by the phone, answered by the phone, and seen by the application. Gives the access token.
    async fn log_in(&mut self, user: &str) -> Result<String, Failure> {
        let host = self.client.address.clone();
        let of_phone = |method: &str| {
            format!("{method} /phone/{user} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")
        };
        let start = self.client.post("/backchannel", &format!("scope=openid&login_hint={user}"));
        let started = self.call(&start).await?;
        let id = text(&started, "/auth_req_id")?;
        self.call(&of_phone("GET")).await?;
        self.call(&of_phone("POST")).await?;
        let form = format!("grant_type=urn:openid:params:grant-type:ciba&auth_req_id={id}");
        let request = self.client.post("/token", &form);
        text(&self.call(&request).await?, "/access_token")
    }
}
