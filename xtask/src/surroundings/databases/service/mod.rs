//! The databases of the service.
//!
//! Belongs here: what is tried, and what has to be seen. Does not belong here: how PostgreSQL and pgbouncer are started and broken
//! ([`super::cluster`]), or how the service is run and asked ([`node`]).

mod forwarder;
mod load;
mod node;

use std::time::{Duration, Instant};

use self::forwarder::Forwarder;
use self::load::Load;
use self::node::Node;
use super::super::Kind;
use super::cluster::{self, Cluster, Pooler};
use super::scratch::{Disk, Scratch};
use super::{Outcome, Verdict, Wanted};
use crate::Failure;

const HOW_TO_GET: &str =
    "as root on Debian: `apt-get install postgresql pgbouncer`, and run it again as root";

/// A database, what is tried, the way to try it, and whether every run of the tests does.
type Case = (&'static str, &'static str, fn(&Scratch) -> Result<(), Failure>, bool);

const CASES: [Case; 11] = [
    (
        "postgresql",
        "primary frozen, standby promoted: logins work within 5 s, nothing acknowledged is lost",
        frozen_primary,
        true,
    ),
    ("postgresql", "the same 20 times", frozen_primaries, false),
    (
        "postgresql",
        "frozen, 1,000 questions at once: all are 503 within 22 s, in 1 KiB each beyond what they take when it answers",
        frozen_flood,
        false,
    ),
    ("postgresql", "synchronous standby frozen and back: not ready, then ready", frozen_standby, false),
    ("postgresql", "read-only database refused with the reason", read_only, false),
    (
        "postgresql",
        "frozen while a node starts: the start ends with the reason within 90 s",
        frozen_at_start,
        false,
    ),
    ("pgbouncer", "session mode: logins work", session_pooler, false),
    ("pgbouncer", "transaction mode refused with the reason", transaction_pooler, false),
    (
        "pgbouncer",
        "transaction mode with sessions by turns, in use: refused with the reason",
        turning_pooler,
        false,
    ),
    ("sqlite", "stopped: no -wal; file replaced: not ready", replaced_file, false),
    ("sqlite", "full disk: not ready, then ready", full_disk, false),
];

/// Tries them.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    for (name, tried, case, is_short) in CASES {
        if !wanted.has_trial(name, tried) || (wanted.short && !is_short) {
            continue;
        }
        let verdict = match cluster::install_missing(name)? {
            true => Verdict::of(Scratch::new().and_then(|scratch| case(&scratch))),
            false => Verdict::NotTried(HOW_TO_GET.to_owned()),
        };
        let version = cluster::version(name);
        let tried = tried.to_owned();
        outcomes.push(Outcome { kind: Kind::Databases, name: name.to_owned(), version, tried, verdict });
    }
    Ok(outcomes)
}

/// How fast a failover has to be seen and survived.
#[derive(Clone, Copy)]
struct Bounds {
    /// Until the node says that its database does not answer.
    noticed: Duration,
    /// Until the first login after the promotion has worked.
    first_login: Duration,
}

/// The promise, on a machine that does nothing else.
const PROMISED: Bounds = Bounds { noticed: Duration::from_secs(10), first_login: Duration::from_secs(5) };

/// The bounds on a machine of any speed: it comes to that at all.
const AT_ALL: Bounds = Bounds { noticed: Duration::from_secs(60), first_login: Duration::from_secs(60) };

fn frozen_primary(scratch: &Scratch) -> Result<(), Failure> {
    failover(scratch, AT_ALL).map(drop)
}

fn frozen_primaries(_: &Scratch) -> Result<(), Failure> {
    const TIMES: usize = 20;
    let mut failed = Vec::new();
    let mut slowest = 0;
    for time in 1..=TIMES {
        match Scratch::new().and_then(|scratch| failover(&scratch, PROMISED)) {
            Ok(took) => slowest = slowest.max(took),
            Err(error) => failed.push(format!("{time}: {error}")),
        }
    }
    println!("Failover: {} of {TIMES}, the slowest login after {slowest} ms.", TIMES - failed.len());
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// Freezes a primary, promotes its standby, and leads the node there. How long the first login took then, in milliseconds.
fn failover(scratch: &Scratch, bounds: Bounds) -> Result<u64, Failure> {
    let primary = Cluster::primary(scratch)?;
    let standby = Cluster::standby(scratch, &primary)?;
    primary.wait_for_standbys(&standby)?;
    let forwarder = Forwarder::to(primary.port)?;
    let node = Node::on_postgres(scratch, &url(forwarder.port()))?;
    node.becomes(200, Duration::from_secs(20))?;
    let mut load = Load::on(&node)?;
    primary.freeze()?;
    node.becomes(503, bounds.noticed)?;
    std::thread::sleep(Duration::from_secs(3));
    standby.promote()?;
    forwarder.lead_to(standby.port);
    let took = load.login_ms()?;
    if u128::from(took) > bounds.first_login.as_millis() {
        return Err(format!("the first login worked after {took} ms").into());
    }
    node.is(200)?;
    load.nothing_is_lost()?;
    Ok(took)
}

/// Memory and time of callers that wait for a database which does not answer: what the database's silence adds to the same questions, asked by
/// the same connections, when it answers.
fn frozen_flood(scratch: &Scratch) -> Result<(), Failure> {
    const QUESTIONS: usize = 1_000;
    /// An allowance for memory that the kernel and the allocator hand out in larger pieces.
    const SLACK: u64 = 512 << 10;
    let primary = Cluster::alone(scratch)?;
    let node = Node::on_postgres(scratch, &url(primary.port))?;
    node.becomes(200, Duration::from_secs(20))?;
    let mut load = Load::on(&node)?;
    // Their connections are there before what is measured, and each has been used.
    load.connect(QUESTIONS)?;
    node.forget_peak()?;
    let idle = node.peak()?;
    // The same questions at once, which are answered.
    for _ in 0..3 {
        load.flood()?;
    }
    node.forget_peak()?;
    let before = node.peak()?;
    primary.freeze()?;
    let ends = load.flood()?;
    let peak = node.peak()?;
    let more = peak.saturating_sub(before);
    primary.thaw()?;
    println!(
        "Frozen: {} refused, the last after {} ms. {more} bytes more than with a database that answers, {} more than idle connections.",
        ends.refused,
        ends.longest_ms,
        peak.saturating_sub(idle)
    );
    if ends.otherwise > 0 {
        return Err(format!(
            "{} of {QUESTIONS} ended otherwise than by 503 with Retry-After",
            ends.otherwise
        )
        .into());
    }
    if ends.longest_ms > 22_000 {
        return Err(format!("the last one was answered after {} ms", ends.longest_ms).into());
    }
    if more > QUESTIONS as u64 * 1024 + SLACK {
        return Err(format!("{more} bytes more than before").into());
    }
    node.becomes(200, Duration::from_secs(10))?;
    load.nothing_is_lost()
}

fn frozen_standby(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::primary(scratch)?;
    let standby = Cluster::standby(scratch, &primary)?;
    primary.wait_for_standbys(&standby)?;
    let node = Node::on_postgres(scratch, &url(primary.port))?;
    node.becomes(200, Duration::from_secs(20))?;
    standby.freeze()?;
    node.becomes(503, Duration::from_secs(10))?;
    // Long enough for given-up commits to fill the server, were they not cancelled.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        node.is(503)?;
    }
    standby.thaw()?;
    node.becomes(200, Duration::from_secs(10))
}

fn read_only(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::alone(scratch)?;
    primary.sql("ALTER DATABASE postgres SET default_transaction_read_only = on")?;
    Node::is_refused(scratch, &url(primary.port), "takes no changes")
}

fn session_pooler(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::alone(scratch)?;
    let pooler = Pooler::start(scratch, primary.port, "session", "")?;
    let node = Node::on_postgres(scratch, &url(pooler.port))?;
    node.becomes(200, Duration::from_secs(20))?;
    let mut load = Load::on(&node)?;
    load.login_ms()?;
    load.nothing_is_lost()
}

fn transaction_pooler(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::alone(scratch)?;
    let pooler = Pooler::start(scratch, primary.port, "transaction", "")?;
    Node::is_refused(scratch, &url(pooler.port), "transaction mode")
}

/// A pooler that has two sessions already, and hands out the one that has rested longest.
fn turning_pooler(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::alone(scratch)?;
    let pooler = Pooler::start(scratch, primary.port, "transaction", "server_round_robin = 1")?;
    pooler.sql_at_once("SELECT pg_sleep(1)", 2)?;
    Node::is_refused(scratch, &url(pooler.port), "transaction mode")
}

/// Another node holds the lock of the migrations when the database freezes.
fn frozen_at_start(scratch: &Scratch) -> Result<(), Failure> {
    let primary = Cluster::alone(scratch)?;
    let mut holder = primary.migrating_for(Duration::from_secs(120))?;
    let mut node = Node::on_postgres(scratch, &url(primary.port))?;
    std::thread::sleep(Duration::from_secs(3));
    primary.freeze()?;
    let ended = node.ends(Duration::from_secs(90), "does not answer");
    primary.thaw()?;
    let _ = holder.kill();
    let _ = holder.wait();
    ended
}

fn replaced_file(scratch: &Scratch) -> Result<(), Failure> {
    let (data, moved) = (scratch.path("data.sqlite"), scratch.path("moved.sqlite"));
    let mut node = Node::on_file(scratch, &data)?;
    node.becomes(200, Duration::from_secs(20))?;
    std::fs::rename(&data, &moved)?;
    node.becomes(503, Duration::from_secs(5))?;
    std::fs::rename(&moved, &data)?;
    node.becomes(200, Duration::from_secs(5))?;
    node.stop()?;
    let log = scratch.path("data.sqlite-wal");
    if log.exists() { Err(format!("{} is there after the stop", log.display()).into()) } else { Ok(()) }
}

fn full_disk(scratch: &Scratch) -> Result<(), Failure> {
    let disk = Disk::of(scratch, "4m")?;
    let node = Node::on_file(scratch, &disk.path("data.sqlite"))?;
    node.becomes(200, Duration::from_secs(20))?;
    disk.fill()?;
    // Its log has room for some changes, and as long as it has, the node is ready rightly.
    const MOST: usize = 200;
    if (0..MOST).all(|_| node.application().is_ok()) {
        return Err(format!("{MOST} changes were made on a full disk").into());
    }
    node.becomes(503, Duration::from_secs(30))?;
    disk.free()?;
    node.becomes(200, Duration::from_secs(5))
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}
