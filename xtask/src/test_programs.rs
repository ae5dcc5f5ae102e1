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
    /// Its status, and all that it has written in the order in which it was written.
    outcome: std::io::Result<(ExitStatus, File)>,
    took: Duration,
}

/// Builds all test programs with these arguments of `cargo test`, and runs them. One that fails keeps no other from being told.
pub(crate) fn run_all(arguments: &[&str]) -> Result<(), Failure> {
    let programs = build(arguments)?;
    if programs.is_empty() {
        return Err("cargo has named no test program: nothing was tested".into());
    }
    let count = programs.len();
    let at_once = std::thread::available_parallelism().map_or(2, NonZero::get).max(2);
    let queue = Mutex::new(VecDeque::from(programs));
    let running = Mutex::new(Vec::<(PathBuf, String, Instant)>::new());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let now_running = || running.lock().unwrap_or_else(PoisonError::into_inner);
    let (told, ends) = mpsc::channel();
    let (mut failed, mut ended) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            let told = told.clone();
            scope.spawn(move || {
                while let Some(program) = next() {
                    now_running().push((program.path.clone(), program.name(), Instant::now()));
                    let end = program.run();
                    now_running().retain(|(path, ..)| *path != program.path);
                    // It is heard until the last one has ended.
                    let _ = told.send(end);
                }
            });
        }
        drop(told);
        loop {
            match ends.recv_timeout(SAID_EVERY) {
                Ok(end) => {
                    ended += 1;
                    if !end.tell(ended, count) {
                        failed.push(end.program);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let running: Vec<_> = now_running()
                        .iter()
                        .map(|(_, name, since)| format!("{name} for {} s", since.elapsed().as_secs()))
                        .collect();
                    println!(
                        "     ({ended} of {count} test programs have ended; running: {})",
                        running.join(", ")
                    );
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    if ended != count {
        return Err(format!("only {ended} of {count} test programs have ended").into());
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("tests failed in {}", failed.join(", ")).into()) }
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

    fn run(&self) -> Ended {
        let started = Instant::now();
        Ended { program: self.name(), outcome: self.outcome(), took: started.elapsed() }
    }

    fn outcome(&self) -> std::io::Result<(ExitStatus, File)> {
        let path = self.path.with_extension("output");
        let output = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        // It goes with the last handle.
        std::fs::remove_file(&path)?;
        let mut test = Command::new(&self.path);
        test.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder).stdin(Stdio::null());
        let status = test.stdout(output.try_clone()?).stderr(output.try_clone()?).status()?;
        Ok((status, output))
    }
}

impl Ended {
    /// Prints what the program has said, and gives whether its tests have passed. One whose output cannot be read or shown counts as failed.
    fn tell(&self, ended: usize, count: usize) -> bool {
        let Self { program, outcome, took } = self;
        println!("     Ran {program} in {} s ({ended} of {count})", took.as_secs());
        let shown = match outcome {
            Ok((status, output)) => show(output).map(|()| *status),
            Err(error) => Err(std::io::Error::new(error.kind(), error.to_string())),
        };
        match shown {
            Ok(status) if status.success() => return true,
            Ok(status) => println!("error: {program} failed ({status})"),
            Err(error) => println!("error: {program} was not run to its end: {error}"),
        }
        false
    }
}

fn show(mut output: &File) -> std::io::Result<()> {
    let mut text = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut text)?;
    std::io::stdout().lock().write_all(&text)
}
