//! A [`Database`] over rusqlite, in memory: the least that an adapter is.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use iampass_sql::database::{Column, Row, Statement, Value};
use iampass_sql::{Database, DatabaseError, Dialect, Fault, Schema};
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

/// One connection, shared by all who clone it.
#[derive(Clone)]
pub(crate) struct Rusqlite(Arc<Mutex<Connection>>);

impl Rusqlite {
    /// An empty database with a users table and the tables of `schema`.
    pub(crate) fn migrated(users: &str, schema: &Schema) -> Self {
        let database = Self::empty(users);
        database.up(schema);
        database
    }

    /// A database with a users table only.
    pub(crate) fn empty(users: &str) -> Self {
        let database = Self(Arc::new(Mutex::new(Connection::open_in_memory().unwrap())));
        database.run(users);
        database
    }

    pub(crate) fn up(&self, schema: &Schema) {
        for statement in schema.up(Dialect::Sqlite) {
            self.run(&statement);
        }
    }

    pub(crate) fn run(&self, script: &str) {
        self.connection().execute_batch(script).unwrap();
    }

    pub(crate) fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap()
    }
}

#[async_trait]
impl Database for Rusqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        let connection = self.connection();
        let mut prepared = connection.prepare_cached(statement.text()).map_err(fault)?;
        let changed = prepared.execute(params_from_iter(values.iter().map(Bound))).map_err(fault)?;
        Ok(changed.try_into().unwrap())
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        let connection = self.connection();
        let mut prepared = connection.prepare_cached(statement.text()).map_err(fault)?;
        let rows = prepared.query_map(params_from_iter(values.iter().map(Bound)), |row| {
            statement
                .columns()
                .iter()
                .enumerate()
                .map(|(at, column)| read(row.get_ref(at)?, *column))
                .collect()
        });
        rows.map_err(fault)?.collect::<Result<_, _>>().map_err(fault)
    }
}

pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Text(text) => text.to_sql()?,
            Value::Bytes(bytes) => bytes.to_sql()?,
            Value::Integer(number) | Value::OptionalInteger(Some(number)) => {
                ToSqlOutput::Owned(Stored::Integer(*number))
            }
            _ => ToSqlOutput::Owned(Stored::Null),
        })
    }
}

fn read(value: ValueRef<'_>, column: Column) -> rusqlite::Result<Value> {
    Ok(match column {
        Column::Text => Value::Text(value.as_str()?.to_owned()),
        Column::Bytes => Value::Bytes(value.as_bytes()?.to_vec()),
        Column::Integer => Value::Integer(value.as_i64()?),
        _ => Value::OptionalInteger(value.as_i64_or_null()?),
    })
}

fn fault(error: rusqlite::Error) -> DatabaseError {
    let fault = match &error {
        rusqlite::Error::SqliteFailure(code, message) => {
            Fault::from_sqlite_code(code.extended_code, message.as_deref().unwrap_or_default())
        }
        rusqlite::Error::SqlInputError { error: code, msg, .. } => {
            Fault::from_sqlite_code(code.extended_code, msg)
        }
        _ => Fault::Other,
    };
    DatabaseError::new(fault, error)
}
