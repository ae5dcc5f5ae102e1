//! The log: lines on standard error, for people or for programs. Standard output is for what scripts read.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::settings::{LogFormat, LogSettings};

/// The library that verifies unlocking says nothing: what it finds goes to the phone.
const WEBAUTHN_IS_SILENT: &str = "webauthn_rs_core=off";

/// Begins to log, once in a process.
pub(super) fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_from_default_env()
        .or_else(|_| EnvFilter::try_new(&settings.level))
        .unwrap_or_else(|_| EnvFilter::new("warn"));
    // It tells the mistakes of phones as errors, of which anybody can make many, and prints challenges at the lower levels.
    let filter = match WEBAUTHN_IS_SILENT.parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Fails when there is one already, which is as good.
    let _ = match settings.format {
        LogFormat::Text => {
            let lines = lines.with_ansi(std::io::stderr().is_terminal()).finish();
            tracing::subscriber::set_global_default(lines)
        }
        LogFormat::Json => {
            let lines =
                lines.json().flatten_event(true).with_current_span(true).with_span_list(false).finish();
            tracing::subscriber::set_global_default(lines)
        }
    };
}
