//! The cost of a login over PostgreSQL, in trips and transactions, call by call. `cargo test -p iampass-server-storage --lib -- login_trips --nocapture`
//! prints the table of `docs/performance.md`.

use std::sync::Arc;

use futures_util::future::join_all;
use iampass_core::UnixSeconds;
use iampass_server_domain::credentials::SessionCredentials;

use super::counted_trips::{Counted, Trips, counted_way};
use super::nonce_rows::NonceRow;
use super::two_nodes::Node;
use super::*;

/// One login after another, or several at a time.
struct Logins {
    node: Node,
    application: ApplicationKey,
    counted: Arc<Counted>,
}

/// The calls of a login, in their order.
const CALLS: [&str; 4] = ["start", "fetch", "answer", "status"];

impl Logins {
    async fn new(users: usize) -> Option<(Self, iampass_test_databases::Database)> {
        let server = iampass_test_databases::postgres()?.database();
        let (url, counted) = counted_way(server.url()).await;
        let node = Node::at(&url).await;
        let application = node.application().await;
        for user in 0..users {
            node.user_with_phone(application, &format!("u{user}")).await;
        }
        Some((Self { node, application, counted }, server))
    }

    /// Of a request that reads.
    async fn spend(&self, id: &str) {
        drop(self.node.database.spend(nonce(id)).await.unwrap());
    }

    /// Of a request that makes a change.
    fn to_spend(&self, id: &str, foreseen: Option<Arc<Foreseen>>) -> SpentNonce {
        let (database, nonce) = (Arc::clone(&self.node.database), nonce(id));
        match foreseen {
            Some(foreseen) => SpentNonce::foreseen(database, nonce, foreseen),
            None => SpentNonce::to_be_stored(database, nonce),
        }
    }

    async fn start(&self, user: &str) -> SessionCredentials {
        let database = &self.node.database;
        let foreseen = database.foreseen_application("APP");
        if foreseen.is_none() {
            database.application("APP").await.unwrap().unwrap();
        }
        let spent = self.to_spend("APP", foreseen.map(|(_, foreseen)| foreseen));
        let (outcome, credentials) = self.node.start_spending(self.application, user, spent).await;
        assert!(matches!(outcome, StartOutcome::Started { .. }), "{outcome:?}");
        credentials
    }

    async fn fetch(&self, user: &str) {
        let database = &self.node.database;
        let id = format!("phone-of-{user}");
        let now = UnixSeconds(1_000);
        let (device, waiting) = match database.remembered_device(&id) {
            Some((signer, device)) => {
                (device, database.ask_questions(nonce(&id), signer, now).await.unwrap().unwrap())
            }
            None => {
                let (_, device) = database.device(&id).await.unwrap().unwrap();
                self.spend(&id).await;
                let waiting = database.questions(device.key, device.user, now).await.unwrap().unwrap();
                (device, waiting)
            }
        };
        assert_eq!(waiting.questions.len(), 1);
        database.remember_questions(&device, &waiting.questions);
    }

    async fn answer(&self, credentials: &SessionCredentials) {
        let database = &self.node.database;
        let id = credentials.request_id.as_str();
        let (asked, foreseen) = match database.foreseen_question(id) {
            Some((_, asked, foreseen)) => (asked, Some(foreseen)),
            None => (database.question(id).await.unwrap().unwrap().1, None),
        };
        let spent = self.to_spend(id, foreseen);
        let taken = self.node.answer_spending(asked.key, true, spent).await;
        assert!(matches!(taken, AnswerOutcome::Taken(_)), "{taken:?}");
    }

    async fn status(&self, credentials: &SessionCredentials) {
        let (id, database) = (credentials.token.as_str(), &self.node.database);
        let session = match database.remembered_session(id) {
            Some(signer) => database.ask_session(nonce(id), signer).await.unwrap().unwrap(),
            None => {
                let (_, session) = database.session(id).await.unwrap().unwrap();
                self.spend(id).await;
                session
            }
        };
        assert!(session.timeline.state.is_open());
    }

    /// A login; what each call of it has cost.
    async fn login(&self, user: &str) -> Vec<Trips> {
        let mut cost = Vec::new();
        let mut before = self.counted.at_rest().await;
        let mut called = || {
            let now = self.counted.now();
            cost.push(now.since(before));
            before = now;
        };
        let credentials = self.start(user).await;
        called();
        self.fetch(user).await;
        called();
        self.answer(&credentials).await;
        called();
        self.status(&credentials).await;
        called();
        self.node
            .database
            .log_out(self.node.session(&credentials).await.key, self.node.none())
            .await
            .unwrap();
        // Other nodes are told of it before the next login is counted.
        self.node.database.flush().await.unwrap();
        cost
    }

    /// The middle one of several logins by what they cost: what the node does of its own falls into some.
    async fn usual(&self, user: &str) -> Vec<Trips> {
        const LOGINS: usize = 9;
        let mut costs = Vec::new();
        for _ in 0..LOGINS {
            costs.push(self.login(user).await);
        }
        costs.sort_by_key(|cost| {
            let all = Trips::sum(cost);
            (all.trips, all.transactions, all.commits)
        });
        costs.swap_remove(LOGINS / 2)
    }
}

fn nonce(id: &str) -> NonceRow {
    let drawn = iampass_server_domain::random::bytes::<8>().unwrap();
    NonceRow { id: id.to_owned(), nonce: u64::from_be_bytes(drawn), timestamp: UnixSeconds(1_000) }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_trips_one_at_a_time() {
    let Some((logins, _server)) = Logins::new(1).await else { return };
    // Statements are prepared, by each connection.
    for _ in 0..5 {
        logins.login("u0").await;
    }
    let cost = logins.usual("u0").await;
    println!("| call | trips | transactions | by COMMIT |\n|---|---|---|---|");
    let all = Trips::sum(&cost);
    for (call, Trips { trips, transactions, commits }) in CALLS.into_iter().zip(cost) {
        println!("| {call} | {trips} | {transactions} | {commits} |");
    }
    println!("| a login | {} | {} | {} |", all.trips, all.transactions, all.commits);
    // A notification that is sent a moment after its commit is a trip of its own.
    assert!(all.trips <= 7 && all.transactions <= 4 && all.commits <= 2, "{all:?}");
}

/// Events are written in the trips that a login takes anyway.
#[tokio::test(flavor = "multi_thread")]
async fn login_trips_are_as_many_with_an_endpoint_for_events() {
    let Some((logins, _server)) = Logins::new(1).await else { return };
    let usual = async || {
        for _ in 0..5 {
            logins.login("u0").await;
        }
        Trips::sum(&logins.usual("u0").await)
    };
    let without = usual().await;
    let change = EndpointChange::Set {
        url: "https://shop.example/".to_owned(),
        kinds: iampass_server_domain::event::EventKinds::all(),
        secret: iampass_core::events::EventSecret::from_bytes([7; 32]),
    };
    let noted = Noted { actor: "ann".to_owned(), application: None, action: "endpoint.set", subject: None };
    let database = &logins.node.database;
    database.change_event_endpoint(logins.application, change, Actor::Command, noted).await.unwrap();
    let with = usual().await;
    assert_eq!(
        (with.trips, with.transactions, with.commits),
        (without.trips, without.transactions, without.commits)
    );
    let written = database.events(logins.application, EventSearch::default(), 1_000).await.unwrap();
    // Started, accepted, ended.
    assert!(written.len() >= 3 * 14, "{}", written.len());
}

/// Each reads in one trip, which takes along what the one before has put off.
#[tokio::test(flavor = "multi_thread")]
async fn login_trips_of_starts_that_share_a_transaction_are_one_each() {
    const AT_A_TIME: usize = 8;
    let Some((logins, _server)) = Logins::new(AT_A_TIME).await else { return };
    let users: Vec<_> = (0..AT_A_TIME).map(|user| format!("u{user}")).collect();
    for user in &users {
        logins.login(user).await;
    }
    let database = &logins.node.database;
    let mut fewest = u64::MAX;
    // At first statements are prepared.
    for _ in 0..3 {
        let commit = database.hold_commits();
        let starting = join_all(users.iter().map(|user| logins.start(user)));
        let letting_go = async {
            while database.waiting_changes() < AT_A_TIME {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            let before = logins.counted.now();
            drop(commit);
            before
        };
        let (_, before) = tokio::join!(starting, letting_go);
        fewest = fewest.min(logins.counted.now().since(before).trips);
    }
    // One more begins, with the nonces and the signers; one commits; and one may tell other nodes.
    assert!(fewest <= AT_A_TIME as u64 + 3, "{fewest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn login_trips_32_at_a_time() {
    const AT_A_TIME: usize = 32;
    const EACH: u64 = 10;
    let Some((logins, _server)) = Logins::new(AT_A_TIME).await else { return };
    let all = async |times: u64| {
        let users = (0..AT_A_TIME).map(|user| {
            let logins = &logins;
            async move {
                let user = format!("u{user}");
                for _ in 0..times {
                    let credentials = logins.start(&user).await;
                    logins.fetch(&user).await;
                    logins.answer(&credentials).await;
                    logins.status(&credentials).await;
                }
            }
        });
        join_all(users).await;
    };
    all(2).await;
    let (before, commits) = (logins.counted.now(), logins.node.database.commits());
    all(EACH).await;
    let cost = logins.counted.now().since(before);
    let number = AT_A_TIME as u64 * EACH;
    let a_login = |count: u64| count as f64 / number as f64;
    println!(
        "32 at a time, a login: {:.2} trips, {:.2} transactions, {:.2} by COMMIT ({:.2} by the node's own count)",
        a_login(cost.trips),
        a_login(cost.transactions),
        a_login(cost.commits),
        a_login(logins.node.database.commits() - commits)
    );
    // Without sharing there are two commits and four transactions.
    assert!(a_login(cost.commits) < 1.0 && a_login(cost.transactions) < 1.5, "{cost:?}");
}
