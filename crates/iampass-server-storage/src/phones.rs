//! The phones of a user as each of them sees and changes them.
//!
//! Belongs here: what one phone may do about the others. Does not belong here: registering ([`super::devices`]), phones that wait
//! ([`super::waiting_phones`]).

use std::time::Duration;

use iampass_core::wire::{PhoneEvent as Told, PhoneEventKind, Platform, WaitingPhone};
use iampass_core::{DeviceId, Secret, UnixSeconds};
use iampass_server_domain::rules::{self, MOST_PHONES};

use super::console::rights;
use super::links::{self, LinkCode, LinkKind, NewLink};
use super::phone_events::{self, Whose, happened, phone_id, platform};
use super::phone_log::PhoneEvent;
use super::waiting_phones::{self, Compared};
use super::{
    Database, Device, DeviceKey, Row, SpentNonce, StorageError, Tx, UserKey, device_rows, devices,
    recovery_codes, trials, users,
};

/// A phone of a user.
#[derive(Clone, Debug)]
pub struct Phone {
    /// Its row.
    pub key: DeviceKey,
    /// Its id.
    pub id: DeviceId,
    /// The name that its user gave it; empty without one.
    pub name: String,
    /// The kind of phone, if it has said so.
    pub platform: Option<Platform>,
    /// Whether it signs its answers with a key of its own.
    pub has_key: bool,
    /// When it was added.
    pub added_at: UnixSeconds,
    /// When it last answered or changed something.
    pub last_used_at: Option<UnixSeconds>,
    /// Until when it changes nothing about the others, if it was let in a short time ago: by a recovery code, or beside a phone that proves unlocking.
    pub paused_until: Option<UnixSeconds>,
}

/// The phones of a user, with all that belongs to them.
#[derive(Clone, Debug)]
pub struct Phones {
    /// The phones, the oldest first.
    pub all: Vec<Phone>,
    /// The one that waits to be confirmed.
    pub waiting: Option<WaitingPhone>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
    /// When they were made. None where none are left.
    pub recovery_codes_made_at: Option<UnixSeconds>,
    /// The latest of what became of them, the newest first.
    pub events: Vec<Told>,
}

/// A change that one phone makes to the phones of its user.
#[derive(Clone, Debug)]
pub enum PhonesChange {
    /// The phone that waits is the user's own: it shows this code.
    Confirm {
        /// The phone that waits.
        phone: DeviceId,
        /// The digits.
        code: Secret,
    },
    /// The phone that waits is not to be let in.
    Deny {
        /// The phone that waits.
        phone: DeviceId,
    },
    /// A phone gets a name.
    Name {
        /// The phone.
        phone: DeviceId,
        /// Its name.
        name: String,
    },
    /// A phone is removed, and its sessions end.
    Remove {
        /// The phone.
        phone: DeviceId,
    },
}

/// The outcome of such a change.
#[derive(Debug)]
pub enum PhonesChanged {
    /// It is done: these are the phones now.
    Done(Box<Phones>),
    /// No phone of this id is the user's, or waits.
    UnknownPhone,
    /// The phone that waits shows something else.
    WrongCode {
        /// How many more may be wrong; with none left, it does not wait any more.
        left: u64,
    },
    /// The user has as many phones as can be.
    TooManyPhones,
    /// The phone that asks was let in a short time ago: by a recovery code, or beside a phone that proves unlocking.
    TooNew {
        /// How long it changes nothing yet.
        retry_after: Duration,
    },
    /// The phone that asks is not registered any more.
    UnknownDevice,
}

/// The outcome of asking for a link for one more phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkMade {
    /// It is good until then.
    Made {
        /// When it ends.
        expires_at: UnixSeconds,
    },
    /// The user has as many phones as can be.
    TooManyPhones,
    /// The phone was let in a short time ago: by a recovery code, or beside a phone that proves unlocking.
    TooNew {
        /// How long it changes nothing yet.
        retry_after: Duration,
    },
    /// The phone is not registered any more.
    UnknownDevice,
}

/// Whether a phone may change something about the others.
pub(super) enum MayChange {
    Yes,
    TooNew { retry_after: Duration },
    Unknown,
}

impl Database {
    /// The phones of the user of this phone. None when it is not registered any more.
    pub async fn phones(&self, device: DeviceKey, user: UserKey) -> Result<Option<Phones>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                if !device_rows::exists(tx, device).await? {
                    return Ok(None);
                }
                of_user(tx, user).await.map(Some)
            })
        })
        .await
    }

    /// The phones of a user.
    pub async fn phones_of_user(&self, user: UserKey) -> Result<Phones, StorageError> {
        self.read(move |tx| Box::pin(of_user(tx, user))).await
    }

    /// A phone changes the phones of its user.
    pub async fn change_phones(
        &self,
        device: Device,
        change: PhonesChange,
        spent: SpentNonce,
    ) -> Result<PhonesChanged, StorageError> {
        self.write_spending(spent, move |tx| Box::pin(async move { apply(tx, &device, &change).await })).await
    }

    /// A phone makes a link for one more.
    pub async fn make_adding_link(
        &self,
        device: Device,
        link: NewLink,
        code: LinkCode,
        spent: SpentNonce,
    ) -> Result<LinkMade, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                match may_change(tx, &device).await? {
                    MayChange::Yes => {}
                    MayChange::TooNew { retry_after } => return Ok(LinkMade::TooNew { retry_after }),
                    MayChange::Unknown => return Ok(LinkMade::UnknownDevice),
                }
                if device_rows::keys_of(tx, device.user).await?.len() >= MOST_PHONES {
                    return Ok(LinkMade::TooManyPhones);
                }
                links::store(tx, device.user, &link, &code, None, LinkKind::Adds).await?;
                device_rows::used(tx, device.key).await?;
                let own = own(tx, device.key).await?;
                happened(tx, own.whose(device.user), PhoneEventKind::LinkMade, Some(PhoneEvent::LinkMade))
                    .await?;
                Ok(LinkMade::Made { expires_at: tx.now().plus(link.lifetime) })
            })
        })
        .await
    }
}

async fn apply(
    tx: &mut Tx<'_>,
    device: &Device,
    change: &PhonesChange,
) -> Result<PhonesChanged, StorageError> {
    if matches!(change, PhonesChange::Remove { .. }) {
        // Locks are taken in this order.
        rights::lock_account_of(tx, device.user).await?;
    }
    let may = may_change(tx, device).await?;
    let asks = own_id(device);
    let is_about_itself = match change {
        PhonesChange::Name { phone, .. } | PhonesChange::Remove { phone } => Some(phone.as_str()) == asks,
        PhonesChange::Confirm { .. } | PhonesChange::Deny { .. } => false,
    };
    match may {
        MayChange::Yes => {}
        MayChange::TooNew { .. } if is_about_itself => {}
        MayChange::TooNew { retry_after } => return Ok(PhonesChanged::TooNew { retry_after }),
        MayChange::Unknown => return Ok(PhonesChanged::UnknownDevice),
    }
    let user = device.user;
    match change {
        PhonesChange::Confirm { phone, code } => {
            if !waiting_phones::is_waiting(tx, user, phone.as_str()).await? {
                return Ok(PhonesChanged::UnknownPhone);
            }
            if let Compared::Wrong { left } = waiting_phones::compare(tx, user, code).await? {
                return Ok(PhonesChanged::WrongCode { left });
            }
            if !waiting_phones::confirm(tx, user, None).await? {
                return Ok(PhonesChanged::TooManyPhones);
            }
        }
        PhonesChange::Deny { phone } => {
            if !waiting_phones::is_waiting(tx, user, phone.as_str()).await? {
                return Ok(PhonesChanged::UnknownPhone);
            }
            waiting_phones::deny(tx, user).await?;
        }
        PhonesChange::Name { phone, name } => {
            let sql = "UPDATE devices SET name = ?3 WHERE id = ?1 AND user_key = ?2 RETURNING key";
            let values = [phone.as_str().into(), user.into(), name.into()];
            let Some(row) = tx.query_one(sql, &values).await? else { return Ok(PhonesChanged::UnknownPhone) };
            let named = own(tx, row.key(0)?).await?;
            happened(tx, named.whose(user), PhoneEventKind::Named, None).await?;
        }
        PhonesChange::Remove { phone } => {
            let sql = "SELECT key FROM devices WHERE id = ?1 AND user_key = ?2";
            let found = tx.query_one(sql, &[phone.as_str().into(), user.into()]).await?;
            let Some(row) = found else { return Ok(PhonesChanged::UnknownPhone) };
            match row.key(0)? {
                itself if itself == device.key => devices::leave(tx, user, itself).await?,
                other => {
                    trials::before_removal(tx, user, other).await?;
                    devices::remove(tx, user, other, Some(PhoneEvent::Removed)).await?;
                }
            }
        }
    }
    device_rows::used(tx, device.key).await?;
    Ok(PhonesChanged::Done(Box::new(of_user(tx, user).await?)))
}

fn own_id(device: &Device) -> Option<&str> {
    device.signer.as_ref().map(|signer| signer.device.as_str())
}

/// Locks the user of a phone, and says whether it may change something about the others. A phone without a key of its own may not.
pub(super) async fn may_change(tx: &mut Tx<'_>, device: &Device) -> Result<MayChange, StorageError> {
    if device.signer.is_none() || !users::lock_key(tx, device.user).await? {
        return Ok(MayChange::Unknown);
    }
    let Some(row) = tx.query_one(device_rows::NEW_SINCE, &[device.key.into()]).await? else {
        return Ok(MayChange::Unknown);
    };
    let since = trials::since_by_now(tx, device.key, device_rows::new_since(&row, 0)?).await?;
    Ok(match rules::pause_of_new_phone(since, tx.now()) {
        Some(retry_after) => MayChange::TooNew { retry_after },
        None => MayChange::Yes,
    })
}

/// Whether this phone was let in so short a time ago that it changes nothing about the others yet.
pub(super) async fn is_paused(tx: &mut Tx<'_>, device: DeviceKey) -> Result<bool, StorageError> {
    let row = tx.query_one(device_rows::NEW_SINCE, &[device.into()]).await?;
    let since = row.map(|row| device_rows::new_since(&row, 0)).transpose()?.flatten();
    Ok(rules::pause_of_new_phone(since, tx.now()).is_some())
}

/// The names of a phone in the log.
pub(super) struct Own {
    id: String,
    platform: String,
    name: String,
}

impl Own {
    pub(super) fn whose(&self, user: UserKey) -> Whose<'_> {
        Whose { user, phone: &self.id, platform: &self.platform, name: &self.name }
    }
}

/// The names of a phone that is there.
pub(super) async fn own(tx: &mut Tx<'_>, device: DeviceKey) -> Result<Own, StorageError> {
    let sql = "SELECT id, platform, name FROM devices WHERE key = ?1";
    let row = tx.query_one(sql, &[device.into()]).await?.ok_or(StorageError::Corrupt { what: "phone" })?;
    Ok(Own { id: row.text(0)?.to_owned(), platform: row.text(1)?.to_owned(), name: row.text(2)?.to_owned() })
}

pub(super) async fn of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<Phones, StorageError> {
    let sql =
        "SELECT key, id, name, platform, public_key, created_at, last_used_at, recovered_at, on_trial_since
               FROM devices
               WHERE user_key = ?1 ORDER BY key";
    let now = tx.now();
    let rows = tx.query(sql, &[user.into()]).await?;
    let (recovery_codes_left, recovery_codes_made_at) = recovery_codes::left(tx, user).await?;
    Ok(Phones {
        all: rows.iter().map(|row| phone(row, now)).collect::<Result<_, _>>()?,
        waiting: waiting_phones::of_user(tx, user).await?,
        recovery_codes_left,
        recovery_codes_made_at,
        events: phone_events::latest(tx, user).await?,
    })
}

fn phone(row: &Row, now: UnixSeconds) -> Result<Phone, StorageError> {
    let since = device_rows::new_since(row, 7)?;
    Ok(Phone {
        key: row.key(0)?,
        id: phone_id(row, 1)?,
        name: row.text(2)?.to_owned(),
        platform: platform(row, 3)?,
        has_key: row.optional_bytes(4)?.is_some(),
        added_at: row.seconds(5)?,
        last_used_at: row.optional_seconds(6)?,
        paused_until: rules::pause_of_new_phone(since, now).map(|left| now.plus(left)),
    })
}
