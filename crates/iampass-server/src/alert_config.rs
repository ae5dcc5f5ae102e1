//! [`AlertConfig`]: how operators are told of what goes wrong.

use std::time::Duration;

use iampass_server_domain::alert::AlertThresholds;
use iampass_server_notify::AlertSender;

/// How often there is a look.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// How operators are told, and of what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AlertConfig {
    /// The ways.
    pub sender: AlertSender,
    /// When there is an alert.
    pub thresholds: AlertThresholds,
    /// How often there is a look: every 15 s.
    pub look_every: Duration,
}

impl AlertConfig {
    /// By these ways, with the usual thresholds.
    #[must_use]
    pub fn new(sender: AlertSender) -> Self {
        Self { sender, thresholds: AlertThresholds::default(), look_every: LOOK_EVERY }
    }
}
