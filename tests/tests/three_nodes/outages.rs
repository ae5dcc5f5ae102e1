//! The database goes away, and comes back.

use std::time::{Duration, Instant};

use iampass_system_tests::Nodes;
use iampass_test_databases::{PrivatePostgres, Tls};

use crate::caller::{Three, sign};

#[test]
fn without_its_database_a_node_answers_503_and_comes_back_by_itself() {
    let Some(mut postgres) = PrivatePostgres::start(Tls::Off) else { return };
    let database = postgres.database();
    let nodes = Nodes::start(1, database.url(), 60).unwrap();
    let mut three = Three { nodes, database };
    let phone = three.user_with_phone_at("ann", [0; 3]);
    let session = three.start_login(0, "ann");
    let asked = |three: &Three| {
        let url = three.url("/management/has_registered_mobile_device/{app}/ann");
        three.to(0, &sign(&three.application(), "GET", &url, ""))
    };
    assert_eq!(asked(&three).0, 200);

    postgres.stop();
    for _ in 0..3 {
        let (status, json) = asked(&three);
        assert_eq!(status, 503, "{json}");
    }
    // No user is let in meanwhile, and nothing is said that would be believed.
    let (status, json) = three.to(0, &sign(&session.pair, "GET", &session.status_url, ""));
    assert_eq!(status, 503, "{json}");
    assert!(three.nodes.are_running());

    postgres.start_again();
    let deadline = Instant::now() + Duration::from_secs(60);
    while asked(&three).0 != 200 {
        assert!(Instant::now() < deadline, "{:?}", asked(&three));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(three.status(0, &session), "pending");
    let _question = three.question(0, &phone);
}
