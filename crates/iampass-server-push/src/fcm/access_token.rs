//! [`AccessTokens`]: the token that Google's servers take, fetched once and used until shortly before its end.

use std::fmt;
use std::time::Duration;

use http::Request;
use http::header::CONTENT_TYPE;
use iampass_core::{Secret, UnixSeconds};
use iampass_server_domain::push::{PushError, PushErrorKind};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::service_account::ServiceAccount;
use crate::http_client::HttpClient;

/// So long before its end a token is renewed.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(300);
/// After a failure nobody is asked for so long: pushes that wait would ask one after the other.
const QUIET_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The token, and the account that it is asked for with.
pub(super) struct AccessTokens {
    account: ServiceAccount,
    http: HttpClient,
    /// Held while a token is fetched, so that it is fetched once.
    state: Mutex<State>,
}

enum State {
    Nothing,
    Token { value: Secret, use_until: UnixSeconds },
    Failed { error: PushError, quiet_until: UnixSeconds },
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl AccessTokens {
    pub(super) fn new(account: ServiceAccount, http: HttpClient) -> Self {
        Self { account, http, state: Mutex::new(State::Nothing) }
    }

    pub(super) const fn account(&self) -> &ServiceAccount {
        &self.account
    }

    /// A token that is good for some minutes yet.
    pub(super) async fn get(&self, now: UnixSeconds) -> Result<Secret, PushError> {
        let mut state = self.state.lock().await;
        match &*state {
            State::Token { value, use_until } if now < *use_until => return Ok(value.clone()),
            State::Failed { error, quiet_until } if now < *quiet_until => return Err(*error),
            _ => {}
        }
        match self.fetch(now).await {
            Ok((value, use_until)) => {
                *state = State::Token { value: value.clone(), use_until };
                Ok(value)
            }
            Err(error) => {
                let quiet = QUIET_AFTER_FAILURE.max(error.retry_after().unwrap_or_default());
                *state = State::Failed { error, quiet_until: now.plus(quiet) };
                Err(error)
            }
        }
    }

    /// Forgets a token that was refused, unless there is a newer one already.
    pub(super) async fn refused(&self, token: &Secret) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Token { value, .. } if value.expose() == token.expose()) {
            *state = State::Nothing;
        }
    }

    async fn fetch(&self, now: UnixSeconds) -> Result<(Secret, UnixSeconds), PushError> {
        use PushErrorKind as K;
        let body = self.account.assertion(now).ok_or(K::NotSendable)?;
        let request = Request::post(self.account.token_url.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())
            .map_err(|_| K::NotSendable)?;
        let answer = self.http.send(request, now).await?;
        match answer.status.as_u16() {
            200 => {}
            300..=399 => return Err(K::Redirected.into()),
            408 | 429 | 503 => return Err(answer.error(K::Busy)),
            500..=599 => return Err(answer.error(K::Broken)),
            // `invalid_grant` comes with 400: the key was withdrawn, or the clock is off.
            _ => return Err(K::Unauthorized.into()),
        }
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| K::Broken)?;
        let life = Duration::from_secs(granted.expires_in);
        // A token that lives only for minutes is used for half of its life.
        let used = life.saturating_sub(RENEWED_BEFORE_END).max(life / 2);
        Ok((Secret::new(granted.access_token), now.plus(used)))
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokens").field("account", &self.account).finish_non_exhaustive()
    }
}
