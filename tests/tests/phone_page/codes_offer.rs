//! Codes are told once: none are lost on their way, and none that somebody has written down are made worthless without asking.

use crate::{Stage, user};

/// The codes come this late.
const LATE: &str = "
    const fetchIt = window.fetch;
    window.fetch = async (url, options) => {
        const answer = await fetchIt(url, options);
        if (String(url).includes('/recovery_codes')) await new Promise((go) => setTimeout(go, 4000));
        return answer;
    };
    arguments[0](null);
";
const IS_HIDDEN: &str = "return document.getElementById('codes-offer').hidden";
const IS_BUSY: &str = "return document.getElementById('phones').getAttribute('aria-busy') === 'true'";

async fn offered() -> Option<Stage> {
    let stage = Stage::set().await?;
    stage.register(&user("ann"), "Ann").await;
    stage.browser.shows("#codes-offer", "of Ann in").await.unwrap();
    Some(stage)
}

#[tokio::test]
async fn codes_that_were_made_are_offered_no_more() {
    let Some(stage) = offered().await else { return };
    let browser = &stage.browser;
    browser.click("#user-list [data-part=phones]").await.unwrap();
    browser.shows("#phones-codes-left", "0 recovery codes").await.unwrap();
    browser.finds("it is offered still", &format!("return !(() => {{ {IS_HIDDEN} }})()")).await.unwrap();
    browser.click("#phones-make-codes").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    browser.finds("it is offered no more", IS_HIDDEN).await.unwrap();
    stage.leave().await;
}

/// The person closes the dialog while they are on their way, or a notification that is tapped would.
#[tokio::test]
async fn codes_on_their_way_are_shown_all_the_same() {
    const CLOSED: &str = "document.getElementById('phones-close').click(); arguments[0](document.getElementById('phones').open)";
    // As a browser does with a second Escape, whatever the page says.
    const FORCED: &str = "document.getElementById('phones').close(); arguments[0](null)";
    for forced in [false, true] {
        let Some(stage) = offered().await else { return };
        let browser = &stage.browser;
        browser.run(LATE, vec![]).await.unwrap();
        browser.click("#codes-offer-make").await.unwrap();
        browser.finds("they are on their way", IS_BUSY).await.unwrap();
        if forced {
            browser.run(FORCED, vec![]).await.unwrap();
        } else {
            assert_eq!(browser.run(CLOSED, vec![]).await.unwrap(), true, "it stays open");
        }
        browser.shows("#phones-codes", "-").await.unwrap();
        browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
        let shown = "return document.getElementById('phones').open && !document.getElementById('phones-codes-part').hidden";
        browser.finds("they are shown", shown).await.unwrap();
        stage.leave().await;
    }
}

/// The list of one user comes late, when the dialog is open for another who has codes.
#[tokio::test]
async fn a_list_that_comes_late_makes_no_codes_for_another_user() {
    const HELD: &str = "
        const fetchIt = window.fetch;
        window.posted = [];
        window.fetch = async (url, options) => {
            if (options?.method === 'POST') window.posted.push(String(url));
            const answer = await fetchIt(url, options);
            if (!window.letGo && String(url).includes('/phones')) await new Promise((go) => { window.letGo = go; });
            return answer;
        };
        arguments[0](null);
    ";
    const OPEN_ANNS: &str = "
        const items = [...document.querySelectorAll('#user-list > *')];
        items.find((item) => item.textContent.includes('Ann')).querySelector('[data-part=phones]').click();
        arguments[0](null);
    ";
    // The list is looked at in the same turn as the codes are asked for.
    const LET_GO: &str = "window.letGo(); setTimeout(() => arguments[0](window.posted), 1000)";
    let Some(stage) = offered().await else { return };
    let browser = &stage.browser;
    browser.click("#codes-offer-make").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    stage.register(&user("bob"), "Bob").await;
    browser.shows("#codes-offer", "of Bob in").await.unwrap();
    browser.run(HELD, vec![]).await.unwrap();
    browser.click("#codes-offer-make").await.unwrap();
    browser.finds("it is held", "return Boolean(window.letGo)").await.unwrap();
    browser.click("#phones-close").await.unwrap();
    browser.run(OPEN_ANNS, vec![]).await.unwrap();
    browser.shows("#phones-title", "Ann").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    assert_eq!(browser.run(LET_GO, vec![]).await.unwrap(), serde_json::json!([]), "nothing is made");
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    stage.leave().await;
}
