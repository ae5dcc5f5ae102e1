//! From settings to a [`ServiceConfig`]. What does not go together is said with the place where it was set.

use std::net::SocketAddr;
use std::sync::Arc;

use super::error::{Problem, SettingsError};
use super::in_force::InForce;
use crate::notices::{
    InvalidNoticeSettings, MailSettings, NoticeSender, SmsSettings, SmtpSender, WebhookSender,
};
use crate::{
    ConsoleSettings, Data, MasterKey, MasterKeySource, MasterKeys, MetricsAccess, Proxies, Rate, RateLimits,
    ServiceConfig, TlsFiles,
};

/// The shortest token that lets anybody read the metrics.
const SHORTEST_TOKEN: usize = 16;

impl InForce {
    /// The configuration of a service, and of whatever else opens its data.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub(crate) fn config(&self) -> Result<ServiceConfig, SettingsError> {
        let mut problems = Vec::new();
        let settings = &self.settings;
        let mut config = ServiceConfig::new(self.data(&mut problems).unwrap_or(Data::Temporary));
        config.master_key = self.master_key(&mut problems).unwrap_or_default();
        if matches!((&config.data, &config.master_key), (Data::Postgres(_), MasterKeySource::BesideData)) {
            problems.push(self.problem(
                "master_key_file",
                "a PostgreSQL needs a master key that all nodes have: make one with `iampass-server master-key new --to FILE`",
            ));
        }
        config.migrations = settings.migrations;
        config.public_url = settings.public_url.clone();
        config.answer_timeout = settings.sessions.answer_timeout;
        config.default_session = settings.sessions.default_duration;
        config.longest_session = settings.sessions.longest_duration;
        config.keep_ended_sessions = settings.sessions.keep_ended;
        config.link_lifetime = settings.links.lifetime;
        config.signature_window = settings.signatures.window;
        for (key, span) in [
            ("sessions.answer_timeout", config.answer_timeout),
            ("sessions.default_duration", config.default_session),
            ("links.lifetime", config.link_lifetime),
            ("signatures.window", config.signature_window),
        ] {
            if span.as_secs() == 0 {
                problems.push(self.problem(key, "it has to be a second at least"));
            }
        }
        if config.default_session > config.longest_session {
            problems.push(
                self.problem("sessions.default_duration", "it is longer than sessions.longest_duration"),
            );
        }
        config.tls = self.tls(&mut problems);
        let listens_here = settings.listen.ip().is_loopback();
        config.proxies = Proxies {
            trusted: settings.trusted_proxies.clone(),
            header: settings.forwarded_header,
            only_they: config.tls.is_none() && !settings.allow_plain_http && !listens_here,
        };
        self.set_limits(&mut config);
        config.rates = self.rates();
        config.metrics = self.metrics(&mut problems);
        let console = &settings.console;
        config.console = console.enabled.then(|| ConsoleSettings::new(console.registration));
        config.sms = self.sms(&mut problems);
        config.mail = self.mail(&mut problems);
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

    fn data(&self, problems: &mut Vec<Problem>) -> Option<Data> {
        match (&self.settings.data, &self.settings.database_url) {
            // The stronger of two places wins; in one place they contradict each other.
            (Some(_), Some(_)) if self.rank("data") == self.rank("database_url") => {
                problems.push(
                    self.problem("database_url", "there is a data file as well: leave one of them out"),
                );
                None
            }
            (Some(path), None) => Some(Data::File(path.clone())),
            (Some(path), Some(_)) if self.rank("data") > self.rank("database_url") => {
                Some(Data::File(path.clone()))
            }
            (_, Some(url)) => match url.expose().parse() {
                Ok(url) => Some(Data::Postgres(url)),
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

    fn master_key(&self, problems: &mut Vec<Problem>) -> Option<MasterKeySource> {
        let previous = &self.settings.previous_master_key_files;
        let Some(text) = &self.settings.master_key else {
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

    fn tls(&self, problems: &mut Vec<Problem>) -> Option<TlsFiles> {
        let tls = &self.settings.tls;
        let (certificate, key) = match (&tls.certificate, &tls.key) {
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
        files.handshake_timeout = tls.handshake_timeout;
        if let Err(error) = files.check() {
            problems.push(self.problem("tls.certificate", error));
        }
        if self.settings.public_url.as_ref().is_some_and(|url| !url.is_https()) {
            problems.push(self.problem("public_url", "the service speaks TLS, and this is not https"));
        }
        Some(files)
    }

    fn set_limits(&self, config: &mut ServiceConfig) {
        let (from, to) = (&self.settings.limits, &mut config.limits);
        to.body_bytes = from.body_bytes;
        to.url_bytes = from.url_bytes;
        to.users_per_call = from.users_per_call;
        to.pending_per_user = from.pending_per_user;
        to.remembered_nonces = from.remembered_nonces;
        to.connections = from.connections;
        to.status_streams = to.status_streams.min(from.connections / 2);
        to.head_timeout = from.head_timeout;
        to.body_timeout = from.body_timeout;
        to.write_timeout = from.write_timeout;
        to.longest_poll = from.longest_poll;
        to.drain = self.settings.shutdown.drain;
        to.shutdown_grace = self.settings.shutdown.grace;
    }

    fn rates(&self) -> RateLimits {
        let from = &self.settings.rate_limits;
        let mut rates = RateLimits::off();
        let pairs: [(&mut Option<Rate>, Option<Rate>); 7] = [
            (&mut rates.per_application, from.per_application),
            (&mut rates.per_address, from.per_address),
            (&mut rates.per_address_failures, from.per_address_failures),
            (&mut rates.per_user_starts, from.per_user_starts),
            (&mut rates.per_user_links, from.per_user_links),
            (&mut rates.per_user_messages, from.per_user_messages),
            (&mut rates.per_session_status, from.per_session_status),
        ];
        for (to, from) in pairs {
            *to = from;
        }
        rates
    }

    fn sms(&self, problems: &mut Vec<Problem>) -> Option<Arc<dyn NoticeSender>> {
        let sms = &self.settings.sms;
        let (url, secret) = match (&sms.webhook_url, &sms.secret) {
            (None, None) => return None,
            (Some(url), Some(secret)) => (url, secret),
            (Some(_), None) => {
                problems.push(
                    self.problem("sms.webhook_url", "the gateway needs a secret too: set sms.secret_file"),
                );
                return None;
            }
            (None, Some(_)) => {
                problems.push(self.problem("sms.secret", "it is for a gateway: set sms.webhook_url"));
                return None;
            }
        };
        let sender = SmsSettings::new(url.expose(), secret.clone()).and_then(WebhookSender::new);
        self.sender("sms", "webhook_url", sender, problems)
    }

    fn mail(&self, problems: &mut Vec<Problem>) -> Option<Arc<dyn NoticeSender>> {
        let mail = &self.settings.mail;
        let (url, from) = match (&mail.smtp_url, &mail.from) {
            (None, None) => return None,
            (Some(url), Some(from)) => (url, from),
            (Some(_), None) => {
                problems.push(self.problem("mail.smtp_url", "messages need a sender: set mail.from"));
                return None;
            }
            (None, Some(_)) => {
                problems.push(self.problem("mail.from", "messages need a mail server: set mail.smtp_url"));
                return None;
            }
        };
        let sender = MailSettings::new(url, from).and_then(|settings| SmtpSender::new(&settings));
        self.sender("mail", "smtp_url", sender, problems)
    }

    fn sender<S: NoticeSender + 'static>(
        &self,
        table: &str,
        first: &'static str,
        made: Result<S, InvalidNoticeSettings>,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<dyn NoticeSender>> {
        match made {
            Ok(sender) => Some(Arc::new(sender)),
            Err(invalid) => {
                let setting = invalid.setting().unwrap_or(first);
                problems.push(self.problem(&format!("{table}.{setting}"), invalid));
                None
            }
        }
    }

    fn metrics(&self, problems: &mut Vec<Problem>) -> MetricsAccess {
        let from = &self.settings.metrics;
        if from.token.as_ref().is_some_and(|token| token.expose().len() < SHORTEST_TOKEN) {
            problems.push(self.problem("metrics.token", "a token has 16 characters at least"));
        }
        MetricsAccess {
            from_this_machine: from.from_this_machine,
            token: from.token.clone(),
            listen: from.listen,
        }
    }
}
