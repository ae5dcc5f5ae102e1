//! Several phones of one user on the phone's page: *Your phones*, a page that waits to be confirmed, and links for another phone. In each engine.

use std::time::Duration;

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_core::{DeviceId, RegistrationLink, Secret};
use iampass_system_tests::{Browser, Engine, Scripts};
use iampass_testkit::VirtualPhone;

use crate::{Stage, user};

/// The names under which something of a phone that waits is kept.
const WAITING_KEPT: &str = "
    const [done] = arguments;
    const opened = indexedDB.open('iampass-phone:/');
    opened.onsuccess = () => {
        const asked = opened.result.transaction('records').objectStore('records').getAllKeys();
        asked.onsuccess = () => { opened.result.close(); done(asked.result.filter((name) => name.startsWith('waiting:')).length); };
    };
";

async fn in_engine(engine: Engine, name: &str) -> Option<Stage> {
    let browser = Browser::start_in(engine, name, Scripts::On).await.unwrap()?;
    Some(Stage::with_browser(browser, |service| service.at_localhost()).await)
}

async fn list_has(stage: &Stage, count: usize) {
    let script = format!("return document.querySelectorAll('#phones-list > li').length === {count}");
    stage.browser.finds(&format!("{count} phones"), &script).await.unwrap();
}

/// Closes the dialog and opens it again, as a person does who looks once more.
async fn looks_again(stage: &Stage) {
    stage.browser.run("document.getElementById('phones').close(); arguments[0](null)", vec![]).await.unwrap();
    stage.browser.click("[data-part=phones]").await.unwrap();
}

/// Taps a control until the page is so. The browser may scroll to it first, and what has just moved takes no tap: a person taps again.
async fn taps_until(stage: &Stage, control: &str, is_so: &str) {
    let script = format!("arguments[0]({is_so})");
    for _ in 0..10 {
        stage.browser.click(control).await.unwrap();
        for _ in 0..50 {
            if stage.browser.run(&script, vec![]).await.unwrap() == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    panic!("a tap on {control} does nothing");
}

async fn made_link(stage: &Stage) -> RegistrationLink {
    stage
        .browser
        .run("document.getElementById('phones-link').value = ''; arguments[0](null)", vec![])
        .await
        .unwrap();
    taps_until(stage, "#phones-add", "document.getElementById('phones-link').value.includes('/r/')").await;
    let link = stage.browser.run("arguments[0](document.getElementById('phones-link').value)", vec![]).await;
    RegistrationLink::parse(link.unwrap().as_str().unwrap()).unwrap()
}

/// New recovery codes, made and shown on the page.
async fn made_codes(stage: &Stage) -> Vec<String> {
    let browser = &stage.browser;
    browser.click("#phones-make-codes").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    let codes =
        browser.run("arguments[0](document.getElementById('phones-codes').textContent)", vec![]).await;
    codes.unwrap().as_str().unwrap().lines().map(str::to_owned).collect()
}

fn waiting(phone: &VirtualPhone) -> (DeviceId, String) {
    let code = phone.record().waiting.clone().unwrap().code;
    (phone.record().device.device_id.clone(), code.expose().to_owned())
}

fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { '2' } else { '1' };
    format!("{first}{}", &code[1..])
}

async fn your_phones(engine: Engine) {
    let Some(stage) = in_engine(engine, "your phones").await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "Ann").await;
    browser.click("[data-part=phones]").await.unwrap();
    browser.shows("#phones-title", "Phones of Ann").await.unwrap();
    browser.shows("#phones-list", "This phone").await.unwrap();
    list_has(&stage, 1).await;

    browser.fill("#phones-list [data-part=new-name]", "Kitchen tablet").await.unwrap();
    browser.click("#phones-list [data-part=rename]").await.unwrap();
    browser.shows("#phones-list", "Kitchen tablet").await.unwrap();

    // One is added: it waits, a wrong code does nothing, the right one lets it in.
    let new = VirtualPhone::register(&made_link(&stage).await).await.unwrap();
    let (_, code) = waiting(&new);
    looks_again(&stage).await;
    browser.shows("#phones-waiting", "type the six digits").await.unwrap();
    browser.fill("#phones-code", &other_than(&code)).await.unwrap();
    browser.click("#phones-confirm").await.unwrap();
    browser.shows("#phones-failure", "2 more may be wrong").await.unwrap();
    list_has(&stage, 1).await;
    // As somebody types them on an Arabic keyboard.
    let arabic = |digit: char| char::from_u32(0x660 + digit.to_digit(10).unwrap()).unwrap();
    let code: Vec<_> = code.chars().map(arabic).collect();
    let code = code.chunks(3).map(|three| three.iter().collect::<String>()).collect::<Vec<_>>().join(" ");
    browser.fill("#phones-code", &code).await.unwrap();
    browser.click("#phones-confirm").await.unwrap();
    list_has(&stage, 2).await;
    browser.finds("nothing waits", "return document.getElementById('phones-waiting').hidden").await.unwrap();
    assert_eq!(new.account().phones().await.unwrap().phones.len(), 2);

    // The codes of the page are those of the service.
    let codes = made_codes(&stage).await;
    assert_eq!(codes.len(), 10);
    let third = VirtualPhone::register(&made_link(&stage).await).await.unwrap();
    third.account().recover(&Secret::new(codes[3].clone())).await.unwrap();

    // Another is denied, and one is removed.
    let fourth = VirtualPhone::register(&made_link(&stage).await).await.unwrap();
    looks_again(&stage).await;
    browser.shows("#phones-codes-left", "9 recovery codes").await.unwrap();
    list_has(&stage, 3).await;
    browser.shows("#phones-list", "It was added less than a day ago").await.unwrap();
    taps_until(&stage, "#phones-deny", "document.getElementById('phones-waiting').hidden").await;
    assert!(fourth.account().waiting().await.is_err());
    let third_goes = "document.querySelectorAll('#phones-list > li').length === 2";
    taps_until(&stage, "#phones-list > li:nth-child(3) [data-part=remove]", third_goes).await;
    assert!(third.pending().await.is_err());
    stage.leave().await;
}

#[tokio::test]
async fn your_phones_in_chromium() {
    your_phones(Engine::Chromium).await;
}

#[tokio::test]
async fn your_phones_in_firefox() {
    your_phones(Engine::Firefox).await;
}

/// A page that waits may be closed: it goes on when it is opened again, until it is confirmed or the person gives up.
async fn a_page_that_waits(engine: Engine) {
    let Some(stage) = in_engine(engine, "waiting").await else { return };
    let (browser, page) = (&stage.browser, format!("{}/phone", stage.service.server_url()));
    let phone = stage.service.register_phone(&stage.link(&user("ann"), "Ann").await).await.unwrap();
    let opens_a_link = async || {
        let link = phone.account().add_phone().await.unwrap();
        browser.open(link.register_url.expose()).await.unwrap();
        browser.click("#register-now").await.unwrap();
        browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
        let shown =
            browser.run("arguments[0](document.getElementById('waiting-code').textContent)", vec![]).await;
        shown.unwrap().as_str().unwrap().replace(' ', "")
    };
    let code = opens_a_link().await;
    browser.open(&page).await.unwrap();
    browser.shows("#waiting-code", &format!("{} {}", &code[..3], &code[3..])).await.unwrap();
    assert_eq!(browser.run(WAITING_KEPT, vec![]).await.unwrap(), 1);
    let id = phone.account().phones().await.unwrap().waiting.unwrap().phone_id;
    phone.account().confirm_phone(&id, &Secret::new(code)).await.unwrap();
    browser.shows("#notice", "This phone is registered").await.unwrap();
    assert_eq!(browser.run(WAITING_KEPT, vec![]).await.unwrap(), 0, "its code is of no more use");
    browser.open(&page).await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    let login = stage.begin(&user("ann"), LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));

    // The users who are there are asked while one of another user waits, also where the page is opened anew.
    let carl = stage.service.register_phone(&stage.link(&user("carl"), "Carl").await).await.unwrap();
    let link = carl.account().add_phone().await.unwrap();
    browser.open(link.register_url.expose()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    for opened_anew in [false, true] {
        if opened_anew {
            browser.open(&page).await.unwrap();
        }
        browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
        browser.shows("#user-list", "Ann").await.unwrap();
        let login = stage.begin(&user("ann"), LoginOptions::default());
        browser.shows("#request-user", "Ann").await.unwrap();
        let is_hidden = "return getComputedStyle(document.getElementById('waiting')).display === 'none'";
        browser.finds("the question comes first", is_hidden).await.unwrap();
        browser.click("#deny").await.unwrap();
        assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(_)));
    }
    browser.click("#waiting-stop").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    assert_eq!(browser.run(WAITING_KEPT, vec![]).await.unwrap(), 0);

    // One of another user, which was denied while the page was closed.
    let bert = stage.service.register_phone(&stage.link(&user("bert"), "Bert").await).await.unwrap();
    let link = bert.account().add_phone().await.unwrap();
    browser.open(link.register_url.expose()).await.unwrap();
    browser.shows("#register-here-who", "Ann (Corner Shop)").await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
    browser.open("about:blank").await.unwrap();
    let id = bert.account().phones().await.unwrap().waiting.unwrap().phone_id;
    bert.account().deny_phone(&id).await.unwrap();
    browser.open(&page).await.unwrap();
    browser.shows("#register-title", "This phone was not let in").await.unwrap();
    browser.click("#register-later").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    assert_eq!(browser.run(WAITING_KEPT, vec![]).await.unwrap(), 0);

    // One that the person does not want any more.
    let link = bert.account().add_phone().await.unwrap();
    browser.open(link.register_url.expose()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
    browser.click("#waiting-stop").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    assert_eq!(browser.run(WAITING_KEPT, vec![]).await.unwrap(), 0);
    stage.leave().await;
}

#[tokio::test]
async fn a_page_that_waits_in_chromium() {
    a_page_that_waits(Engine::Chromium).await;
}

#[tokio::test]
async fn a_page_that_waits_in_firefox() {
    a_page_that_waits(Engine::Firefox).await;
}

/// The link that this very phone has made is opened on it: it says so, and both the phone and its user's list stay as they are.
#[tokio::test]
async fn a_link_for_another_phone_that_is_opened_on_the_same_one() {
    let Some(stage) = in_engine(Engine::Chromium, "same phone").await else { return };
    let (browser, page) = (&stage.browser, format!("{}/phone", stage.service.server_url()));
    stage.register(&user("ann"), "Ann").await;
    browser.click("[data-part=phones]").await.unwrap();
    let link = made_link(&stage).await;
    browser.open(link.as_str()).await.unwrap();
    browser.shows("#register-here-who", "Ann (Corner Shop)").await.unwrap();
    // The person who follows the hint loses nothing: the link is good still.
    browser.click("#register-later").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    browser.open(link.as_str()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#register-title", "This browser is your phone already").await.unwrap();
    browser.shows("#register-failure", "make a new link").await.unwrap();
    browser.click("#register-later").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    browser.open(&page).await.unwrap();
    browser.click("[data-part=phones]").await.unwrap();
    list_has(&stage, 1).await;
    browser.finds("nothing waits", "return document.getElementById('phones-waiting').hidden").await.unwrap();
    let login = stage.begin(&user("ann"), LoginOptions::default());
    browser.click("#phones-close").await.unwrap();
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    stage.leave().await;
}

/// A user who has no recovery codes is offered some with the registration; one who has some is not.
async fn codes_are_offered(engine: Engine) {
    let Some(stage) = in_engine(engine, "codes offered").await else { return };
    let browser = &stage.browser;
    let is_hidden = "return document.getElementById('codes-offer').hidden";
    stage.register(&user("ann"), "Ann").await;
    browser
        .shows("#codes-offer", "a recovery code lets a new phone of Ann in for Corner Shop")
        .await
        .unwrap();
    browser.picture("offered").await.unwrap();
    browser.click("#codes-offer-make").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    let codes =
        browser.run("arguments[0](document.getElementById('phones-codes').textContent)", vec![]).await;
    let codes: Vec<_> = codes.unwrap().as_str().unwrap().lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10);
    taps_until(&stage, "#phones-close", "!document.getElementById('phones').open").await;
    browser.finds("they are offered no more", is_hidden).await.unwrap();
    let focused = browser.run("arguments[0](document.activeElement.id)", vec![]).await.unwrap();
    assert_eq!(focused, "notice");
    let link = stage.client.recovery_link(&user("ann"), &Secret::new(codes[0].clone()), Some("Ann")).await;
    link.unwrap();

    // Later is an answer as well.
    stage.register(&user("bert"), "Bert").await;
    browser.shows("#codes-offer", "of Bert in").await.unwrap();
    taps_until(&stage, "#codes-offer-later", "document.getElementById('codes-offer').hidden").await;

    // Another phone of a user who has codes.
    let carl = stage.service.register_phone(&stage.link(&user("carl"), "Carl").await).await.unwrap();
    carl.account().make_recovery_codes().await.unwrap();
    let link = carl.account().add_phone().await.unwrap();
    browser.open(link.register_url.expose()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#waiting-title", "Confirm this phone").await.unwrap();
    let shown =
        browser.run("arguments[0](document.getElementById('waiting-code').textContent)", vec![]).await;
    let code = shown.unwrap().as_str().unwrap().replace(' ', "");
    let id = carl.account().phones().await.unwrap().waiting.unwrap().phone_id;
    carl.account().confirm_phone(&id, &Secret::new(code)).await.unwrap();
    browser.shows("#notice", "This phone is registered").await.unwrap();
    browser.shows("#user-list", "Carl").await.unwrap();
    browser.finds("none are offered", is_hidden).await.unwrap();
    assert!(browser.complaints().await.unwrap().is_empty());
    stage.leave().await;
}

#[tokio::test]
async fn codes_are_offered_in_chromium() {
    codes_are_offered(Engine::Chromium).await;
}

#[tokio::test]
async fn codes_are_offered_in_firefox() {
    codes_are_offered(Engine::Firefox).await;
}

/// The ids of the phones whose keys are kept.
const KEYS_KEPT: &str = "
    const [done] = arguments;
    const opened = indexedDB.open('iampass-phone:/');
    opened.onsuccess = () => {
        const asked = opened.result.transaction('records').objectStore('records').getAllKeys();
        asked.onsuccess = () => { opened.result.close(); done(asked.result.filter((name) => !name.includes(':')).sort()); };
    };
";

/// It cannot be asked from now on whether a phone goes on.
const ASKS_NOTHING: &str = "
    const fetchIt = window.fetch;
    window.fetch = (url, options) =>
        String(url).includes('/active_sessions') ? Promise.reject(new TypeError('offline')) : fetchIt(url, options);
    arguments[0](null);
";

/// A link of a recovery code adds a phone at once. The phone that this browser is goes on, so its key is kept.
async fn a_recovery_link_that_is_opened_on_a_phone(engine: Engine) {
    let Some(stage) = in_engine(engine, "recovery link here").await else { return };
    let (browser, page) = (&stage.browser, format!("{}/phone", stage.service.server_url()));
    stage.register(&user("ann"), "Ann").await;
    browser.click("[data-part=phones]").await.unwrap();
    let codes = made_codes(&stage).await;
    let before = browser.run(KEYS_KEPT, vec![]).await.unwrap();
    assert_eq!(before.as_array().unwrap().len(), 1);
    let link_for = async |code: &String| {
        let link = stage.client.recovery_link(&user("ann"), &Secret::new(code.clone()), Some("Ann")).await;
        link.unwrap()
    };
    browser.open(link_for(&codes[0]).await.as_str()).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#register-title", "This browser is your phone already").await.unwrap();
    assert_eq!(browser.run(KEYS_KEPT, vec![]).await.unwrap(), before);
    browser.click("#register-later").await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    let login = stage.begin(&user("ann"), LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    browser.open(&page).await.unwrap();
    browser.click("[data-part=phones]").await.unwrap();
    list_has(&stage, 1).await;

    // Where it cannot be asked whether the phone goes on, its key is kept as well.
    browser.open(link_for(&codes[1]).await.as_str()).await.unwrap();
    browser.run(ASKS_NOTHING, vec![]).await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.finds("it is registered", "return document.getElementById('register').hidden").await.unwrap();
    let kept = browser.run(KEYS_KEPT, vec![]).await.unwrap();
    assert_eq!(kept.as_array().unwrap().len(), 2);
    assert!(kept.as_array().unwrap().contains(&before[0]), "{kept}");
    stage.leave().await;
}

#[tokio::test]
async fn a_recovery_link_that_is_opened_on_a_phone_in_chromium() {
    a_recovery_link_that_is_opened_on_a_phone(Engine::Chromium).await;
}

#[tokio::test]
async fn a_recovery_link_that_is_opened_on_a_phone_in_firefox() {
    a_recovery_link_that_is_opened_on_a_phone(Engine::Firefox).await;
}

/// A link that replaces the phone takes the key of the one before with it, as the service has forgotten that.
#[tokio::test]
async fn a_link_that_replaces_the_phone_of_this_browser() {
    let Some(stage) = in_engine(Engine::Chromium, "replaced here").await else { return };
    stage.register(&user("ann"), "Ann").await;
    let before = stage.browser.run(KEYS_KEPT, vec![]).await.unwrap();
    stage.register(&user("ann"), "Ann").await;
    let kept = stage.browser.run(KEYS_KEPT, vec![]).await.unwrap();
    assert!(kept.as_array().unwrap().len() == 1 && kept != before, "{kept}");
    stage.leave().await;
}
