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
    fn to_spend(&self, id: &str) -> SpentNonce {
        SpentNonce::to_be_stored(Arc::clone(&self.node.database), nonce(id))
    }

    async fn start(&self, user: &str) -> SessionCredentials {
        let database = &self.node.database;
        database.application("APP").await.unwrap().unwrap();
        let spent = self.to_spend("APP");
        let (outcome, credentials) = self.node.start_spending(self.application, user, spent).await;
        assert!(matches!(outcome, StartOutcome::Started { .. }), "{outcome:?}");
        credentials
    }

    async fn fetch(&self, user: &str) {
        let database = &self.node.database;
        let id = format!("phone-of-{user}");
        let (_, device) = database.device(&id).await.unwrap().unwrap();
        self.spend(&id).await;
        let waiting = database.questions(device.key, device.user, UnixSeconds(1_000)).await.unwrap().unwrap();
        assert_eq!(waiting.questions.len(), 1);
    }

    async fn answer(&self, credentials: &SessionCredentials) {
        let database = &self.node.database;
        let id = credentials.request_id.as_str();
        let (_, asked) = database.question(id).await.unwrap().unwrap();
        let spent = self.to_spend(id);
        let taken = self.node.answer_spending(asked.key, true, spent).await;
        assert!(matches!(taken, AnswerOutcome::Taken(_)), "{taken:?}");
    }

    async fn status(&self, credentials: &SessionCredentials) {
        let id = credentials.token.as_str();
        let (_, session) = self.node.database.session(id).await.unwrap().unwrap();
        self.spend(id).await;
        assert!(session.timeline.state.is_open());
    }

    /// A login; what each call of it has cost.
    async fn login(&self, user: &str) -> Vec<Trips> {
        let mut cost = Vec::new();
        let mut before = self.counted.now();
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
        cost
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
    let cost = logins.login("u0").await;
    println!("| call | trips | transactions | by COMMIT |\n|---|---|---|---|");
    let mut all = Trips { trips: 0, transactions: 0, commits: 0 };
    for (call, Trips { trips, transactions, commits }) in CALLS.into_iter().zip(cost) {
        println!("| {call} | {trips} | {transactions} | {commits} |");
        all.trips += trips;
        all.transactions += transactions;
        all.commits += commits;
    }
    println!("| a login | {} | {} | {} |", all.trips, all.transactions, all.commits);
    // A notification that is sent a moment after its commit is a trip of its own.
    assert!(all.trips <= 15 && all.transactions <= 11 && all.commits <= 2, "{all:?}");
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
    // Without sharing there are two.
    assert!(a_login(cost.commits) < 1.7, "{cost:?}");
}
