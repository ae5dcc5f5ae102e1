//! Registration links. Only the digest of a code is stored; the name that goes to the phone is stored no longer than the link.

use std::time::Duration;

use iampass_core::UserToken;
use sha2::{Digest as _, Sha256};

use super::{ApplicationKey, Database, SpentNonce, StorageError, Tx, UserKey, devices, users};
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

    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// A link that is to be made: for whom, and until when.
#[derive(Clone)]
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
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let Some(user) = users::lock(tx, link.application, &link.user).await? else {
                    return Ok(false);
                };
                store(tx, user, &link, &code).await?;
                Ok(true)
            })
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
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let Some(user) = users::lock(tx, link.application, &link.user).await? else {
                    return Ok(None);
                };
                devices::remove_of_user(tx, user).await?;
                store(tx, user, &link, &code).await?;
                Ok(Some(user))
            })
        })
        .await
    }
}

/// Stores a link for a user whose row is locked.
pub(super) async fn store(
    tx: &mut Tx<'_>,
    user: UserKey,
    link: &NewLink,
    code: &LinkCode,
) -> Result<(), StorageError> {
    let expires_at = tx.now().plus(link.lifetime);
    tx.execute(
        "INSERT INTO links (user_key, code_sha256, display_name, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_key) DO UPDATE SET code_sha256 = ?2, display_name = ?3, expires_at = ?4",
        &[
            user.into(),
            code.digest().as_slice().into(),
            link.display_name.as_deref().into(),
            expires_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Uses a link up and locks its user: whose it was, and the name for the phone. None when it is not valid (any more).
pub(super) async fn redeem(
    tx: &mut Tx<'_>,
    code: &LinkCode,
) -> Result<Option<(UserKey, Option<String>)>, StorageError> {
    let digest = code.digest();
    // The user is locked before the link is taken, as everywhere; and then it may be another's turn that took it.
    // Those of a deleted application go one after the other; until then they are there, and good for nothing.
    let sql = "SELECT l.user_key FROM links l JOIN users u ON u.key = l.user_key JOIN applications a ON a.key = u.application_key
               WHERE l.code_sha256 = ?1 AND a.hidden < 2";
    let Some(found) = tx.query_one(sql, &[digest.as_slice().into()]).await? else { return Ok(None) };
    users::lock_key(tx, found.key(0)?).await?;
    let sql = "DELETE FROM links WHERE code_sha256 = ?1 RETURNING user_key, display_name, expires_at";
    let Some(taken) = tx.query_one(sql, &[digest.as_slice().into()]).await? else { return Ok(None) };
    if taken.seconds(2)? <= tx.now() {
        return Ok(None);
    }
    Ok(Some((taken.key(0)?, taken.optional_text(1)?.map(str::to_owned))))
}
