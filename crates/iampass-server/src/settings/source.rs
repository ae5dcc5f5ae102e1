//! [`Source`]: where a setting was written.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a setting comes from; later ones count more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was not set.
    Default,
    /// A line of the file.
    File { path: Arc<PathBuf>, line: usize },
    /// A variable.
    Environment(String),
    /// A flag, as it is written.
    Flag(String),
}

impl Source {
    /// A source that counts more has a higher rank.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Default => 0,
            Self::File { .. } => 1,
            Self::Environment(_) => 2,
            Self::Flag(_) => 3,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}
