//! The history of logins: what became of each question that was put to a phone, and of the session that came of it, the latest first, with a search.
//!
//! The rows are those of the sessions, which are kept for a while after their end. They are read by an index, a bounded number at a time, and compared
//! here: a search for something rare looks through no more than [`LOOKED_THROUGH`] rows at once, and says where the next one begins. Belongs here:
//! reading rows. Does not belong here: what they mean together ([`iampass_server_domain::rules::Outcome`]).

use std::net::IpAddr;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{EndReason, Ending, Outcome};

use crate::{
    ApplicationKey, Browser, Database, Row, SessionKey, StorageError, Tx, UserKey, Value, timeline_rows,
};

/// Rows that one search looks through.
const LOOKED_THROUGH: usize = 5_000;
/// Rows that are read at a time.
const AT_ONCE: usize = 500;

/// The conditions of a search. All that are given have to be met.
#[derive(Clone, Debug)]
pub struct HistorySearch {
    /// Logins at this application.
    pub application: ApplicationKey,
    /// Logins of these users alone.
    pub user: Option<AskedUser>,
    /// Logins of this outcome alone.
    pub outcome: Option<Outcome>,
    /// Sessions that ended so, alone.
    pub ending: Option<Ending>,
    /// Logins that were begun from this address alone, however it is written ([`read_address`]).
    pub address: Option<IpAddr>,
    /// Logins that were begun at this time and later alone.
    pub from: Option<UnixSeconds>,
    /// The first second that is too late.
    pub until: Option<UnixSeconds>,
    /// Where an earlier search stopped.
    pub before: Option<HistoryPlace>,
}

/// Reads an address. One of IPv4 that is written as one of IPv6 is that of IPv4.
#[must_use]
pub fn read_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The users whose logins are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedUser {
    /// The one with this id.
    Named(String),
    /// All whose ids begin with it.
    Beginning(String),
}

/// A place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryPlace {
    /// When the question was put.
    pub at: UnixSeconds,
    /// The row.
    pub key: SessionKey,
}

/// The phone of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoryPhone {
    /// One that is registered.
    There {
        /// Its name, which may be empty.
        name: String,
        /// The platform that it has told.
        platform: String,
    },
    /// One that was removed since.
    Gone,
    /// No phone has answered, or none is known to have.
    None,
}

/// A login, and the session that came of it.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// The row.
    pub key: SessionKey,
    /// When the question was put.
    pub asked_at: UnixSeconds,
    /// The user; None when deleted.
    pub user: Option<UserKey>,
    /// The user's id; empty when the user is gone.
    pub user_id: String,
    /// How it went.
    pub outcome: Outcome,
    /// Why it ended. None while it has not, and where that is not known.
    pub ending: Option<Ending>,
    /// Whether it has ended.
    pub is_ended: bool,
    /// Whether the application knew the browser.
    pub browser: Browser,
    /// The browser's name, where the application has told it.
    pub browser_name: Option<String>,
    /// The browser's address, where the application has told it.
    pub address: Option<String>,
    /// The phone that answered.
    pub phone: HistoryPhone,
    /// Seconds from the question to the answer, where there was one.
    pub answered_after: Option<u64>,
    /// Seconds from the answer to the end of the session, or until now.
    pub lasted: Option<u64>,
    /// Begun without a name, and brought by no phone: a login page that was only looked at.
    is_nobodys: bool,
}

/// Some of what was found, and where to look for more. None where there is no more.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The logins, the latest first.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins, if there is one.
    pub next: Option<HistoryPlace>,
    /// Rows that were looked through.
    pub looked_through: usize,
}

macro_rules! logins_where {
    ($condition:literal) => {
        concat!(
            "SELECT s.key, s.asked_at, s.user_key, u.id, s.state, s.due_at, s.near_until, s.activated_at, s.ended_at, s.ended_by, s.proven,
                    s.known_browser, s.browser, s.address, s.device_key, d.name, d.platform, s.nameless, s.duration_seconds
             FROM sessions s LEFT JOIN users u ON u.key = s.user_key LEFT JOIN devices d ON d.key = s.device_key WHERE ",
            $condition,
            " AND s.asked_at >= ?2 AND (s.asked_at, s.key) < (?3, ?4) ORDER BY s.asked_at DESC, s.key DESC LIMIT ?5"
        )
    };
}
/// Values: the application, from when, before which place (two), how many.
pub(super) const OF_APPLICATION: &str = logins_where!("s.application_key = ?1");
/// The same of a user.
pub(super) const OF_USER: &str = logins_where!("s.user_key = ?1");

impl HistorySearch {
    /// Every login at an application.
    #[must_use]
    pub const fn all(application: ApplicationKey) -> Self {
        Self {
            application,
            user: None,
            outcome: None,
            ending: None,
            address: None,
            from: None,
            until: None,
            before: None,
        }
    }

    fn is_met(&self, entry: &HistoryEntry) -> bool {
        let begins = match &self.user {
            Some(AskedUser::Beginning(prefix)) => entry.user.is_some() && entry.user_id.starts_with(prefix),
            _ => true,
        };
        let from = entry.address.as_deref().and_then(read_address);
        begins
            && !entry.is_nobodys
            && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
            && self.ending.is_none_or(|ending| Some(ending) == entry.ending)
            && self.address.is_none_or(|asked| from == Some(asked))
    }

    /// Whether rows are read that are not shown.
    fn compares(&self) -> bool {
        self.outcome.is_some()
            || self.ending.is_some()
            || self.address.is_some()
            || matches!(self.user, Some(AskedUser::Beginning(_)))
    }

    fn start(&self) -> HistoryPlace {
        let end = self.until.unwrap_or(UnixSeconds(i64::MAX.unsigned_abs()));
        let end = HistoryPlace { at: end, key: SessionKey(0) };
        self.before.map_or(end, |before| before.min(end))
    }

    /// The statement, and whose logins it is asked for. None where there is no such user.
    async fn statement(
        &self,
        tx: &mut Tx<'_>,
    ) -> Result<Option<(&'static str, Value<'static>)>, StorageError> {
        let Some(AskedUser::Named(id)) = &self.user else {
            return Ok(Some((OF_APPLICATION, self.application.into())));
        };
        let sql = "SELECT key FROM users WHERE application_key = ?1 AND id = ?2";
        let found = tx.query_one(sql, &[self.application.into(), id.into()]).await?;
        Ok(found.map(|row| row.key::<UserKey>(0)).transpose()?.map(|user| (OF_USER, user.into())))
    }
}

impl Database {
    /// At most `most` of the logins that are looked for.
    pub async fn search_history(
        &self,
        search: HistorySearch,
        most: usize,
    ) -> Result<HistoryPage, StorageError> {
        self.read_many(move |tx| Box::pin(async move { found(tx, &search, most).await })).await
    }
}

async fn found(tx: &mut Tx<'_>, search: &HistorySearch, most: usize) -> Result<HistoryPage, StorageError> {
    let Some((sql, owner)) = search.statement(tx).await? else {
        return Ok(HistoryPage { entries: Vec::new(), next: None, looked_through: 0 });
    };
    let now = tx.now();
    let from = search.from.unwrap_or(UnixSeconds(0));
    let at_once = if search.compares() { AT_ONCE } else { most.saturating_add(1).min(AT_ONCE) };
    let limit = i64::try_from(at_once).unwrap_or(1);
    let (mut place, mut entries, mut looked_through) = (search.start(), Vec::new(), 0);
    while looked_through < LOOKED_THROUGH {
        let values = [owner, from.into(), place.at.into(), place.key.into(), limit.into()];
        let rows = tx.query(sql, &values).await?;
        looked_through += rows.len();
        for row in &rows {
            if entries.len() == most {
                return Ok(HistoryPage { entries, next: Some(place), looked_through });
            }
            let found = entry(row, now)?;
            place = HistoryPlace { at: found.asked_at, key: found.key };
            if search.is_met(&found) {
                entries.push(found);
            }
        }
        if rows.len() < at_once {
            return Ok(HistoryPage { entries, next: None, looked_through });
        }
    }
    Ok(HistoryPage { entries, next: Some(place), looked_through })
}

/// From the columns of `logins_where!`.
fn entry(row: &Row, now: UnixSeconds) -> Result<HistoryEntry, StorageError> {
    let timeline = timeline_rows::timeline(row, 4)?;
    let state = timeline.state_at(now);
    let (asked_at, user) = (row.seconds(1)?, row.optional_key(2)?);
    let (activated_at, ended_at) = (row.optional_seconds(7)?, row.optional_seconds(8)?);
    // A deadline that has passed and is not written down yet.
    let by_now = (ended_at.is_none() && state.is_ended()).then(|| Ending::by_deadline(timeline));
    let ending = row.optional_text(9)?.and_then(Ending::of_word).or(by_now);
    let reason = EndReason::from_column(row.integer(10)?);
    let outcome = Outcome::of(state, activated_at.is_some(), ending, reason);
    let phone = match (row.optional_text(16)?, outcome.is_answered()) {
        (Some(platform), true) => HistoryPhone::There {
            name: row.optional_text(15)?.unwrap_or_default().to_owned(),
            platform: platform.to_owned(),
        },
        (None, true) => HistoryPhone::Gone,
        _ => HistoryPhone::None,
    };
    let answered_at = activated_at.or(ended_at.filter(|_| outcome.is_answered()));
    // A node that was down writes an end down later than it was.
    let longest = row.integer(18)?.unsigned_abs();
    let lasted = |since: UnixSeconds| ended_at.unwrap_or(now).since(since).as_secs().min(longest);
    Ok(HistoryEntry {
        key: row.key(0)?,
        asked_at,
        user,
        user_id: row.optional_text(3)?.unwrap_or_default().to_owned(),
        outcome,
        ending,
        is_ended: state.is_ended(),
        browser: Browser::from_column(row.integer(11)?),
        browser_name: row.optional_text(12)?.map(str::to_owned),
        address: row.optional_text(13)?.map(str::to_owned),
        phone,
        answered_after: answered_at.map(|at| at.since(asked_at).as_secs()),
        lasted: activated_at.map(lasted),
        is_nobodys: row.integer(17)? != 0 && user.is_none() && activated_at.is_none(),
    })
}
