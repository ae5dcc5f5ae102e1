//! The things that a backup must not bring back: it does not know the changes since it was made.
//!
//! A session that was logged out since would be active again, a link that was used could be used again, and a phone that was lost would be
//! registered again. The first two are ended here, links into the Console among them; the third only people know.

use std::path::Path;

use super::forgotten_nonces::FORGET_TIMES;
use super::{Database, DatabaseUrl, MasterKeySource, StorageError, postgres};

/// Nonces that were used since are missing, so the times of which there are all are not known any more.
const FORGET: [&str; 3] = ["DELETE FROM links", "DELETE FROM console_links", FORGET_TIMES];

/// In SQL, to be run in the transaction that brings the backup back.
const STATEMENTS: [&str; 4] = [
    "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = floor(extract(epoch FROM now()))::bigint
     WHERE ended_at IS NULL",
    FORGET[0],
    FORGET[1],
    FORGET[2],
];

/// Puts a backup in the place of what is in the PostgreSQL of this URL, in one transaction, and unless told otherwise ends its sessions and links in
/// it.
///
/// # Errors
/// [`StorageError::Program`], and those of reading the backup; then the database is as it was.
pub fn restore_postgres(
    url: &DatabaseUrl,
    keys: &MasterKeySource,
    from: &Path,
    keep_sessions: bool,
) -> Result<(), StorageError> {
    postgres::restore(url, keys, from, if keep_sessions { &[] } else { &STATEMENTS })
}

impl Database {
    /// Ends all sessions and links; how many sessions.
    pub async fn end_what_was_restored(&self) -> Result<u64, StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = ?1 WHERE ended_at IS NULL";
                let ended = tx.execute(sql, &[now.into()]).await?;
                for forget in FORGET {
                    tx.execute(forget, &[]).await?;
                }
                Ok(ended)
            })
        })
        .await
    }
}
