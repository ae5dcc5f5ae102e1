//! The rows of `[alerts]`, as those of all other settings are in [`super::every_setting_rows`].

use super::every_setting_row::{Place, Row, row};
use crate::ServiceConfig;
use crate::alerts::AlertThresholds;

const WEBHOOK: &[(&str, &str)] =
    &[("alerts.webhook_url", "\"https://one.example/\""), ("alerts.secret", "\"0123456789abcdef\"")];
const MAIL: &[(&str, &str)] = &[
    ("mail.smtp_url", "\"smtps://one.example\""),
    ("mail.from", "\"one@one.example\""),
    ("alerts.mail_to", "[\"one@one.example\"]"),
];

fn by(config: &ServiceConfig) -> AlertThresholds {
    config.alerts.as_ref().map(|alerts| alerts.thresholds).unwrap_or_default()
}

const fn threshold(
    key: &'static str,
    value: &'static str,
    place: fn(&ServiceConfig) -> String,
    shows: &'static str,
) -> Row {
    Row { beside: WEBHOOK, ..row(key, value, Place::Config(place), shows) }
}

/// The settings of alerts.
pub(super) const ALERT_ROWS: &[Row] = &[
    Row {
        beside: WEBHOOK,
        // Both are seen in the sender.
        not_with: &["alerts.mail_to"],
        ..row(
            "alerts.webhook_url",
            "\"https://two.example/\"",
            Place::Config(|config| format!("{:?}", config.alerts.as_ref().map(|alerts| &alerts.sender))),
            "two.example",
        )
    },
    Row {
        beside: WEBHOOK,
        ..row(
            "alerts.secret",
            "\"another 0123456789\"",
            Place::Settings(|all| {
                all.settings
                    .alerts
                    .secret
                    .as_ref()
                    .map_or_else(String::new, |secret| secret.expose().to_owned())
            }),
            "another 0123456789",
        )
    },
    Row {
        beside: MAIL,
        ..row(
            "alerts.mail_to",
            "[\"two@two.example\", \"three@two.example\"]",
            Place::Settings(|all| format!("{:?}", all.settings.alerts.mail_to)),
            "three@two.example",
        )
    },
    threshold("alerts.denials_in_a_row", "7", |config| by(config).denials_in_a_row.to_string(), "7"),
    threshold("alerts.reports", "3", |config| by(config).reports.to_string(), "3"),
    threshold(
        "alerts.server_errors_percent",
        "11",
        |config| by(config).server_errors_percent.to_string(),
        "11",
    ),
    threshold("alerts.failed_sends", "12", |config| by(config).failed_sends.to_string(), "12"),
    threshold("alerts.database_away", "\"77s\"", |config| format!("{:?}", by(config).database_away), "77s"),
    threshold("alerts.disk_percent", "81", |config| by(config).disk_percent.to_string(), "81"),
    threshold(
        "alerts.certificate_left",
        "\"3d\"",
        |config| format!("{:?}", by(config).certificate_left),
        "259200s",
    ),
    threshold("alerts.most_an_hour", "6", |config| by(config).most_an_hour.to_string(), "6"),
];
