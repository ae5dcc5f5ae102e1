//! The application over real sockets, with the real service and phones. Belongs here: what users do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod browser;
mod mariadb;
mod program;
mod refused;
mod world;

use crate::world::{SOON, World};

#[actix_web::test]
async fn somebody_signs_up_writes_and_signs_out() {
    let world = World::start().await;
    let mut browser = world.browser();
    let page = browser.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("href=\"/sign-up\"") && !page.text.contains("<script"), "{}", page.text);
    assert_eq!(browser.get("/sign-up").await.status, 200);

    // A user who registered the phone goes on to the first login with the name in the field.
    let phone = world.sign_up(&mut browser, "anna").await;
    let page = browser.get("/auth/enrol").await;
    assert!(page.text.contains("/auth/login?name=anna"), "{}", page.text);
    assert!(browser.follow("/auth/login?name=anna").await.text.contains("value=\"anna\""));
    world.log_in(&mut browser, "Anna", &phone).await;
    let page = browser.get("/").await;
    assert!(
        page.text.contains("signed in as anna") && page.text.contains("Nothing here yet"),
        "{}",
        page.text
    );
    assert!(page.text.contains("<script src=\"/auth/assets/login."), "the page is covered while she is away");

    browser.post_on("/notes/new", &[("title", "Milk & <eggs>"), ("text", "today\r\nor tomorrow")]).await;
    let page = browser.get("/").await;
    assert!(page.text.contains("today\nor tomorrow") && page.text.contains("just now"), "{}", page.text);
    assert!(page.text.contains("Milk &#38; &#60;eggs&#62;"), "{}", page.text);
    let note = page.note();

    let page = browser.get(&note).await;
    assert!(page.text.contains("value=\"Milk &#38; &#60;eggs&#62;\""), "{}", page.text);
    browser.post_on(&note, &[("title", "Bread"), ("text", "")]).await;
    let page = browser.get("/").await;
    assert!(page.text.contains("Bread") && !page.text.contains("Milk"), "{}", page.text);
    assert_eq!(page.note(), note);

    browser.post_on(&format!("{note}/delete"), &[]).await;
    assert!(browser.get("/").await.text.contains("Nothing here yet"));
    assert_eq!(browser.get(&note).await.status, 404);

    assert!(browser.get("/auth/sessions").await.text.contains("/auth/sessions/end-all"));
    let cookies = browser.cookies.clone();
    let page = browser.post("/auth/logout", &[]).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")));
    assert!(browser.get("/").await.text.contains("href=\"/sign-up\""));
    browser.cookies = cookies;
    assert_eq!(browser.get("/notes/new").await.status, 303, "the old cookie is worth nothing");
    assert!(phone.is_logged_out_within(SOON).await.unwrap(), "the service knows");
}

#[actix_web::test]
async fn what_is_wrong_with_a_field_is_said_and_nothing_is_lost() {
    let world = World::start().await;
    let mut browser = world.browser();
    let page = browser.post("/sign-up", &[("name", "An\"na")]).await;
    assert_eq!(page.status, 422);
    assert!(
        page.text.contains("id=\"name_problem\"") && page.text.contains("value=\"An&#34;na\""),
        "{}",
        page.text
    );
    assert_eq!(browser.post("/sign-up", &[]).await.status, 422);

    world.signed_in(&mut browser, "anna").await;
    let page = browser.post("/notes/new", &[("title", " "), ("text", "the draft")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("id=\"title_problem\"") && page.text.contains("the draft"), "{}", page.text);
    let long = "a".repeat(4_001);
    let page = browser.post("/notes/new", &[("title", "the title"), ("text", &long)]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains("id=\"text_problem\"") && page.text.contains("the title"), "{}", page.text);
    let page = browser.post("/notes/new", &[("title", "x"), ("text", &"a".repeat(70_000))]).await;
    assert_eq!(page.status, 413);
    assert!(page.text.contains("Too long"), "{}", page.text);
    assert!(browser.get("/").await.text.contains("Nothing here yet"));

    browser.post_on("/notes/new", &[("title", "x"), ("text", &"ö".repeat(4_000))]).await;
    let note = browser.get("/").await.note();
    assert!(browser.get(&note).await.text.contains(&"ö".repeat(4_000)));
    let page = browser.post(&note, &[("title", ""), ("text", "another")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text.contains(&format!("action=\"{note}\"")), "{}", page.text);
}

#[actix_web::test]
async fn many_notes_are_shown_in_pages() {
    let world = World::start().await;
    let mut browser = world.browser();
    world.signed_in(&mut browser, "anna").await;
    for number in 1..=21 {
        browser.post_on("/notes/new", &[("title", &format!("note {number}."))]).await;
    }
    let page = browser.get("/").await;
    assert!(page.text.contains("note 21.") && page.text.contains("note 2."), "{}", page.text);
    assert!(!page.text.contains("note 1."), "{}", page.text);
    let page =
        browser.get(page.between("href=\"/?", "\"").map(|rest| format!("/?{rest}")).unwrap().as_str()).await;
    assert!(page.text.contains("note 1.") && !page.text.contains("note 2"), "{}", page.text);
    assert!(!page.text.contains("Older notes"), "{}", page.text);
    assert_eq!(browser.get("/?before=nonsense").await.status, 200);
}

#[actix_web::test]
async fn who_has_walked_away_is_shown_no_page() {
    let world = World::start().await;
    let mut browser = world.browser();
    let phone = world.signed_in(&mut browser, "anna").await;
    browser.post_on("/notes/new", &[("title", "Secret")]).await;
    phone.walk_away().await.unwrap();
    let page = browser.reload_until("/", |page| page.status != 200).await;
    assert_eq!(page.status, 403);
    // That of a stranger would not give way by itself.
    assert!(!page.text.contains("Secret") && !page.text.contains("/sign-up"), "{}", page.text);
    assert_eq!(browser.get("/sign-up").await.status, 403);
    phone.come_back().await.unwrap();
    let page = browser.reload_until("/", |page| page.status == 200).await;
    assert!(page.text.contains("Secret"), "{}", page.text);
}

#[actix_web::test]
async fn all_notes_are_downloaded_by_their_writer_alone() {
    let world = World::start().await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/notes.txt").await.status, 303, "nobody is signed in");
    world.signed_in(&mut browser, "anna").await;
    for number in 0..45 {
        let (title, text) = (format!("Title {number}"), format!("Text {number}."));
        browser.post_on("/notes/new", &[("title", &title), ("text", &text)]).await;
    }
    let page = browser.get("/notes.txt").await;
    assert_eq!(page.status, 200);
    for number in 0..45 {
        assert!(
            page.text.contains(&format!("# Title {number}\n\nText {number}.\n")),
            "{number}: {}",
            page.text
        );
    }
    let mut other = world.browser();
    world.signed_in(&mut other, "bert").await;
    assert_eq!(other.get("/notes.txt").await.text, "");
}

#[actix_web::test]
async fn what_is_stored_is_there_after_a_restart() {
    let mut world = World::start().await;
    let mut browser = world.browser();
    let phone = world.signed_in(&mut browser, "anna").await;
    browser.post_on("/notes/new", &[("title", "Kept")]).await;
    world.restart().await;
    assert!(browser.get("/").await.text.contains("Kept"), "she is still signed in");
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    let page = browser.post("/auth/logout", &[]).await;
    assert_eq!(page.status, 303);
    world.log_in(&mut browser, "anna", &phone).await;
    assert!(browser.get("/").await.text.contains("Kept"));
}
