//! The language of the pages: by the browser's list, by choice, and in pages about what went wrong.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::MemorySessionStore;
use iampass_web::Body;
use reqwest::Method;

use crate::accepting::{Accepting, application, request};
use crate::browser::Browser;
use crate::each_framework;
use crate::setting::{Framework, Setting};

each_framework!(
    pages_come_in_the_language_that_the_browser_asks_for,
    a_choice_is_kept_and_leads_back,
    a_choice_by_another_site_or_of_nothing_changes_nothing,
);

async fn login_page_in(browser: &mut Browser, accept_language: &str) -> String {
    let request = browser.request(Method::GET, "/auth/login").header("accept-language", accept_language);
    language_of(&browser.take(request).await.text)
}

/// The `lang` of the document.
fn language_of(html: &str) -> String {
    html.split("<html lang=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or(html).to_owned()
}

async fn pages_come_in_the_language_that_the_browser_asks_for(setting: Setting) {
    let mut browser = setting.browser();
    for (asked, given) in [
        ("", "en"),
        ("de", "de"),
        ("de-CH, en;q=0.8", "de"),
        ("it, fr;q=0.8", "fr"),
        ("es-MX", "es"),
        ("ar-EG,ar;q=0.9", "ar"),
        ("ja", "en"),
        ("de;q=0", "en"),
        (";;,,", "en"),
    ] {
        assert_eq!(login_page_in(&mut browser, asked).await, given, "{asked}");
    }
    let request = browser.request(Method::GET, "/auth/login").header("accept-language", "ar");
    let page = browser.take(request).await.text;
    assert!(page.contains("dir=\"rtl\"") && page.contains("تسجيل الدخول إلى \u{2068}"), "{page}");
    // Also where something is wrong, and in answers to forms.
    let missing = browser.request(Method::GET, "/auth/nothing-here").header("accept-language", "de");
    assert!(browser.take(missing).await.text.contains("Diese Seite gibt es nicht"));
    let empty = browser.form("/auth/login", &[("login_name", "")]);
    let empty = empty.header("origin", setting.origin()).header("accept-language", "fr");
    assert!(browser.take(empty).await.text.contains("Saisissez votre nom"));
    let elsewhere = browser.form("/auth/logout", &[]).header("origin", "https://other.example");
    let elsewhere = elsewhere.header("accept-language", "es");
    assert!(browser.take(elsewhere).await.text.contains("No se ha hecho nada"));
}

async fn a_choice_is_kept_and_leads_back(setting: Setting) {
    let mut browser = setting.browser();
    let page = browser.get("/auth/login?next=%2Fplans%3Fa%3Db").await.text;
    let link = page.split("href=\"").find(|rest| rest.contains("to=de")).unwrap();
    let link = link.split('"').next().unwrap().replace("&#38;", "&");
    let chosen = browser.get(&link).await;
    assert_eq!(chosen.status, 303);
    let back = chosen.location.unwrap();
    assert_eq!(back, "/auth/login?next=%2Fplans%3Fa%3Db");
    let page = browser.get(&back).await.text;
    assert_eq!(language_of(&page), "de");
    assert!(page.contains("value=\"/plans?a=b\""), "{page}");
    // It counts more than what the browser asks for.
    assert_eq!(login_page_in(&mut browser, "fr").await, "de");
    browser.get("/auth/language?to=en&next=%2F").await;
    assert_eq!(login_page_in(&mut browser, "fr").await, "en");
}

async fn a_choice_by_another_site_or_of_nothing_changes_nothing(setting: Setting) {
    let mut browser = setting.browser();
    let link = browser.request(Method::GET, "/auth/language?to=de&next=%2F");
    let page = browser.take(link.header("sec-fetch-site", "cross-site")).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/auth/login")));
    for nothing in ["", "?", "?to=", "?to=xx", "?to=de;path=/", "?to=%0d%0ax:y", "?next=%2F"] {
        let page = browser.get(&format!("/auth/language{nothing}")).await;
        assert_eq!(page.status, 303, "{nothing}");
    }
    assert_eq!(login_page_in(&mut browser, "fr").await, "fr");
    for away in
        ["https://other.example/", "//other.example/", "\\\\other.example", "/auth/login?name=mallory"]
    {
        let away: String = url::form_urlencoded::byte_serialize(away.as_bytes()).collect();
        for at in ["next", "back"] {
            let page = browser.get(&format!("/auth/language?to=de&{at}={away}")).await;
            assert_eq!(page.location.as_deref(), Some("/auth/login"), "{at} {away}");
        }
        let page = browser.get(&format!("/auth/language?to=de&back=page&next={away}")).await;
        assert_eq!(page.location.as_deref(), Some("/"), "{away}");
    }
    // A page of the application's own.
    let page = browser.get("/auth/language?to=de&back=page&next=%2Fplans%3Fa%3Db").await;
    assert_eq!(page.location.as_deref(), Some("/plans?a=b"));
    let page = browser.get("/auth/language?to=de&back=sessions").await;
    assert_eq!(page.location.as_deref(), Some("/auth/sessions"));
    assert_eq!(browser.get("/auth/login").await.status, 200);
}

async fn an_application_chooses_its_languages<F: Framework>() {
    use iampass_web::pages::Texts;
    const ITALIAN: &str = "language-name = Italiano\nlogin-heading = Accedi a { $application }\n";
    let two = Setting::with::<F>(1, |builder| {
        builder.languages([Texts::from_fluent("it", ITALIAN).unwrap(), Texts::default()])
    })
    .await;
    let mut browser = two.browser();
    assert_eq!(login_page_in(&mut browser, "de").await, "it", "the first one");
    assert_eq!(login_page_in(&mut browser, "en-GB").await, "en");
    let page = browser.get("/auth/login").await.text;
    assert!(page.contains("Accedi a Test") && page.contains("to=en"), "{page}");
    let one = Setting::with::<F>(1, |builder| builder.texts(Texts::default())).await;
    let mut browser = one.browser();
    assert_eq!(login_page_in(&mut browser, "de").await, "en");
    assert!(!browser.get("/auth/login").await.text.contains("/language"), "there is nothing to choose");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_chooses_its_languages_over_axum() {
    an_application_chooses_its_languages::<crate::axum_site::Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_chooses_its_languages_over_actix() {
    an_application_chooses_its_languages::<crate::actix_site::Actix>().await;
}

/// A name in one language would stand in the sentences of another one.
#[tokio::test]
async fn an_application_without_a_name_is_called_by_its_host() {
    let service = Accepting::default();
    let sessions = Arc::new(MemorySessionStore::new(10));
    let login = application(&service, 1, sessions, Duration::from_secs(10)).await;
    for (language, heading) in [("de", "Bei 127.0.0.1:3000 anmelden"), ("en", "Sign in to 127.0.0.1:3000")] {
        let mut asked = request(iampass_web::Method::Get, "/login", None);
        asked.headers.accept_language = Some(language.to_owned());
        let Body::Whole(page) = login.handle(asked).await.body else { panic!("no page") };
        // Names stand between marks that keep their direction.
        let page = String::from_utf8_lossy(&page).replace(['\u{2068}', '\u{2069}'], "");
        assert!(page.contains(heading), "{page}");
    }
}
