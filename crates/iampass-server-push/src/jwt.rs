//! Signed tokens by which this service shows to push services who it is (RFC 7515, RFC 7519).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;

/// A private key that signs tokens. It is not printed.
pub(crate) enum SigningKey {
    /// ES256.
    P256(EcdsaKeyPair),
    /// RS256.
    Rsa(rsa::KeyPair),
}

/// Something is no private key of the kind that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not the private key in PEM (`BEGIN PRIVATE KEY`) that the push service gives out")]
pub struct InvalidKey;

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl SigningKey {
    /// A key on P-256 in PKCS#8.
    pub(crate) fn p256(der: &[u8]) -> Result<Self, InvalidKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
        pair.map(Self::P256).map_err(|_| InvalidKey)
    }

    /// The same in PEM, as Apple gives it out.
    pub(crate) fn p256_pem(pem: &str) -> Result<Self, InvalidKey> {
        Self::p256(der(pem)?.secret_pkcs8_der())
    }

    /// An RSA key in PEM, as Google gives it out.
    pub(crate) fn rsa_pem(pem: &str) -> Result<Self, InvalidKey> {
        let pair = rsa::KeyPair::from_pkcs8(der(pem)?.secret_pkcs8_der());
        pair.map(Self::Rsa).map_err(|_| InvalidKey)
    }

    /// The uncompressed point, for a key on P-256.
    pub(crate) fn public_point(&self) -> Option<[u8; 65]> {
        match self {
            Self::P256(pair) => pair.public_key().as_ref().try_into().ok(),
            Self::Rsa(_) => None,
        }
    }

    /// A token with these claims. None when the system's random generator gives nothing.
    pub(crate) fn token(&self, key_id: Option<&str>, claims: &impl Serialize) -> Option<String> {
        let alg = match self {
            Self::P256(_) => "ES256",
            Self::Rsa(_) => "RS256",
        };
        let header = serde_json::to_vec(&Header { typ: "JWT", alg, kid: key_id }).ok()?;
        let claims = serde_json::to_vec(claims).ok()?;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::P256(pair) => pair.sign(&random, signed.as_bytes()).ok()?.as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).ok()?;
                signature
            }
        };
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn der(pem: &str) -> Result<PrivatePkcs8KeyDer<'static>, InvalidKey> {
    PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| InvalidKey)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}
