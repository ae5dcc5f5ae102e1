//! Attacks between two nodes of the service over one PostgreSQL.

use std::sync::Arc;

use http::Method;
use iampass_system_tests::Nodes;
use iampass_testkit::VirtualPhone;
use serde_json::json;

use crate::codes::other_than;
use crate::forger::{Forger, claims, pair_of, pair_of_phone};
use crate::ground::{Ground, SOON};
use crate::service::Shop;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};
use crate::wire::{Answer, copy, to_node};

pub(crate) const ATTACKS: [Attack; 2] = [
    attack!(
        "replay-to-the-other-node",
        "requests and answers that one node has taken are sent to the other",
        replay
    ),
    attack!(
        "guesses-at-both-nodes",
        "digits are guessed at two nodes in turn, and codes are brought at the other node",
        guesses
    ),
];

/// Two nodes over one database.
pub(crate) struct Two {
    nodes: Nodes,
    /// The application; its calls go to the nodes in turn.
    pub(crate) shop: Shop,
    _database: iampass_test_databases::Database,
}

pub(crate) async fn two() -> Result<Two, Failure> {
    tokio::task::spawn_blocking(|| -> Result<Two, Failure> {
        let server = iampass_test_databases::postgres()
            .ok_or("no PostgreSQL; on Debian: apt-get install postgresql")?;
        let database = server.database();
        let nodes = Nodes::start(2, database.url(), 60)?;
        let account = nodes.account();
        let shop = Shop::new(&account.server, &account.application_id, &account.application_secret)?;
        Ok(Two { nodes, shop, _database: database })
    })
    .await?
}

impl Two {
    async fn to(&self, node: usize, request: &iampass_core::port::HttpRequest) -> Result<Answer, Failure> {
        self.shop.wire.send(to_node(request, self.nodes.address(node)?)?).await
    }
}

async fn replay(_ground: Arc<Ground>) -> Outcome {
    let two = two().await?;
    let (shop, wire) = (&two.shop, &two.shop.wire);
    let phone = shop.phone("u").await?;
    let url = format!("{}/authentication/authenticate_user/{}/u", shop.server, shop.pair.id);
    let start =
        wire.signed(&shop.pair, Method::POST, &url, r#"{"confirm": ["code"], "known_browser": true}"#)?;
    let answer = two.to(0, &start).await?.done("a start")?;
    hold!(two.to(1, &start).await?.status == 403, "a start is taken by both nodes");
    let started = crate::service::Started::of(&answer)?;
    let request = phone.next_request(SOON).await?.ok_or("no question")?;
    let jws =
        Forger::with_key_of(&phone).await?.answer(&claims(wire, &phone, &request, &started.code)).await?;
    let body = json!({"answer": jws}).to_string();
    let seen = wire.by_phone(&pair_of(&request), &request.identify.identification_url, &body)?;
    // At both at once: one takes it.
    let (one, other) = tokio::join!(two.to(0, &seen), two.to(1, &seen));
    let taken = [one?.status, other?.status].iter().filter(|status| **status == 200).count();
    hold!(taken == 1, "{taken} nodes take one answer");
    works!(shop.is_in(&started).await?, "the answer lets nobody in");
    wire.post(&started.pair, &started.logout_url, &json!({})).await?.done("a logout")?;
    for node in [0, 1] {
        hold!(two.to(node, &copy(&seen)).await?.status == 403, "node {node} takes it again");
        let again = wire.by_phone(&pair_of(&request), &request.identify.identification_url, &body)?;
        hold!(two.to(node, &again).await?.status >= 400, "node {node} takes the same answer again");
        let status = two.to(node, &wire.signed(&started.pair, Method::GET, &started.status_url, "")?).await?;
        hold!(
            crate::wire::text(&status.json, "/session_status") == "closed",
            "it is not closed at node {node}"
        );
    }
    Verdict::defeated("one node takes it, once; both know it")
}

/// Brings digits at one node.
async fn bring(two: &Two, phone: &VirtualPhone, node: usize, code: &str) -> Result<Answer, Failure> {
    let claims = json!({"iss": phone.record().device.device_id, "aud": two.shop.pair.id, "sub": "u",
        "iat": two.shop.wire.now().0, "code": code});
    let forger = Forger::with_key_of(phone).await?;
    let jws = forger.sign(&json!({"alg": "ES256", "typ": "iampass-bring+jwt"}), &claims).await?;
    let body = json!({"brought": jws}).to_string();
    let url = phone.record().service.service_urls.bring_request.as_deref().ok_or("nothing can be brought")?;
    two.to(node, &two.shop.wire.by_phone(&pair_of_phone(phone), url, &body)?).await
}

async fn guesses(_ground: Arc<Ground>) -> Outcome {
    let two = two().await?;
    let shop = &two.shop;
    let phone = shop.phone("u").await?;
    let started = shop.start("u", false).await?;
    bring(&two, &phone, 1, &started.code).await?.done("bringing at one node")?;
    let started = shop.start("u", false).await?;
    for guess in 1..=5 {
        let answer = bring(&two, &phone, guess % 2, &other_than(&started.code, guess as u32)).await?;
        hold!(answer.status == 422, "guess {guess}: {} {}", answer.status, answer.reason());
    }
    for node in [0, 1] {
        let answer = bring(&two, &phone, node, &started.code).await?;
        hold!(answer.status == 429, "node {node} counts for itself: {} {}", answer.status, answer.reason());
    }
    hold!(!shop.is_in(&started).await?, "the browser is in");
    Verdict::defeated("five guesses over both nodes, then both are paused")
}
