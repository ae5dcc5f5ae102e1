//! An action of one node counts on all of them.

use std::time::Duration;

use serde_json::json;

use crate::caller::{NODES, Question, Three, sign, text};

#[test]
fn each_step_of_a_login_may_go_to_another_node() {
    let Some(three) = Three::start(60) else { return };
    for first in 0..NODES {
        let node = |step: usize| (first + step) % NODES;
        let user = format!("user-{first}");
        let phone = three.user_with_phone(&user);
        let session = three.start_login(node(0), &user);
        let question = three.question(node(1), &phone);
        let accept = json!({"accepted": true}).to_string();
        let (status, json) = three.to(node(2), &sign(&question.pair, "POST", &question.start_url, ""));
        assert_eq!(status, 200, "{json}");
        assert_eq!(three.status(node(0), &session), "identifying");
        let (status, json) = three.to(node(1), &sign(&question.pair, "POST", &question.answer_url, &accept));
        assert_eq!(status, 200, "{json}");
        for node in 0..NODES {
            assert_eq!(three.status(node, &session), "active");
        }
        let (status, json) = three.to(node(2), &sign(&session.pair, "POST", &session.logout_url, ""));
        assert_eq!(status, 200, "{json}");
        for node in 0..NODES {
            assert_eq!(three.status(node, &session), "closed");
        }
    }
}

#[test]
fn a_phone_that_waits_on_one_node_is_woken_by_a_start_on_another() {
    let Some(three) = Three::start(10) else { return };
    let phone = three.user_with_phone("ann");
    let waiting = sign(&phone.pair, "GET", &format!("{}?wait=25", text(&phone.urls["pending_requests"])), "");
    let node = three.nodes.address(0).unwrap();
    let waiter = std::thread::spawn(move || waiting.to(node));
    std::thread::sleep(Duration::from_millis(500));
    assert!(!waiter.is_finished(), "there is nothing to be told yet");
    let session = three.start_login(1, "ann");
    // Had nothing woken it, it would be answered when the question had timed out, and told of none.
    let (status, pending) = waiter.join().unwrap();
    assert_eq!(status, 200, "{pending}");
    let question = Question::one_of(&pending);
    let (status, _) = three
        .to(2, &sign(&question.pair, "POST", &question.answer_url, &json!({"accepted": false}).to_string()));
    assert_eq!(status, 200);
    assert_eq!(three.status(0, &session), "cancelled");
}

/// Whichever nodes ask and are answered: two denials in a row pause the starts on all of them, but not those of a known browser.
#[test]
fn denials_on_two_nodes_pause_starts_on_all() {
    let Some(three) = Three::start(60) else { return };
    let phone = three.user_with_phone("ann");
    let deny = json!({"accepted": false}).to_string();
    for (asks, hears, denies) in [(0, 1, 2), (1, 2, 0)] {
        three.start_login(asks, "ann");
        let question = three.question(hears, &phone);
        let (status, json) = three.to(denies, &sign(&question.pair, "POST", &question.answer_url, &deny));
        assert_eq!(status, 200, "{json}");
    }
    let path = "/authentication/authenticate_user/{app}/ann";
    for node in 0..NODES {
        let paused = three.call(node, "POST", path, "{}");
        assert_eq!(paused["authentication_status"]["authenticated"], false, "{node}: {paused}");
        assert_eq!(paused["authentication_status"]["reason"], "TOO_MANY_DENIALS", "{node}: {paused}");
    }
    let known = three.call(2, "POST", path, &json!({"known_browser": true}).to_string());
    assert_eq!(known["authentication_status"]["session_status"], "pending", "{known}");
    three.question(0, &phone);
}
