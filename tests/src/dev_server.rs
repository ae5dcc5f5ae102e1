//! `iampass-server dev` as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::account::Account;
use crate::programs::{Failure, program};

/// The running service. It is killed when dropped; its data goes with the system's temporary files.
#[derive(Debug)]
pub struct DevServer {
    process: Child,
    says: Value,
}

impl DevServer {
    /// Starts it on a free port, with so many seconds for a phone to answer.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(answer_timeout: u64) -> Result<Self, Failure> {
        let mut process = Command::new(program("iampass-server")?)
            .args(["dev", "--json", "--port", "0", "--answer-timeout", &answer_timeout.to_string()])
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("iampass-server: {error}"))?;
        let mut line = String::new();
        let read = process.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut line));
        match (read, serde_json::from_str(&line)) {
            (Some(Ok(_)), Ok(says)) => Ok(Self { process, says }),
            _ => {
                // It has ended already, or is of no use.
                let _ = process.kill();
                let _ = process.wait();
                Err(format!("iampass-server did not say where it is: {line:?}"))
            }
        }
    }

    /// One of the things it said about itself: `server`, `application_id`, `application_secret`.
    ///
    /// # Errors
    /// When it did not say that.
    pub fn says(&self, what: &str) -> Result<&str, Failure> {
        self.says
            .get(what)
            .and_then(Value::as_str)
            .ok_or_else(|| format!("iampass-server did not say its {what}"))
    }

    /// Where it is, and its application.
    ///
    /// # Errors
    /// When it did not say that.
    pub fn account(&self) -> Result<Account, Failure> {
        Account::read(self.says("server")?, &self.says)
    }

    /// Whether it is still running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }
}

impl Drop for DevServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
