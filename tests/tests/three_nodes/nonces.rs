//! A request that one node has taken is taken by no other.

use serde_json::{Value, json};

use crate::caller::{NODES, Pair, Signed, Three, sign, text};

/// Sends it to one node, and then to each of them.
fn is_taken_once(three: &Three, first: usize, what: &str, request: &Signed) -> Value {
    let (status, answer) = three.to(first, request);
    assert!(matches!(status, 200..=202), "{what}: {status} {answer}");
    for node in (0..NODES).map(|step| (first + 1 + step) % NODES) {
        let (status, answer) = three.to(node, request);
        assert_eq!((status, answer["reason"].as_str()), (403, Some("NONCE_REPLAYED")), "{what} at {node}");
    }
    answer
}

#[test]
fn a_nonce_used_on_one_node_is_refused_on_all() {
    let Some(three) = Three::start(60) else { return };
    let phone = three.user_with_phone("ann");
    let application = three.application();
    let by = |pair: &Pair, method: &str, url: &str, body: &str| sign(pair, method, url, body);
    let once = |node, what: &str, request: Signed| is_taken_once(&three, node, what, &request);

    // Reads of the application, changes of the application.
    let asked = by(&application, "GET", &three.url("/management/has_registered_mobile_device/{app}/ann"), "");
    once(0, "has_registered_mobile_device", asked);
    let add = json!({"users": ["bob"]}).to_string();
    once(1, "add_users", by(&application, "POST", &three.url("/management/add_users/{app}"), &add));
    let link = three.url("/management/device_registration_link/{app}/bob");
    once(2, "device_registration_link", by(&application, "GET", &link, ""));
    let start = three.url("/authentication/authenticate_user/{app}/ann");
    let started = once(0, "authenticate_user", by(&application, "POST", &start, "{}"));
    let session = &started["authentication_status"];
    let pair = Pair::new(&session["session_token"], &session["session_secret"]);

    // The phone's reads, and its answers.
    let url = |name: &str| text(&phone.urls[name]);
    once(1, "pending_requests", by(&phone.pair, "GET", &url("pending_requests"), ""));
    let question = three.question(2, &phone);
    once(2, "picking up", by(&question.pair, "POST", &question.start_url, ""));
    let accept = json!({"accepted": true}).to_string();
    once(0, "accepting", by(&question.pair, "POST", &question.answer_url, &accept));
    once(1, "active_sessions", by(&phone.pair, "GET", &url("active_sessions"), ""));
    let configuration = json!({"notification_token": "*other"}).to_string();
    once(2, "configuration", by(&phone.pair, "POST", &url("device_configuration"), &configuration));

    // Requests that are signed by the session.
    once(0, "status", by(&pair, "GET", &text(&session["status_url"]), ""));
    once(1, "logout", by(&pair, "POST", &text(&session["logout_url"]), ""));
    // A phone that is gone cannot sign any more, on no node.
    let unregister = by(&phone.pair, "POST", &url("device_unregister"), "");
    assert_eq!(three.to(2, &unregister).0, 200);
    for node in 0..NODES {
        assert_eq!(three.to(node, &unregister).0, 401);
    }
}

#[test]
fn of_requests_with_one_nonce_at_the_same_time_one_is_taken() {
    let Some(three) = Three::start(60) else { return };
    three.call(0, "POST", "/management/add_users/{app}", r#"{"users": ["ann"]}"#);
    for round in 0..10 {
        let url = three.url("/management/has_registered_mobile_device/{app}/ann");
        let request = sign(&three.application(), "GET", &url, "");
        let mut taken: Vec<u16> = std::thread::scope(|scope| {
            let at = |node| three.nodes.address(node).unwrap();
            let sent: Vec<_> = (0..NODES)
                .map(|node| {
                    scope.spawn({
                        let (request, at) = (&request, at(node));
                        move || request.to(at).0
                    })
                })
                .collect();
            sent.into_iter().map(|one| one.join().unwrap()).collect()
        });
        taken.sort_unstable();
        assert_eq!(taken, [200, 403, 403], "in round {round}");
    }
}
