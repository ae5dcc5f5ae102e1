//! The page that plays the phone in a browser, and the files that it needs.
//!
//! It stands in for a real phone, for trying things out and for those who have no other: a registration link opened in a
//! browser makes that browser the user's phone. Its data (the device records with their secrets) lie in the browser's
//! `localStorage` **in clear**, where a real phone would use its key store. Where a service for development asks it to unlock or to look for a
//! face, it simulates that, and says so. The page's scripts sign and call the phone APIs like any other phone.
//!
//! Belongs here: which files there are, at which addresses and with which headers. Does not belong here: the APIs that the
//! page calls; how it looks and behaves (`assets/`).

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{StatusCode, Uri};
use iampass_core::wire::{Problem, Reason};
use sha2::{Digest as _, Sha256};

/// Only what this origin serves: no inline script or style, no other host, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that the page loads.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
}

macro_rules! assets {
    ($content_type:literal: $($folder:literal / $name:literal),+ $(,)?) => {
        &[$(Asset {
            name: $name,
            content_type: $content_type,
            text: include_str!(concat!("../assets/", $folder, "/", $name)),
        }),+]
    };
}

static MODULES: &[Asset] = assets!("text/javascript; charset=utf-8":
    "phone" / "main.js",
    "phone" / "phone.js",
    "phone" / "address.js",
    "phone" / "api.js",
    "phone" / "clock.js",
    "phone" / "dom.js",
    "phone" / "home_view.js",
    "phone" / "pending.js",
    "phone" / "questions.js",
    "phone" / "records.js",
    "phone" / "registration_view.js",
    "phone" / "remove_dialog.js",
    "phone" / "request_view.js",
    "phone" / "sessions.js",
    "phone" / "signing.js",
    "phone" / "steady.js",
    "phone" / "turn.js",
    "phone" / "words.js",
);
static STYLES: &[Asset] = assets!("text/css; charset=utf-8": "style" / "tokens.css", "style" / "phone.css");
static ICONS: &[Asset] = assets!("image/svg+xml": "phone" / "icon.svg");
static MANIFESTS: &[Asset] = assets!("application/manifest+json": "phone" / "phone.webmanifest");
static PAGE: &str = include_str!("../assets/phone/phone.html");

fn all_assets() -> impl Iterator<Item = &'static Asset> {
    [MODULES, STYLES, ICONS, MANIFESTS].into_iter().flatten()
}

/// The hash of all files together. It is a folder in their addresses, so that the modules, which import each other by relative names,
/// need no rewriting and never mix with those of another release.
static RELEASE: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in all_assets() {
        hash.update(asset.name);
        hash.update([0]);
        hash.update(asset.text.len().to_be_bytes());
        hash.update(asset.text);
    }
    hash.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
});

/// The page as it stands at `/phone` and, one folder deeper, at `/r/{code}`. All addresses in it are relative: it does not
/// know under which path prefix a proxy shows it.
static AT_PHONE: LazyLock<String> = LazyLock::new(|| render(""));
static AT_LINK: LazyLock<String> = LazyLock::new(|| render("../"));

fn render(up: &str) -> String {
    let folder = format!("{up}assets/{}", *RELEASE);
    let preloads: Vec<_> = MODULES
        .iter()
        .map(|module| format!(r#"<link rel="modulepreload" href="{folder}/{}">"#, module.name))
        .collect();
    PAGE.replace("{{modules}}", &preloads.join("\n  ")).replace("{{assets}}", &folder)
}

/// Serves `GET /phone`, `GET /r/{code}` (the same page) and `GET /assets/{release}/{name}`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/phone", get(|| async { page(&AT_PHONE) }))
        .route("/r/{code}", get(|| async { page(&AT_LINK) }))
        .route("/assets/{release}/{name}", get(|uri: Uri| async move { asset(uri.path()) }))
}

type Headers<const N: usize> = [(HeaderName, &'static str); N];

/// The page is never cached: it names the files of the release that serves it, and a link's code is in its address.
fn page(html: &'static str) -> impl IntoResponse {
    let headers: Headers<6> = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, html)
}

/// The raw path is compared, so nothing has to be decoded.
fn asset(path: &str) -> axum::response::Response {
    let Some(asset) = all_assets().find(|asset| {
        path.strip_suffix(asset.name)
            .and_then(|folder| folder.strip_suffix('/'))
            .is_some_and(|folder| folder.ends_with(&format!("/{}", *RELEASE)))
    }) else {
        return not_found().into_response();
    };
    let headers: Headers<4> = [
        (CONTENT_TYPE, asset.content_type),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.text).into_response()
}

/// A page that is open during an upgrade loads nothing late, so only a wrong address ends here.
fn not_found() -> impl IntoResponse {
    let problem = Problem::new(Reason::NotFound, "There is no such file. Reload the page that asked for it.");
    let headers: Headers<3> = [
        (CONTENT_TYPE, "application/json"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
    ];
    (StatusCode::NOT_FOUND, headers, serde_json::to_string(&problem).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use iampass_core::signing::{BodyDigest, Nonce, Signer};
    use iampass_core::{Secret, UnixSeconds};

    use super::*;

    #[test]
    fn all_that_the_page_and_its_modules_name_is_served() {
        for (html, at) in [(&*AT_PHONE, "/phone"), (&*AT_LINK, "/r/code")] {
            assert!(!html.contains("{{"), "a placeholder was left");
            let named: Vec<_> = html
                .split('"')
                .filter(|text| text.contains(&*RELEASE))
                .map(|text| resolve(at, text))
                .collect();
            assert_eq!(named.len(), MODULES.len() + 5);
            for path in named {
                assert_eq!(asset(&path).status(), StatusCode::OK, "{path}");
            }
        }
        for module in MODULES {
            for import in module.text.split("from \"./").skip(1) {
                let name = import.split('"').next().unwrap();
                assert!(MODULES.iter().any(|other| other.name == name), "{} imports {name}", module.name);
            }
        }
    }

    #[test]
    fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
        for text in all_assets().map(|asset| asset.text).chain([PAGE]) {
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", " style=\"", "eval("] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
            let elsewhere = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"));
        }
        assert!(
            PAGE.split("<script")
                .skip(1)
                .all(|script| script.contains("src=") && script.contains("></script>"))
        );
    }

    #[test]
    fn an_unknown_file_or_release_is_not_found() {
        for path in ["/assets/0000000000000000/main.js", "/assets/main.js", "main.js"] {
            assert_eq!(asset(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(asset(&format!("/assets/{}/secret.js", *RELEASE)).status(), StatusCode::NOT_FOUND);
        assert_eq!(asset(&format!("/assets/{}/xmain.js", *RELEASE)).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_page_is_not_cached_and_its_files_are() {
        let html = page(&AT_LINK).into_response();
        assert_eq!(html.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(html.headers()[CONTENT_SECURITY_POLICY], POLICY);
        assert_eq!(html.headers()[REFERRER_POLICY], "no-referrer");
        let script = asset(&format!("/assets/{}/main.js", *RELEASE));
        assert!(script.headers()[CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(script.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    /// The page's script and the core sign alike. Runs where Node.js is; browsers run the same script in the browser tests.
    #[test]
    fn the_script_signs_like_the_core() {
        let cases: Vec<_> = [0, 1, 9_999_999_999, u64::MAX]
            .into_iter()
            .flat_map(|nonce| {
                ["http://127.0.0.1:8089/device/d/pending_requests?wait=20&known=a,b", "https://h/é?x=%20"]
                    .map(|url| (nonce, url))
            })
            .collect();
        let secret = Secret::new("0123456789ABCDEFGHIJKLMN");
        let signer = Signer { id: "device-1", secret: &secret };
        let body = BodyDigest::of(br#"{"accepted":false}"#);
        let expected: Vec<_> = cases
            .iter()
            .flat_map(|&(nonce, url)| {
                let signed = signer.sign(url, Nonce::new(nonce), UnixSeconds(1_764_000_000));
                [signed.authentication().to_owned(), body.appended_to(url)]
            })
            .collect();

        let signing = MODULES.iter().find(|module| module.name == "signing.js").unwrap().text;
        let inputs: Vec<_> = cases.iter().map(|(nonce, url)| (nonce.to_string(), url)).collect();
        let script = format!(
            "{signing}
            const signer = {{ id: 'device-1', secret: '0123456789ABCDEFGHIJKLMN' }};
            for (const [nonce, url] of {}) {{
                const headers = await signedHeaders(signer, url, 1764000000, nonce);
                console.log(headers.Authentication);
                console.log(await withBodyDigest(url, '{{\"accepted\":false}}'));
            }}",
            serde_json::to_string(&inputs).unwrap()
        );
        let node = Command::new("node")
            .args(["--input-type=module", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut node) = node else {
            eprintln!("skipped: there is no Node.js to run the page's script with");
            return;
        };
        node.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = node.wait_with_output().unwrap();
        assert!(output.status.success());
        let signed: Vec<_> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
        assert_eq!(signed, expected);
    }

    /// A relative address as a browser resolves it on the page at `path`.
    fn resolve(path: &str, relative: &str) -> String {
        let folders = path.matches('/').count() - 1;
        assert_eq!(relative.matches("../").count(), folders, "{relative} at {path}");
        format!("/{}", relative.trim_start_matches("../"))
    }
}
