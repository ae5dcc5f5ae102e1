//! A backup as `pg_dump` has made it, before anything is done with it.
//!
//! Belongs here: whether a file is a whole backup of this service, and opens here. Does not belong here: putting it in place
//! ([`super::programs`]).

use std::path::Path;
use std::process::Command;

use super::client_programs::{failed, not_there, run};
use super::{find_keys, schema};
use crate::MasterKeySource;
use crate::sealing::Sealer;
use crate::{StorageError, master_key_check};
use base16ct::lower;

/// The facts needed about a backup.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BackupFile {
    version: i64,
    /// The seal that tells whether a master key is the right one.
    seal: Vec<u8>,
}

impl BackupFile {
    /// Reads a backup to its end: psql takes whatever it is given for all there is, and keeps it.
    ///
    /// # Errors
    /// [`StorageError::Program`] for what is no whole backup, or one of something else.
    pub(super) fn read(from: &Path) -> Result<Self, StorageError> {
        run("pg_restore", Command::new("pg_restore").arg("--file=/dev/null").arg(from))?;
        let something_else = || failed("pg_restore", b"this is a backup of something else");
        let version = rows(from, "schema_version")?.first().and_then(|row| row.first()?.parse().ok());
        let seal = rows(from, "settings")?.into_iter().find_map(|row| match &row[..] {
            [name, value] if name == master_key_check::CHECK => bytes(value),
            _ => None,
        });
        Ok(Self { version: version.ok_or_else(something_else)?, seal: seal.ok_or_else(something_else)? })
    }

    /// Whether this version of the service can do anything with it.
    ///
    /// # Errors
    /// [`StorageError::NewerSchema`]; [`StorageError::WrongMasterKey`].
    pub(super) fn check(&self, keys: &MasterKeySource) -> Result<(), StorageError> {
        schema::check(self.version, crate::Migrations::AtStart)?;
        master_key_check::check_seal(&Sealer::new(find_keys(keys)?)?, &self.seal)
    }
}

/// The rows of a table, which is in the backup as text.
fn rows(from: &Path, table: &str) -> Result<Vec<Vec<String>>, StorageError> {
    let mut program = Command::new("pg_restore");
    program.args(["--data-only", "--file=-"]).arg(format!("--table={table}")).arg(from);
    let output = program.output().map_err(|source| not_there("pg_restore", source))?;
    if !output.status.success() {
        return Err(failed("pg_restore", &output.stderr));
    }
    Ok(copied(&String::from_utf8_lossy(&output.stdout)))
}

/// The lines between `COPY … FROM stdin;` and `\\.`, apart at the tabs.
fn copied(sql: &str) -> Vec<Vec<String>> {
    let lines = sql.lines().skip_while(|line| !(line.starts_with("COPY ") && line.ends_with(" FROM stdin;")));
    let rows = lines.skip(1).take_while(|line| *line != r"\.");
    rows.map(|row| row.split('\t').map(str::to_owned).collect()).collect()
}

/// Bytes as they are copied: the backslash before their `x` is doubled.
fn bytes(text: &str) -> Option<Vec<u8>> {
    lower::decode_vec(text.strip_prefix(r"\\x")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_are_copied() {
        let sql = "SET search_path = '';\n\nCOPY public.settings (name, value) FROM stdin;\nmaster key\t\\\\x01ff\n\
                   other\t\\\\x\n\\.\n\nSELECT 1;\n";
        let rows = copied(sql);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0][0].as_str(), bytes(&rows[0][1])), ("master key", Some(vec![1, 255])));
        assert_eq!(bytes(&rows[1][1]), Some(Vec::new()));
        assert_eq!(bytes("\\N"), None);
        assert!(copied("COPY public.settings (name, value) FROM stdin;\n\\.\n").is_empty());
        assert!(copied("SELECT 1;").is_empty());
    }
}
