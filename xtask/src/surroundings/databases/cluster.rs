//! PostgreSQL clusters and poolers of a case's own, on loopback, as the account `postgres`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::scratch::{Scratch, done};
use crate::Failure;
use crate::free_port::free_port;
use crate::surroundings::installed;

const ACCOUNT: &str = "postgres";

/// A server; stopped when dropped.
pub(super) struct Cluster {
    data: PathBuf,
    pub(super) port: u16,
}

/// A pgbouncer before a server; stopped when dropped.
pub(super) struct Pooler {
    pid: PathBuf,
    pub(super) port: u16,
}

/// Whether what a case needs is there; installs it where that can be done.
pub(super) fn install_missing(name: &str) -> Result<bool, Failure> {
    let is_root = done(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    let is_there = |name: &str| match name {
        "postgresql" => folder().is_some(),
        "pgbouncer" => Path::new("/usr/sbin/pgbouncer").is_file(),
        _ => true,
    };
    let needed = if name == "pgbouncer" { vec!["postgresql", "pgbouncer"] } else { vec![name] };
    if needed.iter().all(|name| is_there(name)) {
        return Ok(is_root);
    }
    if !is_root || !Path::new("/usr/bin/apt-get").is_file() {
        return Ok(false);
    }
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq");
        command
    };
    done(apt_get().arg("update"))?;
    done(apt_get().args(["install", "-y", "--no-install-recommends"]).args(&needed))?;
    Ok(true)
}

pub(super) fn version(name: &str) -> String {
    let program = match name {
        "postgresql" => folder().map(|folder| folder.join("postgres").display().to_string()),
        "pgbouncer" => Some("/usr/sbin/pgbouncer".to_owned()),
        _ => None,
    };
    program.map_or_else(|| "built in".into(), |program| installed::version(&program, "--version"))
}

/// Where the programs of the newest version are.
fn folder() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?.flatten();
    versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).max()
}

/// The number of the service's lock for migrations.
const MIGRATIONS: i64 = 0x6961_6d70_6173_7300;

fn psql(port: u16, database: &str, sql: &str) -> Command {
    let mut command = program("psql");
    command.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "postgres", "-d", database]);
    command.args(["--no-psqlrc", "-At", "-c", sql]);
    command
}

fn program(name: &str) -> Command {
    let mut command = Command::new("runuser");
    let path = folder().unwrap_or_default().join(name);
    command.args(["-u", ACCOUNT, "--"]).arg(path).current_dir("/tmp");
    command
}

impl Cluster {
    pub(super) fn alone(scratch: &Scratch) -> Result<Self, Failure> {
        let cluster = Self { data: scratch.path("primary"), port: free_port()? };
        let initialise =
            ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"];
        done(program("initdb").args(initialise).arg("--pgdata").arg(&cluster.data))?;
        cluster.start()?;
        Ok(cluster)
    }

    pub(super) fn primary(scratch: &Scratch) -> Result<Self, Failure> {
        Self::alone(scratch)
    }

    /// A hot standby, which from now on the primary's commits wait for.
    pub(super) fn standby(scratch: &Scratch, primary: &Self) -> Result<Self, Failure> {
        let standby = Self { data: scratch.path("standby"), port: free_port()? };
        let from = format!("host=127.0.0.1 port={} user=postgres application_name=standby", primary.port);
        let copy =
            ["--checkpoint=fast", "--write-recovery-conf", "--wal-method=stream", "--no-sync", "--dbname"];
        done(program("pg_basebackup").args(copy).arg(from).arg("--pgdata").arg(&standby.data))?;
        standby.start()?;
        Ok(standby)
    }

    /// Makes commits wait for the standby, and waits until it is there. The standby itself waits for no other one after its promotion.
    pub(super) fn wait_for_standbys(&self, standby: &Self) -> Result<(), Failure> {
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")?;
        self.sql("SELECT pg_reload_conf()")?;
        for _ in 0..100 {
            if self.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")? == "1" {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("the standby on port {} does not follow", standby.port).into())
    }

    fn start(&self) -> Result<(), Failure> {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=60",
            self.port
        );
        let log = self.data.join("log");
        // The output is not kept: the server would hold it open.
        let status = program("pg_ctl")
            .args(["start", "--wait", "--silent", "--pgdata"])
            .arg(&self.data)
            .arg("--log")
            .arg(log)
            .args(["--options", &options])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() { Ok(()) } else { Err("PostgreSQL does not start".into()) }
    }

    pub(super) fn sql(&self, sql: &str) -> Result<String, Failure> {
        self.sql_in("postgres", sql)
    }

    /// A statement in one of its databases.
    pub(super) fn sql_in(&self, database: &str, sql: &str) -> Result<String, Failure> {
        done(&mut psql(self.port, database, sql))
    }

    /// Holds the lock of the migrations, as a node does that is at it.
    pub(super) fn migrating_for(&self, time: Duration) -> Result<Child, Failure> {
        let sql = format!("SELECT pg_advisory_lock({MIGRATIONS}), pg_sleep({})", time.as_secs());
        Ok(psql(self.port, "postgres", &sql).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    pub(super) fn promote(&self) -> Result<(), Failure> {
        done(program("pg_ctl").args(["promote", "--wait", "--pgdata"]).arg(&self.data)).map(drop)
    }

    pub(super) fn freeze(&self) -> Result<(), Failure> {
        self.signal("-STOP")
    }

    pub(super) fn thaw(&self) -> Result<(), Failure> {
        self.signal("-CONT")
    }

    /// The command of a shell that sends a signal to the server and all of its children, for a program that does so in the middle of a trial.
    pub(super) fn signal_command(&self, signal: &str) -> String {
        let file = self.data.join("postmaster.pid").display().to_string();
        format!("pid=$(head -n 1 {file}); kill -{signal} $pid $(ps -o pid= --ppid $pid)")
    }

    /// The same for its promotion.
    pub(super) fn promote_command(&self) -> String {
        let pg_ctl = folder().unwrap_or_default().join("pg_ctl").display().to_string();
        format!("cd /tmp && runuser -u {ACCOUNT} -- {pg_ctl} promote --wait --pgdata {}", self.data.display())
    }

    /// The same for a statement, which may not have quotes.
    pub(super) fn sql_command(&self, sql: &str) -> String {
        let psql = folder().unwrap_or_default().join("psql").display().to_string();
        format!("{psql} -h 127.0.0.1 -p {} -U postgres -d postgres --no-psqlrc -At -c '{sql}'", self.port)
    }

    /// A database whose files are in this folder of its own.
    pub(super) fn database_in(&self, name: &str, folder: &Path) -> Result<(), Failure> {
        std::fs::create_dir(folder)?;
        done(Command::new("chown").arg(ACCOUNT).arg(folder))?;
        self.sql(&format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display()))?;
        self.sql(&format!("CREATE DATABASE {name} TABLESPACE {name}")).map(drop)
    }

    /// To the server and all of its children, each of which has a process group of its own.
    fn signal(&self, signal: &str) -> Result<(), Failure> {
        let pid = std::fs::read_to_string(self.data.join("postmaster.pid"))?;
        let pid = pid.lines().next().unwrap_or_default().to_owned();
        let children = done(Command::new("ps").args(["-o", "pid=", "--ppid", &pid])).unwrap_or_default();
        let all = std::iter::once(pid.as_str()).chain(children.split_whitespace());
        done(Command::new("kill").arg(signal).args(all)).map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.thaw();
        let _ = done(program("pg_ctl").args(["stop", "--mode=immediate", "--pgdata"]).arg(&self.data));
    }
}

impl Pooler {
    /// With one more line of settings.
    pub(super) fn start(scratch: &Scratch, server: u16, mode: &str, more: &str) -> Result<Self, Failure> {
        let (pooler, users) =
            (Self { pid: scratch.path("pgbouncer.pid"), port: free_port()? }, scratch.path("users"));
        let (settings, log) = (scratch.path("pgbouncer.ini"), scratch.path("pgbouncer.log"));
        std::fs::write(&users, "\"postgres\" \"\"\n")?;
        // Besides mode and size as it is installed.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {}\npidfile = {}\nlogfile = {}\npool_mode = {mode}\ndefault_pool_size = 40\n{more}\n",
            pooler.port,
            users.display(),
            pooler.pid.display(),
            log.display()
        );
        std::fs::write(&settings, text)?;
        done(
            Command::new("runuser")
                .args(["-u", ACCOUNT, "--", "/usr/sbin/pgbouncer", "-q", "-d"])
                .arg(settings),
        )?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(pooler)
    }
}

impl Pooler {
    /// Runs the same statement so many times at once.
    pub(super) fn sql_at_once(&self, sql: &str, times: usize) -> Result<(), Failure> {
        let all: Result<Vec<_>, _> = (0..times).map(|_| psql(self.port, "postgres", sql).spawn()).collect();
        for mut one in all? {
            if !one.wait()?.success() {
                return Err(format!("{sql}: it failed").into());
            }
        }
        Ok(())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(&self.pid) {
            let _ = Command::new("kill").args(["-INT", pid.trim()]).status();
        }
    }
}
