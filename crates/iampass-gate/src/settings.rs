//! The operator's settings: one TOML file, and the environment for secrets. Belongs here: reading and checking them. Does not belong here: their use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::HeaderName;
use iampass_web::{KeepSignedIn, ProxyNetworks};
use serde::Deserialize;
use url::Url;

use crate::identity::IdentityHeaders;
use crate::rules::{Allowed, Pattern, Rule, Rules};

mod keep_choice;

/// The file that `iampass-gate config example` prints.
pub const EXAMPLE: &str = include_str!("../assets/iampass-gate.toml");

/// The longest that the service's answer about a session holds.
const LONGEST_FRESHNESS: u64 = 10;

/// The settings of a gate.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The scheme, host and port of the guarded site, as browsers see it.
    pub origin: String,
    /// The site's name on the login pages.
    pub name: Option<String>,
    /// The proxies that may ask.
    pub trusted_proxies: ProxyNetworks,
    /// The URL of the gate's own database.
    pub state: String,
    /// For how long the service's answer about a session holds.
    pub freshness: Duration,
    /// How long a session lasts, unless the application's settings at the service say it.
    pub session: Option<Duration>,
    /// Whether a browser that is closed stays signed in.
    pub keep_signed_in: KeepSignedIn,
    /// The base URL of the service, unless the environment says it.
    pub server: Option<String>,
    /// The application's id there, unless the environment says it.
    pub application_id: Option<String>,
    /// Where users are written down.
    pub users: UsersFrom,
    /// The headers by which the site is told who the user is.
    pub headers: IdentityHeaders,
    /// The rules.
    pub rules: Rules,
}

/// Where users are written down.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsersFrom {
    /// In this file.
    File(PathBuf),
    /// In a table.
    Table {
        /// The URL of its database.
        url: String,
        /// The SELECT with one parameter.
        select: String,
    },
}

/// A setting that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {why}")]
pub struct SettingError {
    /// Its name in the file.
    pub setting: String,
    /// The fault, and what to write.
    pub why: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Written {
    listen: Option<String>,
    origin: Option<String>,
    name: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    state: Option<String>,
    freshness_seconds: Option<u64>,
    session_minutes: Option<u64>,
    keep_signed_in: Option<String>,
    session_not_kept_minutes: Option<u64>,
    default: Option<WrittenAllowed>,
    #[serde(default)]
    service: WrittenService,
    #[serde(default)]
    users: WrittenUsers,
    #[serde(default)]
    headers: WrittenHeaders,
    #[serde(default)]
    rules: Vec<WrittenRule>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenService {
    server: Option<String>,
    application_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenUsers {
    file: Option<String>,
    url: Option<String>,
    select: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WrittenHeaders {
    user: Option<String>,
    name: Option<String>,
    groups: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    path: String,
    methods: Option<Vec<String>>,
    allow: WrittenAllowed,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenAllowed {
    Word(String),
    List(Vec<String>),
}

/// The problems that were found while reading.
#[derive(Default)]
struct Problems(Vec<SettingError>);

impl Problems {
    fn add(&mut self, setting: &str, why: impl std::fmt::Display) {
        self.0.push(SettingError { setting: setting.to_owned(), why: why.to_string() });
    }

    /// The value, or none with a problem.
    fn take<T, E: std::fmt::Display>(&mut self, setting: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(setting, error)).ok()
    }
}

impl Settings {
    /// Reads a file of settings, and the environment.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub fn read(path: &Path, var: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<SettingError>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let why = format!("{error}. Make it with `iampass-gate config example > {}`", path.display());
            vec![SettingError { setting: path.display().to_string(), why }]
        })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::parse(&text, folder, var)
    }

    /// Reads the text of such a file, which stands in this folder.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub fn parse(
        text: &str,
        folder: &Path,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<SettingError>> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let why = format!("{error}Compare it with `iampass-gate config example`");
            vec![SettingError { setting: "the file".to_owned(), why }]
        })?;
        let var = |name: &str| var(name).filter(|text| !text.trim().is_empty());
        let mut problems = Problems::default();
        let (session, keep_signed_in) = keep_choice::read(&written, &mut problems);
        let listen =
            var("IAMPASS_GATE_LISTEN").or(written.listen).unwrap_or_else(|| "127.0.0.1:8090".to_owned());
        let listen = listen
            .parse::<SocketAddr>()
            .map_err(|_| format!("{listen:?} is no address with a port: write it like 127.0.0.1:8090"));
        let listen = problems.take("listen", listen);
        let origin = origin_of(var("IAMPASS_GATE_ORIGIN").or(written.origin));
        let origin = problems.take("origin", origin);
        let networks =
            written.trusted_proxies.unwrap_or_else(|| vec!["127.0.0.0/8".to_owned(), "::1".to_owned()]);
        let trusted_proxies = problems
            .take("trusted_proxies", ProxyNetworks::parse(networks.iter().map(|network| network.trim())));
        if trusted_proxies.as_ref().is_some_and(ProxyNetworks::is_empty) {
            problems
                .add("trusted_proxies", "no proxy may ask, so nobody gets in: name the address of the proxy");
        }
        let state =
            var("IAMPASS_GATE_STATE").or(written.state).unwrap_or_else(|| "iampass-gate.sqlite".to_owned());
        let freshness = written.freshness_seconds.unwrap_or(LONGEST_FRESHNESS);
        if !(1..=LONGEST_FRESHNESS).contains(&freshness) {
            problems.add(
                "freshness_seconds",
                format!("it is 1 to {LONGEST_FRESHNESS}: a logout on the phone is to end access soon"),
            );
        }
        let users = users_of(written.users, var("IAMPASS_GATE_USERS_URL"), folder, &mut problems);
        let headers = headers_of(written.headers, &mut problems);
        let rules = rules_of(written.rules, written.default, &mut problems);
        match (listen, origin, trusted_proxies, users) {
            (Some(listen), Some(origin), Some(trusted_proxies), Some(users)) if problems.0.is_empty() => {
                Ok(Self {
                    listen,
                    origin,
                    name: written.name,
                    trusted_proxies,
                    state: database_url(&state, folder),
                    freshness: Duration::from_secs(freshness),
                    session,
                    keep_signed_in,
                    server: written.service.server,
                    application_id: written.service.application_id,
                    users,
                    headers,
                    rules,
                })
            }
            _ => Err(problems.0),
        }
    }

    /// The address at which this machine reaches the gate, also where that listens at all addresses.
    #[must_use]
    pub fn reached(&self) -> SocketAddr {
        let ip = match self.listen.ip() {
            ip if !ip.is_unspecified() => ip,
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        };
        SocketAddr::new(ip, self.listen.port())
    }
}

fn origin_of(written: Option<String>) -> Result<String, &'static str> {
    const HOW: &str = "write the scheme, host and port of the site as browsers see it, like https://site.example, and nothing more";
    let origin = written.ok_or(HOW)?;
    let url = Url::parse(&origin).map_err(|_| HOW)?;
    // As the browser writes it, so that it can be compared.
    let is_whole = matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == origin;
    if is_whole { Ok(origin) } else { Err(HOW) }
}

/// A file beside the settings, or the URL of a database.
fn database_url(state: &str, folder: &Path) -> String {
    if state.contains("://") {
        state.to_owned()
    } else {
        format!("sqlite://{}?mode=rwc", folder.join(state).display())
    }
}

fn users_of(
    written: WrittenUsers,
    url: Option<String>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<UsersFrom> {
    match (written.file, url.or(written.url), written.select) {
        (file, None, None) => {
            Some(UsersFrom::File(folder.join(file.unwrap_or_else(|| "users.toml".to_owned()))))
        }
        (None, Some(url), Some(select)) => Some(UsersFrom::Table { url, select }),
        (Some(_), ..) => {
            problems.add("users", "there is a file and a table: take out `file`, or `url` and `select`");
            None
        }
        (None, ..) => {
            problems.add("users", "a table needs both `url` (or IAMPASS_GATE_USERS_URL) and `select`");
            None
        }
    }
}

fn headers_of(written: WrittenHeaders, problems: &mut Problems) -> IdentityHeaders {
    let ours = IdentityHeaders::default();
    let mut named = |setting: &str, text: Option<String>, ours: Option<HeaderName>| match text.as_deref() {
        None => ours,
        Some("") => None,
        Some(text) => match HeaderName::try_from(text) {
            // Headers that HTTP or the proxy itself goes by are not for this.
            Ok(name) if is_free(&name) => Some(name),
            _ => {
                problems.add(setting, format!("{text:?} is no name for this header: write one like Remote-User, with letters, digits and -"));
                None
            }
        },
    };
    let is_left_out = written.user.as_deref() == Some("");
    let user = named("headers.user", written.user, Some(ours.user.clone()));
    let name = named("headers.name", written.name, ours.name);
    let groups = named("headers.groups", written.groups, ours.groups);
    let email = named("headers.email", written.email, ours.email);
    if is_left_out {
        problems
            .add("headers.user", "the site has to be told who the user is: write a name like Remote-User");
    }
    let headers = IdentityHeaders { user: user.unwrap_or(ours.user), name, groups, email };
    let names: Vec<_> = headers.names().collect();
    if (1..names.len()).any(|at| {
        names.get(..at).is_some_and(|before| names.get(at).is_some_and(|name| before.contains(name)))
    }) {
        problems.add("headers", "two of them have the same name: give each one of its own");
    }
    headers
}

/// Whether a name may be one of the gate's headers.
fn is_free(name: &HeaderName) -> bool {
    let name = name.as_str();
    let is_written_well = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_taken = [
        "host",
        "cookie",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "transfer-encoding",
        "expect",
        "range",
        "origin",
        "referer",
        "forwarded",
        "authorization",
        "iampass-identity",
    ]
    .contains(&name)
        || [
            "accept",
            "content-",
            "if-",
            "proxy-",
            "sec-",
            "set-",
            "x-original-",
            "x-http-",
            "x-method-",
            "x-rewrite-",
        ]
        .iter()
        .any(|start| name.starts_with(start))
        || (name.starts_with("x-forwarded-")
            && ![
                "x-forwarded-user",
                "x-forwarded-email",
                "x-forwarded-groups",
                "x-forwarded-preferred-username",
            ]
            .contains(&name));
    is_written_well && !is_taken
}

fn rules_of(written: Vec<WrittenRule>, default: Option<WrittenAllowed>, problems: &mut Problems) -> Rules {
    let allowed = |allowed: &WrittenAllowed| match allowed {
        WrittenAllowed::Word(word) => Allowed::word(word),
        WrittenAllowed::List(list) => Allowed::list(list.iter().map(String::as_str)),
    };
    let otherwise = default.map_or(Ok(Allowed::Everyone), |default| allowed(&default));
    let otherwise = problems.take("default", otherwise).unwrap_or(Allowed::Everyone);
    let mut rules = Vec::new();
    for (at, rule) in written.into_iter().enumerate() {
        let setting = format!("rule {}", at + 1);
        if rule.methods.as_ref().is_some_and(Vec::is_empty) {
            problems.add(&setting, "methods names at least one: leave it out for all methods");
        }
        let methods = rule.methods.unwrap_or_default();
        if methods
            .iter()
            .any(|method| method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            problems.add(&setting, "methods are written in upper case, like [\"GET\", \"POST\"]");
        }
        let path = problems.take(&setting, Pattern::parse(&rule.path));
        let allowed = problems.take(&setting, allowed(&rule.allow));
        if let (Some(path), Some(allowed)) = (path, allowed) {
            rules.push(Rule { path, methods, allowed });
        }
    }
    Rules { rules, otherwise }
}

#[cfg(test)]
mod tests;
