//! The stores' work, by hand in diesel's own terms. Belongs here: statements. Claims and purges are SQL as text, since diesel has no
//! words for them; it prepares those each time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text};
use diesel::upsert::excluded;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, IntoSql as _, OptionalExtension as _, QueryDsl as _,
    SqliteConnection,
};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use iampass_core::port::{
    BoxError, ClaimOutcome, ClaimedLogouts, LogoutClaim, LogoutJob, SessionRecord, SessionStore, StoreError,
    StoreErrorKind, TokenStore, UserKey,
};
use iampass_core::{SessionToken, UnixSeconds, UserToken};
use iampass_sql::Dialect;

use super::sealing::{Row, Sealing, failed};
use super::{key_ring, not_compared};

mod tables {
    diesel::table! {
        users (id) {
            id -> BigInt,
        }
    }
    diesel::table! {
        iampass_tokens (id) {
            id -> BigInt,
            user_id -> BigInt,
            token -> Text,
            created_at -> Timestamp,
        }
    }
    diesel::table! {
        iampass_sessions (token) {
            token -> Text,
            user_token -> Text,
            sealed_session -> Binary,
            key_id -> Text,
            started_at -> BigInt,
            expires_at -> BigInt,
            logout_due -> Nullable<BigInt>,
            claims -> BigInt,
            leased_until -> Nullable<BigInt>,
            leased_by -> Nullable<Text>,
        }
    }
    diesel::allow_tables_to_appear_in_same_query!(users, iampass_tokens);
}

use tables::{iampass_sessions as s, iampass_tokens as t, users};

/// The columns of a row, in their order.
type Columns = (String, String, Vec<u8>, String, i64, i64, Option<i64>, i64);

/// Over this pool.
pub(super) struct ByHand<P> {
    pool: P,
    claim: &'static str,
    purge: &'static str,
    sealing: Sealing,
    key_id: String,
    claims: AtomicU64,
}

impl<P> ByHand<P> {
    pub(super) fn new(pool: P, database: Dialect) -> Result<Self, BoxError> {
        Ok(Self {
            pool,
            claim: super::claim(database),
            purge: super::purge(database),
            sealing: Sealing::new()?,
            key_id: key_ring().sealing_key().id().to_owned(),
            claims: AtomicU64::new(0),
        })
    }

    fn open(&self, columns: Columns) -> Result<SessionRecord, StoreError> {
        self.sealing.open(row(columns))
    }

    fn job(&self, columns: Columns) -> Result<LogoutJob, StoreError> {
        let row = row(columns);
        let number = row.claims.unsigned_abs();
        let record = self.sealing.open(row)?;
        let claim = LogoutClaim { token: record.session.token().clone(), number };
        Ok(LogoutJob { record, claim })
    }
}

fn row((token, user_token, sealed, _key_id, started_at, expires_at, logout_due, claims): Columns) -> Row {
    Row { token, user_token, sealed, started_at, expires_at, logout_due, claims }
}

fn id(key: &UserKey) -> Result<i64, StoreError> {
    key.as_str().parse().map_err(failed)
}

fn seconds(time: UnixSeconds) -> i64 {
    time.0.cast_signed()
}

macro_rules! columns {
    () => {
        (
            s::token,
            s::user_token,
            s::sealed_session,
            s::key_id,
            s::started_at,
            s::expires_at,
            s::logout_due,
            s::claims,
        )
    };
}

/// The same words for each kind of connection, since diesel checks them against each database.
macro_rules! by_hand {
    ($connection:ty) => {
        #[async_trait]
        impl TokenStore for ByHand<Pool<$connection>> {
            async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let query = t::table.filter(t::user_id.eq(id(user)?)).select(t::token);
                let token = query.get_result::<String>(&mut connection).await.optional().map_err(failed)?;
                token.map(UserToken::new).transpose().map_err(failed)
            }

            async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let query = t::table.filter(t::token.eq(token.as_str())).select(t::user_id);
                let id = query.get_result::<i64>(&mut connection).await.optional().map_err(failed)?;
                Ok(id.map(UserKey::from))
            }

            async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
                if let Some(token) = self.token_for(user).await? {
                    return Ok(token);
                }
                let mut connection = self.pool.get().await.map_err(failed)?;
                let known = users::table
                    .filter(users::id.eq(id(user)?))
                    .select((users::id, candidate.as_str().into_sql::<Text>()));
                diesel::insert_into(t::table)
                    .values(known)
                    .into_columns((t::user_id, t::token))
                    .on_conflict_do_nothing()
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                drop(connection);
                self.token_for(user).await?.ok_or_else(|| StoreError::new(StoreErrorKind::UnknownUser))
            }

            async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let known = users::table
                    .filter(users::id.eq(id(user)?))
                    .select((users::id, replacement.as_str().into_sql::<Text>()));
                diesel::insert_into(t::table)
                    .values(known)
                    .into_columns((t::user_id, t::token))
                    .on_conflict(t::user_id)
                    .do_update()
                    .set((t::token.eq(excluded(t::token)), t::created_at.eq(diesel::dsl::now)))
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                Ok(())
            }

            async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let remove = diesel::delete(t::table.filter(t::user_id.eq(id(user)?)));
                remove.execute(&mut connection).await.map_err(failed)?;
                Ok(())
            }
        }

        not_compared!(ByHand<Pool<$connection>>);

        #[async_trait]
        impl SessionStore for ByHand<Pool<$connection>> {
            async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
                let sealed = self.sealing.seal(record)?;
                let mut connection = self.pool.get().await.map_err(failed)?;
                diesel::insert_into(s::table)
                    .values((
                        s::token.eq(record.session.token().as_str()),
                        s::user_token.eq(record.user.as_str()),
                        s::sealed_session.eq(sealed),
                        s::key_id.eq(self.key_id.as_str()),
                        s::started_at.eq(seconds(record.started_at)),
                        s::expires_at.eq(seconds(record.expires_at)),
                        s::logout_due.eq(record.logout_due.map(seconds)),
                    ))
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                Ok(())
            }

            async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let query = s::table.filter(s::token.eq(token.as_str())).select(columns!());
                let found = query.get_result::<Columns>(&mut connection).await.optional().map_err(failed)?;
                drop(connection);
                found.map(|columns| self.open(columns)).transpose()
            }

            async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let never_claimed = s::token.eq(token.as_str()).and(s::claims.eq(0));
                let owed = s::table.filter(never_claimed).filter(s::logout_due.ne(0));
                let keep = diesel::update(owed).set(s::logout_due.eq(None::<i64>));
                if keep.execute(&mut connection).await.map_err(failed)? > 0 {
                    return Ok(ClaimOutcome::Claimed);
                }
                drop(connection);
                let mut connection = self.pool.get().await.map_err(failed)?;
                let never_claimed = s::token.eq(token.as_str()).and(s::claims.eq(0));
                let kept = s::table.filter(never_claimed).filter(s::logout_due.is_null()).select(s::claims);
                let kept = kept.get_result::<i64>(&mut connection).await.optional().map_err(failed)?;
                Ok(if kept.is_some() { ClaimOutcome::AlreadyClaimed } else { ClaimOutcome::Rejected })
            }

            async fn sessions_of(
                &self,
                user: &UserToken,
                limit: usize,
            ) -> Result<Vec<SessionRecord>, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let query = s::table
                    .filter(s::user_token.eq(user.as_str()).and(s::logout_due.is_null()))
                    .order((s::started_at.desc(), s::token))
                    .limit(limit as i64)
                    .offset(0)
                    .select(columns!());
                let found = query.load::<Columns>(&mut connection).await.map_err(failed)?;
                drop(connection);
                found.into_iter().map(|columns| self.open(columns)).collect()
            }

            async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let never_claimed = s::token.eq(token.as_str()).and(s::claims.eq(0));
                let not_requested = s::logout_due.is_null().or(s::logout_due.ne(0));
                diesel::update(s::table.filter(never_claimed).filter(not_requested))
                    .set(s::logout_due.eq(seconds(due)))
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                Ok(())
            }

            async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                diesel::update(s::table.filter(s::token.eq(token.as_str())))
                    .set(s::logout_due.eq(0))
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                Ok(())
            }

            async fn claim_logouts(
                &self,
                now: UnixSeconds,
                lease: Duration,
                limit: usize,
            ) -> Result<ClaimedLogouts, StoreError> {
                let claimant = format!("{:032x}", self.claims.fetch_add(1, Ordering::Relaxed));
                let mut connection = self.pool.get().await.map_err(failed)?;
                let claimed = diesel::sql_query(self.claim)
                    .bind::<BigInt, _>(seconds(now.plus(lease)))
                    .bind::<Text, _>(claimant.clone())
                    .bind::<BigInt, _>(seconds(now))
                    .bind::<BigInt, _>(seconds(now))
                    .bind::<BigInt, _>(limit as i64)
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                drop(connection);
                if claimed == 0 {
                    return Ok(ClaimedLogouts::default());
                }
                let mut connection = self.pool.get().await.map_err(failed)?;
                let query = s::table
                    .filter(s::leased_by.eq(claimant.as_str()))
                    .order((s::logout_due, s::token))
                    .select(columns!());
                let found = query.load::<Columns>(&mut connection).await.map_err(failed)?;
                drop(connection);
                let jobs: Result<_, StoreError> =
                    found.into_iter().map(|columns| self.job(columns)).collect();
                Ok(ClaimedLogouts::new(jobs?, 0))
            }

            async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let claimed = s::token.eq(claim.token.as_str()).and(s::claims.eq(claim.number.cast_signed()));
                diesel::update(s::table.filter(claimed))
                    .set((
                        s::logout_due.eq(seconds(due)),
                        s::leased_until.eq(None::<i64>),
                        s::leased_by.eq(None::<&str>),
                    ))
                    .execute(&mut connection)
                    .await
                    .map_err(failed)?;
                Ok(())
            }

            async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                let delete = diesel::delete(s::table.filter(s::token.eq(token.as_str())));
                delete.execute(&mut connection).await.map_err(failed)?;
                Ok(())
            }

            async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
                let mut connection = self.pool.get().await.map_err(failed)?;
                diesel::sql_query(self.purge)
                    .bind::<BigInt, _>(seconds(now))
                    .bind::<BigInt, _>(limit as i64)
                    .execute(&mut connection)
                    .await
                    .map_err(failed)
            }
        }
    };
}

by_hand!(SyncConnectionWrapper<SqliteConnection>);
by_hand!(AsyncPgConnection);
