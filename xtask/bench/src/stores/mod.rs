//! Every operation of the stores over each library, against the same SQL written by hand with that library on the same pool. Belongs
//! here: the comparison. Does not belong here: the references, which are beside it, one for each library.
//!
//! Nothing is flushed to the disk, or its waiting would hide what the stores cost.

mod compared;
mod diesel_by_hand;
mod on_diesel;
mod on_sea_orm;
mod operations;
mod sealing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::port::{SessionRecord, SessionStore, TokenStore};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};
use iampass_sql::{Dialect, KeyRing, SealingKey};

use crate::Failure;
use crate::figure::{Better, Figure};
use crate::rounds::median;
use compared::Compared;
use operations::{CALLS, Items, Operation};
use sealing::SealingTimes;

const SERVER: &str = "https://login.example";
const KEY: [u8; 32] = [7; 32];
const BOUND: f64 = 1.15;
/// How many turns each side has with each operation.
const ROUNDS: usize = 61;
/// An operation's turns end after this time all the same, if there were so many of them: the machine is busy with something else.
const LONGEST: Duration = Duration::from_millis(800);
const FEWEST_ROUNDS: usize = 15;
/// So many operations, those that seem slowest, are looked at again, since the worst of many is else the unluckiest.
const LOOKED_AT_AGAIN: usize = 4;
/// So many are shown for each database.
const SHOWN: usize = 3;
/// How many users and sessions there are besides.
const OTHERS: usize = 1_000;

/// The calls that a reference written by hand is not asked for: the shared entries, whose statements are like those that are compared.
macro_rules! not_compared {
    ($reference:ty) => {
        #[async_trait::async_trait]
        impl iampass_core::port::SharedState for $reference {
            async fn load_shared(
                &self,
                _: &iampass_core::port::SharedKey,
            ) -> Result<Option<iampass_core::port::SharedEntry>, StoreError> {
                Err(StoreError::new(StoreErrorKind::Other))
            }

            async fn swap_shared(
                &self,
                _: &iampass_core::port::SharedKey,
                _: Option<iampass_core::port::SharedVersion>,
                _: &iampass_core::port::SharedEntry,
            ) -> Result<bool, StoreError> {
                Err(StoreError::new(StoreErrorKind::Other))
            }

            async fn delete_shared(
                &self,
                _: &iampass_core::port::SharedKey,
                _: iampass_core::port::SharedVersion,
            ) -> Result<bool, StoreError> {
                Err(StoreError::new(StoreErrorKind::Other))
            }

            async fn purge_shared(&self, _: iampass_core::UnixMillis, _: usize) -> Result<usize, StoreError> {
                Err(StoreError::new(StoreErrorKind::Other))
            }
        }
    };
}
use not_compared;

/// One side.
#[derive(Clone)]
struct Stores {
    tokens: Arc<dyn TokenStore>,
    sessions: Arc<dyn SessionStore>,
}

/// Both sides, on one pool.
struct Sides {
    database: Dialect,
    ours: Stores,
    by_hand: Stores,
}

pub(crate) fn measure_diesel() -> Result<Vec<Figure>, Failure> {
    let file = tempfile::tempdir()?;
    let path = file.path().join("bench.db").display().to_string();
    let mut compared = compare(async move { on_diesel::sqlite(&path).await })?;
    if let Some(server) = iampass_test_databases::postgres() {
        let database = server.database();
        let url = database.url().to_owned();
        compared.extend(compare(async move { on_diesel::postgres(&url).await })?);
    }
    figure("store_diesel_worst", &compared)
}

pub(crate) fn measure_sea_orm() -> Result<Vec<Figure>, Failure> {
    let file = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", file.path().join("bench.db").display());
    let mut compared = compare(async move { on_sea_orm::connect(&url).await })?;
    if let Some(server) = iampass_test_databases::postgres() {
        let database = server.database();
        let url = database.url().to_owned();
        compared.extend(compare(async move { on_sea_orm::connect(&url).await })?);
    }
    figure("store_sea_orm_worst", &compared)
}

fn figure(name: &'static str, compared: &[Compared]) -> Result<Vec<Figure>, Failure> {
    let worst =
        compared.iter().max_by(|a, b| a.ratio().total_cmp(&b.ratio())).ok_or("nothing was compared")?;
    let mut ratios: Vec<_> = compared.iter().map(Compared::ratio).collect();
    let sealing = SealingTimes::measure()?;
    Ok(vec![Figure {
        name,
        value: worst.ratio(),
        bound: Some(BOUND),
        better: Better::Lower,
        detail: format!(
            "{worst}; the median of {} is {:.2}; sealing, {:.1} µs, and opening, {:.1} µs, are taken off both",
            compared.len(),
            median(&mut ratios),
            sealing.seal_us,
            sealing.open_us
        ),
    }])
}

/// Compares all operations on the sides that `connect` gives.
fn compare(
    connect: impl Future<Output = Result<Sides, Failure>> + Send + 'static,
) -> Result<Vec<Compared>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let comparing = runtime.spawn(async move {
        let sides = connect.await?;
        let sealing = SealingTimes::measure()?;
        let mut items = Items::new()?;
        lay_out_others(&sides.ours).await?;
        items.lay_out(&sides.ours).await?;
        let mut compared = Vec::new();
        for operation in Operation::ALL {
            let mut one = Compared::new(sides.database, operation, operation.sealing_us(sealing));
            compare_rounds(&sides, &mut items, &mut one).await?;
            compared.push(one);
        }
        for _ in 0..2 {
            compared.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()));
            for one in compared.iter_mut().take(LOOKED_AT_AGAIN) {
                compare_rounds(&sides, &mut items, one).await?;
            }
        }
        compared.sort_by(|a, b| b.ratio().total_cmp(&a.ratio()));
        for one in compared.iter().take(SHOWN) {
            eprintln!("    {:.3}  {one}", one.ratio());
        }
        Ok::<_, Failure>(compared)
    });
    runtime.block_on(comparing)?
}

/// Rounds of one operation: a turn of calls for each side.
async fn compare_rounds(sides: &Sides, items: &mut Items, compared: &mut Compared) -> Result<(), Failure> {
    let operation = compared.operation();
    let began = Instant::now();
    for round in 0..=ROUNDS {
        if round > FEWEST_ROUNDS && began.elapsed() > LONGEST {
            break;
        }
        let (mut ours, mut by_hand) = (Vec::new(), Vec::new());
        let mut order = [(&sides.ours, &mut ours), (&sides.by_hand, &mut by_hand)];
        if round % 2 == 1 {
            order.reverse();
        }
        for (stores, times) in order {
            items.prepare(operation, &sides.ours).await?;
            for number in 0..CALLS {
                let start = Instant::now();
                let done = items.call(operation, stores, number).await?;
                times.push(start.elapsed().as_secs_f64() * 1e6);
                if done != operation.expected() {
                    return Err(format!("{operation:?} on {:?} gives {done}", sides.database).into());
                }
            }
            items.clean_up(operation, &sides.ours).await?;
        }
        // The first round warms up.
        if round > 0 {
            compared.note(&mut ours, &mut by_hand);
        }
    }
    Ok(())
}

async fn lay_out_others(stores: &Stores) -> Result<(), Failure> {
    for number in CALLS..OTHERS {
        stores.tokens.assign(&number.to_string().into(), &user_token(number)?).await?;
        stores.sessions.create(&record(&format!("other-{number}"), number)?).await?;
    }
    Ok(())
}

fn key_ring() -> KeyRing {
    KeyRing::new(SealingKey::new(&KEY))
}

fn user_token(number: usize) -> Result<UserToken, Failure> {
    Ok(UserToken::new(format!("{number:032x}"))?)
}

/// A session of this name and this user, whose names and addresses are as long as the service's own.
fn record(name: &str, user: usize) -> Result<SessionRecord, Failure> {
    let token = SessionToken::new(format!("{name:-<40}"))?;
    let status_url = format!("{SERVER}/authentication/session_status/{}", token.as_str());
    let logout_url = format!("{SERVER}/authentication/close_session/{}", token.as_str());
    let secret = Secret::new("6WKDS0DVI06BRGX6IBYZPKN413KAYQT7");
    let session = Session::new(token, secret, &status_url, &logout_url, &Server::parse(SERVER)?)?;
    let (started_at, expires_at) = (UnixSeconds(1_000), UnixSeconds(u64::from(u32::MAX)));
    Ok(SessionRecord::new(session, user_token(user)?, started_at, expires_at))
}

/// Users, and what keeps the database from waiting for the disk.
fn set_up(database: Dialect) -> [&'static str; 3] {
    let (table, no_wait) = match database {
        Dialect::Postgres => ("CREATE TABLE users (id BIGINT PRIMARY KEY)", "SET synchronous_commit = off"),
        _ => ("CREATE TABLE users (id INTEGER PRIMARY KEY)", "PRAGMA synchronous = OFF"),
    };
    let users = "INSERT INTO users WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999) \
                 SELECT i FROM n";
    [table, users, no_wait]
}

/// The statement that claims what is due; libraries that build statements have no words for it.
fn claim(database: Dialect) -> &'static str {
    match database {
        Dialect::Postgres => {
            "WITH lease AS (SELECT CAST($1 AS BIGINT) AS until, CAST($2 AS TEXT) AS holder), \
             picked AS MATERIALIZED (SELECT token FROM iampass_sessions \
             WHERE logout_due <= $3 AND (leased_until IS NULL OR leased_until <= $4) \
             ORDER BY logout_due, token LIMIT $5 FOR UPDATE SKIP LOCKED) \
             UPDATE iampass_sessions SET claims = claims + 1, leased_until = lease.until, leased_by = lease.holder \
             FROM lease WHERE token IN (SELECT token FROM picked)"
        }
        _ => {
            "UPDATE iampass_sessions SET claims = claims + 1, leased_until = $1, leased_by = $2 WHERE token IN \
             (SELECT token FROM iampass_sessions WHERE logout_due <= $3 AND (leased_until IS NULL OR leased_until <= $4) \
             ORDER BY logout_due, token LIMIT $5)"
        }
    }
}

/// The statement that takes away what has expired.
fn purge(database: Dialect) -> &'static str {
    match database {
        Dialect::Postgres => {
            "WITH picked AS MATERIALIZED (SELECT token FROM iampass_sessions WHERE expires_at < $1 \
             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) \
             DELETE FROM iampass_sessions WHERE token IN (SELECT token FROM picked)"
        }
        _ => {
            "DELETE FROM iampass_sessions WHERE token IN \
             (SELECT token FROM iampass_sessions WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
        }
    }
}
