//! Statements over an SQLite connection: ready when they are first asked, so that operations written for either database run here without a
//! runtime.

use std::borrow::Cow;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::port::OPEN_OF_USER;
use crate::values::Cell;
use crate::{Row, Statements, StorageError, Value, Work};

/// A connection in exclusive use.
pub(super) struct SqliteStatements<'c>(pub(super) &'c mut Connection);

#[async_trait]
impl Statements for SqliteStatements<'_> {
    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StorageError> {
        let mut statement = prepare(self.0, sql, values)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = (0..columns).map(|column| Ok(cell(row.get_ref(column)?)));
            found.push(Row(cells.collect::<Result<_, StorageError>>()?));
        }
        Ok(found)
    }

    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        Ok(prepare(self.0, sql, values)?.raw_execute()? as u64)
    }
}

/// The index that a statement names.
fn translated(sql: &str) -> Cow<'_, str> {
    match sql.contains(OPEN_OF_USER) {
        true => Cow::Owned(sql.replace(OPEN_OF_USER, "INDEXED BY sessions_by_user")),
        false => Cow::Borrowed(sql),
    }
}

fn prepare<'c>(
    connection: &'c Connection,
    sql: &'static str,
    values: &[Value<'_>],
) -> Result<CachedStatement<'c>, StorageError> {
    let mut statement = connection.prepare_cached(&translated(sql))?;
    for (place, value) in (1..).zip(values) {
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(statement)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Integer(number) => Cell::Integer(number),
        // A text that is no UTF-8 was not written by us; it then matches nothing.
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
        // No column of ours is of this type.
        ValueRef::Null | ValueRef::Real(_) => Cell::Null,
    }
}

/// Runs an operation to its end, here and now. One that waits for something else than statements has no place in a transaction.
pub(super) fn finish<T>(mut work: Work<'_, T>) -> Result<T, StorageError> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(StorageError::Waits),
    }
}
