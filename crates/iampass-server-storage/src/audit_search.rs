//! Searching the audit log: by application, action, actor, user and time, the latest first.
//!
//! Entries are read by an index, a bounded number at a time, and compared here. So a search for something rare looks through no more than
//! [`LOOKED_THROUGH`] entries at once, and says where the next one begins.

use iampass_core::UnixSeconds;

use super::audit::{AuditEntry, entry};
use super::{Database, StorageError, Value};

/// Entries that one search looks through.
const LOOKED_THROUGH: u32 = 5_000;
/// Entries that are read at a time.
const AT_ONCE: u32 = 500;

/// The conditions of a search. All that are given have to be met.
#[derive(Clone, Debug, Default)]
pub struct AuditSearch {
    /// The application's id.
    pub application: Option<String>,
    /// This kind of change alone.
    pub action: Option<String>,
    /// Changes by this actor alone.
    pub actor: Option<String>,
    /// The user or whatever it was done to.
    pub subject: Option<String>,
    /// Changes at this time and later alone.
    pub from: Option<UnixSeconds>,
    /// The first second that is too late.
    pub until: Option<UnixSeconds>,
    /// Entries about applications alone: none about accounts, or about the whole service.
    pub of_applications: bool,
    /// Where an earlier search stopped.
    pub before: Option<AuditPlace>,
}

/// A place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPlace {
    /// The time of the entry.
    pub at: UnixSeconds,
    /// The row of the entry.
    pub key: i64,
}

/// Some of what was found, and where to look for more. None where there is no more.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The entries, the latest first.
    pub entries: Vec<AuditEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<AuditPlace>,
}

macro_rules! entries_where {
    ($condition:literal) => {
        concat!(
            "SELECT key, at, application_id, actor, action, subject FROM audit WHERE ",
            $condition,
            " AND at >= ?2 AND (at, key) < (?3, ?4) ORDER BY at DESC, key DESC LIMIT ?5"
        )
    };
}

impl AuditSearch {
    /// The statement that reads the least, and the one or two texts that it asks for. It reads no entry of another application, and none that is not about one
    /// where such are left out: the end of a page would tell of it.
    fn statement(&self) -> (&'static str, &str, Option<&str>) {
        match (&self.subject, &self.actor, &self.application, self.of_applications) {
            (Some(subject), _, Some(application), _) => {
                (entries_where!("subject = ?1 AND application_id = ?6"), subject, Some(application.as_str()))
            }
            (None, _, Some(application), _) => (entries_where!("application_id = ?1"), application, None),
            (Some(subject), _, None, false) => (entries_where!("subject = ?1"), subject, None),
            (Some(subject), _, None, true) => {
                (entries_where!("subject = ?1 AND application_id IS NOT NULL"), subject, None)
            }
            (None, Some(actor), None, false) => (entries_where!("actor = ?1"), actor, None),
            (None, Some(actor), None, true) => {
                (entries_where!("actor = ?1 AND application_id IS NOT NULL"), actor, None)
            }
            (None, None, None, false) => (entries_where!("CAST(?1 AS TEXT) = ''"), "", None),
            (None, None, None, true) => {
                (entries_where!("CAST(?1 AS TEXT) = '' AND application_id IS NOT NULL"), "", None)
            }
        }
    }

    fn is_met(&self, entry: &AuditEntry) -> bool {
        let is = |asked: &Option<String>, found: Option<&str>| asked.is_none() || asked.as_deref() == found;
        (entry.application.is_some() || !self.of_applications)
            && is(&self.application, entry.application.as_deref())
            && is(&self.action, Some(&entry.action))
            && is(&self.actor, Some(&entry.actor))
            && is(&self.subject, entry.subject.as_deref())
    }

    fn start(&self) -> AuditPlace {
        let end = self.until.unwrap_or(UnixSeconds(i64::MAX.unsigned_abs()));
        let end = AuditPlace { at: end, key: 0 };
        self.before.map_or(end, |before| before.min(end))
    }
}

impl Database {
    /// At most `most` of the entries that are looked for.
    pub async fn search_audit(&self, search: AuditSearch, most: usize) -> Result<AuditPage, StorageError> {
        let (mut place, mut entries) = (search.start(), Vec::new());
        for _ in 0..LOOKED_THROUGH / AT_ONCE {
            let rows = self.audit_before(search.clone(), place).await?;
            let is_last = rows.len() < AT_ONCE as usize;
            for found in rows {
                if entries.len() == most {
                    return Ok(AuditPage { entries, next: Some(place) });
                }
                place = AuditPlace { at: found.at, key: found.key };
                if search.is_met(&found) {
                    entries.push(found);
                }
            }
            if is_last {
                return Ok(AuditPage { entries, next: None });
            }
        }
        Ok(AuditPage { entries, next: Some(place) })
    }

    async fn audit_before(
        &self,
        search: AuditSearch,
        place: AuditPlace,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let (sql, asked, second) = search.statement();
                let from = search.from.unwrap_or(UnixSeconds(0));
                let mut values: Vec<Value<'_>> = vec![
                    asked.into(),
                    from.into(),
                    place.at.into(),
                    place.key.into(),
                    i64::from(AT_ONCE).into(),
                ];
                if let Some(second) = second {
                    values.push(second.into());
                }
                tx.query(sql, &values).await?.iter().map(entry).collect()
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Noted;
    use crate::test_store::on_both;

    #[tokio::test]
    async fn entries_are_found_by_what_is_asked_for_page_by_page() {
        on_both(async |store| {
            let database = &store.database;
            for place in 0..1_200_u32 {
                let noted = Noted {
                    actor: if place % 2 == 0 { "ann" } else { "bob" }.to_owned(),
                    application: Some(if place % 3 == 0 { "A" } else { "B" }.to_owned()),
                    action: if place == 7 { "secret.rotated" } else { "users.added" },
                    subject: Some(format!("u{}", place % 5)),
                };
                database.note(noted).await.unwrap();
            }
            let count = async |search: AuditSearch| {
                let (mut found, mut before) = (0, None);
                loop {
                    let page =
                        database.search_audit(AuditSearch { before, ..search.clone() }, 50).await.unwrap();
                    assert!(page.entries.len() <= 50);
                    assert!(page.entries.is_sorted_by_key(|entry| std::cmp::Reverse((entry.at, entry.key))));
                    found += page.entries.len();
                    before = page.next;
                    if before.is_none() {
                        return found;
                    }
                }
            };
            let text = |text: &str| Some(text.to_owned());
            let all = AuditSearch::default();
            assert_eq!(count(all.clone()).await, 1_200);
            assert_eq!(count(AuditSearch { application: text("A"), ..all.clone() }).await, 400);
            assert_eq!(count(AuditSearch { actor: text("bob"), ..all.clone() }).await, 600);
            assert_eq!(count(AuditSearch { action: text("secret.rotated"), ..all.clone() }).await, 1);
            let of_user = AuditSearch { subject: text("u1"), application: text("A"), ..all.clone() };
            assert_eq!(count(of_user).await, 80);
            let now = now(database).await;
            assert_eq!(count(AuditSearch { from: Some(UnixSeconds(now.0 + 1)), ..all.clone() }).await, 0);
            assert_eq!(count(AuditSearch { until: Some(UnixSeconds(now.0 + 1)), ..all }).await, 1_200);
        })
        .await;
    }

    /// The end of a page says nothing about entries that are not shown.
    #[tokio::test]
    async fn a_search_tells_of_no_entry_that_it_may_not_show() {
        on_both(async |store| {
            let database = &store.database;
            for application in [Some("B"), None, Some("A"), Some("B"), None] {
                let noted = Noted {
                    actor: "ann".to_owned(),
                    application: application.map(str::to_owned),
                    action: "user.deleted",
                    subject: Some("u1".to_owned()),
                };
                database.note(noted).await.unwrap();
            }
            let text = |text: &str| Some(text.to_owned());
            let of_a = AuditSearch { application: text("A"), ..AuditSearch::default() };
            for search in [
                of_a.clone(),
                AuditSearch { subject: text("u1"), ..of_a.clone() },
                AuditSearch { actor: text("ann"), ..of_a.clone() },
                AuditSearch { subject: text("u1"), actor: text("ann"), ..of_a.clone() },
            ] {
                let page = database.search_audit(search.clone(), 1).await.unwrap();
                let found: Vec<_> = page.entries.iter().map(|entry| entry.application.as_deref()).collect();
                assert_eq!((found, page.next), (vec![Some("A")], None), "{search:?}");
            }
            let all = AuditSearch { of_applications: true, ..AuditSearch::default() };
            for search in [
                all.clone(),
                AuditSearch { subject: text("u1"), ..all.clone() },
                AuditSearch { actor: text("ann"), ..all },
            ] {
                let page = database.search_audit(search.clone(), 3).await.unwrap();
                let found: Vec<_> = page.entries.iter().map(|entry| entry.application.as_deref()).collect();
                assert_eq!((found, page.next), (vec![Some("B"), Some("A"), Some("B")], None), "{search:?}");
            }
        })
        .await;
    }

    async fn now(database: &Database) -> UnixSeconds {
        database.write(|tx| Box::pin(async move { Ok(tx.now()) })).await.unwrap()
    }
}
