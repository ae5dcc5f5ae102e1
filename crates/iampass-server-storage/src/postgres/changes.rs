//! A change that was handed in: what it does, its nonce, and who is told what became of it.
//!
//! It is made to its end whether or not anybody waits for it. A panic in it is an error of it alone.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use iampass_core::port::Clock;
use tokio::sync::{mpsc, oneshot};

use crate::nonce_rows::NonceRow;
use crate::port::Prediction;
use crate::sealing::Sealer;
use crate::signals::Raised;
use crate::{Statements, StorageError, Tx, Work};

/// A change, whatever it gives back.
#[async_trait]
pub(super) trait Change: Send {
    /// The nonce that is to be stored with it.
    fn nonce(&self) -> Option<&NonceRow>;

    /// The signer of its request, where that is foreseen, and is to be read again in the same transaction.
    fn foreseen(&self) -> Option<Arc<dyn Prediction>>;

    /// The nonce, to be stored by itself. None where its signer was foreseen and is not known to be so.
    fn take_nonce(&mut self) -> Option<NonceRow>;

    /// Makes it. It may be made again, from the beginning.
    async fn make(&mut self, statements: &mut dyn Statements) -> Result<(), StorageError>;

    /// The list of those it affects.
    fn raised(&self) -> &Raised;

    /// Tells its caller.
    fn answer(self: Box<Self>, result: Result<(), StorageError>);
}

/// The clock and the keys, which all changes of a node need.
#[derive(Clone)]
pub(super) struct Means {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sealer: Arc<Sealer>,
}

/// A change with its caller.
pub(super) struct HandedIn<T, F> {
    pub(super) work: F,
    pub(super) means: Means,
    pub(super) nonce: Option<NonceRow>,
    pub(super) foreseen: Option<Arc<dyn Prediction>>,
    pub(super) raised: Raised,
    pub(super) value: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, StorageError>>,
    /// Changes that are queued up later wait until it is dropped.
    pub(super) _is_under_way: mpsc::Sender<Infallible>,
}

#[async_trait]
impl<T, F> Change for HandedIn<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
{
    fn nonce(&self) -> Option<&NonceRow> {
        self.nonce.as_ref()
    }

    fn foreseen(&self) -> Option<Arc<dyn Prediction>> {
        // Once its nonce is stored, the signer has been read.
        self.foreseen.clone().filter(|_| self.nonce.is_some())
    }

    fn take_nonce(&mut self) -> Option<NonceRow> {
        let counts = self.foreseen.as_ref().is_none_or(|signer| signer.holds());
        self.nonce.take().filter(|_| counts)
    }

    async fn make(&mut self, statements: &mut dyn Statements) -> Result<(), StorageError> {
        self.raised.clear();
        let work = self.work.clone();
        let (means, raised) = (&self.means, &self.raised);
        let made = async move {
            let mut tx = Tx::new(statements, &*means.clock, &means.sealer, raised);
            work(&mut tx).await
        };
        // Its statements before a panic are undone in the database, and it shares no other state.
        self.value =
            Some(AssertUnwindSafe(made).catch_unwind().await.unwrap_or(Err(StorageError::Panicked))?);
        Ok(())
    }

    fn raised(&self) -> &Raised {
        &self.raised
    }

    fn answer(self: Box<Self>, result: Result<(), StorageError>) {
        let result = match (result, self.value) {
            (Err(error), _) => Err(error),
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(StorageError::NotCommitted("it was never made".to_owned())),
        };
        // A caller that has gone away needs no answer.
        let _ = self.reply.send(result);
    }
}
