//! Statements over a PostgreSQL connection or transaction.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_postgres::{Client, Statement};

use super::pool::{Prepared, Taken};
use super::reading_again::{each_once, judge};
use super::sending::{Kept, Sending, Sent, changed, changed_later, command, rows, rows_again, together};
use super::translating::row;
use crate::error::{before_commit, not_committed};
use crate::nonce_rows::{self, NonceRow};
use crate::port::{Asked, Prediction};
use crate::values::Cell;
use crate::{Row, Statements, StorageError, Value};

/// The runner of statements over one connection.
///
/// Commands that begin a transaction or a savepoint are not waited for by themselves: they are sent ahead of the next statement. So are statements of
/// which only a failure is of interest.
pub(super) struct PostgresStatements<'c> {
    prepared: &'c Prepared,
    client: &'c Client,
    /// Of changes that are kept: to be sent before all else.
    kept: Vec<Kept>,
    /// Whether what was kept has failed, or is not known to have gone well.
    is_broken: bool,
    /// Whether what was kept, and is on its way, begins the transaction.
    kept_begins: bool,
    /// Commands to be sent ahead of the next statement.
    ahead: Vec<&'static str>,
    /// The nonce that follows them.
    nonce: Option<NonceRow>,
    /// Signers that are read again behind it.
    foreseen: Vec<Arc<dyn Prediction>>,
    /// Whether all fails with a signer that is not as foreseen.
    is_of_one: bool,
    /// Statements to be sent behind those, and ahead of the next one.
    later: Vec<(&'static str, Vec<Cell>)>,
    /// Whether a statement has failed: what follows in its transaction fails too, and a commit would be none.
    has_failed: bool,
}

const BEGIN: &str = "BEGIN";
const SAVEPOINT: &str = "SAVEPOINT change";
const RELEASE: &str = "RELEASE SAVEPOINT change";
const UNDO: &str = "ROLLBACK TO SAVEPOINT change";
/// The most that one change may take beside others, where they share a transaction ([`super::writing`]).
const IN_COMPANY: &str = "SET LOCAL lock_timeout = '20ms'; SET LOCAL statement_timeout = '250ms'";

impl<'c> PostgresStatements<'c> {
    /// Without a transaction.
    pub(super) fn new(connection: &'c Taken) -> Self {
        let (prepared, client) = (connection.prepared(), connection.client());
        Self {
            prepared,
            client,
            kept: Vec::new(),
            is_broken: false,
            kept_begins: false,
            ahead: Vec::new(),
            nonce: None,
            foreseen: Vec::new(),
            is_of_one: false,
            later: Vec::new(),
            has_failed: false,
        }
    }

    /// Within a transaction of one change, with the nonce of its request, and with its signer where that is foreseen: nothing comes of the change if
    /// the signer is not so.
    pub(super) fn of_one(
        connection: &'c Taken,
        nonce: Option<NonceRow>,
        foreseen: Option<Arc<dyn Prediction>>,
    ) -> Self {
        let foreseen = Vec::from_iter(foreseen);
        Self { ahead: vec![BEGIN], nonce, foreseen, is_of_one: true, ..Self::new(connection) }
    }

    /// Reads these signers again, along with the next statement.
    pub(super) fn foresee(&mut self, signers: Vec<Arc<dyn Prediction>>) {
        self.foreseen.extend(signers);
    }

    /// Within a transaction that several changes share.
    pub(super) fn of_several(connection: &'c Taken) -> Self {
        Self { ahead: vec![BEGIN, IN_COMPANY], ..Self::new(connection) }
    }

    /// The changes of a transaction that several share are made one after the other, each between [`Self::begin_change`] and [`Self::keep_change`] or
    /// [`Self::undo_change`].
    pub(super) fn begin_change(&mut self) {
        self.ahead.push(SAVEPOINT);
    }

    /// Keeps what has come since [`Self::begin_change`]. Statements of it that were put off go along with the first ones of the next change, or with the
    /// commit: where one of them fails, the whole transaction is [broken](Self::is_broken).
    ///
    /// # Errors
    /// That of a statement that has failed before, or cannot be prepared.
    pub(super) async fn keep_change(&mut self) -> Result<(), StorageError> {
        self.has_not_failed()?;
        let mut statements = Vec::new();
        for (sql, cells) in std::mem::take(&mut self.later) {
            statements.push(Kept::Statement(self.prepare(sql).await?, cells));
        }
        if !statements.is_empty() && !self.ahead.is_empty() {
            self.kept.push(Kept::Commands(std::mem::take(&mut self.ahead).join(";")));
        }
        self.kept.extend(statements);
        self.ahead.push(RELEASE);
        Ok(())
    }

    /// Whether a change that was kept has failed all the same, or may have: then none of the transaction may be committed.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Undoes what has come since [`Self::begin_change`].
    pub(super) fn undo_change(&mut self) {
        self.later.clear();
        self.has_failed = false;
        match self.ahead.last() {
            // Nothing of it was ever sent.
            Some(&last) if last == SAVEPOINT => drop(self.ahead.pop()),
            _ => self.ahead.extend([UNDO, RELEASE]),
        }
    }

    /// Sends what was put off.
    ///
    /// # Errors
    /// That of a statement that was put off. [`StorageError::NotCommitted`] when one has failed and the change went on.
    pub(super) async fn all_is_sent(&mut self) -> Result<(), StorageError> {
        if !self.later.is_empty() || self.nonce.is_some() {
            self.send(Vec::new()).await?;
        }
        self.has_not_failed()
    }

    /// Gets ready for a commit: what may stand against it is known.
    ///
    /// # Errors
    /// [`StorageError::NotAsForeseen`], [`StorageError::Replayed`]; those of [`Self::all_is_sent`].
    pub(super) async fn is_to_be_kept(&mut self) -> Result<(), StorageError> {
        // A nonce that was used before must be found out before the commit.
        match self.nonce {
            Some(_) => self.all_is_sent().await,
            None => self.has_not_failed(),
        }
    }

    fn has_not_failed(&self) -> Result<(), StorageError> {
        match self.has_failed {
            true => Err(StorageError::NotCommitted("one of its statements has failed".to_owned())),
            false => Ok(()),
        }
    }

    /// Stores nonces, in the order of these rows; those that are new.
    pub(super) async fn store_nonces(
        &mut self,
        rows: &[&NonceRow],
    ) -> Result<Vec<(String, u64)>, StorageError> {
        const ALL: &str = "INSERT INTO nonces (id, nonce, timestamp)
            SELECT id, nonce, timestamp FROM unnest(CAST(?1 AS TEXT[]), CAST(?2 AS BIGINT[]), CAST(?3 AS BIGINT[]))
                WITH ORDINALITY AS call (id, nonce, timestamp, place) ORDER BY place
            ON CONFLICT (id, nonce) DO NOTHING RETURNING id, nonce";
        let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
        let nonces: Vec<_> = rows.iter().map(|row| row.nonce.cast_signed()).collect();
        let timestamps: Vec<_> = rows.iter().map(|row| row.timestamp.0.cast_signed()).collect();
        let (client, statement) = (self.client, self.prepare(ALL).await?);
        let sent = async { client.query(&statement, &[&ids, &nonces, &timestamps]).await.map(Sent::Rows) };
        let Some(Sent::Rows(stored)) = self.send(vec![Box::pin(sent)]).await?.pop() else {
            return Err(StorageError::Corrupt { what: "answer to a statement" });
        };
        stored.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<_, i64>(1)?.cast_unsigned()))).collect()
    }

    /// Whether it has sent nothing at all: then there is nothing to commit.
    pub(super) fn is_untouched(&self) -> bool {
        let is_nothing_put_off = self.kept.is_empty() && self.later.is_empty();
        self.ahead.first() == Some(&BEGIN) && is_nothing_put_off && self.nonce.is_none()
    }

    /// Commits, together with what was put off.
    ///
    /// # Errors
    /// Those of [`not_committed`]. That of a statement that was put off, with which the commit was none.
    pub(super) async fn commit(&mut self) -> Result<(), StorageError> {
        let commit = command(self.client, "COMMIT".to_owned());
        let mut answers = self.send_all(vec![commit], before_commit).await?;
        let committed = answers.pop().unwrap_or(Ok(Sent::Nothing));
        answers.into_iter().try_for_each(|answer| answer.map(drop)).map_err(before_commit)?;
        committed.map(drop).map_err(not_committed)
    }

    /// Takes all of it back.
    pub(super) async fn roll_back(&mut self) {
        if self.ahead.first() != Some(&BEGIN) {
            // A connection that cannot even do that is found out when it is used next.
            let _ = self.client.batch_execute("ROLLBACK").await;
        }
    }

    /// The statement for this text.
    pub(super) async fn prepare(&mut self, sql: &'static str) -> Result<Statement, StorageError> {
        if let Some(statement) = self.prepared.found(sql) {
            return Ok(statement);
        }
        // Preparing may fail, and must do so within the savepoint.
        if !self.kept.is_empty() || !self.ahead.is_empty() {
            let mut sendings = self.sending_kept();
            let kept = sendings.len();
            if !self.ahead.is_empty() {
                sendings.push(command(self.client, std::mem::take(&mut self.ahead).join(";")));
            }
            let mut answers = together(sendings).await;
            self.kept_are_well(answers.drain(..kept), StorageError::from)?;
            self.checked(answers)?;
        }
        match self.prepared.get(self.client, sql).await {
            Ok(statement) => Ok(statement),
            Err(error) => {
                self.has_failed = true;
                Err(error.into())
            }
        }
    }

    async fn send(&mut self, asked: Vec<Sending<'_>>) -> Result<Vec<Sent>, StorageError> {
        let answers = self.send_all(asked, StorageError::from).await?;
        self.checked(answers)
    }

    /// The statements that were kept, on their way. Until [`Self::kept_are_well`] all is broken: those who do not wait for the answers know of none.
    fn sending_kept<'s>(&mut self) -> Vec<Sending<'s>>
    where
        'c: 's,
    {
        let (client, kept) = (self.client, std::mem::take(&mut self.kept));
        self.is_broken |= !kept.is_empty();
        self.kept_begins = kept.first().is_some_and(Kept::is_begin);
        kept.into_iter().map(|kept| kept.sending(client)).collect()
    }

    /// The answers to what was kept have come. `as_error` says what it means that something of it has failed.
    fn kept_are_well(
        &mut self,
        answers: impl ExactSizeIterator<Item = Result<Sent, tokio_postgres::Error>>,
        as_error: fn(tokio_postgres::Error) -> StorageError,
    ) -> Result<(), StorageError> {
        if answers.len() == 0 {
            return Ok(());
        }
        let failed = answers.enumerate().find_map(|(place, answer)| Some((place, answer.err()?)));
        if let Some((place, error)) = failed {
            self.has_failed = true;
            if place == 0 && self.kept_begins && error.code().is_some() {
                // The server has refused to begin, and what followed was no transaction.
                return Err(StorageError::MaybeCommitted("its transaction did not begin".to_owned()));
            }
            return Err(as_error(error));
        }
        self.is_broken = false;
        Ok(())
    }

    /// Sends what was kept, what is ahead, what was put off, and these. The answers are those of all but what was kept, the nonce and the signers.
    /// `as_error` says what it means that something of what was kept has failed.
    async fn send_all(
        &mut self,
        asked: Vec<Sending<'_>>,
        as_error: fn(tokio_postgres::Error) -> StorageError,
    ) -> Result<Vec<Result<Sent, tokio_postgres::Error>>, StorageError> {
        let mut prepared = Vec::new();
        for (sql, cells) in std::mem::take(&mut self.later) {
            prepared.push((self.prepare(sql).await?, cells));
        }
        let nonce = match &self.nonce {
            Some(_) => Some(self.prepare(nonce_rows::INSERT).await?),
            None => None,
        };
        let foreseen = std::mem::take(&mut self.foreseen);
        let (asked_again, places) = each_once(&foreseen);
        let mut again = Vec::new();
        for (sql, cells) in asked_again {
            again.push((self.prepare(sql).await?, cells));
        }
        let row = self.nonce.take();
        let values = row.as_ref().map(nonce_rows::values);
        let mut sendings = self.sending_kept();
        let kept = sendings.len();
        let (is_begin, has_ahead) = (self.ahead.first() == Some(&BEGIN), !self.ahead.is_empty());
        if has_ahead {
            sendings.push(command(self.client, std::mem::take(&mut self.ahead).join(";")));
        }
        let place = sendings.len() - kept;
        if let (Some(statement), Some(values)) = (nonce, &values) {
            sendings.push(changed(self.client, statement, values));
        }
        let signers = sendings.len() - kept;
        for (statement, cells) in again {
            sendings.push(rows_again(self.client, statement, cells));
        }
        let signers = signers..sendings.len() - kept;
        for (statement, cells) in prepared {
            sendings.push(changed_later(self.client, statement, cells));
        }
        sendings.extend(asked);
        let mut answers = together(sendings).await;
        self.kept_are_well(answers.drain(..kept), as_error)?;
        if is_begin && answers.first().is_some_and(Result::is_err) && answers.iter().any(Result::is_ok) {
            // They were no transaction.
            self.has_failed = true;
            return Err(StorageError::MaybeCommitted("its transaction did not begin".to_owned()));
        }
        let before = signers.start;
        let read: Vec<_> = answers.drain(signers).collect();
        let is_to_be_judged = self.is_of_one && answers.iter().take(before).all(Result::is_ok);
        let failed = read.iter().position(Result::is_err);
        if let (true, Some(failed)) = (is_to_be_judged, failed) {
            self.has_failed = true;
            if let Some(Err(error)) = read.into_iter().nth(failed) {
                return Err(error.into());
            }
            return Err(StorageError::NotAsForeseen);
        }
        judge(&foreseen, &places, read)?;
        let is_broken = |signer: &Arc<dyn Prediction>| signer.is_broken();
        let is_not_held = |signer: &Arc<dyn Prediction>| is_to_be_judged && !signer.holds();
        if self.is_of_one && foreseen.iter().any(|signer| is_broken(signer) || is_not_held(signer)) {
            self.has_failed = true;
            return Err(StorageError::NotAsForeseen);
        }
        if values.is_some() {
            match answers.remove(place) {
                Ok(Sent::Changed(0)) => {
                    self.has_failed = true;
                    return Err(StorageError::Replayed);
                }
                answer => answers.insert(place, answer),
            }
        }
        Ok(answers)
    }

    /// The answers, or the first error: those after it come of it.
    fn checked(
        &mut self,
        answers: Vec<Result<Sent, tokio_postgres::Error>>,
    ) -> Result<Vec<Sent>, StorageError> {
        let checked: Result<Vec<_>, _> = answers.into_iter().collect();
        self.has_failed |= checked.is_err();
        Ok(checked?)
    }
}

#[async_trait]
impl Statements for PostgresStatements<'_> {
    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, StorageError> {
        Ok(self.query_all(&[(sql, values)]).await?.pop().unwrap_or_default())
    }

    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StorageError> {
        let statement = self.prepare(sql).await?;
        let client = self.client;
        match self.send(vec![changed(client, statement, values)]).await?.pop() {
            Some(Sent::Changed(number)) => Ok(number),
            _ => Err(StorageError::Corrupt { what: "answer to a statement" }),
        }
    }

    async fn query_all(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Row>>, StorageError> {
        let mut statements = Vec::with_capacity(asked.len());
        for (sql, _) in asked {
            statements.push(self.prepare(sql).await?);
        }
        let client = self.client;
        let sendings =
            statements.into_iter().zip(asked).map(|(statement, (_, values))| rows(client, statement, values));
        let mut answers = self.send(sendings.collect()).await?;
        let own = answers.split_off(answers.len().saturating_sub(asked.len()));
        own.iter()
            .map(|answer| match answer {
                Sent::Rows(rows) => rows.iter().map(row).collect(),
                _ => Err(StorageError::Corrupt { what: "answer to a statement" }),
            })
            .collect()
    }

    async fn execute_later(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StorageError> {
        self.later.push((sql, values.iter().map(|&value| value.into()).collect()));
        Ok(())
    }
}
