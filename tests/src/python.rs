//! Python programs that we did not write, each in a virtual environment of its own: the published client, and `fido2`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::account::Account;
use crate::programs::{Failure, program, workspace};

const HOW_TO_GET_PYTHON: &str = "Python 3.9 or later with its venv module is needed to test against the published client. \
     Install it (on Debian: `apt-get install python3 python3-venv`) and run the test again.";

/// The published client, installed.
#[derive(Debug)]
pub struct PublishedClient {
    python: PathBuf,
}

/// Yubico's `fido2`, installed.
#[derive(Debug)]
pub struct Fido2 {
    python: PathBuf,
}

/// Installs the published client under `target/`, or finds it there. `Ok(None)` when there is no Python with venv on this machine: it has
/// been said how to get it, and the test is to be skipped. With `CI=true` nothing is skipped.
///
/// # Errors
/// When Python is there and the client cannot be installed, or when it is not there and `CI=true`.
pub fn python_client() -> Result<Option<PublishedClient>, Failure> {
    Ok(environment("python-client", "requirements.txt", "IAMPASS")?.map(|python| PublishedClient { python }))
}

/// Installs `fido2` under `target/`, or finds it there; as [`python_client`].
///
/// # Errors
/// As [`python_client`].
pub fn fido2() -> Result<Option<Fido2>, Failure> {
    Ok(environment("python-fido2", "unlock-requirements.txt", "fido2")?.map(|python| Fido2 { python }))
}

/// The Python that [`crate::Desktop`] shows notifications with; as [`python_client`].
pub(crate) fn desktop() -> Result<Option<PathBuf>, Failure> {
    environment("python-desktop", "desktop-requirements.txt", "dbus_next")
}

impl Fido2 {
    /// `unlock.py` against this service: its lines, one a check.
    ///
    /// # Errors
    /// When it does not end well. Its output until then is part of the error.
    pub fn unlock(&self, account: &Account) -> Result<String, Failure> {
        run(Command::new(&self.python)
            .arg(workspace().join("tests").join("python").join("unlock.py"))
            .env("IAMPASS_SERVER", &account.server)
            .env("IAMPASS_APPLICATION_ID", &account.application_id)
            .env("IAMPASS_APPLICATION_SECRET", &account.application_secret)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "*"))
    }
}

/// The Python of the virtual environment with this name, in which the requirements are installed; `module` is one of them.
fn environment(name: &str, requirements: &str, module: &str) -> Result<Option<PathBuf>, Failure> {
    let Some(python) = ["python3", "python"].into_iter().find(|python| has_venv(python)) else {
        if std::env::var("CI").is_ok_and(|ci| ci == "true") {
            return Err(HOW_TO_GET_PYTHON.to_owned());
        }
        eprintln!("SKIPPED: {HOW_TO_GET_PYTHON}");
        return Ok(None);
    };
    let requirements = workspace().join("tests").join("python").join(requirements);
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| error.to_string())?;
    let environment = target_directory()?.join(name);
    let installed = environment.join("installed.txt");
    // Tests run at the same time, in threads and in processes; one installs. Closing the file gives the lock back.
    let lock = File::create(environment.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let python_inside = if cfg!(windows) {
        environment.join("Scripts").join("python.exe")
    } else {
        environment.join("bin").join("python")
    };
    // The stamp is written last, so a half-made environment is made anew. So is one whose Python has gone.
    let is_there = std::fs::read_to_string(&installed).is_ok_and(|stamp| stamp == wanted)
        && succeeds(Command::new(&python_inside).args(["-c", &format!("import {module}")]));
    if !is_there {
        run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&environment))?;
        let mut pip = Command::new(&python_inside);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
        run(&mut pip)?;
        std::fs::write(&installed, wanted).map_err(|error| error.to_string())?;
    }
    Ok(Some(python_inside))
}

impl PublishedClient {
    /// `judge.py` with one of its commands, against this service. Its answer has an allowance of `answer_timeout` seconds for phones.
    ///
    /// # Errors
    /// When it does not end well. Its output until then is part of the error.
    pub fn judge(
        &self,
        command: &str,
        account: &Account,
        answer_timeout: u64,
        input: &str,
    ) -> Result<String, Failure> {
        let mut judge = Command::new(&self.python)
            .arg(workspace().join("tests").join("python").join("judge.py"))
            .arg(command)
            .env("IAMPASS_SERVER", &account.server)
            .env("IAMPASS_APPLICATION_ID", &account.application_id)
            .env("IAMPASS_APPLICATION_SECRET", &account.application_secret)
            .env("IAMPASS_PHONE", program("iampass-phone")?)
            .env("ANSWER_TIMEOUT", answer_timeout.to_string())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONIOENCODING", "utf-8")
            // The service is on this machine: no proxy stands in between.
            .env("NO_PROXY", "*")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        if let Some(mut stdin) = judge.stdin.take() {
            // One that reads nothing may have ended already.
            let _ = stdin.write_all(input.as_bytes());
        }
        said(judge.wait_with_output().map_err(|error| error.to_string())?)
    }

    /// The Python that has the client.
    #[must_use]
    pub fn python(&self) -> &Path {
        &self.python
    }
}

fn target_directory() -> Result<PathBuf, Failure> {
    // Tests are in `target/debug/deps`, other programs one up.
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let depth = if own.parent().is_some_and(|parent| parent.ends_with("deps")) { 3 } else { 2 };
    let target = own.ancestors().nth(depth).ok_or("this program is in no target directory")?;
    Ok(target.to_owned())
}

fn has_venv(python: impl AsRef<OsStr>) -> bool {
    let check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))";
    succeeds(Command::new(python).args(["-c", check]))
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn run(command: &mut Command) -> Result<String, Failure> {
    said(command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?)
}

fn said(output: Output) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{} {text} {}", output.status, String::from_utf8_lossy(&output.stderr)))
}
