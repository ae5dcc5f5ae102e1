//! Sign-ups that were never finished. Belongs here: making sure of that, and freeing the name. For how long a name is held is in `users`.

use iampass::core::port::BoxError;
use iampass::{Error, Reason, UserKey};

use crate::login::Login;
use crate::users::{User, Users};

/// Ends a sign-up for which no phone was registered, so that the name is free. `false` if one was, or if somebody has just logged in.
///
/// # Errors
/// When the service or the database does not say; nothing has changed then.
pub(crate) async fn give_up(login: &Login, users: &Users, user: &User) -> Result<bool, BoxError> {
    let client = login.client();
    let Some(tokens) = client.token_store() else { return Ok(false) };
    let token = tokens.token_for(&UserKey::from(user.id)).await?;
    if let Some(token) = &token {
        match client.has_registered_device(token).await {
            Ok(true) => return Ok(false),
            Ok(false) => {}
            // It never came to it.
            Err(
                Error::Status { reason: Some(Reason::UnknownUser), .. }
                | Error::Declined { reason: Some(Reason::UnknownUser), .. },
            ) => {}
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
