//! The page about the service, for administrators: version, state, store, nodes, ways out, and the settings with their sources.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_server_domain::alert::AlertKind;
use iampass_server_storage::{KeptAlert, NodeSeen, StoreKind};

use crate::access::Administrator;
use crate::frame::{Frame, Here, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::service_report::{NodeState, ServiceReport, ShownSetting, WayOut};
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/service.html")]
struct ServicePage {
    frame: Frame,
    report: ServiceReport,
    runs_since: Moment,
    server: String,
    settings: Vec<ShownSetting>,
}

impl ServicePage {
    /// The name of the text of this node's state, and the class of its tag.
    fn state(&self) -> (&'static str, &'static str) {
        match self.report.state {
            NodeState::Ready => ("service-ready", "good"),
            NodeState::ClockStepped => ("service-clock-stepped", "warn"),
            NodeState::Stopping => ("service-stopping", "warn"),
            NodeState::StoreAway => ("service-store-away", "warn"),
            NodeState::StoreSlow => ("service-store-slow", "warn"),
            NodeState::OtherTables => ("service-other-tables", "warn"),
            NodeState::StoreReadOnly => ("service-store-read-only", "warn"),
            NodeState::StoreReplaced => ("service-store-replaced", "warn"),
            NodeState::ClockWrong => ("service-clock-wrong", "warn"),
        }
    }

    /// The database, as people call it; None where it does not say.
    fn store(&self) -> Option<String> {
        Some(match &self.report.store.as_ref()?.kind {
            StoreKind::Postgres { version } => format!("PostgreSQL {version}"),
            StoreKind::Sqlite { path: Some(path) } => format!("SQLite, {}", path.display()),
            _ => "SQLite".to_owned(),
        })
    }

    fn tables(&self) -> Option<i64> {
        self.report.store.as_ref()?.schema
    }

    fn raised(&self, kept: &KeptAlert) -> Moment {
        self.frame.moment(kept.raised_at)
    }

    fn cleared(&self, kept: &KeptAlert) -> Option<Moment> {
        kept.cleared_at.map(|at| self.frame.moment(at))
    }

    /// Whether a node runs another version than this one.
    fn has_other_versions(&self) -> bool {
        self.report.nodes.iter().flatten().any(|node| node.version != self.report.version)
    }

    fn since(&self, node: &NodeSeen) -> Option<Moment> {
        node.since.map(|since| self.frame.moment(since))
    }

    /// Those that somebody has set.
    fn set(&self) -> Vec<&ShownSetting> {
        self.settings.iter().filter(|setting| setting.source.is_some()).collect()
    }

    fn as_they_come(&self) -> Vec<&ShownSetting> {
        self.settings.iter().filter(|setting| setting.source.is_none()).collect()
    }
}

/// The name of the text for a kind of alert.
fn alert_name(kept: &KeptAlert) -> &'static str {
    match kept.alert.kind {
        AlertKind::Denials => "alert-denials",
        AlertKind::Reports => "alert-reports",
        AlertKind::AccountDenials => "alert-account-denials",
        AlertKind::AccountReports => "alert-account-reports",
        AlertKind::ServerErrors => "alert-server-errors",
        AlertKind::Messages => "alert-messages",
        AlertKind::Pushes => "alert-pushes",
        AlertKind::Endpoint => "alert-endpoint",
        AlertKind::Database => "alert-database",
        AlertKind::Disk => "alert-disk",
        AlertKind::Certificate => "alert-certificate",
        // One that was added since, by its own word.
        other => other.word(),
    }
}

/// The name of the text for a way out.
fn way_name(way: &WayOut) -> &'static str {
    match way.word {
        "web" => "push-to-web",
        "fcm" => "push-to-fcm",
        "apns" => "push-to-apns",
        "webhook" => "push-to-webhook",
        "sms" => "service-by-sms",
        "mail" | "email" => "service-by-mail",
        // One that was added since, in the words of the metrics.
        other => other,
    }
}

/// `GET /console/service`
pub(crate) async fn page(
    State(console): State<Console>,
    administrator: Administrator,
) -> Result<Response, PageError> {
    let report = console.parts().reports.report().await;
    let frame = Frame::new(&console, &administrator.account, "service", Here::Service);
    let page = ServicePage {
        runs_since: frame.moment(report.runs_since),
        server: console.server(),
        settings: console.parts().settings.to_vec(),
        report,
        frame,
    };
    show(StatusCode::OK, &page)
}
