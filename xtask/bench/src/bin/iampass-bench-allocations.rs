//! Counts the allocations of a signature, and prints them.

#![forbid(unsafe_code)]

#[path = "../case.rs"]
// The other program uses all of it.
#[allow(dead_code)]
mod case;

use std::hint::black_box;

use iampass_core::Secret;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

fn main() {
    const CALLS: u32 = 1_000;
    let secret = Secret::new(case::SECRET);
    let region = Region::new(ALLOCATOR);
    for _ in 0..CALLS {
        black_box(case::sign(&secret));
    }
    println!("{}", region.change().allocations as f64 / f64::from(CALLS));
}
