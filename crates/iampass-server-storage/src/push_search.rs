//! The log of pushes, searched: by application, user, way, kind and outcome, the latest first.
//!
//! It holds no address of a phone and no name. A search looks through a bounded number of pushes at once, and says where the next one begins.

use iampass_core::{UnixSeconds, UserToken};
use iampass_server_domain::push::{PushErrorKind, PushKind, PushService};
use iampass_server_domain::rules::Act;

use super::audit::{Noted, note};
use super::pushes::{PushKey, PushState, try_phones};
use super::{Actor, ApplicationKey, Database, Right, Row, StorageError, UserKey, Value};

/// Pushes that one search looks through.
const LOOKED_THROUGH: usize = 5_000;
/// Pushes that are read at a time.
const AT_ONCE: usize = 500;

/// The conditions of a search. All that are given have to be met.
#[derive(Clone, Debug)]
pub struct PushSearch {
    /// Pushes to the users of this application.
    pub application: ApplicationKey,
    /// Pushes to this user alone.
    pub user: Option<UserToken>,
    /// Pushes by this way alone.
    pub service: Option<PushService>,
    /// Pushes of this kind alone.
    pub kind: Option<PushKind>,
    /// Pushes of this state alone.
    pub state: Option<PushState>,
    /// Where an earlier search stopped.
    pub before: Option<PushKey>,
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct PushEntry {
    /// Its row, which push services know it by.
    pub key: PushKey,
    /// None when the user has been deleted since.
    pub user: Option<UserKey>,
    /// The way.
    pub service: PushService,
    /// The reason for which the phone was to be woken.
    pub kind: PushKind,
    /// Its state.
    pub state: PushState,
    /// How many attempts were made.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub error: Option<PushErrorKind>,
    /// When it was queued.
    pub queued_at: UnixSeconds,
    /// When it ended, if it has.
    pub ended_at: Option<UnixSeconds>,
}

/// Some of what was found, and where to look for more. None where there is no more.
#[derive(Clone, Debug)]
pub struct PushPage {
    /// The pushes, the latest first.
    pub entries: Vec<PushEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<PushKey>,
}

macro_rules! pushes_where {
    ($condition:literal) => {
        concat!(
            "SELECT p.key, p.user_key, p.service, p.kind, p.state, p.attempts, p.last_error, p.queued_at, p.ended_at FROM pushes p WHERE ",
            $condition,
            " AND p.key < ?2 ORDER BY p.key DESC LIMIT ?3"
        )
    };
}
const OF_APPLICATION: &str = pushes_where!("p.application_key = ?1");
const OF_USER: &str = pushes_where!("p.user_key = ?1");

impl PushSearch {
    /// Every push to the users of an application.
    #[must_use]
    pub const fn all(application: ApplicationKey) -> Self {
        Self { application, user: None, service: None, kind: None, state: None, before: None }
    }

    fn is_met(&self, entry: &PushEntry) -> bool {
        self.service.is_none_or(|service| service == entry.service)
            && self.kind.is_none_or(|kind| kind == entry.kind)
            && self.state.is_none_or(|state| state == entry.state)
    }
}

impl Database {
    /// At most `most` of the pushes that are looked for.
    pub async fn search_pushes(&self, search: PushSearch, most: usize) -> Result<PushPage, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let (sql, owner): (&str, Value<'_>) = match &search.user {
                    None => (OF_APPLICATION, search.application.into()),
                    Some(name) => {
                        let sql = "SELECT key FROM users WHERE application_key = ?1 AND id = ?2";
                        let found =
                            tx.query_one(sql, &[search.application.into(), name.as_str().into()]).await?;
                        let Some(row) = found else {
                            return Ok(PushPage { entries: Vec::new(), next: None });
                        };
                        (OF_USER, UserKey(row.integer(0)?).into())
                    }
                };
                let (mut place, mut entries) =
                    (search.before.map_or(i64::MAX, |before| before.0), Vec::new());
                for _ in 0..LOOKED_THROUGH / AT_ONCE {
                    let values = [owner, place.into(), i64::try_from(AT_ONCE).unwrap_or(1).into()];
                    let rows = tx.query(sql, &values).await?;
                    for row in &rows {
                        if entries.len() == most {
                            return Ok(PushPage { entries, next: Some(PushKey(place)) });
                        }
                        place = row.integer(0)?;
                        match entry(row) {
                            Ok(found) if search.is_met(&found) => entries.push(found),
                            Ok(_) => {}
                            // One line that cannot be read must not hide the others.
                            Err(error) => tracing::error!(push = place, %error, "a line of the log of pushes cannot be read"),
                        }
                    }
                    if rows.len() < AT_ONCE {
                        return Ok(PushPage { entries, next: None });
                    }
                }
                Ok(PushPage { entries, next: Some(PushKey(place)) })
            })
        })
        .await
    }

    /// Queues a push that tries the phones of a user, and writes down who did it: how many phones there are that can be pushed to. None when the
    /// application has no such user.
    pub async fn try_phones(
        &self,
        application: ApplicationKey,
        user: UserKey,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<u64>, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageDevices), move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM users WHERE key = ?1 AND application_key = ?2";
                let Some(row) = tx.query_one(sql, &[user.into(), application.into()]).await? else {
                    return Ok(None);
                };
                let subject = Some(row.text(0)?.to_owned());
                let tried = try_phones(tx, user).await?;
                note(tx, &Noted { subject, ..noted }).await?;
                Ok(Some(tried))
            })
        })
        .await
    }
}

fn entry(row: &Row) -> Result<PushEntry, StorageError> {
    let corrupt = |what| StorageError::Corrupt { what };
    Ok(PushEntry {
        key: PushKey(row.integer(0)?),
        user: row.optional_key(1)?,
        service: PushService::of_word(row.text(2)?).ok_or(corrupt("service of a push"))?,
        kind: PushKind::of_word(row.text(3)?).ok_or(corrupt("kind of a push"))?,
        state: PushState::of_word(row.text(4)?).ok_or(corrupt("state of a push"))?,
        attempts: u32::try_from(row.integer(5)?).unwrap_or(u32::MAX),
        error: row.optional_text(6)?.and_then(PushErrorKind::of_word),
        queued_at: row.seconds(7)?,
        ended_at: row.optional_seconds(8)?,
    })
}
