//! The statements of the table of shared entries.

use crate::database::{Column, Statement};
use crate::{Dialect, Schema};

pub(crate) struct SharedStatements {
    /// `key` → `version, value, expires_at`.
    pub(crate) load: Statement,
    /// `key` → `version`.
    pub(crate) version: Statement,
    /// `key, version, value, expires_at`: stores a new entry. Where there is one, it changes no row, or in MySQL violates the key.
    pub(crate) insert: Statement,
    /// `version, value, expires_at, key, version`: replaces the entry of the second version. The versions differ, so MySQL, which does
    /// not count rows that stay as they were, counts this one.
    pub(crate) swap: Statement,
    /// `key, version`
    pub(crate) delete: Statement,
    /// `now, limit`
    pub(crate) purge: Statement,
}

impl SharedStatements {
    pub(crate) fn new(dialect: Dialect, schema: &Schema) -> Self {
        let table = schema.shared.quoted(dialect);
        // `key` is a word of MySQL's own.
        let [key, version, value, expires_at] =
            ["key", "version", "value", "expires_at"].map(|name| dialect.quote(name));
        let run = |template: &str| Statement::new(dialect, template, &[]);

        // MySQL has no clause of that kind which would not hide other errors (INSERT IGNORE), or count the row that was there
        // (ON DUPLICATE KEY UPDATE, for some of its clients).
        let or_nothing = match dialect {
            Dialect::MySql => String::new(),
            _ => format!(" ON CONFLICT ({key}) DO NOTHING"),
        };
        let expired =
            format!("SELECT {key} FROM {table} WHERE {expires_at} < $1 ORDER BY {expires_at} LIMIT $2");
        let purge = match dialect {
            Dialect::Sqlite => format!("DELETE FROM {table} WHERE {key} IN ({expired})"),
            // MATERIALIZED since the inner SELECT must be run once; SKIP LOCKED so that nodes take different rows at once, and an
            // entry that is just being replaced stays.
            Dialect::Postgres => format!(
                "WITH picked AS MATERIALIZED ({expired} FOR UPDATE SKIP LOCKED) \
                 DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM picked)"
            ),
            Dialect::MySql => {
                format!("DELETE FROM {table} WHERE {expires_at} < $1 ORDER BY {expires_at} LIMIT $2")
            }
        };
        Self {
            load: Statement::new(
                dialect,
                &format!("SELECT {version}, {value}, {expires_at} FROM {table} WHERE {key} = $1"),
                &[Column::Integer, Column::Bytes, Column::Integer],
            ),
            version: Statement::new(
                dialect,
                &format!("SELECT {version} FROM {table} WHERE {key} = $1"),
                &[Column::Integer],
            ),
            insert: run(&format!(
                "INSERT INTO {table} ({key}, {version}, {value}, {expires_at}) VALUES ($1, $2, $3, $4){or_nothing}"
            )),
            swap: run(&format!(
                "UPDATE {table} SET {version} = $1, {value} = $2, {expires_at} = $3 WHERE {key} = $4 AND {version} = $5"
            )),
            delete: run(&format!("DELETE FROM {table} WHERE {key} = $1 AND {version} = $2")),
            purge: run(&purge),
        }
    }
}
