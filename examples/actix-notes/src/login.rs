//! The login by phone: all that the application has for it, but for mounting it in `routes`. Belongs here: who its users are, where tokens
//! and sessions are kept, how a phone is registered. Does not belong here: the flow, its pages and its routes, which `iampass` brings.

use std::sync::Arc;

use iampass::core::port::BoxError;
use iampass::diesel::{DieselConnection, DieselDatabase, KeyRing, Schema};
use iampass::web::{HttpAnswer, LoginWeb, UserDirectory};
use iampass::{ClientBuilder, UserKey};

use crate::Failure;
use crate::config::Keys;
use crate::database::{Database, Pools};
use crate::users::{User, Users};

/// The login of this application.
pub(crate) type Login = LoginWeb<User>;

/// The user who is logged in, for handlers.
pub(crate) type CurrentUser = iampass::actix::CurrentUser<User>;

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(self.named(&login_name.to_ascii_lowercase()).await?.map(|user| UserKey::from(user.id)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        let user = self.by_id(key.as_str().parse()?).await?;
        if let Some(User { id, has_arrived: false, .. }) = user {
            self.arrived(id).await?;
        }
        Ok(user)
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// The login of these users through `client`, which knows the service. Tokens and sessions are kept in the users' own database, in
/// tables that are made here if there are none.
///
/// # Errors
/// A setting that is missing or wrong, or the database's error.
pub(crate) async fn set_up(
    client: ClientBuilder,
    database: &Database,
    users: Users,
    keys: Keys,
    origin: &str,
    trusted_proxies: usize,
) -> Result<Login, Failure> {
    let client = match database.pools().clone() {
        Pools::Sqlite(pool) => with_stores(client, DieselDatabase::new(pool), keys.sessions).await?,
        Pools::MySql(pool) => with_stores(client, DieselDatabase::new(pool), keys.sessions).await?,
    };
    let login = LoginWeb::builder(client.build()?, users).origin(origin).name("Notes");
    let login = login.cookie_keys(keys.cookies).trusted_proxies(trusted_proxies).build()?;
    login.check_at_start();
    Ok(login)
}

/// The client with its stores in this database.
async fn with_stores<C: DieselConnection>(
    client: ClientBuilder,
    database: DieselDatabase<C>,
    keys: KeyRing,
) -> Result<ClientBuilder, Failure> {
    let schema = Schema::default();
    database.migrate(&schema).await?;
    let sessions = database.session_store(&schema, keys, client.configured_server()?);
    Ok(client.token_store(Arc::new(database.token_store(&schema))).session_store(Arc::new(sessions)))
}

/// Leads somebody who has just signed up to the registration of a phone, and on to the first login.
pub(crate) fn enrol(login: &Login, user: &User) -> HttpAnswer {
    let first_login = format!("{}?name={}", login.page_context().links.login(), user.name);
    login.begin_enrolment(&UserKey::from(user.id), &user.name, &first_login)
}
