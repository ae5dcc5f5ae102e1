//! Changing the master key: every seal of a previous key is opened and made anew with the current one, while services run.
//!
//! Belongs here: which columns hold seals. A table with a new one is added to [`COLUMNS`], or its seals die with their key.

use super::{Database, Sealed, StorageError};

struct Column {
    kind: Sealed,
    /// Key, owner and seal of rows after a key, in order.
    select: &'static str,
    /// Replaces a seal, if it is still the one that was read.
    update: &'static str,
}

const COLUMNS: &[Column] = &[
    Column {
        kind: Sealed::Application,
        select: "SELECT key, id, secret FROM applications WHERE key > ?1 AND hidden < 2 ORDER BY key LIMIT ?2",
        update: "UPDATE applications SET secret = ?3 WHERE key = ?1 AND secret = ?2",
    },
    Column {
        kind: Sealed::Application,
        select: "SELECT key, id, previous_secret FROM applications
                 WHERE key > ?1 AND previous_secret IS NOT NULL ORDER BY key LIMIT ?2",
        update: "UPDATE applications SET previous_secret = ?3 WHERE key = ?1 AND previous_secret = ?2",
    },
    Column {
        kind: Sealed::Device,
        select: "SELECT key, id, secret FROM devices WHERE key > ?1 ORDER BY key LIMIT ?2",
        update: "UPDATE devices SET secret = ?3 WHERE key = ?1 AND secret = ?2",
    },
    Column {
        kind: Sealed::Device,
        select: "SELECT user_key, id, secret FROM waiting_phones WHERE user_key > ?1 ORDER BY user_key LIMIT ?2",
        update: "UPDATE waiting_phones SET secret = ?3 WHERE user_key = ?1 AND secret = ?2",
    },
    Column {
        kind: Sealed::Session,
        select: "SELECT key, token, secret FROM sessions WHERE key > ?1 ORDER BY key LIMIT ?2",
        update: "UPDATE sessions SET secret = ?3 WHERE key = ?1 AND secret = ?2",
    },
    Column {
        kind: Sealed::Question,
        select: "SELECT key, request_id, request_secret FROM sessions WHERE key > ?1 ORDER BY key LIMIT ?2",
        update: "UPDATE sessions SET request_secret = ?3 WHERE key = ?1 AND request_secret = ?2",
    },
    Column {
        kind: Sealed::UnlockChallenge,
        select: "SELECT key, request_id, unlock_challenge FROM sessions
                 WHERE key > ?1 AND unlock_challenge IS NOT NULL ORDER BY key LIMIT ?2",
        update: "UPDATE sessions SET unlock_challenge = ?3 WHERE key = ?1 AND unlock_challenge = ?2",
    },
    Column {
        kind: Sealed::UnlockRegistration,
        select: "SELECT r.device_key, d.id, r.state FROM unlock_registrations r JOIN devices d ON d.key = r.device_key
                 WHERE r.device_key > ?1 ORDER BY r.device_key LIMIT ?2",
        update: "UPDATE unlock_registrations SET state = ?3 WHERE device_key = ?1 AND state = ?2",
    },
    Column {
        kind: Sealed::Delivery,
        select: "SELECT key, id, contents FROM deliveries WHERE key > ?1 AND contents IS NOT NULL ORDER BY key LIMIT ?2",
        update: "UPDATE deliveries SET contents = ?3 WHERE key = ?1 AND contents = ?2",
    },
    Column {
        kind: Sealed::EventEndpoint,
        select: "SELECT application_key, id, secret FROM event_endpoints WHERE application_key > ?1 ORDER BY application_key LIMIT ?2",
        update: "UPDATE event_endpoints SET secret = ?3 WHERE application_key = ?1 AND secret = ?2",
    },
    Column {
        kind: Sealed::EventEndpoint,
        select: "SELECT application_key, id, previous_secret FROM event_endpoints
                 WHERE application_key > ?1 AND previous_secret IS NOT NULL ORDER BY application_key LIMIT ?2",
        update: "UPDATE event_endpoints SET previous_secret = ?3 WHERE application_key = ?1 AND previous_secret = ?2",
    },
    Column {
        kind: Sealed::Subscription,
        select: "SELECT key, id, address FROM push_subscriptions WHERE key > ?1 ORDER BY key LIMIT ?2",
        update: "UPDATE push_subscriptions SET address = ?3 WHERE key = ?1 AND address = ?2",
    },
    Column {
        kind: Sealed::AdminKey,
        select: "SELECT key, id, secret FROM admin_keys WHERE key > ?1 ORDER BY key LIMIT ?2",
        update: "UPDATE admin_keys SET secret = ?3 WHERE key = ?1 AND secret = ?2",
    },
];

/// Rows of one transaction.
const AT_ONCE: i64 = 500;

impl Database {
    /// Seals everything with the current master key; how many seals were made anew. After it has returned 0 the previous keys can go.
    pub async fn reseal(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<u64, StorageError> {
        let mut resealed = self.reseal_settings().await?;
        for column in COLUMNS {
            let mut after = 0;
            loop {
                let (last, done) = self.reseal_some(column, after).await?;
                resealed += done;
                progress(resealed);
                match last {
                    Some(last) => after = last,
                    None => break,
                }
            }
        }
        Ok(resealed)
    }

    async fn reseal_some(
        &self,
        column: &'static Column,
        after: i64,
    ) -> Result<(Option<i64>, u64), StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let rows = tx.query(column.select, &[after.into(), AT_ONCE.into()]).await?;
                let (mut last, mut done) = (None, 0);
                for row in &rows {
                    let (key, sealed) = (row.integer(0)?, row.bytes(2)?);
                    last = Some(key);
                    if tx.sealer().is_current(sealed) {
                        continue;
                    }
                    let secret = tx.open(column.kind, row.text(1)?, sealed)?;
                    let anew = tx.seal(column.kind, row.text(1)?, secret.expose())?;
                    done += tx.execute(column.update, &[key.into(), sealed.into(), (&anew).into()]).await?;
                }
                Ok((last, done))
            })
        })
        .await
    }

    async fn reseal_settings(&self) -> Result<u64, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                let mut done = 0;
                for row in tx.query("SELECT name, value FROM settings", &[]).await? {
                    let (name, sealed) = (row.text(0)?, row.bytes(1)?);
                    if tx.sealer().is_current(sealed) {
                        continue;
                    }
                    let value = tx.open(Sealed::Setting, name, sealed)?;
                    let anew = tx.seal(Sealed::Setting, name, value.expose())?;
                    done += tx
                        .execute(
                            "UPDATE settings SET value = ?3 WHERE name = ?1 AND value = ?2",
                            &[name.into(), sealed.into(), (&anew).into()],
                        )
                        .await?;
                }
                Ok(done)
            })
        })
        .await
    }
}
