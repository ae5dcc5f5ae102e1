//! Requests that need the code that the page shows where somebody signs in: on a phone that rings, on one that brings the code, by an address.

use iampass_system_tests::{Browser, Engine};
use serde_json::{Value, json};

use crate::asking::From;
use crate::{Stage, user};

/// The assurance of an approval by a code that a phone with a key has brought.
fn proven() -> Value {
    json!({"code": true, "unlocked": false, "key": "device"})
}

#[tokio::test]
async fn a_phone_that_rings_takes_the_six_digits_and_no_others() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.shows("#request-application", "Corner Shop").await.unwrap();
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.shows("#request-browser", "Firefox on Windows").await.unwrap();
    browser.shows("#request-known", "used before").await.unwrap();
    browser.shows("#request-address", "203.0.113.5").await.unwrap();
    browser.shows("#request-time", "just now").await.unwrap();
    browser.picture("asked").await.unwrap();
    // *Accept* is inert until six digits are there.
    let inert = || async { browser.attribute("#accept", "aria-disabled").await.unwrap() };
    browser.fill("#code", &asked.code[..5]).await.unwrap();
    browser
        .finds(
            "Deny takes taps",
            "return document.getElementById('deny').getAttribute('aria-disabled') === 'false'",
        )
        .await
        .unwrap();
    assert_eq!(inert().await.as_deref(), Some("true"));

    browser.fill("#code", &asked.wrong_code()).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#code-failure", "Wrong code").await.unwrap();
    browser.shows("#code-failure", "2 tries are left").await.unwrap();
    assert_ne!(stage.status(&asked).await["session_status"], "active");
    assert_eq!(inert().await.as_deref(), Some("true"), "the wrong digits are gone from the field");

    let (first, second) = asked.code.split_at(3);
    browser.fill("#code", &format!(" {first} {second} ")).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Corner Shop signs you in as Ann.").await.unwrap();
    assert_eq!(stage.comes_to(&asked, "active").await["assurance"], proven());
    stage.leave().await;
}

#[tokio::test]
async fn the_third_wrong_code_ends_the_request() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    for left in ["2 tries are left", "1 try is left"] {
        browser.fill("#code", &asked.wrong_code()).await.unwrap();
        browser.click("#accept").await.unwrap();
        browser.shows("#code-failure", left).await.unwrap();
    }
    browser.fill("#code", &asked.wrong_code()).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "This request is over").await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    stage.comes_to(&asked, "failed").await;
    stage.leave().await;
}

#[tokio::test]
async fn a_stranger_is_on_no_phone_until_it_brings_the_code_and_one_tap_is_left_then() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::Stranger).await;
    browser.fill("#bring-code", &asked.wrong_code()).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.shows("#bring-failure", "No request shows this code").await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();

    browser.fill("#bring-code", &asked.code).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.shows("#code-done", &format!("{} {}", &asked.code[..3], &asked.code[3..])).await.unwrap();
    browser.shows("#request-known", "not used before").await.unwrap();
    browser.picture("brought").await.unwrap();
    // A poll from before the code was brought takes nothing away.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    assert_eq!(stage.comes_to(&asked, "active").await["assurance"], proven());
    assert!(browser.complaints().await.unwrap().is_empty());
    stage.leave().await;
}

#[tokio::test]
async fn not_me_denies_and_silences_and_the_code_still_works() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.shows("#report-word", "records that somebody else asked").await.unwrap();
    browser.click("#report").await.unwrap();
    browser.shows("#notice", "Denied and reported").await.unwrap();
    stage.comes_to(&asked, "cancelled").await;

    // Nothing rings for a while.
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    browser.fill("#bring-code", &asked.code).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    stage.comes_to(&asked, "active").await;
    stage.leave().await;
}

#[tokio::test]
async fn a_link_brings_nothing_and_the_digits_of_the_page_do() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann, bob) = (&stage.browser, user("ann"), user("bob"));
    let asked_before = {
        stage.client.add_user(&ann).await.unwrap();
        browser
            .open(&format!("{}/phone#scan=AAAAAAAAAAAAAAAAAAAAAA", stage.service.server_url()))
            .await
            .unwrap();
        browser.shows("#notice", "The code needs a registered phone").await.unwrap();
        stage.register(&ann, "Ann").await;
        stage.register(&bob, "Bob").await;
        stage.ask(&bob, From::Stranger).await
    };
    // The page is open already: only the fragment changes.
    browser.open(&asked_before.scan_url).await.unwrap();
    browser.shows("#notice", "Type the six digits").await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    assert!(browser.address().await.unwrap().ends_with("/phone"), "the secret is gone from the address bar");
    stage.comes_to(&asked_before, "pending").await;

    // The page is opened anew.
    let asked = stage.ask(&ann, From::Stranger).await;
    browser.open("about:blank").await.unwrap();
    browser.open(&asked.scan_url).await.unwrap();
    browser.shows("#notice", "somebody else has sent you the link").await.unwrap();
    assert!(browser.address().await.unwrap().ends_with("/phone"));
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    stage.comes_to(&asked, "pending").await;
    type_digits(browser, "Ann", &asked.code).await;
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "go back to the page where you began").await.unwrap();
    assert_eq!(stage.comes_to(&asked, "active").await["assurance"], proven());

    // The same digits are good for nothing any more.
    type_digits(browser, "Ann", &asked.code).await;
    browser.shows("#bring-failure", "No request shows this code").await.unwrap();
    stage.leave().await;
}

/// A poll that was answered before the code was brought does not know the request.
#[tokio::test]
async fn a_late_answer_from_before_takes_the_request_not_away() {
    const HOLD_POLLS: &str = "
        const [done] = arguments;
        const fetchNow = window.fetch;
        window.release = [];
        window.fetch = async (url, options) => {
            window.isBrought ||= url.includes('/bring');
            if (!url.includes('/pending_requests') || window.isBrought) return fetchNow(url, options);
            await new Promise((resolve, reject) => {
                window.release.push(resolve);
                options.signal.addEventListener('abort', () => reject(options.signal.reason));
            });
            return new Response('{\"requests\": []}');
        };
        done(null);
    ";
    const RELEASE: &str = "
        for (const release of window.release) release();
        arguments[0](null);
    ";
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    let first = stage.ask(&ann, From::KnownBrowser).await;
    browser.shows("#request-application", "Corner Shop").await.unwrap();
    browser.run(HOLD_POLLS, vec![]).await.unwrap();
    // A poll that waits now is the page's own. It ends with this request, and the next one is held.
    browser.click("#deny").await.unwrap();
    stage.comes_to(&first, "cancelled").await;
    browser.finds("a poll is held", "return window.release.length > 0").await.unwrap();
    let asked = stage.ask(&ann, From::Stranger).await;
    browser.fill("#bring-code", &asked.code).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.shows("#code-done", "is there").await.unwrap();
    browser.run(RELEASE, vec![]).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    browser.shows("#code-done", "is there").await.unwrap();
    browser.click("#accept").await.unwrap();
    stage.comes_to(&asked, "active").await;
    stage.leave().await;
}

/// Chooses whose code it is, where the phone has several users.
const CHOOSE: &str = "
    const [name, done] = arguments;
    const choice = document.getElementById('bring-for');
    choice.value = [...choice.options].find(({ text }) => text.startsWith(name)).value;
    done(choice.options.length);
";

/// Types the digits of a page for this user, on a phone with several.
async fn type_digits(browser: &Browser, name: &str, digits: &str) {
    browser.run(CHOOSE, vec![json!(name)]).await.unwrap();
    browser.fill("#bring-code", digits).await.unwrap();
    browser.click("#bring-go").await.unwrap();
}

/// Two users on one phone: digits are tried for the one who was chosen, since wrong ones count.
#[tokio::test]
async fn digits_are_brought_for_the_user_who_was_chosen() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann, bob) = (&stage.browser, user("ann"), user("bob"));
    stage.register(&ann, "Ann").await;
    stage.register(&bob, "Bob").await;
    let chosen =
        "return document.getElementById('bring-for').selectedOptions[0]?.text.startsWith('Bob') === true";
    browser.finds("the user who was registered last is chosen", chosen).await.unwrap();
    let asked = stage.ask(&bob, From::Stranger).await;
    for (name, shown) in [("Ann", "#bring-failure"), ("Bob", "#code-done")] {
        assert_eq!(browser.run(CHOOSE, vec![json!(name)]).await.unwrap(), json!(2));
        browser.fill("#bring-code", &asked.code).await.unwrap();
        browser.click("#bring-go").await.unwrap();
        browser
            .finds(shown, &format!("return document.querySelector('{shown}').checkVisibility()"))
            .await
            .unwrap();
    }
    browser.shows("#request-user", "Bob").await.unwrap();
    stage.leave().await;
}

/// A phone that was registered before there were keys and codes learns where codes are brought, and is `shared`.
#[tokio::test]
async fn a_phone_of_before_brings_codes_without_a_key() {
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    crate::records::registered_as_before(&stage, "ann").await;
    let asked = stage.ask(&ann, From::Stranger).await;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.fill("#bring-code", &asked.code).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    let assurance = json!({"code": true, "unlocked": false, "key": "shared"});
    assert_eq!(stage.comes_to(&asked, "active").await["assurance"], assurance);
    stage.leave().await;
}

/// The first call of the page tells it the service's time: what it signs by its key afterwards is of that time.
#[tokio::test]
async fn a_phone_whose_clock_is_wrong_brings_and_accepts() {
    const AN_HOUR_BEHIND: &str = "
        const now = Date.now.bind(Date);
        Date.now = () => now() - 3_600_000;
    ";
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    if browser.engine() != Engine::Chromium {
        eprintln!("SKIPPED: only Chromium runs a script before those of a page");
        return;
    }
    browser.run_before_pages(AN_HOUR_BEHIND).await.unwrap();
    stage.register(&ann, "Ann").await;
    let asked = stage.ask(&ann, From::Stranger).await;
    browser.fill("#bring-code", &asked.code).await.unwrap();
    browser.click("#bring-go").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    assert_eq!(stage.comes_to(&asked, "active").await["assurance"], proven());
    stage.leave().await;
}

/// A record whose key was exchanged signs nothing that the service takes, and the page says what to do.
#[tokio::test]
async fn another_key_accepts_nothing() {
    const EXCHANGE_KEY: &str = "
        const [done] = arguments;
        const exchange = async () => {
            const curve = { name: 'ECDSA', namedCurve: 'P-256' };
            const { privateKey } = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
            const opened = indexedDB.open('iampass-phone:/');
            await new Promise((resolve) => { opened.onsuccess = resolve; });
            const transaction = opened.result.transaction('records', 'readwrite');
            const store = transaction.objectStore('records');
            store.openCursor().onsuccess = ({ target }) => {
                const cursor = target.result;
                if (cursor) cursor.update({ ...cursor.value, deviceKey: privateKey });
            };
            await new Promise((resolve) => { transaction.oncomplete = resolve; });
            opened.result.close();
        };
        exchange().then(() => done('exchanged'), (error) => done(String(error)));
    ";
    let Some(stage) = Stage::set().await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    assert_eq!(browser.run(EXCHANGE_KEY, vec![]).await.unwrap(), "exchanged");
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#empty", "Nothing to accept").await.unwrap();
    let asked = stage.ask(&ann, From::KnownBrowser).await;
    browser.fill("#code", &asked.code).await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#code-failure", "This phone has lost its key").await.unwrap();
    browser.click("#deny").await.unwrap();
    browser.shows("#code-failure", "This phone has lost its key").await.unwrap();
    assert_ne!(stage.status(&asked).await["session_status"], "active");
    stage.leave().await;
}
