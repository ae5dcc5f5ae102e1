//! Denials in a row of a user's requests, by kind of browser. A user who has denied none since the last accepted login has no row.
//!
//! Belongs here: counting and forgetting them. Does not belong here: which pause follows ([`iampass_server_domain::rules::Denials`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::Denials;

use super::{Row, StorageError, Tx, UserKey};

/// The browsers whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// The application says that the user has signed in from it before.
    Known,
    /// All others.
    Unknown,
}

impl Browser {
    /// By whether the application knows the browser.
    pub const fn from_known(is_known: bool) -> Self {
        if is_known { Self::Known } else { Self::Unknown }
    }

    /// The column `known_browser`.
    pub(super) const fn column(self) -> i64 {
        match self {
            Self::Known => 1,
            Self::Unknown => 0,
        }
    }

    pub(super) const fn from_column(value: i64) -> Self {
        Self::from_known(value != 0)
    }
}

/// How long starts of a user are still paused, by the columns `in_a_row` and `last_at`, which follow each other and are null where nothing was denied. None
/// when they are not.
pub(super) fn pause_left(
    row: &Row,
    in_a_row: usize,
    now: UnixSeconds,
) -> Result<Option<Duration>, StorageError> {
    let Some(number) = row.optional_integer(in_a_row)? else { return Ok(None) };
    let denials = Denials { in_a_row: number.unsigned_abs(), last_at: row.seconds(in_a_row + 1)? };
    Ok(denials.pause_left(now))
}

/// One more denial; whether a pause follows. The user's row is locked. A report counts as several for the pause, and as the one denial that it is in
/// `denied`, which operators are told of.
pub(super) async fn count(
    tx: &mut Tx<'_>,
    user: UserKey,
    browser: Browser,
    is_report: bool,
    now: UnixSeconds,
) -> Result<bool, StorageError> {
    let sql = "SELECT in_a_row FROM denials WHERE user_key = ?1 AND known_browser = ?2";
    let row = tx.query_one(sql, &[user.into(), browser.column().into()]).await?;
    let before = row.map(|row| row.integer(0)).transpose()?.unwrap_or_default().unsigned_abs();
    let counted = Denials { in_a_row: Denials::counted(before, is_report), last_at: now };
    let in_a_row = i64::try_from(counted.in_a_row).unwrap_or(i64::MAX);
    let sql =
        "INSERT INTO denials (user_key, known_browser, in_a_row, last_at, denied) VALUES (?1, ?2, ?3, ?4, 1)
               ON CONFLICT (user_key, known_browser) DO UPDATE
               SET in_a_row = excluded.in_a_row, last_at = excluded.last_at, denied = denials.denied + 1";
    tx.execute(sql, &[user.into(), browser.column().into(), in_a_row.into(), now.into()]).await?;
    Ok(counted.pause_left(now).is_some())
}

/// A login was accepted: the next denial is the first one again.
pub(super) async fn forget(tx: &mut Tx<'_>, user: UserKey, browser: Browser) -> Result<(), StorageError> {
    let sql = "DELETE FROM denials WHERE user_key = ?1 AND known_browser = ?2";
    tx.execute_later(sql, &[user.into(), browser.column().into()]).await
}
