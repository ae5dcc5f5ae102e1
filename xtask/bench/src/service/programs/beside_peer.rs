//! The service beside npm's `oidc-provider`, in turn under the same load.

use iampass_test_databases::PrivatePostgres;

use super::super::logins::{MANY, logins, phones_of};
use super::super::{Phone, Shop};
use super::nodes::{Data, Nodes};
use super::peer::{Kept, Peer};
use super::{ROUNDS, runtime, status};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

/// Over PostgreSQL against the peer over Redis, which loses what it was told last when the machine fails.
pub(crate) fn measure_postgres() -> Result<Vec<Figure>, Failure> {
    let Some(server) = PrivatePostgres::start_durable(iampass_test_databases::Tls::Off) else {
        return Ok(Vec::new()); // It has been said how to get one.
    };
    let database = server.database();
    runtime()?.block_on(async {
        let Some(peer) = Peer::start(Kept::Redis).await? else { return Ok(Vec::new()) };
        let nodes = Nodes::start(&Data::postgres(database.url())?, 1).await?;
        let (shop, phones) = (nodes.shop(), phones_of(nodes.shop()).await?);
        let asked = status::Sessions::of(shop, &phones).await?;
        let (mut login, mut status) = (InTurn::default(), InTurn::default());
        for round in 0..=ROUNDS {
            let ours = logins(shop, &phones).await?.per_second;
            login.note(round, ours, peer.logins(MANY).await?);
            let ours = asked.per_second().await?;
            status.note(round, ours, peer.introspections(MANY as u64).await?);
        }
        nodes.end().await?;
        Ok(vec![
            login.figure(
                "login_postgres_vs_oidc_redis",
                2.5,
                "logins",
                "32 at a time over PostgreSQL, of oidc-provider over Redis",
            ),
            status.figure(
                "status_postgres_vs_oidc_redis",
                1.0,
                "questions",
                "over 32 connections, introspections of oidc-provider over Redis",
            ),
        ])
    })
}

/// One at a time over a file, each durable, against the peer in memory.
pub(crate) fn measure_sqlite() -> Result<Vec<Figure>, Failure> {
    runtime()?.block_on(async {
        let Some(peer) = Peer::start(Kept::Memory).await? else { return Ok(Vec::new()) };
        let folder = tempfile::tempdir()?;
        let nodes = Nodes::start(&Data::File(folder.path().join("data.sqlite")), 1).await?;
        let (shop, phones): (&Shop, Vec<Phone>) = (nodes.shop(), phones_of(nodes.shop()).await?);
        let (mut alone, mut together) = (InTurn::default(), InTurn::default());
        for round in 0..=ROUNDS {
            let ours = logins(shop, phones.get(..1).unwrap_or_default()).await?.per_second;
            alone.note(round, ours, peer.logins(1).await?);
            let ours = logins(shop, &phones).await?.per_second;
            together.note(round, ours, peer.logins(MANY).await?);
        }
        nodes.end().await?;
        Ok(vec![
            alone.figure(
                "login_sqlite_alone_vs_oidc_memory",
                1.0,
                "logins",
                "one at a time over a file, of oidc-provider in memory",
            ),
            together.figure(
                "login_sqlite_vs_oidc_memory",
                1.0,
                "logins",
                "32 at a time over a file, of oidc-provider in memory",
            ),
        ])
    })
}

/// The rates of both, over the rounds.
#[derive(Default)]
struct InTurn {
    ours: Vec<f64>,
    theirs: Vec<f64>,
    ratios: Vec<f64>,
}

impl InTurn {
    /// The first round warms up.
    fn note(&mut self, round: usize, ours: f64, theirs: f64) {
        if round > 0 {
            self.ours.push(ours);
            self.theirs.push(theirs);
            self.ratios.push(ours / theirs);
        }
    }

    fn figure(mut self, name: &'static str, bound: f64, counted: &str, how: &str) -> Figure {
        let (ours, theirs) = (rounds::median(&mut self.ours), rounds::median(&mut self.theirs));
        Figure {
            name,
            value: rounds::median(&mut self.ratios),
            bound: Some(bound),
            better: Better::Higher,
            detail: format!("{ours:.0} {counted}/s against {theirs:.0}/s, {how}"),
        }
    }
}
