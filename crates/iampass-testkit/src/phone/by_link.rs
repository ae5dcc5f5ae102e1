//! A virtual phone in the very browser where its user signs in: the login page leads to it by a link, and it leads back.

use iampass_core::wire::AuthenticationRequest;
use iampass_phone::{Brought, PhoneError, Scan, calls};

use super::{VirtualPhone, answer};
use crate::TestkitError;

impl VirtualPhone {
    /// Opens the link by which a login page leads to IAMPASS in its own browser, and accepts: the address that this browser is sent to. The login waits
    /// until it is there. Empty where the service sends it nowhere.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` with `WRONG_CODE` when the link is of no question of this user.
    pub async fn accept_by_link(&self, link: &str) -> Result<String, TestkitError> {
        let request = self.account().bring(&self.brought(link)?).await?;
        Ok(self.accept_and_go_back(&request, link).await?.unwrap_or_default())
    }

    /// *Accept* of a question that was brought by a link or a QR code: the address that the browser of the login is sent to then. None where the
    /// service sends it nowhere, as after a QR code.
    ///
    /// # Errors
    /// As [`VirtualPhone::accept_with_code`].
    pub async fn accept_and_go_back(
        &self,
        request: &AuthenticationRequest,
        text: &str,
    ) -> Result<Option<String>, TestkitError> {
        let yes = answer::yes(&request.identify.requested_data);
        let yes = calls::with_brought(self.account().registration(), yes, &self.brought(text)?)?;
        self.show(request).await?;
        let return_to = self.account().answer_and_go_back(request, &yes).await?;
        Ok(return_to.map(|address| address.expose().to_owned()))
    }

    fn brought(&self, text: &str) -> Result<Brought, TestkitError> {
        let server = self.account().registration().server();
        Ok(Scan::parse(text, [server]).map_err(PhoneError::from)?.into())
    }
}
