//! Signs requests from the command line, so that a person can call the service with curl.
//!
//! Reads one JSON object a line from standard input, in the format of `tests/vectors/signing_vectors.json` (whose lines can be
//! given as they are), and prints the headers of each, as curl's `--header` options:
//!
//! ```text
//! $ echo '{"client_id": "APP", "secret": "…", "url": "http://127.0.0.1:8089/management/add_users/APP"}' \
//!     | cargo run -q -p iampass-core --features system --example sign
//! -H 'Authentication: hmac APP:1234:…' -H 'X-IAMPASS-Authentication-Timestamp: 1700000000' …
//! ```
//!
//! `nonce` and `timestamp` may be given; without them a fresh nonce and the time of the system are taken. The secret stays in
//! this process, but mind your shell's history.

#![forbid(unsafe_code)]

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use iampass_core::client::System;
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::{Nonce, Signer};
use iampass_core::{Secret, UnixSeconds};

#[derive(serde::Deserialize)]
struct Line {
    client_id: String,
    secret: Secret,
    url: String,
    nonce: Option<String>,
    timestamp: Option<u64>,
}

fn main() -> ExitCode {
    match sign_lines() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sign: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sign_lines() -> Result<(), Box<dyn std::error::Error>> {
    let system = System::new();
    let mut output = std::io::stdout().lock();
    for (at, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        let object = line.trim().trim_end_matches(',');
        if matches!(object, "" | "[" | "]") {
            continue;
        }
        // The parser's own message would quote what it read, and that may be the secret.
        let wrong = |what: &str| format!("line {}: {what}", at + 1);
        let line: Line = serde_json::from_str(object).map_err(|error| {
            wrong(&format!("not an object with client_id, secret and url (column {})", error.column()))
        })?;
        let nonce = match line.nonce {
            Some(text) => {
                Nonce::parse(&text).ok_or_else(|| wrong("the nonce is not a decimal number below 2^64"))?
            }
            None => system.draw()?.nonce(),
        };
        let at = line.timestamp.map_or_else(|| system.now().wall, UnixSeconds);
        let signed = Signer { id: &line.client_id, secret: &line.secret }.sign(&line.url, nonce, at);
        let options = signed.lines().map(|(name, value)| format!("-H '{name}: {value}'"));
        writeln!(output, "{}", options.join(" "))?;
    }
    Ok(())
}
