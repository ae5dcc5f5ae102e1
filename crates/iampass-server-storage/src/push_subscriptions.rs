//! Where phones are pushed to.
//!
//! A phone has one place at most; another one takes its place. The address that a push service knows the phone by is sealed: it is enough to wake the phone.
//!
//! Belongs here: keeping the places. Does not belong here: what is sent there ([`super::pushes`]).

use aws_lc_rs::digest::{SHA256, digest};
use iampass_core::{DeviceId, Secret, UnixSeconds};
use iampass_server_domain::push::PushService;
use iampass_server_domain::random;

use super::{Database, DeviceKey, Sealed, StorageError, Tx};

/// Where a phone wants to be pushed to.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The way.
    pub service: PushService,
    /// The key of this service that it was made for; browsers have one.
    pub vapid_key: Option<String>,
    /// The address that the push service knows the phone by.
    pub address: Secret,
}

/// The outcome of subscribing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscribeOutcome {
    /// The phone is pushed to there from now on.
    Subscribed,
    /// The phone is pushed to nowhere from now on.
    Unsubscribed,
    /// The push service has said that the phone has left this very place. The phone has to subscribe anew.
    Gone,
    /// The phone is not registered any more.
    UnknownDevice,
}

impl Database {
    /// Takes over where a phone is pushed to; None: nowhere.
    pub async fn subscribe(
        &self,
        device: DeviceId,
        new: Option<NewSubscription>,
    ) -> Result<SubscribeOutcome, StorageError> {
        self.write(move |tx| Box::pin(async move { subscribe(tx, &device, new.as_ref()).await })).await
    }

    /// The keys of this service for which there are subscriptions.
    pub async fn used_vapid_keys(&self) -> Result<Vec<String>, StorageError> {
        self.read(|tx| {
            Box::pin(async move {
                let sql = "SELECT DISTINCT vapid_key FROM push_subscriptions WHERE vapid_key IS NOT NULL AND gone_at IS NULL";
                tx.query(sql, &[]).await?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
            })
        })
        .await
    }
}

async fn subscribe(
    tx: &mut Tx<'_>,
    device: &DeviceId,
    new: Option<&NewSubscription>,
) -> Result<SubscribeOutcome, StorageError> {
    let sql = "SELECT key FROM devices WHERE id = ?1 /*lock*/";
    let Some(row) = tx.query_one(sql, &[device.as_str().into()]).await? else {
        return Ok(SubscribeOutcome::UnknownDevice);
    };
    let device: DeviceKey = row.key(0)?;
    let Some(new) = new else {
        withdraw(tx, device).await?;
        // A place that the phone has left stays known: a browser may give it once more.
        let sql = "DELETE FROM push_subscriptions WHERE device_key = ?1 AND gone_at IS NULL";
        tx.execute(sql, &[device.into()]).await?;
        return Ok(SubscribeOutcome::Unsubscribed);
    };
    let address_digest = digest(&SHA256, new.address.expose().as_bytes());
    let address_digest = address_digest.as_ref();
    let sql =
        "SELECT vapid_key, gone_at FROM push_subscriptions WHERE device_key = ?1 AND address_sha256 = ?2";
    if let Some(row) = tx.query_one(sql, &[device.into(), address_digest.into()]).await? {
        if row.optional_seconds(1)?.is_some() {
            return Ok(SubscribeOutcome::Gone);
        }
        if row.optional_text(0)? == new.vapid_key.as_deref() {
            // The phone says at each opening where it is.
            return Ok(SubscribeOutcome::Subscribed);
        }
    }
    withdraw(tx, device).await?;
    tx.execute("DELETE FROM push_subscriptions WHERE device_key = ?1", &[device.into()]).await?;
    let id = random::hexadecimal::<16>()?;
    let address = tx.seal(Sealed::Subscription, &id, new.address.expose())?;
    let now: UnixSeconds = tx.now();
    tx.execute(
        "INSERT INTO push_subscriptions (id, device_key, service, vapid_key, address, address_sha256, made_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            (&id).into(),
            device.into(),
            new.service.as_str().into(),
            new.vapid_key.as_deref().into(),
            (&address).into(),
            address_digest.into(),
            now.into(),
        ],
    )
    .await?;
    Ok(SubscribeOutcome::Subscribed)
}

/// Pushes that wait for the place of a phone end.
async fn withdraw(tx: &mut Tx<'_>, device: DeviceKey) -> Result<(), StorageError> {
    let now = tx.now();
    tx.execute(
        "UPDATE pushes SET state = 'withdrawn', ended_at = ?2, leased_until = NULL WHERE state = 'waiting' AND subscription_key IN
             (SELECT key FROM push_subscriptions WHERE device_key = ?1)",
        &[device.into(), now.into()],
    )
    .await?;
    Ok(())
}
