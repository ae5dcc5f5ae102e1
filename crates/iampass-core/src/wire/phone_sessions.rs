//! The sessions of a phone, as it lists them.

use serde::{Deserialize, Serialize};

use super::SessionStatus;
use crate::{ApplicationId, UnixSeconds, UserToken};

/// The answer of `active_sessions` \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActiveSessions {
    /// Sessions that this phone has opened and that have not ended, newest first.
    pub sessions: Vec<PhoneSession>,
    /// POST [`PresenceRequest`](super::PresenceRequest): the phone is near or away. None where the application does not want to know it, and
    /// from a service that does not take it \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_url: Option<String>,
}

/// A session as the phone that opened it sees it \[F\]\[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSession {
    /// A name for it; not the token that the application has.
    pub session_id: String,
    /// Where the user is logged in.
    pub application_id: ApplicationId,
    /// Where the user is logged in, for a person.
    pub application_name: String,
    /// As whom.
    pub user_id: UserToken,
    /// `active` or `walkaway`.
    pub session_status: SessionStatus,
    /// Since when.
    pub started_at: UnixSeconds,
    /// Until when.
    pub expires_at: UnixSeconds,
    /// Until when the phone has promised to be near: without a new word the session becomes `walkaway` then. None where it has promised nothing,
    /// and of a session that is away \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_until: Option<UnixSeconds>,
    /// POST: end it (remote logout).
    pub logout_url: String,
    /// POST: the phone leaves.
    pub walkaway_url: String,
    /// POST: the phone is back.
    pub return_url: String,
}
