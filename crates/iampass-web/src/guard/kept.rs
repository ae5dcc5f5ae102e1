//! The state of a session between two questions. Belongs here: its short forms. Does not belong here: who may change it ([`super::live`]).

use std::sync::Arc;

use iampass_core::client::{RestingFlow, WatchFlow};
use iampass_core::wire::{Assurance, KeyKind};
use tokio::sync::{Notify, watch};

use super::look_times::Looks;

/// The state of a session that is not read at each request.
pub(super) struct Kept {
    pub(super) watch: KeptWatch,
    pub(super) looks: Looks,
    /// The proof of the approval, by an answer that is not older than the last status.
    pub(super) assurance: KeptAssurance,
    /// Counts what was heard, changed or not. None: nobody listens.
    pub(super) heard: Option<watch::Sender<u64>>,
    /// Wakes the task that asks about the session, while there is one.
    pub(super) task: Option<Arc<Notify>>,
    /// Whether somebody wants a question before it is due.
    pub(super) is_asked: bool,
    /// When the session is woken, while it rests, in milliseconds since the clock's origin.
    pub(super) due: u64,
}

/// The watch of a session.
pub(super) enum KeptWatch {
    /// In little memory.
    Resting(RestingFlow),
    /// As it is: it has no short form.
    Whole(Box<WatchFlow>),
    /// A task has it.
    Taken,
    /// The session is over.
    Over,
}

impl KeptWatch {
    pub(super) fn of(mut flow: WatchFlow) -> Self {
        match flow.at_rest() {
            Ok(Some(resting)) => Self::Resting(resting),
            Ok(None) | Err(_) => Self::Whole(Box::new(flow)),
        }
    }
}

/// A proof of an approval, or none.
pub(super) enum KeptAssurance {
    Nothing,
    Known {
        code: bool,
        unlocked: bool,
        is_device_key: bool,
    },
    /// By a key of a kind that this version does not know.
    Other(Box<Assurance>),
}

impl From<Option<&Assurance>> for KeptAssurance {
    fn from(assurance: Option<&Assurance>) -> Self {
        let Some(assurance) = assurance else { return Self::Nothing };
        let is_device_key = match assurance.key {
            KeyKind::Device => true,
            KeyKind::Shared => false,
            _ => return Self::Other(Box::new(assurance.clone())),
        };
        Self::Known { code: assurance.code, unlocked: assurance.unlocked, is_device_key }
    }
}

impl KeptAssurance {
    pub(super) fn assurance(&self) -> Option<Assurance> {
        match self {
            Self::Nothing => None,
            Self::Known { code, unlocked, is_device_key } => {
                let key = if *is_device_key { KeyKind::Device } else { KeyKind::Shared };
                Some(Assurance::default().code(*code).unlocked(*unlocked).key(key))
            }
            Self::Other(assurance) => Some((**assurance).clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_comes_back_as_it_was() {
        assert_eq!(KeptAssurance::from(None).assurance(), None);
        for key in [KeyKind::Device, KeyKind::Shared, KeyKind::from("of a new kind")] {
            for (code, unlocked) in [(false, false), (true, false), (false, true), (true, true)] {
                let proof = Assurance::default().code(code).unlocked(unlocked).key(key.clone());
                assert_eq!(KeptAssurance::from(Some(&proof)).assurance(), Some(proof));
            }
        }
    }
}
