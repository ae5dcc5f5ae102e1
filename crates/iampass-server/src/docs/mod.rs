//! The documentation that the service serves: its description for programs (`/openapi.json`) and for people (`/docs/api`), and the
//! catalogue of the reason codes for both (`/docs/reasons.json`, `/docs/reasons`).
//!
//! All of it is made of two things, [`iampass_server_openapi`] and the catalogue of `iampass-core`, and is the same for everybody: it is put
//! together once, at the first request.
//!
//! Belongs here: which pages there are, at which addresses and with which headers. Does not belong here: what they say.

mod api_page;
mod markdown;
mod reasons;
mod schema_rows;
mod style;

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};

use crate::PublicUrl;
use crate::problem::Refused;

/// Only this origin's stylesheet, and nothing that runs.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The served documents, as text.
struct Written {
    openapi: String,
    reasons: String,
    api_page: String,
    reasons_page: String,
}

impl Written {
    fn new(base: &str) -> Result<Self, Refused> {
        let document = iampass_server_openapi::document(base);
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the documentation could not be written");
            Refused::unavailable()
        };
        Ok(Self {
            openapi: document.to_json().map_err(|error| failed(&error))?,
            reasons: reasons::as_json(),
            api_page: api_page::ApiPage::of(&document).render().map_err(|error| failed(&error))?,
            reasons_page: reasons::page().render().map_err(|error| failed(&error))?,
        })
    }
}

/// Serves the pages. `public_url` is what the document says the service is called.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(public_url: Option<&PublicUrl>) -> Router<S> {
    let base = public_url.map_or_else(|| "/".to_owned(), |url| url.as_str().to_owned());
    let written = Arc::new(OnceLock::new());
    let serve = move |content_type: &'static str, pick: fn(&Written) -> &str| {
        let (base, written) = (base.clone(), Arc::clone(&written));
        get(move || async move {
            let written = match written.get() {
                Some(written) => written,
                None => {
                    let new = Written::new(&base)?;
                    written.get_or_init(|| new)
                }
            };
            Ok::<_, Refused>(document(content_type, pick(written).to_owned()))
        })
    };
    const HTML: &str = "text/html; charset=utf-8";
    const JSON: &str = "application/json";
    Router::new()
        .route("/openapi.json", serve(JSON, |written| &written.openapi))
        .route("/docs/reasons.json", serve(JSON, |written| &written.reasons))
        .route("/docs/api", serve(HTML, |written| &written.api_page))
        .route("/docs/reasons", serve(HTML, |written| &written.reasons_page))
        // Relative, because the prefix under which a proxy shows it is not known.
        .route("/docs", get(|| async { Redirect::temporary("docs/api") }))
        .route("/docs/assets/{name}", get(|Path(name): Path<String>| async move { style::asset(&name) }))
}

type Headers<const N: usize> = [(HeaderName, &'static str); N];

fn document(content_type: &'static str, text: String) -> impl IntoResponse {
    let headers: Headers<2> = [(CONTENT_TYPE, content_type), (CONTENT_SECURITY_POLICY, POLICY)];
    (headers, text)
}

#[cfg(test)]
mod tests {
    use super::style::{STYLE, STYLE_NAME};
    use super::*;

    #[test]
    fn nothing_comes_from_elsewhere_and_nothing_runs() {
        let written = Written::new("https://login.example").unwrap();
        for page in [&written.api_page, &written.reasons_page] {
            for forbidden in ["<script", "style=", " onclick", "src=", "http://"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
            let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            for link in links {
                assert!(!link.contains(':') && !link.starts_with('/'), "{link}");
            }
            assert!(page.contains(&format!("assets/{}", *STYLE_NAME)));
        }
        for forbidden in ["url(", "@import", "http:", "https:"] {
            assert!(!STYLE.contains(forbidden), "{forbidden}");
        }
    }

    /// The page is made of the document, and leaves nothing out.
    #[test]
    fn all_that_the_document_says_of_a_call_is_on_the_page() {
        let written = Written::new("https://login.example").unwrap();
        let document: serde_json::Value = serde_json::from_str(&written.openapi).unwrap();
        let articles = written.api_page.split("<article").skip(1);
        let articles: Vec<_> = articles.map(|article| article.split("</article>").next().unwrap()).collect();
        let mut calls = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, call) in methods.as_object().unwrap() {
                let start = format!(" id=\"{}\">", call["operationId"].as_str().unwrap());
                let article = articles.iter().find(|article| article.contains(&start)).unwrap();
                assert!(article.contains(&format!("<code>{path}</code>")), "{path}");
                assert!(article.contains(&format!(">{}</span>", method.to_uppercase())), "{path}");
                for parameter in call["parameters"].as_array().into_iter().flatten() {
                    assert!(
                        article.contains(&format!("<code>{}</code>", parameter["name"].as_str().unwrap())),
                        "{path}"
                    );
                }
                for status in call["responses"].as_object().unwrap().keys() {
                    assert!(article.contains(&format!(">{status}</span>")), "{path}: {status}");
                }
                assert_eq!(call.get("security").is_some(), article.contains("Signed by the"), "{path}");
                calls += 1;
            }
        }
        assert_eq!(articles.len(), calls);
        // Members of members too, and the reasons.
        for told in [
            "<code>requests[].identify.requested_data.facial.image.encoding</code>",
            "reasons#NONCE_REPLAYED",
        ] {
            assert!(written.api_page.contains(told), "{told}");
        }
    }

    #[test]
    fn every_link_within_the_pages_leads_somewhere() {
        let written = Written::new("https://login.example").unwrap();
        let ids = |page: &str| -> Vec<String> {
            page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let (api, reasons) = (ids(&written.api_page), ids(&written.reasons_page));
        for of in [&api, &reasons] {
            let mut unique = of.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), of.len(), "an id is there twice");
        }
        for (page, own) in [(&written.api_page, &api), (&written.reasons_page, &reasons)] {
            for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
                let there = match file {
                    "" => own,
                    "reasons" => &reasons,
                    "api" => &api,
                    "reasons.json" | "../openapi.json" => continue,
                    style if style.ends_with(&*STYLE_NAME) => continue,
                    other => panic!("{other}"),
                };
                assert!(fragment.is_empty() || there.iter().any(|id| id == fragment), "{link}");
            }
        }
    }
}
