//! [`SessionCookie`]: the content of a session cookie.

use iampass_core::port::SessionRecord;
use iampass_core::wire::SessionJson;
use iampass_core::{SessionToken, UnixSeconds, UserToken};
use serde::{Deserialize, Serialize};

/// The content of a session cookie, sealed.
#[derive(Serialize, Deserialize)]
pub(super) enum SessionCookie {
    /// The name of a session in the store.
    Stored(SessionToken),
    /// The session itself.
    Sealed { session: SessionJson, user: UserToken, started_at: UnixSeconds, expires_at: UnixSeconds },
}

/// The session cookie of a request, opened.
pub(super) enum Opened {
    /// The name of a session in the store.
    Stored(SessionToken),
    /// The session itself.
    Sealed(SessionRecord),
    /// It is of no use, here or on any other node that is set up like this one: its key was taken away, it is of another service or of
    /// another mode, or nobody of us made it.
    Unusable,
}
