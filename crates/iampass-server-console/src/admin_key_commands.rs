//! Keys of the Admin API, as commands and pages make them. Belongs here: the steps that both share, and the sentences of the commands. Does not belong here:
//! whether a key is good (the store).

use iampass_core::Secret;
use iampass_server_domain::credentials::draw_admin_key;
use iampass_server_domain::rules::{InvalidKey, Scopes, key_lifetime, key_name};
use iampass_server_storage::{Actor, AdminKey, AdminKeyMade, Database, NewAdminKey, Noted, StorageError};

use super::error::ConsoleError;
use super::moment::Moment;
use super::speech::Speech;
use iampass_core::UnixSeconds;

/// A key that is asked for, as it was written.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// Its name: what it is for.
    pub name: &'a str,
    /// The words of its scopes.
    pub scopes: &'a [String],
    /// The id of the only application that it may be used for.
    pub application: Option<&'a str>,
    /// How many days it is good.
    pub days: u64,
}

/// A key that was made, with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct MadeKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

/// Why a key was not made.
#[derive(Debug)]
pub(super) enum NotMade {
    /// The wish is not good.
    Invalid(InvalidKey),
    /// There is no such application.
    NoSuchApplication,
    /// There are as many as can be.
    TooMany,
    /// The store did not.
    Store(StorageError),
}

impl From<InvalidKey> for NotMade {
    fn from(invalid: InvalidKey) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<StorageError> for NotMade {
    fn from(error: StorageError) -> Self {
        Self::Store(error)
    }
}

/// Makes a key. `actor` is how the log names whoever makes it.
pub(super) async fn make(
    database: &Database,
    asked: NewKey<'_>,
    by: Actor,
    actor: &str,
) -> Result<MadeKey, NotMade> {
    let name = key_name(asked.name)?;
    let scopes = Scopes::of_words(asked.scopes.iter().map(String::as_str))?;
    let lifetime = key_lifetime(asked.days)?;
    if asked.application.is_some() {
        scopes.of_one_application()?;
    }
    let (id, secret) = draw_admin_key().map_err(StorageError::from)?;
    let of = asked
        .application
        .map_or_else(|| "all applications".to_owned(), |only| format!("the application {only}"));
    let subject = Some(format!("{id} ({name}): {}, for {of}, for {} days", scopes.words(), asked.days));
    let noted = noted(actor, "admin-key.made", subject);
    let application = asked.application.map(str::to_owned);
    let new = NewAdminKey { id: id.clone(), secret: secret.clone(), name, scopes, application, lifetime };
    match database.make_admin_key(new, by, noted).await? {
        AdminKeyMade::Made => Ok(MadeKey { id, secret }),
        AdminKeyMade::NoSuchApplication => Err(NotMade::NoSuchApplication),
        AdminKeyMade::TooMany => Err(NotMade::TooMany),
        // The name, the scopes and the lifetime are good: this is a rule that is newer than this code.
        _ => Err(NotMade::Invalid(InvalidKey::ScopeOfService)),
    }
}

/// Revokes a key; false when there is none with this id that was not revoked.
pub(super) async fn revoke(
    database: &Database,
    id: &str,
    by: Actor,
    actor: &str,
) -> Result<bool, StorageError> {
    let noted = noted(actor, "admin-key.revoked", Some(id.to_owned()));
    database.revoke_admin_key(id.to_owned(), by, noted).await
}

fn noted(actor: &str, action: &'static str, subject: Option<String>) -> Noted {
    Noted { actor: actor.to_owned(), application: None, action, subject }
}

/// The actor of what is done by commands.
const COMMAND_LINE: &str = "command line";

/// Makes a key by a command: it stands for the operator, and has no account whose right could end.
///
/// # Errors
/// [`ConsoleError::Settings`] when what is asked for is not good.
pub async fn make_key_for_command(database: &Database, asked: NewKey<'_>) -> Result<MadeKey, ConsoleError> {
    make(database, asked, Actor::Command, COMMAND_LINE).await.map_err(|not_made| match not_made {
        NotMade::Invalid(invalid) => ConsoleError::Settings(invalid.sentence()),
        NotMade::NoSuchApplication => {
            ConsoleError::Settings("there is no application with this id: `application list` shows them")
        }
        NotMade::TooMany => ConsoleError::Settings("there are as many keys as can be: revoke some first"),
        NotMade::Store(error) => error.into(),
    })
}

/// Revokes a key by a command.
///
/// # Errors
/// [`ConsoleError::Settings`] when there is none.
pub async fn revoke_key_for_command(database: &Database, id: &str) -> Result<(), ConsoleError> {
    if revoke(database, id, Actor::Command, COMMAND_LINE).await? {
        return Ok(());
    }
    Err(ConsoleError::Settings(
        "there is no key with this id that was not revoked: `iampass-server admin-key list` shows them",
    ))
}

/// The keys, a line each: id, state, name, scopes, application, maker, and the days of its making, end and last use.
///
/// # Errors
/// [`ConsoleError::Data`] when they cannot be read.
pub async fn keys_for_command(database: &Database, now: UnixSeconds) -> Result<String, ConsoleError> {
    let day = |at| Moment::new(at, now, Speech::english()).day();
    let line = |key: &AdminKey| {
        let used = key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", day(at)));
        [
            key.id.clone(),
            state(key, now).to_owned(),
            key.name.clone(),
            key.scopes.words(),
            key.application.clone().unwrap_or_else(|| "all applications".to_owned()),
            format!("by {}", key.made_by),
            format!("made {}", day(key.created_at)),
            format!("until {}", day(key.expires_at)),
            used,
        ]
        .join("\t")
    };
    let keys = database.admin_keys().await?;
    Ok(keys.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The word for the state of a key by its row.
pub(super) fn state(key: &AdminKey, now: UnixSeconds) -> &'static str {
    match key.revoked_at {
        Some(_) => "revoked",
        None if key.expires_at <= now => "expired",
        None if key.scopes.known().is_none() => "unusable",
        None => "good",
    }
}
