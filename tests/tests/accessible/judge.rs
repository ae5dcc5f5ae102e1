//! The judge: axe-core in a browser. Belongs here: giving it the pages, and reading what it says. Does not belong here: which pages there are.

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use axum::routing::get;
use iampass_system_tests::{Browser, Engine, Scripts};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::snapshot::Snapshot;

const AXE: &str = include_str!("../../axe-core/axe.min.js");
const SCRIPT: &str = include_str!("judge.js");

/// The page whose document becomes that of each page in turn.
const STAGE: &str = "<!doctype html><html lang=\"en\"><title>Stage</title><script src=\"/axe.js\"></script>\
                     <script src=\"/judge.js\"></script></html>";

/// The same at the width of a phone: no window of a browser is that narrow everywhere.
const NARROW: &str = "<!doctype html><html lang=\"en\"><title>Narrow</title><body style=\"margin: 0\">\
                      <iframe src=\"/stage\" width=\"320\" height=\"740\" style=\"border: 0\"></iframe></body></html>";

/// So many pages are judged by one call: a script may run for 30 seconds, and a slow machine takes some for a page.
const AT_A_TIME: usize = 1;

/// How the pages are looked at.
#[derive(Clone, Copy, Debug)]
enum Look {
    Wide,
    Narrow,
    NarrowDark,
}

/// Whether there are browsers missing.
pub(crate) fn is_skipped() -> bool {
    std::env::var("CI").map_or(true, |ci| ci != "true")
}

/// The faults that it finds.
pub(crate) async fn judge(engine: Engine, pages: Arc<Vec<Snapshot>>) -> Vec<String> {
    let Some(browser) = Browser::start_in(engine, "accessible", Scripts::On).await.unwrap() else {
        return Vec::new();
    };
    let count = pages.len();
    let address = serve(pages).await;
    browser.resize(1280, 900).await.unwrap();
    let mut found = Vec::new();
    for look in [Look::Wide, Look::Narrow, Look::NarrowDark] {
        let (path, scope, scheme) = match look {
            Look::Wide => ("stage", "window", "light"),
            Look::Narrow => ("narrow", "frames[0]", "light"),
            Look::NarrowDark => ("narrow", "frames[0]", "dark"),
        };
        browser.open(&format!("{address}/{path}")).await.unwrap();
        browser.finds("the judge", &format!("return Boolean({scope}.judge && {scope}.axe)")).await.unwrap();
        for from in (0..count).step_by(AT_A_TIME) {
            let script = format!(
                "const [from, to, scheme, done] = arguments;
                 {scope}.judge(from, to, scheme).then(done, (error) => done([`the judge failed: ${{error.stack}}`]));"
            );
            let arguments = vec![json!(from), json!(from + AT_A_TIME), json!(scheme)];
            let faults = browser.run(&script, arguments).await.unwrap();
            let faults = faults.as_array().unwrap().iter().filter_map(Value::as_str);
            found.extend(faults.map(|fault| format!("{engine:?} {look:?} {fault}")));
        }
    }
    browser.close().await;
    found
}

async fn serve(pages: Arc<Vec<Snapshot>>) -> String {
    let script = |text: &'static str| get(move || async move { ([(CONTENT_TYPE, "text/javascript")], text) });
    let pages = serde_json::to_string(&*pages).unwrap();
    let router = Router::new()
        .route("/stage", get(|| async { Html(STAGE) }))
        .route("/narrow", get(|| async { Html(NARROW) }))
        .route("/axe.js", script(AXE))
        .route("/judge.js", script(SCRIPT))
        .route("/pages", get(move || async move { ([(CONTENT_TYPE, "application/json")], pages) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
