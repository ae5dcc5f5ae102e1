//! [`Teller`]: sends the words to the operator, each by all ways and in a bounded time.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::Draw;
use iampass_core::port::Clock;
use iampass_server_domain::random;
use iampass_server_domain::retry_schedule::event_again;
use iampass_server_notify::AlertMessage;
use iampass_server_storage::{Database, LeasedAlert};
use tokio::sync::{Notify, mpsc};

use super::away::Turn;
use super::store_step::within;
use crate::alert_config::AlertConfig;

/// How long a word belongs to the node that sends it.
const LEASE: Duration = Duration::from_secs(600);
/// How long the sending of one word may take. A mail server may take ten seconds for each of its answers. It is less than the lease, so that no other node
/// sends the word as well.
const LONGEST_WORD: Duration = Duration::from_secs(120);
/// Attempts to send one word: within about a day.
const MOST_ATTEMPTS: u32 = 30;

/// Sends words.
pub(super) struct Teller {
    pub(super) config: AlertConfig,
    pub(super) database: Arc<Database>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Teller {
    /// Sends the words that are due in the store, after each look that wrote alerts down.
    pub(super) async fn tell_kept(&self, kept: &Notify) {
        let most_an_hour = self.config.thresholds.most_an_hour;
        loop {
            kept.notified().await;
            while let Ok(Some(leased)) = within(self.database.lease_alert(most_an_hour, LEASE)).await {
                self.tell(&leased).await;
            }
        }
    }

    /// Sends words about the database, and says which were not taken.
    pub(super) async fn tell_of_database(
        &self,
        mut words: mpsc::Receiver<(Turn, AlertMessage)>,
        not_told: mpsc::Sender<Turn>,
    ) {
        let mut not_raised = None;
        while let Some((turn, message)) = words.recv().await {
            // It was over before the word that it has begun was taken: nothing was told that could be over.
            if turn == Turn::Cleared && not_raised.as_ref() == Some(&message.id) {
                continue;
            }
            if self.send(&message).await {
                not_raised = None;
                continue;
            }
            // While it lasts, the next look sends it again.
            let _ = not_told.send(turn).await;
            not_raised = Some(message.id);
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
        let Ok(said) = tokio::time::timeout(LONGEST_WORD, self.config.sender.send(message)).await else {
            tracing::error!(alert = message.id, state = message.state, "an alert was not sent in time");
            return false;
        };
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
