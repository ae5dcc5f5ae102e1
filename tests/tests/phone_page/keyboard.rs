//! The page by the keyboard alone.

use std::time::{Duration, Instant};

use crate::asking::From;
use crate::{Stage, user};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
/// How long *Enter* has for its effect before it is pressed once more.
const EFFECT: Duration = Duration::from_secs(3);

/// Far more than it takes.
const LONG: Duration = Duration::from_secs(60);

impl Stage {
    /// Goes by the tabulator to the control with this id.
    async fn tab_to(&self, id: &str) {
        for _ in 0..40 {
            self.browser.press(&TAB.to_string()).await.unwrap();
            let focused = self.browser.run("arguments[0](document.activeElement.id)", vec![]).await.unwrap();
            if focused == id {
                return;
            }
        }
        panic!("the tabulator does not come to {id}");
    }

    /// Waits until this control takes taps: it has stood still for a moment, and is not inert.
    async fn takes_taps(&self, id: &str) {
        let script = format!(
            "const control = document.getElementById('{id}');
             return !control.hasAttribute('data-unsteady') && control.getAttribute('aria-disabled') !== 'true';"
        );
        self.browser.finds(&format!("{id} takes taps"), &script).await.unwrap();
    }

    /// Presses *Enter* when this control takes taps, until the page is so. A control that moves at that very moment takes none, and a person presses again.
    async fn enter(&self, control: &str, is_so: &str) {
        let state = format!(
            "const [done] = arguments;
             const control = document.getElementById('{control}');
             const takesTaps = !control.hasAttribute('data-unsteady') && control.getAttribute('aria-disabled') !== 'true';
             done((() => {{ {is_so} }})() ? 'so' : takesTaps ? 'takes taps' : 'waits');"
        );
        let (begun, mut pressed) = (Instant::now(), None);
        while begun.elapsed() < LONG {
            let state = self.browser.run(&state, vec![]).await.unwrap();
            if state == "so" {
                return;
            }
            if state == "takes taps" && pressed.is_none_or(|at: Instant| at.elapsed() > EFFECT) {
                self.browser.press(&ENTER.to_string()).await.unwrap();
                pressed = Some(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Enter at {control} does nothing");
    }
}

const IS_BROUGHT: &str = "return document.getElementById('code-done').checkVisibility()";
const IS_ANSWERED: &str = "return document.getElementById('request').hidden";

#[tokio::test]
async fn a_code_is_brought_and_accepted_and_another_reported_by_keys_alone() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::Stranger).await;
    stage.takes_taps("bring-go").await;
    stage.tab_to("bring-code").await;
    browser.press(&asked.code).await.unwrap();
    stage.enter("bring-go", IS_BROUGHT).await;
    browser.shows("#code-done", "is there").await.unwrap();
    stage.takes_taps("accept").await;
    stage.tab_to("accept").await;
    stage.enter("accept", IS_ANSWERED).await;
    stage.comes_to(&asked, "active").await;

    // Digits in the request itself, and *Enter* at their end. The focus is where the person is led to.
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.shows("#request-browser", "Firefox").await.unwrap();
    stage.takes_taps("deny").await;
    stage.tab_to("code").await;
    browser.press(&asked.code).await.unwrap();
    stage.enter("accept", IS_ANSWERED).await;
    stage.comes_to(&asked, "active").await;

    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.shows("#request-browser", "Firefox").await.unwrap();
    stage.takes_taps("report").await;
    stage.tab_to("report").await;
    stage.enter("report", IS_ANSWERED).await;
    browser.shows("#notice", "Denied and reported").await.unwrap();
    stage.comes_to(&asked, "cancelled").await;
    stage.leave().await;
}
