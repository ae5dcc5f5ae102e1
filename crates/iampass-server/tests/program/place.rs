//! Data on either database, and a service over it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use iampass_core::Secret;
use iampass_test_databases::Database;
use serde_json::Value;
use tempfile::TempDir;

use crate::free_port::free_port;
use crate::process::{Caller, program, run};

/// Data on either database, with its master key in a file.
pub(crate) struct Place {
    directory: TempDir,
    postgres: Option<Database>,
}

impl Place {
    pub(crate) fn file() -> Self {
        Self::new(None)
    }

    /// None when there is no PostgreSQL.
    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::new(Some(iampass_test_databases::postgres()?.database())))
    }

    fn new(postgres: Option<Database>) -> Self {
        let place = Self { directory: tempfile::tempdir().unwrap(), postgres };
        ok(&["master-key", "new", "--to", &place.key("key")]);
        place
    }

    /// Whether several nodes may run on it.
    pub(crate) fn is_shared(&self) -> bool {
        self.postgres.is_some()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn key(&self, name: &str) -> String {
        self.path(name)
    }

    /// The arguments that name the data.
    pub(crate) fn data(&self) -> Vec<String> {
        let (name, value) = match &self.postgres {
            Some(database) => ("--database-url", database.url().to_owned()),
            None => ("--data", self.path("data.sqlite")),
        };
        [name, &value, "--master-key-file", &self.key("key")].map(str::to_owned).to_vec()
    }

    /// Runs a command on the data.
    pub(crate) fn on_data(&self, command: &[&str], more: &[&str]) -> (i32, String, String) {
        let data = self.data();
        let mut all: Vec<&str> = command.to_vec();
        all.extend(data.iter().map(String::as_str));
        all.extend(more);
        run(&all)
    }

    #[track_caller]
    pub(crate) fn does(&self, command: &[&str], more: &[&str]) -> String {
        let (code, out, error) = self.on_data(command, more);
        assert_eq!(code, 0, "{command:?}: {error}");
        out
    }

    pub(crate) fn serve(&self) -> Running {
        self.serve_with(&[])
    }

    /// The same with more settings.
    pub(crate) fn serve_with(&self, more: &[&str]) -> Running {
        let port = free_port().unwrap();
        let address = format!("127.0.0.1:{port}");
        let data = self.data();
        let mut all = vec!["run", "--listen", &address];
        all.extend(data.iter().map(String::as_str));
        all.extend(more);
        let child = program(&all).stderr(Stdio::inherit()).spawn().unwrap();
        let running = Running { child, address };
        let started = Instant::now();
        while TcpStream::connect(&running.address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    pub(crate) fn add_application(&self) -> Value {
        serde_json::from_str(&self.does(&["application", "add"], &["--name", "Shop", "--json"])).unwrap()
    }

    /// Everything that is stored, as bytes.
    pub(crate) fn everything(&self) -> Vec<u8> {
        match &self.postgres {
            None => ["", "-wal"]
                .iter()
                .flat_map(|end| std::fs::read(self.path(&format!("data.sqlite{end}"))).unwrap_or_default())
                .collect(),
            Some(database) => {
                let tables = ["applications", "users", "devices", "links", "sessions", "settings", "audit"];
                let dumped = tables.map(|table| database.sql(&format!("SELECT * FROM {table}")).unwrap());
                // Bytes are printed in hexadecimal: secrets that stand there in clear are to be found all the same.
                let text = dumped.concat();
                let bytes = text.split("\\x").skip(1).flat_map(|hex| {
                    let digits: Vec<u8> = hex.bytes().take_while(u8::is_ascii_hexdigit).collect();
                    let digit = |byte: u8| (byte as char).to_digit(16).unwrap() as u8;
                    digits
                        .chunks_exact(2)
                        .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
                        .collect::<Vec<_>>()
                });
                text.bytes().chain(bytes).collect()
            }
        }
    }
}

/// `run` on a place; killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Running {
    pub(crate) fn caller(&self, id: &Value, secret: &Value) -> Caller {
        Caller {
            authority: self.address.clone(),
            id: id.as_str().unwrap().to_owned(),
            secret: Secret::new(secret.as_str().unwrap()),
        }
    }
}

impl Running {
    /// The status of a page that browsers load.
    pub(crate) fn page(&self, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
pub(crate) fn ok(arguments: &[&str]) -> String {
    let (code, out, error) = run(arguments);
    assert_eq!(code, 0, "{arguments:?}: {error}");
    out
}

/// On a file, and on PostgreSQL where there is one.
pub(crate) fn each(test: impl Fn(&Place)) {
    test(&Place::file());
    if let Some(place) = Place::postgres() {
        test(&place);
    }
}
