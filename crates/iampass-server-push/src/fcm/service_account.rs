//! [`ServiceAccount`]: the JSON file by which Google knows this service.

use std::fmt;

use iampass_core::{Secret, UnixSeconds};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::jwt::SigningKey;

/// The right to send messages, and nothing else.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// How long the assertion is good, in seconds: the longest that Google allows.
const ASSERTION_LIFE: u64 = 3_600;

/// A service account of Google Cloud. Its key is not printed.
pub struct ServiceAccount {
    pub(super) project: Box<str>,
    pub(super) token_url: Url,
    email: Box<str>,
    key_id: Option<Box<str>>,
    key: SigningKey,
}

/// Why a file is no service account. Its text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServiceAccount {
    /// It is not the JSON of a service account.
    #[error(
        "it is not the JSON file of a service account: create a key under Project settings, Service accounts, in the Firebase console"
    )]
    NotJson,
    /// The project's id holds characters that none has.
    #[error("its project_id is not the id of a project")]
    Project,
    /// The address that gives out tokens is none.
    #[error("its token_uri does not begin with https://")]
    TokenUrl,
    /// The private key is none.
    #[error("its private_key is not an RSA key in PEM")]
    Key,
}

#[derive(Deserialize)]
struct File {
    project_id: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

impl ServiceAccount {
    /// From the text of the file. HTTP is taken for a token endpoint on this machine only, which tests have.
    ///
    /// # Errors
    /// [`InvalidServiceAccount`] when something in it cannot be used.
    pub fn from_json(text: &Secret) -> Result<Self, InvalidServiceAccount> {
        use InvalidServiceAccount as I;
        let file: File = serde_json::from_str(text.expose()).map_err(|_| I::NotJson)?;
        let is_id = |id: &str| {
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-:.".contains(&byte))
        };
        if !is_id(&file.project_id) {
            return Err(I::Project);
        }
        let token_url = Url::parse(&file.token_uri).map_err(|_| I::TokenUrl)?;
        let is_here = token_url.host_str() == Some("127.0.0.1");
        if token_url.scheme() != "https" && !is_here {
            return Err(I::TokenUrl);
        }
        Ok(Self {
            project: file.project_id.into(),
            token_url,
            email: file.client_email.into(),
            key_id: file.private_key_id.map(Into::into),
            key: SigningKey::rsa_pem(&file.private_key).map_err(|_| I::Key)?,
        })
    }

    /// The body of a request for a token (RFC 7523, section 2.1).
    pub(super) fn assertion(&self, now: UnixSeconds) -> Option<String> {
        let claims = Claims {
            iss: &self.email,
            scope: SCOPE,
            aud: self.token_url.as_str(),
            iat: now.0,
            exp: now.0.saturating_add(ASSERTION_LIFE),
        };
        let token = self.key.token(self.key_id.as_deref(), &claims)?;
        Some(format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={token}"))
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("project", &self.project).finish_non_exhaustive()
    }
}
