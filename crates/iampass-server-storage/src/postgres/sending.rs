//! Statements that are sent together: they take one trip to the server, and their answers come in their order.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tokio_postgres::{Client, Error, Row, Statement};

use crate::Value;
use crate::values::Cell;

/// A statement on its way. It is sent when it is polled first.
pub(super) type Sending<'s> = Pin<Box<dyn Future<Output = Result<Sent, Error>> + Send + 's>>;

/// The answer to one statement.
pub(super) enum Sent {
    /// It was no statement with an answer.
    Nothing,
    /// How many rows it changed.
    Changed(u64),
    /// Its rows.
    Rows(Vec<Row>),
}

/// A part of a change that is kept in a transaction which others share, and was not sent yet.
pub(super) enum Kept {
    /// Commands that stand before its statements.
    Commands(String),
    /// A statement of which only a failure is of interest.
    Statement(Statement, Vec<Cell>),
}

impl Kept {
    /// Whether the transaction begins with it.
    pub(super) fn is_begin(&self) -> bool {
        matches!(self, Self::Commands(commands) if commands.starts_with("BEGIN"))
    }

    pub(super) fn sending(self, client: &Client) -> Sending<'_> {
        match self {
            Self::Commands(commands) => command(client, commands),
            Self::Statement(statement, cells) => changed_later(client, statement, cells),
        }
    }
}

/// A command such as `COMMIT`, or several.
pub(super) fn command<'s>(client: &'s Client, sql: String) -> Sending<'s> {
    Box::pin(async move { client.batch_execute(&sql).await.map(|()| Sent::Nothing) })
}

/// A statement of which the rows are wanted.
pub(super) fn rows<'s>(client: &'s Client, statement: Statement, values: &'s [Value<'s>]) -> Sending<'s> {
    Box::pin(
        async move { client.query(&statement, &super::translating::bound(values)).await.map(Sent::Rows) },
    )
}

/// A statement of which the number of changed rows is wanted.
pub(super) fn changed<'s>(client: &'s Client, statement: Statement, values: &'s [Value<'s>]) -> Sending<'s> {
    let sent = async move { client.execute(&statement, &super::translating::bound(values)).await };
    Box::pin(async move { sent.await.map(Sent::Changed) })
}

/// The same, of values that were kept.
pub(super) fn changed_later<'s>(client: &'s Client, statement: Statement, cells: Vec<Cell>) -> Sending<'s> {
    Box::pin(async move {
        let values: Vec<_> = cells.iter().map(Cell::value).collect();
        client.execute(&statement, &super::translating::bound(&values)).await.map(Sent::Changed)
    })
}

/// A statement of which the rows are wanted, of values that were kept.
pub(super) fn rows_again<'s>(client: &'s Client, statement: Statement, cells: Vec<Cell>) -> Sending<'s> {
    Box::pin(async move {
        let values: Vec<_> = cells.iter().map(Cell::value).collect();
        client.query(&statement, &super::translating::bound(&values)).await.map(Sent::Rows)
    })
}

/// Sends all of them at once and waits for the answers.
pub(super) async fn together(mut sendings: Vec<Sending<'_>>) -> Vec<Result<Sent, Error>> {
    let mut answers: Vec<_> = sendings.iter().map(|_| None).collect();
    poll_fn(move |context| {
        let mut all = true;
        for (sending, answer) in sendings.iter_mut().zip(&mut answers) {
            if answer.is_none() {
                match sending.as_mut().poll(context) {
                    Poll::Ready(done) => *answer = Some(done),
                    Poll::Pending => all = false,
                }
            }
        }
        match all {
            true => Poll::Ready(std::mem::take(&mut answers).into_iter().flatten().collect()),
            false => Poll::Pending,
        }
    })
    .await
}
