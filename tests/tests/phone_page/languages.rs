//! The language of the page: by the browser's list, by choice, without a connection, and in what scripts say.

use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_system_tests::{Browser, Engine, Scripts};
use serde_json::json;

use crate::{Stage, user};

/// Chooses a language, or none, as a person does. The page is loaded again.
const CHOOSE: &str = "
    const [tag, done] = arguments;
    const field = document.getElementById('language');
    field.value = tag;
    done(null);
    // The driver has its answer before the page goes.
    setTimeout(() => field.dispatchEvent(new Event('change')), 300);
";

/// Takes the cookie away, as some browsers do by themselves.
const FORGET_COOKIE: &str = "
    document.cookie = 'iampass-phone-language=; Path=/; Max-Age=0';
    arguments[0](document.cookie);
";

/// Whether the worker works alone, and knows this language.
const WORKER_KNOWS: &str = "
    const [tag, done] = arguments;
    const opened = indexedDB.open('iampass-phone-language:/', 1);
    opened.onupgradeneeded = () => opened.transaction.abort();
    opened.onerror = () => done(false);
    opened.onsuccess = () => {
        const asked = opened.result.transaction('language').objectStore('language').get('shown');
        opened.result.close();
        asked.onsuccess = () => navigator.serviceWorker.getRegistration(location.href)
            .then(({ active, installing, waiting }) => done(Boolean(active) && !installing && !waiting && asked.result === tag))
            .catch(() => done(false));
    };
";

/// The texts that `text` of the page's script gives for each of these.
const TEXTS: &str = "
    const [wanted, done] = arguments;
    const main = document.querySelector('script[src$=\"main.js\"]').src;
    import(new URL('texts.js', main)).then(({ text }) => done(wanted.map(([id, values]) => text(id, values))), (error) => done(String(error)));
";

async fn in_engine(engine: Engine) -> Option<Stage> {
    let browser = Browser::start_in(engine, "languages", Scripts::On).await.unwrap()?;
    Some(Stage::with_browser(browser, |service| service.at_localhost()).await)
}

async fn choose(stage: &Stage, tag: &str) {
    stage.browser.run(CHOOSE, vec![json!(tag)]).await.unwrap();
}

/// A page without a choice is in English: the engines ask for that.
async fn a_choice_holds(engine: Engine) {
    let Some(stage) = in_engine(engine).await else { return };
    let (browser, ann) = (&stage.browser, user("ann"));
    let phone = format!("{}/phone", stage.service.server_url());
    browser.open(&phone).await.unwrap();
    browser.shows("#welcome-title", "not registered yet").await.unwrap();
    choose(&stage, "de").await;
    browser.shows("#welcome-title", "Dieses Telefon ist noch nicht registriert").await.unwrap();
    assert!(browser.title().await.unwrap().starts_with("Nicht registriert · "));

    // Also where a link opens the page, and in what comes later.
    let link = stage.link(&ann, "Ann").await;
    browser.open(link.as_str()).await.unwrap();
    browser.shows("#register-title", "Dieses Telefon registrieren?").await.unwrap();
    browser.click("#register-now").await.unwrap();
    browser.shows("#notice", "Anmeldeanfragen von Corner Shop für Ann erscheinen hier").await.unwrap();
    let login = stage.begin(&ann, LoginOptions::default());
    browser.shows("#request-title", "Melden Sie sich gerade an?").await.unwrap();
    browser.click("#accept").await.unwrap();
    assert!(matches!(login.await.unwrap(), LoginOutcome::Granted(_)));
    browser.shows("#notice", "Corner Shop meldet Sie als Ann an.").await.unwrap();
    browser.shows("#user-list", "Angemeldet gerade eben").await.unwrap();

    // A cookie may be lost; the choice is kept as long as the phone.
    assert_eq!(browser.run(FORGET_COOKIE, vec![]).await.unwrap(), "");
    browser.open(&phone).await.unwrap();
    browser.shows("#users-title", "Auf diesem Telefon").await.unwrap();
    assert_eq!(
        browser.run("arguments[0](document.getElementById('language').value)", vec![]).await.unwrap(),
        "de"
    );

    choose(&stage, "").await;
    browser.shows("#users-title", "On this phone").await.unwrap();
    browser.open(&phone).await.unwrap();
    browser.shows("#users-title", "On this phone").await.unwrap();
    assert!(browser.complaints().await.unwrap().is_empty());
    stage.leave().await;
}

#[tokio::test]
async fn a_choice_holds_in_chromium() {
    a_choice_holds(Engine::Chromium).await;
}

#[tokio::test]
async fn a_choice_holds_in_firefox() {
    a_choice_holds(Engine::Firefox).await;
}

#[tokio::test]
async fn a_choice_holds_in_webkit() {
    a_choice_holds(Engine::WebKit).await;
}

/// A proxy that shows one service at the root of its origin, and another one, which is the same here, below `/a`.
async fn two_at_one_origin(service: &str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let (service, client) = (service.to_owned(), reqwest::Client::new());
    let passes_on = move |request: axum::extract::Request| {
        let (service, client) = (service.clone(), client.clone());
        async move {
            let asked = request.uri().path_and_query().unwrap().as_str();
            let below = asked.strip_prefix("/a/").map_or_else(|| asked.to_owned(), |rest| format!("/{rest}"));
            let mut call = client.get(format!("{service}{below}"));
            for name in ["accept-language", "cookie"] {
                for value in request.headers().get_all(name) {
                    call = call.header(name, value);
                }
            }
            let answer = call.send().await.unwrap();
            let mut response = axum::response::Response::builder().status(answer.status());
            for name in ["content-type", "content-security-policy", "cache-control", "vary"] {
                if let Some(value) = answer.headers().get(name) {
                    response = response.header(name, value);
                }
            }
            response.body(axum::body::Body::from(answer.bytes().await.unwrap())).unwrap()
        }
    };
    let site = axum::Router::new().fallback(passes_on);
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}

/// The choice at one service is no choice at another one of the same origin, also where one lies below the other.
#[tokio::test]
async fn each_service_of_an_origin_has_a_choice_of_its_own() {
    let Some(stage) = in_engine(Engine::Chromium).await else { return };
    let browser = &stage.browser;
    let origin = two_at_one_origin(stage.service.server_url()).await;
    let (above, below) = (format!("{origin}/phone"), format!("{origin}/a/phone"));
    let shows = async |page: &str, title: &str| {
        browser.open(page).await.unwrap();
        browser.shows("#welcome-title", title).await.unwrap();
    };
    shows(&above, "not registered yet").await;
    choose(&stage, "de").await;
    browser.shows("#welcome-title", "noch nicht registriert").await.unwrap();
    shows(&below, "not registered yet").await;
    choose(&stage, "fr").await;
    browser.shows("#welcome-title", "pas encore enregistré").await.unwrap();
    shows(&above, "noch nicht registriert").await;
    shows(&below, "pas encore enregistré").await;
    choose(&stage, "").await;
    browser.shows("#welcome-title", "not registered yet").await.unwrap();
    shows(&above, "noch nicht registriert").await;
    shows(&below, "not registered yet").await;
    stage.leave().await;
}

/// The worker that has no page has the language all the same.
async fn without_a_connection(engine: Engine) {
    let Some(Stage { service, browser, client }) = in_engine(engine).await else { return };
    let phone = format!("{}/phone", service.server_url());
    let stage = Stage { service, client, browser };
    stage.browser.open(&phone).await.unwrap();
    stage.browser.shows("#welcome-title", "not registered yet").await.unwrap();
    choose(&stage, "ar").await;
    stage.browser.shows("#welcome-title", "لم يُسجَّل هذا الهاتف بعد").await.unwrap();
    for _ in 0..600 {
        if stage.browser.run(WORKER_KNOWS, vec![json!("ar")]).await.unwrap() == true {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    stage.service.shutdown().await.unwrap();
    stage.browser.open(&phone).await.unwrap();
    stage.browser.shows("h1", "لا يوجد اتصال").await.unwrap();
    let root = "const { lang, dir } = document.documentElement; arguments[0]([lang, dir])";
    assert_eq!(stage.browser.run(root, vec![]).await.unwrap(), json!(["ar", "rtl"]));
    stage.browser.close().await;
}

#[tokio::test]
async fn without_a_connection_the_page_keeps_its_language_in_chromium() {
    without_a_connection(Engine::Chromium).await;
}

#[tokio::test]
async fn without_a_connection_the_page_keeps_its_language_in_firefox() {
    without_a_connection(Engine::Firefox).await;
}

#[tokio::test]
async fn texts_have_the_form_of_their_number_and_values_stay_as_they_are() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    let more = |count: u64| json!(["request-more", {"count": count}]);
    let evil = json!(["accepted", {"application": "{user} {{user}} $& <b>", "user": "Ann"}]);
    let wanted = json!([more(1), more(2), evil]);
    let english = browser.run(TEXTS, vec![wanted.clone()]).await.unwrap();
    let expected =
        ["1 more request waits.", "2 more requests wait.", "{user} {{user}} $& <b> signs you in as Ann."];
    assert_eq!(english, json!(expected));

    choose(&stage, "ar").await;
    browser.shows("#welcome-title", "لم يُسجَّل هذا الهاتف بعد").await.unwrap();
    let wanted = json!([more(1), more(2), more(3), more(11), more(100)]);
    let arabic = browser.run(TEXTS, vec![wanted]).await.unwrap();
    let expected = [
        "ينتظر طلب آخر.",
        "ينتظر طلبان آخران.",
        "تنتظر \u{2068}3\u{2069} طلبات أخرى.",
        "ينتظر \u{2068}11\u{2069} طلبًا آخر.",
        "ينتظر \u{2068}100\u{2069} طلب آخر.",
    ];
    assert_eq!(arabic, json!(expected));
    stage.leave().await;
}

/// The service explains in English, for developers. Refusals that a phone may meet are said in the page's language.
#[tokio::test]
async fn a_refusal_is_said_in_the_language_of_the_page() {
    const SAID: &str = "
        const [reasons, done] = arguments;
        const main = document.querySelector('script[src$=\"main.js\"]').src;
        Promise.all(['api.js', 'why.js'].map((name) => import(new URL(name, main)))).then(([{ Refused }, { refusalInWords }]) => {
            done(reasons.map((reason) => refusalInWords(new Refused(422, reason, 'a message', 0, 1))));
        }, (error) => done(String(error)));
    ";
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    browser.open(&format!("{}/phone", stage.service.server_url())).await.unwrap();
    browser.shows("#welcome-title", "not registered yet").await.unwrap();
    choose(&stage, "fr").await;
    browser.shows("#welcome-title", "pas encore enregistré").await.unwrap();
    let reasons = json!(["WRONG_CODE", "PHONE_TOO_NEW", "toString", "OF_LATER", null]);
    let said = browser.run(SAID, vec![reasons]).await.unwrap();
    let said: Vec<_> = said
        .as_array()
        .unwrap_or_else(|| panic!("{said}"))
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect();
    assert!(said[0].contains("il reste 1 essai"), "{said:?}");
    assert!(said[1].contains("moins d'un jour"), "{said:?}");
    for of_later in &said[2..] {
        assert_eq!(*of_later, "Le service a refusé : a message");
    }
    stage.leave().await;
}
