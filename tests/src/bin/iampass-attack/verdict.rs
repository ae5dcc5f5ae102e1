//! An attack, and what came of it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::ground::Ground;

/// The reason for which an attack could not be tried.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The end of an attack.
pub(crate) enum Verdict {
    /// The attacker has gained nothing; with what was seen.
    Defeated(String),
    /// The attacker has gained something that no code can take away; with the reason and what limits it.
    Residual(String),
    /// The attacker has gained something; with what was seen.
    Succeeded(String),
}

impl Verdict {
    /// Defeated, with what was seen.
    pub(crate) fn defeated(seen: impl Into<String>) -> Outcome {
        Ok(Self::Defeated(seen.into()))
    }

    /// Succeeded, with what was seen.
    pub(crate) fn succeeded(seen: impl Into<String>) -> Outcome {
        Ok(Self::Succeeded(seen.into()))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defeated(seen) => write!(f, "defeated: {seen}"),
            Self::Residual(reason) => write!(f, "RESIDUAL ({reason})"),
            Self::Succeeded(seen) => write!(f, "SUCCEEDED: {seen}"),
        }
    }
}

/// An attack that was tried, or why it could not be.
pub(crate) type Outcome = Result<Verdict, Failure>;

/// An attack on its way.
pub(crate) type Trying = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// One attack.
pub(crate) struct Attack {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The attempt, in one sentence.
    pub(crate) tried: &'static str,
    pub(crate) run: fn(Arc<Ground>) -> Trying,
}

/// An [`Attack`] of a name, a sentence and an async function.
macro_rules! attack {
    ($name:literal, $tried:literal, $run:path) => {
        $crate::verdict::Attack { name: $name, tried: $tried, run: |ground| Box::pin($run(ground)) }
    };
}
pub(crate) use attack;

/// Ends an attack as succeeded unless the condition holds.
macro_rules! hold {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return $crate::verdict::Verdict::succeeded(format!($($seen)+));
        }
    };
}
pub(crate) use hold;

/// Ends an attack as one that could not be tried unless the condition holds: what an honest user does has to work, or a refusal proves nothing.
macro_rules! works {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return Err(format!($($seen)+).into());
        }
    };
}
pub(crate) use works;
