//! The statements of the stores, in each dialect. Belongs here: statements. Does not belong here: what follows from their
//! results.

mod sessions;
mod shared;
mod tokens;

pub(crate) use sessions::SessionStatements;
pub(crate) use shared::SharedStatements;
pub(crate) use tokens::{Rotate, TokenStatements};

use crate::Dialect;
use crate::database::{Column, Value};

/// The type of the columns of ids and tokens, which MySQL compares byte for byte only as bytes.
fn id_column(dialect: Dialect) -> Column {
    match dialect {
        Dialect::MySql => Column::Bytes,
        _ => Column::Text,
    }
}

/// An id or token as it is bound.
pub(crate) fn id_value(dialect: Dialect, id: &str) -> Value {
    match dialect {
        Dialect::MySql => Value::Bytes(id.as_bytes().to_vec()),
        _ => Value::Text(id.to_owned()),
    }
}

/// An id or token, or any text, as it came back. `None` when it is none.
pub(crate) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bytes(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    }
}
