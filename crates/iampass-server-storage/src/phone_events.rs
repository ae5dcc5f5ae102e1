//! Changes to the phones of a user, as the user's phones are told, and as it stands in the audit log. The log of a user's phones keeps what was
//! removed; it ends with the user.

use iampass_core::DeviceId;
use iampass_core::events::{EventHow, EventKind};
use iampass_core::wire::{PhoneEvent as Told, PhoneEventKind, Platform};

use super::phone_log::{PhoneEvent, note_phone};
use super::{Row, StorageError, Tx, UserKey, events};

/// Entries that are kept for one user.
const KEPT: i64 = 500;
/// Entries that a phone is told.
const TOLD: i64 = 20;

/// The phone that something happened to.
#[derive(Clone, Copy)]
pub(super) struct Whose<'a> {
    pub(super) user: UserKey,
    pub(super) phone: &'a str,
    pub(super) platform: &'a str,
    pub(super) name: &'a str,
}

/// Writes down what has happened, and tells all phones of the user.
pub(super) async fn happened(
    tx: &mut Tx<'_>,
    whose: Whose<'_>,
    kind: PhoneEventKind,
    noted: Option<PhoneEvent>,
) -> Result<(), StorageError> {
    let now = tx.now();
    let Whose { user, phone, platform, name } = whose;
    if kind == PhoneEventKind::Named {
        // A phone that names itself again and again must not push out what its user has to see.
        let sql = "DELETE FROM phone_events WHERE user_key = ?1 AND event = ?2 AND phone_id = ?3";
        tx.execute(sql, &[user.into(), kind.as_str().into(), phone.into()]).await?;
    }
    let sql = "INSERT INTO phone_events (user_key, at, event, phone_id, platform, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = [user.into(), now.into(), kind.as_str().into(), phone.into(), platform.into(), name.into()];
    tx.execute(sql, &values).await?;
    let sql = "DELETE FROM phone_events WHERE user_key = ?1 AND key <=
                   (SELECT key FROM phone_events WHERE user_key = ?1 ORDER BY key DESC LIMIT 1 OFFSET ?2)";
    tx.execute(sql, &[user.into(), KEPT.into()]).await?;
    tx.raised().phones(user);
    if let Some((kind, how)) = told_to_application(&kind) {
        events::of_user(tx, user, &kind, how.as_ref()).await?;
    }
    match noted {
        Some(noted) => note_phone(tx, user, noted).await,
        None => Ok(()),
    }
}

/// The event by which the application of the user is told.
fn told_to_application(kind: &PhoneEventKind) -> Option<(EventKind, Option<EventHow>)> {
    match kind {
        PhoneEventKind::Registered => Some((EventKind::PhoneRegistered, Some(EventHow::ByLink))),
        PhoneEventKind::Confirmed => Some((EventKind::PhoneRegistered, Some(EventHow::Confirmed))),
        PhoneEventKind::Recovered => Some((EventKind::PhoneRegistered, Some(EventHow::Recovered))),
        PhoneEventKind::Removed => Some((EventKind::PhoneRemoved, None)),
        _ => None,
    }
}

/// The last entries of a user, the newest first.
pub(super) async fn latest(tx: &mut Tx<'_>, user: UserKey) -> Result<Vec<Told>, StorageError> {
    let sql = "SELECT key, at, event, phone_id, platform, name FROM phone_events
               WHERE user_key = ?1 ORDER BY key DESC LIMIT ?2";
    tx.query(sql, &[user.into(), TOLD.into()]).await?.iter().map(told).collect()
}

fn told(row: &Row) -> Result<Told, StorageError> {
    Ok(Told {
        number: row.integer(0)?.unsigned_abs(),
        at: row.seconds(1)?,
        event: PhoneEventKind::from(row.text(2)?),
        phone_id: phone_id(row, 3)?,
        platform: platform(row, 4)?,
        name: row.text(5)?.to_owned(),
    })
}

pub(super) fn phone_id(row: &Row, column: usize) -> Result<DeviceId, StorageError> {
    DeviceId::new(row.text(column)?).map_err(|_| StorageError::Corrupt { what: "device id" })
}

/// The platform that the phone has named. None when it named none.
pub(super) fn platform(row: &Row, column: usize) -> Result<Option<Platform>, StorageError> {
    let platform = Platform::from(row.text(column)?);
    Ok(Some(platform).filter(|platform| !matches!(platform, Platform::Unknown(_))))
}
