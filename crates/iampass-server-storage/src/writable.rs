//! Whether the store takes changes: a small one is made and taken back.
//!
//! Reading is not enough to be ready: a standby, a full disk, a role without rights and a commit that waits for a lost standby all let one read.

use iampass_core::UnixSeconds;
use iampass_server_domain::random;

use super::{StorageError, Tx};

/// Adds a nonce without an owner and deletes it. A random one, so that no node waits for another one's.
pub(super) async fn try_a_change(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    let nonce = random::hexadecimal::<8>()?;
    let values = [nonce.as_str().into(), 0.into(), UnixSeconds(0).into()];
    tx.execute("INSERT INTO nonces (id, nonce, timestamp) VALUES (?1, ?2, ?3)", &values).await?;
    tx.execute("DELETE FROM nonces WHERE id = ?1", &values[..1]).await?;
    Ok(())
}
