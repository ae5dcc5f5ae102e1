//! From the login to the logout.

use std::time::Duration;

use reqwest::Method;

use crate::browser::{header, location, next};
use crate::world::{SOON, World};

#[actix_web::test]
async fn a_login_is_accepted_on_the_phone_and_ended_by_a_logout() {
    let world = World::start().await;
    let mut browser = world.browser();
    let refused = browser.page("/name?a=b").await;
    assert_eq!(
        (refused.status().as_u16(), location(&refused)),
        (303, "/auth/login?next=%2Fname%3Fa%3Db".to_owned())
    );
    assert_eq!(browser.page(&location(&refused)).await.status(), 200);

    let wait = browser.begin("anna", "%2Fname%3Fa%3Db").await;
    let page = browser.page(&wait).await;
    assert_eq!(
        (page.status().as_u16(), header(&page, "content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(header(&page, "content-security-policy").is_some());
    assert_eq!(browser.read("/name").await.0, 401, "nobody is in before the phone has answered");

    world.phone.accept_next(SOON).await.unwrap();
    browser.until_moved(&wait).await;
    let done = browser.page(&wait).await;
    assert_eq!((done.status().as_u16(), location(&done)), (303, "/name?a=b".to_owned()));
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["iampass-browser", "iampass-session"]);

    let answer = browser.call("/name").await;
    assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    assert_eq!(answer.text().await.unwrap(), "Anna");

    let stolen = browser.cookies.clone();
    let logout = browser.post("/auth/logout", "").await;
    assert_eq!((logout.status().as_u16(), location(&logout)), (303, "/".to_owned()));
    assert_eq!(browser.cookies.keys().collect::<Vec<_>>(), ["iampass-browser"], "which lets nobody in");
    assert_eq!(browser.read("/name").await.0, 401);
    browser.cookies = stolen;
    assert_eq!(browser.read("/name").await.0, 401, "nor by the cookie of before");
    assert!(world.phone.is_logged_out_within(SOON).await.unwrap(), "the service knows");
}

#[actix_web::test]
async fn a_denied_login_lets_nobody_in() {
    let world = World::start().await;
    let mut browser = world.browser();
    let wait = browser.begin("anna", "/").await;
    world.phone.deny_next(SOON).await.unwrap();
    browser.until_moved(&wait).await;
    assert_eq!(browser.page(&wait).await.status(), 200);
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.read("/name").await.0, 401);
}

#[actix_web::test]
async fn only_the_browser_that_began_a_login_gets_it() {
    let world = World::start().await;
    let (mut one, mut other) = (world.browser(), world.browser());
    let wait = one.begin("anna", "/").await;
    world.phone.accept_next(SOON).await.unwrap();
    one.until_moved(&wait).await;
    let taken = other.page(&wait).await;
    assert_eq!((taken.status().as_u16(), location(&taken)), (303, "/auth/login".to_owned()));
    assert_eq!(other.read("/name").await.0, 401);
    assert_eq!(one.page(&wait).await.status(), 303);
    assert_eq!(one.read("/name").await, (200, "Anna".to_owned()));
}

#[actix_web::test]
async fn events_arrive_one_by_one_as_they_happen() {
    let world = World::start().await;
    let mut browser = world.browser();
    let wait = browser.begin("anna", "/").await;
    let mut stream = browser.events(&wait.replace("/wait?", "/events?")).await;
    assert_eq!(stream.status(), 200);
    assert_eq!(header(&stream, "content-type"), Some("text/event-stream"));
    assert_eq!(header(&stream, "cache-control"), Some("no-store, no-transform"));
    let sign = next(&mut stream).await;
    let age = sign.strip_prefix("event: alive\ndata: ").and_then(|rest| rest.strip_suffix("\n\n"));
    assert!(age.unwrap().parse::<u64>().unwrap() < 10_000, "{sign}");
    assert_eq!(next(&mut stream).await, "event: status\ndata: waiting\n\n");
    let early = tokio::time::timeout(Duration::from_millis(200), next(&mut stream)).await;
    assert!(early.is_err(), "it waits for the phone: {early:?}");

    world.phone.accept_next(SOON).await.unwrap();
    let moved = tokio::time::timeout(SOON, next(&mut stream)).await;
    assert_eq!(moved.expect("it is told nothing"), "event: moved\ndata: moved\n\n");
    assert_eq!(next(&mut stream).await, "", "that was all");
    assert_eq!(browser.page(&wait).await.status(), 303);

    let mut watching = browser.events("/auth/session/events").await;
    let alive = next(&mut watching).await;
    assert!(alive.starts_with("event: alive\ndata: ") && !alive.contains("data: alive"), "{alive}");
    assert_eq!(next(&mut watching).await, "event: present\ndata: present\n\n");
    browser.post("/auth/logout", "").await;
    assert_eq!(next(&mut watching).await, "event: ended\ndata: ended\n\n");
    assert_eq!(next(&mut watching).await, "");
}

#[actix_web::test]
async fn what_is_under_way_outlives_the_workers_that_began_it() {
    let mut world = World::start().await;
    let mut before = world.logged_in().await;
    let mut browser = world.browser();
    let wait = browser.begin("anna", "/").await;
    world.replace_workers().await;

    world.phone.accept_next(SOON).await.unwrap();
    browser.until_moved(&wait).await;
    assert_eq!(browser.page(&wait).await.status(), 303);
    assert_eq!(browser.read("/name").await, (200, "Anna".to_owned()));
    assert_eq!(before.read("/fresh").await, (200, "Anna".to_owned()));
    world.phone.log_out().await.unwrap();
    assert_eq!(before.read("/fresh").await.0, 401, "it is still being watched");
}

#[actix_web::test]
async fn a_logout_from_another_site_is_refused() {
    let world = World::start().await;
    let mut browser = world.logged_in().await;
    let request = browser.request(Method::POST, "/auth/logout").header("origin", "https://other.example");
    assert_eq!(browser.send(request).await.status(), 403);
    assert_eq!(browser.read("/name").await.0, 200);
}
