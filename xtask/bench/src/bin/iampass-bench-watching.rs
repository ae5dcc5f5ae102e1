//! Watches many sessions on one node, and prints as JSON how often the service was asked and how much memory each of them takes.
//!
//! A program of its own, since an allocator that counts would fall on every other figure.

#![forbid(unsafe_code)]

#[path = "../application.rs"]
// The other program uses all of it.
#[allow(dead_code)]
mod application;

use std::sync::Arc;
use std::time::{Duration, Instant};

use application::{Accepting, Application, User, log_in};
use iampass_core::port::BoxError;
use iampass_web::{LoginWeb, SessionMode};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::sync::Semaphore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const SESSIONS: usize = 10_000;
const FRESHNESS: Duration = Duration::from_secs(2);
/// How many periods are measured.
const PERIODS: u32 = 3;
const LOGINS_AT_ONCE: usize = 1_000;

fn main() -> Result<(), BoxError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(watch())
}

async fn watch() -> Result<(), BoxError> {
    let application = Application::of_users(SESSIONS).await?;
    // They log in on one node and are watched on another, so that nothing of a login is counted.
    let cookies =
        log_all_in(&application.node(&Accepting::default(), SessionMode::Stored, FRESHNESS)?).await?;
    // That node is asked no more, so it stops watching.
    tokio::time::sleep(3 * FRESHNESS).await;

    let service = Accepting::default();
    let bytes_before = bytes_in_use();
    let node = application.node(&service, SessionMode::Stored, FRESHNESS)?;
    let first = Instant::now();
    ask_for_all(&node, &cookies).await?;
    let first = first.elapsed();
    // Half a period after the last of them was first asked about, so that no burst of questions falls on an end.
    ask_for_all_for(&node, &cookies, FRESHNESS / 2).await?;
    let (calls_before, began) = (service.status_calls(), Instant::now());
    ask_for_all_for(&node, &cookies, PERIODS * FRESHNESS).await?;
    let (calls, lasted) = (service.status_calls() - calls_before, began.elapsed());
    let bytes = bytes_in_use().saturating_sub(bytes_before);
    println!(
        "{}",
        serde_json::json!({
            "sessions": SESSIONS,
            "freshness_s": FRESHNESS.as_secs_f64(),
            "first_s": first.as_secs_f64(),
            "calls_per_s": calls as f64 / lasted.as_secs_f64(),
            "bytes_per_session": bytes as f64 / SESSIONS as f64,
        })
    );
    Ok(())
}

async fn log_all_in(login: &LoginWeb<User>) -> Result<Vec<String>, BoxError> {
    let at_once = Arc::new(Semaphore::new(LOGINS_AT_ONCE));
    let mut tasks = Vec::with_capacity(SESSIONS);
    for user in 0..SESSIONS {
        let (login, at_once) = (login.clone(), Arc::clone(&at_once));
        tasks.push(tokio::spawn(async move {
            let _turn = at_once.acquire_owned().await;
            log_in(&login, user).await
        }));
    }
    let mut cookies = Vec::with_capacity(SESSIONS);
    for task in tasks {
        cookies.push(task.await??);
    }
    Ok(cookies)
}

/// A request of each session's user.
async fn ask_for_all(node: &LoginWeb<User>, cookies: &[String]) -> Result<(), BoxError> {
    for cookie in cookies {
        if let Err(refusal) = node.current(Some(cookie), None).await {
            return Err(format!("somebody who is logged in is not let in: {refusal:?}").into());
        }
    }
    Ok(())
}

/// Requests of all of them again and again, more often than they would have to be for the sessions to be watched on.
async fn ask_for_all_for(node: &LoginWeb<User>, cookies: &[String], time: Duration) -> Result<(), BoxError> {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        tokio::time::sleep(left.min(FRESHNESS / 4)).await;
        ask_for_all(node, cookies).await?;
    }
}

fn bytes_in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.saturating_sub(stats.bytes_deallocated)
}
