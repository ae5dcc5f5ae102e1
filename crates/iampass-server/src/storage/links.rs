//! Registration links. Only the digest of a code is stored; the name that goes to the phone is stored no longer than the link.

use std::time::Duration;

use iampass_core::{UnixSeconds, UserToken};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use super::nonces::seconds;
use super::{ApplicationKey, Database, SpentNonce, StorageError, UserKey, devices, users};
use crate::random;

/// The code of a link, as it stands in its URL. Whoever has it can register a phone: it is not printed.
#[derive(Clone)]
pub(crate) struct LinkCode(String);

impl LinkCode {
    /// 128 random bits.
    pub(crate) fn draw() -> Result<Self, StorageError> {
        Ok(Self(random::hexadecimal::<16>()?))
    }

    /// A code that a phone brings.
    pub(crate) fn presented(code: &str) -> Self {
        Self(code.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// A link that is to be made: for whom, and until when.
pub(crate) struct NewLink {
    pub(crate) application: ApplicationKey,
    pub(crate) user: UserToken,
    pub(crate) display_name: Option<String>,
    pub(crate) lifetime: Duration,
}

impl Database {
    /// Stores a new link for a user in place of an earlier one; false when there is no such user.
    pub(crate) async fn make_link(
        &self,
        link: NewLink,
        code: LinkCode,
        spent: SpentNonce,
    ) -> Result<bool, StorageError> {
        self.write_spending(spent, move |connection, now| {
            let Some(user) = users::find(connection, link.application, &link.user)? else {
                return Ok(false);
            };
            store(connection, user, &link, &code, now)?;
            Ok(true)
        })
        .await
    }

    /// Removes the user's phone, ends its sessions, and stores a new link; None when there is no such user.
    pub(crate) async fn lose_device(
        &self,
        link: NewLink,
        code: LinkCode,
        spent: SpentNonce,
    ) -> Result<Option<UserKey>, StorageError> {
        self.write_spending(spent, move |connection, now| {
            let Some(user) = users::find(connection, link.application, &link.user)? else {
                return Ok(None);
            };
            devices::remove_of_user(connection, user, now)?;
            store(connection, user, &link, &code, now)?;
            Ok(Some(user))
        })
        .await
    }

    /// Deletes links that nobody used in time, and the names with them.
    pub(crate) async fn purge_links(&self) -> Result<(), StorageError> {
        self.write(|connection, now| {
            connection.prepare_cached("DELETE FROM links WHERE expires_at <= ?1")?.execute([seconds(now)])?;
            Ok(())
        })
        .await
    }
}

fn store(
    connection: &Connection,
    user: UserKey,
    link: &NewLink,
    code: &LinkCode,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO links (user, code_sha256, display_name, expires_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (user) DO UPDATE SET code_sha256 = ?2, display_name = ?3, expires_at = ?4",
        )?
        .execute(params![user, code.digest(), link.display_name, seconds(now.plus(link.lifetime))])?;
    Ok(())
}

/// Uses a link up: whose it was, and the name for the phone. None when it is not valid (any more).
pub(super) fn redeem(
    connection: &Connection,
    code: &LinkCode,
    now: UnixSeconds,
) -> Result<Option<(UserKey, Option<String>)>, StorageError> {
    let found = connection
        .prepare_cached("DELETE FROM links WHERE code_sha256 = ?1 RETURNING user, display_name, expires_at")?
        .query_row([code.digest()], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?)))
        .optional()?;
    Ok(found.filter(|&(_, _, expires_at)| expires_at > seconds(now)).map(|(user, name, _)| (user, name)))
}
