//! The port to a database: what SQLite and PostgreSQL both have to do, and [`Tx`], in whose words all operations are written.
//!
//! Belongs here: how a statement is run, whatever runs it. Does not belong here: what the statements say (the files of the operations), or
//! how a database is reached ([`super::sqlite`], [`super::postgres`]).
//!
//! Statements are written once, in the SQL that both understand:
//! * values stand as `?1`, `?2`, …;
//! * numbers have 64 bits, and column names are no reserved words of either (`user_key`, not `user`);
//! * a row that is read in order to be changed ends its `SELECT` in [`LOCK`], one that another node may be working on in [`LOCK_SKIP`], and one that a row is
//!   about to refer to in [`LOCK_KEEP`]: comments to SQLite, whose changes come one after the other anyway;
//! * a table whose rows are to be found by one index of several ends in a comment such as [`OPEN_OF_USER`]: SQLite counts no rows, and would take another
//!   one, while PostgreSQL knows by itself.

use std::pin::Pin;

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_core::port::Clock;

use super::sealing::{Sealed, Sealer};
use super::signals::Raised;
use super::values::Cell;
use super::{Row, StorageError, Value};

/// Stands in a statement for `FOR UPDATE`.
pub(crate) const LOCK: &str = "/*lock*/";
/// Stands in a statement for a lock beside which others may add rows that refer to this one: of an application whose members or users are changed, while
/// its users log in. It keeps out whoever takes this lock or [`LOCK`].
pub(crate) const LOCK_BESIDE: &str = "/*lock beside*/";
/// Stands in a statement for `FOR UPDATE SKIP LOCKED`.
pub(crate) const LOCK_SKIP: &str = "/*lock skip*/";

/// Stands in a statement for `FOR KEY SHARE`, the lock that a row takes which refers to this one: whoever takes [`LOCK`] waits for the end of the transaction,
/// and the other way round. Others may take it as well, and change what is not keyed.
pub(crate) const LOCK_KEEP: &str = "/*lock keep*/";

/// Stands in a statement behind `sessions`, which it restricts by `user_key` and `ended_at IS NULL`. Without it SQLite reads all sessions that the
/// user ever had, and anybody can begin many in the name of another.
pub(crate) const OPEN_OF_USER: &str = "/*open of user*/";

/// The running work of an operation: it borrows the transaction that it is done in.
pub(crate) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 't>>;

/// A connection in the middle of one operation: within a transaction if it changes something.
///
/// With SQLite these futures never wait: they are ready when they are first asked.
#[async_trait]
pub(crate) trait Statements: Send {
    /// Runs a statement and brings its rows.
    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StorageError>;

    /// Runs a statement and says how many rows it changed.
    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StorageError>;

    /// Runs statements in their order, and brings the rows of each.
    async fn query_all(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Row>>, StorageError> {
        let mut found = Vec::with_capacity(asked.len());
        for (sql, values) in asked {
            found.push(self.query(sql, values).await?);
        }
        Ok(found)
    }

    /// Runs a statement of which nobody needs to know anything but that it has not failed: it may be run later, yet before all that follow, and
    /// before the commit.
    async fn execute_later(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StorageError> {
        self.execute(sql, values).await.map(drop)
    }
}

/// A statement with its values.
pub(crate) type Asked<'a> = (&'static str, &'a [Value<'a>]);

/// A prediction of rows, on which a change is made in the hope that it comes true. The transaction of the change reads the rows, and nothing comes of the change
/// where they are others.
pub(crate) trait Prediction: Send + Sync {
    /// The statements that read the rows, with their values.
    fn asked(&self) -> Vec<(&'static str, Vec<Cell>)>;

    /// Judges by the rows that these statements have found, in their order.
    fn judge(&self, found: &[Vec<Row>]);

    /// Whether the rows were read, and are as predicted.
    fn holds(&self) -> bool;

    /// Whether the rows were read, and are others.
    fn is_broken(&self) -> bool;

    /// The outcome of the change is not known.
    fn is_left_unclear(&self);
}

/// The id and the nonce of a call.
pub(crate) type CallId = (String, u64);

/// Gives the call that a row belongs to, and its columns.
pub(crate) type ReadAnswer = fn(Row) -> Result<Option<(CallId, Row)>, StorageError>;

/// The thing that a call asks for, by its number, and the statement by which it is answered with others.
#[derive(Clone, Copy)]
pub(crate) struct Asks {
    /// Its number.
    pub(crate) what: i64,
    /// The statement for calls that ask for the things of these numbers. It is the same for all.
    pub(crate) for_many: fn(&[i64]) -> StatementForMany,
}

/// One statement by which several calls are answered. It spends the nonce of each whose signer is as it is remembered.
#[derive(Clone, Copy)]
pub(crate) struct StatementForMany {
    /// Its text where it tells other nodes nothing.
    pub(crate) silent: &'static str,
    /// Its text where it sends notifications.
    pub(crate) telling: &'static str,
    /// How many values it has: the ids, nonces, timestamps and secrets of the calls, in the order of nonces, the texts of notifications, and, where there
    /// are calls of several kinds, the kinds.
    pub(crate) values: usize,
    /// Gives the call that a row belongs to, and its columns. None for a row that belongs to none.
    pub(crate) read: ReadAnswer,
}

/// One operation's view of the store.
pub(crate) struct Tx<'t> {
    statements: &'t mut dyn Statements,
    clock: &'t dyn Clock,
    sealer: &'t Sealer,
    raised: &'t Raised,
}

impl<'t> Tx<'t> {
    pub(super) fn new(
        statements: &'t mut dyn Statements,
        clock: &'t dyn Clock,
        sealer: &'t Sealer,
        raised: &'t Raised,
    ) -> Self {
        Self { statements, clock, sealer, raised }
    }

    /// The time at which this is asked, which may be well after the operation began to wait for its turn: by then a deadline may have
    /// passed, and others may have been told so. Lock first, ask the time after.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.clock.now().wall
    }

    /// Runs a statement and brings its rows.
    pub(crate) async fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StorageError> {
        storable(values)?;
        self.statements.query(sql, values).await
    }

    /// Runs a statement that finds one row at most.
    pub(crate) async fn query_one(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StorageError> {
        Ok(self.query(sql, values).await?.into_iter().next())
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StorageError> {
        storable(values)?;
        self.statements.execute(sql, values).await
    }

    /// Runs statements of which none depends on the rows of another one, in their order, and brings the rows of each. Over a network they are one
    /// trip.
    pub(crate) async fn query_all<const N: usize>(
        &mut self,
        asked: [Asked<'_>; N],
    ) -> Result<[Vec<Row>; N], StorageError> {
        for (_, values) in asked {
            storable(values)?;
        }
        let found = self.statements.query_all(&asked).await?;
        found.try_into().map_err(|_| StorageError::Corrupt { what: "list of rows" })
    }

    /// Runs a statement of which nobody needs to know how many rows it changed. Over a network it goes along with the next one that is waited for, or
    /// with the commit; if it fails, so does that one.
    pub(crate) async fn execute_later(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<(), StorageError> {
        storable(values)?;
        self.statements.execute_later(sql, values).await
    }

    /// Seals a secret for the row named `owner`.
    pub(crate) fn seal(&self, kind: Sealed, owner: &str, secret: &str) -> Result<Vec<u8>, StorageError> {
        self.sealer.seal(kind, owner, secret.as_bytes())
    }

    /// Opens what [`Tx::seal`] made for the same row.
    pub(crate) fn open(
        &self,
        kind: Sealed,
        owner: &str,
        sealed: &[u8],
    ) -> Result<iampass_core::Secret, StorageError> {
        self.sealer.open(kind, owner, sealed)
    }

    /// The list of what the change affects: those who wait for any of it are woken after the commit.
    pub(crate) fn raised(&self) -> &'t Raised {
        self.raised
    }

    /// The keys themselves, for what works on seals as such.
    pub(crate) fn sealer(&self) -> &'t Sealer {
        self.sealer
    }
}

/// PostgreSQL takes no text with the character zero. Both databases refuse it alike, so that a caller is told that it is the text, not the
/// store.
fn storable(values: &[Value<'_>]) -> Result<(), StorageError> {
    let has_zero = |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains('\0'));
    if values.iter().any(has_zero) { Err(StorageError::ZeroCharacter) } else { Ok(()) }
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}
