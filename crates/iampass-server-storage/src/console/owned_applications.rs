//! Applications that an account adds, and owns from then on.

use iampass_core::{ApplicationId, Secret};
use iampass_server_domain::rules::{Approval, Role};

use super::members::insert;
use super::{Account, Actor, Right, account_room, corrupt, refuse_new_phone};
use crate::applications::{self, Added};
use crate::audit::{Noted, note};
use crate::message_permission::MADE_BY_ADMINISTRATOR;
use crate::{Database, StorageError, Tx};

/// The outcome of adding an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationAdded {
    /// It was done.
    Done,
    /// Its id is taken.
    IdTaken,
    /// The account has as many as it may have.
    TooMany {
        /// How many it may have.
        most: u64,
    },
}

impl Database {
    /// Adds an application whose owner is `owner`.
    pub async fn add_owned_application(
        &self,
        id: ApplicationId,
        secret: Secret,
        name: String,
        owner: &Account,
        by: Actor,
    ) -> Result<ApplicationAdded, StorageError> {
        let (owner, most) = (owner.clone(), self.account_limits.applications);
        self.write_by(by, Right::AddApplication, move |tx| {
            Box::pin(async move {
                let added = Added::Listed(Approval::Code);
                let added = insert_owned(tx, &id, &secret, &name, added, &owner, most).await?;
                if added == ApplicationAdded::Done {
                    let (actor, application) = (owner.name, Some(id.to_string()));
                    note(
                        tx,
                        &Noted { actor, application, action: "application.created", subject: Some(name) },
                    )
                    .await?;
                }
                Ok(added)
            })
        })
        .await
    }
}

/// Adds an application whose owner is this account, which may have `most`. An account whose phone is new makes none.
pub(super) async fn insert_owned(
    tx: &mut Tx<'_>,
    id: &ApplicationId,
    secret: &Secret,
    name: &str,
    added: Added,
    owner: &Account,
    most: Option<u64>,
) -> Result<ApplicationAdded, StorageError> {
    refuse_new_phone(tx, Some(owner.key)).await?;
    if let Some(most) = account_room::application_too_many(tx, owner.key, most).await? {
        return Ok(ApplicationAdded::TooMany { most });
    }
    if !applications::insert(tx, id, secret, name, added).await? {
        return Ok(ApplicationAdded::IdTaken);
    }
    let row = tx.query_one("SELECT key FROM applications WHERE id = ?1", &[id.as_str().into()]).await?;
    let application = row.ok_or(corrupt("application"))?.key(0)?;
    insert(tx, application, owner.key, Role::Owner).await?;
    let messages = owner.is_administrator.then_some(MADE_BY_ADMINISTRATOR);
    let sql = "UPDATE applications SET made_by = ?2, messages = COALESCE(?3, messages) WHERE key = ?1";
    tx.execute(sql, &[application.into(), owner.key.into(), messages.into()]).await?;
    Ok(ApplicationAdded::Done)
}
