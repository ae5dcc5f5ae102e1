//! A browser that runs scripts, but not ours: an older one that does not understand it, or one that has not got it. The page that waits must not
//! go on saying that there is a request to accept.

use std::time::{Duration, Instant};

use iampass_system_tests::Engine;

use crate::axum_site::Axum;
use crate::setting::{Framework as _, SOON};
use crate::visitor::{setting, visitor_in};

/// For so long at most a page says it by itself. A stranger's question comes later.
const SAID_FOR: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_script_does_not_run_says_nothing_of_accepting_for_long() {
    let setting = setting::<Axum>().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let login = setting.builder(&origin).name("Test application").build().unwrap();
    let _serving = Axum::serve(login, listener).await;
    let Some(visitor) = visitor_in(Engine::Chromium, &origin).await else { return };
    visitor.browser.block("*.js").await.unwrap();
    visitor.open("/auth/login?next=/page").await;
    visitor.send_name("anna").await;
    visitor.shows("h1", "One moment").await;
    // The phone is asked soon, but nothing loads the page anew.
    setting.anna.next_request(SOON).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let wait = visitor.browser.address().await.unwrap();
    visitor.browser.open(&wait).await.unwrap();
    visitor.shows("h1", "Check your phone").await;
    let begun = Instant::now();
    visitor.shows("h1", "One moment").await;
    visitor.shows("main", "Do not accept any request yet").await;
    assert!(begun.elapsed() < SAID_FOR, "after {:?}", begun.elapsed());
    visitor.browser.picture("the script does not run").await.unwrap();
    visitor.browser.close().await;
}
