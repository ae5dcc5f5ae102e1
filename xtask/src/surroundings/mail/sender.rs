//! The service with a mail server to send by, and an application that asks it for a message.
//!
//! The call is signed with OpenSSL, so that this program needs no library of its own for it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::output;
use crate::free_port::free_port;
use crate::{Failure, cargo};

/// The service. It is stopped when it is dropped.
pub(super) struct Sender {
    process: Child,
    authority: String,
    application: String,
    secret: String,
    log: PathBuf,
}

impl Sender {
    /// Starts it with new data, and adds an application with a user.
    pub(super) fn start(
        directory: &Path,
        mail_port: u16,
        hello_name: &str,
        mail_authority: Option<&Path>,
    ) -> Result<Self, Failure> {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(directory)?;
        let program = cargo::built("iampass-server")?;
        let (data, log, settings) =
            (directory.join("data"), directory.join("log"), directory.join("settings.toml"));
        let authority = format!("127.0.0.1:{}", free_port()?);
        let mut text = format!(
            "data = {data:?}\nlisten = \"{authority}\"\npublic_url = \"http://{authority}\"\n[mail]\n\
             smtp_url = \"smtp://127.0.0.1:{mail_port}\"\nfrom = \"Shop <login@shop.example>\"\nhello_name = \"{hello_name}\"\n"
        );
        if let Some(path) = mail_authority {
            text.push_str(&format!("ca_file = {path:?}\n"));
        }
        fs::write(&settings, text)?;
        let added = output(
            Command::new(&program)
                .args(["application", "add", "--json", "--name", "Shop", "--data"])
                .arg(&data),
        )?;
        let added: Value = serde_json::from_slice(&added)?;
        let said = |what: &str| added.get(what).and_then(Value::as_str).unwrap_or_default().to_owned();
        let process = Command::new(&program)
            .args(["run", "--config"])
            .arg(&settings)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log)?)
            .stderr(fs::File::options().append(true).open(&log)?)
            .spawn()?;
        let sender = Self {
            process,
            application: said("application_id"),
            secret: said("application_secret"),
            log,
            authority,
        };
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(&sender.authority).is_err() {
            if Instant::now() > end {
                return Err(format!("the service does not listen: {}", sender.read_log()).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        sender.call("add_users", "", &json!({"users": ["ann"]}), 201)?;
        Ok(sender)
    }

    /// Asks for a registration link to be sent.
    pub(super) fn ask_for(&self, to: &str) -> Result<(), Failure> {
        let answer = self.call("send_registration_mail", "/ann", &json!({"email": to}), 200)?;
        if answer.contains("\"status\":true") {
            return Ok(());
        }
        Err(format!("the service does not send: {answer}").into())
    }

    /// Waits until the log says this.
    pub(super) fn says(&self, words: &str) -> Result<(), Failure> {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if self.read_log().contains(words) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("the log does not say {words:?}: {}", self.read_log().trim()).into())
    }

    /// Whether the log says nothing of this until now.
    pub(super) fn does_not_say(&self, words: &str) -> Result<(), Failure> {
        if self.read_log().contains(words) { Err(format!("the log says {words:?}").into()) } else { Ok(()) }
    }

    fn read_log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn call(&self, name: &str, user: &str, body: &Value, expected: u16) -> Result<String, Failure> {
        let path = format!("/management/{name}/{}{user}", self.application);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let nonce = now.as_nanos().to_string();
        let seconds = now.as_secs();
        let key = openssl(&["dgst", "-sha256", "-binary"], format!("{nonce}{}", self.secret).as_bytes())?;
        let key: String =
            key.get(..16).unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect();
        let message = format!("{nonce}{}{path}{seconds}", self.authority);
        let hexkey = format!("hexkey:{key}");
        let code =
            openssl(&["dgst", "-sha256", "-mac", "HMAC", "-macopt", &hexkey, "-binary"], message.as_bytes())?;
        let signature = openssl(&["base64", "-A"], code.get(..16).unwrap_or_default())?;
        let signature = String::from_utf8(signature)?;
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Authentication: hmac {}:{nonce}:{signature}\r\nX-IAMPASS-Authentication-Timestamp: {seconds}\r\n\r\n{body}",
            self.authority,
            body.len(),
            self.application
        );
        let mut stream = TcpStream::connect(&self.authority)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with(&format!("HTTP/1.1 {expected} ")) {
            return Ok(answer);
        }
        Err(format!("{name} was answered otherwise than by {expected}: {answer}").into())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // Its data goes with it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn openssl(arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut process = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("openssl cannot be started: {error}"))?;
    process.stdin.take().ok_or("openssl takes no input")?.write_all(input)?;
    let done = process.wait_with_output()?;
    if done.status.success() { Ok(done.stdout) } else { Err("openssl failed".into()) }
}
