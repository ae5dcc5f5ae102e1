//! The stylesheet, at an address that changes with it, so that browsers may keep it for ever; and the icon.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use iampass::web::pages::Assets;

use crate::errors::PageError;

/// Where stylesheets are.
pub(crate) const ROUTE: &str = "/style/{name}";

/// All pages that a user meets are of one family with those of the login.
static CSS: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", Assets::style_tokens(), include_str!("../assets/blog.css")));

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    CSS.hash(&mut hasher);
    format!("/style/blog.{:016x}.css", hasher.finish())
});

/// The address of the stylesheet.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

/// `GET /style/{name}`
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    if address().strip_prefix("/style/") != Some(&name) {
        return PageError::NotFound.into_response();
    }
    let kept =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (kept, CSS.as_str()).into_response()
}

/// `GET /favicon.ico`, which browsers ask for on every page, the login's own too.
pub(crate) async fn icon() -> Response {
    let kept = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")];
    (kept, include_str!("../assets/icon.svg")).into_response()
}
