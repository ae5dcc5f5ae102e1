//! A complete small application on axum and sea-orm, whose users log in by phone: they sign up, register their phone, sign in, write
//! posts, read those of others, and see where they are signed in.
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export, and the address of a phone
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p microblog                    # http://127.0.0.1:3000, over the file microblog.db
//! DATABASE_URL=postgres://… cargo run -p microblog
//! ```
//!
//! All that is there for the login is in [`login`]; the rest is what any such application has:
//!
//! | module | |
//! |---|---|
//! | [`config`], [`database`] | what the operator says; the connection and its migrations |
//! | [`users`], [`posts`], [`follows`], [`paging`] | what is stored |
//! | `unfinished` | sign-ups without a phone |
//! | `routes`, `fields`, `pages` | what is asked, what a form may hold, what is shown |
//! | [`errors`], `style` | what every page has |

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod config;
pub mod database;
pub mod errors;
pub mod follows;
pub mod login;
pub mod paging;
pub mod posts;
pub mod users;

mod fields;
mod migrations;
mod pages;
mod routes;
mod style;
mod unfinished;
mod visitor;

use axum::Router;
use iampass::ClientBuilder;

pub use errors::Failure;

use config::Keys;
use follows::Follows;
use login::Login;
use posts::Posts;
use users::Users;

/// How one node of the application is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The scheme, host and port under which browsers see it.
    pub origin: String,
    /// Where its database is.
    pub database_url: String,
    /// The keys that it seals with; the same on all nodes.
    pub keys: Keys,
    /// How many proxies of its own stand before it.
    pub trusted_proxies: usize,
}

/// The state that handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Blog {
    pub(crate) login: Login,
    pub(crate) users: Users,
    pub(crate) posts: Posts,
    pub(crate) follows: Follows,
}

/// The application, to be served with `into_make_service_with_connect_info::<SocketAddr>`. It connects to its database and brings the
/// tables up to date. Beside it comes its login, which is told when the server stops ([`LoginWeb::shutdown`](iampass::web::LoginWeb::shutdown)).
///
/// # Errors
/// A setting that is missing or wrong, or the database's error.
pub async fn application(client: ClientBuilder, settings: Settings) -> Result<(Router, Login), Failure> {
    let database = database::connect(&settings.database_url).await?;
    let users = Users::new(database.clone());
    let login =
        login::set_up(client, users.clone(), settings.keys, &settings.origin, settings.trusted_proxies)?;
    login.check_at_start();
    let blog = Blog {
        login: login.clone(),
        users,
        posts: Posts::new(database.clone()),
        follows: Follows::new(database),
    };
    Ok((routes::all(blog), login))
}
