//! Words to the operator: what nodes and the store see, told once until it is over.
//!
//! Every node looks at itself and at the store, and writes down what it sees ([`iampass_server_storage`] keeps one alert for all nodes); one node tells of
//! it. A database that is away is the exception: each node that cannot reach it says so by itself.
//!
//! Belongs here: looking, and sending. Does not belong here: what alerts say ([`iampass_server_domain::alert`]), and how they are sent
//! ([`iampass_server_notify`]).

mod away;
mod here;

use std::sync::Arc;
use std::time::Duration;

use away::{Away, Turn};
use here::Here;
use iampass_core::port::Clock;
use iampass_core::{Draw, UnixSeconds};
use iampass_server_domain::alert::{Alert, AlertKind};
use iampass_server_domain::random;
use iampass_server_domain::retry_schedule::event_again;
use iampass_server_notify::AlertMessage;
use iampass_server_storage::{Database, LeasedAlert, StorageError};

use crate::alert_config::AlertConfig;
use crate::app::App;
use crate::tls::Identity;

/// An alert that no node has seen for so long is over.
const UNSEEN: Duration = Duration::from_secs(300);
/// How long a word belongs to the node that sends it. A mail server may take a minute for each address.
const LEASE: Duration = Duration::from_secs(600);
/// How long the store may take for one step.
const LONGEST_STEP: Duration = Duration::from_secs(20);
/// Attempts to send one word: within about a day.
const MOST_ATTEMPTS: u32 = 30;

/// Looks, and tells.
pub(crate) struct AlertWorker {
    config: AlertConfig,
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    here: Here,
    away: Away,
}

impl AlertWorker {
    /// Of a node of this service, which serves by this certificate. None where operators are told nothing.
    pub(crate) fn of(app: &App, identity: Option<Arc<Identity>>) -> Option<Self> {
        let config = app.config.alerts.clone()?;
        Some(Self {
            away: Away::new(config.thresholds.database_away, config.thresholds.most_an_hour),
            here: Here::of(app, identity),
            database: Arc::clone(&app.database),
            clock: Arc::clone(&app.config.clock),
            config,
        })
    }

    /// Looks and tells for as long as the service runs.
    pub(crate) async fn run(mut self) {
        loop {
            self.look().await;
            tokio::time::sleep(self.config.look_every).await;
        }
    }

    async fn look(&mut self) {
        let mut seen = self.here.look(self.config.thresholds, self.clock.now()).await;
        let thresholds = self.config.thresholds;
        // Where the store finds nothing, this node tells what it sees itself, and nothing is over for want of being seen.
        let unseen = match within(self.database.find_alerts(thresholds)).await {
            Ok(found) => {
                seen.extend(found);
                UNSEEN
            }
            Err(error) => {
                tracing::warn!(%error, "alerts cannot be looked for in the store; they are looked for again");
                Duration::MAX
            }
        };
        let kept = within(self.database.keep_alerts(seen, unseen)).await;
        if let Err(error) = &kept {
            tracing::warn!(%error, "alerts cannot be written down; they are looked for again");
        }
        // Alerts may fail by themselves. The database is away when it takes no change at all.
        let is_there = kept.is_ok() || within(self.database.takes_changes()).await.is_ok();
        self.tell_of_database(is_there).await;
        while kept.is_ok() {
            match within(self.database.lease_alert(thresholds.most_an_hour, LEASE)).await {
                Ok(Some(leased)) => self.tell(&leased).await,
                Ok(None) | Err(_) => break,
            }
        }
    }

    /// A store that is away keeps no alerts, so this node tells of it by itself.
    async fn tell_of_database(&mut self, is_there: bool) {
        let now = self.clock.now();
        let Some((turn, since)) = self.away.turn(is_there, now) else { return };
        let figure = now.wall.since(since).as_secs();
        let state = match turn {
            Turn::Raised => "raised",
            Turn::Cleared => "cleared",
        };
        let message = AlertMessage {
            id: database_id(self.here.host(), since),
            state,
            alert: Some(Alert::new(AlertKind::Database, Some(self.here.host().to_owned()), Some(figure))),
            at: now.wall,
            now: now.wall,
        };
        if !self.send(&message).await {
            self.away.not_told(turn);
        }
    }

    async fn tell(&self, leased: &LeasedAlert) {
        let message = AlertMessage {
            id: leased.id.clone(),
            state: leased.word.word(),
            alert: Some(leased.alert.clone()),
            at: leased.at,
            now: self.clock.now().wall,
        };
        let noted = if self.send(&message).await {
            within(self.database.alert_told(leased)).await
        } else {
            let draw = Draw::from_bytes(random::bytes().unwrap_or_default());
            let again = event_again(leased.attempt, None, self.clock.now().wall, draw);
            let again = Some(again).filter(|_| leased.attempt < MOST_ATTEMPTS);
            within(self.database.alert_not_told(leased, again)).await
        };
        if let Err(error) = noted {
            tracing::error!(%error, "the outcome of an alert cannot be stored; it may be sent again");
        }
    }

    /// Sends a word; whether it was taken by one way at least.
    async fn send(&self, message: &AlertMessage) -> bool {
        let said = self.config.sender.send(message).await;
        let state = message.state;
        for (way, sent) in &said {
            match sent {
                Ok(()) => tracing::info!(alert = message.id, state, way, "an alert was sent"),
                Err(error) => {
                    tracing::error!(alert = message.id, state, way, %error, "an alert was not sent")
                }
            }
        }
        said.iter().any(|(_, sent)| sent.is_ok())
    }
}

/// Names the alert of one node. It stands in headers, which take no other signs.
fn database_id(host: &str, since: UnixSeconds) -> String {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.');
    let host: String = host.chars().map(|sign| if fits(sign) { sign } else { '-' }).collect();
    format!("database-{host}-{since}")
}

/// A step of the store, in its time.
async fn within<T>(step: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
    match tokio::time::timeout(LONGEST_STEP, step).await {
        Ok(done) => done,
        Err(_) => Err(StorageError::Busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_nodes_that_lose_the_database_at_once_tell_two_alerts() {
        let since = UnixSeconds(1_800_000_000);
        assert_eq!(database_id("node-1.example", since), "database-node-1.example-1800000000");
        assert_ne!(database_id("node-2.example", since), database_id("node-1.example", since));
        assert_eq!(database_id("this n\u{f6}de", since), "database-this-n-de-1800000000");
    }
}
