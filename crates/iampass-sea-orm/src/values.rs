//! Values ↔ those of sea-orm. Belongs here: binding and reading. Does not belong here: statements.

use iampass_sql::database::{Column, Row, Value};
use iampass_sql::{DatabaseError, Fault};
use sea_orm::{QueryResult, Value as SeaOrmValue};

/// A value as it is bound.
pub(crate) fn bound(value: Value) -> Result<SeaOrmValue, DatabaseError> {
    Ok(match value {
        Value::Text(text) => SeaOrmValue::String(Some(text)),
        Value::Bytes(bytes) => SeaOrmValue::Bytes(Some(bytes)),
        Value::Integer(number) => SeaOrmValue::BigInt(Some(number)),
        Value::OptionalInteger(number) => SeaOrmValue::BigInt(number),
        _ => return Err(unknown_type()),
    })
}

/// A row as it came.
pub(crate) fn row(found: &QueryResult, columns: &[Column]) -> Result<Row, DatabaseError> {
    columns.iter().enumerate().map(|(at, column)| read(found, at, *column)).collect()
}

/// A column that holds something else than it should gives a value of another type. The store takes that row for unreadable, which
/// is in the way of no other row; an error here would be one for all of them.
fn read(found: &QueryResult, at: usize, column: Column) -> Result<Value, DatabaseError> {
    let (read, unreadable) = match column {
        Column::Text => (found.try_get_by_index(at).map(Value::Text), Value::OptionalInteger(None)),
        Column::Bytes => (found.try_get_by_index(at).map(Value::Bytes), Value::OptionalInteger(None)),
        Column::Integer => (found.try_get_by_index(at).map(Value::Integer), Value::OptionalInteger(None)),
        Column::OptionalInteger => {
            (found.try_get_by_index(at).map(Value::OptionalInteger), Value::Bytes(Vec::new()))
        }
        _ => return Err(unknown_type()),
    };
    Ok(read.unwrap_or(unreadable))
}

/// `iampass-sql` is newer than this crate.
pub(crate) fn unknown_type() -> DatabaseError {
    DatabaseError::new(Fault::Other, "a type of value that this version of iampass-sea-orm does not know")
}
