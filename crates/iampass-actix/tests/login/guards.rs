//! The requests that pass the extractors and the middleware, and the answers to those that do not.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use iampass_actix::{CurrentUser, Fresh, LoginTransform, MaybeUser};
use iampass_core::machine::WatchOptions;

use crate::browser::{header, location};
use crate::world::{User, World};

#[actix_web::test]
async fn nobody_is_told_in_the_callers_own_terms() {
    let world = World::start().await;
    let mut browser = world.browser();
    for guarded in ["/name", "/fresh", "/account/settings/name", "/account/settings/theme"] {
        let answer = browser.call(guarded).await;
        assert_eq!(answer.status(), 401, "{guarded}");
        assert_eq!(header(&answer, "content-type"), Some("application/json"), "{guarded}");
        let told = answer.text().await.unwrap();
        assert!(
            told.contains(r#""error":"not_logged_in""#) && told.contains(r#""login":"/auth/login""#),
            "{told}"
        );

        let answer = browser.page(&format!("{guarded}?page=2&of=//x")).await;
        let next = guarded.replace('/', "%2F") + "%3Fpage%3D2%26of%3D%2F%2Fx";
        assert_eq!(answer.status(), 303);
        assert_eq!(location(&answer), format!("/auth/login?next={next}"));
    }
    assert_eq!(world.users.loads.load(Ordering::Relaxed), 0);
}

#[actix_web::test]
async fn a_scope_for_users_only_lets_nobody_else_at_any_handler() {
    let world = World::start().await;
    let mut nobody = world.browser();
    assert_eq!(nobody.read("/account/settings/theme").await.0, 401);
    assert_eq!(nobody.post("/account/settings/name", "").await.status(), 303);
    assert_eq!(nobody.read("/account/nothing/here").await.0, 401, "not even what there is can be found out");

    let mut anna = world.logged_in().await;
    world.users.loads.store(0, Ordering::Relaxed);
    let theme = anna.call("/account/settings/theme").await;
    assert_eq!(header(&theme, "cache-control"), Some("no-store"));
    assert_eq!(theme.text().await.unwrap(), "dark");
    assert_eq!(world.users.loads.swap(0, Ordering::Relaxed), 1);
    assert_eq!(anna.read("/account/settings/name").await, (200, "Anna".to_owned()));
    assert_eq!(
        world.users.loads.load(Ordering::Relaxed),
        1,
        "the extractor takes what the middleware has found"
    );
}

#[actix_web::test]
async fn handlers_for_everybody_know_who_it_is() {
    let world = World::start().await;
    let mut nobody = world.browser();
    let mut anna = world.logged_in().await;
    for open in ["/option", "/maybe"] {
        let answer = nobody.call(open).await;
        assert_eq!(header(&answer, "cache-control"), None, "{open}: the same for all who have no cookies");
        assert_eq!(answer.text().await.unwrap(), "nobody");
        assert_eq!(anna.read(open).await, (200, "Anna".to_owned()));
    }
    assert_eq!(nobody.read("/status").await, (200, "401 Unauthorized".to_owned()));
    assert_eq!(anna.read("/status").await, (200, "Anna".to_owned()));
}

#[actix_web::test]
async fn what_a_handler_says_of_caches_stands() {
    let world = World::start().await;
    let mut anna = world.logged_in().await;
    assert_eq!(header(&anna.call("/kept").await, "cache-control"), Some("max-age=60"));
}

#[actix_web::test]
async fn a_fresh_word_is_asked_for_where_it_matters() {
    // An hour is as good as for ever here: only `Fresh` notices.
    let world = World::start_by(WatchOptions::default().freshness(Duration::from_secs(3_600))).await;
    let mut anna = world.logged_in().await;
    assert_eq!(anna.read("/fresh").await, (200, "Anna".to_owned()));
    world.phone.walk_away().await.unwrap();
    assert_eq!(anna.read("/name").await, (200, "Anna".to_owned()), "the last word still holds");
    assert_eq!(anna.read("/fresh").await, (403, r#"{"error":"away"}"#.to_owned()));
    assert_eq!(anna.read("/name").await.0, 403, "what was heard counts for all");
    assert_eq!(anna.read("/account/settings/theme").await.0, 403);

    world.phone.come_back().await.unwrap();
    assert_eq!(anna.read("/fresh").await, (200, "Anna".to_owned()));
    world.phone.log_out().await.unwrap();
    assert_eq!(anna.read("/fresh").await.0, 401);
}

#[actix_web::test]
async fn cookies_in_several_headers_are_one() {
    let world = World::start().await;
    let mut anna = world.logged_in().await;
    let session = std::mem::take(&mut anna.cookies).remove("iampass-session").unwrap();
    let request = anna
        .request(reqwest::Method::GET, "/name")
        .header("cookie", "theme=dark")
        .header("cookie", format!("iampass-session={session}"));
    assert_eq!(anna.send(request).await.text().await.unwrap(), "Anna");
}

#[actix_web::test]
async fn a_missing_middleware_is_told_to_the_developer() {
    async fn name(user: CurrentUser<User>) -> String {
        user.name.clone()
    }
    async fn maybe(user: MaybeUser<User>) -> String {
        user.is_some().to_string()
    }
    async fn fresh(user: Fresh<User, 5>) -> String {
        user.name.clone()
    }
    /// A user of another login.
    async fn other(_: CurrentUser<String>) -> &'static str {
        "in"
    }
    let world = World::start().await;
    let wrapped = web::scope("/wrapped").wrap(LoginTransform::new(&world.login));
    let application = App::new()
        .route("/name", web::get().to(name))
        .route("/maybe", web::get().to(maybe))
        .route("/fresh", web::get().to(fresh))
        .service(wrapped.route("/other", web::get().to(other)));
    let application = init_service(application).await;
    for path in ["/name", "/maybe", "/fresh", "/wrapped/other"] {
        let answer = call_service(&application, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(answer.status(), 500, "{path}");
        let text = read_body(answer).await;
        assert!(String::from_utf8_lossy(&text).contains("LoginTransform"), "{path}: {text:?}");
    }
}
