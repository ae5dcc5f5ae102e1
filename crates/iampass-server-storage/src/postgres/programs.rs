//! Backups of PostgreSQL by its own programs, which know better than anybody else how to copy it while it is in use.
//!
//! Belongs here: running `pg_dump`, `pg_restore` and `psql`. The password goes to them by their environment, where other users cannot see it.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use tokio_postgres::config::SslMode;

use super::backup_file::BackupFile;
use super::schema;
use super::url::{DatabaseUrl, name_of};
use crate::MasterKeySource;
use crate::StorageError;
use crate::restoring::STATEMENTS;

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

/// Puts a backup in the place of what is in the database, in one transaction, and unless told otherwise ends its sessions and links in it.
///
/// # Errors
/// [`StorageError::Program`], and those of reading the backup; then the database is as it was.
pub fn restore(
    url: &DatabaseUrl,
    keys: &MasterKeySource,
    from: &Path,
    keep_sessions: bool,
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
    // An older backup does not know all of the tables that are here, nor what they refer to.
    writer.arg(format!("--command={}", schema::forget_all())).arg("--file=-");
    // The backup's own SQL looks for nothing but what it names in full.
    writer.arg("--command=RESET search_path");
    if !keep_sessions {
        for statement in STATEMENTS {
            writer.arg(format!("--command={statement}"));
        }
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

fn io_failed(source: io::Error) -> StorageError {
    StorageError::Program { program: "a program of PostgreSQL", said: source.to_string() }
}

fn command(program: &'static str, url: &DatabaseUrl) -> Command {
    let config = &url.config;
    let mut command = Command::new(program);
    let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join(","));
    let host = list(config.get_hosts().iter().map(name_of).collect());
    let address = list(config.get_hostaddrs().iter().map(ToString::to_string).collect());
    let port = list(config.get_ports().iter().map(ToString::to_string).collect());
    let password = config.get_password().and_then(|password| std::str::from_utf8(password).ok());
    let options = url.options();
    let tls = match config.get_ssl_mode() {
        SslMode::Disable => "disable",
        _ => "verify-full",
    };
    let authorities = if tls == "disable" { None } else { authorities(url) };
    for (name, value) in [
        ("PGHOST", host.as_deref()),
        ("PGHOSTADDR", address.as_deref()),
        ("PGPORT", port.as_deref()),
        ("PGOPTIONS", options.as_deref()),
        ("PGTARGETSESSIONATTRS", (!url.may_be_read_only).then_some("read-write")),
        ("PGUSER", config.get_user()),
        ("PGPASSWORD", password),
        ("PGDATABASE", config.get_dbname()),
        ("PGSSLMODE", Some(tls)),
        ("PGSSLROOTCERT", authorities.as_deref()),
    ] {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

/// The file with those who vouch for the database's certificate. Left to itself, libpq takes one of the home directory, and none of the system's.
fn authorities(url: &DatabaseUrl) -> Option<String> {
    let named = url.authorities().map(str::to_owned).or_else(|| std::env::var("PGSSLROOTCERT").ok());
    named.or_else(|| Some(openssl_probe::probe().cert_file?.to_str()?.to_owned()))
}

pub(super) fn run(program: &'static str, command: &mut Command) -> Result<(), StorageError> {
    let output = command
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .map_err(|source| not_there(program, source))?;
    if output.status.success() { Ok(()) } else { Err(failed(program, &output.stderr)) }
}

pub(super) fn not_there(program: &'static str, source: io::Error) -> StorageError {
    let said = format!("{source}. Install PostgreSQL's client programs, of the server's version or later");
    StorageError::Program { program, said }
}

pub(super) fn failed(program: &'static str, said: &[u8]) -> StorageError {
    StorageError::Program { program, said: String::from_utf8_lossy(said).trim().to_owned() }
}
