//! The program as it is shipped: logins and status questions a second, over a file and over PostgreSQL, by one node and by two.
//!
//! `IAMPASS_BENCH_SERVICE` names another program than the `iampass-server` beside this one. So an older one is measured under the same
//! load, by the same load generator.

pub(crate) mod beside_peer;
pub(crate) mod frozen;
mod nodes;
mod peer;
mod processors;
mod status;

use iampass_test_databases::PrivatePostgres;

use super::logins::{Logins, MANY, log_in, logins, median, phones_of};
use super::{Phone, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};
use nodes::{Data, Nodes};
use processors::Processors;

/// Rounds of each measurement, after one that warms up.
const ROUNDS: usize = 3;

pub(crate) fn measure_sqlite() -> Result<Vec<Figure>, Failure> {
    runtime()?.block_on(async {
        let folder = tempfile::tempdir()?;
        let data = Data::File(folder.path().join("data.sqlite"));
        let measured = Measured::of(&Nodes::start(&data, 1).await?, None).await?;
        Ok(vec![
            measured.together("login_sqlite_per_s"),
            measured.alone("login_sqlite_alone_per_s"),
            measured.status("status_sqlite_per_s"),
        ])
    })
}

pub(crate) fn measure_postgres() -> Result<Vec<Figure>, Failure> {
    let Some(server) = PrivatePostgres::start_durable(iampass_test_databases::Tls::Off) else {
        return Ok(Vec::new()); // It has been said how to get one.
    };
    let database = server.database();
    runtime()?.block_on(async {
        let nodes = Nodes::start(&Data::postgres(database.url())?, 1).await?;
        let measured = Measured::of(&nodes, server.process_id()).await?;
        let commits = Figure {
            name: "login_postgres_commits",
            value: measured.together.commits,
            bound: Some(1.0),
            better: Better::Lower,
            detail: format!(
                "commits of a login that wait for the disk, with {MANY} at a time; {:.2} one at a time",
                measured.alone.commits
            ),
        };
        Ok(vec![
            measured.together("login_postgres_per_s"),
            commits,
            measured.alone("login_postgres_alone_per_s"),
            measured.status("status_postgres_per_s"),
        ])
    })
}

/// Both nodes run all the time; the calls go to one of them, and to both, in turn.
pub(crate) fn measure_two_nodes() -> Result<Vec<Figure>, Failure> {
    let Some(server) = PrivatePostgres::start_durable(iampass_test_databases::Tls::Off) else {
        return Ok(Vec::new()); // It has been said how to get one.
    };
    let database = server.database();
    runtime()?.block_on(async {
        let nodes = Nodes::start(&Data::postgres(database.url())?, 2).await?;
        let (of_both, phones) = (nodes.shop().clone(), phones_of(nodes.shop()).await?);
        let of_one = Shop::at(of_both.address.clone(), of_both.pair.clone());
        let (mut one, mut both, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (by_one, by_both) = (logins(&of_one, &phones).await?, logins(&of_both, &phones).await?);
            if round > 0 {
                one.push(by_one);
                both.push(by_both);
                ratios.push(by_both.per_second / by_one.per_second);
            }
        }
        nodes.end().await?;
        let (one, both) = (median(&one), median(&both));
        Ok(vec![
            Figure {
                name: "login_postgres_two_nodes_per_s",
                value: both.per_second,
                bound: None,
                better: Better::Higher,
                detail: format!("with {MANY} at a time, each call at the other node than the one before"),
            },
            Figure {
                name: "login_postgres_two_nodes_vs_one",
                value: rounds::median(&mut ratios),
                bound: Some(0.95),
                better: Better::Higher,
                detail: format!(
                    "{:.0} logins/s by two nodes against {:.0} by one of them, on the same machine and database",
                    both.per_second, one.per_second
                ),
            },
        ])
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    // One thread is enough for the load, and leaves the processors to those who are measured.
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// The measurements of a service with one node.
struct Measured {
    alone: Logins,
    together: Logins,
    status: f64,
    /// Seconds of processor time for a thousand logins with many at a time, without their logouts.
    processors: Processors,
}

impl Measured {
    /// `database` is the process of the database, where it is one of its own.
    async fn of(nodes: &Nodes, database: Option<u32>) -> Result<Self, Failure> {
        let (shop, phones) = (nodes.shop(), phones_of(nodes.shop()).await?);
        let one_phone: &[Phone] = phones.get(..1).unwrap_or_default();
        let asked = status::Sessions::of(shop, &phones).await?;
        let (mut alone, mut together, mut status, mut processors) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let by_one = logins(shop, one_phone).await?;
            let before = Processors::now(nodes.busy()?, database)?;
            let (by_all, people) = log_in(shop, &phones).await?;
            let busy = Processors::now(nodes.busy()?, database)?.since(&before);
            people.log_out().await?;
            let questions = asked.per_second().await?;
            if round > 0 {
                alone.push(by_one);
                together.push(by_all);
                status.push(questions);
                processors.push(busy.of_a_thousand(by_all.count));
            }
        }
        Ok(Self {
            alone: median(&alone),
            together: median(&together),
            status: rounds::median(&mut status),
            processors: Processors::median(&processors),
        })
    }

    fn together(&self, name: &'static str) -> Figure {
        let processors = &self.processors;
        let detail = format!(
            "logins a second with {MANY} at a time: started, fetched, accepted, seen to be active; processor time for a thousand: {processors}"
        );
        Figure { name, value: self.together.per_second, bound: None, better: Better::Higher, detail }
    }

    fn alone(&self, name: &'static str) -> Figure {
        let detail = "logins a second, one at a time".to_owned();
        Figure { name, value: self.alone.per_second, bound: None, better: Better::Higher, detail }
    }

    fn status(&self, name: &'static str) -> Figure {
        let detail =
            format!("signed questions a second about {MANY} active sessions, over as many connections");
        Figure { name, value: self.status, bound: None, better: Better::Higher, detail }
    }
}
