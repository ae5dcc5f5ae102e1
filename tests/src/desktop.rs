//! [`Desktop`]: a display without a screen, a message bus, and the service that shows notifications, for browsers that have to show one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::browser::on_path;
use crate::programs::{Failure, workspace};
use crate::python;

/// How long a notification may take to be shown.
const PATIENCE: Duration = Duration::from_secs(30);

const HOW_TO_GET_IT: &str = "Xvfb and dbus-daemon are needed to test notifications. Install them (on Debian: `apt-get install xvfb dbus \
     libnotify4`) and run the test again.";

/// A notification as the desktop got it.
#[derive(Clone, Debug)]
pub struct Notification {
    number: u64,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
}

/// A desktop of its own. It ends when this is dropped.
#[derive(Debug)]
pub struct Desktop {
    children: Vec<Child>,
    display: String,
    bus: String,
    taps: ChildStdin,
    shown: Receiver<Notification>,
}

impl Desktop {
    /// Starts it. `Ok(None)` when a program is missing on this machine: it has been said how to get it, and the test is to be skipped. With
    /// `CI=true` nothing is skipped.
    ///
    /// # Errors
    /// When it does not start, or a program is missing and `CI=true`.
    pub fn start() -> Result<Option<Self>, Failure> {
        if on_path("Xvfb").is_none() || on_path("dbus-daemon").is_none() {
            if std::env::var("CI").is_ok_and(|ci| ci == "true") {
                return Err(HOW_TO_GET_IT.to_owned());
            }
            eprintln!("SKIPPED: {HOW_TO_GET_IT}");
            return Ok(None);
        }
        let Some(python) = python::desktop()? else { return Ok(None) };
        let mut children = Vec::new();
        let display = first_line(
            Command::new("Xvfb").args(["-displayfd", "1", "-screen", "0", "800x900x24", "-nolisten", "tcp"]),
            &mut children,
        )?;
        let bus = first_line(
            Command::new("dbus-daemon").args(["--session", "--nofork", "--nopidfile", "--print-address=1"]),
            &mut children,
        )?;
        let mut service = Command::new(python)
            .arg(workspace().join("tests").join("python").join("notifications.py"))
            .env("DBUS_SESSION_BUS_ADDRESS", &bus)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let taps = service.stdin.take().ok_or("the notification service takes nothing")?;
        let output = service.stdout.take().ok_or("the notification service says nothing")?;
        children.insert(0, service);
        let (sender, shown) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let said: Value = serde_json::from_str(&line).unwrap_or_default();
                let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let number = said.get("number").and_then(Value::as_u64).unwrap_or(0);
                if sender.send(Notification { number, title: text("title"), body: text("body") }).is_err() {
                    return;
                }
            }
        });
        let desktop = Self { children, display: format!(":{display}"), bus, taps, shown };
        // Its first line says that it is there.
        desktop
            .shown
            .recv_timeout(PATIENCE)
            .map_err(|_| "the notification service did not start".to_owned())?;
        Ok(Some(desktop))
    }

    /// The variables that a program needs to show something here.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, &str); 2] {
        [("DISPLAY", &self.display), ("DBUS_SESSION_BUS_ADDRESS", &self.bus)]
    }

    /// Waits for a notification whose title has these words.
    ///
    /// # Errors
    /// When none is shown in time.
    pub async fn notification(&self, words: &str) -> Result<Notification, Failure> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            while let Ok(shown) = self.shown.try_recv() {
                if shown.title.contains(words) {
                    return Ok(shown);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!("no notification with \"{words}\" was shown within {PATIENCE:?}"))
    }

    /// Taps a notification.
    ///
    /// # Errors
    /// When the notification service has gone.
    pub fn tap(&mut self, notification: &Notification) -> Result<(), Failure> {
        writeln!(self.taps, "{}", notification.number).map_err(|error| error.to_string())
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a program that says in its first line where it is.
fn first_line(command: &mut Command, children: &mut Vec<Child>) -> Result<String, Failure> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let output = child.stdout.take().ok_or("a program says nothing")?;
    children.insert(0, child);
    let mut lines = BufReader::new(output);
    let mut line = String::new();
    lines.read_line(&mut line).map_err(|error| error.to_string())?;
    std::thread::spawn(move || lines.lines().for_each(drop));
    match line.trim() {
        "" => Err("a program of the desktop did not say where it is".to_owned()),
        line => Ok(line.to_owned()),
    }
}
