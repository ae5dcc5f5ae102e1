//! [`Phone`]: one phone for several users, with a state that can be stored.

use std::sync::Arc;

use iampass_core::port::{Clock, HttpTransport};
use iampass_core::wire::AuthenticationRequest;
use iampass_core::{RegistrationLink, UserToken};
use iampass_phone::{PhoneClient, PhoneError, Registration, Scan, bring_scan};

use super::{VirtualPhone, client};
use crate::TestkitError;

/// A phone that stands for several users, as one that is shared or that belongs to somebody with several accounts.
#[derive(Debug)]
pub struct Phone {
    client: PhoneClient,
    phones: Vec<VirtualPhone>,
}

impl Phone {
    /// A new phone that stands for nobody, over reqwest.
    ///
    /// # Errors
    /// [`TestkitError::TransportSetup`].
    pub fn new() -> Result<Self, TestkitError> {
        Ok(Self { client: client::of_this_machine()?, phones: Vec::new() })
    }

    /// The same over a transport and by a clock of one's own.
    #[must_use]
    pub fn over(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { client: client::over(transport, clock), phones: Vec::new() }
    }

    /// Opens a registration link with a device key, and says whose it was. A registration of the same user at the same application replaces
    /// the older one.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register(&mut self, link: &RegistrationLink) -> Result<UserToken, TestkitError> {
        let new = VirtualPhone::register_on(&self.client, link).await?;
        Ok(self.replace(new))
    }

    /// The same as a phone of before, without a device key.
    ///
    /// # Errors
    /// As [`VirtualPhone::register`].
    pub async fn register_shared(&mut self, link: &RegistrationLink) -> Result<UserToken, TestkitError> {
        let new = VirtualPhone::register_shared_on(&self.client, link).await?;
        Ok(self.replace(new))
    }

    fn replace(&mut self, new: VirtualPhone) -> UserToken {
        let user = new.user().clone();
        let application = &new.record().service.service_id;
        self.phones.retain(|old| *old.user() != user || old.record().service.service_id != *application);
        self.phones.push(new);
        user
    }

    /// Shows a user by this name from now on.
    pub fn rename(&mut self, user: &UserToken, name: &str) {
        for phone in self.phones.iter_mut().filter(|phone| phone.user() == user) {
            phone.account_mut().rename(name);
        }
    }

    /// Forgets the code by which another phone confirms this one for a user: it is one of that user's phones now.
    pub fn confirmed(&mut self, user: &UserToken) {
        for phone in self.phones.iter_mut().filter(|phone| phone.user() == user) {
            phone.account_mut().confirmed();
        }
    }

    /// The users that it stands for, oldest registration first.
    #[must_use]
    pub fn users(&self) -> &[VirtualPhone] {
        &self.phones
    }

    /// Its side that stands for this user; the newest, if several applications know the same.
    #[must_use]
    pub fn user(&self, user: &UserToken) -> Option<&VirtualPhone> {
        self.phones.iter().rev().find(|phone| phone.user() == user)
    }

    /// Brings the text of a QR code for the user that it belongs to, and says for whom it was and which question it belongs to.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` with `WRONG_CODE` when it belongs to none of its users, `Phone` with [`PhoneError::WhichAccount`] when it could
    /// belong to several.
    pub async fn bring_scan(
        &self,
        text: &str,
    ) -> Result<(&VirtualPhone, AuthenticationRequest), TestkitError> {
        let accounts = || self.phones.iter().map(VirtualPhone::account);
        let known = accounts().map(|account| account.registration().server());
        let scan = Scan::parse(text, known).map_err(PhoneError::from)?;
        let (account, request) = bring_scan(accounts(), &scan).await?;
        let meant = self.phones.iter().find(|phone| std::ptr::eq(phone.account(), account));
        // The account is one of these phones'.
        Ok((meant.ok_or(TestkitError::NothingAsked)?, request))
    }

    /// Forgets a user and tells nobody. Whether there was one.
    pub fn lose(&mut self, user: &UserToken) -> bool {
        let before = self.phones.len();
        self.phones.retain(|phone| phone.user() != user);
        self.phones.len() < before
    }

    /// All that it knows, as JSON. **It holds the phone's secrets and keys in clear**: whoever has it is the user.
    #[must_use]
    pub fn to_json_with_secrets(&self) -> String {
        let registrations: Vec<_> = self.phones.iter().map(|phone| phone.account().registration()).collect();
        serde_json::to_string_pretty(&registrations).unwrap_or_default()
    }

    /// Takes over what [`Phone::to_json_with_secrets`] gave, in addition to what it knows. A state of before has no keys, and its phones go on
    /// without.
    ///
    /// # Errors
    /// [`TestkitError::BadState`].
    pub fn restore(&mut self, json: &str) -> Result<(), TestkitError> {
        let registrations: Vec<Registration> = serde_json::from_str(json)
            .map_err(|error| TestkitError::BadState { line: error.line(), column: error.column() })?;
        let restored = registrations
            .into_iter()
            .map(|registration| VirtualPhone::of(self.client.clone(), self.client.open(registration)));
        self.phones.extend(restored);
        Ok(())
    }
}
