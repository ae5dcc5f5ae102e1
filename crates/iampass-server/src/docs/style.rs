//! The stylesheet of the documentation.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use base16ct::lower;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use iampass_core::wire::Reason;
use sha2::{Digest as _, Sha256};

use crate::problem::Refused;

pub(super) const STYLE: &str =
    concat!(include_str!("../../assets/style/tokens.css"), include_str!("../../assets/docs/docs.css"));

/// The name of the stylesheet changes with what is in it, so that it may be kept for ever.
pub(super) static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = lower::encode_string(Sha256::digest(STYLE).get(..8).unwrap_or_default());
    format!("docs.{hash}.css")
});

/// Serves it, by its name.
pub(super) fn asset(name: &str) -> Response {
    if name != *STYLE_NAME {
        let message = "there is no such file: reload the page that asked for it";
        return Refused::new(StatusCode::NOT_FOUND, Reason::NotFound, message).into_response();
    }
    let headers: [(HeaderName, &str); 2] =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, STYLE).into_response()
}
