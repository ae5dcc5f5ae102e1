//! The rows of `[push]`, as those of all other settings are in [`super::every_setting_rows`].

use iampass_core::Secret;
use url::Url;

use super::InForce;
use super::every_setting_row::{Place, Row, row};
use crate::ServiceConfig;
use crate::push::{PushService, Pushes};

const CONTACT: &[(&str, &str)] = &[("push.contact", "\"mailto:ops@one.example\"")];
const APNS: &[(&str, &str)] = &[
    ("push.contact", "\"mailto:ops@one.example\""),
    ("push.apns_key_file", "\"DIR/apns.p8\""),
    ("push.apns_key_id", "\"KEY1KEY1KE\""),
    ("push.apns_team_id", "\"TEAM1TEAM1\""),
    ("push.apns_topic", "\"com.one.app\""),
];
const WEBHOOK: &[(&str, &str)] = &[
    ("push.contact", "\"mailto:ops@one.example\""),
    ("push.webhook_url", "\"https://one.example/\""),
    ("push.webhook_secret", "\"0123456789abcdef\""),
];
/// The settings of pushes.
pub(super) const PUSH_ROWS: &[Row] = &[
    row("push.enabled", "false", Place::Config(|config| format!("{:?}", config.pushes)), "Off"),
    Row {
        not_with: &["push.enabled"],
        ..row("push.contact", "\"mailto:ops@two.example\"", Place::Config(contact), "ops@two.example")
    },
    Row {
        beside: CONTACT,
        not_with: &["push.enabled"],
        ..row(
            "push.fcm_account_file",
            "\"DIR/fcm.json\"",
            Place::Config(|config| of_way(config, PushService::Fcm, "project")),
            "project-1",
        )
    },
    Row {
        beside: APNS,
        ..row(
            "push.apns_key_file",
            "\"DIR/copy.p8\"",
            Place::Settings(|all| format!("{:?}", all.settings.push.apns_key_file)),
            "copy.p8",
        )
    },
    Row {
        beside: APNS,
        not_with: &["push.enabled"],
        ..row(
            "push.apns_key_id",
            "\"KEY2KEY2KE\"",
            Place::Config(|config| of_way(config, PushService::Apns, "key_id")),
            "KEY2KEY2KE",
        )
    },
    Row {
        beside: APNS,
        not_with: &["push.enabled"],
        ..row(
            "push.apns_team_id",
            "\"TEAM2TEAM2\"",
            Place::Config(|config| of_way(config, PushService::Apns, "team_id")),
            "TEAM2TEAM2",
        )
    },
    Row {
        beside: APNS,
        not_with: &["push.enabled"],
        ..row(
            "push.apns_topic",
            "\"com.two.app\"",
            Place::Config(|config| of_way(config, PushService::Apns, "bundle_id")),
            "com.two.app",
        )
    },
    Row {
        beside: APNS,
        not_with: &["push.enabled"],
        ..row(
            "push.apns_server",
            "\"sandbox\"",
            Place::Config(|config| of_way(config, PushService::Apns, "server")),
            "Sandbox",
        )
    },
    Row {
        beside: WEBHOOK,
        ..row(
            "push.webhook_url",
            "\"https://two.example/\"",
            Place::Settings(|all| webhook(all).map_or_else(String::new, |(url, _)| url.to_string())),
            "two.example",
        )
    },
    Row {
        beside: WEBHOOK,
        ..row(
            "push.webhook_secret",
            "\"another 0123456789\"",
            Place::Settings(|all| {
                webhook(all).map_or_else(String::new, |(_, secret)| secret.expose().to_owned())
            }),
            "another 0123456789",
        )
    },
];

fn contact(config: &ServiceConfig) -> String {
    match &config.pushes {
        Pushes::With(push) => format!("{:?}", push.contact),
        Pushes::ByPublicUrl | Pushes::Off => String::new(),
    }
}

/// The field of a way, as it is printed for developers.
fn of_way(config: &ServiceConfig, service: PushService, field: &str) -> String {
    let Pushes::With(push) = &config.pushes else { return String::new() };
    let printed = push.ways.to(service).map(|way| format!("{way:?}")).unwrap_or_default();
    let begins = format!("{field}: ");
    let value = printed.split_once(&begins).map(|(_, rest)| rest);
    value.and_then(|rest| rest.split([',', ' ']).next()).unwrap_or_default().to_owned()
}

fn webhook(all: &InForce) -> Option<(Url, Secret)> {
    all.push_webhook(&all.settings.push, &mut Vec::new())
}
