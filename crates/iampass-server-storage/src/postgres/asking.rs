//! Calls that only read, and whose signer is remembered: the signer is read again, the nonce is spent and the answer is read by one statement.
//!
//! The statement spends the nonce only where the secret in the row of the signer is the remembered one, and answers only where it has spent the nonce. So
//! a memory that is old, or a nonce that was used before, gives no row and changes nothing: the call is judged anew by what is stored. Calls that come
//! while others are being answered share the next statement. It is no more durable than a nonce by itself ([`super::spending`]).
//!
//! Belongs here: asking for many at once. Does not belong here: the statements, and what a row means ([`crate::port::Asks`]).

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_postgres::Row as PgRow;
use tokio_postgres::types::ToSql;
use tokio_util::task::TaskTracker;

use super::announcements::{Announcements, Told};
use super::by_one_statement::{self, ByOneStatement};
use super::gathering::{Gathering, Group, hand_in, more};
use super::pool::{Pool, Taken};
use super::spending::is_of_one;
use super::statements::PostgresStatements;
use super::translating::row;
use crate::nonce_rows::NonceRow;
use crate::port::{Asks, CallId};
use crate::{Row, StorageError};

/// The calls that ask for something.
pub(super) struct Asking {
    pool: Arc<Pool>,
    announcements: Arc<Announcements>,
    gathering: Gathering<ToAsk>,
    tasks: TaskTracker,
}

/// A call, and who waits for its rows.
pub(super) struct ToAsk {
    asks: Asks,
    nonce: NonceRow,
    /// The secret of its signer, as it is remembered.
    sealed: Vec<u8>,
    reply: oneshot::Sender<Result<Vec<Row>, StorageError>>,
}

impl Group for Asking {
    type Job = ToAsk;

    fn gathering(&self) -> &Gathering<ToAsk> {
        &self.gathering
    }

    fn begin(self: &Arc<Self>, calls: Vec<ToAsk>) {
        by_one_statement::begin(self, calls);
    }
}

impl Asking {
    pub(super) fn new(pool: &Arc<Pool>, announcements: &Arc<Announcements>) -> Arc<Self> {
        Arc::new(Self {
            pool: Arc::clone(pool),
            announcements: Arc::clone(announcements),
            gathering: Gathering::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// The rows of one call. None where its signer is not as it is remembered, or its nonce was spent before: then nothing was changed. After an error
    /// the nonce may be spent.
    pub(super) async fn ask(
        self: &Arc<Self>,
        asks: Asks,
        nonce: NonceRow,
        sealed: Vec<u8>,
    ) -> Result<Vec<Row>, StorageError> {
        if nonce.id.contains('\0') {
            return Err(StorageError::ZeroCharacter);
        }
        let (reply, answer) = oneshot::channel();
        hand_in(self, ToAsk { asks, nonce, sealed, reply })?;
        answer.await.unwrap_or(Err(StorageError::Stopped))
    }

    /// As if this one had failed among others.
    #[cfg(test)]
    pub(super) async fn ask_again(
        &self,
        asks: Asks,
        nonce: NonceRow,
        sealed: Vec<u8>,
    ) -> Result<Vec<Row>, StorageError> {
        let (reply, answer) = oneshot::channel();
        self.alone(ToAsk { asks, nonce, sealed, reply }).await;
        answer.await.unwrap_or(Err(StorageError::Stopped))
    }
}

impl ByOneStatement for Asking {
    fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Those that have come until the statement is sent are asked for as well. Where a notification may have failed, all are given back.
    async fn together(&self, mut calls: Vec<ToAsk>) -> Vec<ToAsk> {
        let connection = match self.pool.take().await {
            Ok(connection) => connection,
            Err(error) => {
                fail(calls, error);
                return Vec::new();
            }
        };
        // Others that are ready to ask get to it before.
        tokio::task::yield_now().await;
        more(&self.gathering, &mut calls);
        let told = self.announcements.take();
        let is_alone = calls.len() == 1 && told.is_empty();
        match asked(&connection, &mut calls, &told).await {
            Ok(found) => answer(calls, found),
            Err(StorageError::Postgres(error)) if !is_alone && is_of_one(&error) => {
                self.announcements.send_alone(told);
                return calls;
            }
            // Where the connection was lost their nonces may be stored already, and they would be taken for copies of themselves.
            Err(error) => {
                self.announcements.give_back(told);
                fail(calls, error);
            }
        }
        Vec::new()
    }

    /// Asks for one that has failed among others, and for no other one with it. It tells nobody of anything.
    async fn alone(&self, call: ToAsk) {
        let mut calls = vec![call];
        let found = match self.pool.take().await {
            Ok(connection) => asked(&connection, &mut calls, &Told::default()).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => answer(calls, found),
            Err(error) => fail(calls, error),
        }
    }
}

fn answer(calls: Vec<ToAsk>, mut found: HashMap<CallId, Vec<Row>>) {
    for ToAsk { nonce, reply, .. } in calls {
        let _ = reply.send(Ok(found.remove(&(nonce.id, nonce.nonce)).unwrap_or_default()));
    }
}

fn fail(calls: Vec<ToAsk>, error: StorageError) {
    let error = if error.has_waited_too_long() { StorageError::Busy } else { error };
    for ToAsk { reply, .. } in calls {
        let _ = reply.send(Err(error.for_one_more()));
    }
}

/// The rows of all of these calls, which are brought in order.
async fn asked(
    connection: &Taken,
    calls: &mut [ToAsk],
    told: &Told,
) -> Result<HashMap<CallId, Vec<Row>>, StorageError> {
    calls.sort_by(|one, other| one.nonce.in_order(&other.nonce));
    let Some(Asks { for_many, .. }) = calls.first().map(|call| call.asks) else { return Ok(HashMap::new()) };
    let whats: Vec<_> = calls.iter().map(|call| call.asks.what).collect();
    let for_many = for_many(&whats);
    let asked = Box::pin(async {
        let mut statements = PostgresStatements::new(connection);
        let statement =
            statements.prepare(if told.is_empty() { for_many.silent } else { for_many.telling }).await?;
        let ids: Vec<_> = calls.iter().map(|call| call.nonce.id.as_str()).collect();
        let nonces: Vec<_> = calls.iter().map(|call| call.nonce.nonce.cast_signed()).collect();
        let timestamps: Vec<_> = calls.iter().map(|call| call.nonce.timestamp.0.cast_signed()).collect();
        let secrets: Vec<_> = calls.iter().map(|call| call.sealed.as_slice()).collect();
        let texts = told.texts();
        let values: [&(dyn ToSql + Sync); 6] = [&ids, &nonces, &timestamps, &secrets, &texts, &whats];
        let values = values.get(..for_many.values).unwrap_or_default();
        Ok(connection.client().query(&statement, values).await?)
    });
    let done: Result<Vec<PgRow>, StorageError> = connection.begin().of(asked).await?;
    connection.end(&done);
    let mut found: HashMap<_, Vec<Row>> = HashMap::new();
    for whole in done? {
        if let Some((call, answer)) = (for_many.read)(row(&whole)?)? {
            found.entry(call).or_default().push(answer);
        }
    }
    Ok(found)
}
