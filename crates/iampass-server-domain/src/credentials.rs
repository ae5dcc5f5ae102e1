//! Ids and secrets that the service issues.
//!
//! Belongs here: how they look. Does not belong here: how they are stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::{ApplicationId, AuthRequestId, DeviceId, Secret, SessionToken};

use crate::random::{self, NoRandomness};

/// Why nothing was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotDrawn {
    /// The system's generator gave nothing.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The drawn text is not an id.
    #[error("the drawn id is not an id")]
    NotAnId,
}

/// An application's id of 16 and secret of 32 characters, as issued ones look \[X\].
///
/// # Errors
/// [`NotDrawn`].
pub fn draw_application() -> Result<(ApplicationId, Secret), NotDrawn> {
    let id = ApplicationId::new(random::alphanumeric(16)?).map_err(|_| NotDrawn::NotAnId)?;
    Ok((id, draw_secret()?))
}

/// A secret of an application or a phone.
///
/// # Errors
/// [`NotDrawn`].
pub fn draw_secret() -> Result<Secret, NotDrawn> {
    Ok(Secret::new(random::alphanumeric(32)?))
}

/// The id of a key of the Admin API, and its secret. Drawn ids of applications hold no hyphen, and names of accounts no capital letter: in the log the id stands
/// for nothing else.
///
/// # Errors
/// [`NotDrawn`].
pub fn draw_admin_key() -> Result<(String, Secret), NotDrawn> {
    Ok((format!("KEY-{}", random::alphanumeric(20)?), Secret::new(random::alphanumeric(40)?)))
}

/// The id of a phone.
///
/// # Errors
/// [`NotDrawn`].
pub fn draw_device_id() -> Result<DeviceId, NotDrawn> {
    DeviceId::new(random::hexadecimal::<16>()?).map_err(|_| NotDrawn::NotAnId)
}

/// The credentials that the application and the phone sign with during one session.
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    /// The application's public half.
    pub token: SessionToken,
    /// The application's secret half.
    pub secret: Secret,
    /// The phone's public half.
    pub request_id: AuthRequestId,
    /// The phone's secret half.
    pub request_secret: Secret,
}

impl SessionCredentials {
    /// Fresh ones, in the form that issued ones have.
    ///
    /// # Errors
    /// [`NotDrawn`].
    pub fn draw() -> Result<Self, NotDrawn> {
        Ok(Self {
            token: SessionToken::new(random::hexadecimal::<20>()?).map_err(|_| NotDrawn::NotAnId)?,
            secret: draw_secret()?,
            request_id: AuthRequestId::new(random::hexadecimal::<16>()?).map_err(|_| NotDrawn::NotAnId)?,
            request_secret: draw_secret()?,
        })
    }
}

/// The proof of an answer that came by a link: 128 bits in base64url.
///
/// # Errors
/// [`NotDrawn`].
pub fn draw_return_proof() -> Result<Secret, NotDrawn> {
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(random::bytes::<16>()?)))
}

/// The secrets that the browser of one question shows and the phone brings.
#[derive(Clone, Debug)]
pub struct ShownSecrets {
    /// Six decimal digits.
    pub code: Secret,
    /// 128 bits in base64url, which the QR code carries.
    pub scan: Secret,
}

impl ShownSecrets {
    /// Fresh ones.
    ///
    /// # Errors
    /// [`NotDrawn`].
    pub fn draw() -> Result<Self, NotDrawn> {
        let scan = URL_SAFE_NO_PAD.encode(random::bytes::<16>()?);
        Ok(Self { code: Secret::new(random::digits::<6>()?), scan: Secret::new(scan) })
    }
}
