//! Watches a million sessions on one node, and prints as JSON how much memory that takes.
//!
//! A program of its own, so that nothing else is in its memory. Its service and its stores have no memory of any session: they know a session
//! from its number.

#![forbid(unsafe_code)]

#[path = "../application.rs"]
// The other program uses all of it.
#[allow(dead_code)]
mod application;
#[path = "../numbered_sessions.rs"]
mod numbered_sessions;

use std::io::{BufRead as _, BufReader, BufWriter, Seek as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use application::{Accepting, Application, User, log_in};
use iampass_core::port::BoxError;
use iampass_web::{LoginWeb, SessionMode};
use numbered_sessions::NumberedSessions;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::sync::Semaphore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: usize = 1_000_000;
const FRESHNESS: Duration = Duration::from_secs(60);
/// How many periods are measured.
const PERIODS: u32 = 2;
/// How many log in over one store, which is dropped after that.
const AT_A_TIME: usize = 10_000;
const LOGINS_AT_ONCE: usize = 1_000;

fn main() -> Result<(), BoxError> {
    let sessions = std::env::args().nth(1).map_or(Ok(SESSIONS), |sessions| sessions.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(watch(sessions))
}

async fn watch(sessions: usize) -> Result<(), BoxError> {
    let application = Application::of_users(1).await?;
    let mut cookies = Cookies(tempfile::tempfile()?);
    cookies.log_in(&application, sessions).await?;

    let service = Accepting::default();
    let bytes_before = bytes_in_use();
    let store = Arc::new(NumberedSessions::default());
    let node = application.node_over(&service, store.clone(), store, SessionMode::Stored, FRESHNESS)?;
    let first = Instant::now();
    cookies.ask_for_all(&node).await?;
    let first = first.elapsed();
    let (calls_before, began) = (service.status_calls(), Instant::now());
    let mut longest = Duration::ZERO;
    while began.elapsed() < PERIODS * FRESHNESS {
        let round = Instant::now();
        longest = longest.max(cookies.ask_for_all(&node).await?);
        tokio::time::sleep((FRESHNESS / 4).saturating_sub(round.elapsed())).await;
    }
    let (calls, lasted) = (service.status_calls() - calls_before, began.elapsed());
    println!(
        "{}",
        serde_json::json!({
            "sessions": sessions,
            "freshness_s": FRESHNESS.as_secs_f64(),
            "first_s": first.as_secs_f64(),
            "calls_per_s": calls as f64 / lasted.as_secs_f64(),
            "bytes": bytes_in_use().saturating_sub(bytes_before),
            "resident_bytes": most_resident()?,
            "longest_wait_s": longest.as_secs_f64(),
        })
    );
    Ok(())
}

/// The cookies of all sessions, in a file.
struct Cookies(std::fs::File);

impl Cookies {
    async fn log_in(&mut self, application: &Application, sessions: usize) -> Result<(), BoxError> {
        let mut file = BufWriter::new(&mut self.0);
        for begin in (0..sessions).step_by(AT_A_TIME) {
            let users = AT_A_TIME.min(sessions - begin);
            let some = Application::of_users(users).await?.with_keys_of(application);
            let node = some.node(&Accepting::after(begin as u64), SessionMode::Stored, FRESHNESS)?;
            let at_once = Arc::new(Semaphore::new(LOGINS_AT_ONCE));
            let mut tasks = Vec::with_capacity(users);
            for user in 0..users {
                let (node, at_once) = (node.clone(), Arc::clone(&at_once));
                tasks.push(tokio::spawn(async move {
                    let _turn = at_once.acquire_owned().await;
                    log_in(&node, user).await
                }));
            }
            for task in tasks {
                writeln!(file, "{}", task.await??)?;
            }
        }
        file.flush()?;
        Ok(())
    }

    /// A request of each session's user. Gives the longest time that one of them waited.
    async fn ask_for_all(&mut self, node: &LoginWeb<User>) -> Result<Duration, BoxError> {
        self.0.rewind()?;
        let mut longest = Duration::ZERO;
        for cookie in BufReader::new(&self.0).lines() {
            let asked = Instant::now();
            if let Err(refusal) = node.current(Some(&cookie?), None).await {
                return Err(format!("somebody who is logged in is not let in: {refusal:?}").into());
            }
            longest = longest.max(asked.elapsed());
        }
        Ok(longest)
    }
}

fn bytes_in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}

/// The most memory that the process had, in bytes.
fn most_resident() -> Result<u64, BoxError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("there is no VmHWM")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1_024)
}
