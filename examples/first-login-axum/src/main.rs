//! An application whose users log in by phone. Everything is in memory.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum::{Form, Router};
use iampass::axum::{CurrentUser, LoginLayer, ProtectionLayer, into_response, routes};
use iampass::core::port::BoxError;
use iampass::web::{CookieKeys, LoginWeb, UserDirectory};
use iampass::{Client, ClientBuilder, ReqwestTransport, UserKey};
use tokio::net::TcpListener;

#[cfg(test)]
mod tests;

/// The address in browsers.
const ORIGIN: &str = "http://127.0.0.1:3000";

/// The name of the application at the service. Phones show it, and so do the login pages.
const NAME: &str = "Development application";

/// A user, as handlers receive it.
#[derive(Clone)]
struct User {
    name: String,
}

/// All users, by name.
#[derive(Clone, Default)]
struct Users(Arc<Mutex<HashSet<String>>>);

impl Users {
    /// False where the name is taken.
    fn add(&self, name: &str) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_owned())
    }

    fn has(&self, name: &str) -> bool {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.contains(name)
    }
}

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        let name = login_name.to_lowercase();
        Ok(self.has(&name).then(|| UserKey::new(name)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        let name = key.as_str().to_owned();
        Ok(self.has(&name).then(|| User { name }))
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// The state of all handlers.
#[derive(Clone)]
struct Site {
    users: Users,
    login: LoginWeb<User>,
}

/// The page for users. A browser without a login is led to the login page, and back.
async fn front_page(user: CurrentUser<User>) -> Html<String> {
    let logout = "<form method=post action=/auth/logout><button>Sign out</button></form>";
    let name = &user.name;
    Html(format!(
        "<!doctype html><title>Hello</title>Hello {name}{logout}"
    ))
}

async fn sign_up_page() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html><title>Sign up</title><form method=post>",
        "<label>Name <input name=name></label> <button>Sign up</button></form>",
    ))
}

/// Makes a new user, and leads the browser to the page that registers the user's phone.
async fn sign_up(
    State(Site { users, login }): State<Site>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let name = form.get("name").cloned().unwrap_or_default().to_lowercase();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name || !users.add(&name) {
        return "Go back and choose another name, of letters and digits.".into_response();
    }
    into_response(login.begin_enrolment(&UserKey::new(&name), &name, "/"))
}

/// The whole application. `client` knows the service, and `origin` is the address in browsers.
fn application(client: ClientBuilder, origin: &str) -> Result<Router, Box<dyn Error>> {
    let users = Users::default();
    let login = LoginWeb::builder(client.in_memory().build()?, users.clone());
    let login = login.origin(origin).name(NAME);
    let login = login.cookie_keys(CookieKeys::generate()?).build()?;
    login.check_at_start();
    Ok(Router::new()
        .route("/", get(front_page))
        .route("/sign-up", get(sign_up_page).post(sign_up))
        .nest(login.mount_path(), routes(&login)) // The login's own pages.
        .layer(LoginLayer::new(&login))
        .layer(ProtectionLayer::new(&login))
        .with_state(Site { users, login }))
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().init();
    if let Err(error) = run().await {
        eprintln!("The application cannot start: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = Client::builder().transport(ReqwestTransport::new()?);
    let application = application(client.from_env(), ORIGIN)?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("Sign up at {ORIGIN}/sign-up");
    let application = application.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, application).await?;
    Ok(())
}
