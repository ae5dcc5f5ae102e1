//! Requests as the scope changes them before the flow sees them.

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use iampass_actix::{into_response, scope};
use iampass_core::port::UserKey;
use iampass_web::{Body, HttpAnswer, LONGEST_BODY};
use reqwest::Method;

use crate::browser::{header, location};
use crate::world::World;

#[actix_web::test]
async fn a_body_is_taken_up_to_the_longest_and_no_further() {
    let world = World::start().await;
    let mut browser = world.browser();
    let form = |length: usize| "login_name=".to_owned() + &"x".repeat(length - "login_name=".len());
    assert_eq!(browser.post("/auth/login", form(LONGEST_BODY)).await.status(), 422, "the name is too long");
    assert_eq!(browser.post("/auth/login", form(LONGEST_BODY + 1)).await.status(), 413);
    assert_eq!(browser.post("/auth/nothing", form(LONGEST_BODY + 1)).await.status(), 413);
}

#[actix_web::test]
async fn methods_and_paths_are_the_flows_to_judge() {
    let world = World::start().await;
    let mut browser = world.browser();
    for (method, path, status, allow) in [
        (Method::GET, "/auth/login", 200, None),
        (Method::HEAD, "/auth/login", 200, None),
        (Method::PUT, "/auth/login", 405, Some("GET, HEAD, POST")),
        (Method::HEAD, "/auth/logout", 405, Some("POST")),
        (Method::GET, "/auth/logout", 405, Some("POST")),
        (Method::GET, "/auth/login/", 404, None),
        (Method::GET, "/auth/", 404, None),
        (Method::GET, "/auth", 404, None),
        (Method::POST, "/auth/nothing", 404, None),
        (Method::GET, "/auth/assets/nothing.js", 404, None),
        (Method::GET, "/authors", 404, None),
    ] {
        let request = browser.request(method.clone(), path);
        let answer = browser.send(request).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (status, allow), "{method} {path}");
    }
}

#[actix_web::test]
async fn the_query_reaches_the_flow() {
    let world = World::start().await;
    let mut browser = world.browser();
    let page = browser.page("/auth/login?next=%2Fsomewhere%2Felse").await;
    assert_eq!(header(&page, "cache-control"), Some("no-store"));
    let text = page.text().await.unwrap();
    assert!(text.contains(r#"value="/somewhere/else""#), "{text}");
}

#[actix_web::test]
async fn starts_are_counted_by_the_address_at_the_other_end() {
    let world = World::start().await;
    let application = init_service(App::new().service(scope(&world.login))).await;
    let start = |peer: &str, name: u32| {
        TestRequest::post()
            .uri("/auth/login")
            .peer_addr(peer.parse().unwrap())
            .insert_header(("origin", world.browser().origin().to_owned()))
            .set_payload(format!("login_name=nobody{name}"))
            .to_request()
    };
    for name in 0..30 {
        let answer = call_service(&application, start("192.0.2.1:1000", name)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{name}");
    }
    let one_more = call_service(&application, start("192.0.2.1:1001", 100)).await;
    assert_eq!(one_more.status(), StatusCode::TOO_MANY_REQUESTS);
    let elsewhere = call_service(&application, start("192.0.2.2:1000", 100)).await;
    assert_eq!(elsewhere.status(), StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn the_application_can_give_answers_of_the_flow() {
    let world = World::start().await;
    let mut browser = world.browser();
    let answer = into_response(world.login.begin_enrolment(&UserKey::from(1_i64), "Anna", "/welcome"));
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers().get("location").unwrap(), "/auth/enrol");
    let cookie = answer.headers().get("set-cookie").unwrap().to_str().unwrap();
    let (name, value) = cookie.split_once(';').unwrap().0.split_once('=').unwrap();
    browser.cookies.insert(name.to_owned(), value.to_owned());
    assert_eq!(browser.page("/auth/enrol").await.status(), 200);
    assert_eq!(location(&browser.page("/auth/sessions").await), "/auth/login?next=%2Fauth%2Fsessions");
}

#[actix_web::test]
async fn what_is_no_header_is_left_out() {
    let headers = vec![
        ("set-cookie", "a=1".to_owned()),
        ("set-cookie", "b=2".to_owned()),
        ("X Y", "z".to_owned()),
        ("location", "/\r\nset-cookie: c=3".to_owned()),
    ];
    let answer =
        into_response(HttpAnswer { status: 200, headers, body: Body::Whole(web::Bytes::from_static(b"x")) });
    assert_eq!(answer.headers().get_all("set-cookie").count(), 2);
    assert_eq!(answer.headers().len(), 2);
    assert_eq!(into_response(HttpAnswer { status: 1, headers: Vec::new(), body: Body::Empty }).status(), 500);
}
