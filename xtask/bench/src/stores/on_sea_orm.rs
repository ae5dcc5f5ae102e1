//! The stores over sea-orm, and the same by hand: statements as text with their values, run by the library. Belongs here: all that is
//! sea-orm's. Does not belong here: what is called, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    BoxError, ClaimOutcome, ClaimedLogouts, LogoutClaim, LogoutJob, SessionRecord, SessionStore, StoreError,
    StoreErrorKind, TokenStore, UserKey,
};
use iampass_core::{Server, SessionToken, UnixSeconds, UserToken};
use iampass_sea_orm::{Schema, SeaOrmDatabase};
use iampass_sql::Dialect;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, QueryResult,
    Statement, Value,
};

use super::sealing::{Row, Sealing, failed};
use super::{SERVER, Sides, Stores, key_ring, not_compared, set_up};

/// Both sides on a pool of one connection, in an empty database.
pub(super) async fn connect(url: &str) -> Result<Sides, BoxError> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let pool = Database::connect(options).await?;
    let backend = pool.get_database_backend();
    let database = if backend == DbBackend::Postgres { Dialect::Postgres } else { Dialect::Sqlite };
    for statement in set_up(database) {
        pool.execute_unprepared(statement).await?;
    }
    if database == Dialect::Sqlite {
        pool.execute_unprepared("PRAGMA journal_mode = WAL").await?;
    }
    let (schema, stores) = (Schema::default(), SeaOrmDatabase::new(pool.clone()));
    stores.migrate(&schema).await?;
    let ours = Stores {
        tokens: Arc::new(stores.token_store(&schema)),
        sessions: Arc::new(stores.session_store(&schema, key_ring(), Server::parse(SERVER)?)),
    };
    let by_hand = Arc::new(ByHand {
        pool,
        backend,
        sql: Sql::new(database),
        sealing: Sealing::new()?,
        key_id: key_ring().sealing_key().id().to_owned(),
        claims: AtomicU64::new(0),
    });
    Ok(Sides { database, ours, by_hand: Stores { tokens: by_hand.clone(), sessions: by_hand } })
}

struct ByHand {
    pool: DatabaseConnection,
    backend: DbBackend,
    sql: Sql,
    sealing: Sealing,
    key_id: String,
    claims: AtomicU64,
}

impl ByHand {
    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, values)
    }

    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
        let done = self.pool.execute_raw(self.statement(sql, values)).await.map_err(failed)?;
        Ok(done.rows_affected())
    }

    async fn one(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, StoreError> {
        self.pool.query_one_raw(self.statement(sql, values)).await.map_err(failed)
    }

    async fn rows(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<Row>, StoreError> {
        let found = self.pool.query_all_raw(self.statement(sql, values)).await.map_err(failed)?;
        found.iter().map(row).collect::<Result<_, _>>().map_err(failed)
    }
}

fn row(found: &QueryResult) -> Result<Row, DbErr> {
    // The name of the key is read as it would be to find the key.
    let _key_id: String = found.try_get_by_index(3)?;
    Ok(Row {
        token: found.try_get_by_index(0)?,
        user_token: found.try_get_by_index(1)?,
        sealed: found.try_get_by_index(2)?,
        started_at: found.try_get_by_index(4)?,
        expires_at: found.try_get_by_index(5)?,
        logout_due: found.try_get_by_index(6)?,
        claims: found.try_get_by_index(7)?,
    })
}

fn id(key: &UserKey) -> Result<Value, StoreError> {
    let id: i64 = key.as_str().parse().map_err(failed)?;
    Ok(id.into())
}

fn seconds(time: UnixSeconds) -> Value {
    time.0.cast_signed().into()
}

#[async_trait]
impl TokenStore for ByHand {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        let found = self.one(&self.sql.token_for, [id(user)?]).await?;
        let token: Option<String> =
            found.map(|found| found.try_get_by_index(0)).transpose().map_err(failed)?;
        token.map(UserToken::new).transpose().map_err(failed)
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        let found = self.one(&self.sql.user_for, [token.as_str().into()]).await?;
        let id: Option<i64> = found.map(|found| found.try_get_by_index(0)).transpose().map_err(failed)?;
        Ok(id.map(UserKey::from))
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        if let Some(token) = self.token_for(user).await? {
            return Ok(token);
        }
        self.run(&self.sql.assign, [candidate.as_str().into(), id(user)?]).await?;
        self.token_for(user).await?.ok_or_else(|| StoreError::new(StoreErrorKind::UnknownUser))
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        self.run(&self.sql.rotate, [replacement.as_str().into(), id(user)?]).await.map(drop)
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        self.run(&self.sql.remove, [id(user)?]).await.map(drop)
    }
}

not_compared!(ByHand);

#[async_trait]
impl SessionStore for ByHand {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        let values = [
            record.session.token().as_str().into(),
            record.user.as_str().into(),
            self.sealing.seal(record)?.into(),
            self.key_id.as_str().into(),
            seconds(record.started_at),
            seconds(record.expires_at),
            record.logout_due.map(|due| due.0.cast_signed()).into(),
        ];
        self.run(&self.sql.create, values).await.map(drop)
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        let found = self.one(&self.sql.load, [token.as_str().into()]).await?;
        let row = found.map(|found| row(&found)).transpose().map_err(failed)?;
        row.map(|row| self.sealing.open(row)).transpose()
    }

    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        if self.run(&self.sql.keep, [token.as_str().into()]).await? > 0 {
            return Ok(ClaimOutcome::Claimed);
        }
        let found = self.one(&self.sql.is_kept, [token.as_str().into()]).await?;
        Ok(if found.is_some() { ClaimOutcome::AlreadyClaimed } else { ClaimOutcome::Rejected })
    }

    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        let values = [user.as_str().into(), (limit as i64).into(), 0_i64.into()];
        let rows = self.rows(&self.sql.sessions_of, values).await?;
        rows.into_iter().map(|row| self.sealing.open(row)).collect()
    }

    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        self.run(&self.sql.queue, [seconds(due), token.as_str().into()]).await.map(drop)
    }

    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.run(&self.sql.request, [token.as_str().into()]).await.map(drop)
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        let claimant = format!("{:032x}", self.claims.fetch_add(1, Ordering::Relaxed));
        let values = [
            seconds(now.plus(lease)),
            claimant.as_str().into(),
            seconds(now),
            seconds(now),
            (limit as i64).into(),
        ];
        if self.run(&self.sql.claim, values).await? == 0 {
            return Ok(ClaimedLogouts::default());
        }
        let rows = self.rows(&self.sql.claimed, [claimant.into()]).await?;
        let job = |row: Row| {
            let number = row.claims.unsigned_abs();
            let record = self.sealing.open(row)?;
            let claim = LogoutClaim { token: record.session.token().clone(), number };
            Ok(LogoutJob { record, claim })
        };
        let jobs: Result<_, StoreError> = rows.into_iter().map(job).collect();
        Ok(ClaimedLogouts::new(jobs?, 0))
    }

    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        let values = [seconds(due), claim.token.as_str().into(), claim.number.cast_signed().into()];
        self.run(&self.sql.release, values).await.map(drop)
    }

    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.run(&self.sql.delete, [token.as_str().into()]).await.map(drop)
    }

    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        let purged = self.run(&self.sql.purge, [seconds(now), (limit as i64).into()]).await?;
        usize::try_from(purged).map_err(failed)
    }
}

/// The statements, with the placeholders of the database.
struct Sql {
    token_for: String,
    user_for: String,
    assign: String,
    rotate: String,
    remove: String,
    create: String,
    load: String,
    keep: String,
    is_kept: String,
    sessions_of: String,
    queue: String,
    request: String,
    claim: String,
    claimed: String,
    release: String,
    delete: String,
    purge: String,
}

impl Sql {
    fn new(database: Dialect) -> Self {
        let sql = |text: &str| match database {
            Dialect::Postgres => text.to_owned(),
            // Each stands in the text once, and in this order.
            _ => (1..=7).fold(text.to_owned(), |text, number| text.replace(&format!("${number}"), "?")),
        };
        let rows = |rest: &str| {
            sql(&format!(
                "SELECT token, user_token, sealed_session, key_id, started_at, expires_at, logout_due, claims \
                 FROM iampass_sessions WHERE {rest}"
            ))
        };
        let assign =
            "INSERT INTO iampass_tokens (user_id, token) SELECT id, $1 FROM users WHERE id = $2 ON CONFLICT";
        Self {
            token_for: sql("SELECT token FROM iampass_tokens WHERE user_id = $1"),
            user_for: sql("SELECT user_id FROM iampass_tokens WHERE token = $1"),
            assign: sql(&format!("{assign} DO NOTHING")),
            rotate: sql(&format!(
                "{assign} (user_id) DO UPDATE SET token = excluded.token, created_at = CURRENT_TIMESTAMP"
            )),
            remove: sql("DELETE FROM iampass_tokens WHERE user_id = $1"),
            create: sql(
                "INSERT INTO iampass_sessions (token, user_token, sealed_session, key_id, started_at, expires_at, logout_due) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            ),
            load: rows("token = $1"),
            keep: sql(
                "UPDATE iampass_sessions SET logout_due = NULL WHERE token = $1 AND claims = 0 AND logout_due <> 0",
            ),
            is_kept: sql(
                "SELECT claims FROM iampass_sessions WHERE token = $1 AND claims = 0 AND logout_due IS NULL",
            ),
            sessions_of: rows(
                "user_token = $1 AND logout_due IS NULL ORDER BY started_at DESC, token LIMIT $2 OFFSET $3",
            ),
            queue: sql("UPDATE iampass_sessions SET logout_due = $1 \
                 WHERE token = $2 AND claims = 0 AND (logout_due IS NULL OR logout_due <> 0)"),
            request: sql("UPDATE iampass_sessions SET logout_due = 0 WHERE token = $1"),
            claim: sql(super::claim(database)),
            claimed: rows("leased_by = $1 ORDER BY logout_due, token"),
            release: sql(
                "UPDATE iampass_sessions SET logout_due = $1, leased_until = NULL, leased_by = NULL \
                 WHERE token = $2 AND claims = $3",
            ),
            delete: sql("DELETE FROM iampass_sessions WHERE token = $1"),
            purge: sql(super::purge(database)),
        }
    }
}
