//! The program under test, as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread::JoinHandle;

use iampass_core::Secret;
use iampass_core::wire::AdminScope;
use serde_json::Value;

pub(crate) struct Child {
    process: Mutex<std::process::Child>,
    log: Option<JoinHandle<String>>,
    pub(crate) address: SocketAddr,
    /// The name and port that callers know it by.
    pub(crate) authority: String,
    pub(crate) application: (String, Secret),
    data: String,
}

impl Child {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_iampass-server"))
            // Questions wait for as long as the test may take.
            .args(["dev", "--json", "--port", "0", "--answer-timeout", "3600"])
            .env("RUST_LOG", "warn")
            // One arena that gives free pages back: what is measured is the memory that the service holds, and not what the allocator keeps free.
            .env("MALLOC_ARENA_MAX", "1")
            .env("MALLOC_TRIM_THRESHOLD_", "65536")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = process.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            stderr.read_to_end(&mut text).unwrap();
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let says: Value = serde_json::from_str(&line).unwrap();
        let said = |what: &str| says[what].as_str().unwrap();
        let authority = said("server").strip_prefix("http://").unwrap();
        Self {
            address: authority.replace("localhost", "127.0.0.1").parse().unwrap(),
            authority: authority.to_owned(),
            application: (said("application_id").to_owned(), Secret::new(said("application_secret"))),
            data: said("data").to_owned(),
            process: Mutex::new(process),
            log: Some(log),
        }
    }

    /// The path of a link that makes an administrator of this name.
    pub(crate) fn administrator_link(&self, name: &str) -> String {
        let made = Command::new(env!("CARGO_BIN_EXE_iampass-server"))
            .args(["console", "link", "--new-administrator", "--data", &self.data, "--name", name])
            .output()
            .unwrap();
        let says = String::from_utf8(made.stdout).unwrap();
        let (_, code) =
            says.split_once("/console/link/").unwrap_or_else(|| panic!("{says} {:?}", made.stderr));
        format!("/console/link/{}", code.trim())
    }

    /// An application of its own, and a key of the Admin API with every scope. The calls may delete the one and change the other's like.
    pub(crate) fn admin(&self, name: &str) -> (String, (String, Secret)) {
        let run = |arguments: &[&str]| {
            let mut all = arguments.to_vec();
            all.extend(["--data", &self.data, "--name", name]);
            let ran = Command::new(env!("CARGO_BIN_EXE_iampass-server")).args(&all).output().unwrap();
            assert!(ran.status.success(), "{ran:?}");
            String::from_utf8(ran.stdout).unwrap()
        };
        let added: Value = serde_json::from_str(&run(&["application", "add", "--json"])).unwrap();
        let scopes: Vec<&str> = AdminScope::ALL.iter().flat_map(|scope| ["--scope", scope.word()]).collect();
        let made = run(&[&["admin-key", "make"], &scopes[..]].concat());
        let value = |name: &str| {
            made.lines()
                .find_map(|line| line.strip_prefix(name))
                .expect("a key")
                .trim_start_matches('=')
                .to_owned()
        };
        let key = (value("IAMPASS_ADMIN_KEY_ID"), Secret::new(value("IAMPASS_ADMIN_KEY_SECRET")));
        (added["application_id"].as_str().unwrap().to_owned(), key)
    }

    pub(crate) fn check_alive(&self) {
        let ended = self.process.lock().unwrap().try_wait().unwrap();
        assert!(ended.is_none(), "the service has ended: {ended:?}");
    }

    /// Bytes of memory that are its own; of files that it has mapped, the system keeps as much as it likes. None where it cannot be told.
    pub(crate) fn memory(&self) -> Option<u64> {
        let id = self.process.lock().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
    }

    pub(crate) fn stop_and_check_log(mut self) {
        self.stop();
        let log = self.log.take().unwrap().join().unwrap();
        assert!(!log.contains("panicked"), "{log}");
        assert!(!log.contains("ERROR"), "{log}");
    }

    fn stop(&self) {
        let mut process = self.process.lock().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.log.is_some() {
            self.stop();
            if std::thread::panicking()
                && let Some(Ok(log)) = self.log.take().map(JoinHandle::join)
            {
                println!("the log of the service:\n{log}");
            }
        }
    }
}
