//! Refusals: others' notes, strangers, other sites, names that are somebody's.

use std::time::Duration;

use iampass_testkit::ManualClock;
use reqwest::Method;

use crate::world::World;

#[actix_web::test]
async fn others_notes_are_not_there() {
    let world = World::start().await;
    let (mut anna, mut bert) = (world.browser(), world.browser());
    world.signed_in(&mut anna, "anna").await;
    world.signed_in(&mut bert, "bert").await;
    anna.post_on("/notes/new", &[("title", "Secret"), ("text", "of anna")]).await;
    let note = anna.get("/").await.note();

    let page = bert.get("/").await;
    assert!(page.text.contains("Nothing here yet") && !page.text.contains("Secret"), "{}", page.text);
    let answers = [
        bert.get(&note).await,
        bert.post(&note, &[("title", "Changed"), ("text", "by bert")]).await,
        bert.post(&format!("{note}/delete"), &[]).await,
        bert.get("/notes/4711").await,
        bert.get("/notes/x").await,
        bert.get("/notes/99999999999999999999").await,
        bert.get("/no-such-page").await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 404, "{}", answer.text);
        assert!(answer.text.contains("Page not found") && !answer.text.contains("Secret"), "{}", answer.text);
    }
    let page = anna.get(&note).await;
    assert!(page.text.contains("Secret") && page.text.contains("of anna"), "{}", page.text);
    assert_eq!(anna.take(anna.request(Method::GET, &note)).await.status, 200);
}

#[actix_web::test]
async fn strangers_are_led_to_the_login() {
    let world = World::start().await;
    let mut anna = world.browser();
    world.signed_in(&mut anna, "anna").await;
    anna.post_on("/notes/new", &[("title", "Secret")]).await;
    let note = anna.get("/").await.note();

    let mut stranger = world.browser();
    for path in ["/notes/new", note.as_str(), &format!("{note}/delete")] {
        // A form cannot be sent again, and the browser does not say which page it was on.
        let page = stranger.post(path, &[("title", "Changed"), ("text", "")]).await;
        assert_eq!(page.status, 303, "{path}");
        assert_eq!(page.location.as_deref(), Some("/auth/login?next=%2F"));
        // The request of a script.
        let request = stranger.form(path, &[("title", "Changed"), ("text", "")]);
        let request = request.header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "cors");
        assert_eq!(stranger.take(request).await.status, 401, "{path}");
    }
    let page = stranger.get(&note).await;
    assert_eq!((page.status.as_u16(), page.text.as_str()), (303, ""));
    // An address for forms is no place to come back to.
    let page = anna.get(&format!("{note}/delete")).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")));
    let page = anna.get("/").await;
    assert!(page.text.contains("Secret") && !page.text.contains("Changed"), "{}", page.text);
}

#[actix_web::test]
async fn other_sites_change_nothing() {
    let world = World::start().await;
    let mut anna = world.browser();
    world.signed_in(&mut anna, "anna").await;
    anna.post_on("/notes/new", &[("title", "Mine")]).await;
    let note = anna.get("/").await.note();

    let delete = format!("{note}/delete");
    for path in ["/notes/new", note.as_str(), delete.as_str(), "/auth/logout", "/sign-up", "/no-such-page"] {
        let form = || anna.form(path, &[("title", "Theirs"), ("text", ""), ("name", "bert")]);
        let forged = [
            form().header("sec-fetch-site", "cross-site").header("origin", "https://other.example"),
            form().header("sec-fetch-site", "same-site"),
            form().header("origin", "null"),
            // No browser leaves out both.
            form(),
        ];
        for request in forged {
            let page = anna.clone().take(request).await;
            assert_eq!(page.status, 403, "{path}");
        }
    }
    let page = anna.get("/").await;
    assert!(page.text.contains("Mine") && !page.text.contains("Theirs"), "{}", page.text);
    // And the name is free.
    assert_eq!(world.browser().post("/sign-up", &[("name", "bert")]).await.status, 303);
}

#[actix_web::test]
async fn every_answer_binds_the_browser() {
    let world = World::start().await;
    let mut browser = world.browser();
    world.signed_in(&mut browser, "anna").await;
    let stylesheet = browser.get("/").await.between("href=\"/style/", "\"").unwrap();
    let answers = [
        browser.get("/").await,
        browser.get("/notes/new").await,
        browser.get("/no-such-page").await,
        browser.clone().take(browser.request(Method::PUT, "/notes/new")).await,
        browser.clone().take(browser.form("/notes/new", &[])).await,
        world.browser().get("/").await,
        world.browser().get("/notes/new").await,
    ];
    for answer in &answers {
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        for written_in in [" style=", "<style", " onclick=", "<script>"] {
            assert!(!answer.text.contains(written_in), "{}", answer.text);
        }
    }
    let put = browser.request(Method::PUT, "/notes/new").header("sec-fetch-site", "same-origin");
    let page = browser.take(put).await;
    assert_eq!(page.status, 405, "{}", page.text);
    assert!(page.text.contains("cannot be used that way"), "{}", page.text);
    for path in
        ["/", "/notes/new", "/sign-up", "/notes.txt", &format!("/style/{stylesheet}"), "/no-such-page"]
    {
        let page = browser.get(path).await;
        let head = browser.request(Method::HEAD, path).header("accept", "text/html");
        let head =
            browser.take(head.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "none")).await;
        assert_eq!((head.status, head.text.as_str()), (page.status, ""), "{path}");
        assert_eq!(head.headers.get("content-type"), page.headers.get("content-type"), "{path}");
    }
    let head = browser.take(browser.request(Method::HEAD, "/notes/1/delete")).await;
    assert_eq!(head.status, 405, "what changes something is no page");
    let page = browser.get(&format!("/style/{stylesheet}")).await;
    assert_eq!(
        (page.status.as_u16(), &page.headers["content-type"]),
        (200, &"text/css; charset=utf-8".parse().unwrap())
    );
    assert!(page.headers["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(browser.get("/style/other.css").await.status, 404);
}

/// A name that somebody took who never registered a phone is free again after a while, for another user.
#[actix_web::test]
async fn a_name_is_held_as_long_as_a_phone_may_be_registered() {
    let clock = ManualClock::new();
    let world = World::start_by(Some(&clock)).await;
    let (mut first, mut second) = (world.browser(), world.browser());
    let old_link = world.begin_sign_up(&mut first, "anna").await;
    let later = |minutes: u64| world.service.advance(Duration::from_secs(60 * minutes));
    later(19).await.unwrap();
    let page = second.post("/sign-up", &[("name", "Anna")]).await;
    assert_eq!(page.status, 409);
    assert!(
        page.text.contains("This name is taken") && page.text.contains("value=\"Anna\""),
        "{}",
        page.text
    );
    assert!(second.cookies.is_empty(), "and no phone can be registered");

    later(2).await.unwrap();
    let new_link = world.begin_sign_up(&mut second, "anna").await;
    assert!(new_link.as_str() != old_link.as_str());
    assert!(
        world.service.register_phone(&old_link).await.is_err(),
        "a late link leads into nobody's account"
    );
    world.service.register_phone(&new_link).await.unwrap();

    // With a phone it is somebody's for good, signed in or not.
    later(60 * 24).await.unwrap();
    assert_eq!(world.browser().post("/sign-up", &[("name", "anna")]).await.status, 409);
}

#[actix_web::test]
async fn a_name_is_not_given_away_while_nobody_knows_whether_it_is_free() {
    let clock = ManualClock::new();
    let mut world = World::start_by(Some(&clock)).await;
    world.begin_sign_up(&mut world.browser(), "anna").await;
    world.service.advance(Duration::from_secs(60 * 60)).await.unwrap();
    world.service.stop().await.unwrap();
    let mut browser = world.browser();
    let asking = actix_web::rt::spawn(async move { browser.post("/sign-up", &[("name", "anna")]).await });
    // It is tried again and again, for as long as this clock allows.
    while !asking.is_finished() {
        clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let page = asking.await.unwrap();
    assert_eq!(page.status, 503);
    assert!(page.text.contains("cannot tell"), "{}", page.text);
}
