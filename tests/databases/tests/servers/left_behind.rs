//! Nothing is, however a test ends.
//!
//! These run tests of this very program, those that are ignored, as processes of their own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use iampass_test_databases::{Database, PrivateMariadb, PrivatePostgres, Tls, mariadb, postgres};

const POSTGRES_DATA: &str = "SHOW data_directory;";
const MARIADB_DATA: &str = "SELECT @@datadir;";
const MARK: &str = "data of the server: ";

/// Whether it is one that a test has started, or one that was there.
fn say_where(database: &Database, statement: &str) {
    println!("{MARK}{}", database.sql(statement).unwrap());
}

fn for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

#[test]
#[ignore = "is killed by another test"]
fn postgres_until_killed() {
    let Some(private) = PrivatePostgres::start(Tls::Off) else { return };
    say_where(&private.database(), POSTGRES_DATA);
    for_ever();
}

#[test]
#[ignore = "is killed by another test"]
fn mariadb_until_killed() {
    let Some(private) = PrivateMariadb::start() else { return };
    say_where(&private.database(), MARIADB_DATA);
    for_ever();
}

#[test]
#[ignore = "is started by another test"]
fn shared_by_this_process() {
    if let (Some(one), Some(same)) = (postgres(), postgres()) {
        say_where(&one.database(), POSTGRES_DATA);
        say_where(&same.database(), POSTGRES_DATA);
    }
    if let (Some(one), Some(same)) = (mariadb(), mariadb()) {
        say_where(&one.database(), MARIADB_DATA);
        say_where(&same.database(), MARIADB_DATA);
    }
}

fn run(test: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", test])
        .env("IAMPASS_TEST_POSTGRES_URL", "private")
        .env("IAMPASS_TEST_MYSQL_URL", "private")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn folder(line: &str) -> Option<PathBuf> {
    let data = PathBuf::from(line.split_once(MARK)?.1);
    Some(data.parent().unwrap().to_owned())
}

/// The folder is removed after the server has ended.
fn is_cleared(folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while folder.exists() {
        assert!(Instant::now() < deadline, "{} is still there", folder.display());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_ne!(is_named_by_a_process(folder), Some(true), "a process still uses {}", folder.display());
}

/// `None` on machines that cannot list processes.
fn is_named_by_a_process(folder: &Path) -> Option<bool> {
    let processes = Command::new("ps").args(["-A", "-o", "args"]).output().ok()?;
    Some(String::from_utf8_lossy(&processes.stdout).contains(folder.to_str().unwrap()))
}

fn killed(test: &str) {
    let mut child = run(test);
    let output = BufReader::new(child.stdout.take().unwrap());
    let started = output.lines().find_map(|line| folder(&line.unwrap()));
    if let Some(folder) = &started {
        assert!(folder.exists());
        assert_ne!(is_named_by_a_process(folder), Some(false), "there is a server");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    if let Some(folder) = started {
        is_cleared(&folder);
    }
}

#[test]
fn by_a_killed_test_with_postgres() {
    killed("left_behind::postgres_until_killed");
}

#[test]
fn by_a_killed_test_with_mariadb() {
    killed("left_behind::mariadb_until_killed");
}

#[test]
fn by_a_process_that_shared_servers() {
    let mut child = run("left_behind::shared_by_this_process");
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    assert!(child.wait().unwrap().success(), "{output}");
    let folders: Vec<_> = output.lines().filter_map(folder).collect();
    for pair in folders.chunks(2) {
        assert_eq!(pair[0], pair[1], "one server for all tests");
        assert!(pair[0].starts_with(std::env::temp_dir().canonicalize().unwrap()), "it was started");
        is_cleared(&pair[0]);
    }
}

#[test]
fn by_one_that_is_dropped() {
    let Some(private) = PrivatePostgres::start(Tls::Off) else { return };
    let database = private.database();
    let folder = folder(&format!("{MARK}{}", database.sql(POSTGRES_DATA).unwrap())).unwrap();
    assert!(folder.exists());
    drop(private);
    assert!(!folder.exists(), "at once");
    assert_ne!(is_named_by_a_process(&folder), Some(true));
}
