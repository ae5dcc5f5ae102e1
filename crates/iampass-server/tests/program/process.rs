//! Running the program and calling it, with plain threads and sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::{Secret, UnixSeconds};
use serde_json::Value;

pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iampass-server"));
    command.args(arguments).env("RUST_LOG", "off");
    command
}

/// Whether a program that a test needs does not run here. How to get it is said. With `CI=true` that fails: nothing is skipped.
pub(crate) fn is_missing(program: &str, how: &str) -> bool {
    let ran = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !ran {
        skipped(&format!("{program} is needed for this test. {how}"));
    }
    !ran
}

/// Says why a test is skipped.
pub(crate) fn skipped(why: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{why}");
    eprintln!("{why}");
}

/// Takes the variables of this project away: those who run the tests may have set some.
pub(crate) fn without_own_variables(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("IAMPASS_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end.
pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = program(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Where a URL leads to at whatever address the service has now.
pub(crate) fn path_of(url: &Value) -> String {
    let url = url.as_str().unwrap();
    format!("/{}", url.splitn(4, '/').nth(3).unwrap())
}

/// SIGTERM, and the exit code.
#[cfg(unix)]
pub(crate) fn terminate(child: &mut Child) -> i32 {
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    child.wait().unwrap().code().unwrap()
}

/// `dev --json` on a free port; killed when dropped.
pub(crate) struct Dev {
    pub(crate) child: Child,
    pub(crate) line: Value,
    pub(crate) rest: BufReader<std::process::ChildStdout>,
}

impl Dev {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut all = vec!["dev", "--port", "0", "--json"];
        all.extend(arguments);
        let mut child = program(&all).stdout(Stdio::piped()).spawn().unwrap();
        let mut rest = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        rest.read_line(&mut line).unwrap();
        let line = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a line of JSON: {line:?}"));
        Self { child, line, rest }
    }

    /// On a file, with questions that wait for as long as any test takes.
    pub(crate) fn on(data: &Path) -> Self {
        Self::start(&["--answer-timeout", "3600", "--data", data.to_str().unwrap()])
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap()
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller {
            authority: self.field("server").strip_prefix("http://").unwrap().to_owned(),
            id: self.field("application_id").to_owned(),
            secret: Secret::new(self.field("application_secret")),
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Signs and calls; None when there was no whole answer.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) authority: String,
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl Caller {
    pub(crate) fn call(&self, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        send(&self.authority, &self.request(method, path, body))
    }

    /// A request as it goes over the wire, signed now.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> String {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        // The body that a phone posts is covered by its signature.
        let of_phone = path.starts_with("/device/") || path.starts_with("/identification/");
        let path = match method {
            "POST" if of_phone => BodyDigest::of(body.as_bytes()).appended_to(path),
            _ => path.to_owned(),
        };
        let url = format!("http://{}{path}", self.authority);
        let signer = Signer { id: &self.id, secret: &self.secret };
        let signed = signer.sign(&url, Nonce::new(u64::from_ne_bytes(nonce)), UnixSeconds(now));
        let lines: String =
            signed.lines().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            self.authority,
            body.len()
        )
    }
}

/// Sends a request; None when there was no whole answer.
pub(crate) fn send(address: &str, request: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}
