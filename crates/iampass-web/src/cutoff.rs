//! The instant before which a user's sessions are worth nothing. Belongs here: ending what is in no list yet.
//!
//! A session that was given to a browser is not in use before the browser has come back with it, and so in no list of sessions. *Log out
//! everywhere* ends it all the same: its first use looks here.

use std::time::Duration;

use iampass_core::port::{SessionRecord, SharedKey, StoreError};
use iampass_core::{UnixMillis, UserToken};
use serde::{Deserialize, Serialize};

use crate::shared_entry::{Change, SharedEntries};

/// For how long it is remembered: longer than a session can wait for its first use.
const REMEMBERED: Duration = Duration::from_secs(3_600);

#[derive(Serialize, Deserialize)]
struct Cutoff {
    at: UnixMillis,
}

fn key(user: &UserToken) -> SharedKey {
    SharedKey::new("cutoff", user.as_str().as_bytes())
}

/// Ends all sessions of this user that no browser has used yet.
pub(crate) async fn end_unused(entries: &SharedEntries, user: &UserToken) -> Result<(), StoreError> {
    let at = entries.now();
    let expires_at = at.plus(REMEMBERED);
    entries
        .update(&key(user), |_: Option<Cutoff>| Change::Put { value: Cutoff { at }, expires_at, told: () })
        .await
}

/// Whether this session, which no browser has used yet, was ended by it.
pub(crate) async fn is_ended(entries: &SharedEntries, record: &SessionRecord) -> Result<bool, StoreError> {
    let cutoff: Option<Cutoff> = entries.load(&key(&record.user)).await?;
    Ok(cutoff.is_some_and(|cutoff| record.started_at <= cutoff.at.seconds()))
}
