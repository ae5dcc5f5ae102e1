//! Databases on the servers that all tests share.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use iampass_test_databases::{Database, Server, mariadb, postgres};

const POSTGRES_DATABASES: &str = "SELECT datname FROM pg_database";
const MARIADB_DATABASES: &str = "SHOW DATABASES";

fn name(database: &Database) -> String {
    database.url().rsplit('/').next().unwrap().to_owned()
}

/// Two are separate, each is there as long as its value is, and nothing is in it.
fn databases_come_and_go(server: &Server, databases: &str) {
    let (one, other) = (server.database(), server.database());
    assert_ne!(one.url(), other.url());
    one.sql("CREATE TABLE words (word text); INSERT INTO words VALUES ('grün'), ('日本');").unwrap();
    assert_eq!(one.sql("SELECT word, 1 FROM words ORDER BY word;").unwrap(), "grün\t1\n日本\t1");
    assert!(other.sql("SELECT word FROM words;").is_err(), "another database has no such table");
    let gone = name(&one);
    let listed = |listing: String| listing.lines().any(|line| line == gone);
    assert!(listed(other.sql(databases).unwrap()));
    drop(one);
    assert!(!listed(other.sql(databases).unwrap()), "dropped with its value");
}

/// However many tests begin at once.
fn many_at_once(server: &Server) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(server.database().sql("SELECT 1;").unwrap(), "1"));
        }
    });
}

/// Statements after one that fails are not run, and it is said what failed.
fn scripts_end_at_the_first_error(server: &Server) {
    let database = server.database();
    let failure = database.sql("SELECT nothing FROM nowhere; CREATE TABLE later (a int);").unwrap_err();
    assert!(failure.contains("nowhere"), "{failure}");
    assert!(database.sql("SELECT a FROM later;").is_err());
}

/// More than a pipe holds, both ways.
fn long_scripts(server: &Server) {
    let lines = 40_000;
    let answer = server.database().sql(&"SELECT 'row';\n".repeat(lines)).unwrap();
    assert_eq!(answer.lines().count(), lines);
}

/// A connection that is still open, such as a pool's, does not keep the database.
#[test]
fn postgres_drops_what_is_in_use() {
    let Some(server) = postgres() else { return };
    let (used, other) = (server.database(), server.database());
    let (url, gone) = (used.url().to_owned(), name(&used));
    let mut sleeper = Command::new("psql")
        .args([&url, "-w", "-c", "SELECT pg_sleep(60)"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let connected = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{gone}';");
    let deadline = Instant::now() + Duration::from_secs(20);
    while other.sql(&connected).unwrap() != "1" {
        assert!(Instant::now() < deadline, "nobody is connected");
    }
    drop(used);
    let listed = other.sql(POSTGRES_DATABASES).unwrap();
    let _ = sleeper.kill();
    sleeper.wait().unwrap();
    assert!(listed.lines().all(|name| name != gone), "it is still there");
}

#[test]
fn postgres_databases() {
    let Some(server) = postgres() else { return };
    databases_come_and_go(&server, POSTGRES_DATABASES);
    many_at_once(&server);
    scripts_end_at_the_first_error(&server);
    long_scripts(&server);
    assert_eq!(server.database().sql("SHOW server_encoding;").unwrap(), "UTF8");
    assert!(server.database().url().starts_with("postgres"));
}

#[test]
fn mariadb_databases() {
    let Some(server) = mariadb() else { return };
    databases_come_and_go(&server, MARIADB_DATABASES);
    many_at_once(&server);
    scripts_end_at_the_first_error(&server);
    long_scripts(&server);
    assert_eq!(server.database().sql("SELECT @@character_set_database;").unwrap(), "utf8mb4");
    assert!(server.database().url().starts_with("mysql"));
}
