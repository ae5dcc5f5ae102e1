//! A row for each setting: what it is set to, and where that is seen. Belongs here: the rows. Does not belong here: what is done with them
//! ([`super::every_setting_tests`]).

use super::every_setting_alert_rows::ALERT_ROWS;
use super::every_setting_console_rows::CONSOLE_ROWS;
use super::every_setting_push_rows::PUSH_ROWS;
use super::every_setting_row::{Place, Row, row};
use crate::{MasterKeySource, ServiceConfig, StorageLocation};

/// All that every row begins with.
pub(super) const BASE: (&str, &str) = ("data", "\"DIR/data\"");

const TLS: &[(&str, &str)] = &[("tls.certificate", "\"DIR/cert.pem\""), ("tls.key", "\"DIR/key.pem\"")];
const SMS: &[(&str, &str)] =
    &[("sms.webhook_url", "\"https://one.example/\""), ("sms.secret", "\"0123456789abcdef\"")];
const MAIL: &[(&str, &str)] =
    &[("mail.smtp_url", "\"smtps://one.example\""), ("mail.from", "\"one@one.example\"")];
/// 32 times the byte 1, and 32 times the byte 2.
pub(super) const KEY: &str = "\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\"";

/// All settings.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(CONSOLE_ROWS).chain(PUSH_ROWS).chain(ALERT_ROWS)
}

const ROWS: &[Row] = &[
    row("listen", "\"127.0.0.1:4711\"", Place::Settings(|all| format!("{:?}", all.listen())), "4711"),
    row(
        "public_url",
        "\"https://login.example/iam\"",
        Place::Config(|config| format!("{:?}", config.public_url)),
        "https://login.example/iam",
    ),
    row("data", "\"DIR/other\"", Place::Config(|config| format!("{:?}", config.data)), "other"),
    Row {
        beside: &[("master_key", KEY)],
        not_with: &["data"],
        ..row(
            "database_url",
            "\"postgres://u@db.example/iam\"",
            Place::Config(|config| match &config.data {
                StorageLocation::Postgres(_) => "postgres".to_owned(),
                _ => "a file".to_owned(),
            }),
            "postgres",
        )
    },
    row("master_key", KEY, Place::Config(keys), "1 key"),
    Row {
        beside: &[("master_key", KEY)],
        not_with: &["master_key"],
        ..row("previous_master_key_files", "[\"DIR/a,b.key\"]", Place::Config(keys), "2 keys")
    },
    row(
        "migrations",
        "\"by_command\"",
        Place::Config(|config| format!("{:?}", config.migrations)),
        "ByCommand",
    ),
    Row {
        beside: &[("listen", "\"0.0.0.0:80\"")],
        not_with: &["listen"],
        ..row(
            "allow_plain_http",
            "true",
            Place::Config(|config| format!("only proxies: {}", config.proxies.only_they)),
            "only proxies: false",
        )
    },
    row(
        "trusted_proxies",
        "[\"10.0.0.7\", \"fd00::/8\"]",
        Place::Config(|config| format!("{:?}", config.proxies.trusted)),
        "10.0.0.7/32, fd00::/8",
    ),
    row(
        "forwarded_header",
        "\"forwarded\"",
        Place::Config(|config| format!("{:?}", config.proxies.header)),
        "Forwarded",
    ),
    Row {
        beside: &[("trusted_proxies", "[\"10.0.0.7\"]")],
        ..row(
            "proxy_protocol",
            "\"any\"",
            Place::Config(|config| format!("{:?}", config.proxies.protocol)),
            "Any",
        )
    },
    row("texts", "\"DIR/texts\"", Place::Config(|config| format!("{:?}", config.texts)), "Ausloggen"),
    Row {
        beside: TLS,
        ..row(
            "tls.certificate",
            "\"DIR/copy.pem\"",
            Place::Config(|config| format!("{:?}", config.tls.as_ref().map(|tls| &tls.certificate))),
            "copy.pem",
        )
    },
    Row {
        beside: TLS,
        ..row(
            "tls.key",
            "\"DIR/copy.key\"",
            Place::Config(|config| format!("{:?}", config.tls.as_ref().map(|tls| &tls.key))),
            "copy.key",
        )
    },
    Row {
        beside: TLS,
        ..row(
            "tls.handshake_timeout",
            "\"7s\"",
            Place::Config(|config| format!("{:?}", config.tls.as_ref().map(|tls| tls.handshake_timeout))),
            "7s",
        )
    },
    row(
        "sessions.answer_timeout",
        "\"51s\"",
        Place::Config(|config| format!("{:?}", config.answer_timeout)),
        "51s",
    ),
    row(
        "sessions.default_duration",
        "\"52m\"",
        Place::Config(|config| format!("{:?}", config.default_session)),
        "3120s",
    ),
    row(
        "sessions.longest_duration",
        "\"3d\"",
        Place::Config(|config| format!("{:?}", config.longest_session)),
        "259200s",
    ),
    row(
        "sessions.keep_ended",
        "\"4d\"",
        Place::Config(|config| format!("{:?}", config.keep_ended_sessions)),
        "345600s",
    ),
    row("links.lifetime", "\"2h\"", Place::Config(|config| format!("{:?}", config.link_lifetime)), "7200s"),
    row(
        "signatures.window",
        "\"61s\"",
        Place::Config(|config| format!("{:?}", config.signature_window)),
        "61s",
    ),
    row("limits.body_bytes", "1001", Place::Config(|config| config.limits.body_bytes.to_string()), "1001"),
    row("limits.url_bytes", "1002", Place::Config(|config| config.limits.url_bytes.to_string()), "1002"),
    row(
        "limits.users_per_call",
        "1003",
        Place::Config(|config| config.limits.users_per_call.to_string()),
        "1003",
    ),
    row(
        "limits.pending_per_user",
        "14",
        Place::Config(|config| config.limits.pending_per_user.to_string()),
        "14",
    ),
    row(
        "limits.remembered_nonces",
        "1005",
        Place::Config(|config| config.limits.remembered_nonces.to_string()),
        "1005",
    ),
    row("limits.connections", "1006", Place::Config(|config| config.limits.connections.to_string()), "1006"),
    row(
        "limits.connections_per_address",
        "1007",
        Place::Config(|config| config.limits.connections_per_address.to_string()),
        "1007",
    ),
    row(
        "limits.idle_timeout",
        "\"15s\"",
        Place::Config(|config| format!("{:?}", config.limits.idle_timeout)),
        "15s",
    ),
    row(
        "limits.head_timeout",
        "\"11s\"",
        Place::Config(|config| format!("{:?}", config.limits.head_timeout)),
        "11s",
    ),
    row(
        "limits.body_timeout",
        "\"12s\"",
        Place::Config(|config| format!("{:?}", config.limits.body_timeout)),
        "12s",
    ),
    row(
        "limits.write_timeout",
        "\"13s\"",
        Place::Config(|config| format!("{:?}", config.limits.write_timeout)),
        "13s",
    ),
    row(
        "limits.longest_poll",
        "\"14s\"",
        Place::Config(|config| format!("{:?}", config.limits.longest_poll)),
        "14s",
    ),
    row(
        "rate_limits.per_application",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_application)),
        "3600s",
    ),
    row(
        "rate_limits.per_address",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_address)),
        "3600s",
    ),
    row(
        "rate_limits.per_address_failures",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_address_failures)),
        "3600s",
    ),
    row(
        "rate_limits.per_address_registrations",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_address_registrations)),
        "3600s",
    ),
    row(
        "rate_limits.per_user_starts",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_user_starts)),
        "3600s",
    ),
    row(
        "rate_limits.per_user_links",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_user_links)),
        "3600s",
    ),
    row(
        "rate_limits.per_user_messages",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_user_messages)),
        "3600s",
    ),
    row(
        "rate_limits.per_application_messages",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_application_messages)),
        "3600s",
    ),
    row(
        "rate_limits.per_destination_messages",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_destination_messages)),
        "3600s",
    ),
    row(
        "rate_limits.per_session_status",
        "\"1/h\"",
        Place::Config(|config| format!("{:?}", config.rates.per_session_status)),
        "3600s",
    ),
    row(
        "metrics.from_this_machine",
        "true",
        Place::Config(|config| config.metrics.from_this_machine.to_string()),
        "true",
    ),
    row(
        "metrics.token",
        "\"a token of the test\"",
        Place::Config(|config| format!("{:?}", config.metrics.token.as_ref().map(|token| token.expose()))),
        "a token of the test",
    ),
    row(
        "metrics.listen",
        "\"127.0.0.1:9189\"",
        Place::Config(|config| format!("{:?}", config.metrics.listen)),
        "9189",
    ),
    Row {
        beside: SMS,
        ..row(
            "sms.webhook_url",
            "\"https://two.example/\"",
            Place::Settings(|all| {
                all.sms_settings(&all.settings.sms, &mut Vec::new())
                    .map_or_else(String::new, |sms| sms.parts().0)
            }),
            "two.example",
        )
    },
    Row {
        beside: SMS,
        ..row(
            "sms.secret",
            "\"another 0123456789\"",
            Place::Settings(|all| {
                all.sms_settings(&all.settings.sms, &mut Vec::new())
                    .map_or_else(String::new, |sms| sms.parts().1)
            }),
            "another 0123456789",
        )
    },
    Row {
        beside: MAIL,
        ..row(
            "mail.smtp_url",
            "\"smtps://two.example\"",
            Place::Settings(|all| {
                all.mail_settings(&all.settings.mail, &mut Vec::new())
                    .map_or_else(String::new, |mail| mail.parts()[0].clone())
            }),
            "two.example",
        )
    },
    Row {
        beside: MAIL,
        ..row(
            "mail.from",
            "\"two@two.example\"",
            Place::Settings(|all| {
                all.mail_settings(&all.settings.mail, &mut Vec::new())
                    .map_or_else(String::new, |mail| mail.parts()[1].clone())
            }),
            "two@two.example",
        )
    },
    Row {
        beside: MAIL,
        ..row(
            "mail.hello_name",
            "\"two.example\"",
            Place::Settings(|all| {
                all.mail_settings(&all.settings.mail, &mut Vec::new())
                    .map_or_else(String::new, |mail| mail.parts()[2].clone())
            }),
            "two.example",
        )
    },
    Row {
        beside: MAIL,
        ..row(
            "mail.ca_file",
            "\"DIR/cert.pem\"",
            Place::Settings(|all| {
                all.mail_settings(&all.settings.mail, &mut Vec::new())
                    .map_or_else(String::new, |mail| mail.parts()[3].clone())
            }),
            "a file",
        )
    },
    row("log.format", "\"json\"", Place::Settings(|all| format!("{:?}", all.settings.log.format)), "Json"),
    row("log.level", "\"debug\"", Place::Settings(|all| all.settings.log.level.clone()), "debug"),
    row("shutdown.drain", "\"21s\"", Place::Config(|config| format!("{:?}", config.limits.drain)), "21s"),
    row(
        "shutdown.grace",
        "\"22s\"",
        Place::Config(|config| format!("{:?}", config.limits.shutdown_grace)),
        "22s",
    ),
];

/// How many master keys there are.
pub(super) fn keys(config: &ServiceConfig) -> String {
    match &config.master_key {
        MasterKeySource::Keys(keys) => match keys.iter().count() {
            1 => "1 key".to_owned(),
            many => format!("{many} keys"),
        },
        _ => "beside the data".to_owned(),
    }
}
