//! How much signing costs beyond its two hashes, and beside the published client.

use std::hint::black_box;
use std::process::Command;

use hmac::{Hmac, KeyInit as _, Mac as _};
use iampass_core::Secret;
use sha2::{Digest as _, Sha256};

use crate::case::{AT, ID, NONCE, SECRET, URL, sign};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let secret = Secret::new(SECRET);
    let sign = || sign(&secret);

    // The floor: the same two hashes over buffers that are ready.
    let keyed = format!("{NONCE}{SECRET}");
    let message = format!("{NONCE}{}{AT}", URL.trim_start_matches("https://"));
    let floor = || {
        let digest = Sha256::digest(black_box(keyed.as_bytes()));
        let key = digest.first_chunk::<16>().copied().unwrap_or_default();
        let mac =
            <Hmac<Sha256>>::new_from_slice(&key).map(|mac| mac.chain_update(black_box(message.as_bytes())));
        mac.map(|mac| mac.finalize().into_bytes())
    };

    let (sign_ns, floor_ns) = rounds::in_turn(61, 20_000, sign, floor);
    let mut figures = vec![Figure {
        name: "sign_vs_floor",
        value: sign_ns / floor_ns,
        bound: Some(1.25),
        better: Better::Lower,
        detail: format!(
            "a signature takes {sign_ns:.0} ns, its two hashes on prepared buffers {floor_ns:.0} ns"
        ),
    }];
    match python_ns() {
        Ok(python_ns) => figures.push(Figure {
            name: "python_vs_sign",
            value: python_ns / sign_ns,
            bound: Some(30.0),
            better: Better::Higher,
            detail: format!("the published client's make_authentication_headers takes {python_ns:.0} ns"),
        }),
        Err(error) => eprintln!("python_vs_sign is not measured: {error}"),
    }

    figures.push(Figure {
        name: "sign_allocations",
        value: allocations()?,
        bound: None,
        better: Better::Lower,
        detail: "allocations per signature: the header's text".to_owned(),
    });
    Ok(figures)
}

/// Counted by a program of its own: an allocator that counts is slower, and would fall on every other figure.
fn allocations() -> Result<f64, Failure> {
    let program = std::env::current_exe()?.with_file_name("iampass-bench-allocations");
    let output = Command::new(program.with_extension(std::env::consts::EXE_EXTENSION)).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}

/// The published client's time for one signature, measured by Python itself.
fn python_ns() -> Result<f64, Failure> {
    const SCRIPT: &str = "
import time
from IAMPASS.hmac import make_authentication_headers
def turn(calls):
    start = time.perf_counter_ns()
    for _ in range(calls):
        make_authentication_headers(ID, SECRET, URL)
    return (time.perf_counter_ns() - start) / calls
turn(2000)
print(sorted(turn(2000) for _ in range(15))[7])
";
    let client = iampass_system_tests::python_client()?.ok_or("there is no Python")?;
    let values = format!("ID, SECRET, URL = {ID:?}, {SECRET:?}, {URL:?}\n");
    let output = Command::new(client.python()).arg("-c").arg(values + SCRIPT).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}
