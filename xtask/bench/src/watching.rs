//! Many sessions watched on one node: how often the service is asked, and how much memory each session takes.

use std::process::Command;

use serde::Deserialize;

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

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let program = std::env::current_exe()?.with_file_name("iampass-bench-watching");
    let output = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION)).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    let watched: Watched = serde_json::from_slice(&output.stdout)?;
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
            bound: None,
            better: Better::Lower,
            detail: format!(
                "bytes that the node allocates and keeps per session that it watches; all {} were taken up in {:.1} s",
                watched.sessions, watched.first_s
            ),
        },
    ])
}
