//! A million users in one application against a thousand: the slowest of a hundred calls.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::line::Pair;
use super::open::{Serving, on_file};
use super::{Session, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
/// The most that one call takes.
const AT_A_TIME: usize = 1_000;
/// Users with phones, spread over all.
const PHONES: usize = 200;
const CONNECTIONS: usize = 4;
const ROUNDS: usize = 9;
/// Calls of each kind over each connection in a round.
const CALLS: usize = 500;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(compare())
}

/// A service with so many users, some of whom have phones.
struct Filled {
    shop: Shop,
    users: usize,
    serving: Serving,
    _folder: TempDir,
}

/// How long calls of a kind took.
#[derive(Default)]
struct Times {
    has_device: Vec<Duration>,
    authenticate: Vec<Duration>,
}

async fn compare() -> Result<Vec<Figure>, Failure> {
    let few = Filled::with(FEW).await?;
    let begun = Instant::now();
    let many = Filled::with(MANY).await?;
    let filled_in = begun.elapsed();
    let (mut has_device, mut authenticate) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for round in 0..=ROUNDS {
        let (of_few, of_many) = (few.round(round).await?, many.round(round).await?);
        // The first round warms up.
        if round > 0 {
            has_device.0.push(rounds::percentile_ms(&of_few.has_device, 99));
            has_device.1.push(rounds::percentile_ms(&of_many.has_device, 99));
            authenticate.0.push(rounds::percentile_ms(&of_few.authenticate, 99));
            authenticate.1.push(rounds::percentile_ms(&of_many.authenticate, 99));
        }
    }
    few.serving.end().await?;
    many.serving.end().await?;
    let middle =
        |(mut few, mut many): (Vec<f64>, Vec<f64>)| (rounds::median(&mut few), rounds::median(&mut many));
    let ((has_few, has_many), (start_few, start_many)) = (middle(has_device), middle(authenticate));
    Ok(vec![Figure {
        name: "million_users_p99_ratio",
        value: (has_many / has_few).max(start_many / start_few),
        bound: Some(2.0),
        better: Better::Lower,
        detail: format!(
            "p99 of has_registered_mobile_device {has_few:.2} ms with {FEW} users, {has_many:.2} ms with {MANY}; of authenticate_user {start_few:.2} ms and {start_many:.2} ms; added in {:.0} s",
            filled_in.as_secs_f64()
        ),
    }])
}

fn name(user: usize) -> String {
    // As long as the tokens that are recommended, and in no order.
    format!("{:032x}", (user as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

impl Filled {
    async fn with(users: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let serving = Serving::start(on_file(&folder.path().join("data.sqlite"))).await?;
        let application = &serving.application;
        let pair = Pair { id: application.id.to_string(), secret: application.secret.clone() };
        let shop = Shop::at(serving.address.clone(), pair);
        let mut line = shop.line().await?;
        let bar = ProgressBar::new(users as u64);
        for first in (0..users).step_by(AT_A_TIME) {
            let some: Vec<_> = (first..users.min(first + AT_A_TIME)).map(name).collect();
            shop.add_users(&mut line, &some).await?;
            bar.inc(some.len() as u64);
        }
        bar.finish_and_clear();
        for phone in 0..PHONES {
            shop.register(&mut line, &name(phone * (users / PHONES))).await?;
        }
        Ok(Self { shop, users, serving, _folder: folder })
    }

    /// Over a few connections at once, each with users of its own.
    async fn round(&self, round: usize) -> Result<Times, Failure> {
        let mut connections = JoinSet::new();
        for connection in 0..CONNECTIONS {
            let (shop, users) = (self.shop.clone(), self.users);
            connections.spawn(async move { calls(&shop, users, round, connection).await });
        }
        let mut times = Times::default();
        while let Some(of_one) = connections.join_next().await {
            let of_one = of_one??;
            times.has_device.extend(of_one.has_device);
            times.authenticate.extend(of_one.authenticate);
        }
        Ok(times)
    }
}

async fn calls(shop: &Shop, users: usize, round: usize, connection: usize) -> Result<Times, Failure> {
    let mut line = shop.line().await?;
    let mut times = Times::default();
    for call in 0..CALLS {
        // Somebody else each time, all over the table.
        let anybody = ((round * CONNECTIONS + connection) * CALLS + call).wrapping_mul(7_919) % users;
        let begun = Instant::now();
        shop.has_device(&mut line, &name(anybody)).await?;
        times.has_device.push(begun.elapsed());
        let with_phone = (connection + CONNECTIONS * (call % (PHONES / CONNECTIONS))) * (users / PHONES);
        let begun = Instant::now();
        let started = shop.start(&mut line, &name(with_phone)).await?;
        times.authenticate.push(begun.elapsed());
        Session::read(&started)?.log_out(&mut line).await?;
    }
    Ok(times)
}
