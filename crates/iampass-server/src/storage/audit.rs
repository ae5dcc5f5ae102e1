//! The audit log: who did what. It is only ever added to; the databases themselves refuse anything else.
//!
//! An entry is written in the transaction of what it tells of, so that neither is there without the other. Belongs here: changes that people
//! make, in the Console or by a command. Does not belong here: what applications and phones do by the APIs.

use iampass_core::UnixSeconds;

use super::{Database, Row, StorageError, Tx};

/// Who does something, and what it is: to be written down with it.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    /// The account, or the command line.
    pub(crate) actor: String,
    /// The application that it is about, by its id.
    pub(crate) application: Option<String>,
    /// A word such as `secret.rotated`.
    pub(crate) action: &'static str,
    /// Whom or what it was done to: never a secret, never a name of an end user (their tokens are opaque).
    pub(crate) subject: Option<String>,
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct AuditEntry {
    pub(crate) key: i64,
    pub(crate) at: UnixSeconds,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: Option<String>,
}

/// Writes an entry within the transaction of its change.
pub(crate) async fn note(tx: &mut Tx<'_>, noted: &Noted) -> Result<(), StorageError> {
    let at = tx.now();
    tx.execute(
        "INSERT INTO audit (at, application_id, actor, action, subject) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[
            at.into(),
            noted.application.as_deref().into(),
            noted.actor.as_str().into(),
            noted.action.into(),
            noted.subject.as_deref().into(),
        ],
    )
    .await?;
    Ok(())
}

impl Database {
    /// What was done to an application, the latest first: `most` of the entries before the entry `before`.
    pub(crate) async fn audit(
        &self,
        application: &str,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let application = application.to_owned();
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key, at, actor, action, subject FROM audit
                           WHERE application_id = ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3";
                let (before, most) = (before.unwrap_or(i64::MAX).into(), i64::from(most).into());
                let rows = tx.query(sql, &[(&application).into(), before, most]).await?;
                rows.iter().map(entry).collect()
            })
        })
        .await
    }
}

/// From the columns `key, at, actor, action, subject`.
pub(super) fn entry(row: &Row) -> Result<AuditEntry, StorageError> {
    Ok(AuditEntry {
        key: row.integer(0)?,
        at: row.seconds(1)?,
        actor: row.text(2)?.to_owned(),
        action: row.text(3)?.to_owned(),
        subject: row.optional_text(4)?.map(str::to_owned),
    })
}
