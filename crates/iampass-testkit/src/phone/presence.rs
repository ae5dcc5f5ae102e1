//! A virtual phone that says that it is near or away.

use std::time::Duration;

use iampass_core::wire::PresenceAnswer;
use iampass_phone::Presence;

use super::VirtualPhone;
use crate::TestkitError;

impl VirtualPhone {
    /// Is near, and promises to be for so long from now: its sessions are `active`, but for those that its user has locked. None where the
    /// application does not want to know it.
    ///
    /// # Errors
    /// [`TestkitError`]; `Refused` with `INVALID_PARAMETER` for less than 10 s or more than an hour.
    pub async fn say_near(&self, promised: Duration) -> Result<Option<PresenceAnswer>, TestkitError> {
        match self.presence().await? {
            Some(presence) => Ok(Some(presence.near(promised).await?)),
            None => Ok(None),
        }
    }

    /// Is away: its active sessions become `walkaway` at once. None where the application does not want to know it.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn say_away(&self) -> Result<Option<PresenceAnswer>, TestkitError> {
        match self.presence().await? {
            Some(presence) => Ok(Some(presence.away().await?)),
            None => Ok(None),
        }
    }

    /// The way to say either, which is asked for once. None where the application does not want to know it.
    ///
    /// # Errors
    /// [`TestkitError`].
    pub async fn presence(&self) -> Result<Option<Presence>, TestkitError> {
        Ok(self.account().presence().await?)
    }
}
