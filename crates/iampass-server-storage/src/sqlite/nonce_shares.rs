//! The share of the window that each stored nonce takes: a nonce is stored with the id that signed alone.

use std::collections::HashMap;

use iampass_core::UnixSeconds;
use iampass_core::signing::{ForgottenTimes, Share, UsedNonces};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _};

use super::behind;
use crate::counted_to::counted_to;
use crate::{AccountKey, ApplicationKey, CountedTo, NonceShare, StorageError};

/// All nonces that are stored, each with its share. Those of the times `missing` have been deleted.
pub(super) fn used(connection: &Connection, missing: ForgottenTimes) -> Result<UsedNonces, StorageError> {
    let mut whose = Whose::of(connection)?;
    let mut known = HashMap::<String, Share>::new();
    let mut used = UsedNonces::without(missing);
    behind::visit(connection, UnixSeconds(0), |id, nonce, timestamp| {
        let share = match known.get(id) {
            Some(share) => *share,
            None => {
                let share = whose.share(id)?;
                known.insert(id.to_owned(), share);
                share
            }
        };
        used.add_in(share, id, nonce, timestamp);
        Ok(())
    })?;
    Ok(used)
}

/// Looks for the account or application that an id belongs to.
struct Whose<'c> {
    signs_for_application: [CachedStatement<'c>; 2],
    signs_for_phone: [CachedStatement<'c>; 3],
    maker_of_admin_key: CachedStatement<'c>,
}

impl<'c> Whose<'c> {
    fn of(connection: &'c Connection) -> Result<Self, StorageError> {
        Ok(Self {
            signs_for_application: [
                connection.prepare_cached(concat!(
                    "SELECT application_key, ",
                    counted_to!("application_key"),
                    " FROM sessions WHERE token = ?1"
                ))?,
                connection.prepare_cached(concat!(
                    "SELECT key, ",
                    counted_to!("applications.key"),
                    " FROM applications WHERE id = ?1"
                ))?,
            ],
            signs_for_phone: [
                connection.prepare_cached(concat!(
                    "SELECT application_key, ",
                    counted_to!("application_key"),
                    " FROM sessions WHERE request_id = ?1"
                ))?,
                connection.prepare_cached(concat!(
                    "SELECT application_key, ",
                    counted_to!("application_key"),
                    " FROM devices JOIN users ON users.key = devices.user_key WHERE devices.id = ?1"
                ))?,
                connection.prepare_cached(concat!(
                    "SELECT application_key, ",
                    counted_to!("application_key"),
                    " FROM waiting_phones JOIN users ON users.key = waiting_phones.user_key WHERE waiting_phones.id = ?1"
                ))?,
            ],
            maker_of_admin_key: connection
                .prepare_cached("SELECT account_key FROM admin_keys WHERE id = ?1")?,
        })
    }

    fn share(&mut self, id: &str) -> Result<Share, StorageError> {
        if let Some(counted_to) = find(&mut self.signs_for_application, id)? {
            return Ok(NonceShare::Application(counted_to).into());
        }
        if let Some(counted_to) = find(&mut self.signs_for_phone, id)? {
            return Ok(NonceShare::PhonesOf(counted_to).into());
        }
        let maker = self.maker_of_admin_key.query_row([id], |row| row.get::<_, Option<i64>>(0)).optional()?;
        if let Some(maker) = maker {
            return Ok(NonceShare::AdminKeysOf(maker.map(AccountKey)).into());
        }
        // It is gone, and signs nothing any more.
        Ok(Share::of_id(id))
    }
}

fn find(statements: &mut [CachedStatement<'_>], id: &str) -> Result<Option<CountedTo>, StorageError> {
    for statement in statements {
        let found =
            statement.query_row([id], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?))).optional()?;
        if let Some((key, owner)) = found {
            return Ok(Some(CountedTo::of(ApplicationKey(key), owner.map(AccountKey))));
        }
    }
    Ok(None)
}
