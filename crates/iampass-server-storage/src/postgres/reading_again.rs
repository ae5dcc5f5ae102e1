//! Reading signers again who are foreseen. Belongs here: which statements do it, and what their answers say of whom. Does not belong here: when they are sent
//! ([`super::statements`]).

use std::sync::Arc;

use super::sending::Sent;
use super::translating::row;
use crate::StorageError;
use crate::port::Prediction;
use crate::values::Cell;

/// A statement with values that are kept.
pub(super) type Again = (&'static str, Vec<Cell>);

/// The statements that read signers again, each once: calls of one application read the same row. And for each signer, which of them are its own.
pub(super) fn each_once(foreseen: &[Arc<dyn Prediction>]) -> (Vec<Again>, Vec<Vec<usize>>) {
    let mut statements: Vec<Again> = Vec::new();
    let mut place_of = |asked: Again| match statements.iter().position(|other| *other == asked) {
        Some(place) => place,
        None => {
            statements.push(asked);
            statements.len() - 1
        }
    };
    let places = foreseen.iter().map(|signer| signer.asked().into_iter().map(&mut place_of).collect());
    let places = places.collect();
    (statements, places)
}

/// Judges signers by the rows that were read again. Where one could not be read, what was foreseen of it stays open.
pub(super) fn judge(
    foreseen: &[Arc<dyn Prediction>],
    places: &[Vec<usize>],
    answers: Vec<Result<Sent, tokio_postgres::Error>>,
) -> Result<(), StorageError> {
    let mut read = Vec::with_capacity(answers.len());
    for answer in answers {
        read.push(match answer {
            Ok(Sent::Rows(rows)) => Some(rows.iter().map(row).collect::<Result<Vec<_>, _>>()?),
            _ => None,
        });
    }
    for (signer, places) in foreseen.iter().zip(places) {
        let found: Option<Vec<_>> = places.iter().map(|&place| read.get(place).cloned().flatten()).collect();
        if let Some(found) = found {
            signer.judge(&found);
        }
    }
    Ok(())
}
