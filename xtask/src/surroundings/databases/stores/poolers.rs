//! PostgreSQL behind pgbouncer, on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{Folder, Running, output, until};
use crate::Failure;
use crate::free_port::free_port;

/// When a pooler gives a server connection to somebody else.
#[derive(Clone, Copy)]
pub(super) enum Mode {
    Session,
    Transaction,
    /// After each transaction, to the one that has rested longest.
    Turning,
}

/// A PostgreSQL server with an application's `users` table.
pub(super) struct Pooled {
    port: u16,
    url: String,
    _process: Running,
}

/// A pooler in front of it.
pub(super) struct Pooler {
    url: String,
    _process: Running,
}

impl Pooled {
    pub(super) fn start(folder: &Folder) -> Result<Self, Failure> {
        let (data, port) = (folder.path("postgres"), free_port()?);
        std::fs::create_dir_all(&data)?;
        give(&folder.0)?;
        let mut initialise = as_postgres(&installed("initdb")?);
        output(initialise.args(["--auth=trust", "--username=postgres", "--pgdata"]).arg(&data))?;
        let mut server = as_postgres(&installed("postgres")?);
        server.arg("-D").arg(&data).arg(format!("-p{port}")).args(["-c", "listen_addresses=127.0.0.1"]);
        server
            .args(["-c", "fsync=off"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", folder.0.display()));
        let process = Running::start(&mut server, &folder.path("postgres.log"))?;
        let url = url(port);
        let is_there = || sql(&url, "SELECT 1").is_ok();
        until("PostgreSQL starts", Duration::from_secs(30), is_there)?;
        sql(&url, "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)")?;
        sql(&url, "INSERT INTO users VALUES (1)")?;
        Ok(Self { port, url, _process: process })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Starts a pooler as Debian sets it up, but for the mode.
    pub(super) fn through(&self, folder: &Folder, mode: Mode) -> Result<Pooler, Failure> {
        let port = free_port()?;
        let mode = match mode {
            Mode::Session => "session",
            Mode::Transaction => "transaction",
            Mode::Turning => "transaction\nserver_round_robin = 1",
        };
        let name = port.to_string();
        let users = folder.path("users.txt");
        std::fs::write(&users, "\"postgres\" \"\"\n")?;
        let settings = folder.path(&format!("{name}.ini"));
        std::fs::write(
            &settings,
            format!(
                "[databases]\npostgres = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\n",
                self.port,
                users.display()
            ),
        )?;
        give(&folder.0)?;
        let mut pooler = as_postgres(Path::new("/usr/sbin/pgbouncer"));
        let process = Running::start(pooler.arg(&settings), &folder.path(&format!("{name}.log")))?;
        let url = url(port);
        until("pgbouncer starts", Duration::from_secs(10), || sql(&url, "SELECT 1").is_ok())?;
        Ok(Pooler { url, _process: process })
    }
}

impl Pooler {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Has it open two server connections.
    pub(super) fn use_two(&self) -> Result<(), Failure> {
        std::thread::scope(|threads| {
            let one = threads.spawn(|| sql(&self.url, "SELECT pg_sleep(1)").is_ok());
            sql(&self.url, "SELECT pg_sleep(1)")?;
            match one.join() {
                Ok(true) => Ok(()),
                _ => Err("the pooler does not let two in at once".into()),
            }
        })
    }
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

fn sql(url: &str, statement: &str) -> Result<String, Failure> {
    output(Command::new("psql").args(["--no-psqlrc", "--quiet", "--command", statement, url]))
}

/// Debian has the programs of each version in a folder of its own.
fn installed(program: &str) -> Result<PathBuf, Failure> {
    let versions = Path::new("/usr/lib/postgresql").read_dir()?.flatten();
    let programs = versions.map(|version| version.path().join("bin").join(program));
    programs
        .filter(|program| program.is_file())
        .max()
        .ok_or_else(|| format!("{program} is not installed").into())
}

/// Neither server runs as root.
fn as_postgres(program: &Path) -> Command {
    if !super::is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

/// Lets that account write here.
fn give(folder: &Path) -> Result<(), Failure> {
    if super::is_root() {
        output(Command::new("chown").args(["--recursive", "postgres:postgres"]).arg(folder))?;
    }
    Ok(())
}
