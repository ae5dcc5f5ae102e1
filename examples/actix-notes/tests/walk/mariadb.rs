//! The application over MariaDB: what it asks there, what the login keeps there, and several of it on one database.

use std::time::Duration;

use iampass_test_databases::Database;
use iampass_testkit::ManualClock;

use crate::world::World;

/// An empty database that is gone at the end of the test.
fn database() -> Option<Database> {
    iampass_test_databases::mariadb().map(|server| server.database())
}

#[actix_web::test]
async fn a_login_and_the_notes_outlive_a_restart() {
    let Some(database) = database() else { return };
    let mut world = World::start_over(Some(database.url()), None).await;
    let mut browser = world.browser();
    let phone = world.signed_in(&mut browser, "anna").await;
    browser.post_on("/notes/new", &[("title", "Milk 🥛"), ("text", &"ö".repeat(4_000))]).await;
    assert_eq!(database.sql("SELECT count(*) FROM iampass_sessions").unwrap(), "1");

    world.restart().await;
    let page = browser.get("/").await;
    assert!(page.text.contains("signed in as anna") && page.text.contains("Milk 🥛"), "{}", page.text);
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    let note = page.note();
    assert!(browser.get(&note).await.text.contains(&"ö".repeat(4_000)));

    // The same content twice within a second changes nothing, and the note is found all the same.
    for _ in 0..2 {
        browser.post_on(&note, &[("title", "Bread"), ("text", "")]).await;
    }
    let mut other = world.browser();
    world.signed_in(&mut other, "bert").await;
    assert_eq!(other.post(&note, &[("title", "Theirs"), ("text", "")]).await.status, 404);
    assert_eq!(other.post(&format!("{note}/delete"), &[]).await.status, 404);
    assert!(browser.get("/notes.txt").await.text.contains("# Bread"));
    browser.post_on(&format!("{note}/delete"), &[]).await;
    assert_eq!(browser.get(&note).await.status, 404);

    let cookies = browser.cookies.clone();
    let page = browser.post("/auth/logout", &[]).await;
    assert_eq!((page.status.as_u16(), page.location.as_deref()), (303, Some("/")));
    assert!(phone.is_logged_out_within(crate::SOON).await.unwrap(), "the service knows");
    world.restart().await;
    browser.cookies = cookies;
    assert_eq!(browser.get("/notes/new").await.status, 303, "the old cookie is worth nothing");
    assert_eq!(database.sql("SELECT count(*) FROM users").unwrap(), "2");
}

#[actix_web::test]
async fn a_name_is_one_users_and_free_again_if_the_sign_up_was_not_finished() {
    let Some(database) = database() else { return };
    let clock = ManualClock::new();
    let world = World::start_over(Some(database.url()), Some(&clock)).await;
    world.begin_sign_up(&mut world.browser(), "anna").await;
    let first = database.sql("SELECT id FROM users").unwrap();
    assert_eq!(world.browser().post("/sign-up", &[("name", "Anna")]).await.status, 409);
    world.service.advance(Duration::from_secs(60 * 60)).await.unwrap();
    world.begin_sign_up(&mut world.browser(), "anna").await;
    let second = database.sql("SELECT id FROM users").unwrap();
    assert_ne!(first, second, "another user, and the only one");
    assert_eq!(database.sql("SELECT user_id FROM iampass_tokens").unwrap(), second);
}

#[actix_web::test]
async fn several_start_at_once_on_an_empty_database() {
    let Some(database) = database() else { return };

    let starting = (0..4).map(|_| World::start_over(Some(database.url()), None));
    let worlds = futures_util::future::join_all(starting).await;
    for world in &worlds {
        assert_eq!(world.browser().get("/").await.status, 200);
    }
    assert_eq!(database.sql("SELECT count(*) FROM users").unwrap(), "0");
}
