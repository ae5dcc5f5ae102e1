//! Every page of the login, of the phone and of the Console, in every state, judged by axe-core: in Chromium and in Firefox, light and dark, at the
//! width of a phone and of a desk.
//!
//! The pages of the login are rendered with made-up data. Those of the phone and of the Console are photographed as HTML while they are in use.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod console;
mod judge;
mod login;
mod phone;
mod snapshot;
#[allow(dead_code, reason = "the tests of the Console need more of it")]
#[path = "../console/visitor.rs"]
mod visitor;

use std::sync::Arc;

use iampass_system_tests::Engine;

use judge::judge;
use snapshot::Snapshot;

async fn judged_everywhere(pages: Vec<Snapshot>) -> Vec<String> {
    let pages = Arc::new(pages);
    let ends =
        tokio::join!(judge(Engine::Chromium, Arc::clone(&pages)), judge(Engine::Firefox, Arc::clone(&pages)));
    [ends.0, ends.1].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_keeps_anybody_out() {
    let (phone, console) = tokio::join!(phone::pages(phone::Texts::English), console::pages());
    let (Some(phone), Some(console)) = (phone, console) else { return };
    let pages = [login::pages(), phone, console].concat();
    println!("{} pages", pages.len());
    let found = judged_everywhere(pages).await;
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// In a language that is written from the right, and with texts that are half as long again.
#[tokio::test(flavor = "multi_thread")]
async fn the_phone_in_other_words_keeps_nobody_out() {
    let (longer, arabic) =
        tokio::join!(phone::pages(phone::Texts::Longer), phone::pages(phone::Texts::Arabic));
    let (Some(longer), Some(arabic)) = (longer, arabic) else { return };
    let is_arabic = |page: &Snapshot| page.html.contains("<html lang=\"ar\" dir=\"rtl\"");
    assert!(arabic.iter().skip(1).all(is_arabic), "{:?}", arabic.iter().find(|page| !is_arabic(page)));
    let pages = [longer, arabic].concat();
    println!("{} pages", pages.len());
    let mut found = judged_everywhere(pages).await;
    // The name of a button and what stands on it are lengthened each by itself, so that one is no part of the other.
    found.retain(|fault| !(fault.contains("in Longer") && fault.contains("label-content-name-mismatch")));
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// The judge is seen to judge: each of these is found, in each engine, scheme and width that has it.
#[tokio::test(flavor = "multi_thread")]
async fn pages_with_faults_are_found() {
    let page = |name: &str, body: &str, style: &str| Snapshot {
        name: name.to_owned(),
        html: format!(
            "<!doctype html><html lang=\"en\"><title>T</title><body><main><h1>H</h1>{body}</main></body></html>"
        ),
        style: format!("body {{ background: Canvas; color: CanvasText }} {style}"),
    };
    let found = judged_everywhere(vec![
        page("label", "<input>", ""),
        page(
            "dark",
            "<p>text</p>",
            "@media (prefers-color-scheme: dark) { p { color: #333; background: #222 } }",
        ),
        page("narrow", "<p>text</p>", "@media (max-width: 400px) { p { color: #ccc; background: #fff } }"),
        page("wide", "<p>text</p>", "@media (min-width: 800px) { p { color: #ccc; background: #fff } }"),
        page("long", "<p style=\"width: 500px\">text</p>", ""),
        page("good", "<p>text</p>", ""),
    ])
    .await;
    if found.is_empty() && judge::is_skipped() {
        return;
    }
    let count = |what: &str| found.iter().filter(|fault| fault.contains(what)).count();
    assert_eq!(count("label: label"), 6, "{found:#?}");
    assert_eq!(count("dark: color-contrast"), 2, "{found:#?}");
    assert_eq!(count("narrow: color-contrast"), 4, "{found:#?}");
    assert_eq!(count("wide: color-contrast"), 2, "{found:#?}");
    assert_eq!(count("long: is wider than the window"), 4, "{found:#?}");
    assert_eq!(count(" good: "), 0, "{found:#?}");
}
