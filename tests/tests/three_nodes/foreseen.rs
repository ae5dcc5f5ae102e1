//! The memory that a node has of a signer decides nothing: the stored row does, whoever has changed it.

use serde_json::json;

use crate::caller::{Three, sign, text};

fn reason(answer: &serde_json::Value) -> Option<&str> {
    answer["reason"].as_str().or_else(|| answer["authentication_status"]["reason"].as_str())
}

#[test]
fn an_application_that_was_changed_behind_a_node_is_judged_as_it_is_stored() {
    let Some(three) = Three::start(60) else { return };
    three.user_with_phone("ann");
    let url = three.url("/authentication/authenticate_user/{app}/ann");
    let signed = || sign(&three.application(), "POST", &url, "{}");
    // This node remembers the application from now on.
    for _ in 0..2 {
        assert_eq!(three.to(0, &signed()).0, 202);
    }
    three.database.sql("UPDATE applications SET disabled_at = 1 WHERE hidden = 0").unwrap();
    let refused = signed();
    for (node, why) in [(0, "APPLICATION_DISABLED"), (1, "NONCE_REPLAYED"), (0, "NONCE_REPLAYED")] {
        let (status, answer) = three.to(node, &refused);
        assert_eq!((status, reason(&answer)), (403, Some(why)), "at {node}: {answer}");
    }
    three.database.sql("UPDATE applications SET disabled_at = NULL, approval = 'code'").unwrap();
    let (status, answer) = three.to(0, &signed());
    assert_eq!((status, reason(&answer)), (200, Some("CODE_NOT_SHOWN")), "{answer}");
    // By what is remembered and stored alike: nothing was changed, and the nonce is spent for all nodes.
    let refused = signed();
    for (node, status, why) in
        [(0, 200, "CODE_NOT_SHOWN"), (1, 403, "NONCE_REPLAYED"), (0, 403, "NONCE_REPLAYED")]
    {
        let (found, answer) = three.to(node, &refused);
        assert_eq!((found, reason(&answer)), (status, Some(why)), "at {node}: {answer}");
    }
    three.database.sql("UPDATE applications SET approval = 'tap'").unwrap();
    let taken = signed();
    assert_eq!(three.to(0, &taken).0, 202);
    for node in [0, 2] {
        let (status, answer) = three.to(node, &taken);
        assert_eq!((status, reason(&answer)), (403, Some("NONCE_REPLAYED")), "at {node}: {answer}");
    }
    // The same by a secret that is no more: its seal is another one. Then there is no application of that id.
    let sessions = || three.database.sql("SELECT count(*) FROM sessions").unwrap();
    let before = sessions();
    three.database.sql("UPDATE applications SET secret = '\\x00' WHERE hidden = 0").unwrap();
    assert!(three.to(0, &signed()).0 >= 400);
    three.database.sql("UPDATE applications SET id = 'gone' WHERE hidden = 0").unwrap();
    let (status, answer) = three.to(0, &signed());
    assert_eq!((status, reason(&answer)), (404, Some("UNKNOWN_APPLICATION")), "{answer}");
    assert_eq!(sessions(), before);
}

#[test]
fn a_phone_that_was_removed_on_another_node_is_told_nothing_and_answers_nothing() {
    let Some(three) = Three::start(60) else { return };
    let phone = three.user_with_phone("ann");
    three.start_login(0, "ann");
    let fetch = || sign(&phone.pair, "GET", &text(&phone.urls["pending_requests"]), "");
    let question = three.question(0, &phone);
    assert_eq!(three.to(0, &fetch()).0, 200);
    let unregister = sign(&phone.pair, "POST", &text(&phone.urls["device_unregister"]), "");
    assert_eq!(three.to(1, &unregister).0, 200);
    let (status, answer) = three.to(0, &fetch());
    assert_eq!((status, reason(&answer)), (401, Some("UNKNOWN_DEVICE")), "{answer}");
    let accept = json!({"accepted": true}).to_string();
    let (status, answer) = three.to(0, &sign(&question.pair, "POST", &question.answer_url, &accept));
    assert_eq!((status, reason(&answer)), (409, Some("UNKNOWN_REQUEST")), "{answer}");
}
