//! The notes. Belongs here: writing, finding, changing and deleting them. Does not belong here: how they look.
//!
//! The user is a part of every question, so another user's note is one that does not exist.

use diesel::prelude::*;
// By name, or diesel's own would be meant as well.
use diesel_async::RunQueryDsl;
use iampass::core::UnixSeconds;

use crate::database::{Database, DatabaseError, ask, notes};

/// How many are on one page.
const SHOWN: usize = 20;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notes, check_for_backend(diesel::sqlite::Sqlite, diesel::mysql::Mysql))]
pub(crate) struct Note {
    /// Its identifier in addresses.
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) text: String,
    changed_at: i64,
}

impl Note {
    /// When it was written or last changed.
    pub(crate) fn changed_at(&self) -> UnixSeconds {
        UnixSeconds(self.changed_at.unsigned_abs())
    }
}

/// The content of a note, once it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) text: String,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) notes: Vec<Note>,
    /// The last one on it, if there are more after it.
    pub(crate) more_before: Option<i64>,
}

/// All notes.
#[derive(Debug, Clone)]
pub(crate) struct Notes {
    database: Database,
}

/// The one of this key, if it is this user's.
#[diesel::dsl::auto_type(no_type_alias)]
fn own(user: i64, id: i64) -> _ {
    notes::table.filter(notes::user_id.eq(user)).filter(notes::id.eq(id))
}

fn seconds(time: UnixSeconds) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

impl Notes {
    /// Those in this database.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// One page of a user's notes, the newest first; only older ones than `before`, if that is given. It is not a page by number, for
    /// what is written meanwhile would move all others.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn page(&self, user: i64, before: Option<i64>) -> Result<Page, DatabaseError> {
        let notes = notes::table
            .filter(notes::user_id.eq(user))
            .filter(notes::id.lt(before.unwrap_or(i64::MAX)))
            .order(notes::id.desc())
            // One more tells whether there is another page.
            .limit(i64::try_from(SHOWN + 1).unwrap_or(i64::MAX));
        let mut notes: Vec<Note> =
            ask!(self.database, database => notes.select(Note::as_select()).load(&mut database).await)?;
        let has_more = notes.len() > SHOWN;
        notes.truncate(SHOWN);
        let more_before = notes.last().filter(|_| has_more).map(|note| note.id);
        Ok(Page { notes, more_before })
    }

    /// A note of this user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn find(&self, user: i64, id: i64) -> Result<Option<Note>, DatabaseError> {
        let note = own(user, id);
        ask!(self.database, database => note.select(Note::as_select()).first(&mut database).await.optional())
    }

    /// Stores a new note of this user.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn write(
        &self,
        user: i64,
        note: Content,
        now: UnixSeconds,
    ) -> Result<(), DatabaseError> {
        let note = (
            notes::user_id.eq(user),
            notes::title.eq(note.title),
            notes::text.eq(note.text),
            notes::changed_at.eq(seconds(now)),
        );
        let note = diesel::insert_into(notes::table).values(note);
        ask!(self.database, database => note.execute(&mut database).await)?;
        Ok(())
    }

    /// Gives a note of this user another content. `false` if the user has no such note.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn change(
        &self,
        user: i64,
        id: i64,
        note: Content,
        now: UnixSeconds,
    ) -> Result<bool, DatabaseError> {
        let content =
            (notes::title.eq(note.title), notes::text.eq(note.text), notes::changed_at.eq(seconds(now)));
        let note = diesel::update(own(user, id)).set(content);
        Ok(ask!(self.database, database => note.execute(&mut database).await)? > 0)
    }

    /// Deletes a note of this user. `false` if the user has no such note.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn delete(&self, user: i64, id: i64) -> Result<bool, DatabaseError> {
        let note = diesel::delete(own(user, id));
        Ok(ask!(self.database, database => note.execute(&mut database).await)? > 0)
    }
}
