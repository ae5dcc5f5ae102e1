//! The ceremonies by which unlock credentials are made and used: each state is sealed, so that any node can go on, and used once.
//!
//! Belongs here: their states, and using one up. Does not belong here: the credentials themselves ([`super::unlocks`]).

use super::{DeviceKey, Sealed, SessionKey, StorageError, Tx};

/// The state of a ceremony: made with its challenge, read when the authenticator has answered, and used once.
#[derive(Clone)]
pub struct UnlockCeremony {
    /// The state, as JSON.
    pub state: String,
    /// As it is stored, so that it is taken away only if it is still there.
    pub(super) seal: Vec<u8>,
}

impl std::fmt::Debug for UnlockCeremony {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnlockCeremony").finish_non_exhaustive()
    }
}

/// An unlocking that was verified: it counts if nothing has changed since.
#[derive(Clone, Debug)]
pub struct Unlocked {
    /// The challenge that was answered.
    pub ceremony: UnlockCeremony,
    /// The credential that answered.
    pub credential_id: Vec<u8>,
    /// The count that its authenticator has given.
    pub counter: u32,
    /// Whether it is backed up.
    pub backed_up: bool,
}

/// Uses up a challenge, and moves the credential's counter on. False when the challenge was used or replaced since it was read, or the counter
/// has come as far in the meantime: then nothing was proven.
pub(super) async fn use_up(
    tx: &mut Tx<'_>,
    session: SessionKey,
    device: Option<DeviceKey>,
    unlocked: &Unlocked,
) -> Result<bool, StorageError> {
    let Unlocked { ceremony, credential_id, counter, backed_up } = unlocked;
    let sql = "UPDATE sessions SET unlock_challenge = NULL WHERE key = ?1 AND unlock_challenge = ?2";
    if tx.execute(sql, &[session.into(), (&ceremony.seal).into()]).await? == 0 {
        return Ok(false);
    }
    // An authenticator that does not count says 0 always.
    let sql = "UPDATE unlock_credentials SET counter = ?3, backed_up = ?4
               WHERE device_key = coalesce(?5, (SELECT device_key FROM sessions WHERE key = ?1)) AND credential_id = ?2
               AND (counter < ?3 OR (counter = 0 AND ?3 = 0))";
    let values = [
        session.into(),
        credential_id.as_slice().into(),
        i64::from(*counter).into(),
        i64::from(*backed_up).into(),
        device.into(),
    ];
    Ok(tx.execute(sql, &values).await? > 0)
}

pub(super) fn opened(
    tx: &Tx<'_>,
    kind: Sealed,
    owner: &str,
    seal: &[u8],
) -> Result<UnlockCeremony, StorageError> {
    let state = tx.open(kind, owner, seal)?.expose().to_owned();
    Ok(UnlockCeremony { state, seal: seal.to_vec() })
}
