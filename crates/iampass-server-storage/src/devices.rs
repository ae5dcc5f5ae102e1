//! Phones: registering and removing them. Registering another one replaces those that the user has, unless the link adds it.

use iampass_core::wire::{DeviceKey as PublicKey, PhoneEventKind, Platform, RegisterDevice};
use iampass_core::{ApplicationId, DeviceId, Secret, UserToken};
use iampass_server_domain::rules::{self, CannotAdd, Registering};

use super::console::rights;
use super::counted_to::counted_to;
use super::device_rows::{self, Device, NOT_NAMED, NewDevice};
use super::links::{LinkKind, Redeemed};
use super::phone_events::{Whose, happened};
use super::phone_log::{PhoneEvent, note_phone};
use super::{
    CountedTo, Database, DeviceKey, LinkCode, Sealed, SpentNonce, StorageError, Tx, UserKey, Waits,
    applications, links, phones, recovery_codes, timeline_rows, trials, users, waiting_phones, wrong_codes,
};

/// The description of its user that a phone receives.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The row of the user.
    pub user: UserKey,
    /// The id of the user.
    pub user_id: UserToken,
    /// How the phone shows the user.
    pub display_name: Option<String>,
    /// The id of the application.
    pub application_id: ApplicationId,
    /// The name of the application.
    pub application_name: String,
}

/// The outcome of registering a phone.
#[derive(Clone, Debug)]
pub enum RegisterOutcome {
    /// It is the user's phone.
    Registered(Registered),
    /// It waits to be confirmed.
    Waits(Registered, Waits),
    /// It cannot be added to those that the user has. The link is as good as before.
    CannotAdd(CannotAdd),
    /// The application takes no phone without a key of its own. The link is as good as before.
    NotAllowed,
    /// The link is not valid.
    NotValid,
}

impl RegisterOutcome {
    /// The description of the user, if the phone is that user's now.
    #[must_use]
    pub fn registered(self) -> Option<Registered> {
        match self {
            Self::Registered(registered) => Some(registered),
            Self::Waits(..) | Self::CannotAdd(_) | Self::NotAllowed | Self::NotValid => None,
        }
    }
}

impl Database {
    /// Registers a phone by a link: in place of those that the user has, whose sessions end, or beside them, where it waits to be confirmed.
    pub async fn register_device(
        &self,
        code: LinkCode,
        device: NewDevice,
        registration: RegisterDevice,
    ) -> Result<RegisterOutcome, StorageError> {
        self.write(move |tx| Box::pin(async move { register(tx, &code, &device, &registration).await })).await
    }

    /// The phone with this id, and its secret.
    pub async fn device(&self, id: &str) -> Result<Option<(Secret, Device)>, StorageError> {
        let owned = id.to_owned();
        let found = self.read(move |tx| {
            let id = owned;
            Box::pin(async move {
                let sql = concat!(
                    "SELECT d.secret, d.key, d.user_key, u.application_key, d.public_key, d.id, a.id, u.id, ",
                    counted_to!("u.application_key"),
                    " FROM devices d JOIN users u ON u.key = d.user_key JOIN applications a ON a.key = u.application_key
                      WHERE d.id = ?1"
                );
                let Some(row) = tx.query_one(sql, &[(&id).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::Device, &id, row.bytes(0)?)?;
                let device = Device {
                    key: row.key(1)?,
                    user: row.key(2)?,
                    application: row.key(3)?,
                    counted_to: CountedTo::of(row.key(3)?, row.optional_key(8)?),
                    signer: device_rows::signer(&row, 4)?,
                };
                Ok(Some((row.bytes(0)?.to_vec(), secret, device)))
            })
        });
        Ok(found.await?.map(|(sealed, secret, device)| {
            self.remembering(|remembered| remembered.keep_device(id, sealed, device.clone()));
            (secret, device)
        }))
    }

    /// Takes over where notifications go, and gives what the phone was told when it registered, but for the user's name. None when the phone is not
    /// registered any more.
    pub async fn configure_device(
        &self,
        device: DeviceKey,
        notification_token: String,
        spent: SpentNonce,
    ) -> Result<Option<(NewDevice, Registered)>, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE devices SET notification_token = ?2, last_used_at = ?3 WHERE key = ?1 RETURNING id, secret, user_key";
                let values = [device.into(), (&notification_token).into(), now.into()];
                let Some(row) = tx.query_one(sql, &values).await? else { return Ok(None) };
                let (id, user) = (row.text(0)?, row.key(2)?);
                let secret = tx.open(Sealed::Device, id, row.bytes(1)?)?;
                let id = DeviceId::new(id).map_err(|_| StorageError::Corrupt { what: "device id" })?;
                Ok(Some((NewDevice { id, secret }, registered(tx, user, None).await?)))
            })
        })
        .await
    }

    /// Removes a phone and ends its sessions.
    pub async fn unregister_device(&self, device: Device, spent: SpentNonce) -> Result<(), StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                rights::lock_account_of(tx, device.user).await?;
                users::lock_key(tx, device.user).await?;
                tx.raised().user(device.user);
                if device_rows::exists(tx, device.key).await? {
                    leave(tx, device.user, device.key).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn registered(
    tx: &mut Tx<'_>,
    user: UserKey,
    display_name: Option<String>,
) -> Result<Registered, StorageError> {
    let (application, user_id) = users::identity(tx, user).await?;
    let (application_id, application_name) = applications::id_and_name(tx, application).await?;
    Ok(Registered { user, user_id, display_name, application_id, application_name })
}

async fn register(
    tx: &mut Tx<'_>,
    code: &LinkCode,
    device: &NewDevice,
    registration: &RegisterDevice,
) -> Result<RegisterOutcome, StorageError> {
    let Some(link) = links::redeem(tx, code).await? else { return Ok(RegisterOutcome::NotValid) };
    let user = link.user;
    if !applications::phones_for(tx, user).await?.may_register(registration.key.is_some()) {
        links::put_back(tx, code, &link).await?;
        return Ok(RegisterOutcome::NotAllowed);
    }
    let present = device_rows::keys_of(tx, user).await?;
    let event = match rules::new_phone(&present, registration.key.is_some(), link.kind != LinkKind::Replaces)
    {
        Registering::Refused(why) => {
            links::put_back(tx, code, &link).await?;
            return Ok(RegisterOutcome::CannotAdd(why));
        }
        Registering::Waits => {
            let waits = wait(tx, &link, device, registration).await?;
            return match link.kind {
                LinkKind::Recovers => recover(tx, &link, waits).await,
                LinkKind::Replaces | LinkKind::Adds => Ok(waits),
            };
        }
        Registering::First => PhoneEvent::Registered,
        Registering::Replaces => PhoneEvent::Replaced,
    };
    note_phone(tx, user, event).await?;
    if let Some(account) = rights::account_of(tx, user).await? {
        // The sessions end with the phone of before, and what they made with them.
        rights::end_all_given(tx, account.key).await?;
        rights::end_access_links(tx, account.key).await?;
    }
    remove_of_user(tx, user).await?;
    let on_trial_since = match link.kind {
        LinkKind::Replaces => {
            trials::begin_anew(tx, user).await?;
            None
        }
        LinkKind::Adds | LinkKind::Recovers => trials::of_joining(tx, user).await?,
    };
    let sealed = tx.seal(Sealed::Device, device.id.as_str(), device.secret.expose())?;
    let now = tx.now();
    let recovered_at = (link.kind == LinkKind::Recovers).then_some(now);
    let public_key = registration.key.as_ref().map(PublicKey::sec1);
    let platform = registration.platform.as_ref().map_or(NOT_NAMED, Platform::as_str);
    let name = registration.name.as_deref().unwrap_or_default();
    tx.execute(
        "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at, public_key, name, recovered_at,
                              on_trial_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            device.id.as_str().into(),
            (&sealed).into(),
            user.into(),
            platform.into(),
            (&registration.notification_token).into(),
            now.into(),
            public_key.as_ref().map(<[u8; 65]>::as_slice).into(),
            name.into(),
            recovered_at.into(),
            on_trial_since.into(),
        ],
    )
    .await?;
    let whose = Whose { user, phone: device.id.as_str(), platform, name };
    happened(tx, whose, PhoneEventKind::Registered, None).await?;
    Ok(RegisterOutcome::Registered(registered(tx, user, link.display_name).await?))
}

/// The new phone waits; those that the user has stay as they are.
async fn wait(
    tx: &mut Tx<'_>,
    link: &Redeemed,
    device: &NewDevice,
    registration: &RegisterDevice,
) -> Result<RegisterOutcome, StorageError> {
    let Some(key) = &registration.key else { return Ok(RegisterOutcome::CannotAdd(CannotAdd::WithoutKey)) };
    let waits = waiting_phones::add(tx, link.user, device, registration, key).await?;
    let registered = registered(tx, link.user, link.display_name.clone()).await?;
    Ok(RegisterOutcome::Waits(registered, waits))
}

/// The recovery code that the link was made for confirms the new phone at once. All phones are told.
async fn recover(
    tx: &mut Tx<'_>,
    link: &Redeemed,
    waits: RegisterOutcome,
) -> Result<RegisterOutcome, StorageError> {
    let RegisterOutcome::Waits(registered, _) = waits else { return Ok(waits) };
    let now = tx.now();
    match waiting_phones::confirm(tx, link.user, Some(now)).await? {
        true => Ok(RegisterOutcome::Registered(registered)),
        // The rules let it wait, so this says the same as they would.
        false => Ok(RegisterOutcome::CannotAdd(CannotAdd::TooMany)),
    }
}

/// Removes all phones of a user whose row is locked, the one that waits, and the codes by which another would come in.
pub(super) async fn remove_of_user(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    // A phone may be waiting for a question.
    tx.raised().user(user);
    for device in device_rows::all_of_user(tx, user).await? {
        remove(tx, user, device, None).await?;
    }
    waiting_phones::deny(tx, user).await?;
    recovery_codes::forget(tx, user).await
}

/// Removes one phone of a user whose row is locked, if it is that user's.
pub(super) async fn remove_one(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: DeviceKey,
) -> Result<(), StorageError> {
    match device_rows::all_of_user(tx, user).await?.contains(&device) {
        true => remove(tx, user, device, None).await,
        false => Ok(()),
    }
}

/// A phone that is there takes itself away. One that was let in a short time ago changes nothing about the others, so it ends none of the user's ways in by
/// leaving. Links that its sessions gave out in the Console end all the same. Where it was the last one, so do links that add a phone, and the phone that waits:
/// one that came in by them would be the first, and on no trial. Recovery codes are left to the owner.
pub(super) async fn leave(tx: &mut Tx<'_>, user: UserKey, device: DeviceKey) -> Result<(), StorageError> {
    trials::before_removal(tx, user, device).await?;
    if phones::is_paused(tx, device).await? {
        end_given(tx, user).await?;
        if device_rows::all_of_user(tx, user).await?.len() <= 1 {
            links::end_adding(tx, user).await?;
            waiting_phones::deny(tx, user).await?;
        }
    } else {
        end_ways_in(tx, user, device).await?;
    }
    take_away(tx, user, device, Some(PhoneEvent::Removed)).await
}

/// Removes a phone that is there, of a user whose row is locked. Its questions are withdrawn, and its sessions are closed. All ways end by which the
/// holder of that phone could come back: the phone that waits, links that add one, and recovery codes that it may know.
pub(super) async fn remove(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: DeviceKey,
    noted: Option<PhoneEvent>,
) -> Result<(), StorageError> {
    end_ways_in(tx, user, device).await?;
    take_away(tx, user, device, noted).await
}

/// Ends the ways by which the holder of a phone could come back, and those that were made with its sessions.
async fn end_ways_in(tx: &mut Tx<'_>, user: UserKey, device: DeviceKey) -> Result<(), StorageError> {
    recovery_codes::forget_known_to(tx, user, device).await?;
    waiting_phones::deny(tx, user).await?;
    end_given(tx, user).await?;
    links::end_adding(tx, user).await
}

/// The sessions of a phone end, and what they made in the Console with them.
async fn end_given(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    if let Some(account) = rights::account_of(tx, user).await? {
        rights::end_all_given(tx, account.key).await?;
    }
    Ok(())
}

/// No browser in which this user has signed in before is a known one.
pub(super) async fn end_known_browsers(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let now = tx.now();
    // The clocks of nodes differ: a later time stays.
    let sql = "UPDATE users SET phone_ended_at = CASE WHEN phone_ended_at > ?2 THEN phone_ended_at ELSE ?2 END WHERE key = ?1";
    tx.execute(sql, &[user.into(), now.into()]).await?;
    Ok(())
}

/// The phone is none of its user's any more, and its sessions end.
async fn take_away(
    tx: &mut Tx<'_>,
    user: UserKey,
    device: DeviceKey,
    noted: Option<PhoneEvent>,
) -> Result<(), StorageError> {
    let own = phones::own(tx, device).await?;
    timeline_rows::end_those_of_device(tx, device).await?;
    tx.execute("DELETE FROM devices WHERE key = ?1", &[device.into()]).await?;
    // Wrong digits that it has brought pause those of the other phones no longer.
    wrong_codes::forget(tx, user).await?;
    // Browsers that it has let in are not known any more.
    end_known_browsers(tx, user).await?;
    if device_rows::of_user(tx, user).await?.is_none() {
        timeline_rows::withdraw_unanswered(tx, user).await?;
    }
    happened(tx, own.whose(user), PhoneEventKind::Removed, noted).await
}
