//! The parameters of a [`super::DatabaseUrl`]: which are respected, and which are refused by name.
//!
//! Belongs here: what a parameter means. Does not belong here: hosts and credentials, which the driver reads.

use std::borrow::Cow;

use url::form_urlencoded;

/// Parameters that the driver reads itself.
const OF_THE_DRIVER: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "password",
    "port",
    "sslnegotiation",
    "tcp_user_timeout",
    "user",
];

/// Settings of a session that the service makes itself.
const OURS: &[&str] = &[
    "client_encoding",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "statement_timeout",
    "synchronous_commit",
    "transaction_read_only",
];

/// The parameters of a URL.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// For the driver, as it reads them.
    pub(super) driver: Vec<(String, String)>,
    pub(super) authorities: Option<String>,
    pub(super) tls: Tls,
    /// Settings of each session.
    pub(super) settings: Vec<(String, String)>,
    pub(super) may_be_read_only: bool,
}

/// Whether TLS is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tls {
    /// With other machines.
    #[default]
    WithOthers,
    Always,
    Never,
}

/// Reads the part of a URL after its question mark.
///
/// # Errors
/// With the reason, which holds no value of a parameter.
pub(super) fn read(query: &str) -> Result<Parameters, String> {
    let mut found = Parameters::default();
    let mut seen = Vec::new();
    // As libpq has it, a plus is a plus.
    let query = query.replace('+', "%2B");
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if seen.contains(&name) {
            return Err(format!("the parameter {} is there twice", printable(&name)));
        }
        found.take(&name, value)?;
        seen.push(name);
    }
    Ok(found)
}

impl Parameters {
    fn take(&mut self, name: &str, value: Cow<'_, str>) -> Result<(), String> {
        match name {
            "sslrootcert" => self.authorities = Some(value.into_owned()),
            "sslmode" => {
                self.tls = match &*value {
                    "disable" => Tls::Never,
                    "prefer" => Tls::WithOthers,
                    // The name in the certificate is always checked.
                    "require" | "verify-ca" | "verify-full" => Tls::Always,
                    _ => {
                        return Err(
                            "sslmode has to be disable, prefer, require, verify-ca or verify-full".to_owned()
                        );
                    }
                }
            }
            "target_session_attrs" => self.may_be_read_only = match &*value {
                "read-write" | "primary" => false,
                "any" => true,
                _ => return Err(
                    "target_session_attrs has to be read-write, primary or any: the service makes changes"
                        .to_owned(),
                ),
            },
            "options" => self.settings = settings(&value)?,
            name if OF_THE_DRIVER.contains(&name) => self.driver.push((name.to_owned(), value.into_owned())),
            name => return Err(format!("the parameter {} is not known here", printable(name))),
        }
        Ok(())
    }
}

/// Something that is no name of a parameter may be the end of a password with a question mark in it.
fn printable(name: &str) -> &str {
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name && !name.is_empty() { name } else { "after the question mark" }
}

/// `-c name=value`, `-cname=value` and `--name=value`, separated by spaces; a backslash takes the next character as it is.
fn settings(options: &str) -> Result<Vec<(String, String)>, String> {
    let mut words = words(options).into_iter();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let setting = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            Some("") => words.next().unwrap_or_default(),
            Some(setting) => setting.to_owned(),
            None => return Err("options may hold nothing but -c name=value".to_owned()),
        };
        let Some((name, value)) = setting.split_once('=') else {
            return Err("options may hold nothing but -c name=value".to_owned());
        };
        let name = name.replace('-', "_").to_ascii_lowercase();
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        if name.is_empty() || !is_name {
            return Err("options holds a setting whose name is none".to_owned());
        }
        if OURS.contains(&name.as_str()) {
            return Err(format!("options sets {name}, which the service sets itself"));
        }
        found.push((name, value.to_owned()));
    }
    Ok(found)
}

fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => words.push(String::new()),
            character => {
                let taken = if character == '\\' { characters.next() } else { Some(character) };
                if let Some(word) = words.last_mut() {
                    word.extend(taken);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_settings() {
        let read = |options| settings(options).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("-c search_path=iam,public  -cwork_mem=8MB --geqo=off"),
            [pair("search_path", "iam,public"), pair("work_mem", "8MB"), pair("geqo", "off")]
        );
        assert_eq!(read(r"-c search_path=a\ b"), [pair("search_path", "a b")]);
        for (options, named) in [
            ("-c statement_timeout=0", "statement_timeout"),
            ("-B 10", "-c name=value"),
            ("-c a'b=1", "name"),
        ] {
            let refused = settings(options).unwrap_err();
            assert!(refused.contains(named), "{refused}");
        }
    }

    #[test]
    fn a_parameter_is_respected_or_refused_by_name() {
        assert_eq!(read("sslmode=verify-full").unwrap().tls, Tls::Always);
        assert_eq!(read("sslmode=verify-ca&sslrootcert=/a").unwrap().authorities.as_deref(), Some("/a"));
        assert!(read("target_session_attrs=any").unwrap().may_be_read_only);
        for (query, named) in [
            ("sslmode=allow", "sslmode"),
            ("sslcert=/a", "sslcert"),
            ("target_session_attrs=standby", "target_session_attrs"),
            ("load_balance_hosts=random", "load_balance_hosts"),
            ("port=1&port=2", "port is there twice"),
            ("word@h/d", "after the question mark"),
        ] {
            let refused = read(query).unwrap_err();
            assert!(refused.contains(named), "{refused}");
            assert!(!refused.contains("word@"), "{refused}");
        }
    }
}
