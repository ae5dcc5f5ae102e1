//! From the words and values that both databases understand to PostgreSQL's own, and back to rows.

use bytes::BytesMut;
use tokio_postgres::Row as PgRow;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::port::{LOCK, LOCK_BESIDE, LOCK_KEEP, LOCK_SKIP};
use crate::values::Cell;
use crate::{Row, StorageError, Value};

/// Values as the client takes them.
pub(super) fn bound<'v>(values: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// From the words that both databases understand to PostgreSQL's own.
pub(super) fn translated(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len() + 16);
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        let numbered = character == '?' && characters.peek().is_some_and(char::is_ascii_digit);
        text.push(if numbered { '$' } else { character });
    }
    text.replace(LOCK, "FOR UPDATE")
        .replace(LOCK_BESIDE, "FOR NO KEY UPDATE")
        .replace(LOCK_SKIP, "FOR UPDATE SKIP LOCKED")
        .replace(LOCK_KEEP, "FOR KEY SHARE")
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match *self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql(of, out),
            Self::Text(text) => text.to_sql(of, out),
            Self::Bytes(bytes) => bytes.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        matches!(*of, Type::INT8 | Type::TEXT | Type::VARCHAR | Type::BYTEA)
    }

    to_sql_checked!();
}

/// A row of an answer.
pub(super) fn row(row: &PgRow) -> Result<Row, StorageError> {
    let cells = row.columns().iter().enumerate().map(|(place, column)| {
        let cell = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(place)?.map(Cell::Integer),
            Type::INT4 => row.try_get::<_, Option<i32>>(place)?.map(|number| Cell::Integer(number.into())),
            Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<String>>(place)?.map(Cell::Text),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(place)?.map(Cell::Bytes),
            _ => return Err(StorageError::Corrupt { what: "type of a column" }),
        };
        Ok(cell.unwrap_or(Cell::Null))
    });
    Ok(Row(cells.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_locks_are_put_into_its_words() {
        assert_eq!(
            translated("SELECT a FROM t WHERE b = ?1 AND c = ?12 /*lock*/"),
            "SELECT a FROM t WHERE b = $1 AND c = $12 FOR UPDATE"
        );
        assert_eq!(translated("SELECT 1 LIMIT ?1 /*lock skip*/"), "SELECT 1 LIMIT $1 FOR UPDATE SKIP LOCKED");
        assert_eq!(translated("SELECT a FROM t /*lock keep*/"), "SELECT a FROM t FOR KEY SHARE");
        assert_eq!(translated("SELECT 'why?'"), "SELECT 'why?'");
    }
}
