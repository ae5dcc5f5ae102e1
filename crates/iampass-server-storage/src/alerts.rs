//! Alerts: what the store finds that operators are to be told of, and which word about it is still to be sent.
//!
//! An alert has a name, which is the same on all nodes, so that of all nodes that see the same one writes it down, and one tells of it. It lasts for as long
//! as some node sees it, and is over when none has for a while. Belongs here: finding, keeping and leasing alerts. Does not belong here: what a node finds by
//! itself, and sending.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::alert::{Alert, AlertKind, AlertThresholds, is_reached};
use iampass_server_domain::random;

use super::event_endpoints::EndpointOff;
use super::tidying::earlier;
use super::{Database, Row, StorageError, Tx};

/// How far back denials, reports and failures count.
const LOOKED_BACK: Duration = Duration::from_secs(3_600);
/// Alerts of one kind that are found at a time.
const MOST: i64 = 50;
/// Alerts of denials that are found of one application, and of the accounts of the Console: more than it may have words.
const MOST_OF_ONE: i64 = 5;
/// Words about one application within an hour.
const WORDS_OF_ONE: i64 = 3;
/// The part of the words of an hour that is kept for what concerns the service as a whole.
const RESERVED: u64 = 4;
/// Counts stop here.
const COUNTED: i64 = 1_000;

/// The word that is sent about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertWord {
    /// It has begun.
    Raised,
    /// It is over.
    Cleared,
}

impl AlertWord {
    const fn column(self) -> i64 {
        match self {
            Self::Raised => 1,
            Self::Cleared => 2,
        }
    }

    /// As it is sent.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Cleared => "cleared",
        }
    }
}

/// An alert, as pages show it.
#[derive(Clone, Debug)]
pub struct KeptAlert {
    /// The alert itself.
    pub alert: Alert,
    /// When it began.
    pub raised_at: UnixSeconds,
    /// When it was over, if it is.
    pub cleared_at: Option<UnixSeconds>,
    /// Whether operators were told.
    pub is_told: bool,
}

/// A word that this node may send now.
#[derive(Clone, Debug)]
pub struct LeasedAlert {
    key: i64,
    /// Names the alert, and stays the same for all words about it.
    pub id: String,
    /// Which word it is.
    pub word: AlertWord,
    /// The alert itself.
    pub alert: Alert,
    /// When it began, or was over.
    pub at: UnixSeconds,
    /// Which attempt it is, counted from 1.
    pub attempt: u32,
}

impl Database {
    /// The alerts that the store itself finds, by these thresholds.
    pub async fn find_alerts(&self, by: AlertThresholds) -> Result<Vec<Alert>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let since = earlier(tx.now(), LOOKED_BACK);
                let mut found = Vec::new();
                if by.denials_in_a_row > 0 {
                    let least = as_integer(by.denials_in_a_row);
                    let values = [least.into(), since.into(), MOST_OF_ONE.into(), MOST.into()];
                    for row in tx.query(DENIALS, &values).await? {
                        let subject = format!("{}/{}", row.text(0)?, row.text(1)?);
                        found.push(alert(AlertKind::Denials, Some(subject), row.integer(2)?));
                    }
                    let values = [least.into(), since.into(), MOST_OF_ONE.into()];
                    for row in tx.query(ACCOUNT_DENIALS, &values).await? {
                        let account = Some(row.text(0)?.to_owned());
                        found.push(alert(AlertKind::AccountDenials, account, row.integer(1)?));
                    }
                }
                if by.reports > 0 {
                    for (kind, sql, most) in [
                        (AlertKind::Reports, REPORTS, MOST),
                        (AlertKind::AccountReports, ACCOUNT_REPORTS, MOST_OF_ONE),
                    ] {
                        let values = [since.into(), as_integer(by.reports).into(), most.into()];
                        for row in tx.query(sql, &values).await? {
                            found.push(alert(kind, Some(row.text(0)?.to_owned()), row.integer(1)?));
                        }
                    }
                }
                for (kind, sql) in [(AlertKind::Messages, MESSAGES), (AlertKind::Pushes, PUSHES)] {
                    let row = tx.query_one(sql, &[since.into(), COUNTED.into()]).await?;
                    let count = row.map_or(Ok(0), |row| row.integer(0))?;
                    if is_reached(count.unsigned_abs(), by.failed_sends) {
                        found.push(alert(kind, None, count));
                    }
                }
                let sql =
                    "SELECT a.id FROM event_endpoints e JOIN applications a ON a.key = e.application_key
                           WHERE e.off_by = ?1 AND a.hidden = 0 ORDER BY e.off_at DESC, a.id LIMIT ?2";
                for row in tx.query(sql, &[EndpointOff::Endpoint.word().into(), MOST.into()]).await? {
                    found.push(Alert::new(AlertKind::Endpoint, Some(row.text(0)?.to_owned()), None));
                }
                Ok(found)
            })
        })
        .await
    }

    /// Writes down that these alerts are seen now, and ends those that no node has seen for `unseen`.
    pub async fn keep_alerts(&self, seen: Vec<Alert>, unseen: Duration) -> Result<(), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let mut seen = seen.clone();
                // All nodes in the same order, so that two do not wait for each other in a ring.
                seen.sort();
                for alert in &seen {
                    see(tx, alert).await?;
                }
                let now = tx.now();
                // One that nobody was told of is over without a word.
                let sql = "UPDATE alerts SET cleared_at = ?1, waits = CASE WHEN told_at IS NULL THEN 0 ELSE 2 END, next_at = ?1, attempts = 0
                           WHERE cleared_at IS NULL AND seen_at <= ?2";
                tx.execute(sql, &[now.into(), earlier(now, unseen).into()]).await?;
                Ok(())
            })
        })
        .await
    }

    /// Leases the next word that is due, for `lease`, unless so many were sent within the last hour. Words about the service as a whole come first, and a
    /// part of the hour's is kept for them: what many users do, or one application, must not silence them.
    pub async fn lease_alert(
        &self,
        most_an_hour: u64,
        lease: Duration,
    ) -> Result<Option<LeasedAlert>, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let since = earlier(now, LOOKED_BACK);
                let sql = "SELECT count(*), count(application) FROM alerts WHERE told_at > ?1";
                let Some(row) = tx.query_one(sql, &[since.into()]).await? else { return Ok(None) };
                let (all, of_applications) = (row.integer(0)?.unsigned_abs(), row.integer(1)?.unsigned_abs());
                if all >= most_an_hour {
                    return Ok(None);
                }
                let for_applications = most_an_hour - most_an_hour / RESERVED;
                let of_one = if of_applications < for_applications { WORDS_OF_ONE } else { 0 };
                let values = [now.into(), since.into(), of_one.into()];
                let Some(row) = tx.query_one(NEXT, &values).await? else { return Ok(None) };
                let (key, attempts) = (row.integer(0)?, row.integer(8)? + 1);
                let sql = "UPDATE alerts SET leased_until = ?2, attempts = ?3 WHERE key = ?1";
                tx.execute(sql, &[key.into(), now.plus(lease).into(), attempts.into()]).await?;
                let word = if row.integer(7)? == 1 { AlertWord::Raised } else { AlertWord::Cleared };
                let at = match word {
                    AlertWord::Raised => row.seconds(5)?,
                    AlertWord::Cleared => row.optional_seconds(6)?.unwrap_or(now),
                };
                let attempt = u32::try_from(attempts).unwrap_or(u32::MAX);
                let Some(alert) = read(&row, 2)? else { return Ok(None) };
                Ok(Some(LeasedAlert { key, id: row.text(1)?.to_owned(), word, alert, at, attempt }))
            })
        })
        .await
    }

    /// Operators were told this word. An alert that was over meanwhile is told as well. Where another node has tried since, its outcome counts.
    pub async fn alert_told(&self, leased: &LeasedAlert) -> Result<(), StorageError> {
        let (key, word) = (leased.key, leased.word.column());
        let (id, attempt) = (leased.id.clone(), i64::from(leased.attempt));
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE alerts SET told_at = ?2, leased_until = NULL, attempts = 0, next_at = ?2,
                               waits = CASE WHEN CAST(?3 AS BIGINT) = 1 AND cleared_at IS NOT NULL THEN 2 ELSE 0 END
                           WHERE key = ?1 AND id = ?4 AND attempts <= ?5";
                let values = [key.into(), now.into(), word.into(), (&id).into(), attempt.into()];
                tx.execute(sql, &values).await.map(drop)
            })
        })
        .await
    }

    /// No way has taken the word: once more at `at`, or never.
    pub async fn alert_not_told(
        &self,
        leased: &LeasedAlert,
        at: Option<UnixSeconds>,
    ) -> Result<(), StorageError> {
        let (key, id, attempt) = (leased.key, leased.id.clone(), i64::from(leased.attempt));
        self.write(move |tx| {
            Box::pin(async move {
                let sql = "UPDATE alerts SET leased_until = NULL, next_at = coalesce(?2, next_at),
                               waits = CASE WHEN CAST(?2 AS BIGINT) IS NULL THEN 0 ELSE waits END
                           WHERE key = ?1 AND id = ?3 AND attempts <= ?4";
                tx.execute(sql, &[key.into(), at.into(), (&id).into(), attempt.into()]).await.map(drop)
            })
        })
        .await
    }

    /// The alerts that last, and then the last ones that are over.
    pub async fn kept_alerts(&self, most: u32) -> Result<Vec<KeptAlert>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT kind, subject, figure, raised_at, cleared_at, told_at FROM alerts
                           ORDER BY CASE WHEN cleared_at IS NULL THEN 0 ELSE 1 END, raised_at DESC, key DESC LIMIT ?1";
                let rows = tx.query(sql, &[i64::from(most).into()]).await?;
                let mut kept = Vec::new();
                for row in &rows {
                    let Some(alert) = read(row, 0)? else { continue };
                    kept.push(KeptAlert {
                        alert,
                        raised_at: row.seconds(3)?,
                        cleared_at: row.optional_seconds(4)?,
                        is_told: row.optional_seconds(5)?.is_some(),
                    });
                }
                Ok(kept)
            })
        })
        .await
    }
}

/// Users with ?1 denials in a row and the last one after ?2: up to ?3 of each application, so that none takes the places of others. The users of the
/// Console's own login are accounts ([`ACCOUNT_DENIALS`]).
const DENIALS: &str = "SELECT application, user_id, denied FROM
        (SELECT a.id AS application, u.id AS user_id, max(d.denied) AS denied,
                row_number() OVER (PARTITION BY a.id ORDER BY max(d.denied) DESC, u.id) AS place
         FROM denials d JOIN users u ON u.key = d.user_key JOIN applications a ON a.key = u.application_key AND a.hidden = 0
         WHERE d.denied >= ?1 AND d.last_at > ?2 GROUP BY a.id, u.id) AS ranked
    WHERE place <= ?3 ORDER BY place, application LIMIT ?4";
/// Accounts of the Console with ?1 denials in a row and the last one after ?2, by their names.
const ACCOUNT_DENIALS: &str = "SELECT c.name, max(d.denied) FROM denials d JOIN users u ON u.key = d.user_key
    JOIN applications a ON a.key = u.application_key AND a.hidden = 1
    JOIN console_tokens t ON t.token = u.id JOIN accounts c ON c.key = t.user_id
    WHERE d.denied >= ?1 AND d.last_at > ?2 GROUP BY c.name ORDER BY 2 DESC, 1 LIMIT ?3";
const REPORTS: &str = "SELECT application_id, count(*) FROM audit
    WHERE at > ?1 AND action = 'login.reported' AND application_id IS NOT NULL
    GROUP BY application_id HAVING count(*) >= ?2 ORDER BY 2 DESC, 1 LIMIT ?3";
const ACCOUNT_REPORTS: &str = "SELECT subject, count(*) FROM audit
    WHERE at > ?1 AND action = 'account.login-reported' AND subject IS NOT NULL
    GROUP BY subject HAVING count(*) >= ?2 ORDER BY 2 DESC, 1 LIMIT ?3";

/// The word that is due at ?1 and sent next: those about the service as a whole first, and of each application fewer than ?3 since ?2. A later version may
/// write kinds that this one does not know; those are left to it.
pub(super) const NEXT: &str =
    "SELECT a.key, a.id, a.kind, a.subject, a.figure, a.raised_at, a.cleared_at, a.waits, a.attempts FROM alerts a
     WHERE a.waits <> 0 AND a.next_at <= ?1 AND (a.leased_until IS NULL OR a.leased_until <= ?1)
       AND a.kind IN ('denials', 'reports', 'account_denials', 'account_reports', 'server_errors', 'messages', 'pushes', 'endpoint', 'database', 'disk', 'certificate')
       AND (a.application IS NULL
            OR (SELECT count(*) FROM alerts told WHERE told.application = a.application AND told.told_at > ?2) < ?3)
     ORDER BY CASE WHEN a.application IS NULL THEN 0 ELSE 1 END, a.next_at, a.key LIMIT 1 /*lock skip*/";

const MESSAGES: &str = "SELECT count(*) FROM
    (SELECT key FROM deliveries WHERE ended_at > ?1 AND state IN ('refused', 'given_up') LIMIT ?2) AS failed";
/// A phone that has left, or that was told too late, is no failure of the service.
const PUSHES: &str = "SELECT count(*) FROM (SELECT key FROM pushes WHERE ended_at > ?1 AND state = 'refused' LIMIT ?2) AS failed";

fn as_integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn alert(kind: AlertKind, subject: Option<String>, figure: i64) -> Alert {
    Alert::new(kind, subject, Some(figure.unsigned_abs()))
}

async fn see(tx: &mut Tx<'_>, alert: &Alert) -> Result<(), StorageError> {
    let (id, now, name) = (random::hexadecimal::<16>()?, tx.now(), alert.name());
    let figure = alert.figure.map(as_integer);
    let sql = "INSERT INTO alerts (id, name, kind, subject, figure, raised_at, seen_at, waits, next_at, application)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?6, ?7)
               ON CONFLICT (name) WHERE cleared_at IS NULL DO UPDATE SET seen_at = excluded.seen_at, figure = excluded.figure";
    let values = [
        (&id).into(),
        (&name).into(),
        alert.kind.word().into(),
        alert.subject.as_deref().into(),
        figure.into(),
        now.into(),
        alert.application().into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(())
}

/// From the columns `kind`, `subject` and `figure`, which follow each other. None for a kind of a later version.
fn read(row: &Row, first: usize) -> Result<Option<Alert>, StorageError> {
    let Some(kind) = AlertKind::of_word(row.text(first)?) else { return Ok(None) };
    let figure = row.optional_integer(first + 2)?.map(i64::unsigned_abs);
    Ok(Some(Alert::new(kind, row.optional_text(first + 1)?.map(str::to_owned), figure)))
}
