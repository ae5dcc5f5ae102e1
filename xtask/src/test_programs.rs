//! The test programs of the workspace, several at a time: most of them wait for timers, sockets and browsers for most of their time.
//!
//! Belongs here: finding and running them. Does not belong here: which tests there are, and what they need ([`crate::test`]).

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::{Failure, cargo};

/// Those of this folder take the longest, so they are begun first.
const LONGEST: &str = "tests";
/// How often it is said what is still running.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// A line of `cargo test --message-format=json`, of which only test programs count.
#[derive(Deserialize)]
struct Built {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// A program of tests that was built.
struct TestProgram {
    path: PathBuf,
    /// The folder of its package, in which it is run, as cargo does.
    folder: PathBuf,
}

/// The outcome of a program.
struct Ended {
    program: String,
    status: std::io::Result<ExitStatus>,
    output: File,
    took: Duration,
}

/// Builds all test programs with these arguments of `cargo test`, and runs them. One that fails keeps no other from being told.
pub(crate) fn run_all(arguments: &[&str]) -> Result<(), Failure> {
    let programs = build(arguments)?;
    let count = programs.len();
    let at_once = std::thread::available_parallelism().map_or(2, NonZero::get).max(2);
    let queue = Mutex::new(VecDeque::from(programs));
    let running = Mutex::new(Vec::<(String, Instant)>::new());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let now_running = || running.lock().unwrap_or_else(PoisonError::into_inner);
    let (told, ends) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            let told = told.clone();
            scope.spawn(move || {
                while let Some(program) = next() {
                    let name = program.name();
                    now_running().push((name.clone(), Instant::now()));
                    let ended = program.run();
                    now_running().retain(|(other, _)| *other != name);
                    if told.send(ended).is_err() {
                        return;
                    }
                }
            });
        }
        drop(told);
        let (mut failed, mut ended) = (Vec::new(), 0);
        loop {
            match ends.recv_timeout(SAID_EVERY) {
                Ok(end) => {
                    ended += 1;
                    let end = end?;
                    let has_passed = end.tell(ended, count)?;
                    if !has_passed {
                        failed.push(end.program);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let running: Vec<_> = now_running()
                        .iter()
                        .map(|(name, since)| format!("{name} for {} s", since.elapsed().as_secs()))
                        .collect();
                    println!(
                        "     ({ended} of {count} test programs have ended; running: {})",
                        running.join(", ")
                    );
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(format!("tests failed in {}", failed.join(", ")).into()) }
    })
}

fn build(arguments: &[&str]) -> Result<Vec<TestProgram>, Failure> {
    let mut build = cargo::cargo();
    build.arg("test").args(arguments).args(["--no-run", "--message-format=json-render-diagnostics"]);
    let output = build.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("the tests were not built ({})", output.status).into());
    }
    let mut programs = Vec::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let Ok(built) = serde_json::from_str::<Built>(line) else { continue };
        let Built {
            executable: Some(path),
            manifest_path: Some(manifest),
            profile: Some(Profile { test: true }),
        } = built
        else {
            continue;
        };
        let folder = manifest.parent().ok_or("a manifest is in no folder")?.to_owned();
        programs.push(TestProgram { path, folder });
    }
    let root = cargo::workspace_root();
    programs.sort_by_key(|program| program.folder != root.join(LONGEST));
    Ok(programs)
}

impl TestProgram {
    /// The name of the package's folder and of the program.
    fn name(&self) -> String {
        let last = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let program = last(&self.path);
        let program = program.rsplit_once('-').map_or(&*program, |(name, _hash)| name);
        format!("{}/{program}", last(&self.folder))
    }

    fn run(&self) -> Result<Ended, String> {
        let started = Instant::now();
        let (output, status) = self.output().map_err(|error| format!("{}: {error}", self.name()))?;
        Ok(Ended { program: self.name(), status, output, took: started.elapsed() })
    }

    /// The output in the order in which it was written.
    fn output(&self) -> std::io::Result<(File, std::io::Result<ExitStatus>)> {
        let path = self.path.with_extension("output");
        let output = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        // It goes with the last handle.
        std::fs::remove_file(&path)?;
        let mut test = Command::new(&self.path);
        test.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).stdin(Stdio::null());
        let status = test.stdout(output.try_clone()?).stderr(output.try_clone()?).status();
        Ok((output, status))
    }
}

impl Ended {
    /// Prints what the program has said, and gives whether its tests have passed.
    fn tell(&self, ended: usize, count: usize) -> std::io::Result<bool> {
        let mut text = Vec::new();
        let mut output = &self.output;
        output.rewind()?;
        output.read_to_end(&mut text)?;
        let mut shown = std::io::stdout().lock();
        writeln!(shown, "     Ran {} in {} s ({ended} of {count})", self.program, self.took.as_secs())?;
        shown.write_all(&text)?;
        match &self.status {
            Ok(status) if status.success() => return Ok(true),
            Ok(status) => writeln!(shown, "error: {} failed ({status})", self.program)?,
            Err(error) => writeln!(shown, "error: {} was not started: {error}", self.program)?,
        }
        Ok(false)
    }
}
