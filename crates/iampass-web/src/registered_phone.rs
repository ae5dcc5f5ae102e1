//! Whether a user has a phone, as the service says. Belongs here: asking, and how seldom. Does not belong here: the phones themselves, which users see
//! on each of them.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::{Now, UserToken};
use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::pages::RegisteredPhone;

/// For how long an answer holds: however often a user loads the page, the service is asked once in that time.
const HOLDS: Duration = Duration::from_secs(10);

/// How long the page waits for the service.
const WAIT: Duration = Duration::from_secs(3);

/// The users whose answers are kept at once.
const USERS: u64 = 10_000;

/// The last answer for one user.
type Answer = Arc<Mutex<Option<(Now, RegisteredPhone)>>>;

/// The answers of the service.
pub(crate) struct RegisteredPhones {
    answers: Cache<UserToken, Answer>,
}

impl Default for RegisteredPhones {
    fn default() -> Self {
        Self { answers: Cache::builder().max_capacity(USERS).time_to_idle(HOLDS).build() }
    }
}

impl RegisteredPhones {
    /// Whether this user has a phone. Of several who ask at once one asks the service.
    pub(crate) async fn of(&self, client: &Client, user: &UserToken) -> RegisteredPhone {
        let answer = self.answers.get_with(user.clone(), Answer::default);
        let mut answer = answer.lock().await;
        let now = client.now();
        if let Some((asked_at, known)) = *answer
            && now.mono.since(asked_at.mono) < HOLDS
        {
            return known;
        }
        let known = match tokio::time::timeout(WAIT, client.has_registered_device(user)).await {
            Ok(Ok(true)) => RegisteredPhone::Yes,
            Ok(Ok(false)) => RegisteredPhone::No,
            Ok(Err(error)) => {
                tracing::warn!(%error, "it is not known whether a user has a phone");
                RegisteredPhone::Unknown
            }
            Err(_) => RegisteredPhone::Unknown,
        };
        *answer = Some((now, known));
        known
    }
}
