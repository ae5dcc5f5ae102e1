//! Ports on which a program of a test can listen.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// The first port that is given out. Lower ones belong to well-known programs.
const FIRST: u32 = 10_000;
/// The number of candidates that are tried before the kernel is asked.
const TRIES: usize = 200;
/// The distance between candidates. It is a prime number, so that every port has its turn.
const STEP: u32 = 7_919;

/// The number of ports that this process has considered.
static CONSIDERED: AtomicU32 = AtomicU32::new(0);

/// A port of this machine on which nothing listens, at no address.
///
/// The port is below the range from which the kernel takes ports for outgoing connections. A port of that range
/// can be taken by any connection between this call and the start of the program that is to listen there.
///
/// # Errors
/// The one of the kernel, if it has no port either.
pub(crate) fn free_port() -> std::io::Result<u16> {
    let count = first_outgoing_port().saturating_sub(FIRST);
    let place = std::process::id().wrapping_mul(104_729);
    for _ in 0..TRIES {
        let turn = CONSIDERED.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP);
        let Some(offset) = place.wrapping_add(turn).checked_rem(count) else { break };
        if let Ok(port) = u16::try_from(FIRST + offset)
            && TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
        {
            return Ok(port);
        }
    }
    Ok(TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))?.local_addr()?.port())
}

/// The first port that the kernel gives to outgoing connections.
fn first_outgoing_port() -> u32 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok();
    let first = range.and_then(|range| range.split_whitespace().next()?.parse().ok());
    first.unwrap_or(32_768)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_are_out_of_reach_of_outgoing_connections() {
        let ports: Vec<_> = (0..20).map(|_| u32::from(free_port().unwrap())).collect();
        let mut different = ports.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), ports.len(), "{ports:?}");
        if first_outgoing_port() > FIRST + 1_000 {
            assert!(ports.iter().all(|port| (FIRST..first_outgoing_port()).contains(port)), "{ports:?}");
        }
    }
}
