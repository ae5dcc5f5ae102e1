//! The documentation's *Getting started*, step by step: a user of the application, a token in the lookup table, a registration
//! link for the phone, a login, watching it, logging out.
//!
//! `cargo xtask demo` starts the service and runs this with it. By hand:
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p getting-started
//! ```

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::sync::Arc;

use getting_started::{Stores, walk};
use iampass::{MemorySessionStore, MemoryTokenStore};

fn main() -> ExitCode {
    // Forgotten when the program ends. The other examples have them in a database.
    walk(async |_server| {
        Ok(Stores {
            tokens: Arc::new(MemoryTokenStore::new(100)),
            sessions: Arc::new(MemorySessionStore::new(100)),
            place: "memory".to_owned(),
        })
    })
}
