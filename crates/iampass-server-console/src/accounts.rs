//! The Console's accounts as the login wants them.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::port::{BoxError, UserKey};
use iampass_server_storage::{Account, AccountKey, Database};
use iampass_web::UserDirectory;

use super::fields;

/// The accounts that may sign in.
pub(crate) struct Accounts(pub(super) Arc<Database>);

/// The login's key of an account.
pub(super) fn user_key(account: &Account) -> UserKey {
    UserKey::from(account.key.0)
}

#[async_trait]
impl UserDirectory for Accounts {
    type User = Account;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        // A text that can be no name is looked up all the same, so that it takes as long.
        let name = fields::account_name(login_name).unwrap_or_default();
        let account = self.0.account_named(&name).await?;
        Ok(account.filter(|account| account.disabled_at.is_none()).map(|account| user_key(&account)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<Account>, BoxError> {
        let account = self.0.account(AccountKey(key.as_str().parse()?)).await?;
        Ok(account.filter(|account| account.disabled_at.is_none()))
    }

    /// The service tells the phones of the account, and writes each of it into the log.
    fn can_notify(&self) -> bool {
        true
    }

    async fn before_all_sessions_end(&self, key: &UserKey) -> Result<(), BoxError> {
        self.0.log_account_out(AccountKey(key.as_str().parse()?)).await?;
        Ok(())
    }

    fn display_name(&self, account: &Account) -> String {
        account.name.clone()
    }
}
