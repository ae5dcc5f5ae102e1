//! Which applications may have messages sent by the operator's mail server and SMS gateway.
//!
//! Belongs here: the facts of the decision. Does not belong here: the rule ([`iampass_server_domain::rules::may_send`]), and asking for it (`api`).

use iampass_server_domain::rules::MessageFacts;

use super::{ApplicationKey, Database, StorageError};

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
                                WHERE m.application_key = ?1 AND m.role = 'owner' AND a.administrator = 0)
                           FROM applications WHERE key = ?1";
                let Some(row) = tx.query_one(sql, &[application.into()]).await? else { return Ok(None) };
                Ok(Some(MessageFacts {
                    decision: row.optional_integer(0)?.map(|stored| stored == 1),
                    is_of_administrators: row.integer(1)? == 0,
                }))
            })
        })
        .await
    }
}
