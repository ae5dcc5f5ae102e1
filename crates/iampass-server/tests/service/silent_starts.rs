//! Starts that ring nowhere: how many of them one user has, and which give way. A stranger who knows a name keeps its owner out of nothing.

use std::time::Duration;

use iampass_server::{Rate, RateLimits};
use serde_json::{Value, json};

use crate::confirmation::Shown;
use crate::rig::Rig;

/// The silent questions that one user may have.
const MOST: usize = 200;

fn by(address: Option<&str>) -> Value {
    match address {
        Some(address) => json!({"confirm": ["code"], "address": address}),
        None => json!({"confirm": ["code"]}),
    }
}

impl Rig {
    async fn silent(&self, user: &str, address: Option<&str>) -> Shown {
        self.shown_by(user, by(address)).await
    }

    async fn crowd(&self, user: &str, address: Option<&str>, count: usize) -> Vec<Shown> {
        let mut crowd = Vec::new();
        for _ in 0..count {
            crowd.push(self.silent(user, address).await);
        }
        crowd
    }
}

async fn without_limits() -> Rig {
    Rig::with(|config| config.rates = RateLimits::off()).await
}

#[tokio::test]
async fn starts_that_ring_nowhere_are_counted_by_the_network_of_their_browser() {
    let rig = Rig::with(|config| {
        config.rates = RateLimits::off();
        config.rates.per_user_starts = Some(Rate { burst: 3, every: Duration::from_secs(30) });
    })
    .await;
    rig.phone("u").await;
    // The last half of an IPv6 address, and a byte before it, are of the same network.
    for address in ["2001:db8::1", "2001:db8::2", "2001:db8:0:ff::1"] {
        rig.silent("u", Some(address)).await;
    }
    rig.start_with("u", by(Some("2001:db8:0:1::7"))).await.is(429, "TOO_MANY_REQUESTS");
    // Others are not concerned: not those of other networks, and not those that ring.
    for address in ["2001:db8:0:100::1", "198.51.100.7", "198.51.100.8", "::ffff:198.51.100.9"] {
        rig.silent("u", Some(address)).await;
    }
    rig.shown("u", true).await;
    // Nor is the other way of writing an address another network.
    for _ in 0..2 {
        rig.silent("u", Some("198.51.100.9")).await;
    }
    rig.start_with("u", by(Some("::ffff:198.51.100.9"))).await.is(429, "TOO_MANY_REQUESTS");
    // An application that tells no address: the name alone uses up nothing.
    for _ in 0..10 {
        rig.silent("u", None).await;
    }
}

#[tokio::test]
async fn a_crowd_of_one_network_displaces_its_own() {
    let rig = without_limits().await;
    let phone = rig.phone("u").await;
    let owner = rig.silent("u", Some("198.51.100.7")).await;
    let crowd = rig.crowd("u", Some("203.0.113.9"), MOST + 50).await;
    for displaced in &crowd[..51] {
        assert_eq!(rig.status(&displaced.session).await, "timeout");
    }
    for waiting in [&crowd[51], &crowd[MOST], &owner] {
        assert_eq!(rig.status(&waiting.session).await, "pending");
    }
    // Codes of six digits may be the same twice in such a crowd; scans are not.
    rig.accepted_by(&phone, &owner).await;
    assert_eq!(rig.status(&owner.session).await, "active");
}

#[tokio::test]
async fn the_oldest_gives_way_where_no_address_is_told() {
    let rig = without_limits().await;
    let phone = rig.phone("u").await;
    let crowd = rig.crowd("u", None, MOST).await;
    let owner = rig.silent("u", None).await;
    assert_eq!(rig.status(&crowd[0].session).await, "timeout");
    assert_eq!(rig.status(&crowd[1].session).await, "pending");
    // One that has given way is brought by no phone.
    rig.bring(&phone, json!({"scan": crowd[0].scan})).await.is(422, "WRONG_CODE");
    rig.accepted_by(&phone, &owner).await;
    assert_eq!(rig.status(&owner.session).await, "active");
}

/// A link that a stranger sends has the phone bring a question. It takes no place of those that ring.
#[tokio::test]
async fn what_was_brought_takes_no_place_of_what_rings() {
    let rig = without_limits().await;
    let phone = rig.phone("u").await;
    for _ in 0..6 {
        let shown = rig.silent("u", Some("203.0.113.9")).await;
        rig.bring(&phone, json!({"scan": shown.scan})).await.ok(200);
    }
    for _ in 0..5 {
        rig.shown("u", true).await;
    }
    let sixth = json!({"confirm": ["code"], "known_browser": true});
    rig.start_with("u", sixth).await.is(429, "TOO_MANY_REQUESTS");
    rig.silent("u", Some("198.51.100.7")).await;
}

/// Somebody who has a whole IPv6 network has very many of the smaller ones.
#[tokio::test]
async fn networks_of_one_provider_displace_each_other() {
    let rig = without_limits().await;
    let phone = rig.phone("u").await;
    let owner = rig.silent("u", Some("198.51.100.7")).await;
    let mut first = None;
    for number in 0..MOST + 50 {
        let shown = rig.silent("u", Some(&format!("2001:db8:{number:x}::1"))).await;
        first.get_or_insert(shown);
    }
    assert_eq!(rig.status(&first.unwrap().session).await, "timeout");
    rig.accepted_by(&phone, &owner).await;
    assert_eq!(rig.status(&owner.session).await, "active");
}

#[tokio::test]
async fn a_user_who_is_signed_in_at_a_place_gives_way_to_no_fleet_there() {
    let rig = without_limits().await;
    let phone = rig.phone("u").await;
    let before = rig.silent("u", Some("2001:db8::7")).await;
    rig.accepted_by(&phone, &before).await;
    let owner = rig.silent("u", Some("2001:db8::8")).await;
    for number in 0..MOST + 50 {
        rig.silent("u", Some(&format!("2a00:{number:x}::1"))).await;
    }
    rig.accepted_by(&phone, &owner).await;
    assert_eq!(rig.status(&owner.session).await, "active");
}
