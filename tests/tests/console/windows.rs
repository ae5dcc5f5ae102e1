//! Many windows and tabs of one browser at the Console, over HTTP/1.1: a browser keeps about six connections to a host, and none of the pages
//! that follow a stream of events may keep another one from loading (B5).

use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::{RegistrationLink, UserToken};
use iampass_system_tests::{DevServer, Engine, Kind, Scripts};
use iampass_testkit::VirtualPhone;

use crate::application_client;
use crate::applications::log_in;
use crate::visitor::Visitor;

/// A page that never loads must not hold the test up.
const LOADED_WITHIN: Duration = Duration::from_secs(60);

async fn a_user_with_a_phone(client: &Client) -> VirtualPhone {
    let user = UserToken::new("user-1").unwrap();
    client.add_user(&user).await.unwrap();
    let link = client.registration_link(&user, Some("Ann")).await.unwrap();
    VirtualPhone::register(&RegistrationLink::parse(link.as_str()).unwrap()).await.unwrap()
}

async fn open_another(visitor: &Visitor, kind: Kind, page: &str) -> iampass_system_tests::Window {
    let opening = async {
        let window = visitor.browser.open_another(kind).await.unwrap();
        visitor.open(page).await;
        window
    };
    tokio::time::timeout(LOADED_WITHIN, opening).await.expect("the page does not load")
}

async fn seven_pages_of_sessions(engine: Engine, kind: Kind) {
    let service = DevServer::start(60).unwrap();
    let server = service.says("server").unwrap();
    let Some(visitor) = Visitor::new_in(engine, "erna", Scripts::On, server).await else { return };
    visitor.register("erna").await;
    let (id, secret) = visitor.add_application("Corner shop").await;
    let client = application_client(server, &id, &secret);
    let phone = a_user_with_a_phone(&client).await;

    let pages = format!("/console/applications/{id}");
    let mut windows = Vec::new();
    for _ in 0..7 {
        windows.push(open_another(&visitor, kind, &format!("{pages}/sessions")).await);
        visitor.shows("h2", "Nobody is signed in").await;
    }
    log_in(&client, &phone).await;
    visitor.shows("table", "user-1").await;
    // The others have heard of it, or hear of it as soon as they are seen.
    for window in &windows {
        visitor.browser.show(window).await.unwrap();
        visitor.shows("table", "user-1").await;
    }
    open_another(&visitor, kind, &format!("{pages}/users")).await;
    visitor.shows("h1", "Users").await;

    // The one that leads is closed.
    let last = windows.pop().unwrap();
    for window in [last, windows.remove(0)] {
        visitor.browser.show(&window).await.unwrap();
        visitor.browser.close_this().await.unwrap();
    }
    visitor.browser.show(&windows[0]).await.unwrap();
    phone.log_out().await.unwrap();
    for window in &windows {
        visitor.browser.show(window).await.unwrap();
        visitor.shows("h2", "Nobody is signed in").await;
    }
    visitor.step("no sessions").await;
    visitor.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_tabs_in_chromium() {
    seven_pages_of_sessions(Engine::Chromium, Kind::Tab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_windows_in_chromium() {
    seven_pages_of_sessions(Engine::Chromium, Kind::Window).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_tabs_in_firefox() {
    seven_pages_of_sessions(Engine::Firefox, Kind::Tab).await;
}
