//! The page that plays the phone in a browser, and the files that it needs.
//!
//! It stands in for a real phone, for trying things out and for those who have no other: a registration link opened in a
//! browser makes that browser the user's phone. A device key, which no script can read, signs its answers; it lies in the browser's `IndexedDB`
//! beside the device record. The secrets of the records lie there, and those of phones without a key in `localStorage`, **in clear**, where a
//! real phone would use its key store. Where a service for development asks it to unlock or to look for a face, it simulates that, and says so.
//! The page's scripts sign and call the phone APIs like any other phone.
//!
//! The page comes in the language that its user has chosen on it, or that the browser asks for.
//!
//! Belongs here: which files there are, at which addresses and with which headers. Does not belong here: the APIs that the
//! page calls; how it looks and behaves (`assets/`); its texts (`iampass-texts`).

mod files;
mod front_page;
mod in_language;
mod language;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderMap, StatusCode, Uri};
use iampass_core::wire::{Problem, Reason};
use iampass_texts::OwnTexts;

use files::all_assets;
pub(crate) use front_page::FrontPage;
use in_language::{InAllLanguages, InLanguage};

/// Only what this origin serves: no inline script or style, no other host, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A worker has the policy of its own file. It loads a second one.
const SCRIPT_POLICY: &str =
    "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The worker of pushes passes on the page's own requests, and nothing else.
const PUSH_WORKER_POLICY: &str =
    "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Files that are neither pages nor scripts load nothing.
const FILE_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves `GET /phone`, `GET /r/{code}` (the same page), `GET /phone-worker.js` and `GET /assets/{release}/{name}`.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(own: &OwnTexts) -> Router<S> {
    let pages = InAllLanguages::with(own);
    let (at_phone, at_link, worker) = (Arc::clone(&pages), Arc::clone(&pages), Arc::clone(&pages));
    Router::new()
        .route("/phone", get(async move |headers: HeaderMap| page(&of_request(&at_phone, &headers).at_phone)))
        .route(
            "/r/{code}",
            get(async move |headers: HeaderMap| page(&of_request(&at_link, &headers).at_link)),
        )
        .route("/phone-worker.js", get(async move || push_worker(&worker)))
        .route("/assets/{release}/{name}", get(async move |uri: Uri| asset(&pages, uri.path())))
}

/// The page, in the language of this request.
fn of_request<'a>(pages: &'a InAllLanguages, headers: &HeaderMap) -> &'a InLanguage {
    static NOTHING: InLanguage = InLanguage::NOTHING;
    // Every language is there: a test reads them all.
    pages.at(language::of_request(headers)).unwrap_or(&NOTHING)
}

type Headers<const N: usize> = [(HeaderName, &'static str); N];

/// The page is never cached: it names the files of the release that serves it, and a link's code is in its address.
fn page(html: &str) -> impl IntoResponse + use<> {
    let headers: Headers<6> = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, html.to_owned())
}

/// Browsers look for it anew at every opening of the page. It may call this service, and loads no other script.
fn push_worker(pages: &InAllLanguages) -> impl IntoResponse + use<> {
    let headers: Headers<5> = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, PUSH_WORKER_POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, pages.worker.clone())
}

/// The raw path is compared, so nothing has to be decoded.
fn asset(pages: &InAllLanguages, path: &str) -> axum::response::Response {
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    if !folder.ends_with(&format!("/{}", pages.release)) {
        return not_found().into_response();
    }
    if let Some(found) = all_assets().find(|asset| asset.name == name) {
        return file(found.content_type, found.bytes);
    }
    match name.strip_suffix(".webmanifest").and_then(|tag| pages.named(tag)) {
        Some(found) => file("application/manifest+json", found.manifest.clone()),
        None => not_found().into_response(),
    }
}

fn file(content_type: &'static str, bytes: impl Into<Body>) -> axum::response::Response {
    let policy = if content_type.starts_with("text/javascript") { SCRIPT_POLICY } else { FILE_POLICY };
    let headers: Headers<5> = [
        (CONTENT_TYPE, content_type),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, bytes.into()).into_response()
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
    use std::sync::LazyLock;

    use iampass_core::signing::{BodyDigest, Nonce, Signer};
    use iampass_core::{Secret, UnixSeconds};

    use sha2::{Digest as _, Sha256};

    use super::files::{Asset, MODULES, PAGE, PICTURES, PUSH_WORKER, RELEASE, WORKERS};
    use super::*;

    static PAGES: LazyLock<Arc<InAllLanguages>> =
        LazyLock::new(|| InAllLanguages::with(&OwnTexts::default()));

    fn asset(path: &str) -> axum::response::Response {
        super::asset(&PAGES, path)
    }

    fn english() -> &'static InLanguage {
        PAGES.named("en").unwrap()
    }

    fn text(asset: &Asset) -> &'static str {
        std::str::from_utf8(asset.bytes).unwrap()
    }

    #[test]
    fn all_that_the_page_and_its_modules_name_is_served() {
        let page = english();
        for (html, at) in [(&page.at_phone, "/phone"), (&page.at_link, "/r/code")] {
            assert!(!html.contains("{{"), "a placeholder was left");
            let named: Vec<_> = html
                .split('"')
                .filter(|text| text.contains(&*RELEASE))
                .map(|text| resolve(at, text))
                .collect();
            assert_eq!(named.len(), MODULES.len() + 6);
            for path in named {
                assert_eq!(asset(&path).status(), StatusCode::OK, "{path}");
            }
        }
        for module in MODULES {
            for import in text(module).split("from \"./").skip(1) {
                let name = import.split('"').next().unwrap();
                assert!(MODULES.iter().any(|other| other.name == name), "{} imports {name}", module.name);
            }
        }
    }

    #[test]
    fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
        let texts = all_assets().filter(|asset| asset.content_type != "image/png").map(text);
        for text in texts.chain([PAGE, PUSH_WORKER]) {
            for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", " style=\"", "eval("] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
            // A name of a format, and a comment of the library.
            let elsewhere = ["http://www.w3.org/2000/svg", "http://en.wikipedia.org/wiki/Bresenham"]
                .iter()
                .fold(text.to_owned(), |text, known| text.replace(known, ""));
            assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"));
        }
        // The texts are data, which no browser runs.
        assert!(PAGE.split("<script").skip(1).all(|script| {
            script.starts_with(" type=\"application/json\" id=\"texts\">{{texts}}</script>")
                || script.contains("src=") && script.contains("></script>")
        }));
    }

    /// An app holds the phone alone: the Console, which is at the same origin, opens in the browser.
    #[test]
    fn the_app_is_the_phone_and_not_the_console() {
        let manifest: serde_json::Value = serde_json::from_str(&english().manifest).unwrap();
        let at = url::Url::parse("https://login.example/iampass/assets/0/en.webmanifest").unwrap();
        let named = |name: &str| at.join(manifest[name].as_str().unwrap()).unwrap().path().to_owned();
        assert_eq!(
            (named("start_url"), named("scope")),
            ("/iampass/phone".to_owned(), "/iampass/phone".to_owned())
        );
        // Without an id it is the start's address, with the path prefix. An id is resolved without one.
        assert!(manifest.get("id").is_none());
        let icons = manifest["icons"].as_array().unwrap();
        for (size, purpose) in [("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")] {
            let icon = icons.iter().find(|icon| icon["sizes"] == size && icon["purpose"] == purpose).unwrap();
            let name = icon["src"].as_str().unwrap();
            let picture = PICTURES.iter().find(|picture| picture.name == name).unwrap();
            let side: u32 = size.split('x').next().unwrap().parse().unwrap();
            assert_eq!(picture.bytes[16..24], [side.to_be_bytes(), side.to_be_bytes()].concat(), "{name}");
        }
    }

    /// It reads the language that the page keeps, and no key.
    #[test]
    fn the_worker_of_pushes_keeps_nothing() {
        for forbidden in ["caches.", "readwrite", ".put(", ".add(", "getAll", "importScripts", "innerHTML"] {
            assert!(!PUSH_WORKER.contains(forbidden), "{forbidden}");
        }
        let read: Vec<_> =
            PUSH_WORKER.split(".get(").skip(1).filter_map(|rest| rest.split_once(')')).collect();
        assert!(matches!(read[..], [("\"shown\"", _)]), "{read:?}");
        assert_eq!(PUSH_WORKER.matches("indexedDB").count(), 1);
        // Every kind that is pushed is shown in words of its own.
        for kind in iampass_server_domain::push::PushKind::ALL {
            assert!(PUSH_WORKER.contains(&format!("{}: {{", kind.as_str())), "{}", kind.as_str());
        }
    }

    /// A worker without a policy that lets it load the library would read no code, and say nothing.
    #[test]
    fn the_worker_may_load_its_library_and_the_page_does_not() {
        let served = |name: &str| asset(&format!("/assets/{}/{name}", *RELEASE));
        let [worker, library] = WORKERS else { panic!("a worker and its library") };
        assert!(text(worker).contains(&format!("importScripts(\"{}\")", library.name)));
        assert!(MODULES.iter().any(|module| text(module).contains(&format!("new URL(\"{}\"", worker.name))));
        for name in [worker.name, library.name, "main.js"] {
            let policy = served(name).headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert!(
                policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
                "{policy}"
            );
            assert!(!policy.contains("unsafe"), "{policy}");
        }
        assert!(!PAGE.contains(library.name) && !english().at_phone.contains(library.name));
    }

    #[test]
    fn the_library_is_the_one_that_its_folder_tells_of() {
        let hash = base16ct::lower::encode_string(&Sha256::digest(WORKERS[1].bytes));
        assert!(include_str!("../assets/phone/vendor/jsqr/README.md").contains(&hash), "{hash}");
    }

    #[test]
    fn an_unknown_file_or_release_is_not_found() {
        for path in ["/assets/0000000000000000/main.js", "/assets/main.js", "main.js", "", "/"] {
            assert_eq!(asset(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(asset(&format!("/assets/{}/secret.js", *RELEASE)).status(), StatusCode::NOT_FOUND);
        assert_eq!(asset(&format!("/assets/{}/xmain.js", *RELEASE)).status(), StatusCode::NOT_FOUND);
        assert_eq!(asset(&format!("/assets/{}/xx.webmanifest", *RELEASE)).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_page_is_not_cached_and_its_files_are() {
        let html = page(&english().at_link).into_response();
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

        let signing = text(MODULES.iter().find(|module| module.name == "signing.js").unwrap());
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
