//! The users: a table that the application would have without any login by phone. Belongs here: who they are, how they are found, signing
//! up. Does not belong here: how they log in ([`crate::login`]).
//!
//! A user who signs up has a name at once, but has not *arrived* before the first login, for which a phone has to be registered. Until then
//! the name is only held:
//!
//! * No other user gets it for as long as the sign-up may still be finished ([`HELD`]), nor ever if a phone is registered.
//! * After that, whoever signs up with that name gets it, as **another** user: the old row is deleted, and with it the token that the
//!   old registration link was for. So a link that is opened late leads into nobody's account.
//! * A user who has arrived keeps the name whatever becomes of the phone, which may be lost and replaced.
//! * A user who has not arrived is shown nowhere.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::prelude::{ChronoUtc, DateTimeUtc};
use sea_orm::{ActiveValue, SqlErr};

/// For how long a name is held for somebody who signed up: longer than the 15 minutes in which a phone can be registered after that.
pub const HELD: Duration = Duration::from_secs(20 * 60);

#[expect(missing_docs, reason = "sea-orm derives types that it does not document")]
pub mod row {
    use sea_orm::entity::prelude::*;
    use sea_orm::prelude::DateTimeUtc;

    /// A row of the table.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The name that the user logs in with, and is found by.
        #[sea_orm(unique)]
        pub name: String,
        /// The name that the user is called by.
        pub display_name: String,
        /// The user's words about themselves.
        pub about: String,
        pub signed_up_at: DateTimeUtc,
        /// When the user first logged in.
        pub arrived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A user.
pub type User = row::Model;

/// The outcome of a sign-up.
#[derive(Debug)]
pub enum SignUp {
    /// There is a new user.
    Done(User),
    /// The name is somebody's.
    NameTaken,
}

/// All users.
#[derive(Debug, Clone)]
pub struct Users {
    database: DatabaseConnection,
}

impl Users {
    /// Those in this database.
    #[must_use]
    pub fn new(database: DatabaseConnection) -> Self {
        Self { database }
    }

    /// The database that they are in.
    #[must_use]
    pub fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// The user of this name, who may not have arrived yet.
    ///
    /// # Errors
    /// The database's error.
    pub async fn named(&self, name: &str) -> Result<Option<User>, DbErr> {
        row::Entity::find().filter(row::Column::Name.eq(name)).one(&self.database).await
    }

    /// The user of this name, for others to see.
    ///
    /// # Errors
    /// The database's error.
    pub async fn shown(&self, name: &str) -> Result<Option<User>, DbErr> {
        Ok(self.named(&name.to_ascii_lowercase()).await?.filter(|user| user.arrived_at.is_some()))
    }

    /// The user of this key.
    ///
    /// # Errors
    /// The database's error.
    pub async fn by_id(&self, id: i64) -> Result<Option<User>, DbErr> {
        row::Entity::find_by_id(id).one(&self.database).await
    }

    /// Stores a new user, unless the name is somebody's.
    ///
    /// # Errors
    /// The database's error.
    pub async fn sign_up(&self, name: &str, display_name: &str) -> Result<SignUp, DbErr> {
        let user = row::ActiveModel {
            name: ActiveValue::Set(name.to_owned()),
            display_name: ActiveValue::Set(display_name.to_owned()),
            about: ActiveValue::Set(String::new()),
            signed_up_at: ActiveValue::Set(ChronoUtc::now()),
            arrived_at: ActiveValue::Set(None),
            ..Default::default()
        };
        match user.insert(&self.database).await {
            Ok(user) => Ok(SignUp::Done(user)),
            // Of two at once one is first. That is for the database to say.
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                Ok(SignUp::NameTaken)
            }
            Err(error) => Err(error),
        }
    }

    /// Notes that the user has logged in, unless that was noted before.
    ///
    /// # Errors
    /// The database's error.
    pub async fn arrived(&self, id: i64) -> Result<(), DbErr> {
        row::Entity::update_many()
            .col_expr(row::Column::ArrivedAt, Expr::value(Some(ChronoUtc::now())))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::ArrivedAt.is_null())
            .exec(&self.database)
            .await?;
        Ok(())
    }

    /// Deletes a user who has not arrived, and with the row all that refers to it. `false` if there is none.
    ///
    /// # Errors
    /// The database's error.
    pub async fn give_up(&self, id: i64) -> Result<bool, DbErr> {
        let done = row::Entity::delete_many()
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::ArrivedAt.is_null())
            .exec(&self.database)
            .await?;
        Ok(done.rows_affected > 0)
    }

    /// Changes what is shown of a user.
    ///
    /// # Errors
    /// The database's error.
    pub async fn describe(&self, id: i64, display_name: &str, about: &str) -> Result<(), DbErr> {
        row::Entity::update_many()
            .col_expr(row::Column::DisplayName, Expr::value(display_name))
            .col_expr(row::Column::About, Expr::value(about))
            .filter(row::Column::Id.eq(id))
            .exec(&self.database)
            .await?;
        Ok(())
    }
}

impl User {
    /// Whether the name is still held for who signed up with it, arrived or not.
    #[must_use]
    pub fn holds_the_name(&self, now: DateTimeUtc) -> bool {
        // A clock that was set back holds it for longer, which harms nobody.
        let since = now.signed_duration_since(self.signed_up_at).to_std().unwrap_or_default();
        self.arrived_at.is_some() || since < HELD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_held_until_the_sign_up_is_surely_over_or_for_good() {
        let signed_up_at = ChronoUtc::now();
        let mut user = User {
            id: 1,
            name: "anna".to_owned(),
            display_name: "Anna".to_owned(),
            about: String::new(),
            signed_up_at,
            arrived_at: None,
        };
        assert!(user.holds_the_name(signed_up_at));
        assert!(user.holds_the_name(signed_up_at - HELD));
        assert!(user.holds_the_name(signed_up_at + HELD - Duration::from_secs(1)));
        assert!(!user.holds_the_name(signed_up_at + HELD));
        user.arrived_at = Some(signed_up_at);
        assert!(user.holds_the_name(signed_up_at + 1000 * HELD));
    }
}
