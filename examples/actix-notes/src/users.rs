//! The users: a table that the application would have without any login by phone. Belongs here: who they are, how they are found, signing
//! up. Does not belong here: how they log in (`login`).
//!
//! A user who signs up has a name at once, but *arrives* only with the first login, for which a phone has to be registered. Until then the
//! name is held:
//!
//! * No other user gets it while the sign-up may still be finished ([`HELD`]), nor ever if a phone is registered.
//! * After that, whoever signs up with it gets it as **another** user. The old row is deleted, and with it the token that the old
//!   registration link was for, so that a link that is opened late leads into nobody's account.
//! * A user who has arrived keeps the name, even if the phone is lost.

use std::time::Duration;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
// By name, or diesel's own would be meant as well.
use diesel_async::RunQueryDsl;
use iampass::core::UnixSeconds;

use crate::database::{Database, DatabaseError, ask, users};

/// For how long a name is held for somebody who signed up: longer than the 15 minutes in which a phone can be registered after that.
const HELD: Duration = Duration::from_secs(20 * 60);

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::sqlite::Sqlite, diesel::mysql::Mysql))]
pub(crate) struct User {
    /// The user's key in other tables.
    pub(crate) id: i64,
    /// The name that the user logs in with, in small letters.
    pub(crate) name: String,
    signed_up_at: i64,
    /// Whether the user has ever logged in.
    pub(crate) has_arrived: bool,
}

impl User {
    /// Whether the name is still held for who signed up with it, arrived or not.
    pub(crate) fn holds_the_name(&self, now: UnixSeconds) -> bool {
        // A clock that was set back holds it for longer, which harms nobody.
        let since = now.since(UnixSeconds(self.signed_up_at.unsigned_abs()));
        self.has_arrived || since < HELD
    }
}

/// All users.
#[derive(Debug, Clone)]
pub(crate) struct Users {
    database: Database,
}

impl Users {
    /// Those in this database.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// The user of this name, who may not have arrived yet.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn named(&self, name: &str) -> Result<Option<User>, DatabaseError> {
        let user = users::table.filter(users::name.eq(name.to_owned()));
        ask!(self.database, database => user.select(User::as_select()).first(&mut database).await.optional())
    }

    /// The user of this key.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn by_id(&self, id: i64) -> Result<Option<User>, DatabaseError> {
        let user = users::table.find(id);
        ask!(self.database, database => user.select(User::as_select()).first(&mut database).await.optional())
    }

    /// Stores a new user. `None` if the name is somebody's: of two who want it at once one is first, which is for the database to say.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn sign_up(&self, name: &str, now: UnixSeconds) -> Result<Option<User>, DatabaseError> {
        let signed_up_at = i64::try_from(now.0).unwrap_or(i64::MAX);
        let user = (users::name.eq(name.to_owned()), users::signed_up_at.eq(signed_up_at));
        let user = diesel::insert_into(users::table).values(user);
        let stored = ask!(self.database, database => user.execute(&mut database).await);
        match stored {
            Ok(_) => self.named(name).await,
            Err(DatabaseError::Query(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that the user has logged in.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn arrived(&self, id: i64) -> Result<(), DatabaseError> {
        let user = diesel::update(users::table.find(id)).set(users::has_arrived.eq(true));
        ask!(self.database, database => user.execute(&mut database).await)?;
        Ok(())
    }

    /// Deletes a user who has not arrived, and with the row all that refers to it. `false` if there is none.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn give_up(&self, id: i64) -> Result<bool, DatabaseError> {
        let user = diesel::delete(users::table.find(id).filter(users::has_arrived.eq(false)));
        Ok(ask!(self.database, database => user.execute(&mut database).await)? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_held_until_the_sign_up_is_surely_over_or_for_good() {
        let mut user = User { id: 1, name: "anna".to_owned(), signed_up_at: 1_000_000, has_arrived: false };
        let after = |seconds| UnixSeconds(1_000_000).plus(Duration::from_secs(seconds));
        assert!(user.holds_the_name(UnixSeconds(0)), "the clock was set back");
        assert!(user.holds_the_name(after(0)));
        assert!(user.holds_the_name(after(HELD.as_secs() - 1)));
        assert!(!user.holds_the_name(after(HELD.as_secs())));
        user.has_arrived = true;
        assert!(user.holds_the_name(after(1000 * HELD.as_secs())));
    }
}
