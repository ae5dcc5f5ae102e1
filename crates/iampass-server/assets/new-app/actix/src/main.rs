//! An application whose users log in by phone. Everything is in memory.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::Server;
use actix_web::web::{Data, Form, Html};
use actix_web::{App, HttpResponse, HttpServer, web};
use iampass::actix::{CurrentUser, LoginTransform, ProtectionTransform, into_response, scope};
use iampass::core::port::BoxError;
use iampass::web::{CookieKeys, LoginWeb, UserDirectory};
use iampass::{Client, ClientBuilder, ReqwestTransport, UserKey};

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

/// The page for users. A browser without a login is led to the login page, and back.
async fn front_page(user: CurrentUser<User>) -> Html {
    let logout = "<form method=post action=/auth/logout><button>Sign out</button></form>";
    let name = &user.name;
    Html::new(format!(
        "<!doctype html><title>Hello</title>Hello {name}{logout}"
    ))
}

async fn sign_up_page() -> Html {
    Html::new(concat!(
        "<!doctype html><title>Sign up</title><form method=post>",
        "<label>Name <input name=name></label> <button>Sign up</button></form>",
    ))
}

/// Makes a new user, and leads the browser to the page that registers the user's phone.
async fn sign_up(
    users: Data<Users>,
    login: Data<LoginWeb<User>>,
    form: Form<HashMap<String, String>>,
) -> HttpResponse {
    let name = form.get("name").cloned().unwrap_or_default().to_lowercase();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_name || !users.add(&name) {
        return HttpResponse::Ok().body("Go back and choose another name, of letters and digits.");
    }
    into_response(login.begin_enrolment(&UserKey::new(&name), &name, "/"))
}

/// The whole application. `client` knows the service, and `origin` is the address in browsers.
fn serve(
    client: ClientBuilder,
    origin: &str,
    listener: TcpListener,
) -> Result<Server, Box<dyn Error>> {
    let users = Users::default();
    let login = LoginWeb::builder(client.in_memory().build()?, users.clone());
    let login = login.origin(origin).name(NAME);
    let login = login.cookie_keys(CookieKeys::generate()?).build()?;
    login.check_at_start();
    let application = move || {
        App::new()
            .app_data(Data::new(users.clone()))
            .app_data(Data::new(login.clone()))
            .route("/", web::get().to(front_page))
            .route("/sign-up", web::get().to(sign_up_page))
            .route("/sign-up", web::post().to(sign_up))
            .service(scope(&login)) // The login's own pages.
            .wrap(LoginTransform::new(&login))
            .wrap(ProtectionTransform::new(&login))
    };
    Ok(HttpServer::new(application).listen(listener)?.run())
}

#[actix_web::main]
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
    let listener = TcpListener::bind("127.0.0.1:3000")?;
    let server = serve(client.from_env(), ORIGIN, listener)?;
    println!("Sign up at {ORIGIN}/sign-up");
    server.await?;
    Ok(())
}
