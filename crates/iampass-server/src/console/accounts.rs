//! The Console's accounts as the login wants them.

use std::sync::Weak;

use async_trait::async_trait;
use iampass_core::port::{BoxError, UserKey};
use iampass_server_storage::{Account, AccountKey, StorageError};
use iampass_web::UserDirectory;

use super::fields;
use super::page_error::PageError;
use super::state::Console;
use crate::service::App;

/// The accounts that may sign in.
pub(crate) struct Accounts(pub(super) Weak<App>);

/// The login's key of an account.
pub(super) fn user_key(account: &Account) -> UserKey {
    UserKey::from(account.key.0)
}

/// Makes the browsers unknown in which this account has signed in: its phone is replaced, or it is disabled. Otherwise a browser of somebody else
/// could have the new phone asked.
pub(super) async fn forget_browsers(console: &Console, account: &Account) -> Result<(), PageError> {
    console.login().forget_known_browsers(&user_key(account)).await.map_err(|error| {
        tracing::error!(%error, "known browsers of an account could not be forgotten");
        PageError::Unavailable
    })
}

#[async_trait]
impl UserDirectory for Accounts {
    type User = Account;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        // A text that can be no name is looked up all the same, so that it takes as long.
        let name = fields::account_name(login_name).unwrap_or_default();
        let app = self.0.upgrade().ok_or(StorageError::Stopped)?;
        let account = app.database.account_named(&name).await?;
        Ok(account.filter(|account| account.disabled_at.is_none()).map(|account| user_key(&account)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<Account>, BoxError> {
        let app = self.0.upgrade().ok_or(StorageError::Stopped)?;
        let key = AccountKey(key.as_str().parse()?);
        let account = app.database.account(key).await?.filter(|account| account.disabled_at.is_none());
        if account.as_ref().is_some_and(|account| account.arrived_at.is_none()) {
            app.database.account_arrived(key).await?;
        }
        Ok(account)
    }

    async fn before_all_sessions_end(&self, key: &UserKey) -> Result<(), BoxError> {
        let app = self.0.upgrade().ok_or(StorageError::Stopped)?;
        app.database.log_account_out(AccountKey(key.as_str().parse()?)).await?;
        Ok(())
    }

    fn display_name(&self, account: &Account) -> String {
        account.name.clone()
    }
}
