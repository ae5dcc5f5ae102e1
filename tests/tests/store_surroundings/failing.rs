//! PostgreSQL that fails under a node, and comes back: by a standby that takes over, or by itself.
//!
//! The test breaks it by a command of the shell that it is given, and mends it by another one.

use std::process::Command;
use std::time::{Duration, Instant};

use iampass_core::SessionToken;
use iampass_core::port::{StoreError, StoreErrorKind};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::nodes::{Library, Node, patient_node, record};

/// How long a call waits for a connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// The longest call: one that is run twice, each time with the wait for a connection and the ten seconds of a statement, and two seconds for a
/// machine that does other things too.
const LONGEST_CALL: Duration = Duration::from_secs(28);

/// Until the stores go on. A connection that was being made to the former primary is given up after some seconds, and several may have been.
const WELL_AGAIN: Duration = Duration::from_secs(60);

fn variable(name: &str) -> String {
    let name = format!("IAMPASS_TEST_STORE_{name}");
    std::env::var(&name).unwrap_or_else(|_| panic!("`cargo xtask surroundings databases` sets {name}"))
}

fn library() -> Library {
    match variable("LIBRARY").as_str() {
        "diesel" => Library::Diesel,
        "sea-orm" => Library::SeaOrm,
        other => panic!("{other}"),
    }
}

/// Runs the command of one of the variables.
async fn run(name: &str) {
    let command = variable(name);
    let done = tokio::task::spawn_blocking(move || Command::new("sh").args(["-c", &command]).output());
    let done = done.await.unwrap().unwrap();
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
}

/// An address of one's own that leads to a server, and may be moved to another one. Connections that there are stay.
struct Address {
    port: u16,
    leads_to: watch::Sender<String>,
}

impl Address {
    async fn of(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (leads_to, server) = watch::channel(server.to_owned());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = server.borrow().clone();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        Self { port, leads_to }
    }
}

/// Sessions whose creation was acknowledged.
#[derive(Default)]
struct Acknowledged(Vec<SessionToken>);

impl Acknowledged {
    async fn create(&mut self, node: &Node) -> Result<(), StoreError> {
        let token = SessionToken::new(format!("s{}", self.0.len())).unwrap();
        // One that was not acknowledged may have been made all the same.
        let _ = node.sessions.delete(&token).await;
        node.sessions.create(&record(&token)).await?;
        self.0.push(token);
        Ok(())
    }

    async fn are_all_there(&self, node: &Node) {
        let mut lost = Vec::new();
        for token in &self.0 {
            if node.sessions.load(token).await.unwrap().is_none() {
                lost.push(token);
            }
        }
        assert!(lost.is_empty(), "{} of {} are lost", lost.len(), self.0.len());
    }
}

/// Goes on until twenty changes in a row are made.
async fn goes_on(node: &Node, acknowledged: &mut Acknowledged, within: Duration) {
    let began = Instant::now();
    let mut good = 0;
    while good < 20 {
        match acknowledged.create(node).await {
            Ok(()) => good += 1,
            Err(error) => {
                assert!(error.is_retryable(), "{error}: {:?}", std::error::Error::source(&error));
                assert!(began.elapsed() < within, "not well after {within:?}: {error}");
                good = 0;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    println!("Well again after {:?}.", began.elapsed());
}

/// The primary freezes or ends; its standby is promoted.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn a_standby_takes_over() {
    let (library, hosts) = (library(), variable("HOSTS"));
    let (primary, standby) = hosts.split_once(',').unwrap();
    let address = Address::of(primary).await;
    let url = match library {
        Library::Diesel => {
            let more = "target_session_attrs=read-write&connect_timeout=3&load_balance_hosts=random";
            format!("postgres://postgres@{hosts}/postgres?{more}")
        }
        Library::SeaOrm => format!("postgres://postgres@127.0.0.1:{}/postgres", address.port),
    };
    let node = patient_node(library, &url, PATIENCE).await;
    node.migrate().await.unwrap();
    let mut acknowledged = Acknowledged::default();
    for _ in 0..100 {
        acknowledged.create(&node).await.unwrap();
    }

    run("BREAK").await;
    let calls: Vec<_> = (0..12)
        .map(|number| {
            let node = node.clone();
            tokio::spawn(async move {
                let token = SessionToken::new(format!("meanwhile{number}")).unwrap();
                let began = Instant::now();
                let loaded = node.sessions.load(&token).await.map(drop);
                let created = node.sessions.create(&record(&token)).await;
                (began.elapsed(), [loaded, created])
            })
        })
        .collect();
    for call in calls {
        let (took, results) = call.await.unwrap();
        assert!(took < 2 * LONGEST_CALL, "{took:?}");
        for error in results.into_iter().filter_map(Result::err) {
            let kinds =
                [StoreErrorKind::Unavailable, StoreErrorKind::NoAnswer, StoreErrorKind::PoolExhausted];
            assert!(kinds.contains(&error.kind()), "{error}: {:?}", std::error::Error::source(&error));
        }
    }

    run("MEND").await;
    address.leads_to.send_replace(standby.to_owned());
    goes_on(&node, &mut acknowledged, WELL_AGAIN).await;
    acknowledged.are_all_there(&node).await;
}

/// The server takes no changes for a while: it is read-only, or its disk is full.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs surroundings: `cargo xtask surroundings databases` runs it"]
async fn changes_come_back() {
    let node = patient_node(library(), &variable("URLS"), PATIENCE).await;
    node.migrate().await.unwrap();
    let mut acknowledged = Acknowledged::default();
    acknowledged.create(&node).await.unwrap();
    run("BREAK").await;
    let began = Instant::now();
    let refused = loop {
        match acknowledged.create(&node).await {
            Ok(()) => assert!(began.elapsed() < WELL_AGAIN, "changes are made as before"),
            Err(error) => break error,
        }
    };
    let source = std::error::Error::source(&refused).map(ToString::to_string);
    assert_eq!(refused.kind(), StoreErrorKind::Unavailable, "{refused}: {source:?}");
    acknowledged.are_all_there(&node).await;

    run("MEND").await;
    goes_on(&node, &mut acknowledged, Duration::from_secs(10)).await;
    acknowledged.are_all_there(&node).await;
    node.revert().await.unwrap();
}
