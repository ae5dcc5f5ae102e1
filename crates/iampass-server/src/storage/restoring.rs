//! What a backup must not bring back: it does not know what has happened since it was made.
//!
//! A session that was logged out since would be active again, a link that was used could be used again, and a phone that was lost would be
//! registered again. The first two are ended here; the third only people know.

use super::{Database, StorageError};

/// In SQL, for whoever can run nothing else.
pub(super) const STATEMENTS: [&str; 2] = [
    "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = asked_at WHERE ended_at IS NULL",
    "DELETE FROM links",
];

impl Database {
    /// Ends all sessions and links; how many sessions.
    pub(crate) async fn end_what_was_restored(&self) -> Result<u64, StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = ?1 WHERE ended_at IS NULL";
                let ended = tx.execute(sql, &[now.into()]).await?;
                tx.execute("DELETE FROM links", &[]).await?;
                Ok(ended)
            })
        })
        .await
    }
}
