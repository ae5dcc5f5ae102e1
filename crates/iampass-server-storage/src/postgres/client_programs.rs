//! Starting PostgreSQL's own programs, and hearing what they say.
//!
//! The password goes to them by their environment, where other users cannot see it.

use std::io;
use std::process::{Command, Stdio};

use tokio_postgres::config::SslMode;

use super::url::{DatabaseUrl, name_of};
use crate::StorageError;

/// A program that connects to this database.
pub(super) fn command(program: &'static str, url: &DatabaseUrl) -> Command {
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

pub(super) fn io_failed(source: io::Error) -> StorageError {
    StorageError::Program { program: "a program of PostgreSQL", said: source.to_string() }
}
