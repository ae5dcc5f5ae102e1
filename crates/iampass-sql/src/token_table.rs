//! [`TokenTable`]: the lookup table of the documentation in the application's own database.

use async_trait::async_trait;
use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore, UserKey};

use crate::database::{Database, Statement, Value};
use crate::retry::{self, AfterBreak};
use crate::statements::{Rotate, TokenStatements, id_value, text_of};
use crate::{DatabaseError, KeyType, Schema};

/// How often it is looked again when another transaction changed the same rows in between.
const ROUNDS: usize = 10;

/// A [`TokenStore`] over a table with a foreign key to the application's users.
pub struct TokenTable<D> {
    database: D,
    key_type: KeyType,
    statements: TokenStatements,
}

impl<D: Database> TokenTable<D> {
    /// The table that `schema` describes. Nothing is asked yet.
    #[must_use]
    pub fn new(database: D, schema: &Schema) -> Self {
        let statements = TokenStatements::new(database.dialect(), schema);
        Self { key_type: schema.users.key_type.clone(), statements, database }
    }

    fn key(&self, user: &UserKey) -> Result<Vec<Value>, StoreError> {
        self.key_type.bind(self.database.dialect(), user)
    }

    fn token(&self, token: &UserToken) -> Value {
        id_value(self.database.dialect(), token.as_str())
    }

    fn token_and(&self, token: &UserToken, key: &[Value]) -> Vec<Value> {
        std::iter::once(self.token(token)).chain(key.iter().cloned()).collect()
    }

    /// All statements of this table do the same twice as once.
    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        retry::execute(&self.database, statement, values, AfterBreak::RunAgain).await
    }

    async fn text(&self, statement: &Statement, values: Vec<Value>) -> Result<Option<String>, StoreError> {
        let rows = retry::query(&self.database, statement, values).await?;
        let Some(value) = rows.into_iter().next().and_then(|row| row.into_iter().next()) else {
            return Ok(None);
        };
        text_of(value).map(Some).ok_or_else(|| StoreError::new(StoreErrorKind::Unreadable))
    }

    async fn token_of(&self, key: Vec<Value>) -> Result<Option<UserToken>, StoreError> {
        let text = self.text(&self.statements.token_of, key).await?;
        text.map(UserToken::new).transpose().map_err(unreadable)
    }

    async fn user_of(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        let text = self.text(&self.statements.user_of, vec![self.token(token)]).await?;
        Ok(text.map(|text| self.key_type.read(text)))
    }

    /// Why a user who has no token cannot be given this one. `None`: there is no reason any more.
    async fn refusal(
        &self,
        user: &UserKey,
        key: &[Value],
        token: &UserToken,
    ) -> Result<Option<StoreErrorKind>, StoreError> {
        match self.user_of(token).await? {
            Some(holder) if holder == *user => return Ok(None),
            Some(_) => return Ok(Some(StoreErrorKind::Conflict)),
            None => {}
        }
        let users = retry::query(&self.database, &self.statements.is_user, key.to_vec()).await?;
        Ok(users.is_empty().then_some(StoreErrorKind::UnknownUser))
    }

    /// For databases without an upsert that is safe here.
    async fn rotate_in_steps(
        &self,
        update: &Statement,
        user: &UserKey,
        key: &[Value],
        replacement: &UserToken,
    ) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            if self.execute(update, self.token_and(replacement, key)).await? > 0 {
                return Ok(());
            }
            if self.assign(user, replacement).await? == *replacement {
                return Ok(());
            }
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }
}

#[async_trait]
impl<D: Database> TokenStore for TokenTable<D> {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        self.token_of(self.key(user)?).await
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        self.user_of(token).await
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        let key = self.key(user)?;
        for round in 0..ROUNDS {
            if let Some(token) = self.token_of(key.clone()).await? {
                return Ok(token);
            }
            // How many rows were changed says nothing: MySQL may count one that was to stay as it is.
            if round > 0
                && let Some(refusal) = self.refusal(user, &key, candidate).await?
            {
                return Err(StoreError::new(refusal));
            }
            self.execute(&self.statements.assign, self.token_and(candidate, &key)).await?;
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        let key = self.key(user)?;
        let statement = match &self.statements.rotate {
            Rotate::Update(update) => return self.rotate_in_steps(update, user, &key, replacement).await,
            Rotate::Upsert(upsert) => upsert,
        };
        match self.execute(statement, self.token_and(replacement, &key)).await? {
            0 => Err(StoreError::new(StoreErrorKind::UnknownUser)),
            _ => Ok(()),
        }
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        self.execute(&self.statements.remove, self.key(user)?).await?;
        Ok(())
    }
}

impl<D> std::fmt::Debug for TokenTable<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenTable").field("key_type", &self.key_type).finish_non_exhaustive()
    }
}

fn unreadable(error: iampass_core::InvalidId) -> StoreError {
    StoreError::new(StoreErrorKind::Unreadable).with_source(error)
}
