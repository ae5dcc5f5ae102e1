//! From two PEM files to a configuration of TLS.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The names that are agreed on for HTTP/2 and for HTTP/1.1.
pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Certificate and key of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificate and those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// The key, as PEM.
    pub key: PathBuf,
    /// How long a caller may take to agree on the encryption: 10 s.
    pub handshake_timeout: Duration,
}

impl TlsFiles {
    /// These files.
    #[must_use]
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into(), handshake_timeout: Duration::from_secs(10) }
    }

    /// Whether the files are there and belong together.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn check(&self) -> Result<(), TlsError> {
        load(self).map(drop)
    }
}

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is no PEM.
    #[error("{} cannot be used: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The error.
        why: String,
    },
    /// They do not belong together, or are of a kind that is not supported.
    #[error("the certificate and the key cannot be used together: {0}")]
    Pair(rustls::Error),
}

/// A pair that can be used.
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    /// When its own certificate ends, in seconds since 1970.
    pub(super) ends_at: Option<u64>,
}

/// Reads the files and checks that they belong together.
pub(super) fn load(files: &TlsFiles) -> Result<Loaded, TlsError> {
    let of = |path: &PathBuf, error: pem::Error| TlsError::File {
        path: path.clone(),
        why: match error {
            pem::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "there is no such file".to_owned()
            }
            pem::Error::NoItemsFound => "there is none in it".to_owned(),
            error => error.to_string(),
        },
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| of(&files.certificate, error))?;
    if chain.is_empty() {
        return Err(of(&files.certificate, pem::Error::NoItemsFound));
    }
    let ends_at = chain.first().and_then(ends_at);
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| of(&files.key, error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok(Loaded { config: Arc::new(config), ends_at })
}

fn ends_at(certificate: &CertificateDer<'_>) -> Option<u64> {
    let (_, read) = x509_parser::parse_x509_certificate(certificate).ok()?;
    u64::try_from(read.validity().not_after.timestamp()).ok()
}
