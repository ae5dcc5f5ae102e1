//! [`DatabaseUrl`]: which PostgreSQL, and how to get in.

use std::str::FromStr;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::storage::StorageError;

/// A PostgreSQL database, and how to get in. It is not printed: it may hold a password.
///
/// `postgres://user@host/database`, with the parameters of libpq. To another machine TLS is required unless `sslmode=disable` is said; the
/// certificate is checked against the authorities of the system, or those in the file that `sslrootcert` names.
#[derive(Clone)]
pub struct DatabaseUrl {
    pub(super) config: Box<Config>,
    authorities: Option<String>,
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
        let mut url = url::Url::parse(text).map_err(|_| invalid("it is no URL"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(invalid("it does not begin with postgres://"));
        }
        let authorities =
            url.query_pairs().find(|(name, _)| name == "sslrootcert").map(|(_, file)| file.into_owned());
        let rest: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(name, _)| name != "sslrootcert").collect();
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        // The parser's error may repeat what it could not read, a password among it.
        let mut config: Config =
            url.as_str().parse().map_err(|_| invalid("it has a part that is not known"))?;
        // `prefer` goes on in clear with whoever says that there is no TLS: to another machine that will not do. On this machine nobody is
        // in between, and its certificate is often one that nobody vouches for.
        if config.get_ssl_mode() == SslMode::Prefer {
            let is_here = authorities.is_none() && config.get_hosts().iter().all(is_this_machine);
            config.ssl_mode(if is_here { SslMode::Disable } else { SslMode::Require });
        }
        Ok(Self { config: Box::new(config), authorities })
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
        let host = self.config.get_hosts().first().map(|host| match host {
            Host::Tcp(host) => host.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        let (user, database) = (self.config.get_user(), self.config.get_dbname());
        write!(f, "postgres://{}@{}", user.unwrap_or_default(), host.unwrap_or_default())?;
        if let Some(port) = self.config.get_ports().first() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", database.unwrap_or_default())
    }
}

impl DatabaseUrl {
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
                // One that cannot be read vouches for nobody.
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
    }
}
