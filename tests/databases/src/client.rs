//! The command-line clients `psql` and `mariadb`.
//!
//! Belongs here: running a script at a URL. Does not belong here: which scripts.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use percent_encoding::percent_decode_str;
use url::Url;

use crate::failure::Failure;
use crate::programs;

/// Seconds until a server that does not take a connection is given up.
const CONNECT_TIMEOUT: &str = "5";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Product {
    Postgres,
    Mariadb,
}

#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) product: Product,
    program: PathBuf,
    authority: Option<PathBuf>,
}

impl Client {
    /// The one for this product, if it is on this machine.
    pub(crate) fn of(product: Product) -> Option<Self> {
        let program = match product {
            Product::Postgres => programs::postgres("psql"),
            Product::Mariadb => programs::mariadb(&["mariadb", "mysql"]),
        }?;
        Some(Self { product, program, authority: None })
    }

    /// Connects by TLS only, to servers whose certificate is signed by this authority. For PostgreSQL.
    pub(crate) fn trusting(self, authority: PathBuf) -> Self {
        Self { authority: Some(authority), ..self }
    }

    /// The output of the script: a row a line, columns separated by tabs, no headings. It ends at the first error.
    pub(crate) fn run(&self, url: &Url, script: &str) -> Result<String, Failure> {
        let mut command = match self.product {
            Product::Postgres => self.psql(url),
            Product::Mariadb => self.mariadb(url)?,
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut client = command.spawn().map_err(|error| format!("{}: {error}", self.program.display()))?;
        let stdin = client.stdin.take();
        let output = std::thread::scope(|scope| {
            // Apart, so that neither waits for the other to read.
            scope.spawn(move || {
                // A client that cannot connect reads nothing.
                let _ = stdin.map(|mut stdin| stdin.write_all(script.as_bytes()));
            });
            client.wait_with_output()
        });
        let output = output.map_err(|error| format!("{}: {error}", self.program.display()))?;
        if output.status.success() {
            let text = String::from_utf8_lossy(&output.stdout);
            return Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned());
        }
        Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()))
    }

    fn psql(&self, url: &Url) -> Command {
        let mut psql = Command::new(&self.program);
        psql.args(["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"])
            .args(["--tuples-only", "--no-align", "--field-separator=\t", "--file=-"])
            .arg(format!("--dbname={url}"))
            .env("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT)
            .env("PGCLIENTENCODING", "UTF8");
        if let Some(authority) = &self.authority {
            psql.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", authority);
        }
        psql
    }

    /// This client knows no URLs.
    fn mariadb(&self, url: &Url) -> Result<Command, Failure> {
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut mariadb = Command::new(&self.program);
        mariadb
            .args(["--no-defaults", "--protocol=tcp", "--default-character-set=utf8mb4"])
            .args(["--batch", "--skip-column-names", "--connect-timeout", CONNECT_TIMEOUT])
            .arg(format!("--host={}", url.host_str().ok_or("the URL has no host")?))
            .arg(format!("--port={}", url.port().unwrap_or(3306)))
            .arg(format!("--user={}", decoded(url.username())))
            .env("MYSQL_PWD", decoded(url.password().unwrap_or_default()));
        let database = url.path().trim_start_matches('/');
        if !database.is_empty() {
            mariadb.arg(format!("--database={}", decoded(database)));
        }
        Ok(mariadb)
    }
}
