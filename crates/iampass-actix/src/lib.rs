//! Phone-approved login for actix-web: a scope, a middleware, extractors.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use iampass_actix::{CurrentUser, LoginTransform, ProtectionTransform, scope};
//! use iampass_web::LoginWeb;
//!
//! # #[derive(Clone)] struct User { name: String }
//! async fn front_page(user: CurrentUser<User>) -> String {
//!     format!("Hello {}", user.name)
//! }
//!
//! async fn serve(login: LoginWeb<User>) -> std::io::Result<()> {
//!     let application = move || {
//!         App::new()
//!             .route("/", web::get().to(front_page)) // Nobody gets here who is not logged in.
//!             .service(scope(&login))
//!             .wrap(LoginTransform::new(&login))
//!             .wrap(ProtectionTransform::new(&login))
//!     };
//!     HttpServer::new(application).bind(("127.0.0.1", 8080))?.run().await
//! }
//! ```
//!
//! Build one [`LoginWeb`](iampass_web::LoginWeb), outside the closure that makes the `App` of each worker. Then all workers know the
//! same sessions and the service is asked about each of them once, and what it watches goes on when a worker ends, for it runs where
//! the login was built. `#[actix_web::main]` and `#[tokio::main]` will both do.
//!
//! | | axum | actix-web |
//! |---|---|---|
//! | the login's routes | `routes`, nested at [`LoginWeb::mount_path`](iampass_web::LoginWeb::mount_path) | [`scope`] |
//! | what extractors need | `LoginLayer::new` | [`LoginTransform::new`] |
//! | a whole router for users only | `LoginLayer::required` | [`LoginTransform::required`] |
//! | what protects the application's own pages | `ProtectionLayer` | [`ProtectionTransform`] |
//! | the user, or off to the login | `CurrentUser<U>` | [`CurrentUser<U>`](CurrentUser) |
//! | the user, if there is one | `Option<CurrentUser<U>>` | [`MaybeUser<U>`](MaybeUser), or `Option<CurrentUser<U>>` |
//! | the user, confirmed within so many seconds | `Fresh<U, SECONDS>` | [`Fresh<U, SECONDS>`](Fresh) |
//! | the user, whose phone approved this login within so many seconds | `Approved<U, SECONDS>` | [`Approved<U, SECONDS>`](Approved) |
//! | the user, whose approval has proven what `R` requires | `Proven<U, R>` | [`Proven<U, R>`](Proven) |
//! | a scope for approvals that have proven so much | `LoginLayer::require` | [`LoginTransform::require`] |
//! | a stream, while the user is present | `CurrentUser::while_present` | [`CurrentUser::while_present`] |
//! | a graceful stop while pages listen | [`LoginWeb::shutdown`](iampass_web::LoginWeb::shutdown) | the same, before `ServerHandle::stop` |
//!
//! The two ways to take a user *if there is one* differ when it cannot be known, because a database or the service does not answer:
//! actix-web makes `None` of every error of an extractor, so `Option<CurrentUser<U>>` is then `None` although there is a user.
//! [`MaybeUser`] answers 503, as axum's `Option<CurrentUser<U>>` does.

//! Diesel over SQLite in your own [`UserDirectory`](iampass_web::UserDirectory): a worker of actix-web drops a handler whose browser has gone,
//! and a call of diesel-async to SQLite that is dropped in the middle panics on a runtime of one thread, which a worker's is. Run such calls
//! on a runtime of several threads (`Handle::spawn`) and await the handle; `examples/actix-notes` does. The stores of `iampass-diesel`
//! look after themselves.
//!
//! # What it does not do
//! It translates between actix-web and `iampass-web`, and decides nothing: the flow, the pages and the rules of access are there.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod extractors;
mod headers;
mod in_request;
mod middleware;
mod protection;
mod rejection;
mod response;
mod routes;
mod with_body;

pub use extractors::{Approved, CurrentUser, Fresh, MaybeUser, Proven};
pub use headers::is_from_own_page;
pub use middleware::{LoginService, LoginTransform};
pub use protection::{ProtectionService, ProtectionTransform};
pub use rejection::Rejection;
pub use response::into_response;
pub use routes::scope;
pub use with_body::WithBody;
