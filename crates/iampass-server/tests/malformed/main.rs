//! The real program against requests that make no sense, over sockets: every route, by a generator whose seed is printed. There is no 5xx
//! and no panic, memory does not grow, and those who mean well are served afterwards.
//!
//! `IAMPASS_MALFORMED_REQUESTS` sets how many (10,000), `IAMPASS_MALFORMED_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod body;
mod bytes;
mod child;
mod draw;
mod framing;
mod inhabitant;
mod login;
mod member;
mod noise;
mod request;
mod tally;

use std::sync::Arc;

use iampass_server::{Route, routes};
use tokio::task::JoinSet;

use crate::child::Child;
use crate::draw::Draw;
use crate::inhabitant::Inhabitant;
use crate::login::with_login_routes;
use crate::tally::Tally;

/// Requests under way at a time.
const AT_ONCE: usize = 24;
/// After so many, those in whose name requests are signed are replaced: some of the requests end their sessions and remove their phones.
const BATCH: u64 = 400;
/// The most that are sent for routes that none of all those got into.
const MORE: u64 = 600;
/// The limit of the growth of the service's memory after it has warmed up.
const GROWTH: u64 = 4 * 1024 * 1024;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_make_no_sense_do_no_harm() {
    let count = setting("IAMPASS_MALFORMED_REQUESTS", 10_000);
    let seed = setting("IAMPASS_MALFORMED_SEED", u64::from(std::process::id()) ^ 0x1a3b_5c7d_9e8f_6042);
    println!("IAMPASS_MALFORMED_SEED={seed}");
    let routes: Arc<[Route]> = with_login_routes(routes()).into();
    let child = Child::start();
    let address = child.address;
    let mut tally = Tally::new(&routes);
    let mut warm = None;
    for batch in 0..count.div_ceil(BATCH) {
        let one = Arc::new(Inhabitant::settle(&child, batch).await);
        if batch == 0 {
            one.check_placeholders(&routes);
        }
        let mut under_way = JoinSet::new();
        for number in batch * BATCH..count.min((batch + 1) * BATCH) {
            if under_way.len() == AT_ONCE {
                tally.count(under_way.join_next().await.unwrap().unwrap());
            }
            let (routes, one) = (Arc::clone(&routes), Arc::clone(&one));
            under_way.spawn(async move {
                let place = number as usize % routes.len();
                let request = request::make(routes[place], &one, &mut Draw::new(seed, number));
                let answer = bytes::exchange(address, number, &request.bytes, request.is_whole).await;
                let place = request.is_for_route.then_some(place);
                tally::Answered { number, place, request: request.bytes, answer }
            });
        }
        while let Some(answered) = under_way.join_next().await {
            tally.count(answered.unwrap());
        }
        child.check_alive();
        // Half of all: what is kept for each route, address and name is there by then.
        if warm.is_none() && (batch + 1) * BATCH * 2 >= count {
            warm = child.memory();
        }
    }
    // By chance none of those for a route may have got into it.
    let one = Arc::new(Inhabitant::settle(&child, u64::MAX - 1).await);
    for number in count..count + MORE {
        let Some(place) = tally.not_reached(&routes) else { break };
        let request = request::make(routes[place], &one, &mut Draw::new(seed, number));
        let answer = bytes::exchange(address, number, &request.bytes, request.is_whole).await;
        let place = request.is_for_route.then_some(place);
        tally.count(tally::Answered { number, place, request: request.bytes, answer });
    }
    tally.check(&routes, count);
    if let (Some(warm), Some(end)) = (warm, child.memory()) {
        let grown = end.saturating_sub(warm);
        println!("memory: {} KiB warm, {} KiB at the end", warm / 1024, end / 1024);
        assert!(grown < GROWTH, "memory has grown by {grown} bytes");
    }
    Inhabitant::settle(&child, u64::MAX).await.logs_in(&child).await;
    child.stop_and_check_log();
}
