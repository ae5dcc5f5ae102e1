//! Many sessions watched on one node: how often the service is asked, and how much memory each session takes.

use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Failure;
use crate::figure::{Better, Figure};

/// The output of the program of its own.
#[derive(Deserialize)]
struct Watched {
    sessions: u32,
    freshness_s: f64,
    first_s: f64,
    calls_per_s: f64,
    bytes_per_session: f64,
}

/// The output of the program for a million.
#[derive(Deserialize)]
struct MillionWatched {
    sessions: u64,
    freshness_s: f64,
    first_s: f64,
    calls_per_s: f64,
    bytes: f64,
    resident_bytes: f64,
    longest_wait_s: f64,
}

/// The output of a program that lies beside this one.
fn output_of<T: DeserializeOwned>(program: &str) -> Result<T, Failure> {
    let program = std::env::current_exe()?.with_file_name(program);
    let output = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION)).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(crate) fn measure_million() -> Result<Vec<Figure>, Failure> {
    let watched: MillionWatched = output_of("iampass-bench-million-watched")?;
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    Ok(vec![Figure {
        name: "watch_million_mib",
        value: mib(watched.resident_bytes),
        bound: Some(1_024.0),
        better: Better::Lower,
        detail: format!(
            "most that the process has resident with {} sessions watched, {:.0} MiB of it allocated for them; {:.0} status calls/s, of \
             {:.0}/s that a freshness of {} s allows; all let in on statuses that were fresh, the longest wait for one was {:.3} s; all were taken up in {:.0} s",
            watched.sessions,
            mib(watched.bytes),
            watched.calls_per_s,
            watched.sessions as f64 / watched.freshness_s,
            watched.freshness_s,
            watched.longest_wait_s,
            watched.first_s
        ),
    }])
}

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let watched: Watched = output_of("iampass-bench-watching")?;
    let bound = f64::from(watched.sessions) / watched.freshness_s;
    Ok(vec![
        Figure {
            name: "watch_calls_vs_bound",
            value: watched.calls_per_s / bound,
            bound: Some(1.0),
            better: Better::Lower,
            detail: format!(
                "{:.0} status calls/s for {} sessions with requests, of {bound:.0}/s that a freshness of {} s allows",
                watched.calls_per_s, watched.sessions, watched.freshness_s
            ),
        },
        Figure {
            name: "watch_bytes_per_session",
            value: watched.bytes_per_session,
            bound: Some(600.0),
            better: Better::Lower,
            detail: format!(
                "bytes that the node allocates and keeps per session that it watches; all {} were taken up in {:.1} s",
                watched.sessions, watched.first_s
            ),
        },
    ])
}
