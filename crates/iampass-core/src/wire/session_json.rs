//! Sessions as the published Python client stores them.

use serde::{Deserialize, Serialize};

use super::SessionStatus;
use crate::Secret;

/// A session in the JSON form of the published Python client's `Session.Schema()` \[P\], so that a team can move over while
/// sessions live: import with [`crate::Session::from_json`], export with [`crate::Session::to_json`].
///
/// It holds the session's secret in clear: keep it where the Python client's was kept, and nowhere else.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionJson {
    /// Signs, with the secret, the calls to the two URLs.
    #[serde(default)]
    pub session_token: Option<String>,
    /// Belongs to the token.
    #[serde(default, serialize_with = "Secret::serialize_exposed_option")]
    pub session_secret: Option<Secret>,
    /// To be called at logout.
    #[serde(default)]
    pub logout_url: Option<String>,
    /// To be asked for the state.
    #[serde(default)]
    pub status_url: Option<String>,
    /// Why it was not started.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// The state when it was last asked for. It is what was, never what is: ask before letting anybody in.
    pub session_status: SessionStatus,
    /// Where changes of the state are reported \[X\]. The Python client refuses a form with a key that it does not know, so
    /// [`crate::Session::to_json`] leaves it out; [`crate::Session::to_own_json`] does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_stream_url: Option<String>,
}
