//! Links for one more phone of a user, or for another one after a wait. Belongs here: making them. Does not belong here: a user's first phone ([`super::enrolment_flow`]).

use super::Client;
use crate::machine::answers::{read_adding_link, read_recovery_link, read_registration_link};
use crate::machine::{Call, Repeat, calls};
use crate::{Error, RegistrationLink, Secret, UnixSeconds, UserToken};

impl Client {
    /// A link that adds a phone to those that the user has \[X\]. The new phone waits for an hour at most until one of them, or a recovery code,
    /// confirms it. For a user who has no phone it is as good as [`Client::registration_link`].
    ///
    /// # Errors
    /// [`Error`]; [`Error::TooOld`] where the service does not know such links, so that its link would replace the phones that the user has.
    pub async fn adding_link(
        &self,
        user: &UserToken,
        display_name: Option<&str>,
    ) -> Result<RegistrationLink, Error> {
        let call = calls::adding_link(&self.inner.application, user, display_name)?;
        self.ask(call, read_adding_link).await
    }

    /// A link that adds a phone at once, in exchange for a recovery code of the user \[X\]. The code is used up by it. The link is good once, for an
    /// hour at most. The new phone changes nothing about the others for a day, and they can remove it.
    ///
    /// It is not repeated where the code may have been used already: the user takes another one then.
    ///
    /// # Errors
    /// [`Error`]; its [`reason`](Error::reason) is [`Reason::WrongRecoveryCode`](crate::wire::Reason::WrongRecoveryCode) for a text that is none of
    /// the user's codes or was used, [`Reason::UnknownUser`](crate::wire::Reason::UnknownUser), and
    /// [`Reason::TooManyPhones`](crate::wire::Reason::TooManyPhones) or [`Reason::PhoneKeyRequired`](crate::wire::Reason::PhoneKeyRequired) where no
    /// phone can be added. The code is used up by none of these.
    pub async fn recovery_link(
        &self,
        user: &UserToken,
        recovery_code: &Secret,
        display_name: Option<&str>,
    ) -> Result<RegistrationLink, Error> {
        let call = calls::recovery_link(&self.inner.application, user, recovery_code, display_name)?;
        self.run(Call::new(call, read_recovery_link, self.retry_policy(), Repeat::WhenSurelyNotDone)).await
    }

    /// [`Client::lost_device`] for a user who said at `asked_at` that the phone is lost, and had to wait since \[X\]. It does nothing where a phone of the user was registered, or
    /// has answered or changed something, after that: such a phone is not lost, or somebody else has asked. A service that does not know this
    /// does not look; this project's does.
    ///
    /// # Errors
    /// [`Error`]; with [`Reason::PhoneInUse`](crate::wire::Reason::PhoneInUse) when a phone was used.
    pub async fn lost_device_since(
        &self,
        user: &UserToken,
        asked_at: UnixSeconds,
    ) -> Result<RegistrationLink, Error> {
        let call = calls::lost_device_since(&self.inner.application, user, asked_at);
        self.ask(call, read_registration_link).await
    }
}
