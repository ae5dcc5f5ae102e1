//! Every setting, set to something else than its default: the configuration that comes of it differs at its place, and nowhere else.
//!
//! A setting without a row in [`super::every_setting_rows`] fails [`every_setting_has_a_row`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::InForce;
use super::documented::Documented;
use super::every_setting_row::{Place, Row};
use super::every_setting_rows::{BASE, KEY, keys, rows};
use super::layers::{Layers, variable};
use super::push_files;
use super::secrecy::{in_file, secrecy};

/// The content of each row's place.
fn shown(in_force: &InForce) -> BTreeMap<&'static str, String> {
    let config = in_force.config().unwrap();
    assert_eq!(config.sms.is_some(), in_force.settings.sms.secret.is_some());
    assert_eq!(config.mail.is_some(), in_force.settings.mail.from.is_some());
    let shown = |row: &Row| match row.place {
        Place::Config(shown) => shown(&config),
        Place::Settings(shown) => shown(in_force),
    };
    rows().map(|row| (row.key, shown(row))).collect()
}

/// The files that the values name.
fn files(directory: &Path) {
    std::fs::create_dir_all(directory.join("texts")).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    for (name, text) in [
        ("cert.pem", made.cert.pem()),
        ("copy.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
        ("copy.key", made.signing_key.serialize_pem()),
        ("texts/console.de.ftl", "sign-out = Ausloggen\n".to_owned()),
        ("a,b.key", "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n".to_owned()),
        ("apns.p8", made.signing_key.serialize_pem()),
        ("copy.p8", made.signing_key.serialize_pem()),
        ("fcm.json", push_files::service_account("https://oauth.example/token")),
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
    let with_rows: BTreeSet<&str> = rows().map(|row| row.key).collect();
    assert_eq!(there, with_rows);
}

#[test]
fn every_setting_reaches_its_place_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    files(directory.path());
    for row in rows() {
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
            for other in rows().filter(|other| other.key != row.key) {
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
