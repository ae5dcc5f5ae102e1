//! MariaDB servers of a test's own.
//!
//! Belongs here: what `mariadb-install-db` and `mariadbd` are started with. Does not belong here: how long they live.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::Account;
use crate::client::{Client, Product};
use crate::failure::{Failure, needed, skip};
use crate::process::{Engine, Process, folder, prepare};
use crate::programs;
use crate::server::{Database, Server};

pub(crate) const HOW_TO_GET_ONE: &str = "MariaDB is needed to test stores in it. Install it (on Debian: `apt-get install \
     mariadb-server`), or name a server of which an account may make databases in IAMPASS_TEST_MYSQL_URL, and run the test again.";

/// The installer makes a root that can come from a socket only.
const ACCOUNT: &str = "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';\n\
     GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n";

/// A MariaDB server of a test's own, which it can stop and start. Dropping it stops it and removes its data.
///
/// ```
/// use iampass_test_databases::PrivateMariadb;
///
/// let Some(mut server) = PrivateMariadb::start() else {
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
pub struct PrivateMariadb {
    process: Process<Mariadb>,
}

impl PrivateMariadb {
    /// Starts one. `None` when there is no MariaDB on this machine: it has been said how to get it, and the test is to be skipped.
    ///
    /// # Panics
    /// When it is there and does not start, with what it wrote; and when it is not there and `CI=true`.
    #[track_caller]
    pub fn start() -> Option<Self> {
        let started = needed(Self::start_if_there());
        if started.is_none() {
            skip(HOW_TO_GET_ONE);
        }
        started
    }

    pub(crate) fn start_if_there() -> Result<Option<Self>, Failure> {
        let (Some(install), Some(program), Some(client)) = (
            programs::mariadb(&["mariadb-install-db"]),
            programs::mariadb(&["mariadbd"]),
            Client::of(Product::Mariadb),
        ) else {
            return Ok(None);
        };
        let account = Account::for_server(&["mysql", "nobody"])?;
        let folder = folder(&account)?;
        let data = folder.path().join("data");
        let mut initialise = Command::new(install);
        initialise
            // `--force` is not to look for this machine's name in the network.
            .args(["--no-defaults", "--force", "--skip-test-db", "--auth-root-authentication-method=normal"])
            .args(FOR_TESTS)
            // A server that starts removes the temporary tables that it finds, those of others too.
            .arg(format!("--tmpdir={}", folder.path().display()))
            .arg(format!("--datadir={}", data.display()));
        prepare(initialise, &account)?;
        let accounts = folder.path().join("accounts.sql");
        std::fs::write(&accounts, ACCOUNT).map_err(|error| error.to_string())?;
        account.owns(&accounts)?;
        let socket = folder.path().join("socket");
        let engine = Mariadb { program, client, data, accounts, socket };
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

    /// Kills it: connections are cut, and it recovers when it is started again. Nothing that it confirmed is lost. Does nothing when
    /// it has been stopped.
    ///
    /// # Panics
    /// When it cannot be stopped.
    #[track_caller]
    pub fn stop(&mut self) {
        needed(self.process.stop());
    }

    /// Starts it after [`stop`](Self::stop), at the same place and with the same data. URLs that were given out are good again.
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

/// A redo log and a cache that tests do not fill; the usual ones take longer to make than the tests. A commit is not waited for until it is
/// on the disk, which others may keep busy: it outlives the server all the same, and only the machine must not lose its power meanwhile.
const FOR_TESTS: [&str; 4] = [
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=64M",
    // Written at each commit.
    "--innodb-flush-log-at-trx-commit=2",
    // Versions that do not know it go without.
    "--loose-innodb-flush-method=nosync",
];

#[derive(Debug)]
struct Mariadb {
    program: PathBuf,
    client: Client,
    data: PathBuf,
    accounts: PathBuf,
    socket: PathBuf,
}

impl Engine for Mariadb {
    /// Every other signal has it end in good order, which takes seconds and is not what happens in a crash.
    const STOP: &'static str = "KILL";
    const WHERE_IS_THE_DATA: &'static str = "SELECT @@datadir;";

    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args([
                "--no-defaults",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--max-connections=300",
            ])
            .args(FOR_TESTS)
            .arg(format!("--port={port}"))
            .arg(format!("--datadir={}", self.data.display()))
            .arg(format!("--tmpdir={}", self.socket.with_file_name("").display()))
            .arg(format!("--socket={}", self.socket.display()))
            .arg(format!("--pid-file={}", self.socket.with_file_name("pid").display()))
            .arg(format!("--init-file={}", self.accounts.display()));
        command
    }

    fn server(&self, port: u16) -> Result<Server, Failure> {
        Server::at(self.client.clone(), &format!("mysql://root@127.0.0.1:{port}"))
    }

    fn data(&self) -> &Path {
        &self.data
    }
}
