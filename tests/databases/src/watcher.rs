//! The process that clears up after a test that is killed, or that never drops its server.
//!
//! Belongs here: a process that outlives the test by a moment. Does not belong here: how a server is stopped in good order.
//!
//! A server is a process of its own and would stay. The kernel's own means (a signal when the parent dies) is bound to the thread that
//! started it, and every test has its own thread. So a small shell script waits for its input to end, which happens when this process
//! does, in whatever way.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::failure::Failure;

/// Reads the number of the process to be killed, or an empty line when there is none any more. `$1`: the folder, `$2`: the signal.
const SCRIPT: &str = r#"
server=
while read -r line; do server=$line; done
if [ -n "$server" ]; then
    kill -s "$2" "$server"
    tries=0
    while kill -s 0 "$server" && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s KILL "$server"
fi
rm -rf -- "$1"
"#;

/// Kills the server and removes its folder when this process ends, and when it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    shell: Child,
    line: Option<ChildStdin>,
}

impl Watcher {
    /// One for this folder. `signal` is what it kills with, such as `KILL`.
    pub(crate) fn start(folder: &Path, signal: &str) -> Result<Self, Failure> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "watcher"]).arg(folder).arg(signal);
        // A reader of a test's output does not wait for this.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // A kill of the test's whole group leaves this to do its work.
            command.process_group(0);
        }
        let mut shell = command.spawn().map_err(|error| format!("sh: {error}"))?;
        let line = shell.stdin.take();
        Ok(Self { shell, line })
    }

    /// From now on it is this process that is killed.
    pub(crate) fn guard(&mut self, server: &Child) -> Result<(), Failure> {
        self.say(&server.id().to_string())
    }

    /// The process has ended: nobody else who gets its number is to be killed.
    pub(crate) fn release(&mut self) -> Result<(), Failure> {
        self.say("")
    }

    fn say(&mut self, text: &str) -> Result<(), Failure> {
        let line = self.line.as_mut().ok_or("the watcher has no input")?;
        writeln!(line, "{text}").map_err(|error| format!("the watcher has gone: {error}"))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.line = None;
        let _ = self.shell.wait();
    }
}
