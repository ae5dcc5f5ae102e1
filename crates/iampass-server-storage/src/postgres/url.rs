//! [`DatabaseUrl`]: which PostgreSQL, and how to get in.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url_parameters::{self, Parameters, Tls};
use crate::StorageError;

/// After this time without a sign of a host that has vanished, its connection has ended.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A PostgreSQL database, and how to get in. It is not printed: it may hold a password.
///
/// `postgres://user@host/database`, with the parameters of libpq. To another machine TLS is required unless `sslmode=disable` is said; the
/// certificate is checked against the authorities of the system, or those in the file that `sslrootcert` names. Of several hosts
/// (`postgres://user@one:5432,two:5432/database`) the first that answers and takes changes is used.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub(super) config: Box<Config>,
    authorities: Option<String>,
    /// Settings of each session, by the parameter `options`.
    pub(super) settings: Vec<(String, String)>,
    pub(super) may_be_read_only: bool,
}

/// Why a text is no [`DatabaseUrl`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not the URL of a PostgreSQL database: {why}. Write it as postgres://user@host/database")]
pub struct InvalidDatabaseUrl {
    why: String,
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let invalid = |why: &str| InvalidDatabaseUrl { why: why.to_owned() };
        if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(invalid("it does not begin with postgres://"));
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let Parameters { driver, authorities, tls, settings, may_be_read_only } =
            url_parameters::read(query).map_err(|why| InvalidDatabaseUrl { why })?;
        let mut for_driver = base.to_owned();
        for (place, (name, value)) in driver.iter().enumerate() {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            for_driver.push_str(&format!("{}{name}={value}", if place == 0 { '?' } else { '&' }));
        }
        // The driver's error may repeat what it could not read, a password among it.
        let mut config: Config = for_driver.parse().map_err(|_| {
            invalid("a host, a port or the value of a parameter cannot be read; what is special in user, password and database is percent-encoded")
        })?;
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
        if hosts == 0 {
            return Err(invalid("it names no host"));
        }
        let fits = |count: usize, is_one_for_all: bool| {
            count == 0 || count == hosts || (is_one_for_all && count == 1)
        };
        if !(fits(config.get_ports().len(), true)
            && fits(config.get_hosts().len(), false)
            && fits(config.get_hostaddrs().len(), false))
        {
            return Err(invalid("hosts, addresses and ports are not the same number"));
        }
        // To another machine nothing is said in clear unless told so. On this machine there is no network in between, and its certificate
        // is often one that no authority vouches for.
        let is_here = authorities.is_none()
            && config.get_hosts().iter().all(is_this_machine)
            && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
        config.ssl_mode(match tls {
            Tls::Never => SslMode::Disable,
            Tls::WithOthers if is_here => SslMode::Disable,
            Tls::WithOthers | Tls::Always => SslMode::Require,
        });
        if config.get_application_name().is_none() {
            config.application_name("iampass-server");
        }
        Ok(Self { config: Box::new(config), authorities, settings, may_be_read_only })
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Without the password.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (user, database) = (self.config.get_user(), self.config.get_dbname());
        let ports = self.config.get_ports();
        write!(f, "postgres://{}@", user.unwrap_or_default())?;
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { "," }, name_of(host))?;
            if let Some(port) = ports.get(place).or_else(|| ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", database.unwrap_or_default())
    }
}

impl DatabaseUrl {
    /// How each of its hosts is reached, in their order.
    pub(super) fn each_host(&self, connect: Duration) -> Vec<Config> {
        let of = &self.config;
        let (hosts, addresses, ports) = (of.get_hosts(), of.get_hostaddrs(), of.get_ports());
        let each = (0..hosts.len().max(addresses.len())).map(|place| {
            let mut config = Config::new();
            match hosts.get(place) {
                Some(Host::Tcp(host)) => drop(config.host(host)),
                #[cfg(unix)]
                Some(Host::Unix(path)) => drop(config.host_path(path)),
                None => {}
            }
            if let Some(&address) = addresses.get(place) {
                config.hostaddr(address);
            }
            if let Some(&port) = ports.get(place).or_else(|| ports.first()) {
                config.port(port);
            }
            if let Some(user) = of.get_user() {
                config.user(user);
            }
            if let Some(password) = of.get_password() {
                config.password(password);
            }
            if let Some(database) = of.get_dbname() {
                config.dbname(database);
            }
            if let Some(name) = of.get_application_name() {
                config.application_name(name);
            }
            config.ssl_mode(of.get_ssl_mode()).ssl_negotiation(of.get_ssl_negotiation());
            config.channel_binding(of.get_channel_binding()).connect_timeout(connect);
            config.keepalives(of.get_keepalives()).keepalives_idle(of.get_keepalives_idle().min(KEEPALIVE));
            if let Some(interval) = of.get_keepalives_interval() {
                config.keepalives_interval(interval);
            }
            if let Some(retries) = of.get_keepalives_retries() {
                config.keepalives_retries(retries);
            }
            config.tcp_user_timeout(of.get_tcp_user_timeout().copied().unwrap_or(KEEPALIVE));
            config
        });
        each.collect()
    }

    /// The settings of a session, as libpq's programs take them.
    pub(super) fn options(&self) -> Option<String> {
        let escaped = |value: &str| value.replace('\\', "\\\\").replace(' ', "\\ ");
        let each: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("-c {name}={}", escaped(value))).collect();
        (!each.is_empty()).then(|| each.join(" "))
    }

    /// The file with those who vouch for its certificate.
    pub(super) fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }

    /// How to speak TLS with it.
    pub(super) fn tls(&self) -> Result<MakeRustlsConnect, StorageError> {
        let mut roots = RootCertStore::empty();
        match &self.authorities {
            Some(file) => {
                use rustls::pki_types::{CertificateDer, pem::PemObject as _};
                let failed = |what: String| StorageError::Authorities(format!("{file}: {what}"));
                let found = CertificateDer::pem_file_iter(file).map_err(|error| failed(error.to_string()))?;
                for authority in found {
                    let authority = authority.map_err(|error| failed(error.to_string()))?;
                    roots.add(authority).map_err(|error| failed(error.to_string()))?;
                }
            }
            None if self.config.get_ssl_mode() != SslMode::Disable => {
                // A certificate that cannot be read vouches for no server.
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            None => {}
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StorageError::Authorities(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(tls))
    }
}

/// The name of a host, or the folder of its socket.
pub(super) fn name_of(host: &Host) -> String {
    match host {
        Host::Tcp(host) => host.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    }
}

fn is_this_machine(host: &Host) -> bool {
    match host {
        Host::Tcp(host) => {
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let url: DatabaseUrl = "postgres://iampass:pa55word@db.example:5433/iampass".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://iampass@db.example:5433/iampass");
        assert!(!format!("{url:?}").contains("pa55word"));
        for bad in
            ["mysql://h/d", "postgres://u:pa55word@h/d?color=red", "pa55word", "postgres://u:pa55word@h:x/d"]
        {
            let refused = bad.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(!refused.contains("pa55word"), "{refused}");
        }
    }

    #[test]
    fn another_machine_is_spoken_to_in_tls() {
        let mode = |url: &str| url.parse::<DatabaseUrl>().unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u@db.example/d"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/d?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/d?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1/d"), SslMode::Disable);
        assert_eq!(mode("postgres://u@localhost/d?sslrootcert=/x"), SslMode::Require);
        assert_eq!(mode("postgres://u@localhost/d?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u@127.0.0.1,db.example/d"), SslMode::Require);
    }

    #[test]
    fn hosts_are_listed_as_libpq_lists_them() {
        let url: DatabaseUrl =
            "postgres://u:p@a:1,b:2/d?connect_timeout=7&application_name=x".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://u@a:1,b:2/d");
        let hosts = url.each_host(Duration::from_secs(7));
        let found: Vec<_> =
            hosts.iter().map(|host| (name_of(&host.get_hosts()[0]), host.get_ports()[0])).collect();
        assert_eq!(found, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
        assert_eq!(hosts[1].get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(hosts[1].get_application_name(), Some("x"));
        assert!("postgres://u@a:1,b:2,c:3/d?port=1,2".parse::<DatabaseUrl>().is_err());
        assert!("postgres:///d".parse::<DatabaseUrl>().is_err());
    }
}
