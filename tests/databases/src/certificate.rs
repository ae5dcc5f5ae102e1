//! Certificates for a server on this machine.
//!
//! Belongs here: one authority and the one certificate that it signs. Does not belong here: which server uses it.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::account::Account;
use crate::failure::Failure;

/// Files in PEM.
#[derive(Clone, Debug)]
pub(crate) struct Certificates {
    /// The certificate of the authority, which clients are to trust.
    pub(crate) authority: PathBuf,
    /// The server's certificate, for `localhost` and 127.0.0.1.
    pub(crate) server: PathBuf,
    /// The server's key, which only its account can read.
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// Makes them all, in this folder. The authority's key is forgotten.
    pub(crate) fn make(folder: &Path, account: &Account) -> Result<Self, Failure> {
        let [authority, server, key] = signed().map_err(|error| format!("certificates: {error}"))?;
        let files = Self {
            authority: folder.join("authority.pem"),
            server: folder.join("server.pem"),
            key: folder.join("server.key"),
        };
        for (file, pem) in [(&files.authority, authority), (&files.server, server), (&files.key, key)] {
            std::fs::write(file, pem).map_err(|error| format!("{}: {error}", file.display()))?;
            account.owns(file)?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // PostgreSQL does not use a key that others can read.
            std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o600))
                .map_err(|error| format!("{}: {error}", files.key.display()))?;
        }
        Ok(files)
    }
}

/// The authority's certificate, the server's, and the server's key.
fn signed() -> Result<[String; 3], rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "authority of this test");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let authority_key = KeyPair::generate()?;
    let authority_certificate = authority.self_signed(&authority_key)?;

    let mut server = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let server_key = KeyPair::generate()?;
    let issuer = Issuer::new(authority, authority_key);
    let server_certificate = server.signed_by(&server_key, &issuer)?;
    Ok([authority_certificate.pem(), server_certificate.pem(), server_key.serialize_pem()])
}
