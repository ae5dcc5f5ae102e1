//! Full logins: how many commits each costs, and how many there are in a second, against the raw commit rate of the same disk.

use std::path::Path;
use std::time::{Duration, Instant};

use iampass_test_databases::PrivatePostgres;
use rusqlite::Connection;
use tokio::task::JoinSet;

use super::line::{Line, Pair};
use super::open::{Serving, on_file, on_postgres};
use super::{Phone, Session, Shop};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

/// How many people log in at the same time.
pub(super) const MANY: usize = 32;
pub(super) const ROUND: Duration = Duration::from_millis(1_500);
const ROUNDS: usize = 4;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut figures = runtime.block_on(on_sqlite())?;
    figures.extend(runtime.block_on(on_postgres_if_there())?);
    Ok(figures)
}

/// Measurements of logins one after another, or of many at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Logins {
    pub(super) count: f64,
    pub(super) per_second: f64,
    pub(super) commits: f64,
}

async fn on_sqlite() -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let serving = Serving::start(on_file(&folder.path().join("data.sqlite"))).await?;
    let (shop, phones) = shop_with_phones(&serving).await?;
    let one_phone = phones.get(..1).unwrap_or_default();
    let (mut raw, mut one, mut many) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let commits = raw_commits_per_second(&folder.path().join(format!("raw-{round}.sqlite")))?;
        let (alone, together) = (logins(&shop, one_phone).await?, logins(&shop, &phones).await?);
        // The first round warms up.
        if round > 0 {
            raw.push(commits);
            one.push(alone);
            many.push(together);
        }
    }
    serving.end().await?;
    let (raw, one, many) = (rounds::median(&mut raw), median(&one), median(&many));
    Ok(vec![
        Figure {
            name: "login_commits",
            value: one.commits.max(many.commits),
            bound: Some(3.0),
            better: Better::Lower,
            detail: format!(
                "commits of a login that is started, asked for, accepted and seen to be active: {:.2} one at a time, {:.2} with {MANY} at a time; {:.0} and {:.0} logins/s",
                one.commits, many.commits, one.per_second, many.per_second
            ),
        },
        Figure {
            name: "login_vs_commit_rate",
            value: many.per_second / raw,
            bound: None,
            better: Better::Higher,
            detail: format!(
                "{:.0} logins/s with {MANY} at a time ({:.0}/s one at a time) against {raw:.0} bare commits/s of a row in a file beside it",
                many.per_second, one.per_second
            ),
        },
    ])
}

async fn on_postgres_if_there() -> Result<Vec<Figure>, Failure> {
    let Some(server) = PrivatePostgres::start_durable(iampass_test_databases::Tls::Off) else {
        return Ok(Vec::new()); // It has been said how to get one.
    };
    let database = server.database();
    let serving = Serving::start(on_postgres(database.url())?).await?;
    let (shop, phones) = shop_with_phones(&serving).await?;
    let one_phone = phones.get(..1).unwrap_or_default();
    let (mut one, mut many) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (alone, together) = (logins(&shop, one_phone).await?, logins(&shop, &phones).await?);
        if round > 0 {
            one.push(alone);
            many.push(together);
        }
    }
    serving.end().await?;
    let (one, many) = (median(&one), median(&many));
    Ok(vec![Figure {
        name: "login_commits_postgres",
        value: one.commits.max(many.commits),
        bound: None,
        better: Better::Lower,
        detail: format!(
            "commits that wait for the disk: {:.2} one at a time, {:.2} with {MANY} at a time; {:.0} and {:.0} logins/s; nonces are transactions beside them that do not wait",
            one.commits, many.commits, one.per_second, many.per_second
        ),
    }])
}

pub(super) async fn shop_with_phones(serving: &Serving) -> Result<(Shop, Vec<Phone>), Failure> {
    let application = &serving.application;
    let pair = Pair { id: application.id.to_string(), secret: application.secret.clone() };
    let shop = Shop::at(serving.address.clone(), pair);
    let phones = phones_of(&shop).await?;
    Ok((shop, phones))
}

/// Adds users, and registers a phone for each.
pub(super) async fn phones_of(shop: &Shop) -> Result<Vec<Phone>, Failure> {
    let users: Vec<_> = (0..MANY).map(|user| format!("user-{user}")).collect();
    let mut line = shop.line().await?;
    shop.add_users(&mut line, &users).await?;
    let mut phones = Vec::new();
    for user in &users {
        phones.push(shop.register(&mut line, user).await?);
    }
    Ok(phones)
}

/// Each of these logs in again and again.
pub(super) async fn logins(shop: &Shop, phones: &[Phone]) -> Result<Logins, Failure> {
    let (logins, people) = log_in(shop, phones).await?;
    people.log_out().await?;
    Ok(logins)
}

/// People who are logged in, each with the connection that they have come by.
pub(super) struct LoggedIn(Vec<(Line, Vec<Session>)>);

impl LoggedIn {
    /// So that no user has thousands of sessions in the next round. Logouts are commits of their own, and not the logins'.
    pub(super) async fn log_out(self) -> Result<(), Failure> {
        for (mut line, sessions) in self.0 {
            for session in sessions {
                session.log_out(&mut line).await?;
            }
        }
        Ok(())
    }
}

/// The same without the logouts, which follow when what the logins have taken was read.
pub(super) async fn log_in(shop: &Shop, phones: &[Phone]) -> Result<(Logins, LoggedIn), Failure> {
    let commits_before = commits(shop).await?;
    let begun = Instant::now();
    let mut people = JoinSet::new();
    for phone in phones {
        let (shop, phone) = (shop.clone(), phone.clone());
        people.spawn(async move {
            let mut line = shop.line().await?;
            let mut sessions = Vec::new();
            while begun.elapsed() < ROUND {
                sessions.push(shop.log_in(&mut line, &phone).await?);
            }
            Ok::<_, Failure>((line, sessions))
        });
    }
    let (mut logins, mut logged_in) = (0.0, Vec::new());
    while let Some(person) = people.join_next().await {
        let person = person??;
        logins += person.1.len() as f64;
        logged_in.push(person);
    }
    let lasted = begun.elapsed().as_secs_f64();
    // At once: what a login has only read with comes to the disk with the next one, or a moment later where none follows.
    let commits = commits(shop).await? - commits_before;
    let logins = Logins { count: logins, per_second: logins / lasted, commits: commits / logins };
    Ok((logins, LoggedIn(logged_in)))
}

/// How many transactions the nodes say that they have committed.
async fn commits(shop: &Shop) -> Result<f64, Failure> {
    let mut commits = 0.0;
    for node in &shop.nodes {
        let mut line = Line::to(node).await?;
        let page = line.raw("GET", &format!("http://{node}/metrics"), None, "").await?;
        let line = page.lines().find(|line| line.contains("store_commits") && !line.starts_with('#'));
        let value = line.and_then(|line| line.rsplit(' ').next()).ok_or("the metrics lack the commits")?;
        commits += value.parse::<f64>()?;
    }
    Ok(commits)
}

/// The commits a second of the same disk with the service's settings, and nothing but a row in each commit.
fn raw_commits_per_second(file: &Path) -> Result<f64, Failure> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch("CREATE TABLE commits (key INTEGER PRIMARY KEY, text TEXT NOT NULL)")?;
    let mut insert = connection.prepare("INSERT INTO commits (text) VALUES (?1)")?;
    let text = "x".repeat(200);
    let (begun, mut commits) = (Instant::now(), 0_u32);
    while begun.elapsed() < ROUND {
        insert.execute([&text])?;
        commits += 1;
    }
    Ok(f64::from(commits) / begun.elapsed().as_secs_f64())
}

pub(super) fn median(rounds: &[Logins]) -> Logins {
    let middle = |of: fn(&Logins) -> f64| rounds::median(&mut rounds.iter().map(of).collect::<Vec<_>>());
    Logins {
        count: middle(|logins| logins.count),
        per_second: middle(|logins| logins.per_second),
        commits: middle(|logins| logins.commits),
    }
}
