//! Every setting, set to something else than its default: the configuration that comes of it differs at its place, and nowhere else.
//!
//! A setting without a row here fails [`every_setting_has_a_row`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::InForce;
use super::documented::Documented;
use super::layers::{Layers, variable};
use super::secrecy::{in_file, secrecy};
use crate::{Data, MasterKeySource, ServiceConfig};

/// Where a setting is seen to hold.
#[derive(Clone, Copy)]
enum Place {
    Config(fn(&ServiceConfig) -> String),
    /// Settings that are read before there is a service.
    Settings(fn(&InForce) -> String),
}

/// The content of each row's place.
fn shown(in_force: &InForce) -> BTreeMap<&'static str, String> {
    let config = in_force.config().unwrap();
    assert_eq!(config.sms.is_some(), in_force.settings.sms.secret.is_some());
    assert_eq!(config.mail.is_some(), in_force.settings.mail.from.is_some());
    let shown = |row: &Row| match row.place {
        Place::Config(shown) => shown(&config),
        Place::Settings(shown) => shown(in_force),
    };
    ROWS.iter().map(|row| (row.key, shown(row))).collect()
}

struct Row {
    key: &'static str,
    /// As it stands in a file; DIR is a directory with the files of [`files`].
    value: &'static str,
    place: Place,
    /// The text that is there afterwards.
    shows: &'static str,
    /// Settings that have to be there as well, before and after.
    beside: &'static [(&'static str, &'static str)],
    /// Settings that cannot be there at the same time, or change with it.
    not_with: &'static [&'static str],
}

const fn row(key: &'static str, value: &'static str, place: Place, shows: &'static str) -> Row {
    Row { key, value, place, shows, beside: &[], not_with: &[] }
}

/// All that every row begins with.
const BASE: (&str, &str) = ("data", "\"DIR/data\"");

const TLS: &[(&str, &str)] = &[("tls.certificate", "\"DIR/cert.pem\""), ("tls.key", "\"DIR/key.pem\"")];
const SMS: &[(&str, &str)] =
    &[("sms.webhook_url", "\"https://one.example/\""), ("sms.secret", "\"0123456789abcdef\"")];
const MAIL: &[(&str, &str)] =
    &[("mail.smtp_url", "\"smtps://one.example\""), ("mail.from", "\"one@one.example\"")];
/// 32 times the byte 1, and 32 times the byte 2.
const KEY: &str = "\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\"";

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
                Data::Postgres(_) => "postgres".to_owned(),
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
    row("console.enabled", "false", Place::Config(|config| config.console.is_some().to_string()), "false"),
    Row {
        not_with: &["console.enabled"],
        ..row(
            "console.registration",
            "\"open\"",
            Place::Config(|config| format!("{:?}", config.console.map(|console| console.registration))),
            "Open",
        )
    },
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

fn keys(config: &ServiceConfig) -> String {
    match &config.master_key {
        MasterKeySource::Keys(keys) => match keys.iter().count() {
            1 => "1 key".to_owned(),
            many => format!("{many} keys"),
        },
        _ => "beside the data".to_owned(),
    }
}

/// The files that the values name.
fn files(directory: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, text) in [
        ("cert.pem", made.cert.pem()),
        ("copy.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
        ("copy.key", made.signing_key.serialize_pem()),
        ("a,b.key", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n".to_owned()),
    ] {
        std::fs::write(directory.join(name), text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let owner = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(directory.join(name), owner).unwrap();
        }
    }
}

/// How a setting can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    File,
    Environment,
    Set,
    /// A secret, in a file of its own.
    SecretFile,
}

fn in_force(directory: &Path, set: &BTreeMap<&str, &str>, last: Option<(&str, &str, Way)>) -> InForce {
    let placed = |value: &str| value.replace("DIR", directory.to_str().unwrap());
    let mut lines = set.clone();
    if let Some((key, value, Way::File)) = last {
        lines.insert(key, value);
    }
    let text: String = lines.iter().map(|(key, value)| format!("{key} = {}\n", placed(value))).collect();
    let file = directory.join("settings.toml");
    std::fs::write(&file, text).unwrap();
    let mut layers = Layers::new().unwrap();
    layers.file(&file);
    // Outside a TOML file there are no quotes.
    let bare = |value: &str| placed(value).replace("\", \"", ",").replace(['"', '[', ']'], "");
    match last {
        Some((key, value, Way::Environment)) => layers.environment([(variable(key), bare(value))]),
        Some((key, value, Way::Set)) => layers.set(&format!("{key}={}", bare(value))),
        Some((key, value, Way::SecretFile)) => {
            let secret = directory.join("secret");
            std::fs::write(&secret, format!("{}\n", bare(value))).unwrap();
            layers.set(&format!("{key}_file={}", secret.display()));
        }
        _ => {}
    }
    layers.in_force().unwrap()
}

#[test]
fn every_setting_has_a_row() {
    let documented = Documented::read().unwrap();
    let there: BTreeSet<&str> = documented.keys().map(|key| in_file(key).unwrap_or(key)).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.key).collect();
    assert_eq!(there, rows);
}

#[test]
fn every_setting_reaches_its_place_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    files(directory.path());
    for row in ROWS {
        let with: BTreeMap<&str, &str> = row.beside.iter().copied().chain([BASE]).collect();
        let before = shown(&in_force(directory.path(), &with, None));
        // A path with a comma in it is an entry of a list only where there is one entry a place.
        let has_comma = row.value.contains("a,b");
        let ways: &[Way] = match secrecy(row.key) {
            Some(_) => &[Way::File, Way::Environment, Way::SecretFile],
            None if has_comma => &[Way::File],
            None => &[Way::File, Way::Environment, Way::Set],
        };
        for &way in ways {
            let mut set = with.clone();
            set.retain(|key, _| {
                let is_replaced = *key == row.key && way == Way::File;
                let is_excluded = row.not_with.contains(key) && *key != "listen" && *key != "master_key";
                !is_replaced && !is_excluded
            });
            let after = shown(&in_force(directory.path(), &set, Some((row.key, row.value, way))));
            assert!(after[row.key].contains(row.shows), "{} {way:?}: {}", row.key, after[row.key]);
            assert_ne!(before[row.key], after[row.key], "{} {way:?} changes nothing", row.key);
            for other in ROWS.iter().filter(|other| other.key != row.key) {
                let is_tied = row.not_with.contains(&other.key)
                    || other.not_with.contains(&row.key)
                    || row.key == "master_key" && other.key == "previous_master_key_files";
                if !is_tied {
                    let is_as_before = before[other.key] == after[other.key];
                    assert!(is_as_before, "{} {way:?} changes {}", row.key, other.key);
                }
            }
        }
    }
}

/// The flags that have names of their own end in the same places.
#[test]
fn flags_count_more_than_a_file() {
    let directory = tempfile::tempdir().unwrap();
    files(directory.path());
    let file = directory.path().join("settings.toml");
    let data = directory.path().join("data");
    let text = format!("data = {data:?}\nmaster_key = {KEY}\n[console]\nenabled = false\n");
    std::fs::write(&file, text).unwrap();
    let mut layers = Layers::new().unwrap();
    layers.file(&file);
    let path = directory.path().join("a,b.key").display().to_string();
    layers.flags("--previous-master-key-file", "previous_master_key_files", [path]);
    let config = layers.in_force().unwrap().config().unwrap();
    assert_eq!(keys(&config), "2 keys", "a path may have a comma in it");
    assert!(config.console.is_none());
}

#[test]
fn a_filter_of_the_log_that_is_none_is_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let set = BTreeMap::from([BASE, ("log.level", "\"iampass_server=loud\"")]);
    let error = in_force(directory.path(), &set, None).config().unwrap_err().to_string();
    assert!(error.contains("log.level"), "{error}");
}
