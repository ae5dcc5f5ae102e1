//! The report of the service about itself, for the Admin API.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{AdminNode, AdminService};
use iampass_server_console::NodeState;
use iampass_server_storage::StoreKind;

use super::admitted::Admitted;
use crate::problem::{Refused, json};

pub(super) async fn report(admitted: &Admitted<'_>) -> Result<Response, Refused> {
    admitted.of_whole_service()?;
    admitted.query(&[])?;
    let reports = admitted.app.reports.get().ok_or_else(Refused::unavailable)?;
    let report = reports.report().await;
    let node = |node: iampass_server_storage::NodeSeen| AdminNode {
        version: node.version,
        host: node.host,
        process: node.process,
    };
    let store = report.store.map(|store| match store.kind {
        StoreKind::Postgres { .. } => "postgres".to_owned(),
        _ => "sqlite".to_owned(),
    });
    let answer = AdminService {
        status: true,
        version: report.version.to_owned(),
        runs_since: report.runs_since,
        state: word(report.state).to_owned(),
        store,
        nodes: report.nodes.map(|nodes| nodes.into_iter().map(node).collect()),
        pushes_waiting: report.pushes_waiting,
    };
    Ok(json(StatusCode::OK, &answer))
}

fn word(state: NodeState) -> &'static str {
    match state {
        NodeState::Ready => "ready",
        NodeState::ClockStepped => "clock_stepped",
        NodeState::Stopping => "stopping",
        NodeState::StoreAway => "store_unreachable",
        NodeState::StoreSlow => "store_too_slow",
        NodeState::OtherTables => "other_schema",
        NodeState::StoreReadOnly => "store_read_only",
        NodeState::StoreReplaced => "store_replaced",
        NodeState::ClockWrong => "clock_wrong",
        // One that was added since.
        _ => "not_ready",
    }
}
