//! The stylesheet, at an address that changes with it, so that browsers may keep it for ever.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use iampass::web::pages::Assets;

use crate::errors::PageError;

/// Where stylesheets are.
pub(crate) const ROUTE: &str = "/style/{name}";

/// All pages that a user meets are of one family with those of the login.
static CSS: LazyLock<String> =
    LazyLock::new(|| format!("{}{}", Assets::style_tokens(), include_str!("../assets/notes.css")));

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    CSS.hash(&mut hasher);
    format!("/style/notes.{:016x}.css", hasher.finish())
});

/// The address of the stylesheet.
pub(crate) fn address() -> &'static str {
    &ADDRESS
}

/// `GET /style/{name}`
///
/// # Errors
/// [`PageError::NotFound`] for any other name.
pub(crate) async fn serve(name: web::Path<String>) -> Result<HttpResponse, PageError> {
    if address().strip_prefix("/style/") != Some(name.as_str()) {
        return Err(PageError::NotFound);
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(CSS.as_str()))
}
