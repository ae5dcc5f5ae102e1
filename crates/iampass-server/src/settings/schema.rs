//! [`Settings`]: the shape of everything that can be set.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use iampass_core::Secret;
use serde::{Deserialize, Deserializer, de};

use super::alert_table::AlertTable;
use super::console_table::ConsoleTable;
use super::units::{rate, span};
use crate::proxies::{ForwardedHeader, ProxyProtocol, TrustedProxies};
use crate::{Migrations, PublicUrl, Rate, RateLimits, ServiceConfig, StorageLocation};

/// The settings in force. Each is explained in `assets/settings/iampass-server.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    #[serde(deserialize_with = "public_url")]
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) database_url: Option<Secret>,
    pub(crate) master_key: Option<Secret>,
    pub(crate) previous_master_key_files: Vec<PathBuf>,
    #[serde(deserialize_with = "migrations")]
    pub(crate) migrations: Migrations,
    pub(crate) allow_plain_http: bool,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) forwarded_header: ForwardedHeader,
    pub(crate) proxy_protocol: ProxyProtocol,
    pub(crate) texts: Option<PathBuf>,
    pub(crate) tls: TlsSettings,
    pub(crate) sessions: SessionSettings,
    pub(crate) links: LinkSettings,
    pub(crate) signatures: SignatureSettings,
    pub(crate) limits: LimitSettings,
    pub(crate) rate_limits: RateSettings,
    pub(crate) metrics: MetricsSettings,
    pub(crate) console: ConsoleTable,
    pub(crate) push: PushTable,
    pub(crate) sms: SmsTable,
    pub(crate) mail: MailTable,
    pub(crate) alerts: AlertTable,
    pub(crate) log: LogSettings,
    pub(crate) shutdown: ShutdownSettings,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TlsSettings {
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    #[serde(deserialize_with = "span")]
    pub(crate) handshake_timeout: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SessionSettings {
    #[serde(deserialize_with = "span")]
    pub(crate) answer_timeout: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) default_duration: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) longest_duration: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) keep_ended: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LinkSettings {
    #[serde(deserialize_with = "span")]
    pub(crate) lifetime: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignatureSettings {
    #[serde(deserialize_with = "span")]
    pub(crate) window: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitSettings {
    pub(crate) body_bytes: usize,
    pub(crate) url_bytes: usize,
    pub(crate) users_per_call: usize,
    pub(crate) pending_per_user: usize,
    pub(crate) remembered_nonces: usize,
    pub(crate) connections: usize,
    pub(crate) connections_per_address: usize,
    #[serde(deserialize_with = "span")]
    pub(crate) head_timeout: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) idle_timeout: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) body_timeout: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) write_timeout: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) longest_poll: Duration,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RateSettings {
    #[serde(deserialize_with = "rate")]
    pub(crate) per_application: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_address: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_address_failures: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_address_registrations: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_user_starts: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_user_links: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_user_messages: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_application_messages: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_destination_messages: Option<Rate>,
    #[serde(deserialize_with = "rate")]
    pub(crate) per_session_status: Option<Rate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MetricsSettings {
    pub(crate) from_this_machine: bool,
    pub(crate) token: Option<Secret>,
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PushTable {
    pub(crate) enabled: bool,
    pub(crate) contact: Option<String>,
    pub(crate) fcm_account_file: Option<PathBuf>,
    pub(crate) apns_key_file: Option<PathBuf>,
    pub(crate) apns_key_id: Option<String>,
    pub(crate) apns_team_id: Option<String>,
    pub(crate) apns_topic: Option<String>,
    pub(crate) apns_server: ApnsName,
    pub(crate) webhook_url: Option<Secret>,
    pub(crate) webhook_secret: Option<Secret>,
}

/// Which of Apple's servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ApnsName {
    #[default]
    Production,
    Sandbox,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SmsTable {
    pub(crate) webhook_url: Option<Secret>,
    pub(crate) secret: Option<Secret>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailTable {
    pub(crate) smtp_url: Option<Secret>,
    pub(crate) from: Option<String>,
    pub(crate) hello_name: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogSettings {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShutdownSettings {
    #[serde(deserialize_with = "span")]
    pub(crate) drain: Duration,
    #[serde(deserialize_with = "span")]
    pub(crate) grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8089)),
            public_url: None,
            data: None,
            database_url: None,
            master_key: None,
            previous_master_key_files: Vec::new(),
            migrations: Migrations::default(),
            allow_plain_http: false,
            trusted_proxies: TrustedProxies::default(),
            forwarded_header: ForwardedHeader::default(),
            proxy_protocol: ProxyProtocol::default(),
            texts: None,
            tls: TlsSettings::default(),
            sessions: SessionSettings::default(),
            links: LinkSettings::default(),
            signatures: SignatureSettings::default(),
            limits: LimitSettings::default(),
            rate_limits: RateSettings::default(),
            metrics: MetricsSettings::default(),
            console: ConsoleTable::default(),
            push: PushTable::default(),
            sms: SmsTable::default(),
            mail: MailTable::default(),
            alerts: AlertTable::default(),
            log: LogSettings::default(),
            shutdown: ShutdownSettings::default(),
        }
    }
}

/// The defaults of a service, wherever it is started from; they stand in one place.
fn service() -> ServiceConfig {
    ServiceConfig::new(StorageLocation::Temporary)
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self {
            certificate: None,
            key: None,
            handshake_timeout: crate::TlsFiles::new("", "").handshake_timeout,
        }
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        let service = service();
        Self {
            answer_timeout: service.answer_timeout,
            default_duration: service.default_session,
            longest_duration: service.longest_session,
            keep_ended: service.keep_ended_sessions,
        }
    }
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self { lifetime: service().link_lifetime }
    }
}

impl Default for SignatureSettings {
    fn default() -> Self {
        Self { window: service().signature_window }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        let limits = service().limits;
        Self {
            body_bytes: limits.body_bytes,
            url_bytes: limits.url_bytes,
            users_per_call: limits.users_per_call,
            pending_per_user: limits.pending_per_user,
            remembered_nonces: limits.remembered_nonces,
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            head_timeout: limits.head_timeout,
            idle_timeout: limits.idle_timeout,
            body_timeout: limits.body_timeout,
            write_timeout: limits.write_timeout,
            longest_poll: limits.longest_poll,
        }
    }
}

impl Default for RateSettings {
    fn default() -> Self {
        let rates = RateLimits::default();
        Self {
            per_application: rates.per_application,
            per_address: rates.per_address,
            per_address_failures: rates.per_address_failures,
            per_address_registrations: rates.per_address_registrations,
            per_user_starts: rates.per_user_starts,
            per_user_links: rates.per_user_links,
            per_user_messages: rates.per_user_messages,
            per_application_messages: rates.per_application_messages,
            per_destination_messages: rates.per_destination_messages,
            per_session_status: rates.per_session_status,
        }
    }
}

impl Default for PushTable {
    fn default() -> Self {
        Self {
            enabled: true,
            contact: None,
            fcm_account_file: None,
            apns_key_file: None,
            apns_key_id: None,
            apns_team_id: None,
            apns_topic: None,
            apns_server: ApnsName::default(),
            webhook_url: None,
            webhook_secret: None,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Text, level: "warn,iampass_server=info".to_owned() }
    }
}

impl Default for ShutdownSettings {
    fn default() -> Self {
        // A service of a test need not wait for load balancers.
        Self { drain: Duration::from_secs(1), grace: service().limits.shutdown_grace }
    }
}

fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PublicUrl>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

fn migrations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Migrations, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "at_start" => Ok(Migrations::AtStart),
        "by_command" => Ok(Migrations::ByCommand),
        _ => Err(de::Error::custom("it is \"at_start\" or \"by_command\"")),
    }
}
