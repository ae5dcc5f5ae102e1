//! The statements of the session table.

use iampass_core::port::LOGOUT_REQUESTED;

use super::id_column;
use crate::database::{Column, Statement};
use crate::{Dialect, Schema};

/// A row of a session is `token, user_token, sealed_session, key_id, started_at, expires_at, logout_due, claims`.
pub(crate) struct SessionStatements {
    /// `token, user_token, sealed_session, key_id, started_at, expires_at, logout_due`
    pub(crate) create: Statement,
    /// `token` → a row.
    pub(crate) load: Statement,
    /// `user_token, sealed_session, key_id, token, user_token`: of a session whose logout is queued and was never claimed.
    pub(crate) set_user: Statement,
    /// `token`: takes the logout away, if it was neither requested nor ever claimed.
    pub(crate) keep: Statement,
    /// `token` → a row with one column if the session is kept.
    pub(crate) is_kept: Statement,
    /// `user_token, limit, offset` → rows.
    pub(crate) of_user: Statement,
    /// `due, token`: of a session whose logout was neither requested nor ever claimed.
    pub(crate) queue: Statement,
    /// `token`
    pub(crate) request: Statement,
    /// `leased_until, leased_by, now, now, key_id…, limit`: claims the oldest that are due, that no node holds, and that one of these keys sealed.
    pub(crate) claim: Statement,
    /// `now, limit` → the keys that sealed the oldest that are due.
    pub(crate) keys_of_due: Statement,
    /// `leased_by` → rows.
    pub(crate) claimed: Statement,
    /// `due, token, claims`
    pub(crate) release: Statement,
    /// `token`
    pub(crate) delete: Statement,
    /// `now, limit`
    pub(crate) purge: Statement,
    /// `key_id, token, limit` → rows after that token which another key sealed, in the order of their tokens.
    pub(crate) sealed_otherwise: Statement,
    /// `sealed_session, key_id, token, key_id, user_token`: puts a new seal in the place of one of that key. The seal is bound to the user, who may have
    /// become known meanwhile.
    pub(crate) reseal: Statement,
}

/// The columns of a row, as they stand in a statement.
const ROW: &str = "token, user_token, sealed_session, key_id, started_at, expires_at, logout_due, claims";

/// When a requested logout is due.
const REQUESTED: u64 = LOGOUT_REQUESTED.0;

impl SessionStatements {
    /// For a ring of so many keys.
    pub(crate) fn new(dialect: Dialect, schema: &Schema, keys: usize) -> Self {
        let s = schema.sessions.quoted(dialect);
        let id = id_column(dialect);
        let row = [
            id,
            id,
            Column::Bytes,
            id,
            Column::Integer,
            Column::Integer,
            Column::OptionalInteger,
            Column::Integer,
        ];
        let run = |template: &str| Statement::new(dialect, template, &[]);
        let rows = |rest: &str| Statement::new(dialect, &format!("SELECT {ROW} FROM {s} {rest}"), &row);

        let is_due = format!(
            "logout_due <= $3 AND (leased_until IS NULL OR leased_until <= $4) AND key_id IN ({})",
            places(5, keys)
        );
        let limit = format!("${}", keys + 5);
        let lease = "claims = claims + 1, leased_until = $1, leased_by = $2";
        let (claim, purge) = match dialect {
            Dialect::Sqlite => (
                format!(
                    "UPDATE {s} SET {lease} WHERE token IN \
                     (SELECT token FROM {s} WHERE {is_due} ORDER BY logout_due, token LIMIT {limit})"
                ),
                format!(
                    "DELETE FROM {s} WHERE token IN \
                     (SELECT token FROM {s} WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
                ),
            ),
            // MATERIALIZED since the inner SELECT must be run once; SKIP LOCKED so that nodes take different rows at once.
            Dialect::Postgres => (
                format!(
                    "WITH lease AS (SELECT CAST($1 AS BIGINT) AS until, CAST($2 AS TEXT) AS holder), \
                     picked AS MATERIALIZED (SELECT token FROM {s} WHERE {is_due} ORDER BY logout_due, token LIMIT {limit} \
                     FOR UPDATE SKIP LOCKED) \
                     UPDATE {s} SET claims = claims + 1, leased_until = lease.until, leased_by = lease.holder \
                     FROM lease WHERE token IN (SELECT token FROM picked)"
                ),
                format!(
                    "WITH picked AS MATERIALIZED (SELECT token FROM {s} WHERE expires_at < $1 \
                     ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) \
                     DELETE FROM {s} WHERE token IN (SELECT token FROM picked)"
                ),
            ),
            Dialect::MySql => (
                format!("UPDATE {s} SET {lease} WHERE {is_due} ORDER BY logout_due, token LIMIT {limit}"),
                format!("DELETE FROM {s} WHERE expires_at < $1 ORDER BY expires_at LIMIT $2"),
            ),
        };
        Self {
            create: run(&format!(
                "INSERT INTO {s} (token, user_token, sealed_session, key_id, started_at, expires_at, logout_due) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)"
            )),
            load: rows("WHERE token = $1"),
            set_user: run(&format!(
                "UPDATE {s} SET user_token = $1, sealed_session = $2, key_id = $3 \
                 WHERE token = $4 AND user_token = $5 AND claims = 0 AND logout_due <> {REQUESTED}"
            )),
            keep: run(&format!(
                "UPDATE {s} SET logout_due = NULL WHERE token = $1 AND claims = 0 AND logout_due <> {REQUESTED}"
            )),
            is_kept: Statement::new(
                dialect,
                &format!("SELECT claims FROM {s} WHERE token = $1 AND claims = 0 AND logout_due IS NULL"),
                &[Column::Integer],
            ),
            of_user: rows(
                "WHERE user_token = $1 AND logout_due IS NULL ORDER BY started_at DESC, token LIMIT $2 OFFSET $3",
            ),
            queue: run(&format!(
                "UPDATE {s} SET logout_due = $1 \
                 WHERE token = $2 AND claims = 0 AND (logout_due IS NULL OR logout_due <> {REQUESTED})"
            )),
            request: run(&format!("UPDATE {s} SET logout_due = {REQUESTED} WHERE token = $1")),
            claim: run(&claim),
            keys_of_due: Statement::new(
                dialect,
                &format!("SELECT key_id FROM {s} WHERE logout_due <= $1 ORDER BY logout_due, token LIMIT $2"),
                &[id],
            ),
            claimed: rows("WHERE leased_by = $1 ORDER BY logout_due, token"),
            release: run(&format!(
                "UPDATE {s} SET logout_due = $1, leased_until = NULL, leased_by = NULL WHERE token = $2 AND claims = $3"
            )),
            delete: run(&format!("DELETE FROM {s} WHERE token = $1")),
            purge: run(&purge),
            sealed_otherwise: rows("WHERE key_id <> $1 AND token > $2 ORDER BY token LIMIT $3"),
            reseal: run(&format!(
                "UPDATE {s} SET sealed_session = $1, key_id = $2 WHERE token = $3 AND key_id = $4 AND user_token = $5"
            )),
        }
    }
}

/// So many placeholders for a list, beginning with this one.
fn places(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}
