//! Logins counted by the hour: how many were accepted, denied or came to nothing, and how long the answers took.
//!
//! Rows are counted by the database, by an index. An hour whose questions are all answered does not change any more, so each node keeps it once it
//! has counted it. Belongs here: counting. Does not belong here: turns ([`super::counting_turns`]); days, medians and drawings (the Console).

use std::collections::BTreeMap;
use std::sync::Arc;

use iampass_core::UnixSeconds;
use moka::sync::Cache;

use super::counting_turns::{Counting, CountingTurns};
use crate::{ApplicationKey, Database, Row, StorageError, Tx, Value};

/// Seconds of an hour.
pub const HOUR: u64 = 3_600;
/// Rows that are counted anew at once, but for those of one hour: what lies before is left for the next time.
const COUNTED_AT_ONCE: u64 = 100_000;
/// Logins of one hour that are counted. Of an hour with more, 277 a second, it is only known that there are too many.
const COUNTED_OF_AN_HOUR: i64 = if cfg!(test) { 120_000 } else { 1_000_000 };
/// Hours with too many logins that one call may meet without having known them, but for the last one. It leaves what lies before for the next time.
const FULL_HOURS_MET: u64 = 1;
/// Seconds for which the count of an hour is kept that may still change.
const CHANGING_KEPT: u64 = 5;
/// Seconds after the end of an hour in which a login of it may still be committed, by another node or by a clock that is behind.
const SETTLED_AFTER: u64 = 300;
/// Lengths of answers that are kept in memory, over all hours and applications. Each takes some ten bytes.
const KEPT: u64 = 2_000_000;

/// How many logins went in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoginCounts {
    /// Accepted.
    pub accepted: u64,
    /// Denied, reported ones among them.
    pub denied: u64,
    /// Not answered in time, withdrawn or failed.
    pub unanswered: u64,
}

/// The logins that were begun in an hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginHour {
    /// How they went.
    pub counts: LoginCounts,
    /// How many answers took how many seconds.
    pub answers: BTreeMap<u64, u64>,
    /// How many of those without an answer may have been denied: they are of before the version that tells that from a withdrawal.
    pub not_told: u64,
    /// Whether there are too many to count: more than a million. All numbers are zero then.
    pub is_too_much: bool,
}

/// Logins by the hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginHours {
    /// The hours in which a login was begun, by the time at which they begin.
    pub hours: BTreeMap<UnixSeconds, Arc<LoginHour>>,
    /// The time since which all are counted, but for hours that have too many. It is later than asked for where there were too many to count at once: asked again, more are.
    pub counted_since: UnixSeconds,
}

/// Hours that do not change any more, by application and number.
#[derive(Debug)]
pub(crate) struct LoginHoursCache {
    hours: Cache<(ApplicationKey, u64), Arc<LoginHour>>,
    /// Hours that may still change, by application and number, and when they were counted.
    changing: Cache<(ApplicationKey, u64), (UnixSeconds, Arc<LoginHour>)>,
    /// An application is counted by one call at a time, from the same hour on.
    pub(super) turns: CountingTurns<(ApplicationKey, u64), Arc<LoginHours>>,
}

impl Default for LoginHoursCache {
    fn default() -> Self {
        let weight =
            |hour: &Arc<LoginHour>| u32::try_from(hour.answers.len()).unwrap_or(u32::MAX).saturating_add(16);
        Self {
            hours: Cache::builder().max_capacity(KEPT).weigher(move |_, hour| weight(hour)).build(),
            changing: Cache::builder().max_capacity(KEPT).weigher(move |_, (_, hour)| weight(hour)).build(),
            turns: CountingTurns::default(),
        }
    }
}

/// The rows that are logins. A login page that was only looked at is none.
macro_rules! is_login {
    () => {
        "(nameless = 0 OR user_key IS NOT NULL OR activated_at IS NOT NULL)"
    };
}

/// The first one of so many rows, from the latest on: as many are looked at. Values: the application, from when, the first second that is too late,
/// how many.
pub(super) const FARTHEST: &str =
    "SELECT asked_at FROM sessions WHERE application_key = ?1 AND asked_at >= ?2 AND asked_at < ?3
     ORDER BY asked_at DESC LIMIT 1 OFFSET ?4";

/// The same of logins alone: pages that are only looked at make no hour too much.
pub(super) const FARTHEST_LOGIN: &str = concat!(
    "SELECT asked_at FROM sessions WHERE application_key = ?1 AND asked_at >= ?2 AND asked_at < ?3 AND ",
    is_login!(),
    " ORDER BY asked_at DESC LIMIT 1 OFFSET ?4"
);

/// Logins by their hour, what became of them (0: waits, 1: accepted, 2: denied, 3: nothing, 4: denied or withdrawn, which rows of before do not tell) and
/// how long the answer took. Values: the application, from when, the first second that is too late.
pub(super) const COUNTED: &str = concat!(
    "SELECT at_hour, became, took, count(*) FROM
         (SELECT asked_at / 3600 AS at_hour,
                 CAST(CASE WHEN activated_at IS NOT NULL THEN 1 WHEN ended_at IS NULL THEN 0
                           WHEN state = 'cancelled' AND ended_by = 'denied' THEN 2
                           WHEN state = 'cancelled' AND ended_by IS NULL THEN 4 ELSE 3 END AS BIGINT) AS became,
                 CASE WHEN activated_at IS NOT NULL THEN activated_at - asked_at
                      WHEN state = 'cancelled' AND ended_by = 'denied' THEN ended_at - asked_at ELSE -1 END AS took
          FROM sessions WHERE application_key = ?1 AND asked_at >= ?2 AND asked_at < ?3 AND ",
    is_login!(),
    ") AS logins
     GROUP BY at_hour, became, took"
);

impl Database {
    /// The logins at an application that were begun since `since`, by the hour. Those who ask at the same time share the result. None where others are
    /// busy with counting for too long.
    pub async fn login_hours(
        &self,
        application: ApplicationKey,
        since: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<Option<Arc<LoginHours>>, StorageError> {
        match self.login_hours.turns.take((application, since.0 / HOUR)).await {
            Counting::TooLate => Ok(None),
            Counting::Shared(counted) => Ok(Some(counted)),
            Counting::Own(turn) => {
                let counted = Arc::new(self.count_hours(application, since, now).await?);
                turn.tell(Arc::clone(&counted));
                Ok(Some(counted))
            }
        }
    }

    async fn count_hours(
        &self,
        application: ApplicationKey,
        since: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<LoginHours, StorageError> {
        let (first, last) = (since.0 / HOUR, now.0 / HOUR);
        let mut counted = LoginHours { hours: BTreeMap::new(), counted_since: UnixSeconds(first * HOUR) };
        counted.add(last, self.current_hour(application, last, now).await?);
        let mut missing = Vec::new();
        for number in (first..last).rev() {
            let kept = self.login_hours.hours.get(&(application, number));
            match kept.or_else(|| self.counted_of_late(application, number, now)) {
                Some(hour) => counted.add(number, hour),
                None => missing.push(number),
            }
        }
        let (mut left, mut full_hours) = (COUNTED_AT_ONCE, 0);
        // An hour that is over and may still change is counted again and again, and what lies before it as well.
        let changing = missing.iter().take_while(|number| !is_settled(**number, now)).count();
        let (changing, missing) = missing.split_at(changing);
        let apart = changing.iter().map(|number| (*number, *number));
        'ranges: for (from, to) in apart.chain(ranges(missing)) {
            let mut to = to;
            loop {
                if left == 0 || full_hours > FULL_HOURS_MET {
                    counted.stop_at(to + 1);
                    break 'ranges;
                }
                let span = self.count_logins(application, from, to, left).await?;
                left = left.saturating_sub(span.rows);
                full_hours += u64::from(span.is_full_hour);
                self.keep(application, &span, now);
                let (begins, is_full_hour) = (span.from, span.is_full_hour);
                counted.take(span);
                if begins == from {
                    break;
                }
                if !is_full_hour {
                    counted.stop_at(begins);
                    break 'ranges;
                }
                to = begins - 1;
            }
        }
        Ok(counted)
    }

    /// The hour that is not over. It is counted anew after some seconds.
    async fn current_hour(
        &self,
        application: ApplicationKey,
        number: u64,
        now: UnixSeconds,
    ) -> Result<Arc<LoginHour>, StorageError> {
        if let Some(hour) = self.counted_of_late(application, number, now) {
            return Ok(hour);
        }
        let mut span = self.count_logins(application, number, number, COUNTED_AT_ONCE).await?;
        let hour = span.hours.remove(&number).map(|(hour, _)| hour).unwrap_or_default();
        self.login_hours.changing.insert((application, number), (now, Arc::clone(&hour)));
        Ok(hour)
    }

    /// The count of an hour that may have changed since, where it was counted a few seconds ago.
    fn counted_of_late(
        &self,
        application: ApplicationKey,
        number: u64,
        now: UnixSeconds,
    ) -> Option<Arc<LoginHour>> {
        let (at, hour) = self.login_hours.changing.get(&(application, number))?;
        (at.0..at.0 + CHANGING_KEPT).contains(&now.0).then_some(hour)
    }

    /// Keeps the hours that do not change any more, and for some seconds those that may.
    fn keep(&self, application: ApplicationKey, span: &Span, now: UnixSeconds) {
        for (number, (hour, waits)) in &span.hours {
            let (key, hour) = ((application, *number), Arc::clone(hour));
            match (is_settled(*number, now), waits) {
                (true, false) => self.login_hours.hours.insert(key, hour),
                (true, true) => {}
                (false, _) => self.login_hours.changing.insert(key, (now, hour)),
            }
        }
    }

    async fn count_logins(
        &self,
        application: ApplicationKey,
        from: u64,
        to: u64,
        most: u64,
    ) -> Result<Span, StorageError> {
        self.read_many(move |tx| Box::pin(async move { count(tx, application, from, to, most).await })).await
    }
}

impl LoginHours {
    fn add(&mut self, number: u64, hour: Arc<LoginHour>) {
        if *hour != LoginHour::default() {
            self.hours.insert(UnixSeconds(number * HOUR), hour);
        }
    }

    fn take(&mut self, span: Span) {
        for (number, (hour, _)) in span.hours {
            self.add(number, hour);
        }
    }

    /// The hours before this one are not counted yet.
    fn stop_at(&mut self, number: u64) {
        let since = UnixSeconds(number * HOUR);
        self.counted_since = since;
        self.hours.retain(|at, _| *at >= since);
    }
}

/// Whether an hour is over, and all that was begun in it is committed.
fn is_settled(number: u64, now: UnixSeconds) -> bool {
    UnixSeconds((number + 1) * HOUR + SETTLED_AFTER) <= now
}

/// Numbers that follow each other, as ranges, both ends included. They come the latest first, and so do the ranges.
fn ranges(numbers: &[u64]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((from, _)) if number + 1 == *from => *from = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

/// A range of hours that was counted.
struct Span {
    /// The first of them.
    from: u64,
    rows: u64,
    /// Whether it is one hour that has too many.
    is_full_hour: bool,
    /// Each with whether an answer is waited for.
    hours: BTreeMap<u64, (Arc<LoginHour>, bool)>,
}

/// Counts the hours of a range, or the latest of them that have no more than `most` rows together; one of them in any case.
async fn count(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    from: u64,
    to: u64,
    most: u64,
) -> Result<Span, StorageError> {
    let seconds = |number: u64| -> Value<'static> { UnixSeconds(number * HOUR).into() };
    let values =
        [application.into(), seconds(from), seconds(to + 1), i64::try_from(most).unwrap_or(i64::MAX).into()];
    let farthest = tx.query_one(FARTHEST, &values).await?.map(|row| row.seconds(0)).transpose()?;
    let from = farthest.map_or(from, |at| (at.0 / HOUR + 1).min(to));
    let values = [application.into(), seconds(to), seconds(to + 1), COUNTED_OF_AN_HOUR.into()];
    if farthest.is_some() && from == to && tx.query_one(FARTHEST_LOGIN, &values).await?.is_some() {
        let hour = Arc::new(LoginHour { is_too_much: true, ..LoginHour::default() });
        return Ok(Span { from, rows: 0, is_full_hour: true, hours: [(to, (hour, false))].into() });
    }
    let rows = tx.query(COUNTED, &[application.into(), seconds(from), seconds(to + 1)]).await?;
    let mut hours: BTreeMap<_, _> = (from..=to).map(|hour| (hour, <(LoginHour, bool)>::default())).collect();
    let mut counted = 0;
    for row in &rows {
        counted += row.integer(3)?.unsigned_abs();
        add(hours.entry(row.integer(0)?.unsigned_abs()).or_default(), row)?;
    }
    let hours = hours.into_iter().map(|(number, (hour, waits))| (number, (Arc::new(hour), waits))).collect();
    Ok(Span { from, rows: counted, is_full_hour: false, hours })
}

/// Adds a row of [`COUNTED`] to its hour.
fn add((hour, waits): &mut (LoginHour, bool), row: &Row) -> Result<(), StorageError> {
    let (became, took, count) = (row.integer(1)?, row.integer(2)?, row.integer(3)?.unsigned_abs());
    match became {
        0 => *waits = true,
        1 => hour.counts.accepted += count,
        2 => hour.counts.denied += count,
        _ => hour.counts.unanswered += count,
    }
    if became == 4 {
        hour.not_told += count;
    }
    if matches!(became, 1 | 2) {
        // A clock that was set back may have an answer before its question.
        *hour.answers.entry(u64::try_from(took).unwrap_or(0)).or_default() += count;
    }
    Ok(())
}
