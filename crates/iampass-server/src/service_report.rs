//! [`Reporter`]: what this node says of itself on the Console's page about the service.
//!
//! Belongs here: asking the parts. Does not belong here: the page and its words ([`iampass_server_console`]).

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_server_console::{NodeState, ServiceReport, ServiceReports, WayOut};
use iampass_server_domain::push::PushService;
use tokio::time::timeout;

use crate::app::App;
use crate::health::{Clock, Readiness, Store};
use crate::health_check::HealthCheck;
use crate::notices::Channel;
use crate::pushing::Pushing;

/// How long the store may take to describe itself.
const LONGEST: Duration = Duration::from_secs(2);

/// Alerts that are shown.
const ALERTS_SHOWN: u32 = 30;

/// Asks the parts of one service.
pub(crate) struct Reporter {
    app: Weak<App>,
    health: Arc<HealthCheck>,
    runs_since: UnixSeconds,
}

impl Reporter {
    /// Of a service that was opened now.
    pub(crate) fn of(app: &Arc<App>, health: Arc<HealthCheck>) -> Self {
        Self { app: Arc::downgrade(app), health, runs_since: app.now() }
    }
}

#[async_trait]
impl ServiceReports for Reporter {
    async fn report(&self) -> ServiceReport {
        let state = state(self.health.readiness().await);
        let mut report = ServiceReport {
            version: env!("CARGO_PKG_VERSION"),
            runs_since: self.runs_since,
            state,
            store: None,
            nodes: None,
            pushes: Vec::new(),
            messages: Vec::new(),
            pushes_waiting: 0,
            alerts: None,
        };
        // The service is being closed.
        let Some(app) = self.app.upgrade() else { return report };
        let asked = async {
            report.store = app.database.description().await.ok();
            report.nodes = app.database.nodes().await.ok().flatten();
            if app.config.alerts.is_some() {
                report.alerts = app.database.kept_alerts(ALERTS_SHOWN).await.ok();
            }
        };
        // All that was found in time is said.
        let _ = timeout(LONGEST, asked).await;
        let metrics = &app.metrics;
        let pushes: Vec<_> = metrics.pushes.counts().collect();
        let services = app.pushing.as_ref().map(Pushing::services).unwrap_or_default();
        report.pushes =
            services.into_iter().map(|service: PushService| way(service.as_str(), &pushes)).collect();
        report.pushes_waiting = metrics.pushes.waiting();
        let deliveries: Vec<_> = metrics.deliveries.counts().collect();
        let channels =
            Channel::ALL.into_iter().filter(|&channel| app.config.notice_sender(channel).is_some());
        report.messages = channels.map(|channel| way(channel.as_str(), &deliveries)).collect();
        report
    }
}

/// The counts of one way among those of all.
fn way(word: &'static str, counts: &[(&'static str, &'static str, u64)]) -> WayOut {
    let count = |events: &[&str]| {
        counts
            .iter()
            .filter(|(way, event, _)| *way == word && events.contains(event))
            .map(|(.., count)| count)
            .sum()
    };
    WayOut {
        word,
        sent: count(&["sent"]),
        delayed: count(&["delayed"]),
        failed: count(&["failed", "gone", "late"]),
    }
}

fn state(found: Readiness) -> NodeState {
    match found.store {
        Store::Unreachable => NodeState::StoreAway,
        Store::TooSlow => NodeState::StoreSlow,
        Store::OtherSchema => NodeState::OtherTables,
        Store::ReadOnly => NodeState::StoreReadOnly,
        Store::Replaced => NodeState::StoreReplaced,
        Store::Ok if found.stopping => NodeState::Stopping,
        Store::Ok if !found.status => NodeState::ClockWrong,
        Store::Ok if found.clock != Clock::Ok => NodeState::ClockStepped,
        Store::Ok => NodeState::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_only_where_readyz_says_so() {
        let stores = [
            Store::Ok,
            Store::Unreachable,
            Store::TooSlow,
            Store::OtherSchema,
            Store::ReadOnly,
            Store::Replaced,
        ];
        let clocks = [Clock::Ok, Clock::SteppedAhead, Clock::SetBack, Clock::OffFromStore];
        for store in stores {
            for clock in clocks {
                for stopping in [false, true] {
                    for takes_calls in [false, true] {
                        let status = store == Store::Ok && takes_calls && !stopping;
                        let found = Readiness { status, store, clock, stopping };
                        let is_ready = matches!(state(found), NodeState::Ready | NodeState::ClockStepped);
                        assert_eq!(is_ready, status, "{found:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_way_has_its_own_counts_alone() {
        let counts = [
            ("web", "sent", 3),
            ("web", "gone", 1),
            ("web", "late", 1),
            ("fcm", "sent", 7),
            ("web", "withdrawn", 9),
        ];
        assert_eq!(way("web", &counts), WayOut { word: "web", sent: 3, delayed: 0, failed: 2 });
    }
}
