//! The input and output of statements.
//!
//! Belongs here: values and rows, in the few types that both databases have. Does not belong here: statements, connections.

use iampass_core::UnixSeconds;

use super::StorageError;

/// A value to be bound. Numbers have 64 bits everywhere.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value that came back, or is kept until it is bound.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    /// As it is bound.
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl From<Value<'_>> for Cell {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

/// A row that came back: one cell for each column that was asked for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Row(pub(super) Vec<Cell>);

impl Row {
    fn cell(&self, column: usize) -> Result<&Cell, StorageError> {
        self.0.get(column).ok_or(UNEXPECTED)
    }

    pub(crate) fn integer(&self, column: usize) -> Result<i64, StorageError> {
        self.optional_integer(column)?.ok_or(UNEXPECTED)
    }

    pub(crate) fn optional_integer(&self, column: usize) -> Result<Option<i64>, StorageError> {
        match self.cell(column)? {
            Cell::Integer(number) => Ok(Some(*number)),
            Cell::Null => Ok(None),
            _ => Err(UNEXPECTED),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StorageError> {
        self.optional_text(column)?.ok_or(UNEXPECTED)
    }

    pub(crate) fn optional_text(&self, column: usize) -> Result<Option<&str>, StorageError> {
        match self.cell(column)? {
            Cell::Text(text) => Ok(Some(text)),
            Cell::Null => Ok(None),
            _ => Err(UNEXPECTED),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8], StorageError> {
        self.optional_bytes(column)?.ok_or(UNEXPECTED)
    }

    pub(crate) fn optional_bytes(&self, column: usize) -> Result<Option<&[u8]>, StorageError> {
        match self.cell(column)? {
            Cell::Bytes(bytes) => Ok(Some(bytes)),
            Cell::Null => Ok(None),
            _ => Err(UNEXPECTED),
        }
    }

    pub(crate) fn seconds(&self, column: usize) -> Result<UnixSeconds, StorageError> {
        self.integer(column).map(unix)
    }

    pub(crate) fn optional_seconds(&self, column: usize) -> Result<Option<UnixSeconds>, StorageError> {
        Ok(self.optional_integer(column)?.map(unix))
    }

    pub(crate) fn key<K: From<i64>>(&self, column: usize) -> Result<K, StorageError> {
        self.integer(column).map(K::from)
    }

    pub(crate) fn optional_key<K: From<i64>>(&self, column: usize) -> Result<Option<K>, StorageError> {
        Ok(self.optional_integer(column)?.map(K::from))
    }
}

const UNEXPECTED: StorageError = StorageError::Corrupt { what: "column" };

/// Seconds as the databases keep them.
pub(crate) fn seconds(time: UnixSeconds) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// Seconds as they were stored.
pub(crate) fn unix(seconds: i64) -> UnixSeconds {
    UnixSeconds(u64::try_from(seconds).unwrap_or_default())
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<UnixSeconds> for Value<'_> {
    fn from(time: UnixSeconds) -> Self {
        Self::Integer(seconds(time))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Some values are people's names, some are seals: none is printed.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Integer(_) => "Integer",
            Self::Text(_) => "Text",
            Self::Bytes(_) => "Bytes",
        })
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({} cells)", self.0.len())
    }
}
