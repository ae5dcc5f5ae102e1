//! A phone that answers by itself: a command that is called when a person would take up theirs.
//!
//! Belongs here: calling that command. Does not belong here: what a phone does.

use std::process::Stdio;

use tokio::process::Command;

/// `iampass-phone`, or another command that takes the same arguments. None: a person has the phone.
#[derive(Clone)]
pub(crate) struct Phone {
    command: Option<String>,
    state: std::path::PathBuf,
}

impl Phone {
    pub(crate) fn new(command: Option<String>) -> Self {
        let state = std::env::temp_dir().join(format!("getting-started-phone-{}.json", std::process::id()));
        Self { command, state }
    }

    /// Whether it answers by itself.
    pub(crate) fn is_virtual(&self) -> bool {
        self.command.is_some()
    }

    /// Has it do something, and waits until it has. A person's phone does nothing here.
    ///
    /// The future is the caller's to await beside whatever waits for the phone.
    pub(crate) async fn does(&self, arguments: &[&str]) -> Result<(), String> {
        let Some(command) = &self.command else { return std::future::pending().await };
        let output = Command::new(command)
            .arg("--state")
            .arg(&self.state)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| format!("{command} cannot be started: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let action = arguments.first().unwrap_or(&"");
        Err(format!("the virtual phone could not {action}: {said}"))
    }

    /// Forgets what it knows.
    pub(crate) fn forget(&self) {
        if self.command.is_some() {
            // Nothing is lost if it stays: it is good for this run's service only.
            let _ = std::fs::remove_file(&self.state);
        }
    }
}
