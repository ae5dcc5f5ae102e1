//! Backups of PostgreSQL by its own programs, which know better than anybody else how to copy it while it is in use.
//!
//! Belongs here: what `pg_dump`, `pg_restore` and `psql` are asked to do. Does not belong here: starting them ([`super::client_programs`]), and what a
//! backup must not bring back ([`crate::restoring`]).

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::backup_file::BackupFile;
use super::client_programs::{command, failed, io_failed, not_there, run};
use super::schema;
use super::url::DatabaseUrl;
use crate::MasterKeySource;
use crate::StorageError;

/// Writes everything to a new file.
///
/// # Errors
/// [`StorageError::Program`] with what the program says.
pub fn dump(url: &DatabaseUrl, to: &Path) -> Result<(), StorageError> {
    if to.exists() {
        let source = io::Error::from(io::ErrorKind::AlreadyExists);
        return Err(StorageError::Open { path: to.to_owned(), source });
    }
    let mut file = std::fs::OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    let opened = file.open(to).map_err(|source| StorageError::Open { path: to.to_owned(), source })?;
    let mut program = command("pg_dump", url);
    program
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .stdout(opened.try_clone().map_err(io_failed)?);
    let done = run("pg_dump", &mut program);
    if done.is_err() {
        // An incomplete file must not be taken for a backup.
        let _ = std::fs::remove_file(to);
    }
    done?;
    opened.sync_all().map_err(|source| StorageError::Open { path: to.to_owned(), source })
}

/// Does `before`, puts a backup in the place of what is in the database, and then does `after` in it; all in one transaction.
///
/// # Errors
/// [`StorageError::Program`], and those of reading the backup; then the database is as it was.
pub(crate) fn restore(
    url: &DatabaseUrl,
    keys: &MasterKeySource,
    from: &Path,
    before: &str,
    after: &[&str],
) -> Result<(), StorageError> {
    BackupFile::read(from)?.check(keys)?;
    let mut reader = Command::new("pg_restore");
    reader.args(["--no-owner", "--no-privileges", "--file=-"]).arg(from);
    let mut reading = reader
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| not_there("pg_restore", source))?;
    let mut writer = command("psql", url);
    writer.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]);
    writer.arg(format!("--command={before}"));
    // An older backup does not know all of the tables that are here, nor what they refer to.
    writer.arg(format!("--command={}", schema::forget_all())).arg("--file=-");
    // The backup's own SQL looks for nothing but what it names in full.
    writer.arg("--command=RESET search_path");
    for statement in after {
        writer.arg(format!("--command={statement}"));
    }
    if let Some(sql) = reading.stdout.take() {
        writer.stdin(sql);
    }
    writer.stdout(Stdio::null());
    let written = run("psql", &mut writer);
    let read = reading.wait_with_output().map_err(io_failed)?;
    if !read.status.success() {
        return Err(failed("pg_restore", &read.stderr));
    }
    written
}
