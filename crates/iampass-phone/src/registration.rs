//! [`Registration`]: the record that a phone keeps of one user at one application.

use std::fmt;

use iampass_core::wire::{DeviceRecord, RegisterDevice};
use iampass_core::{ApplicationId, RegistrationLink, Server, ServiceUrl, UserToken};
use serde::{Deserialize, Serialize};

use crate::{KeyHandle, PhoneError};

/// One user at one application, as this phone stands for them.
///
/// It is stored as JSON: a [`DeviceRecord`] and, beside its members, the handle of the device key. Records of before, which have none, are
/// read as those of phones without a key. **The JSON holds secrets**: whoever has it is the user.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Registration {
    stored: Stored,
    server: Server,
    application: ApplicationId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    record: DeviceRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_key: Option<KeyHandle>,
}

impl Registration {
    /// The registration that a service has given to this phone for `link`.
    ///
    /// A service that knows no keys has ignored the one that was sent (its record has no `bring_request`): the phone is one without a key
    /// there, for as long as it is registered.
    ///
    /// # Errors
    /// [`PhoneError::RefusedUrl`] when the record leads to another origin than the link, [`PhoneError::Malformed`] when its application
    /// has no usable id.
    pub fn new(
        link: &RegistrationLink,
        record: DeviceRecord,
        device_key: Option<KeyHandle>,
    ) -> Result<Self, PhoneError> {
        let server = server_of(link.as_str())?;
        let device_key = device_key.filter(|_| record.service.service_urls.bring_request.is_some());
        Self::checked(server, Stored { record, device_key })
    }

    fn checked(server: Server, stored: Stored) -> Result<Self, PhoneError> {
        let urls = &stored.record.service.service_urls;
        for (call, url) in [
            ("pending requests", Some(&urls.pending_requests)),
            ("active sessions", Some(&urls.active_sessions)),
            ("configuration", Some(&urls.device_configuration)),
            ("removal", Some(&urls.device_unregister)),
            ("bringing a code", urls.bring_request.as_ref()),
        ] {
            if let Some(url) = url {
                server.check(url).map_err(|refused| PhoneError::RefusedUrl { call, refused })?;
            }
        }
        let application = ApplicationId::new(stored.record.service.service_id.as_str());
        let application = application.map_err(|_| PhoneError::Malformed {
            call: "registration",
            what: "has no usable application in it",
            line: 0,
            column: 0,
        })?;
        Ok(Self { stored, server, application })
    }

    /// All that the service gave, secrets included.
    #[must_use]
    pub fn record(&self) -> &DeviceRecord {
        &self.stored.record
    }

    /// The handle of the device key. `None`: the service believes this phone by the secret that they share.
    #[must_use]
    pub fn device_key(&self) -> Option<&KeyHandle> {
        self.stored.device_key.as_ref()
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> &UserToken {
        &self.stored.record.user.user_id
    }

    /// The application.
    #[must_use]
    pub fn application(&self) -> &ApplicationId {
        &self.application
    }

    /// The service. Nothing of this registration is sent to another one (law 5).
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Shows the user by this name from now on.
    pub fn rename(&mut self, name: impl Into<String>) {
        self.stored.record.user.display_name = Some(name.into());
    }

    /// Forgets the code by which another phone confirms this one: it is one of the user's phones now.
    pub fn confirmed(&mut self) {
        self.stored.record.waiting = None;
    }

    /// A URL that the service has handed out, checked.
    pub(crate) fn check(&self, call: &'static str, url: &str) -> Result<ServiceUrl, PhoneError> {
        self.server.check(url).map_err(|refused| PhoneError::RefusedUrl { call, refused })
    }
}

/// The service at the origin of a URL that a person has opened or that was stored.
pub(crate) fn server_of(url: &str) -> Result<Server, PhoneError> {
    let refused = |refused| PhoneError::RefusedUrl { call: "registration", refused };
    let parsed = url::Url::parse(url).map_err(|_| refused(iampass_core::RefusedUrl::Malformed))?;
    Server::parse(&parsed.origin().ascii_serialization()).map_err(refused)
}

/// The body of a registration by a program: it asks for its questions and gets no notifications.
#[must_use]
pub fn polling_phone() -> RegisterDevice {
    // A token that begins with `*` makes the service push nothing [D].
    RegisterDevice::new("*iampass-phone").platform(iampass_core::wire::Platform::Web)
}

impl TryFrom<Stored> for Registration {
    type Error = PhoneError;

    fn try_from(stored: Stored) -> Result<Self, PhoneError> {
        let server = server_of(&stored.record.service.service_urls.pending_requests)?;
        Self::checked(server, stored)
    }
}

impl From<Registration> for Stored {
    fn from(registration: Registration) -> Self {
        registration.stored
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("record", self.record())
            .field("has_device_key", &self.device_key().is_some())
            .finish_non_exhaustive()
    }
}
