//! A sealed value that tells whether the data is sealed by a given master key.

use super::sealing::Sealer;
use super::{Sealed, StorageError, Tx};

/// A value that opens only with the right master key.
pub(super) const CHECK: &str = "master key";

/// Whether the master key is the one that this data is sealed with; the first one that comes is.
///
/// # Errors
/// [`StorageError::WrongMasterKey`] when it is not.
pub(super) async fn check_master_key(tx: &mut Tx<'_>) -> Result<(), StorageError> {
    let found = tx.query_one("SELECT value FROM settings WHERE name = ?1", &[CHECK.into()]).await?;
    if let Some(found) = found {
        return check_seal(tx.sealer(), found.bytes(0)?);
    }
    let sealed = tx.seal(Sealed::Setting, CHECK, "right")?;
    tx.execute(
        "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        &[CHECK.into(), (&sealed).into()],
    )
    .await?;
    Ok(())
}

/// The same for the value as it is stored.
///
/// # Errors
/// [`StorageError::WrongMasterKey`].
pub(super) fn check_seal(sealer: &Sealer, sealed: &[u8]) -> Result<(), StorageError> {
    sealer.open(Sealed::Setting, CHECK, sealed).map(drop)
}
