//! A web page that its users sign in to by phone. It keeps everything in memory, to be tried out.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Form, Router};
use iampass::axum::{CurrentUser, LoginLayer, ProtectionLayer, into_response, routes};
use iampass::core::port::BoxError;
use iampass::web::{CookieKeys, LoginWeb, UserDirectory};
use iampass::{Client, MemorySessionStore, MemoryTokenStore, ReqwestTransport, UserKey};

const SERVER: &str = "https://iampass.example";
const APPLICATION_ID: &str = "YOUR-APPLICATION-ID";

/// A user of your application: put your own in its place.
#[derive(Clone)]
struct User {
    name: String,
}

/// Where your users are.
#[derive(Clone, Default)]
struct Users(Arc<Mutex<HashSet<String>>>);

impl Users {
    /// False when the name is taken.
    fn add(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned())
    }

    fn has(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }
}

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(self.has(login_name).then(|| UserKey::new(login_name)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        Ok(self.has(key.as_str()).then(|| User { name: key.as_str().to_owned() }))
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// Only a user who is signed in, and still there, gets here.
async fn front_page(user: CurrentUser<User>) -> String {
    format!("Hello {}", user.name)
}

async fn sign_up_page() -> Html<&'static str> {
    Html("<form method=post><label>Name <input name=name required></label> <button>Sign up</button></form>")
}

/// Makes a new user, and shows a QR code that registers the phone.
async fn sign_up(State(site): State<Site>, Form(form): Form<HashMap<String, String>>) -> Response {
    match form.get("name").map(|name| name.trim()) {
        Some(name) if !name.is_empty() && site.users.add(name) => {
            into_response(site.login.begin_enrolment(&UserKey::new(name), name, "/"))
        }
        _ => "This name is taken. Go back and choose another.".into_response(),
    }
}

#[derive(Clone)]
struct Site {
    login: LoginWeb<User>,
    users: Users,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::builder()
        .server(SERVER)
        .application(APPLICATION_ID, std::env::var("IAMPASS_APPLICATION_SECRET")?)
        .transport(ReqwestTransport::new()?)
        .token_store(Arc::new(MemoryTokenStore::new(1_000)))
        .session_store(Arc::new(MemorySessionStore::new(1_000)))
        .build()?;
    let users = Users::default();
    // Keys of its own for each run: people sign in again after it. `IAMPASS_COOKIE_KEYS` keeps them.
    let login = LoginWeb::builder(client, users.clone())
        .origin("http://127.0.0.1:3000")
        .cookie_keys(CookieKeys::generate()?)
        .build()?;
    let site = Router::new()
        .route("/", get(front_page))
        .route("/sign-up", get(sign_up_page).post(sign_up))
        .nest(login.mount_path(), routes(&login)) // The login's own pages.
        .layer(LoginLayer::new(&login))
        .layer(ProtectionLayer::new(&login))
        .with_state(Site { login, users });
    println!("Sign up at http://127.0.0.1:3000/sign-up");
    let site = site.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, site).await?;
    Ok(())
}
