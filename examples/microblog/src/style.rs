//! The stylesheet, at an address that changes with it, so that browsers may keep it for ever; and the icon.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::errors::PageError;

/// Where stylesheets are.
pub(crate) const ROUTE: &str = "/style/{name}";

const CSS: &str = concat!(include_str!("../assets/tokens.css"), include_str!("../assets/blog.css"));

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
    (kept, CSS).into_response()
}

/// `GET /favicon.ico`, which browsers ask for on every page, the login's own too.
pub(crate) async fn icon() -> Response {
    let kept = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")];
    (kept, include_str!("../assets/icon.svg")).into_response()
}

#[cfg(test)]
mod tests {
    /// All pages that a user meets are of one family. Where the login's own are at hand, the tokens are the same.
    #[test]
    fn the_tokens_are_those_of_the_login() {
        let others = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/iampass-web/assets/style/tokens.css");
        if let Ok(others) = std::fs::read_to_string(others) {
            assert_eq!(others, include_str!("../assets/tokens.css"));
        }
    }
}
