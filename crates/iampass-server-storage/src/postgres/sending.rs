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

/// Sends all of them at once and waits for the answers. `behind` is sent as the last one; it is waited for by the caller, if at all.
pub(super) async fn together(
    mut sendings: Vec<Sending<'_>>,
    mut behind: Option<&mut Behind<'_>>,
) -> Vec<Result<Sent, Error>> {
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
        if let Some(behind) = &mut behind {
            behind.poll(context);
        }
        match all {
            true => Poll::Ready(std::mem::take(&mut answers).into_iter().flatten().collect()),
            false => Poll::Pending,
        }
    })
    .await
}

/// A statement that is sent behind others, and whose answer is of little interest.
pub(super) struct Behind<'s> {
    sending: Sending<'s>,
    answer: Option<Result<Sent, Error>>,
}

impl<'s> Behind<'s> {
    pub(super) fn new(sending: Sending<'s>) -> Self {
        Self { sending, answer: None }
    }

    fn poll(&mut self, context: &mut std::task::Context<'_>) {
        if self.answer.is_none()
            && let Poll::Ready(done) = self.sending.as_mut().poll(context)
        {
            self.answer = Some(done);
        }
    }

    /// Waits for its answer.
    pub(super) async fn done(self) -> Result<(), Error> {
        match self.answer {
            Some(answer) => answer.map(drop),
            None => self.sending.await.map(drop),
        }
    }
}
