//! Opening a Console: its application, its keys, its client, its login. And the link that gets somebody in without any of it.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::machine::LoginOptions;
use iampass_core::{ApplicationId, Secret};
use iampass_sql::{KeyRing, SealingKey, SessionTable, TokenTable};
use iampass_web::pages::Texts;
use iampass_web::{CookieKeys, LoginWeb};

use super::accounts::Accounts;
use super::house::{Console, Place};
use super::in_process::InProcess;
use super::pages::LoginPages;
use super::time_here::TimeHere;
use super::{fields, routes};
use crate::config::Registration;
use crate::service::App;
use crate::storage::{Application, Database, LinkCode, LoginTables, Noted, StorageError, login_schema};
use crate::{ServerError, random};

/// The id of the Console's own application. Drawn ids are longer.
pub(crate) const OWN_APPLICATION: &str = "console";

const NAME: &str = "IAMPASS Console";

/// A working day. Whoever walks away is out at once.
const SESSION: Duration = Duration::from_secs(8 * 3_600);

/// How long a link from the command line is good.
const LINK: Duration = Duration::from_secs(15 * 60);

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
    // The same on all nodes: whoever comes first draws them.
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
        .token_store(Arc::new(TokenTable::new(tables, &schema)))
        .session_store(Arc::new(sessions))
        .build()?;
    let base = format!("{}/console", place.prefix);
    let login = LoginWeb::builder(client, Accounts(Arc::downgrade(app)))
        .origin(&place.origin)
        .mount(format!("{base}/auth"))
        .name(NAME)
        .cookie_keys(CookieKeys::parse(&Secret::new(cookies))?)
        // Applications under development are often at the same host, at another port.
        .cookie_prefix("iampass-console")
        .login_options(LoginOptions::default().duration(SESSION))
        .texts(texts())
        .pages(LoginPages::new(&base, registration))
        .front_page(&base)
        .build()?;
    Ok(routes::router(&Console::new(app, login, place, registration)))
}

fn texts() -> Texts {
    let mut texts = Texts::default();
    texts.login_no_phone = "No account yet?".into();
    texts.lost_help = "Otherwise ask whoever runs the service: `iampass-server console link` makes a link that replaces the phone.".into();
    texts
}

/// Makes a link that gets somebody in who has no phone, and says how it is to be shown: the first administrator, another one by a new name, or
/// an account that lost its phone. It works beside a running service.
pub(crate) async fn link_for_command(database: &Database, name: Option<&str>) -> Result<String, ServerError> {
    let name = match name {
        Some(name) => Some(fields::account_name(name).map_err(ServerError::Settings)?),
        None => None,
    };
    let account = match &name {
        Some(name) => database.account_named(name).await?,
        None => {
            let mut administrators = database.administrators().await?;
            match administrators.len() {
                0 | 1 => administrators.pop(),
                _ => {
                    return Err(ServerError::Settings(
                        "there are several administrators: say with --name whose link it is to be",
                    ));
                }
            }
        }
    };
    let code = LinkCode::draw()?;
    let subject = account.as_ref().map(|account| account.name.clone()).or_else(|| name.clone());
    let noted = Noted { actor: "command line".to_owned(), application: None, action: "link.made", subject };
    let (key, name) = match account {
        Some(account) => (Some(account.key), None),
        None => (None, name),
    };
    database.make_access_link(code.clone(), key, name, LINK, noted).await?;
    Ok(format!("/console/link/{}", code.as_str()))
}

impl From<random::NoRandomness> for ServerError {
    fn from(error: random::NoRandomness) -> Self {
        StorageError::from(error).into()
    }
}
