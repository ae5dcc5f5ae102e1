//! The traces of an answer beside the state of its session: what it has proven, and what it counts for its user.

use iampass_server_domain::rules::Event;

use super::phone_log::{PhoneEvent, note_phone, note_sign_in};
use super::{Browser, SessionKey, StorageError, Tx, UserKey, denials, wrong_codes};

/// Notes what the answer has proven, or why it let nobody in.
pub(super) async fn note_of_answer(
    tx: &mut Tx<'_>,
    session: SessionKey,
    bits: i64,
) -> Result<(), StorageError> {
    tx.execute_later("UPDATE sessions SET proven = ?2 WHERE key = ?1", &[session.into(), bits.into()]).await
}

/// The traces that a user may have left before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traces {
    /// Whether denials of requests by browsers of this kind are counted. The user's row is locked.
    pub(super) has_denied: bool,
    /// Whether the user may be an account of the Console.
    pub(super) may_be_account: bool,
}

/// A denial is counted, an accepted login ends the count; the count of wrong codes, too, if it brought a right one. A login that failed for want
/// of proof does neither. A report counts for browsers of either kind: the user wants no prompt at all for a while.
pub(super) async fn remember(
    tx: &mut Tx<'_>,
    (user, before): (UserKey, Traces),
    browser: Browser,
    event: Event,
    is_report: bool,
    proves_code: bool,
) -> Result<(), StorageError> {
    match event {
        Event::Denied if is_report => {
            let now = tx.now();
            for browser in [Browser::Known, Browser::Unknown] {
                denials::count(tx, user, browser, true, now).await?;
            }
            note_phone(tx, user, PhoneEvent::Reported).await
        }
        Event::Denied => {
            let now = tx.now();
            match denials::count(tx, user, browser, false, now).await? {
                true => note_phone(tx, user, PhoneEvent::Paused).await,
                false => Ok(()),
            }
        }
        Event::Accepted => {
            if before.has_denied {
                denials::forget(tx, user, browser).await?;
            }
            if proves_code {
                wrong_codes::forget(tx, user).await?;
            }
            match before.may_be_account {
                true => note_sign_in(tx, user).await,
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
