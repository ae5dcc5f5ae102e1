//! The file that the phone's state is in.
//!
//! It is replaced as a whole, so that a crash leaves the old state or the new one; and it is its owner's only.

use std::io::Write as _;
use std::path::Path;

use iampass_testkit::Phone;

use crate::actions::Failure;

/// The phone as it was left, or a new one when there is no file.
pub(crate) fn load(path: &Path) -> Result<Phone, Failure> {
    let mut phone = Phone::new()?;
    match std::fs::read_to_string(path) {
        Ok(json) => phone
            .restore(&json)
            .map_err(|source| Failure::State { path: path.into(), source: Box::new(source) })?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(Failure::File { path: path.into(), source }),
    }
    Ok(phone)
}

pub(crate) fn save(path: &Path, phone: &Phone) -> Result<(), Failure> {
    let failed = |source| Failure::File { path: path.into(), source };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Temporary files are made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(phone.to_json_with_secrets().as_bytes()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
