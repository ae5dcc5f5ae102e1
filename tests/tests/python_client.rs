//! The judge: the published Python client, which we did not write, drives our service: over SQLite, over PostgreSQL, and three nodes of it.
//!
//! The checks are in `tests/python/judge.py`. Each is named here as well, so that none can get lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeSet;

use iampass_core::client::Client;
use iampass_core::wire::{SessionJson, SessionStatus};
use iampass_core::{Server, Session};
use iampass_reqwest::ReqwestTransport;
use iampass_server::Approval;
use iampass_system_tests::{Account, DevServer, Nodes, PublishedClient, python_client};
use iampass_test_databases::postgres;
use iampass_testkit::TestService;
use serde_json::{Value, json};

const ANSWER_TIMEOUT: u64 = 10;

const CHECKS: [&str; 44] = [
    "add_user_new_and_again",
    "add_users_tells_new_from_existing",
    "odd_user_ids_are_one_and_the_same_everywhere",
    "an_odd_user_logs_in",
    "plus_is_a_space_in_paths_and_percent_2b_a_plus",
    "has_registered_mobile_device_before_and_after",
    "a_registration_link_works_once",
    "no_mobile_device",
    "each_method_with_a_duration",
    "the_default_duration",
    "urls_are_issued_under_the_address_that_was_called",
    "denied_is_cancelled_and_the_documented_loop_ends",
    "unanswered_is_timeout",
    "past_its_duration_is_closed",
    "destroy_and_status_after_destroy",
    "destroy_while_pending",
    "walkaway_and_return",
    "remote_logout_is_closed",
    "a_removed_phone_closes_its_sessions",
    "a_lost_phone_closes_its_sessions_and_gives_a_link",
    "a_deleted_user_is_unknown_and_its_session_closed",
    "sms_is_declined_without_an_error",
    "an_unknown_application_is_404",
    "a_wrong_secret_is_refused",
    "an_unsigned_request_is_refused",
    "a_session_is_asked_with_its_own_pair_only",
    "the_status_has_both_shapes",
    "stale_and_future_timestamps_are_refused",
    "a_replayed_request_is_refused",
    "many_requests_in_one_second_are_normal",
    "headers_are_read_without_regard_to_case",
    "documented_spellings_of_headers_are_read",
    "the_version_is_not_needed_and_authorization_is_not_read",
    "a_signature_over_the_whole_url_is_read",
    "another_url_than_the_signed_one_is_refused",
    "old_and_closing_connections_are_served",
    "empty_methods_mean_none_given",
    "after_two_denials_the_next_request_is_refused_with_a_reason",
    "unknown_methods_are_refused",
    "impossible_durations_are_refused",
    "bad_bodies_are_refused",
    "a_body_over_the_limit_is_413",
    "unknown_calls_and_methods_are_told_apart",
    "the_session_schema_round_trips",
];

#[test]
fn every_check_of_the_published_client_passes_on_sqlite() {
    let Some(client) = python_client().unwrap() else { return };
    let mut server = DevServer::start(ANSWER_TIMEOUT).unwrap();
    every_check_passes(&client, &server.account().unwrap());
    assert!(server.is_running());
}

#[test]
fn every_check_of_the_published_client_passes_on_postgres() {
    on_nodes(1);
}

#[test]
fn every_check_of_the_published_client_passes_on_three_nodes() {
    on_nodes(3);
}

/// The client closes each connection, so each of its requests goes to another node.
fn on_nodes(count: usize) {
    let Some(client) = python_client().unwrap() else { return };
    let Some(postgres) = postgres() else { return };
    let database = postgres.database();
    let mut nodes = Nodes::start(count, database.url(), ANSWER_TIMEOUT).unwrap();
    every_check_passes(&client, nodes.account());
    assert!(nodes.are_running());
}

fn every_check_passes(client: &PublishedClient, account: &Account) {
    let lines = client.judge("checks", account, ANSWER_TIMEOUT, "").unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut failed = Vec::new();
    for line in &lines {
        println!("{:>7.3} s  {}", line["seconds"].as_f64().unwrap(), line["check"].as_str().unwrap());
        if line["ok"] != true {
            failed.push(format!("{}:\n{}", line["check"], line["detail"].as_str().unwrap_or_default()));
        }
    }
    assert!(failed.is_empty(), "{} checks failed:\n{}", failed.len(), failed.join("\n"));
    let run: BTreeSet<_> = lines.iter().map(|line| line["check"].as_str().unwrap()).collect();
    assert_eq!(run, BTreeSet::from(CHECKS));
}

/// The client can show no code, so it starts nothing where the application asks for one, and is told why. No phone rings.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_asks_for_a_code_lets_the_published_client_start_nothing() {
    let Some(published) = python_client().unwrap() else { return };
    let service = TestService::builder().approval(Approval::Code).start().await.unwrap();
    let account = Account {
        server: service.server_url().to_owned(),
        application_id: service.application_id().to_string(),
        application_secret: service.application_secret().expose().to_owned(),
    };
    let said = tokio::task::spawn_blocking(move || published.judge("code", &account, 60, "")).await.unwrap();
    let said: Value = serde_json::from_str(&said.unwrap()).unwrap();
    let expected = json!({
        "failed": true, "active": false, "in_progress": false, "reason": "CODE_NOT_SHOWN", "token": null, "rang": false,
    });
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_session_moves_between_the_published_client_and_ours() {
    let Some(published) = python_client().unwrap() else { return };
    let server = DevServer::start(60).unwrap();
    let account = server.account().unwrap();
    let client = Client::builder()
        .server(&account.server)
        .application(&account.application_id, account.application_secret.as_str())
        .transport(ReqwestTransport::new().unwrap())
        .sessions_in_memory()
        .build()
        .unwrap();

    let stored = published.judge("export", &account, 60, "").unwrap();
    let json: SessionJson = serde_json::from_str(&stored).unwrap();
    assert_eq!(json.session_status, SessionStatus::Active);
    let session = Session::from_json(json, client.application().server()).unwrap();
    let status = client.status(&session).await.unwrap();
    assert_eq!(status, SessionStatus::Active);

    let exported = serde_json::to_string(&session.to_json(&status)).unwrap();
    let original: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&exported).unwrap(), original);

    let taken_up: Value =
        serde_json::from_str(&published.judge("import", &account, 60, &exported).unwrap()).unwrap();
    assert_eq!(taken_up["stored"], "active");
    assert_eq!(taken_up["asked"], "active");
    assert_eq!(taken_up["destroyed"], true);
    assert_eq!(taken_up["after"], "closed");
    assert_eq!(taken_up["again"]["session_token"], original["session_token"]);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Closed);

    let elsewhere = Server::parse("https://login.example").unwrap();
    let json: SessionJson = serde_json::from_str(&stored).unwrap();
    assert!(Session::from_json(json, &elsewhere).is_err(), "a session of another service is not taken up");
}
