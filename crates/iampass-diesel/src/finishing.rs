//! Calls that are dropped by their caller. Belongs here: dropping a future without harm. Does not belong here: what it does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use iampass_sql::{DatabaseError, Fault};
use tokio::runtime::Handle;

/// Set once a connection has been taken, from when on the call must come to its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct PointOfNoReturn(Arc<AtomicBool>);

impl PointOfNoReturn {
    pub(crate) fn pass(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_passed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A call that is finished in the background when it is dropped in the middle of a statement.
///
/// A MySQL connection that went back to the pool in the middle of an answer would take the rest of it for the answer to the next
/// question; and a diesel-async connection to SQLite, dropped in the middle, blocks the thread until the statement is done, or panics on a
/// runtime of one thread. So the statement goes on, and the connection goes back to the pool after it.
pub(crate) struct Finishing<T: Send + 'static> {
    call: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    no_return: PointOfNoReturn,
    runtime: Handle,
}

impl<T: Send + 'static> Finishing<T> {
    /// `call` is given what it has to pass as soon as it holds a connection.
    ///
    /// # Errors
    /// When there is no tokio runtime here.
    pub(crate) fn new<F>(call: impl FnOnce(PointOfNoReturn) -> F) -> Result<Self, DatabaseError>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|error| DatabaseError::new(Fault::Other, error))?;
        let no_return = PointOfNoReturn::default();
        Ok(Self { call: Some(Box::pin(call(no_return.clone()))), no_return, runtime })
    }
}

impl<T: Send + 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that one that panics is not finished elsewhere.
        let Some(mut call) = self.call.take() else { return Poll::Pending };
        let polled = call.as_mut().poll(context);
        if polled.is_pending() {
            self.call = Some(call);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        match self.call.take() {
            Some(call) if self.no_return.is_passed() => drop(self.runtime.spawn(call)),
            Some(call) => drop_apart(&self.runtime, call),
            None => {}
        }
    }
}

/// Drops something on a thread that may block.
pub(crate) fn drop_apart(runtime: &Handle, something: impl Send + 'static) {
    drop(runtime.spawn_blocking(move || drop(something)));
}
