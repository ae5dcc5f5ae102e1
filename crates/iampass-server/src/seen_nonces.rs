//! [`SeenNonces`]: the nonces that this node remembers, so that no signed request is taken twice.
//!
//! Belongs here: the window in memory, and the lines about it in the log. Does not belong here: the rule ([`iampass_core::signing::ReplayWindow`]), and
//! how nonces are stored ([`iampass_server_storage`]).

use std::sync::{Mutex, MutexGuard, PoisonError};

use iampass_core::UnixSeconds;
use iampass_core::signing::{Presented, Refusal, ReplayWindow};
use iampass_server_storage::{Database, NonceShare};

use crate::once_a_minute::OnceAMinute;
use crate::{ServerError, ServiceConfig};

/// The nonces that have been used. They are locked for a look-up only, never across a wait.
pub(crate) struct SeenNonces {
    window: Mutex<ReplayWindow>,
    most: usize,
    told_full: OnceAMinute,
}

impl SeenNonces {
    /// With those of the store that could still be replayed.
    pub(crate) async fn stored(
        database: &Database,
        config: &ServiceConfig,
        now: UnixSeconds,
    ) -> Result<Self, ServerError> {
        let (length, most) = (config.signature_window, config.limits.remembered_nonces);
        let oldest = UnixSeconds(now.0.saturating_sub(length.as_secs()));
        let used = database.used_nonces(database.forgotten_nonces(oldest).await?)?;
        let (window, without_room) = ReplayWindow::after_restart(length, most, used, now);
        if without_room > 0 {
            tracing::warn!(
                without_room,
                limit = most,
                "more nonces are stored than are to be remembered: requests are refused until their timestamps have left the window"
            );
        }
        Ok(Self { window: Mutex::new(window), most, told_full: OnceAMinute::default() })
    }

    /// Takes a nonce that was not taken before.
    pub(crate) fn accept(
        &self,
        share: NonceShare,
        presented: &Presented<'_>,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        let accepted = self.window().accept_in(share.into(), presented, now);
        // Once a minute, however many requests are refused for it.
        if matches!(accepted, Err(Refusal::WindowFull)) && self.told_full.is_due(now) {
            tracing::warn!(
                limit = self.most,
                "no room for more nonces: requests are refused until the window moves on, or `limits.remembered_nonces` is raised"
            );
        }
        accepted
    }

    /// Forgets a nonce again that was taken for a call of which nothing has come.
    pub(crate) fn take_back(&self, presented: &Presented<'_>) {
        self.window().take_back(presented.id(), presented.nonce(), presented.timestamp());
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.window().len()
    }

    /// Whether nonces of this time have been forgotten, so that calls of this time are refused.
    pub(crate) fn has_forgotten(&self, now: UnixSeconds) -> bool {
        self.window().has_forgotten(now)
    }

    /// Until when calls are refused because nonces of their time have been forgotten. None where they are taken.
    pub(crate) fn forgotten_until(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        self.window().forgotten_until(now)
    }

    /// Forgets those that cannot be replayed any more.
    pub(crate) fn forget_expired(&self, now: UnixSeconds) {
        self.window().forget_expired(now);
    }

    fn window(&self) -> MutexGuard<'_, ReplayWindow> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
