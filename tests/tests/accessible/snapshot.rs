//! [`Snapshot`]: a page as it is at one moment.

use iampass_system_tests::Browser;
use serde::Serialize;

/// A page at one moment: its document, and the rules of all its style sheets.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Snapshot {
    pub(crate) name: String,
    pub(crate) html: String,
    pub(crate) style: String,
}

/// Dialogs keep their attribute `open`, and popovers get one.
const TAKE: &str = "
    const done = arguments[arguments.length - 1];
    for (const popover of document.querySelectorAll('[popover]')) {
        popover.toggleAttribute('data-open', popover.matches(':popover-open'));
    }
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    done([document.documentElement.outerHTML, rules.map((rule) => rule.cssText).join('\\n')]);
";

impl Snapshot {
    /// Takes one of the page that a browser shows.
    pub(crate) async fn of(browser: &Browser, name: &str) -> Self {
        let taken = browser.run(TAKE, vec![]).await.unwrap();
        let text = |part: usize| taken[part].as_str().unwrap().to_owned();
        Self { name: name.to_owned(), html: format!("<!doctype html>{}", text(0)), style: text(1) }
    }
}
