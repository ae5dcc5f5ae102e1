//! Opening a Console: its application, its keys, its client, its login. And the link that gets somebody in without any of it.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::LoginOptions;
use iampass_core::{ApplicationId, Secret};
use iampass_server_domain::Registration;
use iampass_server_domain::credentials::NotDrawn;
use iampass_server_domain::{OWN_APPLICATION, random};
use iampass_server_storage::{
    AccessFor, Account, AccountChange, AccountChanged, AccountKey, Actor, Application, ApplicationKey,
    Database, LinkCode, LoginTables, Noted, StorageError, login_schema,
};
use iampass_sql::{KeyRing, SealingKey, SessionTable, TokenTable};
use iampass_web::pages::Texts;
use iampass_web::{CookieKeys, LoginWeb};

use super::account_tokens::AccountTokens;
use super::accounts::Accounts;
use super::house::{Console, Place};
use super::in_process::InProcess;
use super::pages::LoginPages;
use super::time_here::TimeHere;
use super::{fields, routes};
use crate::ServerError;
use crate::service::App;

/// The name that phones show when the Console asks.
pub(super) const NAME: &str = "IAMPASS Console";

/// A working day. An account that walks away is logged out at once.
const SESSION: Duration = Duration::from_secs(8 * 3_600);

/// How long a link is good that gets an account in.
pub(super) const ACCESS_LINK: Duration = Duration::from_secs(15 * 60);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The Console's own application, which is there from the first time that it is asked for.
pub(super) async fn own_application(database: &Database) -> Result<Application, Failure> {
    let id = ApplicationId::new(OWN_APPLICATION)?;
    Ok(database.own_application(id, Secret::new(random::alphanumeric(32)?), NAME).await?)
}

/// A Console at `place`, ready for requests.
pub(super) async fn open(
    app: &Arc<App>,
    place: Place,
    registration: Registration,
) -> Result<axum::Router, Failure> {
    let database = &app.database;
    let application = own_application(database).await?;
    // The same on all nodes: the first node draws them.
    let drawn = || SealingKey::generate().map(|(_, text)| text.expose().to_owned());
    let sealing = database.setting_or("console sealing key", drawn()?).await?;
    let cookies = database.setting_or("console cookie key", drawn()?).await?;

    let schema = login_schema()?;
    let tables = LoginTables(Arc::clone(database));
    let time = TimeHere::new(Arc::clone(&app.config.clock));
    let client = Client::builder()
        .server(place.server())
        .application(application.id.as_str(), application.secret.clone())
        .transport(InProcess::new(app, place.prefix.clone()))
        .time_and_entropy(time);
    let sessions = SessionTable::new(
        tables.clone(),
        &schema,
        KeyRing::new(SealingKey::from_base64(&sealing)?),
        client.configured_server()?,
    );
    let client = client
        .token_store(Arc::new(AccountTokens::new(TokenTable::new(tables, &schema), Arc::downgrade(app))))
        .session_store(Arc::new(sessions))
        .build()?;
    let base = format!("{}/console", place.prefix);
    let login = LoginWeb::builder(client, Accounts(Arc::downgrade(app)))
        .origin(&place.origin)
        .mount_path("/console/auth")
        .path_prefix(&place.prefix)
        .name(NAME)
        .cookie_keys(CookieKeys::parse(&Secret::new(cookies))?)
        // Applications under development are often at the same host, at another port.
        .cookie_prefix(format!("iampass-console{}", place.prefix.replace('/', "-")))
        .login_options(LoginOptions::default().duration(SESSION))
        .texts(texts())
        .pages(LoginPages::new(&base, registration))
        .front_page("/console")
        .build()?;
    Ok(routes::router(&Console::new(app, login, place, registration)))
}

fn texts() -> Texts {
    let mut texts = Texts::default();
    texts.login_no_phone = "No account yet?".into();
    texts.lost_help = "Ask an administrator of this Console, or the operator of the service: `iampass-server console link --name` makes \
         a link that replaces the phone."
        .into();
    texts
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
pub(crate) struct MadeLink {
    /// Below the service's own address.
    pub(crate) path: String,
    /// The effect of it, as a sentence.
    pub(crate) says: String,
}

/// Makes a link that gets somebody in who has no phone: a new administrator, or an account that lost its phone. It works beside a running service.
///
/// # Errors
/// [`ServerError::Settings`] when there is no such account, or there is one and a new administrator is asked for.
pub(crate) async fn link_for_command(
    database: &Database,
    link: ConsoleLink<'_>,
) -> Result<MadeLink, ServerError> {
    let named =
        |name: Option<&str>| name.map(fields::account_name).transpose().map_err(ServerError::Settings);
    let (access, subject, says) = match link {
        ConsoleLink::Account(name) => {
            let account = match named(name)? {
                Some(name) => account_of(database, &name).await?,
                None => the_administrator(database).await?,
            };
            if account.disabled_at.is_some() {
                return Err(ServerError::Settings(
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
                    return Err(ServerError::Settings(
                        "there is an account of this name: choose another one, or leave --new-administrator out to replace its phone",
                    ));
                }
            };
            (AccessFor::NewAdministrator(name.clone()), name, says)
        }
    };
    let code = LinkCode::draw()?;
    let noted = Noted { actor: COMMAND_LINE.to_owned(), application: None, action: "link.made", subject };
    if !database.make_access_link(code.clone(), access, Actor::Command, ACCESS_LINK, noted).await? {
        return Err(NO_SUCH_ACCOUNT);
    }
    Ok(MadeLink { path: format!("/console/link/{}", code.as_str()), says })
}

/// The actor of what is done by commands.
const COMMAND_LINE: &str = "command line";

const NO_SUCH_ACCOUNT: ServerError = ServerError::Settings(
    "there is no account of this name: `iampass-server console accounts` lists them, and --new-administrator makes an administrator",
);

async fn account_of(database: &Database, name: &str) -> Result<Account, ServerError> {
    database.account_named(name).await?.ok_or(NO_SUCH_ACCOUNT)
}

async fn the_administrator(database: &Database) -> Result<Account, ServerError> {
    let mut administrators = database.administrators().await?;
    match (administrators.pop(), administrators.len()) {
        (Some(only), 0) => Ok(only),
        (None, _) => Err(ServerError::Settings(
            "there is no administrator yet: say --new-administrator to make the first one",
        )),
        _ => Err(ServerError::Settings(
            "there are several administrators: say with --name whose link it is to be",
        )),
    }
}

/// Changes an account, with its phone and sessions, which are those of a user of the Console's own application.
pub(super) async fn change_account(
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
/// [`ServerError::Settings`] when there is no such account, [`ServerError::Refused`] when it is not to be done.
pub(crate) async fn change_for_command(
    database: &Database,
    name: &str,
    change: AccountChange,
) -> Result<String, ServerError> {
    let name = fields::account_name(name).map_err(ServerError::Settings)?;
    let account = account_of(database, &name).await?;
    let changed =
        change_account(database, account.key, change, Actor::Command, COMMAND_LINE.to_owned()).await?;
    let done = match change {
        AccountChange::Disable => "is disabled, and its sessions have ended",
        AccountChange::Enable => "is enabled",
        AccountChange::Demote => "is no administrator",
        AccountChange::Delete => "is deleted",
    };
    match changed {
        AccountChanged::Done { .. } => Ok(format!("The account {name} {done}.")),
        AccountChanged::NothingToDo => Ok(format!("Nothing was changed: the account {name} {done} already.")),
        AccountChanged::NoSuchAccount => Err(NO_SUCH_ACCOUNT),
        AccountChanged::LastAdministrator => Err(ServerError::Refused(format!(
            "{name} is the last administrator who has signed in: make another one first (`iampass-server console link --new-administrator`), or \
             replace the phone and end the sessions of this one (`iampass-server console link --name {name}`)"
        ))),
        AccountChanged::LastOwnerOf(applications) => Err(ServerError::Refused(format!(
            "these applications would have no owner who has signed in: {}. Name another owner on their pages of members, or delete them, first; \
             disabling the account is possible at once",
            applications.join(", ")
        ))),
    }
}

/// The accounts, a line each.
pub(crate) async fn list_for_command(database: &Database) -> Result<String, ServerError> {
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

impl From<NotDrawn> for ServerError {
    fn from(error: NotDrawn) -> Self {
        StorageError::from(error).into()
    }
}
