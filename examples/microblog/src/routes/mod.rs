//! The routes. Belongs here: which address is answered by what, and the layers around all of them.

mod accounts;
mod profiles;
mod timelines;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::routing::{get, post};
use iampass::axum::{LoginLayer, ProtectionLayer};

use crate::errors::PageError;
use crate::{Blog, style};

/// No form of ours is longer, however its characters are encoded.
const LONGEST_BODY: usize = 32 * 1024;

/// All routes.
pub(crate) fn all(blog: Blog) -> Router {
    let login = blog.login.clone();
    Router::new()
        .route("/", get(timelines::home))
        .route("/explore", get(timelines::explore))
        .route("/posts", post(timelines::write))
        .route("/posts/events", get(timelines::events))
        .route("/posts/{id}/delete", post(timelines::delete))
        .route("/u/{name}", get(profiles::profile))
        .route("/u/{name}/followers", get(profiles::followers))
        .route("/u/{name}/following", get(profiles::following))
        .route("/u/{name}/follow", post(profiles::follow))
        .route("/u/{name}/unfollow", post(profiles::unfollow))
        .route("/sign-up", get(accounts::sign_up_page).post(accounts::sign_up))
        .route("/welcome", get(accounts::welcome))
        .route("/settings", get(accounts::settings_page).post(accounts::settings))
        .route(style::ROUTE, get(style::serve))
        .route("/favicon.ico", get(style::icon))
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .nest(login.mount_path(), iampass::axum::routes(&login))
        .layer(LoginLayer::new(&login))
        .layer(ProtectionLayer::new(&login))
        .with_state(blog)
}

/// The part of an address that says whose or which. An address in which it is no text is one at which there is nothing.
#[derive(Debug)]
struct Named(String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        named.map(|Path(named)| Self(named)).map_err(|_| PageError::NotFound)
    }
}

/// A query, whatever is in it.
type Asked = Query<BTreeMap<String, String>>;

/// The place in a list from which on it is asked for. A place that cannot be read is as good as none.
fn before(asked: &Asked) -> Option<i64> {
    asked.get("before")?.parse().ok()
}
