//! The service as a process of its own, ended with its owner.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::{Failure, cargo};

/// `iampass-server dev`, running.
pub(crate) struct Service {
    process: Child,
    description: Value,
}

impl Service {
    /// Starts it on this port, or one of its own choosing for 0, with more arguments, and waits until it says where it is.
    pub(crate) fn start(port: u16, arguments: &[String]) -> Result<Self, Failure> {
        let mut process = Command::new(cargo::built("iampass-server")?)
            .args(["dev", "--json", "--port", &port.to_string()])
            .args(arguments)
            .env("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".into()))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let description = serde_json::from_str(&line);
        let service = Self { process, description: description.unwrap_or_default() };
        if service.description.is_null() {
            return Err("the service did not start; what it said stands above".into());
        }
        Ok(service)
    }

    /// One of the things it says about itself: `server`, `application_id`, `application_secret`, `phone`.
    pub(crate) fn says(&self, what: &str) -> &str {
        self.description.get(what).and_then(Value::as_str).unwrap_or_default()
    }

    /// Where a client finds it and its application.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 3] {
        [
            ("IAMPASS_SERVER", self.says("server")),
            ("IAMPASS_APPLICATION_ID", self.says("application_id")),
            ("IAMPASS_APPLICATION_SECRET", self.says("application_secret")),
        ]
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself, with the terminal's Ctrl-C; it keeps nothing that matters.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
