//! The login by phone: all that the application has for it. Belongs here: who its users are, where tokens and sessions are kept, how a
//! phone is registered. Does not belong here: the flow, its pages and its routes, which `iampass` brings.

use std::sync::Arc;
use std::time::Duration;

use iampass::core::port::BoxError;
use iampass::sea_orm::{Schema, SeaOrmDatabase};
use iampass::web::{HttpAnswer, KeepSignedIn, LoginWeb, UserDirectory};
use iampass::{ClientBuilder, LoginOptions, UserKey};

use crate::Failure;
use crate::config::Keys;
use crate::users::{User, Users};

/// How long a browser stays signed in that keeps its session.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How long it does at most where the session is not kept.
const WORKING_DAY: Duration = Duration::from_secs(8 * 3_600);

/// The login of this application.
pub type Login = LoginWeb<User>;

/// The user who is logged in, for handlers.
pub type CurrentUser = iampass::axum::CurrentUser<User>;

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(self.named(&login_name.to_ascii_lowercase()).await?.map(|user| key(&user)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        let user = self.by_id(key.as_str().parse()?).await?;
        if let Some(User { id, arrived_at: None, .. }) = user {
            self.arrived(id).await?;
        }
        Ok(user)
    }

    fn display_name(&self, user: &User) -> String {
        user.display_name.clone()
    }
}

/// The user's key in the login.
pub(crate) fn key(user: &User) -> UserKey {
    UserKey::from(user.id)
}

/// The login of these users through `client`, which knows the service. Tokens and sessions are kept in the users' own database.
///
/// # Errors
/// A setting that is missing or wrong.
pub fn set_up(
    client: ClientBuilder,
    users: Users,
    keys: Keys,
    origin: &str,
    trusted_proxies: usize,
) -> Result<Login, Failure> {
    let (database, schema) = (SeaOrmDatabase::new(users.database().clone()), Schema::default());
    let sessions = database.session_store(&schema, keys.sessions, client.configured_server()?);
    let client = client
        .token_store(Arc::new(database.token_store(&schema)))
        .session_store(Arc::new(sessions))
        .build()?;
    let login = LoginWeb::builder(client, users).origin(origin).name("Microblog");
    // On a computer that others use, the user takes the choice away: then the session ends with the browser, and the same day.
    let login = login
        .login_options(LoginOptions::default().duration(WEEK))
        .keep_signed_in(KeepSignedIn::OnByDefault(WORKING_DAY));
    Ok(login.cookie_keys(keys.cookies).trusted_proxies(trusted_proxies).build()?)
}

/// Leads somebody who has just signed up to the registration of a phone, and on to the first login.
pub fn enrol(login: &Login, user: &User) -> HttpAnswer {
    let first_login = format!("{}&name={}", login.page_context().links.login_to("/welcome"), user.name);
    login.begin_enrolment(&key(user), &user.display_name, &first_login)
}
