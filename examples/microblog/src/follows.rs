//! The follows between users. Belongs here: following, no longer following, and lists of both sides. Does not belong here: what is read.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ActiveValue, QueryOrder as _, QuerySelect as _};

use crate::paging;
use crate::users::{self, User};

#[expect(missing_docs, reason = "sea-orm derives types that it does not document")]
pub mod row {
    use sea_orm::entity::prelude::*;

    /// A row of the table.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "follows")]
    pub struct Model {
        /// The user who reads.
        #[sea_orm(primary_key, auto_increment = false)]
        pub follower_id: i64,
        /// The user who is read.
        #[sea_orm(primary_key, auto_increment = false)]
        pub followed_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Those who read a user.
    Followers,
    /// Those whom a user reads.
    Followed,
}

impl Side {
    /// The column of those who are listed, and that of the user whose list it is.
    const fn columns(self) -> (row::Column, row::Column) {
        match self {
            Self::Followers => (row::Column::FollowerId, row::Column::FollowedId),
            Self::Followed => (row::Column::FollowedId, row::Column::FollowerId),
        }
    }
}

/// All who follow somebody.
#[derive(Debug, Clone)]
pub struct Follows {
    database: DatabaseConnection,
}

impl Follows {
    /// Those in this database.
    #[must_use]
    pub fn new(database: DatabaseConnection) -> Self {
        Self { database }
    }

    /// From now on `follower` reads `followed`; nothing changes if that is so already.
    ///
    /// # Errors
    /// The database's error.
    pub async fn follow(&self, follower: i64, followed: i64) -> Result<(), DbErr> {
        let follow = row::ActiveModel {
            follower_id: ActiveValue::Set(follower),
            followed_id: ActiveValue::Set(followed),
        };
        let once =
            OnConflict::columns([row::Column::FollowerId, row::Column::FollowedId]).do_nothing().to_owned();
        match row::Entity::insert(follow).on_conflict(once).exec_without_returning(&self.database).await {
            Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// From now on `follower` does not read `followed`.
    ///
    /// # Errors
    /// The database's error.
    pub async fn unfollow(&self, follower: i64, followed: i64) -> Result<(), DbErr> {
        row::Entity::delete_by_id((follower, followed)).exec(&self.database).await?;
        Ok(())
    }

    /// Whether `follower` reads `followed`.
    ///
    /// # Errors
    /// The database's error.
    pub async fn follows(&self, follower: i64, followed: i64) -> Result<bool, DbErr> {
        Ok(row::Entity::find_by_id((follower, followed)).one(&self.database).await?.is_some())
    }

    /// How many there are on one side of a user.
    ///
    /// # Errors
    /// The database's error.
    pub async fn count(&self, side: Side, user: i64) -> Result<u64, DbErr> {
        let (_, of) = side.columns();
        row::Entity::find().filter(of.eq(user)).count(&self.database).await
    }

    /// One page of one side of a user, by name; only names after `after`, if that is given.
    ///
    /// # Errors
    /// The database's error.
    pub async fn page(
        &self,
        side: Side,
        user: i64,
        after: Option<&str>,
    ) -> Result<paging::Page<User, String>, DbErr> {
        let (listed, of) = side.columns();
        let ids = Query::select().column(listed).from(row::Entity).and_where(of.eq(user)).to_owned();
        let mut users = users::row::Entity::find().filter(users::row::Column::Id.in_subquery(ids));
        if let Some(after) = after {
            users = users.filter(users::row::Column::Name.gt(after));
        }
        let users =
            users.order_by_asc(users::row::Column::Name).limit(paging::ASKED).all(&self.database).await?;
        Ok(paging::Page::new(users, |user| user.name.clone()))
    }
}
