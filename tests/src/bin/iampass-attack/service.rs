//! `iampass-server run` as a process of its own, and the applications that it knows.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iampass_core::client::Client;
use iampass_core::{RegistrationLink, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_system_tests::program;
use iampass_test_databases::unused_port;
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::verdict::Failure;
use crate::wire::{Answer, Pair, Wire, text};

/// How long the service may take until it is ready, on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The running service. It is killed when dropped.
pub(crate) struct Service {
    process: Child,
    run: Command,
    pub(crate) server: String,
    address: SocketAddr,
    folder: TempDir,
}

impl Service {
    /// Starts it with the limits that it is shipped with, on a data file with an application of each of these settings.
    pub(crate) fn start<const N: usize>(
        approvals: [&str; N],
        more: &[&str],
    ) -> Result<(Self, [Shop; N]), Failure> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data.sqlite").display().to_string();
        let address = SocketAddr::from(([127, 0, 0, 1], unused_port()?));
        let server = format!("http://{address}");
        let mut shops = Vec::new();
        for approval in approvals {
            let add = ["application", "add", "--name", "Shop", "--approval", approval, "--json"];
            let said: Value = serde_json::from_str(&said(&[&add[..], &["--data", &data]].concat())?)?;
            shops.push(Shop::new(
                &server,
                text(&said, "/application_id"),
                text(&said, "/application_secret"),
            )?);
        }
        let mut run = Command::new(program("iampass-server")?);
        run.args(["run", "--data", &data, "--listen", &address.to_string(), "--public-url", &server]);
        run.args(more).env("RUST_LOG", "off").stdin(Stdio::null()).stdout(Stdio::null());
        let process = run.spawn()?;
        let mut service = Self { process, run, server, address, folder };
        service.until_ready()?;
        Ok((service, shops.try_into().map_err(|_| "the applications are as many as their settings")?))
    }

    /// Kills it without a warning, and starts it again.
    pub(crate) fn crash(&mut self) -> Result<(), Failure> {
        self.process.kill()?;
        self.process.wait()?;
        self.process = self.run.spawn()?;
        self.until_ready()
    }

    /// The link that makes an administrator of the Console: its path.
    pub(crate) fn administrator_link(&self) -> Result<String, Failure> {
        let data = self.folder.path().join("data.sqlite").display().to_string();
        let link = ["console", "link", "--new-administrator", "--data", &data, "--public-url", &self.server];
        let said = said(&link)?;
        let found = said.split_whitespace().find_map(|word| word.strip_prefix(&self.server));
        Ok(found.ok_or("the command has printed no link")?.to_owned())
    }

    fn until_ready(&mut self) -> Result<(), Failure> {
        let deadline = Instant::now() + READY_WITHIN;
        while std::net::TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("the service ended with {status}").into());
            }
            if Instant::now() > deadline {
                return Err("the service is not ready".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program("iampass-server")?).args(arguments).env("RUST_LOG", "off").output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}

/// An application of the service.
pub(crate) struct Shop {
    pub(crate) server: String,
    pub(crate) pair: Pair,
    pub(crate) client: Client,
    pub(crate) wire: Wire,
}

/// A session that was started, and what its browser shows.
#[derive(Clone)]
pub(crate) struct Started {
    pub(crate) pair: Pair,
    pub(crate) status_url: String,
    pub(crate) logout_url: String,
    pub(crate) code: String,
    pub(crate) scan_url: String,
}

impl Shop {
    pub(crate) fn new(server: &str, id: &str, secret: &str) -> Result<Self, Failure> {
        let client = Client::builder()
            .server(server)
            .application(id, secret)
            .transport(ReqwestTransport::new()?)
            .sessions_in_memory()
            .build()?;
        Ok(Self { server: server.to_owned(), pair: Pair::new(id, secret), client, wire: Wire::new()? })
    }

    pub(crate) async fn link(&self, user: &str) -> Result<RegistrationLink, Failure> {
        let user = UserToken::new(user)?;
        self.client.add_user(&user).await?;
        Ok(self.client.registration_link(&user, Some("Somebody")).await?)
    }

    /// A user with a phone that has a device key.
    pub(crate) async fn phone(&self, user: &str) -> Result<VirtualPhone, Failure> {
        Ok(VirtualPhone::register(&self.link(user).await?).await?)
    }

    /// A user with a phone of before, which shares a secret with the service.
    pub(crate) async fn shared_phone(&self, user: &str) -> Result<VirtualPhone, Failure> {
        Ok(VirtualPhone::register_shared(&self.link(user).await?).await?)
    }

    /// A start with a body of one's own.
    pub(crate) async fn start_with(&self, user: &str, body: &Value) -> Result<Answer, Failure> {
        let url = format!("{}/authentication/authenticate_user/{}/{user}", self.server, self.pair.id);
        self.wire.post(&self.pair, &url, body).await
    }

    /// A start by the user's own browser, which shows a code: one that is known, or any other.
    pub(crate) async fn start(&self, user: &str, is_known: bool) -> Result<Started, Failure> {
        self.start_at(user, is_known, Some("198.51.100.7")).await
    }

    /// The same by a browser at another address, or by an application that tells none.
    pub(crate) async fn start_at(
        &self,
        user: &str,
        is_known: bool,
        address: Option<&str>,
    ) -> Result<Started, Failure> {
        let browser = "Firefox on Windows";
        let body = match address {
            Some(address) => {
                json!({"confirm": ["code"], "known_browser": is_known, "browser": browser, "address": address})
            }
            None => json!({"confirm": ["code"], "known_browser": is_known, "browser": browser}),
        };
        Started::of(&self.start_with(user, &body).await?.done("a start")?)
    }

    pub(crate) async fn status(&self, started: &Started) -> Result<String, Failure> {
        let answer = self.wire.get(&started.pair, &started.status_url).await?;
        Ok(text(&answer.json, "/session_status").to_owned())
    }

    pub(crate) async fn is_in(&self, started: &Started) -> Result<bool, Failure> {
        Ok(self.status(started).await? == "active")
    }
}

impl Started {
    pub(crate) fn of(answer: &Answer) -> Result<Self, Failure> {
        let status = answer.json.get("authentication_status").ok_or("the answer has no status")?;
        if text(status, "/session_token").is_empty() {
            return Err(format!("it was not started: {}", text(status, "/reason")).into());
        }
        Ok(Self {
            pair: Pair::new(text(status, "/session_token"), text(status, "/session_secret")),
            status_url: text(status, "/status_url").to_owned(),
            logout_url: text(status, "/logout_url").to_owned(),
            code: text(status, "/confirmation/code").to_owned(),
            scan_url: text(status, "/confirmation/scan_url").to_owned(),
        })
    }
}
