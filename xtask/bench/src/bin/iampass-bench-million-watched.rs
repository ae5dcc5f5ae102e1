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

use application::{APPLICATION, Accepting, Application, User};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cookie::{Cookie, CookieJar, Key};
use iampass_core::Secret;
use iampass_core::port::BoxError;
use iampass_web::{CookieKeys, LoginWeb, SessionMode};
use numbered_sessions::NumberedSessions;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: usize = 1_000_000;
const FRESHNESS: Duration = Duration::from_secs(60);
/// How many periods are measured.
const PERIODS: u32 = 2;
/// A fixed test key.
const KEY: [u8; 32] = [7; 32];
const COOKIE: &str = "iampass-session";

fn main() -> Result<(), BoxError> {
    let sessions = std::env::args().nth(1).map_or(Ok(SESSIONS), |sessions| sessions.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(watch(sessions))
}

async fn watch(sessions: usize) -> Result<(), BoxError> {
    let keys = CookieKeys::parse(&Secret::new(STANDARD.encode(KEY)))?;
    let application = Application::of_users(1).await?.with_keys(keys);
    let mut cookies = Cookies::of(sessions)?;

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
    /// Seals them as a node of the application does, which takes a second where a million logins take a quarter of an hour.
    fn of(sessions: usize) -> Result<Self, BoxError> {
        let key = Key::derive_from(&[&KEY[..], &[0], APPLICATION.as_bytes()].concat());
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for session in 0..sessions {
            let content = format!("{:<256}", serde_json::json!({ "Stored": format!("{session:040x}") }));
            let mut jar = CookieJar::new();
            jar.private_mut(&key).add(Cookie::new(COOKIE, content));
            let sealed = jar.get(COOKIE).ok_or("a cookie is not sealed")?;
            writeln!(file, "{COOKIE}={}", sealed.value())?;
        }
        Ok(Self(file.into_inner()?))
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
