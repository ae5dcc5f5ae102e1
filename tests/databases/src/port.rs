//! A port for a server.
//!
//! Belongs here: which port. Does not belong here: who listens on it.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use crate::failure::Failure;

/// Below what systems take for outgoing connections (32768 on Linux, 49152 elsewhere). A client that is refused may come from any of
/// those, and would keep a server that is down from coming back to its port.
const FIRST: u16 = 16_000;
const COUNT: u16 = 16_000;

/// A random port of 127.0.0.1 that nobody listens on now. Somebody may in a moment. No outgoing connection takes it, so that a server
/// that is killed finds it free when it comes back.
///
/// # Errors
/// When no port is free.
pub fn unused() -> Result<u16, Failure> {
    (0..1000)
        .map(|_| {
            // The only source of random numbers in the standard library.
            let random = RandomState::new().hash_one(std::process::id());
            FIRST + u16::try_from(random % u64::from(COUNT)).unwrap_or_default()
        })
        .find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        .ok_or_else(|| "no port is free".to_owned())
}
