//! [`AlertTable`]: the shape of `[alerts]`.

use std::time::Duration;

use iampass_core::Secret;
use iampass_server_domain::alert::AlertThresholds;
use serde::Deserialize;

use super::units::span;

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AlertTable {
    pub(crate) webhook_url: Option<Secret>,
    pub(crate) secret: Option<Secret>,
    pub(crate) mail_to: Vec<String>,
    pub(crate) denials_in_a_row: u64,
    pub(crate) reports: u64,
    pub(crate) server_errors_percent: u64,
    pub(crate) failed_sends: u64,
    #[serde(deserialize_with = "span")]
    pub(crate) database_away: Duration,
    pub(crate) disk_percent: u64,
    #[serde(deserialize_with = "span")]
    pub(crate) certificate_left: Duration,
    pub(crate) most_an_hour: u64,
}

impl Default for AlertTable {
    fn default() -> Self {
        let thresholds = AlertThresholds::default();
        Self {
            webhook_url: None,
            secret: None,
            mail_to: Vec::new(),
            denials_in_a_row: thresholds.denials_in_a_row,
            reports: thresholds.reports,
            server_errors_percent: thresholds.server_errors_percent,
            failed_sends: thresholds.failed_sends,
            database_away: thresholds.database_away,
            disk_percent: thresholds.disk_percent,
            certificate_left: thresholds.certificate_left,
            most_an_hour: thresholds.most_an_hour,
        }
    }
}
