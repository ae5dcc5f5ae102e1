//! [`AccountTokens`]: which token of the service stands for which account, for accounts that may do something.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore, UserKey};
use iampass_server_storage::{AccountKey, Database, LoginTables};
use iampass_sql::TokenTable;

/// The table of tokens, where an account that is gone or disabled has none: no phone is asked or registered for it, whatever a browser still holds
/// from before.
pub(super) struct AccountTokens {
    table: TokenTable<LoginTables>,
    database: Arc<Database>,
}

impl AccountTokens {
    pub(super) fn new(table: TokenTable<LoginTables>, database: Arc<Database>) -> Self {
        Self { table, database }
    }

    async fn is_enabled(&self, user: &UserKey) -> Result<bool, StoreError> {
        let Ok(key) = user.as_str().parse() else { return Ok(false) };
        let unavailable = |error| StoreError::new(StoreErrorKind::Unavailable).with_source(error);
        let account = self.database.account(AccountKey(key)).await.map_err(unavailable)?;
        Ok(account.is_some_and(|account| account.disabled_at.is_none()))
    }
}

#[async_trait]
impl TokenStore for AccountTokens {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        match self.is_enabled(user).await? {
            true => self.table.token_for(user).await,
            false => Ok(None),
        }
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        self.table.user_for(token).await
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        match self.is_enabled(user).await? {
            true => self.table.assign(user, candidate).await,
            false => Err(StoreError::new(StoreErrorKind::InvalidKey)),
        }
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        self.table.rotate(user, replacement).await
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        self.table.remove(user).await
    }
}
