//! The conformance suites, with two nodes on each database and for each type of key.

use iampass_diesel::DieselConnection;
use iampass_testkit::store_suite::{session_store_suite, shared_state_suite, token_store_suite};

use crate::nodes::Nodes;
use crate::on_each_database;
use crate::tables::{Keys, Tables};

async fn texts_of_users<C: DieselConnection>(nodes: Nodes<C>) {
    let report = token_store_suite(|| Tables::new(&nodes, Keys::Text)).await;
    report.assert_passed();
    assert!(report.skipped().is_empty(), "{report}");
}

async fn numbers_of_users<C: DieselConnection>(nodes: Nodes<C>) {
    other_keys(&nodes, Keys::I64).await;
}

async fn small_numbers_of_users<C: DieselConnection>(nodes: Nodes<C>) {
    other_keys(&nodes, Keys::I32).await;
}

async fn uuids_of_users<C: DieselConnection>(nodes: Nodes<C>) {
    other_keys(&nodes, Keys::Uuid).await;
}

async fn other_keys<C: DieselConnection>(nodes: &Nodes<C>, keys: Keys) {
    let report = token_store_suite(|| Tables::new(nodes, keys)).await;
    report.assert_passed();
    let skipped: Vec<_> = report.skipped().iter().map(|skipped| skipped.why()).collect();
    assert_eq!(skipped, ["the table's keys are no texts (key_kind)"; 2], "{report}");
}

async fn sessions<C: DieselConnection>(nodes: Nodes<C>) {
    let report = session_store_suite(|| Tables::new(&nodes, Keys::I64)).await;
    report.assert_passed();
    assert!(report.skipped().is_empty(), "{report}");
}

async fn shared_entries<C: DieselConnection>(nodes: Nodes<C>) {
    let report = shared_state_suite(|| Tables::new(&nodes, Keys::I64)).await;
    report.assert_passed();
    assert!(report.skipped().is_empty(), "{report}");
}

on_each_database!(texts_of_users);
on_each_database!(numbers_of_users);
on_each_database!(small_numbers_of_users);
on_each_database!(uuids_of_users);
on_each_database!(sessions);
on_each_database!(shared_entries);
