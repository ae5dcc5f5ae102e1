//! The lines of the audit log about phones, and about accounts of the Console that sign in.

use iampass_server_domain::OWN_APPLICATION;

use super::audit::{Noted, note};
use super::console::rights;
use super::{StorageError, Tx, UserKey, applications, users};

/// The change to a user's phone.
#[derive(Clone, Copy, Debug)]
pub(super) enum PhoneEvent {
    Registered,
    Replaced,
    /// It has signed itself off.
    Removed,
    /// The application says that it is lost.
    Lost,
    /// Its user says that somebody else has asked.
    Reported,
    /// It has denied again: for a while the user is asked no more.
    Paused,
    /// It can prove from now on that it was unlocked.
    UnlockRegistered,
    /// It was added, and waits to be confirmed.
    Waits,
    /// A phone of the user has confirmed it.
    Confirmed,
    /// A recovery code has confirmed it.
    Recovered,
    /// It was not let in.
    Denied,
    /// It has made recovery codes.
    CodesMade,
    /// It has made a link for one more phone.
    LinkMade,
    /// A recovery code was used up for a link for one more phone.
    CodeUsed,
}

impl PhoneEvent {
    /// The word for a user of an application, and for an account of the Console.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Registered => ("phone.registered", "account.phone-registered"),
            Self::Replaced => ("phone.replaced", "account.phone-replaced"),
            Self::Removed => ("phone.removed", "account.phone-removed"),
            Self::Lost => ("phone.lost", "account.phone-removed"),
            Self::Reported => ("login.reported", "account.login-reported"),
            Self::Paused => ("login.paused", "account.login-paused"),
            Self::UnlockRegistered => ("phone.unlock-registered", "account.phone-unlock-registered"),
            Self::Waits => ("phone.waits", "account.phone-waits"),
            Self::Confirmed => ("phone.confirmed", "account.phone-confirmed"),
            Self::Recovered => ("phone.recovered", "account.phone-recovered"),
            Self::Denied => ("phone.denied", "account.phone-denied"),
            Self::CodesMade => ("phone.recovery-codes-made", "account.phone-recovery-codes-made"),
            Self::LinkMade => ("phone.link-made", "account.phone-link-made"),
            Self::CodeUsed => ("phone.recovery-code-used", "account.phone-recovery-code-used"),
        }
    }

    const fn actor(self) -> &'static str {
        match self {
            Self::Lost | Self::CodeUsed => "application",
            _ => "phone",
        }
    }
}

/// Writes down what becomes of a user's phone by the APIs. The user of an account is named by the account, also while that is disabled: the Console's own
/// application stands in no entry, since keys that read the entries about applications must not read those about accounts.
pub(super) async fn note_phone(
    tx: &mut Tx<'_>,
    user: UserKey,
    event: PhoneEvent,
) -> Result<(), StorageError> {
    let (of_user, of_account) = event.words();
    let noted = match rights::any_account_of(tx, user).await? {
        Some(account) => Noted {
            actor: account.name.clone(),
            application: None,
            action: of_account,
            subject: Some(account.name),
        },
        None => {
            let (application, id) = users::identity(tx, user).await?;
            let (application, _) = applications::id_and_name(tx, application).await?;
            Noted {
                actor: event.actor().to_owned(),
                application: Some(application.to_string()).filter(|id| id != OWN_APPLICATION),
                action: of_user,
                subject: Some(id.to_string()),
            }
        }
    };
    note(tx, &noted).await
}

/// Writes down that an account of the Console has signed in, if the user is one.
pub(super) async fn note_sign_in(tx: &mut Tx<'_>, user: UserKey) -> Result<(), StorageError> {
    let sql = "INSERT INTO audit (at, application_id, actor, action, subject)
               SELECT CAST(?2 AS BIGINT), CAST(NULL AS TEXT), a.name, 'account.signed-in', a.name
               FROM users u JOIN console_tokens t ON t.token = u.id JOIN accounts a ON a.key = t.user_id
               JOIN applications p ON p.key = u.application_key AND p.hidden = 1
               WHERE u.key = ?1 AND a.disabled_at IS NULL";
    tx.execute_later(sql, &[user.into(), tx.now().into()]).await
}
