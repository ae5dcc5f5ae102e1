//! The two files that all pages load. Belongs here: how they are put together and called. Does not belong here: what is in them
//! (`assets/`).

use std::sync::LazyLock;

use base16ct::lower;
use sha2::{Digest as _, Sha256};

/// The stylesheet and the script of the pages. Their names change with what is in them, so they may be kept for ever.
///
/// ```
/// use iampass_web::pages::Assets;
///
/// let (content_type, bytes) = Assets::get(Assets::css_name()).expect("the stylesheet is there");
/// assert_eq!(content_type, "text/css; charset=utf-8");
/// assert!(!bytes.is_empty());
/// assert!(Assets::get("login.css").is_none());
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Assets;

struct Asset {
    name: String,
    content_type: &'static str,
    text: &'static str,
}

const CSS: &str = concat!(
    include_str!("../../assets/style/tokens.css"),
    include_str!("../../assets/style/frame.css"),
    include_str!("../../assets/style/pages.css"),
);

/// One file of small ones. They share a function's scope, so that nothing of it is seen by an application's own scripts.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\nconst TOKENS = `",
    include_str!("../../assets/style/tokens.css"),
    "`;\nconst COVER_STYLE = `",
    include_str!("../../assets/style/cover.css"),
    "`;\n",
    include_str!("../../assets/script/shared_stream.js"),
    include_str!("../../assets/script/follower.js"),
    include_str!("../../assets/script/moving_code.js"),
    include_str!("../../assets/script/wait.js"),
    include_str!("../../assets/script/enrol.js"),
    include_str!("../../assets/script/cover.js"),
    include_str!("../../assets/script/notice.js"),
    include_str!("../../assets/script/session.js"),
    include_str!("../../assets/script/page.js"),
    "})();\n",
);

static STYLESHEET: LazyLock<Asset> = LazyLock::new(|| named("css", "text/css; charset=utf-8", CSS));
static SCRIPT_FILE: LazyLock<Asset> = LazyLock::new(|| named("js", "text/javascript; charset=utf-8", SCRIPT));

fn named(extension: &str, content_type: &'static str, text: &'static str) -> Asset {
    let hash = lower::encode_string(Sha256::digest(text).get(..8).unwrap_or_default());
    Asset { name: format!("login.{hash}.{extension}"), content_type, text }
}

impl Assets {
    /// The content type and the bytes of the file of this name. `None` if there is none: also for one of another release.
    #[must_use]
    pub fn get(name: &str) -> Option<(&'static str, &'static [u8])> {
        [&STYLESHEET, &SCRIPT_FILE]
            .into_iter()
            .find(|asset| asset.name == name)
            .map(|asset| (asset.content_type, asset.text.as_bytes()))
    }

    /// Colours, spaces and radii of the pages, as custom properties of CSS, light and dark: to stand first in the stylesheet of an
    /// application whose own pages are to be of one family with them.
    #[must_use]
    pub const fn style_tokens() -> &'static str {
        include_str!("../../assets/style/tokens.css")
    }

    /// The script's class `SharedStream`: one stream of events for all windows of a browser. It is to stand first in the script of an
    /// application whose own pages follow a stream of the application's.
    #[must_use]
    pub const fn shared_stream_script() -> &'static str {
        include_str!("../../assets/script/shared_stream.js")
    }

    /// The name of the stylesheet.
    #[must_use]
    pub fn css_name() -> &'static str {
        &STYLESHEET.name
    }

    /// The name of the script.
    #[must_use]
    pub fn script_name() -> &'static str {
        &SCRIPT_FILE.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_what_is_in_them() {
        let one = named("css", "text/css", "a");
        let other = named("css", "text/css", "b");
        assert_ne!(one.name, other.name);
        assert_eq!(one.name, "login.ca978112ca1bbdca.css");
        assert!(Assets::get(Assets::script_name()).is_some());
        assert!(Assets::get("").is_none());
    }

    /// They stand in the script between backquotes.
    #[test]
    fn styles_in_the_script_end_no_string() {
        for css in
            [include_str!("../../assets/style/tokens.css"), include_str!("../../assets/style/cover.css")]
        {
            assert!(!css.contains(['`', '\\']) && !css.contains("${"));
        }
    }

    #[test]
    fn nothing_comes_from_elsewhere_and_no_markup_is_written() {
        for text in [CSS, &SCRIPT.replace("\"http://www.w3.org/2000/svg\"", "")] {
            for forbidden in [
                "http:",
                "https:",
                "url(",
                "@import",
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "document.write",
            ] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
        }
    }

    /// The pages of the login and of the service are one family. Where both are at hand, their tokens are the same.
    #[test]
    fn the_tokens_are_those_of_the_phone() {
        let others = concat!(env!("CARGO_MANIFEST_DIR"), "/../iampass-server/assets/style/tokens.css");
        if let Ok(others) = std::fs::read_to_string(others) {
            assert_eq!(others, include_str!("../../assets/style/tokens.css"));
        }
    }
}
