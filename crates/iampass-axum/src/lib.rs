//! Phone-approved login for axum: routes, a layer, extractors.
//!
//! ```no_run
//! use axum::Router;
//! use axum::routing::get;
//! use iampass_axum::{CurrentUser, LoginLayer, ProtectionLayer, routes};
//! use iampass_web::{ConfigError, LoginWeb};
//!
//! # #[derive(Clone)] struct User { name: String }
//! async fn front_page(user: CurrentUser<User>) -> String {
//!     format!("Hello {}", user.name)
//! }
//!
//! fn application(login: &LoginWeb<User>) -> Router {
//!     Router::new()
//!         .route("/", get(front_page)) // Nobody gets here who is not logged in.
//!         .nest(login.mount_path(), routes(login))
//!         .layer(LoginLayer::new(login))
//!         .layer(ProtectionLayer::new(login))
//! }
//! ```
//!
//! | | axum | actix-web |
//! |---|---|---|
//! | the login's routes | [`routes`], nested at [`LoginWeb::mount_path`](iampass_web::LoginWeb::mount_path) | `scope` |
//! | what extractors need | [`LoginLayer::new`] | `LoginTransform::new` |
//! | a whole router for users only | [`LoginLayer::required`] | `LoginTransform::required` |
//! | what protects the application's own pages | [`ProtectionLayer`] | `ProtectionTransform` |
//! | the user, or off to the login | [`CurrentUser<U>`] | `CurrentUser<U>` |
//! | the user, if there is one | `Option<CurrentUser<U>>` | `Option<CurrentUser<U>>` |
//! | the user, confirmed within so many seconds | [`Fresh<U, SECONDS>`](Fresh) | `Fresh<U, SECONDS>` |
//! | the user, whose phone approved this login within so many seconds | [`Approved<U, SECONDS>`](Approved) | `Approved<U, SECONDS>` |
//! | the user, whose approval has proven what `R` requires | [`Proven<U, R>`](Proven) | `Proven<U, R>` |
//! | a router for approvals that have proven so much | [`LoginLayer::require`] | `LoginTransform::require` |
//! | a stream, while the user is present | [`CurrentUser::while_present`] | `CurrentUser::while_present` |
//! | a graceful stop while pages listen | [`LoginWeb::shutdown`](iampass_web::LoginWeb::shutdown), in `with_graceful_shutdown` | the same, before `ServerHandle::stop` |
//!
//! An open page holds a connection by which it learns what happens. A server that stops gracefully waits for it, unless the login is told:
//!
//! ```no_run
//! use iampass_web::LoginWeb;
//!
//! # #[derive(Clone)] struct User;
//!
//! # async fn told_to_stop() {}
//! async fn serve(
//!     listener: tokio::net::TcpListener,
//!     application: axum::Router,
//!     login: LoginWeb<User>,
//! ) -> std::io::Result<()> {
//!     let stop = async move {
//!         told_to_stop().await; // A signal, most of the time.
//!         login.shutdown();
//!     };
//!     axum::serve(listener, application).with_graceful_shutdown(stop).await
//! }
//! ```
//!
//! # What it does not do
//! It translates between axum and `iampass-web`, and decides nothing: the flow, the pages and the rules of access are there.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod extractors;
mod headers;
mod in_request;
mod layer;
mod protection;
mod rejection;
mod response;
mod routes;
mod with_body;

pub use extractors::{Approved, CurrentUser, Fresh, Proven};
pub use headers::is_from_own_page;
pub use layer::{LoginLayer, LoginService};
pub use protection::{ProtectionLayer, ProtectionService};
pub use rejection::Rejection;
pub use response::into_response;
pub use routes::routes;
pub use with_body::WithBody;
