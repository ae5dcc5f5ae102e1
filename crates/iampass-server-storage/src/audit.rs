//! The audit log: who did what. It is only ever added to; the databases themselves refuse anything else.
//!
//! An entry is written in the transaction of what it tells of, so that neither is there without the other. Belongs here: changes that people
//! make, in the Console or by a command, and what becomes of phones, by whatever way. Does not belong here: logins of users and what else
//! applications and phones do by the APIs.

use iampass_core::UnixSeconds;

use super::{Database, Row, StorageError, Tx};

/// An actor and an action, to be written down with the change.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The account, or the command line.
    pub actor: String,
    /// The application that it is about, by its id.
    pub application: Option<String>,
    /// A word such as `secret.rotated`.
    pub action: &'static str,
    /// Whom or what it was done to: never a secret, never a name of an end user (their tokens are opaque).
    pub subject: Option<String>,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its row, which orders entries of one second.
    pub key: i64,
    /// When.
    pub at: UnixSeconds,
    /// The application's id; none for what is of the whole service.
    pub application: Option<String>,
    /// The account or command that did it.
    pub actor: String,
    /// The kind of change.
    pub action: String,
    /// The subject of the change.
    pub subject: Option<String>,
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
    /// Writes an entry about something that changes nothing in the store.
    pub async fn note(&self, noted: Noted) -> Result<(), StorageError> {
        self.write(move |tx| Box::pin(async move { note(tx, &noted).await })).await
    }
}

/// From the columns `key, at, application_id, actor, action, subject`.
pub(super) fn entry(row: &Row) -> Result<AuditEntry, StorageError> {
    Ok(AuditEntry {
        key: row.integer(0)?,
        at: row.seconds(1)?,
        application: row.optional_text(2)?.map(str::to_owned),
        actor: row.text(3)?.to_owned(),
        action: row.text(4)?.to_owned(),
        subject: row.optional_text(5)?.map(str::to_owned),
    })
}
