//! [`Confirmation`]: a browser shows it and its user's phone brings it, so that the approval belongs to that browser \[X\].

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::unknown::Unknown;
use super::word::word_enum;
use crate::signing::MovingCode;
use crate::{Secret, UnixSeconds};

word_enum! {
    /// How an approval is bound to the browser that asks \[X\].
    ConfirmationMethod {
        /// The browser shows digits and a QR code, and the phone brings one of them.
        Code = "code",
    }
}

/// The confirmation of one question: what its browser shows \[X\].
///
/// Only that browser may see it: whoever knows it can have the user's phone approve in the browser's place. So `Debug` prints no part of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "ConfirmationMembers")]
#[non_exhaustive]
pub struct Confirmation {
    /// Six decimal digits, for the user to type on the phone.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub code: Secret,
    /// The address to show as a QR code. Its fragment holds a longer secret in place of the digits.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub scan_url: Secret,
    /// When both stop being good.
    pub expires_at: UnixSeconds,
    /// Whether the phone shows the question by itself. It does so for a browser that is known, unless denials have paused that. Otherwise the
    /// phone has to bring the code first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rings: bool,
    /// The link that opens IAMPASS in the browser that begins the login, where the application can take that browser back
    /// ([`AuthenticateUser::return_to`](super::AuthenticateUser::return_to)). It is here as well where no session was started, so that a page
    /// that shows it does not tell whether somebody has the name.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed_option")]
    pub open_url: Option<Secret>,
}

/// As it is read: from an object only.
#[derive(Deserialize)]
struct ConfirmationMembers {
    code: Secret,
    scan_url: Secret,
    expires_at: UnixSeconds,
    #[serde(default)]
    rings: bool,
    #[serde(default)]
    open_url: Option<Secret>,
    #[serde(flatten)]
    _unknown: Unknown,
}

impl From<ConfirmationMembers> for Confirmation {
    fn from(members: ConfirmationMembers) -> Self {
        let ConfirmationMembers { code, scan_url, expires_at, rings, open_url, .. } = members;
        Self { code, scan_url, expires_at, rings, open_url }
    }
}

impl Confirmation {
    /// A confirmation.
    ///
    /// ```
    /// use iampass_core::UnixSeconds;
    /// use iampass_core::wire::Confirmation;
    ///
    /// let confirmation = Confirmation::new("482913", "https://login.example/phone#scan=s", UnixSeconds(60));
    /// assert_eq!(confirmation.code.expose(), "482913");
    /// assert!(!format!("{confirmation:?}").contains("482913"));
    /// ```
    #[must_use]
    pub fn new(code: impl Into<Secret>, scan_url: impl Into<Secret>, expires_at: UnixSeconds) -> Self {
        Self { code: code.into(), scan_url: scan_url.into(), expires_at, rings: false, open_url: None }
    }

    /// The same for a question that the phone shows by itself, or not.
    #[must_use]
    pub fn rings(mut self, rings: bool) -> Self {
        self.rings = rings;
        self
    }

    /// The same with a link that opens IAMPASS in the same browser, or none.
    #[must_use]
    pub fn open_url(mut self, open_url: Option<Secret>) -> Self {
        self.open_url = open_url;
        self
    }
}

/// The QR code of a login without a name. It changes each second; the application's server draws it \[X\].
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "MovingQrMembers")]
#[non_exhaustive]
pub struct MovingQr {
    /// The address up to and with `#scan=`; [`MovingCode`](crate::signing::MovingCode) stands behind it.
    pub url: String,
    /// The public name of the login.
    pub token: String,
    /// Makes the tags. No browser gets it.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub secret: Secret,
}

/// As it is read: from an object only.
#[derive(Deserialize)]
struct MovingQrMembers {
    url: String,
    token: String,
    secret: Secret,
    #[serde(flatten)]
    _unknown: Unknown,
}

impl From<MovingQrMembers> for MovingQr {
    fn from(MovingQrMembers { url, token, secret, .. }: MovingQrMembers) -> Self {
        Self { url, token, secret }
    }
}

impl MovingQr {
    /// A moving code.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { url: url.into(), token: token.into(), secret: secret.into() }
    }

    /// The address to show as a QR code when the service's answer came so long ago.
    ///
    /// ```
    /// use iampass_core::wire::MovingQr;
    /// use std::time::Duration;
    ///
    /// let qr = MovingQr::new("https://login.example/phone#scan=", "token", "secret");
    /// assert!(qr.scan_url(Duration::from_secs(3)).expose().starts_with("https://login.example/phone#scan=token.3."));
    /// ```
    #[must_use]
    pub fn scan_url(&self, elapsed: Duration) -> Secret {
        let code = MovingCode::at(&self.token, &self.secret, elapsed);
        Secret::new(format!("{}{}", self.url, code.to_text()))
    }
}

impl fmt::Debug for MovingQr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MovingQr").finish_non_exhaustive()
    }
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_read_from_an_object_only() {
        let confirmation =
            r#"{"code": "482913", "scan_url": "https://h/phone#scan=s", "expires_at": 60, "new": 1}"#;
        assert_eq!(serde_json::from_str::<Confirmation>(confirmation).unwrap().expires_at, UnixSeconds(60));
        let qr = r#"{"url": "https://h/phone#scan=", "token": "t", "secret": "hunter2", "new": 1}"#;
        let qr: MovingQr = serde_json::from_str(qr).unwrap();
        assert!(!format!("{qr:?}").contains("hunter2"));
        for array in [r#"["482913", "https://h/phone#scan=s", 60]"#, "[]"] {
            assert!(serde_json::from_str::<Confirmation>(array).is_err(), "{array}");
        }
        assert!(serde_json::from_str::<MovingQr>(r#"["https://h/phone#scan=", "t", "hunter2"]"#).is_err());
    }
}
