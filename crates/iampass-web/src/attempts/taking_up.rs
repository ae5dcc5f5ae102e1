//! Giving an accepted session to its browser. Belongs here: which browser that is.

use iampass_core::port::StoreError;

use super::{AttemptId, Attempts, Phase};
use crate::came_back::BackSecret;

impl Attempts {
    /// A browser has come back from IAMPASS on the same device: the login is that browser's alone. `false`: another one came first, or nobody waits
    /// for an answer.
    pub(crate) async fn came_back(&self, id: &AttemptId, browser: &BackSecret) -> Result<bool, StoreError> {
        self.is_changed(id, |attempt| {
            let is_first = attempt.back.is_none() && matches!(attempt.phase, Phase::Asked { .. });
            if is_first {
                attempt.back = Some(browser.digest());
            }
            is_first
        })
        .await
    }

    /// Gives the accepted session to the attempt's browser. `false`: nobody gets in by this attempt, or its browser has the session already.
    pub(crate) async fn take_up(
        &self,
        id: &AttemptId,
        browser: Option<&BackSecret>,
    ) -> Result<bool, StoreError> {
        let now = self.entries.now();
        self.is_changed(id, |attempt| match &attempt.phase {
            _ if !attempt.is_of_browser(browser) => false,
            // An answer that came after its time is none.
            Phase::Asked { .. } if attempt.until <= now => false,
            Phase::Asked { session } | Phase::Answered { session } => {
                let phase = Phase::TakenUp { session: session.clone() };
                attempt.close(phase, now);
                true
            }
            _ => false,
        })
        .await
    }
}
