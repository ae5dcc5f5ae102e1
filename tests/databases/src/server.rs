//! A server that answers, and databases on it.
//!
//! Belongs here: making databases and dropping them. Does not belong here: where the server comes from.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use url::Url;

use crate::client::{Client, Product};
use crate::failure::{Failure, needed};

/// A database server in which databases can be made.
#[derive(Clone, Debug)]
pub struct Server {
    client: Client,
    /// Of a database that is always there, as an account that may make others.
    url: Url,
}

impl Server {
    pub(crate) fn new(client: Client, url: Url) -> Self {
        Self { client, url }
    }

    /// The same with a URL in words.
    pub(crate) fn at(client: Client, url: &str) -> Result<Self, Failure> {
        let parsed = Url::parse(url).map_err(|error| format!("{url} is no URL: {error}"))?;
        // Only then does a URL have a path that can be another database's name.
        if !parsed.has_host() {
            return Err(format!("{url} names no host"));
        }
        Ok(Self::new(client, parsed))
    }

    /// An empty database with a name that no other has. Its text is UTF-8; in PostgreSQL it is sorted by code point, so that answers do not
    /// depend on the machine.
    ///
    /// # Panics
    /// When the server does not make one.
    #[track_caller]
    pub fn database(&self) -> Database {
        let name = unique_name();
        let how = match self.client.product {
            Product::Postgres => "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
            Product::Mariadb => "CHARACTER SET utf8mb4",
        };
        needed(self.sql(&format!("CREATE DATABASE {name} {how};")));
        let mut url = self.url.clone();
        url.set_path(&name);
        Database { server: self.clone(), name, url }
    }

    /// Runs a script in the database that is always there.
    pub(crate) fn sql(&self, script: &str) -> Result<String, Failure> {
        self.client.run(&self.url, script)
    }

    /// Whether anybody listens, which is quicker to find out than whether a client can do something.
    pub(crate) fn listens(&self) -> bool {
        let port = self.url.port().unwrap_or(match self.client.product {
            Product::Postgres => 5432,
            Product::Mariadb => 3306,
        });
        let addresses = self.url.host_str().and_then(|host| (host, port).to_socket_addrs().ok());
        addresses
            .into_iter()
            .flatten()
            .any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
    }
}

/// A database of a test's own, empty at first. Dropping it drops it on the server too, whoever is connected.
#[derive(Debug)]
#[must_use = "the database is dropped with this"]
pub struct Database {
    server: Server,
    name: String,
    url: Url,
}

impl Database {
    /// Where programs connect to it: `postgres://` or `mysql://`, with account, host, port and name.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Runs a script by the server's own client and gives back its output: a row a line, columns separated by tabs, no headings.
    ///
    /// # Errors
    /// The client's message, when it cannot connect or a statement fails. Statements after that one are not run.
    pub fn sql(&self, script: &str) -> Result<String, Failure> {
        self.server.client.run(&self.url, script)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that has been stopped takes its databases with it.
        if !self.server.listens() {
            return;
        }
        let name = &self.name;
        let script = match self.server.client.product {
            Product::Postgres => format!("DROP DATABASE {name} WITH (FORCE);"),
            Product::Mariadb => format!("DROP DATABASE {name};"),
        };
        if let Err(failure) = self.server.sql(&script) {
            eprintln!("The database {name} stays behind: {failure}");
        }
    }
}

/// No two processes have the same number at the same time on one machine; machines that share a server hardly start one in the same
/// nanosecond. Within the 63 bytes that PostgreSQL takes.
fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("iampass_test_{}_{now}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
