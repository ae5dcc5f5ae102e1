//! A database that falls silent while a thousand requests come: how much memory they take while they wait, and when they are answered.

use std::time::{Duration, Instant};

use iampass_test_databases::{Forwarder, PrivatePostgres};
use tokio::task::JoinSet;

use super::super::Phone;
use super::super::logins::phones_of;
use super::nodes::{Data, Nodes};
use super::runtime;
use crate::Failure;
use crate::figure::{Better, Figure};

const REQUESTS: usize = 1_000;
/// The statements' timeout of the service.
const STATEMENT: Duration = Duration::from_secs(20);
/// Until all requests have come in, and none is answered yet.
const WAITING: Duration = Duration::from_secs(2);

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let Some(server) = PrivatePostgres::start(iampass_test_databases::Tls::Off) else {
        return Ok(Vec::new()); // It has been said how to get one.
    };
    let database = server.database();
    let forwarder = Forwarder::to(database.url());
    runtime()?.block_on(async {
        let nodes = Nodes::start(&Data::postgres(forwarder.url())?, 1).await?;
        let shop = nodes.shop();
        let phones = phones_of(shop).await?;
        // Each connection has made a call before, so that what it takes itself is no part of the figure.
        let mut lines = Vec::with_capacity(REQUESTS);
        for phone in phones.iter().cycle().take(REQUESTS) {
            let mut line = shop.line().await?;
            shop.has_device(&mut line, &phone.user).await?;
            lines.push((line, phone.clone()));
        }
        let before = nodes.bytes()?;
        forwarder.freeze();
        let begun = Instant::now();
        let mut requests = JoinSet::new();
        for (mut line, phone) in lines {
            let shop = shop.clone();
            requests.spawn(async move { refusal(shop.start(&mut line, &phone.user).await, &phone) });
        }
        tokio::time::sleep(WAITING).await;
        let waiting = nodes.bytes()?;
        while let Some(refused) = requests.join_next().await {
            refused??;
        }
        let answered = begun.elapsed();
        nodes.end().await?;
        Ok(vec![
            Figure {
                name: "frozen_bytes_per_request",
                value: (waiting - before).max(0.0) / REQUESTS as f64,
                bound: Some(1_024.0),
                better: Better::Lower,
                detail: format!(
                    "resident memory of a service whose PostgreSQL is silent, for each of {REQUESTS} logins that wait to be started: {:.1} MB before, {:.1} MB",
                    before / 1e6,
                    waiting / 1e6
                ),
            },
            Figure {
                name: "frozen_answered_s",
                value: answered.as_secs_f64(),
                bound: Some((STATEMENT + Duration::from_secs(2)).as_secs_f64()),
                better: Better::Lower,
                detail: format!("until all {REQUESTS} are answered 503 with Retry-After"),
            },
        ])
    })
}

/// Holds that a request was answered 503, with a time to wait.
fn refusal(answer: Result<serde_json::Value, Failure>, phone: &Phone) -> Result<(), Failure> {
    match answer {
        Ok(_) => Err(format!("a login of {} was started without a database", phone.user).into()),
        Err(error) => {
            let said = error.to_string().to_ascii_lowercase();
            let is_right = said.contains("http/1.1 503") && said.contains("retry-after:");
            if is_right { Ok(()) } else { Err(error) }
        }
    }
}
