//! Notes: a small application on actix-web and diesel, over SQLite, MySQL or MariaDB, whose users log in by phone. They sign up, register
//! their phone, sign in, write notes that nobody else sees, and see where they are signed in.
//!
//! ```text
//! cargo run -p iampass-server -- dev        # prints what to export, and the address of a phone
//! export IAMPASS_SERVER=… IAMPASS_APPLICATION_ID=… IAMPASS_APPLICATION_SECRET=…
//! cargo run -p actix-notes                  # http://127.0.0.1:3001, over the file notes.db
//! ```
//!
//! With `--database-url mysql://USER:PASSWORD@HOST/DATABASE` it is over MySQL or MariaDB instead.
//!
//! All that is there for the login is in the module `login`; the rest is what any such application has:
//!
//! | module | |
//! |---|---|
//! | [`config`], `database`, `migrations` | what the operator says; the connections; making the tables |
//! | `users`, `unfinished`, `notes` | what is stored; names of sign-ups that were not finished |
//! | `routes`, `fields`, `pages` | what is asked, what a form may hold, what is shown |
//! | `errors`, `style` | what every page has |
//!
//! Belongs in this file: how it is put together. `examples/microblog` is a larger one, on axum and sea-orm.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod config;

mod database;
mod errors;
mod fields;
mod login;
mod migrations;
mod notes;
mod pages;
mod routes;
mod style;
mod unfinished;
mod users;

use iampass::ClientBuilder;
use iampass::core::UnixSeconds;

pub use errors::Failure;
pub use routes::serve;

use config::Keys;
use database::Database;
use login::Login;
use notes::Notes;
use users::Users;

/// How the application is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The scheme, host and port under which browsers see it.
    pub origin: String,
    /// Which database it uses.
    pub database_url: String,
    /// The keys that it seals with.
    pub keys: Keys,
    /// How many proxies of its own stand before it.
    pub trusted_proxies: usize,
}

/// The application, to be given to [`serve`]. Cheap to clone; all workers share what is in it.
#[derive(Debug, Clone)]
pub struct Notebook {
    pub(crate) login: Login,
    pub(crate) users: Users,
    pub(crate) notes: Notes,
}

impl Notebook {
    /// Opens the database, brings its tables up to date, and sets the login up. `client` knows the service. To be called outside of
    /// the workers, where sessions are watched for as long as the process lives.
    ///
    /// # Errors
    /// A setting that is missing or wrong, or the database's error.
    pub async fn open(client: ClientBuilder, settings: Settings) -> Result<Self, Failure> {
        let database = Database::open(&settings.database_url).await?;
        let users = Users::new(database.clone());
        let login = login::set_up(
            client,
            &database,
            users.clone(),
            settings.keys,
            &settings.origin,
            settings.trusted_proxies,
        )
        .await?;
        Ok(Self { login, users, notes: Notes::new(database) })
    }

    /// To be called before the server stops gracefully: pages that listen for their session never end by themselves.
    pub fn shutdown(&self) {
        self.login.shutdown();
    }

    /// The time, by the clock that the login goes by.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.login.client().now().wall
    }
}
