//! The service as a process that is killed and started again, over its database.
//!
//! Belongs here: starting, killing, and how long it takes to be back. Does not belong here: what it is asked.

use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iampass_core::Secret;
use iampass_test_databases::{Database, PrivatePostgres, unused_port};
use serde_json::Value;

use crate::action::Application;
use crate::call::{Caller, Pair, text};
use crate::{Failure, storage_checks};

/// How long a service may take before it is given up, whatever the bound is.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(60);

/// Where the data is.
pub(crate) enum Place {
    File(PathBuf),
    Postgres(Box<(Database, PrivatePostgres)>),
}

/// The part that is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    Node,
    Database,
}

pub(crate) struct Service {
    program: PathBuf,
    place: Place,
    folder: PathBuf,
    listen: String,
    process: Option<Child>,
}

impl Service {
    /// With this program, over an empty database; its files are in `folder`.
    pub(crate) fn new(program: PathBuf, place: Place, folder: &Path) -> Result<Self, Failure> {
        let listen = format!("127.0.0.1:{}", unused_port()?);
        Ok(Self { program, place, folder: folder.to_owned(), listen, process: None })
    }

    pub(crate) fn is_on_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }

    /// Adds the application.
    pub(crate) fn application(&self) -> Result<Application, Failure> {
        if self.is_on_postgres() {
            let mut new = Command::new(&self.program);
            new.args(["master-key", "new", "--to"]).arg(self.master_key()).stdout(Stdio::null());
            if !new.status()?.success() {
                return Err("a master key could not be made".into());
            }
        }
        let mut add = self.command(&["application", "add"]);
        let output = add.args(["--name", "Shop", "--json"]).stderr(Stdio::inherit()).output()?;
        let added: Value = serde_json::from_slice(&output.stdout)?;
        let pair = Pair {
            id: text(&added, "/application_id")?,
            secret: Secret::new(text(&added, "/application_secret")?),
        };
        Ok(Application { server: format!("http://{}", self.listen), pair })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).env("RUST_LOG", "warn").env_remove("IAMPASS_DATABASE_URL");
        // As many requests come in minutes here as in days elsewhere, and a refused one proves nothing.
        command.env("IAMPASS_SERVER_LIMITS_REMEMBERED_NONCES", "20000000");
        match &self.place {
            Place::File(file) => command.arg("--data").arg(file),
            Place::Postgres(postgres) => command
                .args(["--database-url", postgres.0.url()])
                .arg("--master-key-file")
                .arg(self.master_key()),
        };
        command
    }

    /// Starts it and waits until it answers a signed call; how long that took.
    pub(crate) async fn start(&mut self, application: &Application) -> Result<Duration, Failure> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut run = self.command(&["run"]);
        run.args(["--listen", &self.listen]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let begun = Instant::now();
        self.process = Some(run.spawn()?);
        self.answers(application, begun).await
    }

    async fn answers(&mut self, application: &Application, since: Instant) -> Result<Duration, Failure> {
        let caller = Caller::at(Ipv4Addr::LOCALHOST)?;
        let Application { server, pair } = application;
        let url = format!("{server}/management/has_registered_mobile_device/{}/nobody", pair.id);
        // It knows the application and has looked for the user.
        while caller.get(&url, pair).await?.status() != 404 {
            if let Some(process) = &mut self.process
                && let Some(status) = process.try_wait()?
            {
                return Err(format!("the service ended with {status}; see {}", self.log().display()).into());
            }
            if since.elapsed() > GIVEN_UP_AFTER {
                return Err(format!("the service is not back after {GIVEN_UP_AFTER:?}").into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(since.elapsed())
    }

    /// Kills the one or the other, without a warning.
    pub(crate) fn kill(&mut self, victim: Victim) -> Result<(), Failure> {
        match (victim, &mut self.place, &mut self.process) {
            (Victim::Database, Place::Postgres(postgres), _) => postgres.1.kill(),
            (_, _, Some(process)) => {
                process.kill()?;
                process.wait()?;
            }
            _ => return Err("nothing runs that could be killed".into()),
        }
        Ok(())
    }

    /// Starts again what was killed. How long it took until a signed call was answered; for a database, counted from when it takes
    /// connections again.
    pub(crate) async fn revive(
        &mut self,
        victim: Victim,
        application: &Application,
    ) -> Result<Duration, Failure> {
        match (victim, &mut self.place) {
            (Victim::Database, Place::Postgres(postgres)) => {
                postgres.1.start_again();
                self.answers(application, Instant::now()).await
            }
            _ => self.start(application).await,
        }
    }

    /// The findings of the database's own checks.
    pub(crate) fn check(&self) -> Result<Vec<String>, Failure> {
        match &self.place {
            Place::File(file) => storage_checks::sqlite(file),
            Place::Postgres(postgres) => storage_checks::postgres(&postgres.1, &postgres.0),
        }
    }

    /// Lines of the log that say that something broke.
    pub(crate) fn panics(&self) -> Result<Vec<String>, Failure> {
        let log = std::fs::read_to_string(self.log())?;
        Ok(log.lines().filter(|line| line.contains("panicked")).map(str::to_owned).collect())
    }

    fn master_key(&self) -> PathBuf {
        self.folder.join("master.key")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            // It may have ended already.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
