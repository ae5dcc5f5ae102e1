//! The page and pushes, without a push service: what the service is told of a subscription, and what becomes of badges, notifications and news.
//! Chromium alone is tried here: only it runs a script before those of a page.

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_system_tests::{Engine, Kind};
use serde_json::{Value, json};

use crate::{Stage, user};

/// A browser with a push service that always gives a subscription, and whose question for the permission stays open. The service is told in `told`: whether it may push. A message about
/// a subscription waits for `letGo` while `isHeldUp` is set.
const SUBSCRIBED: &str = "
    const allowed = 'test:permission';
    window.told = [];
    window.fakes = [];
    Object.defineProperty(Notification, 'permission', { get: () => localStorage.getItem(allowed) ?? 'default' });
    Notification.requestPermission = async () => {
        if (Notification.permission !== 'granted') await new Promise(() => {});
        return 'granted';
    };
    const subscribed = 'test:subscribed';
    const subscription = {
        options: { applicationServerKey: new ArrayBuffer(2) },
        unsubscribe: async () => { localStorage.removeItem(subscribed); return true; },
        toJSON: () => ({ endpoint: 'https://push.example/a', keys: { p256dh: 'a', auth: 'b' } }),
    };
    PushManager.prototype.getSubscription = async () => (localStorage.getItem(subscribed) ? subscription : null);
    PushManager.prototype.subscribe = async () => { localStorage.setItem(subscribed, 'yes'); return subscription; };
    const given = window.fetch;
    const json = (body, status = 200) => new Response(JSON.stringify(body), { status });
    window.fetch = async (address, options) => {
        const { pathname } = new URL(address);
        const fake = /\\/fake\\/(\\d+)$/.exec(pathname);
        if (fake) {
            window.fakes.push(Number(fake[1]));
            if (fake[1] !== '200') return json({ reason: null, message: 'unknown' }, Number(fake[1]));
            const is_subscribed = JSON.parse(options.body).notification_token.startsWith('webpush:');
            return json({ status: true, push: { application_server_key: 'a', is_subscribed } });
        }
        if (!pathname.endsWith('/configuration')) return given(address, options);
        const { change, notification_token } = JSON.parse(options.body);
        const claims = change && JSON.parse(atob(change.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
        const isOn = (notification_token ?? claims.notification_token).startsWith('webpush:');
        if (isOn && window.isHeldUp) await new Promise((go) => { window.letGo = go; });
        window.told.push(isOn);
        return json({ status: true, push: { application_server_key: 'a', is_subscribed: isOn } });
    };
";

const IS_ON: &str =
    "return document.getElementById('set-notifications-text').textContent.startsWith('This phone is woken')";

async fn stage_with(script: &str) -> Option<Stage> {
    let stage = Stage::set().await?;
    if stage.browser.engine() != Engine::Chromium {
        eprintln!("SKIPPED: only Chromium runs a script before those of a page");
        return None;
    }
    stage.browser.run_before_pages(script).await.unwrap();
    Some(stage)
}

async fn run(stage: &Stage, script: &str) {
    let script =
        format!("const done = arguments[0]; (async () => {{ {script}; }})().then(() => done(null));");
    stage.browser.run(&script, vec![]).await.unwrap();
}

#[tokio::test]
async fn a_record_that_the_service_has_forgotten_does_not_keep_the_others_from_being_told() {
    const TELL: &str = "
        const [done] = arguments;
        const main = document.querySelector('script[src$=\"main.js\"]').src;
        const record = (number) => ({
            device: { device_id: `device-${number}`, device_secret: 'secret' },
            user: { user_id: 'u' },
            service: { service_id: 's', service_urls: { device_configuration: `${location.origin}/fake/${number}` } },
        });
        const tell = async ({ subscribe, unsubscribe }) => {
            const records = [404, 200, 410, 401, 200].map(record);
            await subscribe(records);
            await unsubscribe(records);
            const others = await subscribe([429, 200].map(record)).then(() => 'told', ({ status }) => status);
            const nobody = await subscribe([410].map(record)).then(() => 'told', ({ status }) => status);
            return [window.fakes, others, nobody];
        };
        import(new URL('subscribing.js', main)).then(tell).then(done, (error) => done(String(error)));
    ";
    let Some(stage) = stage_with(SUBSCRIBED).await else { return };
    stage.browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    let all = [404, 200, 410, 401, 200];
    // A browser that is not subscribed yet tells all twice: the first answer says with which key to subscribe.
    let told = [&all[..], &all[..], &all[..], &[429, 200, 429, 200, 410]].concat();
    assert_eq!(stage.browser.run(TELL, vec![]).await.unwrap(), json!([told, 429, 410]));
    stage.leave().await;
}

#[tokio::test]
async fn the_last_choice_counts_however_quickly_it_is_made() {
    let Some(stage) = stage_with(SUBSCRIBED).await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "Ann").await;
    run(&stage, "localStorage.setItem('test:permission', 'granted'); window.isHeldUp = true").await;
    browser.click("#set-notifications").await.unwrap();
    browser.finds("the service is being told", "return Boolean(window.letGo)").await.unwrap();
    browser.click("#set-notifications").await.unwrap();
    run(&stage, "await new Promise((go) => setTimeout(go, 500)); window.letGo(); window.isHeldUp = false")
        .await;
    browser.finds("both choices are told", "return window.told.length >= 2").await.unwrap();
    browser.shows("#set-notifications-text", "Requests appear while this page is open").await.unwrap();
    browser
        .finds(
            "the last one last",
            "return window.told.at(-1) === false && !document.getElementById('set-notifications').checked",
        )
        .await
        .unwrap();
    browser.click("#set-notifications").await.unwrap();
    browser.finds("it is switched on again", IS_ON).await.unwrap();
    browser.finds("and the service knows", "return window.told.at(-1) === true").await.unwrap();
    stage.leave().await;
}

/// The browser asks, and the page is loaded again before it hears the answer.
#[tokio::test]
async fn a_choice_outlives_the_question_for_the_permission_and_a_reload() {
    let Some(stage) = stage_with(SUBSCRIBED).await else { return };
    let browser = &stage.browser;
    let phone = format!("{}/phone", stage.service.server_url());
    stage.register(&user("ann"), "Ann").await;
    assert_eq!(browser.address().await.unwrap(), phone);
    browser.click("#set-notifications").await.unwrap();
    browser.finds("nothing is told yet", "return window.told.length === 0").await.unwrap();
    run(&stage, "localStorage.setItem('test:permission', 'granted')").await;
    browser.open(&phone).await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    browser.finds("it is subscribed", IS_ON).await.unwrap();
    browser.finds("and the service knows", "return window.told.at(-1) === true").await.unwrap();
    stage.leave().await;
}

/// It was switched off, and the page was left before it had told the service.
#[tokio::test]
async fn a_phone_that_is_switched_off_is_not_left_subscribed() {
    let Some(stage) = stage_with(SUBSCRIBED).await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "Ann").await;
    // No page of the phone is open that would take note of it.
    browser.open(&format!("{}/healthz", stage.service.server_url())).await.unwrap();
    run(
        &stage,
        "localStorage.setItem('test:permission', 'granted'); localStorage.setItem('test:subscribed', 'yes')",
    )
    .await;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.finds("the service is told", "return window.told.at(-1) === false").await.unwrap();
    browser
        .finds("it is unsubscribed", "return localStorage.getItem('test:subscribed') === null")
        .await
        .unwrap();
    stage.leave().await;
}

/// Pushes of these kinds, as the worker takes them; the storage of the browser never answers where it is said so.
const PUSH: &str = "
    const [text, kinds, hasStorage, done] = arguments;
    const listeners = {};
    const events = [];
    const self = {
        location: 'https://phone.example/phone-worker.js',
        addEventListener: (name, listener) => { listeners[name] = listener; },
        clients: { matchAll: async () => [{ url: 'https://phone.example/phone', postMessage: ({ pushed }) => events.push(`${pushed} told`) }] },
        navigator: { setAppBadge: async () => { events.push('counted'); } },
        registration: { showNotification: async () => { events.push('shown'); } },
    };
    const storage = hasStorage ? globalThis.indexedDB : { open: () => ({}) };
    new Function('self', 'indexedDB', text)(self, storage);
    const push = async () => {
        for (const kind of kinds) {
            let work;
            listeners.push({ data: { json: () => ({ kind }) }, waitUntil: (given) => { work = given; } });
            await work;
        }
        return events;
    };
    push().then(done, (error) => done(String(error)));
";

async fn pushed(stage: &Stage, kinds: &[&str], has_storage: bool) -> Value {
    let worker = reqwest::get(format!("{}/phone-worker.js", stage.service.server_url())).await.unwrap();
    let worker = worker.text().await.unwrap();
    stage.browser.open("about:blank").await.unwrap();
    stage.browser.run(PUSH, vec![json!(worker), json!(kinds), json!(has_storage)]).await.unwrap()
}

#[tokio::test]
async fn only_a_question_that_waits_is_counted_at_the_icon() {
    let Some(stage) = stage_with("").await else { return };
    let kinds = ["test", "session_changed", "of_later", "question_waits"];
    let events = pushed(&stage, &kinds, true).await;
    let expected = [
        "shown",
        "test told",
        "shown",
        "session_changed told",
        "shown",
        "of_later told",
        "counted",
        "shown",
        "question_waits told",
    ];
    assert_eq!(events, json!(expected));
    stage.leave().await;
}

/// The language of the page stands in its storage. A push that is not shown costs the subscription.
#[tokio::test]
async fn a_push_is_shown_where_the_storage_does_not_answer() {
    let Some(stage) = stage_with("").await else { return };
    assert_eq!(pushed(&stage, &["session_changed"], false).await, json!(["shown", "session_changed told"]));
    stage.leave().await;
}

#[tokio::test]
async fn a_notification_is_closed_when_its_question_is_over_and_not_before() {
    const NOTIFIED: &str = "
        window.closings = [];
        window.badges = [];
        ServiceWorkerRegistration.prototype.getNotifications = async ({ tag }) => [{ close: () => window.closings.push(tag) }];
        Navigator.prototype.setAppBadge = async (count) => { window.badges.push(count); };
        Navigator.prototype.clearAppBadge = async () => { window.badges.push(0); };
    ";
    const CLOSED: &str =
        "return window.closings.includes('iampass-question_waits') && window.badges.at(-1) === 0";
    const FORGET: &str = "window.closings = []; window.badges = []";
    let Some(stage) = stage_with(NOTIFIED).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    browser.finds("nothing waits at first", "return window.badges.at(-1) === 0").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    // A page that is opened does not know yet that nothing waits.
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#request-user", "Ann").await.unwrap();
    browser
        .finds("it is counted", "return window.badges.join() === '1' && window.closings.length === 0")
        .await
        .unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    browser.finds("it is over", CLOSED).await.unwrap();

    // A push that comes late is of a question that is over.
    run(&stage, FORGET).await;
    let push = "navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { pushed: 'question_waits' } }))";
    run(&stage, push).await;
    browser.finds("it is over as well", CLOSED).await.unwrap();
    stage.leave().await;
}

/// The tap on a notification, as the worker tells the page that is open.
const TAP: &str = "navigator.serviceWorker.dispatchEvent(
    new MessageEvent('message', { data: { pushed: 'question_waits', isTapped: true } }))";

/// Whatever the page shows at that moment: what is shown only once stays, and another tab that plays the phone gives way.
#[tokio::test]
async fn a_tapped_notification_leads_to_the_question_and_not_to_what_lies_above_it() {
    const DIALOGS: &str = "return document.querySelectorAll('dialog[open]').length === NUMBER";
    let Some(stage) = stage_with("").await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    stage.register(&ann, "Ann").await;
    browser.click("[data-part=phones]").await.unwrap();
    browser.shows("#phones-list", "This phone").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    browser.finds("it is asked", "return !document.getElementById('request').hidden").await.unwrap();
    run(&stage, TAP).await;
    browser.finds("no dialog is open", &DIALOGS.replace("NUMBER", "0")).await.unwrap();
    let led = "return document.activeElement.id === 'request-title'";
    browser.finds("the person is led to the question", led).await.unwrap();
    browser.click("#deny").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Denied(_)));

    // Recovery codes are shown once.
    browser.click("[data-part=phones]").await.unwrap();
    browser.click("#phones-make-codes").await.unwrap();
    browser.shows("#phones-codes-left", "10 recovery codes").await.unwrap();
    run(&stage, TAP).await;
    browser.finds("the codes are there", &DIALOGS.replace("NUMBER", "1")).await.unwrap();
    run(&stage, "document.getElementById('phones').close()").await;

    // Another tab has the turn.
    let first = browser.window().await.unwrap();
    let second = browser.open_another(Kind::Tab).await.unwrap();
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#user-list", "Ann").await.unwrap();
    browser.show(&first).await.unwrap();
    browser.shows("#elsewhere-title", "open in another tab").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    run(&stage, &format!("setTimeout(() => {TAP}, 200)")).await;
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    browser.show(&second).await.unwrap();
    browser.close_this().await.unwrap();
    browser.show(&first).await.unwrap();
    stage.leave().await;
}

/// The service says of each user that its phones have changed, up to `number`.
const NEWS: &str = "
    window.number = null;
    Object.defineProperty(Document.prototype, 'hidden', { get: () => Boolean(window.isHidden) });
    const given = window.fetch;
    const json = (body) => new Response(JSON.stringify(body));
    window.fetch = async (address, options) => {
        const { pathname, searchParams } = new URL(address);
        const number = window.number;
        if (number && pathname.endsWith('/phones')) {
            return json({ events: [{ number, at: 1, event: 'registered', phone_id: 'other', name: `Phone ${number}` }] });
        }
        if (number && pathname.endsWith('/pending_requests') && searchParams.get('phones') !== String(number)) {
            return json({ requests: [], phones_event: number });
        }
        return given(address, options);
    };
";

const READ: &str = "
    const [done] = arguments;
    const opened = indexedDB.open('iampass-phone:/');
    opened.onsuccess = () => {
        const asked = opened.result.transaction('records').objectStore('records').getAll();
        asked.onsuccess = () => { opened.result.close(); done(asked.result.map(({ record }) => record.phonesSeen ?? null)); };
    };
";

async fn until_read(stage: &Stage, is_right: impl Fn(&[serde_json::Value]) -> bool) {
    for _ in 0..600 {
        let read = stage.browser.run(READ, vec![]).await.unwrap();
        if is_right(read.as_array().unwrap()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the news are not read as they should be");
}

#[tokio::test]
async fn news_of_phones_that_come_together_are_all_shown_and_count_as_read_only_then() {
    const WAKE: &str = "window.dispatchEvent(new Event('online'))";
    let Some(stage) = stage_with(NEWS).await else { return };
    let browser = &stage.browser;
    for name in ["Ann", "Bob"] {
        stage.register(&user(name), name).await;
    }
    until_read(&stage, |read| read.len() == 2 && read.iter().all(serde_json::Value::is_number)).await;
    run(&stage, &format!("window.number = 900001; {WAKE}")).await;
    browser.shows("#notice", "Phones of Ann have changed").await.unwrap();
    browser.shows("#notice", "Phones of Bob have changed").await.unwrap();
    until_read(&stage, |read| read.iter().all(|number| *number == 900_001)).await;

    run(&stage, &format!("window.isHidden = true; window.number = 900002; {WAKE}")).await;
    browser
        .finds(
            "it is there",
            "return document.getElementById('notice-text').textContent.includes('Phone 900002')",
        )
        .await
        .unwrap();
    browser
        .finds(
            "the first is there too",
            "return document.getElementById('notice-text').textContent.includes('Phone 900001')",
        )
        .await
        .unwrap();
    // A question that comes while nobody looks takes away what was said before, but no news.
    tokio::time::sleep(std::time::Duration::from_millis(5_500)).await;
    run(&stage, "window.number = null").await;
    let login = stage.begin(&user("Ann"), LoginOptions::default());
    browser.shows("#request-user", "Ann").await.unwrap();
    browser.shows("#notice", "Phones of Ann have changed").await.unwrap();
    run(&stage, "window.isHidden = false; document.dispatchEvent(new Event('visibilitychange'))").await;
    // Beside the request there is only the title.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    until_read(&stage, |read| read.iter().all(|number| *number == 900_001)).await;
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    browser.shows("#notice", "Phone 900002").await.unwrap();
    until_read(&stage, |read| read.iter().all(|number| *number != 900_001)).await;
    stage.leave().await;
}
