//! Which file a path leads to.

use std::path::Path;

use crate::StorageError;

/// Device and number of a file: another file at the same path has others. Where the system has no such numbers all files are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    number: u64,
}

impl FileIdentity {
    pub(super) fn of(path: &Path) -> Result<Self, StorageError> {
        let found =
            std::fs::metadata(path).map_err(|source| StorageError::Open { path: path.to_owned(), source })?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Ok(Self { device: found.dev(), number: found.ino() })
        }
        #[cfg(not(unix))]
        {
            let _ = found;
            Ok(Self { device: 0, number: 0 })
        }
    }
}
