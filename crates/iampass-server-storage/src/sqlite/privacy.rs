//! The permissions of the data file: only its owner may read it, because it holds secrets.
//!
//! Belongs here: making the file, and closing one that is open to others. Does not belong here: what is in it.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use crate::StorageError;

/// The files that SQLite writes beside a data file. It gives them the mode of the data file when it makes them.
#[cfg(unix)]
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Finds the file, or makes it, for its owner only. Its one true path is given back: whatever links and detours lead to a file, it is one
/// file, with one lock.
///
/// A file that is there is not opened: closing it again would let go of the locks that SQLite holds on it elsewhere in this process.
///
/// # Errors
/// [`StorageError::Open`] when it cannot be made or found.
pub(super) fn find_or_make(data: &Path) -> Result<PathBuf, StorageError> {
    let failed = |source| StorageError::Open { path: data.to_owned(), source };
    if !data.try_exists().map_err(failed)? {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(data).map_err(failed)?;
    }
    if !data.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is there, but it is not a file")));
    }
    data.canonicalize().map_err(failed)
}

/// Takes the rights of others away from a data file and from what lies beside it. To be called when it is known to be a data file: the
/// rights to anything else are not ours to change.
///
/// # Errors
/// [`StorageError::NotPrivate`] when others keep their rights.
pub(super) fn close_to_others(data: &Path) -> Result<(), StorageError> {
    #[cfg(unix)]
    {
        close(data)?;
        for companion in COMPANIONS {
            close(&beside(data, companion))?;
        }
    }
    #[cfg(not(unix))]
    let _ = data;
    Ok(())
}

/// The file of the same name with something after it.
pub fn beside(data: &Path, suffix: &str) -> PathBuf {
    let mut path = data.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

#[cfg(unix)]
fn close(path: &Path) -> Result<(), StorageError> {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    let failed = |source| StorageError::NotPrivate { path: path.to_owned(), source };
    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
    tracing::warn!(
        path = %path.display(),
        mode = format_args!("{:04o}", mode & 0o7777),
        "this file was open to others and is its owner's alone now; secrets stand in it, and others may have read them"
    );
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_new_file_is_its_owners() {
        let directory = tempfile::tempdir().unwrap();
        let data = find_or_make(&directory.path().join("data")).unwrap();
        assert_eq!(mode(&data), 0o600);
        let no_file = find_or_make(directory.path());
        assert!(matches!(no_file, Err(StorageError::Open { .. })), "{no_file:?}");
    }

    #[test]
    fn rights_of_others_are_taken_away_from_the_file_and_from_what_lies_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        for open in [0o644, 0o640, 0o604, 0o660, 0o666, 0o601] {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let path = beside(&data, suffix);
                fs::write(&path, "kept").unwrap();
                fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
            }
            close_to_others(&data).unwrap();
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let path = beside(&data, suffix);
                assert_eq!(mode(&path), 0o600, "{suffix} was {open:o}");
                assert_eq!(fs::read(&path).unwrap(), b"kept");
            }
        }
    }

    #[test]
    fn what_is_closed_to_others_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        fs::write(&data, "").unwrap();
        fs::set_permissions(&data, Permissions::from_mode(0o400)).unwrap();
        close_to_others(&data).unwrap();
        assert_eq!(mode(&data), 0o400);
    }

    #[test]
    fn all_ways_to_a_file_lead_to_one_path() {
        let directory = tempfile::tempdir().unwrap();
        let (data, link) = (directory.path().join("data"), directory.path().join("link"));
        symlink(&data, &link).unwrap();
        let by_link = find_or_make(&link).unwrap();
        assert!(data.exists(), "a link to a file that is not there yet makes it");
        assert_eq!(mode(&data), 0o600);
        fs::create_dir(directory.path().join("sub")).unwrap();
        let by_detour = find_or_make(&directory.path().join("sub/../data")).unwrap();
        assert_eq!(by_link, find_or_make(&data).unwrap());
        assert_eq!(by_detour, by_link);
    }
}
