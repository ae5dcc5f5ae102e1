//! Several phones of one user: what the person does about them on this one.

use iampass_core::wire::{PhoneLink, PhoneList, RecoveryCodes, WaitingAnswer};
use iampass_core::{DeviceId, Secret};

use super::Account;
use crate::call::ToSign;
use crate::{PhoneError, answers, phone_calls};

impl Account {
    /// The phones of the user, the one that waits to be confirmed, and what became of them lately.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`iampass_core::wire::Reason::PhoneWaits`] while this phone waits itself.
    pub async fn phones(&self) -> Result<PhoneList, PhoneError> {
        let call = phone_calls::phones(self.registration())?;
        self.ports().send(&call, answers::read_phones).await
    }

    /// Confirms the phone that waits by the code that it shows.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`iampass_core::wire::Reason::WrongCode`]: the third one ends its waiting.
    pub async fn confirm_phone(&self, phone: &DeviceId, code: &Secret) -> Result<PhoneList, PhoneError> {
        let now = self.ports().clock.now().wall;
        self.change_phones(phone_calls::confirm_phone(self.registration(), phone, code, now)?).await
    }

    /// Does not let the phone in that waits.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn deny_phone(&self, phone: &DeviceId) -> Result<PhoneList, PhoneError> {
        let now = self.ports().clock.now().wall;
        self.change_phones(phone_calls::deny_phone(self.registration(), phone, now)?).await
    }

    /// Gives a phone a name.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn name_phone(&self, phone: &DeviceId, name: &str) -> Result<PhoneList, PhoneError> {
        let now = self.ports().clock.now().wall;
        self.change_phones(phone_calls::name_phone(self.registration(), phone, name, now)?).await
    }

    /// Removes a phone. Its sessions end.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn remove_phone(&self, phone: &DeviceId) -> Result<PhoneList, PhoneError> {
        let now = self.ports().clock.now().wall;
        self.change_phones(phone_calls::remove_phone(self.registration(), phone, now)?).await
    }

    /// Makes a link for one more phone, which waits to be confirmed once it has opened the link.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn add_phone(&self) -> Result<PhoneLink, PhoneError> {
        let call = phone_calls::add_phone(self.registration(), self.ports().clock.now().wall)?;
        let call = self.ports().sign(call, self.registration().device_key()).await?;
        self.ports().send(&call, answers::read_phone_link).await
    }

    /// Makes new recovery codes, which are shown to the person once.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub async fn make_recovery_codes(&self) -> Result<RecoveryCodes, PhoneError> {
        let call = phone_calls::make_recovery_codes(self.registration(), self.ports().clock.now().wall)?;
        let call = self.ports().sign(call, self.registration().device_key()).await?;
        self.ports().send(&call, answers::read_recovery_codes).await
    }

    /// Asks whether this phone, which was added, is confirmed.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`iampass_core::wire::Reason::UnknownDevice`] when it was denied, or its time is up.
    pub async fn waiting(&self) -> Result<WaitingAnswer, PhoneError> {
        let call = phone_calls::waiting(self.registration())?;
        self.ports().send(&call, answers::read_waiting).await
    }

    /// Lets this phone in, which was added, by a recovery code.
    ///
    /// # Errors
    /// [`PhoneError`]; `Refused` with [`iampass_core::wire::Reason::WrongRecoveryCode`].
    pub async fn recover(&self, recovery_code: &Secret) -> Result<WaitingAnswer, PhoneError> {
        let now = self.ports().clock.now().wall;
        let call = phone_calls::recover(self.registration(), recovery_code, now)?;
        let call = self.ports().sign(call, self.registration().device_key()).await?;
        self.ports().send(&call, answers::read_waiting).await
    }

    async fn change_phones(&self, change: ToSign) -> Result<PhoneList, PhoneError> {
        let call = self.ports().sign(change, self.registration().device_key()).await?;
        self.ports().send(&call, answers::read_phones).await
    }
}
