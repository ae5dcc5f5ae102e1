//! The language of the Console: as the browser asks, and as the account chooses.

use super::shop::{owner, place};
use super::visitor::{Visitor, open_house};

/// A page for a browser that asks for this language.
async fn page_in(visitor: &mut Visitor<'_>, path: &str, language: &str) -> String {
    let headers = [("accept-language", language), ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")];
    visitor.send("GET", path, &headers, None).await.body
}

/// `lang` and `dir` of the document, and those of the page within if they are others.
fn languages_of(page: &str) -> (String, Option<String>) {
    let of = |tag: &str| {
        let attributes = page.split(tag).nth(1)?.split('>').next()?;
        Some(attributes.split("lang=\"").nth(1)?.split('"').next()?.to_owned())
    };
    (of("<html ").unwrap(), of("<main "))
}

#[tokio::test]
async fn pages_come_in_the_language_that_the_browser_asks_for() {
    let rig = open_house().await;
    let mut visitor = Visitor::new(&rig);
    for (asked, given, said) in [
        ("", "en", "there are no passwords"),
        ("de-AT", "de", "Passwörter gibt es nicht"),
        ("ja, fr;q=0.5", "fr", "il n&#39;y a pas de mots de passe"),
        ("es", "es", "no hay contraseñas"),
        ("ar", "ar", "لا توجد كلمات مرور"),
        ("ja", "en", "there are no passwords"),
    ] {
        let page = page_in(&mut visitor, "/console", asked).await;
        assert_eq!(languages_of(&page), (given.to_owned(), None), "{asked}");
        assert!(page.contains(said), "{asked}: {page}");
        assert_eq!(page.contains("<html lang=\"ar\" dir=\"rtl\">"), given == "ar");
    }
    // Also what is wrong, in forms and in addresses, and the pages of the login.
    let headers = [("accept-language", "de"), ("sec-fetch-site", "same-origin"), ("origin", "ORIGIN")];
    let origin = format!("http://{}", rig.address);
    let headers =
        headers.map(|(name, value)| (name, if value == "ORIGIN" { origin.as_str() } else { value }));
    let refused = visitor.send("POST", "/console/register", &headers, Some(&[("name", "a")])).await;
    assert!(refused.body.contains("Verwenden Sie mindestens 3 Zeichen."), "{}", refused.body);
    let missing = page_in(&mut visitor, "/console/nothing", "es").await;
    assert!(missing.contains("Página no encontrada"), "{missing}");
    let login = page_in(&mut visitor, "/console/auth/login", "fr").await;
    assert!(login.contains("Pas encore de compte ?"), "{login}");
}

#[tokio::test]
async fn a_choice_holds_and_leads_back_to_its_page() {
    let rig = open_house().await;
    let mut anna = owner(&rig).await;
    let users = place(&rig, "/users");
    let page = anna.get(&format!("{users}?q=a%26b")).await.body;
    let links = || page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = links().find(|link| link.contains("to=de")).unwrap().replace("&#38;", "&");
    let chosen = anna.get(&link).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, Some(format!("{users}?q=a%26b").as_str())));
    let page = anna.get(&users).await.body;
    assert_eq!(languages_of(&page), ("de".to_owned(), None));
    assert!(page.contains("Noch keine Benutzer") && page.contains(">Protokoll<"), "{page}");
    // It counts more than what the browser asks for.
    assert_eq!(languages_of(&page_in(&mut anna, &users, "fr").await).0, "de");
    let added = anna.post(&format!("{users}/add"), &[("users", "")]).await;
    assert!(added.body.contains("Geben Sie mindestens eine Benutzer-ID ein."), "{}", added.body);
    let settings = anna.get(&place(&rig, "/settings")).await.body;
    assert_eq!(languages_of(&settings), ("de".to_owned(), None));
    assert!(settings.contains("Wie ein Benutzer annimmt"), "{settings}");
    // It is kept for the Console alone: applications on the same host do not get it.
    let cookie = chosen.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("iampass-console-language=de; ") && cookie.contains("; Path=/console;"),
        "{cookie}"
    );

    // A choice leads to no other site.
    for away in ["https://other.example/", "//other.example/", "/\\other.example"] {
        let away: String = url::form_urlencoded::byte_serialize(away.as_bytes()).collect();
        let led = anna.get(&format!("/console/auth/language?to=en&back=page&next={away}")).await;
        let to = led.header("location").unwrap();
        assert!(to.starts_with('/') && !to.contains("other.example"), "{away}: {to}");
    }
    assert_eq!(languages_of(&anna.get(&users).await.body).0, "en");
}

/// Nothing is left open in a text, and what somebody has typed is escaped in every language.
#[tokio::test]
async fn texts_are_filled_in() {
    let rig = open_house().await;
    let mut anna = owner(&rig).await;
    let at = |path: &str| place(&rig, path);
    for language in ["en", "de", "fr", "es", "ar"] {
        for path in [
            "/console",
            "/console/applications/new",
            "/console/nothing",
            &at(""),
            &at("/users?q=%7Bid%7D%3Cb%3E&after=x"),
            &at("/sessions"),
            &at("/history?user=%7Bid%7D%3Cb%3E&outcome=denied&address=x"),
            &at("/settings"),
            &at("/settings/login"),
            &at("/settings/rotate"),
            &at("/settings/delete"),
            &at("/members"),
            &at("/members/invite"),
            &at("/leave"),
            &at("/messages"),
            &at("/pushes"),
            &at("/log"),
            "/console/account",
            "/console/account/phone",
            "/console/accounts",
        ] {
            let page = page_in(&mut anna, path, language).await;
            assert_eq!(languages_of(&page), (language.to_owned(), None), "{path}");
            let left = page.replace("{id}", "");
            assert!(!left.contains('{'), "{language} {path}: {left}");
            assert!(!page.contains("{id}<b>"), "{language} {path}: {page}");
        }
    }
}
