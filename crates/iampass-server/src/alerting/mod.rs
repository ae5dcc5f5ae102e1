//! Words to the operator: what nodes and the store see, told once until it is over.
//!
//! Telling is beside the looks: a way that does not answer holds up no look, so that an alert lasts for as long as a node sees it.
//!
//! Every node looks at itself and at the store, and writes down what it sees ([`iampass_server_storage`] keeps one alert for all nodes); one node tells of
//! it. A database that is away is the exception: each node that cannot reach it says so by itself.
//!
//! Belongs here: looking, and sending. Does not belong here: what alerts say ([`iampass_server_domain::alert`]), and how they are sent
//! ([`iampass_server_notify`]).

mod away;
mod here;
mod store_step;
mod telling;

use std::sync::Arc;
use std::time::Duration;

use away::{Away, Turn};
use here::Here;
use iampass_core::UnixSeconds;
use iampass_core::port::Clock;
use iampass_server_domain::alert::{Alert, AlertKind};
use iampass_server_notify::AlertMessage;
use iampass_server_storage::Database;
use store_step::within;
use telling::Teller;
use tokio::sync::{Notify, mpsc};

use crate::alert_config::AlertConfig;
use crate::app::App;
use crate::tls::Identity;

/// An alert that no node has seen for so long is over.
const UNSEEN: Duration = Duration::from_secs(300);
/// Words about the database that wait to be sent: that it is away, and that it is back.
const WAITING_WORDS: usize = 2;

/// The way from the looks to the words.
struct Outbox<'a> {
    /// Told when alerts were written down: words about them may be due.
    kept: &'a Notify,
    /// Words about the database.
    words: mpsc::Sender<(Turn, AlertMessage)>,
    /// Those that no way has taken.
    not_told: mpsc::Receiver<Turn>,
}

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
        let teller = Teller {
            config: self.config.clone(),
            database: Arc::clone(&self.database),
            clock: Arc::clone(&self.clock),
        };
        let kept = Notify::new();
        let (words, waiting) = mpsc::channel(WAITING_WORDS);
        let (refused, not_told) = mpsc::channel(WAITING_WORDS);
        let looking = self.keep_looking(Outbox { kept: &kept, words, not_told });
        tokio::join!(looking, teller.tell_kept(&kept), teller.tell_of_database(waiting, refused));
    }

    async fn keep_looking(&mut self, mut outbox: Outbox<'_>) {
        loop {
            self.look(&mut outbox).await;
            tokio::time::sleep(self.config.look_every).await;
        }
    }

    async fn look(&mut self, outbox: &mut Outbox<'_>) {
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
        self.look_at_database(is_there, outbox);
        if kept.is_ok() {
            outbox.kept.notify_one();
        }
    }

    /// A store that is away keeps no alerts, so this node tells of it by itself.
    fn look_at_database(&mut self, is_there: bool, outbox: &mut Outbox<'_>) {
        while let Ok(turn) = outbox.not_told.try_recv() {
            self.away.not_told(turn);
        }
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
        if outbox.words.try_send((turn, message)).is_err() {
            self.away.not_told(turn);
        }
    }
}

/// Names the alert of one node. It stands in headers, which take no other signs.
fn database_id(host: &str, since: UnixSeconds) -> String {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '.');
    let host: String = host.chars().map(|sign| if fits(sign) { sign } else { '-' }).collect();
    format!("database-{host}-{since}")
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
