//! The turns of applications to have events sent.
//!
//! A node that sends an event leases it first: if the node dies, the lease ends and another one sends the event again. The number of the attempt tells a late
//! answer of an earlier holder from the present one's. Applications take turns, and none has more than its share in a node's hands. An endpoint that fails
//! is left alone for a while, which grows, and is then tried by one event at a time: a receiver that hangs holds up its own events alone.
//!
//! Belongs here: leases, turns, and the outcome of an attempt. Does not belong here: adding events ([`super::events`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::events::{EventBody, EventHow, EventKind};
use iampass_server_domain::event::{EventFailure, OutgoingEvent};
use iampass_server_domain::retry_schedule::EVENT_GIVE_UP_AFTER;

use super::audit::{Noted, note};
use super::event_endpoints::{EndpointOff, secrets};
use super::events::{EventKey, EventState, withdraw};
use super::{ApplicationKey, Database, Row, StorageError, Turns, Tx};

/// The applications with events that are due and an endpoint that takes them, behind ?2, in the order of their keys.
const APPLICATIONS: &str = "SELECT e.application_key, e.failures FROM event_endpoints e JOIN applications a ON a.key = e.application_key
     WHERE e.off_at IS NULL AND a.disabled_at IS NULL AND a.hidden = 0 AND (e.held_until IS NULL OR e.held_until <= ?1)
       AND e.application_key > ?2 AND EXISTS
         (SELECT 1 FROM events v WHERE v.application_key = e.application_key AND v.state = 'queued' AND v.next_at <= ?1)
     ORDER BY e.application_key LIMIT ?3";

const DUE: &str = "SELECT key, id, kind, at, user_id, session_token, how, attempts, queued_at FROM events
     WHERE application_key = ?1 AND state = 'queued' AND next_at <= ?2 AND (leased_until IS NULL OR leased_until <= ?2)
     ORDER BY next_at, key LIMIT ?3 /*lock skip*/";

/// An event that this node may send now.
#[derive(Debug)]
pub struct LeasedEvent {
    /// Its row.
    pub key: EventKey,
    /// Which attempt it is, counted from 1.
    pub attempt: u32,
    /// The application.
    pub application: ApplicationKey,
    /// Failures in a row of its endpoint, as they were when it was leased. They name the round that this attempt belongs to.
    pub failures: u32,
    /// The endpoint that it goes to.
    pub(super) endpoint: EndpointTurn,
    /// The event.
    pub event: OutgoingEvent,
}

/// An endpoint as its owners last set it or switched it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EndpointTurn {
    id: String,
    url: String,
    turn: i64,
}

impl EndpointTurn {
    /// By columns id, url and turn, which come first.
    fn of(row: &Row) -> Result<Self, StorageError> {
        Ok(Self { id: row.text(0)?.to_owned(), url: row.text(1)?.to_owned(), turn: row.integer(2)? })
    }
}

/// The outcome of sending an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventAttempted {
    /// The endpoint has taken it, with this status.
    Taken(u16),
    /// It has not.
    Failed {
        /// Why.
        failure: EventFailure,
        /// When this event is sent again.
        again_at: UnixSeconds,
        /// Until when the endpoint is left alone.
        held_until: UnixSeconds,
    },
}

impl Database {
    /// Leases up to `most` events that are due, for `lease`, by turns. Also says which application was served last.
    pub async fn lease_events(
        &self,
        most: u32,
        lease: Duration,
        mut turns: Turns,
    ) -> Result<(Vec<LeasedEvent>, i64), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let order = order(tx, now, most, turns.last).await?;
                let mut leased = Vec::new();
                let share = most / u32::try_from(order.len()).unwrap_or(most).max(1);
                // At first each has an equal share; places that are left are for those who have more.
                for share in [share.max(1), most] {
                    for &(application, failures) in &order {
                        let in_hand = turns.in_hand.entry(application).or_default();
                        let left = most.saturating_sub(u32::try_from(leased.len()).unwrap_or(most));
                        let own = if failures > 0 { 1 } else { turns.most_of_one };
                        let limit = share.min(left).min(own.saturating_sub(*in_hand));
                        if limit == 0 {
                            continue;
                        }
                        for found in lease_some(tx, (application, failures), limit, now, lease).await? {
                            *in_hand += 1;
                            leased.push(found);
                        }
                    }
                }
                Ok((leased, order.last().map_or(turns.last, |(last, _)| last.0)))
            })
        })
        .await
    }

    /// When the next event is due, by the endpoints that are on; None where there is none, or no endpoint.
    pub async fn next_event(&self) -> Result<Option<UnixSeconds>, StorageError> {
        let next = self.read(|tx| {
            Box::pin(async move {
                let sql = "SELECT e.held_until, (SELECT v.next_at FROM events v WHERE v.application_key = e.application_key AND v.state = 'queued'
                                                 ORDER BY v.next_at LIMIT 1)
                           FROM event_endpoints e JOIN applications a ON a.key = e.application_key
                           WHERE e.off_at IS NULL AND a.disabled_at IS NULL AND a.hidden = 0";
                let rows = tx.query(sql, &[]).await?;
                let mut next: Option<UnixSeconds> = None;
                for row in &rows {
                    let (held, due) = (row.optional_seconds(0)?, row.optional_seconds(1)?);
                    let due = due.map(|due| held.map_or(due, |held| held.max(due)));
                    next = next.into_iter().chain(due).min();
                }
                Ok((!rows.is_empty(), next))
            })
        });
        let (are_wanted, next) = next.await?;
        self.signals().events_are_wanted(are_wanted);
        Ok(next)
    }

    /// Notes what an attempt came to; None when another node has it by now, or it was withdrawn. An endpoint that has said that it is gone is switched off.
    ///
    /// Failures count by rounds: of events that were leased while the endpoint had as many failures, the first that fails counts. Otherwise a receiver that
    /// restarts with several events under way would be left alone as long as one that has failed as often in a row.
    pub async fn event_attempted(
        &self,
        leased: &LeasedEvent,
        attempted: EventAttempted,
    ) -> Result<Option<EventState>, StorageError> {
        let (key, attempt, application) = (leased.key, leased.attempt, leased.application);
        let (of, round) = (leased.endpoint.clone(), i64::from(leased.failures));
        let id = leased.event.id.clone();
        self.write(move |tx| {
            Box::pin(async move {
                // The endpoint comes first, as where it is changed.
                let sql = "SELECT id, url, turn FROM event_endpoints WHERE application_key = ?1 /*lock*/";
                let endpoint = tx.query_one(sql, &[application.into()]).await?;
                // An answer to an attempt of before says nothing about one that was set anew or switched on since.
                let is_same = endpoint.as_ref().map(EndpointTurn::of).transpose()?.as_ref() == Some(&of);
                // By its id as well: a backup that was restored meanwhile may have given the key to another event.
                let sql = "SELECT queued_at FROM events WHERE key = ?1 AND attempts = ?2 AND state = 'queued' AND id = ?3 /*lock*/";
                let values = [key.0.into(), i64::from(attempt).into(), (&id).into()];
                let Some(row) = tx.query_one(sql, &values).await? else { return Ok(None) };
                let give_up_at = row.seconds(0)?.plus(EVENT_GIVE_UP_AFTER);
                match attempted {
                    EventAttempted::Taken(status) => {
                        end(tx, key, EventState::Sent, Some(status), None).await?;
                        // A late answer of an earlier round does not end the pause that a failure since then has made.
                        if round != 0 && is_same {
                            let sql = "UPDATE event_endpoints SET failures = 0, held_until = NULL WHERE application_key = ?1 AND failures = ?2";
                            tx.execute(sql, &[application.into(), round.into()]).await?;
                        }
                        Ok(Some(EventState::Sent))
                    }
                    EventAttempted::Failed { failure, .. } if failure.is_gone() && is_same => {
                        end(tx, key, EventState::Withdrawn, failure.status, Some(failure.kind.as_str())).await?;
                        switch_off(tx, application).await?;
                        Ok(Some(EventState::Withdrawn))
                    }
                    EventAttempted::Failed { failure, again_at, held_until } => {
                        if is_same {
                            // Where there are fewer failures by now, the endpoint has taken an event since, or was set anew.
                            let sql = "UPDATE event_endpoints SET failures = CASE WHEN failures = ?3 THEN failures + 1 ELSE failures END,
                                           held_until = CASE WHEN failures < ?3 OR held_until >= ?2 THEN held_until ELSE ?2 END
                                       WHERE application_key = ?1";
                            tx.execute(sql, &[application.into(), held_until.into(), round.into()]).await?;
                        }
                        let (status, error) = (failure.status, failure.kind.as_str());
                        if again_at >= give_up_at {
                            end(tx, key, EventState::GivenUp, status, Some(error)).await?;
                            return Ok(Some(EventState::GivenUp));
                        }
                        let now = tx.now();
                        let sql = "UPDATE events SET next_at = ?2, leased_until = NULL, last_at = ?3, last_status = ?4, last_error = ?5 WHERE key = ?1";
                        let status = status.map(i64::from);
                        tx.execute(sql, &[key.0.into(), again_at.into(), now.into(), status.into(), error.into()])
                            .await?;
                        Ok(Some(EventState::Queued))
                    }
                }
            })
        })
        .await
    }
}

/// The endpoint has said that it wants no more events.
async fn switch_off(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<(), StorageError> {
    let now = tx.now();
    let sql =
        "UPDATE event_endpoints SET off_at = ?2, off_by = ?3 WHERE application_key = ?1 AND off_at IS NULL";
    if tx.execute(sql, &[application.into(), now.into(), EndpointOff::Endpoint.word().into()]).await? == 0 {
        return Ok(());
    }
    withdraw(tx, application).await?;
    let row = tx.query_one("SELECT id FROM applications WHERE key = ?1", &[application.into()]).await?;
    let id = row.map(|row| row.text(0).map(str::to_owned)).transpose()?;
    let noted =
        Noted { actor: "service".to_owned(), application: id, action: "endpoint.gone", subject: None };
    note(tx, &noted).await
}

async fn end(
    tx: &mut Tx<'_>,
    key: EventKey,
    state: EventState,
    status: Option<u16>,
    error: Option<&str>,
) -> Result<(), StorageError> {
    let now = tx.now();
    let sql = "UPDATE events SET state = ?2, ended_at = ?3, last_at = ?3, last_status = ?4, last_error = ?5, leased_until = NULL WHERE key = ?1";
    let status = status.map(i64::from);
    tx.execute(sql, &[key.0.into(), state.word().into(), now.into(), status.into(), error.into()]).await?;
    Ok(())
}

/// The applications whose turn it is, with the failures of their endpoints; the first one first: those behind the last one served, then the others.
async fn order(
    tx: &mut Tx<'_>,
    now: UnixSeconds,
    most: u32,
    last: i64,
) -> Result<Vec<(ApplicationKey, u32)>, StorageError> {
    let mut order: Vec<(ApplicationKey, u32)> = Vec::new();
    for behind in [last, 0] {
        for row in tx.query(APPLICATIONS, &[now.into(), behind.into(), i64::from(most).into()]).await? {
            let found: ApplicationKey = row.key(0)?;
            let is_new = order.iter().all(|(known, _)| *known != found);
            if is_new && order.len() < most as usize {
                order.push((found, u32::try_from(row.integer(1)?).unwrap_or(u32::MAX)));
            }
        }
    }
    Ok(order)
}

/// Takes events of one application over.
async fn lease_some(
    tx: &mut Tx<'_>,
    (application, failures): (ApplicationKey, u32),
    limit: u32,
    now: UnixSeconds,
    lease: Duration,
) -> Result<Vec<LeasedEvent>, StorageError> {
    let sql = "SELECT e.id, e.url, e.turn, e.secret, e.previous_secret, e.previous_until, a.id
               FROM event_endpoints e JOIN applications a ON a.key = e.application_key WHERE e.application_key = ?1 AND e.off_at IS NULL";
    let Some(endpoint) = tx.query_one(sql, &[application.into()]).await? else { return Ok(Vec::new()) };
    let (of, id) = (EndpointTurn::of(&endpoint)?, endpoint.text(6)?);
    let secrets = match secrets(tx, &of.id, &endpoint, 3) {
        Ok(secrets) => secrets,
        Err(error) => {
            // It is left alone, so that it does not stand in the way of others.
            tracing::error!(application = id, %error, "the secret of an endpoint cannot be opened; its events are put off");
            let sql = "UPDATE event_endpoints SET held_until = ?2 WHERE application_key = ?1";
            tx.execute(sql, &[application.into(), now.plus(Duration::from_secs(600)).into()]).await?;
            return Ok(Vec::new());
        }
    };
    let mut leased = Vec::new();
    for row in tx.query(DUE, &[application.into(), now.into(), i64::from(limit).into()]).await? {
        let (key, attempts) = (row.integer(0)?, row.integer(7)? + 1);
        if row.seconds(8)?.plus(EVENT_GIVE_UP_AFTER) <= now {
            // It is not sent after its time, even if this look comes before the one that clears away.
            let sql =
                "UPDATE events SET state = 'given_up', ended_at = ?2, leased_until = NULL WHERE key = ?1";
            tx.execute(sql, &[key.into(), now.into()]).await?;
            continue;
        }
        // When the lease ends without a word, it is due again.
        let sql = "UPDATE events SET leased_until = ?2, next_at = ?2, attempts = ?3 WHERE key = ?1";
        tx.execute(sql, &[key.into(), now.plus(lease).into(), attempts.into()]).await?;
        leased.push(LeasedEvent {
            key: EventKey(key),
            attempt: u32::try_from(attempts).unwrap_or(u32::MAX),
            application,
            failures,
            endpoint: of.clone(),
            event: OutgoingEvent::new(
                row.text(1)?.to_owned(),
                of.url.clone(),
                secrets.clone(),
                body(&row, id)?.to_json(),
                now,
            ),
        });
    }
    Ok(leased)
}

/// The body, by the columns of [`DUE`]. It is the same at each attempt.
fn body(row: &Row, application: &str) -> Result<EventBody, StorageError> {
    let body = EventBody::new(EventKind::from(row.text(2)?), row.seconds(3)?, application);
    let how = row.optional_text(6)?.map(EventHow::from);
    Ok(body.about(row.optional_text(4)?, row.optional_text(5)?, how))
}
