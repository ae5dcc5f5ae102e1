//! Registration links. Only the digest of a code is stored; the name that goes to the phone is stored no longer than the link.

use std::time::Duration;

use iampass_core::{UnixSeconds, UserToken};
use iampass_server_domain::random;
use iampass_server_domain::rules::{Act, may};
use sha2::{Digest as _, Sha256};

use super::console::{is_good_admin_key, rights};
use super::phone_log::{PhoneEvent, note_phone};
use super::{
    AccountKey, AdminKeyRow, ApplicationKey, Database, SpentNonce, StorageError, Tx, UserKey, device_rows,
    devices, users,
};

/// The code of a link, as it stands in its URL. Its holder can register a phone: it is not printed.
#[derive(Clone)]
pub struct LinkCode(String);

impl LinkCode {
    /// 128 random bits.
    pub fn draw() -> Result<Self, StorageError> {
        Ok(Self(random::hexadecimal::<16>()?))
    }

    /// A code that a phone brings.
    pub fn presented(code: &str) -> Self {
        Self(code.to_owned())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

/// A link that is to be made: for whom, and until when.
#[derive(Clone)]
pub struct NewLink {
    /// The application of the user.
    pub application: ApplicationKey,
    /// The user that the phone is registered for.
    pub user: UserToken,
    /// How the phone shows the user.
    pub display_name: Option<String>,
    /// How long it is good for.
    pub lifetime: Duration,
}

/// The effect of a used link on the phones that the user has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The new phone takes their place.
    Replaces,
    /// The new phone waits to be confirmed, and they stay.
    Adds,
    /// The new phone is confirmed by the recovery code that the link was made for, and they stay.
    Recovers,
}

impl LinkKind {
    /// The column `adds`.
    const fn column(self) -> i64 {
        match self {
            Self::Replaces => 0,
            Self::Adds => 1,
            Self::Recovers => 2,
        }
    }

    /// A number that this version does not know is of a link that adds: its phone waits.
    const fn from_column(adds: i64) -> Self {
        match adds {
            0 => Self::Replaces,
            2 => Self::Recovers,
            _ => Self::Adds,
        }
    }
}

/// The outcome of saying that a phone is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceLost {
    /// The user has no phone any more, and the link is good.
    Removed,
    /// A phone of the user was registered, used or removed since it was said, so it is not lost, or is gone already. Nothing has changed.
    InUse,
    /// The application has no such user.
    UnknownUser,
}

impl Database {
    /// Whether there is such a link. It may have ended, and be gone a moment later.
    pub async fn has_link(&self, code: &LinkCode) -> Result<bool, StorageError> {
        let digest = code.digest();
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT user_key FROM links WHERE code_sha256 = ?1";
                Ok(tx.query_one(sql, &[digest.as_slice().into()]).await?.is_some())
            })
        })
        .await
    }

    /// Stores a new link for a user in place of an earlier one; false when there is no such user.
    pub async fn make_link(
        &self,
        link: NewLink,
        code: LinkCode,
        spent: SpentNonce,
    ) -> Result<bool, StorageError> {
        self.make_link_of_kind(link, code, LinkKind::Replaces, spent).await
    }

    /// The same for a link of this kind.
    pub async fn make_link_of_kind(
        &self,
        link: NewLink,
        code: LinkCode,
        kind: LinkKind,
        spent: SpentNonce,
    ) -> Result<bool, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let Some(user) = users::lock(tx, link.application, &link.user).await? else {
                    return Ok(false);
                };
                store(tx, user, &link, &code, None, kind).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Removes the user's phones, ends their sessions, and stores a new link. With `asked_at`, the time at which somebody has said that the phone is
    /// lost, nothing is done where a phone of the user was registered or did something after that, or the user has none.
    pub async fn lose_device(
        &self,
        link: NewLink,
        code: LinkCode,
        asked_at: Option<UnixSeconds>,
        spent: SpentNonce,
    ) -> Result<DeviceLost, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let Some(user) = users::lock(tx, link.application, &link.user).await? else {
                    return Ok(DeviceLost::UnknownUser);
                };
                if let Some(asked_at) = asked_at
                    && !is_lost_since(tx, user, asked_at).await?
                {
                    return Ok(DeviceLost::InUse);
                }
                if device_rows::of_user(tx, user).await?.is_some() {
                    note_phone(tx, user, PhoneEvent::Lost).await?;
                }
                devices::remove_of_user(tx, user).await?;
                store(tx, user, &link, &code, None, LinkKind::Replaces).await?;
                let sql = "UPDATE links SET lost_asked_at = ?2 WHERE user_key = ?1";
                tx.execute(sql, &[user.into(), asked_at.into()]).await?;
                Ok(DeviceLost::Removed)
            })
        })
        .await
    }
}

/// Whether the user's phones were there at this time, and none has done anything since. Or they are gone by this very call, whose answer was lost.
async fn is_lost_since(tx: &mut Tx<'_>, user: UserKey, asked_at: UnixSeconds) -> Result<bool, StorageError> {
    if device_rows::of_user(tx, user).await?.is_none() {
        let sql = "SELECT user_key FROM links WHERE user_key = ?1 AND lost_asked_at = ?2";
        return Ok(tx.query_one(sql, &[user.into(), asked_at.into()]).await?.is_some());
    }
    Ok(!device_rows::is_any_used_after(tx, user, asked_at).await?)
}

/// Stores a link for a user whose row is locked. One with a maker is good for as long as that account may make it.
pub(super) async fn store(
    tx: &mut Tx<'_>,
    user: UserKey,
    link: &NewLink,
    code: &LinkCode,
    maker: Option<AccountKey>,
    kind: LinkKind,
) -> Result<(), StorageError> {
    let expires_at = tx.now().plus(link.lifetime);
    let display_name = link.display_name.clone();
    let redeemed = Redeemed { user, display_name, expires_at, maker, admin_key: None, kind };
    put_back(tx, code, &redeemed).await
}

/// Stores a link as it was, for a user whose row is locked.
pub(super) async fn put_back(tx: &mut Tx<'_>, code: &LinkCode, link: &Redeemed) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO links (user_key, code_sha256, display_name, expires_at, maker_key, adds, admin_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (user_key) DO UPDATE
             SET code_sha256 = ?2, display_name = ?3, expires_at = ?4, maker_key = ?5, adds = ?6, admin_key = ?7, lost_asked_at = NULL",
        &[
            link.user.into(),
            code.digest().as_slice().into(),
            link.display_name.as_deref().into(),
            link.expires_at.into(),
            link.maker.map(|maker| maker.0).into(),
            link.kind.column().into(),
            link.admin_key.map(|key| key.0).into(),
        ],
    )
    .await?;
    Ok(())
}

/// The link of a user, which was stored just now, was made by this key: it is good for as long as the key is.
pub(super) async fn is_of_admin_key(
    tx: &mut Tx<'_>,
    user: UserKey,
    key: AdminKeyRow,
) -> Result<(), StorageError> {
    tx.execute("UPDATE links SET admin_key = ?2 WHERE user_key = ?1", &[user.into(), key.into()]).await?;
    Ok(())
}

/// A link that a recovery code was exchanged for ends with the codes.
pub(super) async fn end_recovering(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let values = [user.into(), LinkKind::Recovers.column().into()];
    tx.execute("DELETE FROM links WHERE user_key = ?1 AND adds = ?2", &values).await?;
    Ok(())
}

/// A link by which a phone would be added ends with the phone that has made it, or another one.
pub(super) async fn end_adding(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    tx.execute("DELETE FROM links WHERE user_key = ?1 AND adds <> 0", &[user.into()]).await?;
    Ok(())
}

/// A link that was used up; its user's row is locked.
pub(super) struct Redeemed {
    /// The user whose phone is registered by it.
    pub(super) user: UserKey,
    /// The name for the phone.
    pub(super) display_name: Option<String>,
    /// When it would have ended.
    pub(super) expires_at: UnixSeconds,
    /// The account that made it.
    pub(super) maker: Option<AccountKey>,
    /// The key of the Admin API by which it was made.
    pub(super) admin_key: Option<AdminKeyRow>,
    /// The effect on the phones that the user has.
    pub(super) kind: LinkKind,
}

/// Uses a link up and locks its user. None when it is not valid (any more).
pub(super) async fn redeem(tx: &mut Tx<'_>, code: &LinkCode) -> Result<Option<Redeemed>, StorageError> {
    let digest = code.digest();
    // The user is locked before the link is taken, as everywhere; and then it may be another's turn that took it.
    // Those of a deleted application go one after the other; until then they are there, and good for nothing.
    let sql = "SELECT l.user_key, u.application_key, a.hidden FROM links l JOIN users u ON u.key = l.user_key
               JOIN applications a ON a.key = u.application_key WHERE l.code_sha256 = ?1 AND a.hidden < 2";
    let Some(found) = tx.query_one(sql, &[digest.as_slice().into()]).await? else { return Ok(None) };
    let is_the_consoles = found.integer(2)? == 1;
    if is_the_consoles {
        // Before its user, as everywhere: links that the account made may end with its phone.
        rights::lock_account_of(tx, found.key(0)?).await?;
    }
    users::lock_key(tx, found.key(0)?).await?;
    let sql = "DELETE FROM links WHERE code_sha256 = ?1 RETURNING user_key, display_name, expires_at, maker_key, adds, admin_key";
    let Some(taken) = tx.query_one(sql, &[digest.as_slice().into()]).await? else { return Ok(None) };
    if taken.seconds(2)? <= tx.now() {
        return Ok(None);
    }
    let (user, maker) = (taken.key(0)?, taken.optional_key::<AccountKey>(3)?);
    let is_the_consoles = found.integer(2)? == 1;
    if is_the_consoles {
        // A phone of an account that is gone or disabled would be there when it is enabled again.
        let Some(account) = rights::account_of(tx, user).await? else { return Ok(None) };
        if maker.is_some_and(|maker| maker != account.key) {
            return Ok(None);
        }
    } else if let Some(maker) = maker {
        let standing = rights::standing(tx, maker, found.key(1)?).await?;
        if !standing.is_some_and(|standing| may(standing, Act::ManageDevices)) {
            return Ok(None);
        }
    }
    let admin_key = taken.optional_key(5)?;
    if let Some(key) = admin_key
        && !is_good_admin_key(tx, key).await?
    {
        return Ok(None);
    }
    let kind = LinkKind::from_column(taken.integer(4)?);
    let display_name = taken.optional_text(1)?.map(str::to_owned);
    Ok(Some(Redeemed { user, display_name, expires_at: taken.seconds(2)?, maker, admin_key, kind }))
}

impl std::fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkCode").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for NewLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewLink").finish_non_exhaustive()
    }
}
