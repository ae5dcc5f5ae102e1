//! [`Phone`]: one phone for several users, with a state that can be stored.

use std::sync::Arc;

use iampass_core::port::{Clock, HttpTransport};
use iampass_core::wire::DeviceRecord;
use iampass_core::{RegistrationLink, UserToken};

use super::VirtualPhone;
use super::line::Line;
use crate::TestkitError;

/// A phone that stands for several users, as one that is shared or that belongs to somebody with several accounts.
#[derive(Debug)]
pub struct Phone {
    line: Line,
    phones: Vec<VirtualPhone>,
}

impl Phone {
    /// A new phone that stands for nobody, over reqwest.
    ///
    /// # Errors
    /// [`TestkitError::TransportSetup`].
    pub fn new() -> Result<Self, TestkitError> {
        Ok(Self { line: Line::of_this_machine()?, phones: Vec::new() })
    }

    /// The same over a transport and by a clock of one's own.
    #[must_use]
    pub fn over(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { line: Line::new(transport, clock), phones: Vec::new() }
    }

    /// Opens a registration link, and says whose it was. A registration of the same user at the same application replaces the
    /// older one.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register(&mut self, link: &RegistrationLink) -> Result<UserToken, TestkitError> {
        let new = VirtualPhone::register_on(self.line.clone(), link).await?;
        let user = new.user().clone();
        let application = &new.record().service.service_id;
        self.phones.retain(|old| *old.user() != user || old.record().service.service_id != *application);
        self.phones.push(new);
        Ok(user)
    }

    /// Shows a user by this name from now on.
    pub fn rename(&mut self, user: &UserToken, name: &str) {
        for phone in self.phones.iter_mut().filter(|phone| phone.user() == user) {
            phone.rename(name);
        }
    }

    /// Whom it stands for, oldest registration first.
    #[must_use]
    pub fn users(&self) -> &[VirtualPhone] {
        &self.phones
    }

    /// Its side that stands for this user; the newest, if several applications know the same.
    #[must_use]
    pub fn user(&self, user: &UserToken) -> Option<&VirtualPhone> {
        self.phones.iter().rev().find(|phone| phone.user() == user)
    }

    /// Forgets a user and tells nobody. Whether there was one.
    pub fn lose(&mut self, user: &UserToken) -> bool {
        let before = self.phones.len();
        self.phones.retain(|phone| phone.user() != user);
        self.phones.len() < before
    }

    /// All that it knows, as JSON. **It holds the phone's secrets in clear**: whoever has it is the user.
    #[must_use]
    pub fn to_json_with_secrets(&self) -> String {
        let records: Vec<_> = self.phones.iter().map(VirtualPhone::record).collect();
        serde_json::to_string_pretty(&records).unwrap_or_default()
    }

    /// Takes over what [`Phone::to_json_with_secrets`] gave, in addition to what it knows.
    ///
    /// # Errors
    /// [`TestkitError::BadState`].
    pub fn restore(&mut self, json: &str) -> Result<(), TestkitError> {
        let records: Vec<DeviceRecord> = serde_json::from_str(json)
            .map_err(|error| TestkitError::BadState { line: error.line(), column: error.column() })?;
        let restored = records.into_iter().map(|record| VirtualPhone::from_record(record, self.line.clone()));
        self.phones.extend(restored);
        Ok(())
    }
}
