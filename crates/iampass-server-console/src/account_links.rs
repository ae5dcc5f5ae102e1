//! The application of the Console itself, its accounts, and the links that get an account in without a phone.
//!
//! Belongs here: the steps that pages and commands share. Does not belong here: opening a Console ([`super::opening`]).

use std::time::Duration;

use iampass_core::{ApplicationId, Secret};
use iampass_server_domain::{OWN_APPLICATION, random};
use iampass_server_storage::{
    AccessFor, AccessLinkMade, Account, AccountChange, AccountChanged, AccountKey, Actor, Application,
    ApplicationKey, Database, LinkCode, Noted, StorageError,
};

use super::error::ConsoleError;
use super::fields::{self, NAME};
use super::speech::english_text;

/// How long a link is good that gets an account in.
pub(super) const ACCESS_LINK: Duration = Duration::from_secs(15 * 60);

pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The Console's own application, which is there from the first time that it is asked for.
pub(super) async fn own_application(database: &Database) -> Result<Application, Failure> {
    let id = ApplicationId::new(OWN_APPLICATION)?;
    Ok(database.own_application(id, Secret::new(random::alphanumeric(32)?), NAME).await?)
}

/// Whom a link from the command line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConsoleLink<'a> {
    /// An account that is there, whose phone is replaced: the one of this name, or the one administrator there is.
    Account(Option<&'a str>),
    /// A new administrator: of this name, or of one that is chosen on the page.
    NewAdministrator(Option<&'a str>),
}

/// A link that was made, and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeLink {
    /// Below the service's own address.
    pub path: String,
    /// The effect of it, as a sentence.
    pub says: String,
}

/// The fault of a name, in the words of the command line: English.
fn no_name(problem: fields::Problem) -> ConsoleError {
    ConsoleError::Settings(english_text(problem))
}

/// Makes a link that gets somebody in who has no phone: a new administrator, or an account that lost its phone. It works beside a running service.
///
/// # Errors
/// [`ConsoleError::Settings`] when there is no such account, or there is one and a new administrator is asked for.
pub async fn link_for_command(database: &Database, link: ConsoleLink<'_>) -> Result<MadeLink, ConsoleError> {
    let named = |name: Option<&str>| name.map(fields::account_name).transpose().map_err(no_name);
    let (access, subject, says) = match link {
        ConsoleLink::Account(name) => {
            let account = match named(name)? {
                Some(name) => account_of(database, &name).await?,
                None => the_administrator(database).await?,
            };
            if account.disabled_at.is_some() {
                return Err(ConsoleError::Settings(
                    "the account is disabled: enable it first, with `iampass-server console enable --name`",
                ));
            }
            let name = account.name;
            let says = format!("It replaces the phone of the account {name} and ends its sessions.");
            (AccessFor::Account(account.key), Some(name), says)
        }
        ConsoleLink::NewAdministrator(name) => {
            let name = named(name)?;
            let says = match &name {
                None => "It makes a new administrator, whose name is chosen on the page.".to_owned(),
                Some(name) if database.account_named(name).await?.is_none() => {
                    format!("It makes the new administrator {name}.")
                }
                Some(_) => {
                    return Err(ConsoleError::Settings(
                        "there is an account of this name: choose another one, or leave --new-administrator out to replace its phone",
                    ));
                }
            };
            (AccessFor::NewAdministrator(name.clone()), name, says)
        }
    };
    let code = LinkCode::draw()?;
    let noted = Noted { actor: COMMAND_LINE.to_owned(), application: None, action: "link.made", subject };
    let made = database.make_access_link(code.clone(), access, Actor::Command, ACCESS_LINK, noted).await?;
    if made != AccessLinkMade::Made {
        return Err(NO_SUCH_ACCOUNT);
    }
    Ok(MadeLink { path: format!("/console/link/{}", code.as_str()), says })
}

/// The actor of what is done by commands.
const COMMAND_LINE: &str = "command line";

const NO_SUCH_ACCOUNT: ConsoleError = ConsoleError::Settings(
    "there is no account of this name: `iampass-server console accounts` lists them, and --new-administrator makes an administrator",
);

async fn account_of(database: &Database, name: &str) -> Result<Account, ConsoleError> {
    database.account_named(name).await?.ok_or(NO_SUCH_ACCOUNT)
}

async fn the_administrator(database: &Database) -> Result<Account, ConsoleError> {
    let mut administrators = database.administrators().await?;
    match (administrators.pop(), administrators.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(ConsoleError::Settings(
            "there is no administrator yet: say --new-administrator to make the first one",
        )),
        _ => Err(ConsoleError::Settings(
            "there are several administrators: say with --name whose link it is to be",
        )),
    }
}

/// Changes an account, with its phone and sessions, which are those of a user of the Console's own application. `name` is that of the actor in the log.
///
/// # Errors
/// [`StorageError::Forbidden`] when the actor may not, and those of the store.
pub async fn change_account(
    database: &Database,
    account: AccountKey,
    change: AccountChange,
    by: Actor,
    name: String,
) -> Result<AccountChanged, StorageError> {
    // Without it no account has ever signed in, and no row has this key.
    let console = database.application(OWN_APPLICATION).await?.map_or(ApplicationKey(0), |own| own.key);
    database.change_account(account, change, console, by, name).await
}

/// The same by a command; what was done, as a sentence.
///
/// # Errors
/// [`ConsoleError::Settings`] when there is no such account, [`ConsoleError::Refused`] when it is not to be done.
pub async fn change_for_command(
    database: &Database,
    name: &str,
    change: AccountChange,
) -> Result<String, ConsoleError> {
    let name = fields::account_name(name).map_err(no_name)?;
    let account = account_of(database, &name).await?;
    let changed =
        change_account(database, account.key, change, Actor::Command, COMMAND_LINE.to_owned()).await?;
    let done = match change {
        AccountChange::Disable => "is disabled, and its sessions have ended",
        AccountChange::Enable => "is enabled",
        AccountChange::Demote => "is no administrator",
        AccountChange::LogOut => "is logged out everywhere",
        AccountChange::Delete => "is deleted",
    };
    match changed {
        AccountChanged::Done { .. } => Ok(format!("The account {name} {done}.")),
        AccountChanged::NothingToDo => Ok(format!("Nothing was changed: the account {name} {done} already.")),
        AccountChanged::NoSuchAccount => Err(NO_SUCH_ACCOUNT),
        AccountChanged::LastAdministrator => Err(ConsoleError::Refused(format!(
            "{name} is the last administrator who has signed in: make another one first (`iampass-server console link --new-administrator`), or \
             replace the phone and end the sessions of this one (`iampass-server console link --name {name}`)"
        ))),
        AccountChanged::LastOwnerOf(applications) => Err(ConsoleError::Refused(format!(
            "these applications would have no owner who has signed in: {}. Name another owner on their pages of members, or delete them, first; \
             disabling the account is possible at once",
            applications.join(", ")
        ))),
    }
}

/// The accounts, a line each.
pub async fn list_for_command(database: &Database) -> Result<String, ConsoleError> {
    const AT_ONCE: u32 = 1_000;
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = database.accounts("", after, AT_ONCE).await?;
        let line = |account: &Account| {
            let mut words = vec![account.name.as_str()];
            words.extend(account.is_administrator.then_some("administrator"));
            words.extend(account.disabled_at.is_some().then_some("disabled"));
            words.extend(account.arrived_at.is_none().then_some("no sign-in yet"));
            words.join("\t")
        };
        lines.extend(page.accounts.iter().map(line));
        after = page.accounts.last().map(|account| account.name.clone());
        if !page.has_later || after.is_none() {
            return Ok(lines.join("\n"));
        }
    }
}
