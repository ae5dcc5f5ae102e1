//! PostgreSQL servers that freeze, end, take no changes or have no room, under the stores of both crates.
//!
//! The tests break the server themselves, in the middle of a trial, by the commands that they are given.

use super::super::cluster::Cluster;
use super::super::scratch::{Disk, Scratch};
use super::{Folder, Tried, test_with};
use crate::Failure;

/// The stores' crates, and how each finds the new primary: sqlx takes no list of hosts.
const LIBRARIES: [(&str, &str); 2] =
    [("diesel", "by a list of both hosts"), ("sea-orm", "by an address that is moved")];

pub(super) fn tries(_: &Folder) -> Result<Vec<Tried>, Failure> {
    let mut all = Vec::new();
    for (library, how) in LIBRARIES {
        for (signal, word) in [("STOP", "frozen"), ("KILL", "killed")] {
            let tried = format!(
                "stores ({library}): primary {word}: calls end in time; standby promoted: they go on {how}, and nothing acknowledged is lost"
            );
            all.push((tried, failover(library, signal)));
        }
        let tried = format!(
            "stores ({library}): read-only: changes are refused, look-ups answered; the same stores go on when it takes changes"
        );
        all.push((tried, read_only(library)));
        let tried = format!(
            "stores ({library}): full disk: changes are refused, look-ups answered; the same stores go on when there is room"
        );
        all.push((tried, full_disk(library)));
    }
    Ok(all)
}

/// The primary is sent a signal, and then its hot standby is promoted.
fn failover(library: &str, signal: &str) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let primary = Cluster::primary(&scratch)?;
    make_users(&primary, "postgres")?;
    let standby = Cluster::standby(&scratch, &primary)?;
    primary.wait_for_standbys(&standby)?;
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port, standby.port);
    test_with(
        "failing::a_standby_takes_over",
        &[
            ("IAMPASS_TEST_STORE_LIBRARY", library),
            ("IAMPASS_TEST_STORE_HOSTS", &hosts),
            ("IAMPASS_TEST_STORE_BREAK", &primary.signal_command(signal)),
            ("IAMPASS_TEST_STORE_MEND", &standby.promote_command()),
        ],
    )
}

fn read_only(library: &str) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let server = Cluster::alone(&scratch)?;
    make_users(&server, "postgres")?;
    let reload = server.sql_command("SELECT pg_reload_conf()");
    let set = |word: &str| {
        let set = server.sql_command(&format!("ALTER SYSTEM SET default_transaction_read_only = {word}"));
        format!("{set} && {reload}")
    };
    comes_back(library, &server, "postgres", &set("on"), &set("off"))
}

/// The tables are on a disk of their own. A server whose own log has no room ends, which the trial of the killed one is about.
fn full_disk(library: &str) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let disk = Disk::of(&scratch, "24m")?;
    let server = Cluster::alone(&scratch)?;
    server.database_in("small", &disk.path("small"))?;
    make_users(&server, "small")?;
    let fill = disk.path("fill").display().to_string();
    let fill_it = format!("dd if=/dev/zero of={fill} bs=1k 2>/dev/null; true");
    comes_back(library, &server, "small", &fill_it, &format!("rm {fill}"))
}

fn comes_back(
    library: &str,
    server: &Cluster,
    database: &str,
    breaks: &str,
    mends: &str,
) -> Result<(), Failure> {
    let url = format!("postgres://postgres@127.0.0.1:{}/{database}", server.port);
    test_with(
        "failing::changes_come_back",
        &[
            ("IAMPASS_TEST_STORE_LIBRARY", library),
            ("IAMPASS_TEST_STORE_URLS", &url),
            ("IAMPASS_TEST_STORE_BREAK", breaks),
            ("IAMPASS_TEST_STORE_MEND", mends),
        ],
    )
}

/// The application's own table.
fn make_users(server: &Cluster, database: &str) -> Result<(), Failure> {
    server.sql_in(database, "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)")?;
    server.sql_in(database, "INSERT INTO users VALUES (1)").map(drop)
}
