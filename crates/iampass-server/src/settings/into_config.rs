//! From settings to a [`ServiceConfig`]. Settings that contradict each other are reported with the place where they were set.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use iampass_core::Secret;
use iampass_server_storage::SystemClock;
use tracing_subscriber::EnvFilter;

use super::error::{Problem, SettingsError};
use super::in_force::InForce;
use super::schema::{
    LimitSettings, LinkSettings, LogSettings, MetricsSettings, RateSettings, SessionSettings, Settings,
    ShutdownSettings, SignatureSettings, TlsSettings,
};
use crate::config::Limits;
use crate::{
    MasterKey, MasterKeySource, MasterKeys, MetricsAccess, Proxies, RateLimits, ServiceConfig,
    StorageLocation, TlsFiles, UnverifiedMethods,
};

/// The shortest token that lets anybody read the metrics.
const SHORTEST_TOKEN: usize = 16;

impl InForce {
    /// The configuration of a service, and of whatever else opens its data.
    ///
    /// Both sides are written out: a setting that leads nowhere, and a field that no setting was thought of for, do not compile.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub(crate) fn config(&self) -> Result<ServiceConfig, SettingsError> {
        let mut problems = Vec::new();
        let Settings {
            // It is no part of a service: [`InForce::listen`].
            listen,
            public_url,
            data,
            database_url,
            master_key,
            previous_master_key_files,
            migrations,
            allow_plain_http,
            trusted_proxies,
            forwarded_header,
            proxy_protocol,
            texts,
            tls,
            sessions,
            links,
            signatures,
            limits,
            rate_limits,
            metrics,
            console,
            push,
            sms,
            mail,
            alerts,
            // The log begins before there is a service: `cli::log`. Here it is looked at only.
            log: LogSettings { format: _, level },
            shutdown,
        } = &self.settings;
        let SessionSettings { answer_timeout, default_duration, longest_duration, keep_ended } = sessions;
        let LinkSettings { lifetime } = links;
        let SignatureSettings { window } = signatures;
        let data = self
            .data(data.as_ref(), database_url.as_ref(), &mut problems)
            .unwrap_or(StorageLocation::Temporary);
        let master_key = self
            .master_key(master_key.as_ref(), previous_master_key_files, &mut problems)
            .unwrap_or_default();
        if matches!((&data, &master_key), (StorageLocation::Postgres(_), MasterKeySource::BesideData)) {
            problems.push(self.problem(
                "master_key_file",
                "a PostgreSQL needs a master key that all nodes have: make one with `iampass-server master-key new --to FILE`",
            ));
        }
        for (key, span) in [
            ("sessions.answer_timeout", answer_timeout),
            ("sessions.default_duration", default_duration),
            ("links.lifetime", lifetime),
            ("signatures.window", window),
            ("console.session", &console.session),
            ("console.session_not_kept", &console.session_not_kept),
        ] {
            if span.as_secs() == 0 {
                problems.push(self.problem(key, "it has to be a second at least"));
            }
        }
        problems.extend(nothing_gets_in(limits).map(|key| {
            let message =
                "with 0 nothing gets in: it has to be more. For no limit in practice, write a large number";
            self.problem(key, message)
        }));
        if default_duration > longest_duration {
            problems.push(
                self.problem("sessions.default_duration", "it is longer than sessions.longest_duration"),
            );
        }
        if let Err(error) = EnvFilter::try_new(level) {
            problems.push(self.problem("log.level", format_args!("it is no filter of a log: {error}")));
        }
        if let Some(url) = public_url
            && console.enabled
            && !url.has_plain_path()
        {
            problems.push(self.problem(
                "public_url",
                "the Console is shown only below a path of letters, digits, - and _: choose another path, or set console.enabled = false",
            ));
        }
        if proxy_protocol.is_on() && trusted_proxies.is_empty() {
            problems.push(self.problem(
                "proxy_protocol",
                "only a trusted proxy is believed when it says whom it connects for: name the proxies by trusted_proxies",
            ));
        }
        let tls = self.tls(tls, &mut problems);
        let config = ServiceConfig {
            data,
            master_key,
            migrations: *migrations,
            public_url: public_url.clone(),
            answer_timeout: *answer_timeout,
            signature_window: *window,
            default_session: *default_duration,
            longest_session: *longest_duration,
            link_lifetime: *lifetime,
            keep_ended_sessions: *keep_ended,
            // No setting simulates methods that cannot be verified: that is for development alone.
            unverified_methods: UnverifiedMethods::Refused,
            console: console.settings(),
            account_limits: console.account_limits(),
            texts: self.own_texts(texts.as_deref(), &mut problems),
            proxies: Proxies {
                trusted: trusted_proxies.clone(),
                header: *forwarded_header,
                protocol: *proxy_protocol,
                only_they: tls.is_none() && !allow_plain_http && !listen.ip().is_loopback(),
            },
            tls,
            limits: limits_of(limits, shutdown),
            rates: rates_of(rate_limits),
            metrics: self.metrics(metrics, &mut problems),
            settings: self.shown_settings().collect(),
            pushes: self.pushes(push, &mut problems),
            sms: self.sms(sms, &mut problems),
            mail: self.mail(mail, &mut problems),
            alerts: self.alerts(alerts, mail, &mut problems),
            event_reach: crate::push::Reach::Public,
            clock: Arc::new(SystemClock::new()),
        };
        match SettingsError::of(problems) {
            None => Ok(config),
            Some(error) => Err(error),
        }
    }

    /// The address to listen on, if it may be listened on as it is: a signature covers neither method nor body, so others must not be able to
    /// read or change what is on the way.
    ///
    /// # Errors
    /// [`SettingsError`] for an address that others reach, without TLS, trusted proxies, or being asked for.
    pub(crate) fn listen(&self) -> Result<SocketAddr, SettingsError> {
        let settings = &self.settings;
        let is_https = settings.public_url.as_ref().is_some_and(crate::PublicUrl::is_https);
        let is_behind_tls = is_https && !settings.trusted_proxies.is_empty();
        let is_private = settings.listen.ip().is_loopback();
        if is_private || settings.tls.certificate.is_some() || is_behind_tls || settings.allow_plain_http {
            return Ok(settings.listen);
        }
        let problem = self.problem(
            "listen",
            "without TLS it listens on a loopback address only: set tls.certificate and tls.key, or public_url (https) and trusted_proxies \
             for a proxy in front, or allow_plain_http",
        );
        Err(SettingsError::of(vec![problem]).unwrap_or_else(|| SettingsError::one("listen", "")))
    }

    fn data(
        &self,
        data: Option<&PathBuf>,
        database_url: Option<&Secret>,
        problems: &mut Vec<Problem>,
    ) -> Option<StorageLocation> {
        match (data, database_url) {
            // The stronger of two places wins; in one place they contradict each other.
            (Some(_), Some(_)) if self.rank("data") == self.rank("database_url") => {
                problems.push(
                    self.problem("database_url", "there is a data file as well: leave one of them out"),
                );
                None
            }
            (Some(path), None) => Some(StorageLocation::File(path.clone())),
            (Some(path), Some(_)) if self.rank("data") > self.rank("database_url") => {
                Some(StorageLocation::File(path.clone()))
            }
            (_, Some(url)) => match url.expose().parse() {
                Ok(url) => Some(StorageLocation::Postgres(url)),
                Err(invalid) => {
                    let invalid: crate::InvalidDatabaseUrl = invalid;
                    problems.push(self.problem("database_url", invalid));
                    None
                }
            },
            (None, None) => {
                problems.push(Problem::new(
                    "data",
                    "name a file (--data FILE) or a PostgreSQL (--database-url URL)",
                ));
                None
            }
        }
    }

    fn rank(&self, key: &str) -> u8 {
        self.source(key).rank()
    }

    fn master_key(
        &self,
        present: Option<&Secret>,
        previous: &[PathBuf],
        problems: &mut Vec<Problem>,
    ) -> Option<MasterKeySource> {
        let Some(text) = present else {
            if !previous.is_empty() {
                let message = "there are previous keys and no present one: name it by master_key_file";
                problems.push(self.problem("previous_master_key_files", message));
            }
            return None;
        };
        let mut keys = match MasterKey::parse(text.expose()) {
            Ok(key) => MasterKeys::new(key),
            Err(invalid) => {
                problems.push(self.problem("master_key", invalid));
                return None;
            }
        };
        for path in previous {
            match MasterKey::from_file(path) {
                Ok(key) => keys = keys.with_previous(key),
                Err(invalid) => problems.push(self.problem("previous_master_key_files", invalid)),
            }
        }
        Some(MasterKeySource::Keys(keys))
    }

    fn tls(&self, tls: &TlsSettings, problems: &mut Vec<Problem>) -> Option<TlsFiles> {
        let TlsSettings { certificate, key, handshake_timeout } = tls;
        let (certificate, key) = match (certificate, key) {
            (None, None) => return None,
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(_), None) => {
                problems.push(self.problem("tls.certificate", "a certificate needs its key: set tls.key"));
                return None;
            }
            (None, Some(_)) => {
                problems.push(self.problem("tls.key", "a key needs its certificate: set tls.certificate"));
                return None;
            }
        };
        let mut files = TlsFiles::new(certificate, key);
        files.handshake_timeout = *handshake_timeout;
        if let Err(error) = files.check() {
            problems.push(self.problem("tls.certificate", error));
        }
        if self.settings.public_url.as_ref().is_some_and(|url| !url.is_https()) {
            problems.push(self.problem("public_url", "the service speaks TLS, and this is not https"));
        }
        Some(files)
    }

    fn metrics(&self, metrics: &MetricsSettings, problems: &mut Vec<Problem>) -> MetricsAccess {
        let MetricsSettings { from_this_machine, token, listen } = metrics;
        if token.as_ref().is_some_and(|token| token.expose().len() < SHORTEST_TOKEN) {
            problems.push(self.problem("metrics.token", "a token has 16 characters at least"));
        }
        MetricsAccess { from_this_machine: *from_this_machine, token: token.clone(), listen: *listen }
    }
}

/// The limits that are 0 and would keep everybody out. A phone that may not wait at all is answered at once.
fn nothing_gets_in(limits: &LimitSettings) -> impl Iterator<Item = &'static str> {
    let counts = [
        ("limits.body_bytes", limits.body_bytes),
        ("limits.url_bytes", limits.url_bytes),
        ("limits.users_per_call", limits.users_per_call),
        ("limits.pending_per_user", limits.pending_per_user),
        ("limits.remembered_nonces", limits.remembered_nonces),
        ("limits.connections", limits.connections),
        ("limits.connections_per_address", limits.connections_per_address),
    ];
    let spans = [
        ("limits.head_timeout", limits.head_timeout),
        ("limits.idle_timeout", limits.idle_timeout),
        ("limits.body_timeout", limits.body_timeout),
        ("limits.write_timeout", limits.write_timeout),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count == 0).map(|(key, _)| key);
    counts.chain(spans.into_iter().filter(|(_, span)| span.is_zero()).map(|(key, _)| key))
}

fn limits_of(limits: &LimitSettings, shutdown: &ShutdownSettings) -> Limits {
    let &LimitSettings {
        body_bytes,
        url_bytes,
        users_per_call,
        pending_per_user,
        remembered_nonces,
        connections,
        connections_per_address,
        head_timeout,
        idle_timeout,
        body_timeout,
        write_timeout,
        longest_poll,
    } = limits;
    let &ShutdownSettings { drain, grace } = shutdown;
    Limits {
        body_bytes,
        url_bytes,
        users_per_call,
        pending_per_user,
        remembered_nonces,
        connections,
        connections_per_address,
        // It follows from the connections, so that as many are left for everything else.
        status_streams: Limits::default().status_streams.min(connections / 2),
        head_timeout,
        idle_timeout,
        body_timeout,
        write_timeout,
        longest_poll,
        drain,
        shutdown_grace: grace,
    }
}

fn rates_of(rates: &RateSettings) -> RateLimits {
    let &RateSettings {
        per_application,
        per_address,
        per_address_failures,
        per_address_registrations,
        per_user_starts,
        per_user_links,
        per_user_messages,
        per_application_messages,
        per_destination_messages,
        per_session_status,
    } = rates;
    RateLimits {
        per_application,
        per_address,
        per_address_failures,
        per_address_registrations,
        per_user_starts,
        per_user_links,
        per_user_messages,
        per_application_messages,
        per_destination_messages,
        per_session_status,
    }
}
