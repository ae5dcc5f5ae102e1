//! The tables of the Console's own login, for `iampass-sql`: which phone belongs to which account, who is signed in, and what the nodes
//! share.
//!
//! Belongs here: running that crate's statements on this store. Does not belong here: what they say.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use async_trait::async_trait;
use iampass_sql::database::{Column, Row as LoginRow, Statement, Value as LoginValue};
use iampass_sql::{DatabaseError, Dialect, Fault, InvalidName, KeyType, Schema, UsersTable};

use crate::{Database, Row, StorageError, Value};

/// The names of the tables, with accounts as their users.
pub fn login_schema() -> Result<Schema, InvalidName> {
    Schema::new(UsersTable::new("accounts", "key", KeyType::I64)?)
        .with_names("console_tokens", "console_sessions")
}

/// The store as `iampass-sql` wants it.
#[derive(Clone)]
pub struct LoginTables(pub Arc<Database>);

#[async_trait]
impl iampass_sql::Database for LoginTables {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    async fn execute(&self, statement: &Statement, values: Vec<LoginValue>) -> Result<u64, DatabaseError> {
        let sql = interned(statement);
        let done = self.0.write(move |tx| {
            Box::pin(async move {
                let values: Vec<_> = values.iter().map(value).collect::<Result<_, _>>()?;
                tx.execute(sql, &values).await
            })
        });
        done.await.map_err(fault)
    }

    async fn query(
        &self,
        statement: &Statement,
        values: Vec<LoginValue>,
    ) -> Result<Vec<LoginRow>, DatabaseError> {
        let sql = interned(statement);
        let found = self.0.read(move |tx| {
            Box::pin(async move {
                let values: Vec<_> = values.iter().map(value).collect::<Result<_, _>>()?;
                tx.query(sql, &values).await
            })
        });
        let rows = found.await.map_err(fault)?;
        rows.iter().map(|row| read(row, statement.columns())).collect::<Result<_, _>>().map_err(fault)
    }
}

impl std::fmt::Debug for LoginTables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginTables")
    }
}

/// Texts of statements with this store's placeholders. There are some twenty of them, however many services a process has.
static INTERNED: LazyLock<Mutex<HashMap<String, &'static str>>> = LazyLock::new(Mutex::default);

/// The text of a statement, in the store's words. It is kept for as long as the process lives, for that is how long the store keeps what it
/// has prepared.
fn interned(statement: &Statement) -> &'static str {
    let mut interned = INTERNED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = interned.get(statement.text()) {
        return text;
    }
    let mut text = String::with_capacity(statement.text().len() + 16);
    for (place, piece) in statement.pieces().iter().enumerate() {
        if place > 0 {
            text.push_str(&format!("?{place}"));
        }
        text.push_str(piece);
    }
    let text: &'static str = Box::leak(text.into_boxed_str());
    interned.insert(statement.text().to_owned(), text);
    text
}

fn value(value: &LoginValue) -> Result<Value<'_>, StorageError> {
    Ok(match value {
        LoginValue::Text(text) => text.as_str().into(),
        LoginValue::Bytes(bytes) => bytes.as_slice().into(),
        LoginValue::Integer(number) => (*number).into(),
        LoginValue::OptionalInteger(number) => (*number).into(),
        _ => return Err(StorageError::Corrupt { what: "value of a login" }),
    })
}

fn read(row: &Row, columns: &[Column]) -> Result<LoginRow, StorageError> {
    let cell = |(place, column): (usize, &Column)| {
        Ok(match column {
            Column::Text => LoginValue::Text(row.text(place)?.to_owned()),
            Column::Bytes => LoginValue::Bytes(row.bytes(place)?.to_vec()),
            Column::Integer => LoginValue::Integer(row.integer(place)?),
            Column::OptionalInteger => LoginValue::OptionalInteger(row.optional_integer(place)?),
            _ => return Err(StorageError::Corrupt { what: "column of a login" }),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

fn fault(error: StorageError) -> DatabaseError {
    let kind = match &error {
        StorageError::Sqlite(rusqlite::Error::SqliteFailure(code, message)) => {
            Fault::from_sqlite_code(code.extended_code, message.as_deref().unwrap_or_default())
        }
        StorageError::Sqlite(rusqlite::Error::SqlInputError { error, msg, .. }) => {
            Fault::from_sqlite_code(error.extended_code, msg)
        }
        StorageError::Postgres(error) => match error.code() {
            Some(code) => Fault::from_sqlstate(code.code()),
            // The connection broke.
            None => Fault::Unreachable,
        },
        // The time of an operation may have passed already: it is not run again.
        StorageError::MaybeCommitted(_) | StorageError::Unreachable(_) => Fault::NoAnswer,
        StorageError::NotCommitted(_) | StorageError::Stopped => Fault::Unreachable,
        StorageError::ReadOnly | StorageError::Replaced { .. } => Fault::Unreachable,
        StorageError::Busy | StorageError::Full => Fault::LockTimeout,
        _ => Fault::Other,
    };
    DatabaseError::new(kind, error)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use iampass_sql::Version;

    use super::*;

    #[test]
    fn a_change_that_may_be_done_is_not_run_again() {
        for error in [StorageError::MaybeCommitted("?".to_owned()), StorageError::Unreachable("?".to_owned())]
        {
            assert_eq!(fault(error).fault(), Fault::NoAnswer);
        }
        assert_eq!(fault(StorageError::NotCommitted("?".to_owned())).fault(), Fault::Unreachable);
    }

    /// The migrations hold them as text, because they must never change; a new version of the tables is a new migration.
    #[test]
    fn the_migrations_make_the_tables_that_iampass_sql_wants() {
        let mut versions = BTreeSet::new();
        for (version, dialect, migration) in [
            (Version::Tables, Dialect::Sqlite, include_str!("../sqlite/migrations/4.sql")),
            (Version::Tables, Dialect::Postgres, include_str!("../postgres/migrations/2.sql")),
            (Version::SharedEntries, Dialect::Sqlite, include_str!("../sqlite/migrations/7.sql")),
            (Version::SharedEntries, Dialect::Postgres, include_str!("../postgres/migrations/5.sql")),
        ] {
            for statement in login_schema().unwrap().up_to(version, dialect) {
                assert!(migration.contains(&format!("{statement};")), "{dialect:?}: {statement}");
            }
            versions.insert(version);
        }
        assert_eq!(versions, Version::ALL.into(), "each has a migration here");
    }
}
