//! The Console's stylesheet, script and icon. Their names change with what is in them, so browsers may keep them for ever.
//!
//! Belongs here: how they are put together and called. Does not belong here: what is in them (`assets/`).

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use base16ct::lower;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use iampass_web::pages::Assets;
use sha2::{Digest as _, Sha256};

use super::page_error::PageError;

/// One function, so that nothing of it is seen by other scripts of the page.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    [
        "(() => {\n\"use strict\";\n",
        Assets::shared_stream_script(),
        include_str!("../assets/console/live_part.js"),
        include_str!("../assets/console/console.js"),
        "})();\n",
    ]
    .concat()
});

const ICON: &str = include_str!("../assets/console/icon.svg");

/// All our pages are of one family: they share the tokens.
static CSS: LazyLock<String> = LazyLock::new(|| {
    [
        Assets::style_tokens(),
        include_str!("../assets/console/console.css"),
        include_str!("../assets/console/parts.css"),
        include_str!("../assets/console/application.css"),
    ]
    .concat()
});

static CSS_NAME: LazyLock<String> = LazyLock::new(|| named("console", &CSS, "css"));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| named("console", &SCRIPT, "js"));
static ICON_NAME: LazyLock<String> = LazyLock::new(|| named("icon", ICON, "svg"));

fn named(stem: &str, text: &str, extension: &str) -> String {
    let hash = lower::encode_string(Sha256::digest(text).get(..8).unwrap_or_default());
    format!("{stem}.{hash}.{extension}")
}

pub(super) fn css_name() -> &'static str {
    &CSS_NAME
}

pub(super) fn script_name() -> &'static str {
    &SCRIPT_NAME
}

pub(super) fn icon_name() -> &'static str {
    &ICON_NAME
}

/// `GET /console/assets/{name}`
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let (content_type, text) = match name.as_str() {
        name if name == css_name() => ("text/css; charset=utf-8", CSS.as_str()),
        name if name == script_name() => ("text/javascript; charset=utf-8", SCRIPT.as_str()),
        name if name == icon_name() => ("image/svg+xml", ICON),
        _ => return PageError::NotFound.into_response(),
    };
    let kept = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (kept, text).into_response()
}
