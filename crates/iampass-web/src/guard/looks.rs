//! Looking at the stores again while a session is in use. The service knows nothing of a row that was deleted, of a user's token that was
//! taken away, or of a logout that another node was asked for. Belongs here: what is looked at. Does not belong here:
//! when it is looked ([`super::look_times`]), and the service's answers ([`super::watcher`]).

use std::time::Duration;

use iampass_core::Error;
use iampass_core::client::Client;
use iampass_core::port::{StoreError, StoreErrorKind};

use super::live::LiveSession;
use super::look_times::Found;
use crate::config::SessionMode;

/// How long one look may take.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Looks at the session's row and at its user's token.
pub(super) async fn look(client: Client, mode: SessionMode, live: std::sync::Arc<LiveSession>) -> Found {
    let looked = async {
        let session = in_store(&client, mode, &live).await?;
        if session != Found::InUse {
            return Ok(session);
        }
        let Some(tokens) = client.token_store() else { return Ok(Found::UserChanged) };
        let user = tokens.user_for(live.user_token()).await?;
        Ok(if user.as_ref() == Some(live.user()) { Found::InUse } else { Found::UserChanged })
    };
    let looked: Result<Result<Found, Error>, _> = tokio::time::timeout(LONGEST_LOOK, looked).await;
    match looked {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a session in use cannot be looked at again; it is tried again");
            Found::Nothing
        }
        Err(_) => {
            tracing::warn!(
                "the store takes too long to say whether a session is still in use; it is asked again"
            );
            Found::Nothing
        }
    }
}

async fn in_store(client: &Client, mode: SessionMode, live: &LiveSession) -> Result<Found, Error> {
    if mode == SessionMode::Sealed {
        // The cookie holds the session itself; the store knows whether it is in use.
        let kept = client.claim_session_again(&live.session()).await?;
        return Ok(if kept.is_in_use() { Found::InUse } else { Found::Gone });
    }
    match client.load_session(live.token()).await {
        Ok(Some(record)) if record.logout_due.is_none() => Ok(Found::InUse),
        Ok(Some(_)) => Ok(Found::LogoutRequested),
        Ok(None) => Ok(Found::Gone),
        Err(error) if is_unreadable(&error) => Ok(Found::Unreadable),
        Err(error) => Err(error),
    }
}

/// Whether a session is there that nobody can read here: its key was taken away, or it is of another service.
pub(super) fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::Store(error) if StoreError::kind(error) == StoreErrorKind::Unreadable)
}
