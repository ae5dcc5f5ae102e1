//! [`RestingHints`]: the hints of a machine that rests, in little memory. Belongs here: their packing. Does not belong here: their meaning.

use super::{Hints, MOST_DOUBLINGS};
use crate::machine::packed::{PackedStatus, PackedTime};
use crate::wire::SessionStatus;

/// The hints that came to a machine whose stream is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::machine) struct RestingHints {
    gap_until: Option<PackedTime>,
    not_before: Option<PackedTime>,
    word: Word,
    known: Option<PackedStatus>,
    is_new: bool,
    for_a_hint: bool,
    again: bool,
    /// At most [`MOST_DOUBLINGS`].
    wrong: u8,
}

/// The last status of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// There was none.
    Unsaid,
    /// It was not understood.
    Unclear,
    Said(PackedStatus),
}

impl RestingHints {
    /// `None`: they cannot be packed, since the stream is there, or one of their values has no short form.
    pub(in crate::machine) fn of(hints: &Hints) -> Option<Self> {
        if hints.heard_at.is_some() {
            return None;
        }
        let packed = |status: &Option<SessionStatus>| match status {
            Some(status) => PackedStatus::of(status).map(Some),
            None => Some(None),
        };
        let word = match &hints.word {
            None => Word::Unsaid,
            Some(None) => Word::Unclear,
            Some(Some(status)) => Word::Said(PackedStatus::of(status)?),
        };
        Some(Self {
            gap_until: PackedTime::of_option(hints.gap_until)?,
            not_before: PackedTime::of_option(hints.not_before)?,
            word,
            known: packed(&hints.known)?,
            is_new: hints.is_new,
            for_a_hint: hints.for_a_hint,
            again: hints.again,
            wrong: u8::try_from(hints.wrong.min(MOST_DOUBLINGS)).ok()?,
        })
    }

    pub(in crate::machine) fn woken(self) -> Hints {
        Hints {
            heard_at: None,
            word: match self.word {
                Word::Unsaid => None,
                Word::Unclear => Some(None),
                Word::Said(status) => Some(Some(status.status())),
            },
            is_new: self.is_new,
            known: self.known.map(PackedStatus::status),
            gap_until: self.gap_until.map(PackedTime::time),
            for_a_hint: self.for_a_hint,
            wrong: u32::from(self.wrong),
            again: self.again,
            not_before: self.not_before.map(PackedTime::time),
        }
    }
}
