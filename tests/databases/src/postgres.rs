//! PostgreSQL servers of a test's own.
//!
//! Belongs here: what `initdb` and `postgres` are started with. Does not belong here: how long they live.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::certificate::Certificates;
use crate::client::{Client, Product};
use crate::failure::{Failure, needed, skip};
use crate::process::{Engine, Process, folder, prepare};
use crate::programs;
use crate::server::{Database, Server};

pub(crate) const HOW_TO_GET_ONE: &str = "PostgreSQL 13 or later is needed to test stores in it. Install it (on Debian: `apt-get install \
     postgresql`), or name a server of which an account may make databases in IAMPASS_TEST_POSTGRES_URL, and run the test again.";

/// Whether a server is spoken to in clear or by TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// In clear.
    Off,
    /// By TLS only: whoever comes in clear is refused. The server is `localhost` in its URLs.
    On,
}

/// The part whose end confirmed data outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// The server; not the machine.
    OfTheProcess,
    /// The machine too.
    OfTheDisk,
}

/// A PostgreSQL server of a test's own, which it can stop and start. Dropping it stops it and removes its data.
///
/// ```
/// use iampass_test_databases::{PrivatePostgres, Tls};
///
/// let Some(mut server) = PrivatePostgres::start(Tls::Off) else {
///     return Ok(()); // It has been said how to get one.
/// };
/// let database = server.database();
/// database.sql("CREATE TABLE users (name text)")?;
/// server.stop();
/// assert!(database.sql("SELECT * FROM users").is_err());
/// server.start_again();
/// assert_eq!(database.sql("SELECT count(*) FROM users")?, "0");
/// # Ok::<(), iampass_test_databases::Failure>(())
/// ```
#[derive(Debug)]
pub struct PrivatePostgres {
    process: Process<Postgres>,
}

impl PrivatePostgres {
    /// Starts one. `None` when there is no PostgreSQL on this machine: it has been said how to get it, and the test is to be skipped.
    ///
    /// # Panics
    /// When it is there and does not start, with what it wrote; and when it is not there and `CI=true`.
    #[track_caller]
    pub fn start(tls: Tls) -> Option<Self> {
        Self::start_or_skip(tls, Durability::OfTheProcess)
    }

    /// The same, but what it confirms is on the disk, as on a server that is set up for use: for those who [`kill`](Self::kill) it.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[track_caller]
    pub fn start_durable(tls: Tls) -> Option<Self> {
        Self::start_or_skip(tls, Durability::OfTheDisk)
    }

    #[track_caller]
    fn start_or_skip(tls: Tls, durability: Durability) -> Option<Self> {
        let started = needed(Self::start_as(tls, durability));
        if started.is_none() {
            skip(HOW_TO_GET_ONE);
        }
        started
    }

    pub(crate) fn start_if_there(tls: Tls) -> Result<Option<Self>, Failure> {
        Self::start_as(tls, Durability::OfTheProcess)
    }

    fn start_as(tls: Tls, durability: Durability) -> Result<Option<Self>, Failure> {
        let (Some(initdb), Some(client)) = (programs::postgres("initdb"), Client::of(Product::Postgres))
        else {
            return Ok(None);
        };
        let account = Account::for_server(&["postgres", "nobody"])?;
        let folder = folder(&account)?;
        let data = folder.path().join("data");
        let mut initialise = Command::new(&initdb);
        initialise
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--pgdata")
            .arg(&data);
        prepare(initialise, &account)?;
        let certificates = match tls {
            Tls::Off => None,
            Tls::On => Some(Certificates::make(folder.path(), &account)?),
        };
        if tls == Tls::On {
            // The only line, so nobody else gets in. It is read again at each start.
            let access = data.join("pg_hba.conf");
            std::fs::write(&access, "hostssl all all 127.0.0.1/32 trust\n")
                .map_err(|error| error.to_string())?;
        }
        let client = match &certificates {
            None => client,
            Some(certificates) => client.trusting(certificates.authority.clone()),
        };
        let program = initdb.with_file_name("postgres");
        let engine = Postgres { program, client, data, certificates, durability };
        Ok(Some(Self { process: Process::start(engine, account, folder)? }))
    }

    /// An empty database on it. See [`Server::database`].
    ///
    /// # Panics
    /// When the server does not make one, for example because it has been stopped.
    #[track_caller]
    pub fn database(&self) -> Database {
        self.process.server().database()
    }

    /// The number of its process, whose children do its work. `None` when it has been stopped.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.id()
    }

    /// The file with the certificate, in PEM, of the authority that has signed the server's. `None` when it speaks in clear.
    #[must_use]
    pub fn certificate_authority(&self) -> Option<&Path> {
        Some(self.process.engine().certificates.as_ref()?.authority.as_path())
    }

    /// Stops it at once, as a crash does: connections are cut, and it recovers when it is started again. Nothing that it confirmed is lost.
    /// Does nothing when it has been stopped.
    ///
    /// # Panics
    /// When it cannot be stopped.
    #[track_caller]
    pub fn stop(&mut self) {
        needed(self.process.stop());
    }

    /// Kills it with all its processes (SIGKILL), in the middle of whatever they are at. Does nothing when it has been stopped.
    ///
    /// # Panics
    /// When it cannot be killed.
    #[track_caller]
    pub fn kill(&mut self) {
        needed(self.process.kill());
    }

    /// The faults that `pg_amcheck` finds in the tables and indexes of a database on it, a line for each; nothing when all is sound.
    ///
    /// # Errors
    /// When the check cannot be made.
    pub fn check(&self, database: &Database) -> Result<String, Failure> {
        let program = self.process.engine().program.with_file_name("pg_amcheck");
        let mut check = Command::new(&program);
        check.args(["--no-password", "--install-missing", "--heapallindexed", "--parent-check"]);
        check.arg("--rootdescend").arg(database.url());
        let output = check.output().map_err(|error| format!("{}: {error}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        // It ends with 2 when it has found something.
        match output.status.code() {
            Some(0 | 2) => Ok(said),
            _ => Err(format!("{said} {}", String::from_utf8_lossy(&output.stderr).trim_end())),
        }
    }

    /// Starts it after [`stop`](Self::stop) or [`kill`](Self::kill), at the same place and with the same data. URLs that were given out are good again.
    ///
    /// # Panics
    /// When it does not start, with what it wrote, or has not been stopped.
    #[track_caller]
    pub fn start_again(&mut self) {
        needed(self.process.start_again());
    }

    pub(crate) fn server(&self) -> &Server {
        self.process.server()
    }
}

#[derive(Debug)]
struct Postgres {
    program: PathBuf,
    client: Client,
    data: PathBuf,
    certificates: Option<Certificates>,
    durability: Durability,
}

impl Engine for Postgres {
    /// *Immediate shutdown*. Were it killed, its children would hold the data for a moment.
    const STOP: &'static str = "QUIT";
    const WHERE_IS_THE_DATA: &'static str = "SHOW data_directory;";

    fn command(&self, port: u16) -> Command {
        let mut settings = vec![
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            // Sockets in the file system have short names, and nobody needs them.
            "unix_socket_directories=".to_owned(),
            "max_connections=300".to_owned(),
        ];
        if self.durability == Durability::OfTheProcess {
            // Confirmed data outlives the server all the same; only the machine must not lose its power meanwhile. A disk that others
            // keep busy makes tests wait for seconds otherwise.
            settings.extend(["fsync=off".to_owned(), "full_page_writes=off".to_owned()]);
        }
        if let Some(certificates) = &self.certificates {
            settings.push("ssl=on".to_owned());
            settings.push(format!("ssl_cert_file={}", certificates.server.display()));
            settings.push(format!("ssl_key_file={}", certificates.key.display()));
        }
        let mut command = Command::new(&self.program);
        command.arg("-D").arg(&self.data);
        for setting in settings {
            command.args(["-c", &setting]);
        }
        command
    }

    fn server(&self, port: u16) -> Result<Server, Failure> {
        let host = if self.certificates.is_some() { "localhost" } else { "127.0.0.1" };
        Server::at(self.client.clone(), &format!("postgres://postgres@{host}:{port}/postgres"))
    }

    fn data(&self) -> &Path {
        &self.data
    }
}
