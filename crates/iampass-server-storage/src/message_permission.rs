//! Which applications may have messages sent by the operator's mail server and SMS gateway.
//!
//! Belongs here: the facts of the decision. Does not belong here: the rule ([`iampass_server_domain::rules::may_send`]), and asking for it (`api`).

use iampass_server_domain::rules::MessageFacts;

use super::{ApplicationKey, Database, StorageError};

/// In the column `messages`: an administrator made the application, and none has decided about it. 0 and 1 are decisions.
pub(super) const MADE_BY_ADMINISTRATOR: i64 = 2;

impl Database {
    /// The facts that decide whether an application may have messages sent; None when there is no such application.
    pub async fn message_facts(
        &self,
        application: ApplicationKey,
    ) -> Result<Option<MessageFacts>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT messages,
                               (SELECT count(*) FROM members m JOIN accounts a ON a.key = m.account_key
                                WHERE m.application_key = ?1 AND m.role = 'owner' AND a.administrator = 0),
                               (SELECT count(*) FROM members WHERE application_key = ?1 AND role = 'owner')
                           FROM applications WHERE key = ?1";
                let Some(row) = tx.query_one(sql, &[application.into()]).await? else { return Ok(None) };
                let stored = row.optional_integer(0)?;
                // An owner makes others owners without asking them: an administrator among them says nothing of who made the application.
                let is_made_by_them = stored == Some(MADE_BY_ADMINISTRATOR) || row.integer(2)? == 0;
                Ok(Some(MessageFacts {
                    decision: stored
                        .filter(|stored| *stored < MADE_BY_ADMINISTRATOR)
                        .map(|stored| stored == 1),
                    is_of_administrators: is_made_by_them && row.integer(1)? == 0,
                }))
            })
        })
        .await
    }
}
