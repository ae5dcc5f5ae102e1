//! [`Foreseen`]: what this node read last about whom a signature names, as a prediction.
//!
//! A call whose signature fits a remembered secret is not kept waiting for the row of its signer: that row is read in the same trip as what follows, and
//! decides. Where it is not as it was foreseen, all of it is taken back, and the call is judged anew by what is stored. So a memory that is old costs
//! time, and lets nobody in.
//!
//! Belongs here: what has to be read again, and whether it is as it was foreseen. Does not belong here: what is remembered ([`super::remembered`]), and
//! whether a signature fits it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use iampass_core::Secret;
use iampass_core::signing::Presented;

use super::nonce_rows::NonceRow;
use super::port::Prediction;
use super::questions::{self, ALL_WITH_KEYS, QUESTION};
use super::values::Cell;
use super::{
    Answerers, Application, AskedQuestion, Database, Row, Sealed, SpentNonce, StorageError, applications,
};

/// The signer of a call that makes a change, as it was read last. The transaction of the change reads it again.
pub struct Foreseen {
    signer: Signer,
    standing: AtomicU8,
}

/// Whether a prediction has come true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The signer has not been read again.
    Open,
    /// The signer was read, and is as foreseen.
    Held,
    /// The signer was read, and is not as foreseen. Nothing was changed.
    Broken,
    /// The answer to a commit was lost: the change may have been made.
    Unclear,
}

enum Signer {
    /// All columns of its row, its secrets among them as they are stored.
    Application { id: String, row: Row },
    /// Its secret as it is stored, and what its phone's answer is held against.
    Question { id: String, sealed: Vec<u8>, asked: Box<AskedQuestion> },
}

impl Foreseen {
    fn new(signer: Signer) -> Arc<Self> {
        Arc::new(Self { signer, standing: AtomicU8::new(0) })
    }

    /// Whether it has come true.
    pub fn standing(&self) -> Standing {
        match self.standing.load(Ordering::SeqCst) {
            0 => Standing::Open,
            1 => Standing::Held,
            2 => Standing::Broken,
            _ => Standing::Unclear,
        }
    }

    fn is_as_found(&self, found: &[Vec<Row>]) -> Result<bool, StorageError> {
        let Some([read]) = found.first().map(Vec::as_slice) else { return Ok(false) };
        match &self.signer {
            Signer::Application { row, .. } => Ok(read == row),
            Signer::Question { sealed, asked, .. } => {
                let phones = found.get(1).map(Vec::as_slice).unwrap_or_default();
                Ok(read.bytes(0)? == sealed && **asked == questions::read_asked(read, phones)?)
            }
        }
    }
}

impl Prediction for Foreseen {
    fn asked(&self) -> Vec<(&'static str, Vec<Cell>)> {
        match &self.signer {
            Signer::Application { id, .. } => vec![(applications::BY_ID, vec![Cell::Text(id.clone())])],
            Signer::Question { id, asked, .. } => {
                let question = (QUESTION, vec![Cell::Text(id.clone())]);
                match (&asked.answerers, asked.key.user) {
                    (Answerers::Keys(_), Some(user)) => {
                        vec![question, (ALL_WITH_KEYS, vec![Cell::Integer(user.0)])]
                    }
                    _ => vec![question],
                }
            }
        }
    }

    fn judge(&self, found: &[Vec<Row>]) {
        let holds = self.is_as_found(found).unwrap_or(false);
        self.standing.store(if holds { 1 } else { 2 }, Ordering::SeqCst);
    }

    fn holds(&self) -> bool {
        self.standing() == Standing::Held
    }

    fn is_broken(&self) -> bool {
        self.standing() == Standing::Broken
    }

    fn is_left_unclear(&self) {
        self.standing.store(3, Ordering::SeqCst);
    }
}

impl Database {
    /// The application of this id as this node read it last, and the prediction that it is so still. None where nothing is remembered. Nothing may be
    /// answered by it before the prediction has [come true](Foreseen::standing).
    pub fn foreseen_application(&self, id: &str) -> Option<(Application, Arc<Foreseen>)> {
        let row = self.remembered()?.application(id)?;
        let application = applications::read(self.sealer(), self.clock().now().wall, &row).ok()?;
        Some((application, Foreseen::new(Signer::Application { id: id.to_owned(), row })))
    }

    /// The same of the question of this id, with its secret. Of the phones that may answer, those are told that this node has met: it is as foreseen where
    /// these are all.
    pub fn foreseen_question(&self, id: &str) -> Option<(Secret, AskedQuestion, Arc<Foreseen>)> {
        let (sealed, asked) = self.remembered()?.question(id)?;
        let secret = self.sealer().open(Sealed::Question, id, &sealed).ok()?;
        let signer = Signer::Question { id: id.to_owned(), sealed, asked: Box::new(asked.clone()) };
        Some((secret, asked, Foreseen::new(signer)))
    }

    /// The nonce of a change whose signer is foreseen: it is stored in the transaction of the change, if the signer is as foreseen there. Dropped before
    /// that, it is as if it had never been.
    pub fn foreseen_nonce(
        self: &Arc<Self>,
        presented: &Presented<'_>,
        foreseen: &Arc<Foreseen>,
    ) -> SpentNonce {
        SpentNonce::foreseen(Arc::clone(self), NonceRow::new(presented), foreseen.clone())
    }

    /// Reads a signer again of whom nothing was read on the way; whether it is as foreseen.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn is_as_foreseen(&self, foreseen: &Arc<Foreseen>) -> Result<bool, StorageError> {
        let asked = foreseen.asked();
        let found = self.read(move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for (sql, cells) in &asked {
                    let values: Vec<_> = cells.iter().map(Cell::value).collect();
                    found.push(tx.query(sql, &values).await?);
                }
                Ok(found)
            })
        });
        foreseen.judge(&found.await?);
        Ok(foreseen.holds())
    }
}

impl std::fmt::Debug for Foreseen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Foreseen").field("standing", &self.standing()).finish_non_exhaustive()
    }
}
