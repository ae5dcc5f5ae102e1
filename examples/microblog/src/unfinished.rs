//! Sign-ups that were never finished. Belongs here: giving the name free again. For how long it is held is said in [`crate::users`].

use iampass::core::port::BoxError;
use iampass::{Error, Reason};

use crate::login::{Login, key};
use crate::users::{User, Users};

/// Ends a sign-up for which no phone was registered, so that the name is free. `false` if one was, or if somebody has just logged in.
///
/// # Errors
/// When the service or the database does not say; nothing has changed then.
pub(crate) async fn give_up(login: &Login, users: &Users, user: &User) -> Result<bool, BoxError> {
    let client = login.client();
    let Some(tokens) = client.token_store() else { return Ok(false) };
    let token = tokens.token_for(&key(user)).await?;
    if let Some(token) = &token {
        match client.has_registered_device(token).await {
            Ok(true) => return Ok(false),
            Ok(false) => {}
            // It never came to it.
            Err(Error::Status { reason: Some(Reason::UnknownUser), .. })
            | Err(Error::Declined { reason: Some(Reason::UnknownUser), .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // With the user goes the token: a link for it that is opened from now on leads into nobody's account.
    if !users.give_up(user.id).await? {
        return Ok(false);
    }
    if let Some(token) = token
        && let Err(error) = client.delete_users(&[token]).await
    {
        tracing::warn!(%error, "the service keeps a user whom nobody can log in as");
    }
    Ok(true)
}
