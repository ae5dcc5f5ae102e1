//! The posts. Belongs here: writing, deleting, and pages of them, the newest first. Does not belong here: how they look.

use sea_orm::entity::prelude::*;
use sea_orm::prelude::ChronoUtc;
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue, Condition, QueryOrder as _, QuerySelect as _, Select};

use crate::users::{self, User};
use crate::{follows, paging};

#[expect(missing_docs, reason = "sea-orm derives types that it does not document")]
pub mod row {
    use sea_orm::entity::prelude::*;
    use sea_orm::prelude::DateTimeUtc;

    use crate::users;

    /// A row of the table.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The user who wrote it.
        pub user_id: i64,
        pub text: String,
        pub written_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "users::row::Entity",
            from = "Column::UserId",
            to = "users::row::Column::Id",
            on_delete = "Cascade"
        )]
        User,
    }

    impl Related<users::row::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A post.
pub type Post = row::Model;

/// The users whose posts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// This user's.
    One(i64),
    /// This user's and theirs whom this user follows.
    FollowedBy(i64),
}

/// The outcome of the wish to delete a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone.
    Done,
    /// It is another user's.
    NotYours,
    /// There is none.
    NoPost,
}

/// All posts.
#[derive(Debug, Clone)]
pub struct Posts {
    database: DatabaseConnection,
}

impl Posts {
    /// Those in this database.
    #[must_use]
    pub fn new(database: DatabaseConnection) -> Self {
        Self { database }
    }

    /// Stores a new post.
    ///
    /// # Errors
    /// The database's error.
    pub async fn write(&self, user: i64, text: &str) -> Result<Post, DbErr> {
        let post = row::ActiveModel {
            user_id: ActiveValue::Set(user),
            text: ActiveValue::Set(text.to_owned()),
            written_at: ActiveValue::Set(ChronoUtc::now()),
            ..Default::default()
        };
        post.insert(&self.database).await
    }

    /// Deletes a post of this user's own.
    ///
    /// # Errors
    /// The database's error.
    pub async fn delete(&self, id: i64, user: i64) -> Result<Deletion, DbErr> {
        // The user is a part of the question, so that nothing can come in between.
        let mine =
            row::Entity::delete_many().filter(row::Column::Id.eq(id)).filter(row::Column::UserId.eq(user));
        if mine.exec(&self.database).await?.rows_affected > 0 {
            return Ok(Deletion::Done);
        }
        let is_there = row::Entity::find_by_id(id).one(&self.database).await?.is_some();
        Ok(if is_there { Deletion::NotYours } else { Deletion::NoPost })
    }

    /// One page of posts and who wrote them, the newest first; only older ones than `before`, if that is given.
    ///
    /// # Errors
    /// The database's error.
    pub async fn page(
        &self,
        whose: Whose,
        before: Option<i64>,
    ) -> Result<paging::Page<(Post, User), i64>, DbErr> {
        let mut posts = self.of(whose).find_also_related(users::row::Entity);
        // Not by number of page: what is written meanwhile would move all others.
        if let Some(before) = before {
            posts = posts.filter(row::Column::Id.lt(before));
        }
        let posts = posts.order_by_desc(row::Column::Id).limit(paging::ASKED).all(&self.database).await?;
        let posts = posts.into_iter().filter_map(|(post, user)| Some((post, user?))).collect();
        Ok(paging::Page::new(posts, |(post, _)| post.id))
    }

    /// The newest post, if there is one.
    ///
    /// # Errors
    /// The database's error.
    pub async fn newest(&self, whose: Whose) -> Result<Option<i64>, DbErr> {
        Ok(self.of(whose).order_by_desc(row::Column::Id).one(&self.database).await?.map(|post| post.id))
    }

    /// How many a user has written.
    ///
    /// # Errors
    /// The database's error.
    pub async fn count(&self, user: i64) -> Result<u64, DbErr> {
        self.of(Whose::One(user)).count(&self.database).await
    }

    fn of(&self, whose: Whose) -> Select<row::Entity> {
        let posts = row::Entity::find();
        match whose {
            Whose::All => posts,
            Whose::One(user) => posts.filter(row::Column::UserId.eq(user)),
            Whose::FollowedBy(user) => {
                let followed = Query::select()
                    .column(follows::row::Column::FollowedId)
                    .from(follows::row::Entity)
                    .and_where(follows::row::Column::FollowerId.eq(user))
                    .to_owned();
                let is_followed = row::Column::UserId.in_subquery(followed);
                posts.filter(Condition::any().add(row::Column::UserId.eq(user)).add(is_followed))
            }
        }
    }
}
