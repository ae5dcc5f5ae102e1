//! The port to a database: what an adapter over a database library has to do, which is to run a statement. Belongs here:
//! the port and what passes through it. Does not belong here: what the statements say, what becomes of
//! a fault ([`crate::fault`]).

use std::sync::Arc;

use async_trait::async_trait;

use crate::{DatabaseError, Dialect};

/// A database, through some library and the application's own pool.
///
/// An adapter only translates. It takes a connection, prepares the statement (and keeps it prepared where the library can),
/// binds the values in their order, and gives back what came. Each statement stands alone: no transaction spans two of them, so
/// there is no state in a connection, and a connection may be another one each time.
///
/// # Contract
/// * A statement that failed changed nothing, unless the fault is [`crate::Fault::Unreachable`] or [`crate::Fault::NoAnswer`]: then it is not
///   known.
/// * A statement ends in the time of [`crate::TimeLimits`]. A connection that was given up with it is never used again.
/// * A blocking driver runs on threads of its own, never on those of the async runtime.
/// * A future that is dropped leaves no connection in the middle of an answer.
#[async_trait]
pub trait Database: Send + Sync {
    /// Which SQL it speaks.
    fn dialect(&self) -> Dialect;

    /// Runs a statement that gives back no rows, and says how many it changed. (MySQL may leave out those that were as wanted
    /// before.)
    ///
    /// # Errors
    /// [`DatabaseError`].
    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError>;

    /// Runs a statement that gives back rows of [`Statement::columns`].
    ///
    /// # Errors
    /// [`DatabaseError`].
    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError>;
}

/// A value to be bound, or one that came back.
///
/// It is not printed: some are secrets' ciphers, some are people's names.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A 64-bit number.
    Integer(i64),
    /// A 64-bit number or NULL.
    OptionalInteger(Option<i64>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(redacted)",
            Self::Bytes(_) => "Bytes(redacted)",
            Self::Integer(_) => "Integer(redacted)",
            Self::OptionalInteger(_) => "OptionalInteger(redacted)",
        })
    }
}

/// The type of the values in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Column {
    /// [`Value::Text`].
    Text,
    /// [`Value::Bytes`].
    Bytes,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::OptionalInteger`].
    OptionalInteger,
}

/// A row: one value for each of [`Statement::columns`], in their order and of their types.
pub type Row = Vec<Value>;

/// A statement in one dialect's words. It is made once and run often, so what is prepared for it can be kept. A clone is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    text: Arc<str>,
    pieces: Arc<[String]>,
    columns: Arc<[Column]>,
}

impl Statement {
    /// Takes a template in which `$1`, `$2`… stand for the values, each once and in this order, since MySQL counts places.
    pub(crate) fn new(dialect: Dialect, template: &str, columns: &[Column]) -> Self {
        let mut pieces = vec![String::new()];
        let mut rest = template.chars().peekable();
        while let Some(character) = rest.next() {
            if character == '$' {
                while rest.next_if(char::is_ascii_digit).is_some() {}
                pieces.push(String::new());
            } else if let Some(piece) = pieces.last_mut() {
                piece.push(character);
            }
        }
        let text = match dialect {
            Dialect::Postgres => template.to_owned(),
            _ => pieces.join("?"),
        };
        Self { text: text.into(), pieces: pieces.into(), columns: columns.into() }
    }

    /// The whole, with the dialect's own placeholders: `$1`… for PostgreSQL, `?` elsewhere.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same cut at the placeholders: one piece more than there are values. For libraries that write placeholders themselves.
    #[must_use]
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// The columns of the rows; empty for a statement that returns none.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_gets_its_own_placeholders() {
        let template = "UPDATE t SET a = $1 WHERE b = $2";
        let text = |dialect| Statement::new(dialect, template, &[]).text().to_owned();
        assert_eq!(text(Dialect::Postgres), template);
        assert_eq!(text(Dialect::MySql), "UPDATE t SET a = ? WHERE b = ?");
        assert_eq!(text(Dialect::Sqlite), "UPDATE t SET a = ? WHERE b = ?");
        let pieces = Statement::new(Dialect::Postgres, template, &[]).pieces().to_vec();
        assert_eq!(pieces, ["UPDATE t SET a = ", " WHERE b = ", ""]);
    }

    #[test]
    fn values_are_not_printed() {
        let shown = format!(
            "{:?}",
            [Value::Text("anna".into()), Value::Bytes(b"anna".to_vec()), Value::Integer(4711)]
        );
        assert!(!shown.contains("anna") && !shown.contains("4711") && !shown.contains("97"));
    }
}
