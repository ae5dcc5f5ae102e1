//! The endpoints of applications for events: one at most for each, with a secret of its own.
//!
//! Belongs here: reading and changing them. Does not belong here: whether a URL may be called (`iampass-server-push`), and events ([`super::events`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::events::{EventKind, EventSecret};
use iampass_server_domain::event::EventKinds;
use iampass_server_domain::random;
use iampass_server_domain::rules::Act;

use super::audit::{Noted, note};
use super::{Actor, ApplicationKey, Database, Right, Row, Sealed, StorageError, Tx, events};

/// How long events are signed by the secret before as well, after a new one was made.
pub const SECRET_OVERLAP: Duration = Duration::from_secs(24 * 3_600);

/// An endpoint, as pages show it.
#[derive(Clone, Debug)]
pub struct EventEndpoint {
    /// Where events go.
    pub url: String,
    /// The kinds that it wants.
    pub kinds: EventKinds,
    /// When it was set first.
    pub made_at: UnixSeconds,
    /// Until when events are signed by the secret before as well.
    pub previous_until: Option<UnixSeconds>,
    /// When it was switched off, if it is.
    pub off_at: Option<UnixSeconds>,
    /// By whom, where it was not its owners.
    pub off_by: Option<EndpointOff>,
    /// Failures in a row.
    pub failures: u32,
    /// Until when it is left alone after a failure.
    pub held_until: Option<UnixSeconds>,
    /// Events that wait.
    pub waiting: u64,
}

/// The cause by which an endpoint is off that its owners have not switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointOff {
    /// The endpoint itself: it has answered 410.
    Endpoint,
    /// A backup was restored. Its owners may have removed it since, or led it elsewhere.
    Restore,
}

impl EndpointOff {
    /// As it stands in `off_by`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Restore => "restore",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Endpoint, Self::Restore].into_iter().find(|off| off.word() == word)
    }
}

/// A change to the endpoint of an application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EndpointChange {
    /// Events of these kinds go to this URL from now on; it is switched on.
    Set {
        /// The URL, which has been checked.
        url: String,
        /// The kinds.
        kinds: EventKinds,
        /// Its secret, where it has none yet.
        secret: EventSecret,
    },
    /// A new secret. For [`SECRET_OVERLAP`] events are signed by the one before as well.
    Rotate {
        /// The new secret.
        secret: EventSecret,
    },
    /// Events are sent to it again.
    SwitchOn,
    /// No more events are written or sent; those that wait are withdrawn.
    SwitchOff,
    /// It is forgotten, and its secret with it.
    Remove,
    /// An event is sent that tells of nothing.
    Test,
}

/// The outcome of a change to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointChanged {
    /// The application had no endpoint before: the secret is the one of the change.
    Made,
    /// It is done.
    Changed,
    /// There is no endpoint that this could be done to.
    NoEndpoint,
}

impl Database {
    /// The endpoint of an application, if it has one.
    pub async fn event_endpoint(
        &self,
        application: ApplicationKey,
    ) -> Result<Option<EventEndpoint>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let sql = "SELECT url, kinds, made_at, previous_until, off_at, off_by, failures, held_until,
                                  (SELECT count(*) FROM events v WHERE v.application_key = e.application_key AND v.state = 'queued')
                           FROM event_endpoints e WHERE e.application_key = ?1";
                let now = tx.now();
                tx.query_one(sql, &[application.into()]).await?.map(|row| endpoint(&row, now)).transpose()
            })
        })
        .await
    }

    /// Changes the endpoint of an application, and writes down who did it. None when there is no such application.
    pub async fn change_event_endpoint(
        &self,
        application: ApplicationKey,
        change: EndpointChange,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<EndpointChanged>, StorageError> {
        self.write_by(by, Right::In(application, Act::ManageEvents), move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM applications WHERE key = ?1 AND hidden = 0 /*lock beside*/";
                if tx.query_one(sql, &[application.into()]).await?.is_none() {
                    return Ok(None);
                }
                let sql = "SELECT id, off_at FROM event_endpoints WHERE application_key = ?1 /*lock*/";
                let found = tx.query_one(sql, &[application.into()]).await?;
                let changed = apply(tx, application, found.as_ref(), change).await?;
                if changed != EndpointChanged::NoEndpoint {
                    tx.raised().endpoint();
                    note(tx, &noted).await?;
                }
                Ok(Some(changed))
            })
        })
        .await
    }
}

async fn apply(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    found: Option<&Row>,
    change: EndpointChange,
) -> Result<EndpointChanged, StorageError> {
    use EndpointChange as C;
    let now = tx.now();
    let (id, is_on) = match (found, &change) {
        (Some(row), _) => (row.text(0)?.to_owned(), row.optional_seconds(1)?.is_none()),
        (None, C::Set { url, kinds, secret }) => {
            let id = random::hexadecimal::<16>()?;
            let sealed = tx.seal(Sealed::EventEndpoint, &id, secret.to_text().expose())?;
            let sql = "INSERT INTO event_endpoints (application_key, id, url, kinds, secret, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let kinds = kinds.column().into();
            let values = [application.into(), (&id).into(), url.into(), kinds, (&sealed).into(), now.into()];
            tx.execute(sql, &values).await?;
            return Ok(EndpointChanged::Made);
        }
        (None, _) => return Ok(EndpointChanged::NoEndpoint),
    };
    match change {
        C::Set { url, kinds, secret: _ } => {
            let sql = "UPDATE event_endpoints SET url = ?2, kinds = ?3, off_at = NULL, off_by = NULL, failures = 0, held_until = NULL,
                           turn = turn + 1 WHERE application_key = ?1";
            tx.execute(sql, &[application.into(), (&url).into(), kinds.column().into()]).await?;
        }
        C::Rotate { secret } => {
            let sealed = tx.seal(Sealed::EventEndpoint, &id, secret.to_text().expose())?;
            let sql = "UPDATE event_endpoints SET previous_secret = secret, previous_until = ?3, secret = ?2 WHERE application_key = ?1";
            let until = now.plus(SECRET_OVERLAP);
            tx.execute(sql, &[application.into(), (&sealed).into(), until.into()]).await?;
        }
        C::SwitchOn => {
            let sql = "UPDATE event_endpoints SET off_at = NULL, off_by = NULL, failures = 0, held_until = NULL, turn = turn + 1
                       WHERE application_key = ?1";
            tx.execute(sql, &[application.into()]).await?;
        }
        C::SwitchOff => {
            let sql = "UPDATE event_endpoints SET off_at = coalesce(off_at, ?2) WHERE application_key = ?1";
            tx.execute(sql, &[application.into(), now.into()]).await?;
            events::withdraw(tx, application).await?;
        }
        C::Remove => {
            remove(tx, application).await?;
            events::withdraw(tx, application).await?;
        }
        C::Test if !is_on => return Ok(EndpointChanged::NoEndpoint),
        C::Test => {
            let sql =
                "UPDATE event_endpoints SET held_until = NULL, kinds = kinds | ?2 WHERE application_key = ?1";
            let test = EventKinds::NONE.with(&EventKind::Test).column();
            tx.execute(sql, &[application.into(), test.into()]).await?;
            events::of_application(tx, application, &EventKind::Test, None).await?;
        }
    }
    Ok(EndpointChanged::Changed)
}

/// The endpoint of an application is gone, and its secret with it.
pub(super) async fn remove(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<(), StorageError> {
    tx.execute("DELETE FROM event_endpoints WHERE application_key = ?1", &[application.into()]).await?;
    Ok(())
}

/// The secrets that sign events now, by the columns `secret`, `previous_secret` and `previous_until`, which follow each other.
pub(super) fn secrets(
    tx: &Tx<'_>,
    id: &str,
    row: &Row,
    first: usize,
) -> Result<Vec<EventSecret>, StorageError> {
    let now = tx.now();
    let previous = match (row.optional_bytes(first + 1)?, row.optional_seconds(first + 2)?) {
        (Some(sealed), Some(until)) if until > now => Some(sealed),
        _ => None,
    };
    let mut secrets = Vec::new();
    for sealed in [Some(row.bytes(first)?), previous].into_iter().flatten() {
        let text = tx.open(Sealed::EventEndpoint, id, sealed)?;
        let secret = EventSecret::parse(text.expose());
        secrets.push(secret.map_err(|_| StorageError::Corrupt { what: "secret of an endpoint" })?);
    }
    Ok(secrets)
}

fn endpoint(row: &Row, now: UnixSeconds) -> Result<EventEndpoint, StorageError> {
    Ok(EventEndpoint {
        url: row.text(0)?.to_owned(),
        kinds: EventKinds::from_column(row.integer(1)?),
        made_at: row.seconds(2)?,
        previous_until: row.optional_seconds(3)?.filter(|until| *until > now),
        off_at: row.optional_seconds(4)?,
        off_by: row.optional_text(5)?.and_then(EndpointOff::from_word),
        failures: u32::try_from(row.integer(6)?).unwrap_or(u32::MAX),
        held_until: row.optional_seconds(7)?.filter(|until| *until > now),
        waiting: row.integer(8)?.unsigned_abs(),
    })
}
