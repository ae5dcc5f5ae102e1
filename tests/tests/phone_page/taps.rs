//! A tap does what stood under the finger when it was meant, and never what has come there since: a *Deny* that is tapped twice never becomes
//! an *Accept*.

use std::time::Duration;

use iampass_core::machine::{Denial, LoginOptions, LoginOutcome};
use iampass_core::wire::SessionStatus;
use iampass_testkit::TestServiceBuilder;
use serde_json::{Value, json};

use crate::{Stage, user};

/// Between the taps of somebody who taps twice.
const BETWEEN: Duration = Duration::from_millis(150);

/// Widths of windows: that of most phones, then from a small phone at 200 % to a tablet.
const WIDTHS: [u32; 7] = [390, 200, 280, 320, 360, 430, 800];

/// From now on nothing that the page sends arrives, and what it would have sent is kept, a signed answer as what is signed. `answer` is what the service says, or null where there
/// is no network.
const CUT: &str = "
    const [answer, done] = arguments;
    window.sent = [];
    const said = (body) => {
        const { answer } = JSON.parse(body);
        return answer ? atob(answer.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')) : body;
    };
    window.fetch = async (url, { method, body }) => {
        if (method === 'POST') window.sent.push(said(body));
        if (answer === null) throw new TypeError('there is no network');
        return new Response(JSON.stringify(answer), { status: 503 });
    };
    done(null);
";

/// The places of the two buttons and of what failed, when the buttons have stood still for a while and take taps.
const PLACES: &str = "
    const [done] = arguments;
    const place = (id) => {
        const { left, top, width, height } = document.getElementById(id).getBoundingClientRect();
        return { left, top, width, height };
    };
    let stood = null;
    let since = 0;
    const look = () => {
        const ids = ['deny', 'accept'];
        const now = JSON.stringify(ids.map(place));
        if (now !== stood) since = performance.now();
        stood = now;
        const areInert = ids.some((id) => document.getElementById(id).getAttribute('aria-disabled') === 'true');
        if (areInert || performance.now() - since < 600) return setTimeout(look, 20);
        const said = document.getElementById('request-failure');
        done({
            deny: place('deny'), accept: place('accept'),
            // A long text is scrolled within its room.
            failureEnds: said.parentElement.getBoundingClientRect().bottom, sent: window.sent,
        });
    };
    look();
";

fn middle(place: &Value, across: f64) -> (i64, i64) {
    let of = |name: &str| place[name].as_f64().unwrap();
    ((of("left") + of("width") * across) as i64, (of("top") + of("height") / 2.0) as i64)
}

#[tokio::test]
async fn denying_twice_without_network_never_accepts_and_no_button_moves() {
    let long = |service: TestServiceBuilder| service.answer_timeout(Duration::from_secs(3_600));
    let Some(stage) = Stage::with(long).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let login = stage.begin(&ann, LoginOptions::default().deadline(Duration::from_secs(3_600)));
    browser.shows("#request", "Corner Shop").await.unwrap();
    let said = "The service cannot do this right now, and says so in very many words. ".repeat(6);
    // The page has no words of its own for a reason that it does not know.
    let refusal = json!({"status": false, "reason": "OF_LATER", "message": said});
    for (answer, widths) in [(json!(null), &WIDTHS[..]), (refusal, &[200, 390, 800])] {
        browser.run(CUT, vec![answer]).await.unwrap();
        for &width in widths {
            browser.resize(width, 740).await.unwrap();
            let before = browser.run(PLACES, vec![]).await.unwrap();
            for across in [0.05, 0.6, 0.95] {
                browser.run("window.sent = []; arguments[0](null)", vec![]).await.unwrap();
                browser.tap_twice(middle(&before["deny"], across), BETWEEN).await.unwrap();
                browser
                    .finds("the failure is told", "return !document.getElementById('request-failure').hidden")
                    .await
                    .unwrap();
                let after = browser.run(PLACES, vec![]).await.unwrap();
                let sent = after["sent"].as_array().unwrap();
                let accepted = sent.iter().any(|body| body.as_str().unwrap().contains("\"accepted\":true"));
                assert!(!accepted, "at {width} px, {across} across: {sent:?}");
                assert!(
                    sent.iter().any(|body| body.as_str().unwrap().contains("\"accepted\":false")),
                    "{sent:?}"
                );
                for button in ["deny", "accept"] {
                    assert_eq!(after[button], before[button], "{button} has moved at {width} px");
                }
                let ends = after["failureEnds"].as_f64().unwrap();
                assert!(ends <= after["deny"]["top"].as_f64().unwrap(), "what failed stands above: {after}");
            }
        }
    }
    browser.picture("without network").await.unwrap();
    login.abort();
    stage.leave().await;
}

/// The second tap comes when another question stands there already: at once, and once more when a finger that taps twice would. The page taps by
/// itself, so that no slow machine taps after the buttons have stood still for long enough.
#[tokio::test]
async fn a_second_tap_does_not_answer_the_next_question() {
    const TAP_THE_NEXT: &str = "
        const [x, y, between, done] = arguments;
        const user = document.getElementById('request-user');
        window.tapped = [];
        const tap = () => {
            const under = document.elementFromPoint(x, y).closest('button');
            window.tapped.push(under?.id ?? 'nothing');
            under?.click();
        };
        const observer = new MutationObserver(() => {
            if (!user.textContent.includes('Bob')) return;
            observer.disconnect();
            const came = performance.now();
            tap();
            setTimeout(() => {
                // Later it would be a tap on what has stood there for a while.
                if (performance.now() - came < 2 * between) tap();
            }, between);
        });
        observer.observe(user, { childList: true, characterData: true, subtree: true });
        done(null);
    ";
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann, bob) = (&stage.browser, user("ann"), user("bob"));
    stage.register(&ann, "Ann").await;
    stage.register(&bob, "Bob").await;
    let first = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    let second = stage.begin(&bob, LoginOptions::default());
    browser.shows("#request-more", "1 more request waits.").await.unwrap();
    let places = browser.run(PLACES, vec![]).await.unwrap();
    let (x, y) = middle(&places["deny"], 0.5);
    let between = BETWEEN.as_millis() as u64;
    browser.run(TAP_THE_NEXT, vec![json!(x), json!(y), json!(between)]).await.unwrap();
    browser.click("#deny").await.unwrap();
    assert!(matches!(first.await.unwrap(), LoginOutcome::Denied(Denial::Declined)));
    browser.shows("#request-user", "Bob").await.unwrap();
    browser
        .finds("the next question's button was tapped", "return window.tapped[0] === 'deny'")
        .await
        .unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(second.await.unwrap(), LoginOutcome::Granted(_)), "it was not denied by the second tap");
    stage.leave().await;
}

/// The second tap comes when the question has gone and the page behind it stands there: every control of it is tapped at once.
#[tokio::test]
async fn a_second_tap_does_nothing_to_the_page_behind() {
    const TAP_WHAT_COMES: &str = "
        const [done] = arguments;
        const request = document.getElementById('request');
        window.tapped = 0;
        new MutationObserver(() => {
            if (!request.hidden) return;
            for (const button of document.querySelectorAll('#home button:not([hidden])')) {
                window.tapped += 1;
                button.click();
            }
        }).observe(request, { attributes: true, attributeFilter: ['hidden'] });
        done(null);
    ";
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let login = stage.begin(&ann, LoginOptions::default());
    browser.click("#accept").await.unwrap();
    let LoginOutcome::Granted(granted) = login.await.unwrap() else { panic!("not granted") };
    browser.shows("#user-list", "Active").await.unwrap();

    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request", "Corner Shop").await.unwrap();
    browser.run(TAP_WHAT_COMES, vec![]).await.unwrap();
    browser.click("#deny").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(Denial::Declined)));
    browser.finds("what came was tapped", "return window.tapped >= 3").await.unwrap();
    browser.shows("#notice", "Denied").await.unwrap();
    browser.shows("#user-list", "Active").await.unwrap();
    assert_eq!(stage.client.status(&granted.session).await.unwrap(), SessionStatus::Active);
    browser.finds("no dialog is open", "return !document.getElementById('remove').open").await.unwrap();
    // A moment later the same buttons work.
    browser.click("[data-part=walk-away]").await.unwrap();
    browser.shows("#away", "You are away").await.unwrap();
    stage.leave().await;
}
