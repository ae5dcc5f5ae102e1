//! A browser that runs scripts, but not ours: an older one that does not understand it, or one that has not got it. The page that waits must not
//! go on saying that there is a request to accept.

use std::time::{Duration, Instant};

use iampass_system_tests::Engine;

use crate::axum_site::Axum;
use crate::counting_proxy::CountingProxy;
use crate::setting::{Framework as _, SOON};
use crate::visitor::{patient, setting, visitor_in};

/// For so long at most a page says it by itself. A stranger's question comes later.
const SAID_FOR: Duration = Duration::from_secs(8);

/// The heading that a page shows at first, seen or not, and how long after that it goes away by itself.
const HEADING_AT_FIRST: &str = "
    const [done] = arguments;
    const heading = document.querySelector('h1 .sure');
    const [goes] = heading?.getAnimations() ?? [];
    done({ text: heading?.textContent.trim() ?? '', gone_after_ms: goes?.effect.getTiming().delay ?? null });
";

#[tokio::test(flavor = "multi_thread")]
async fn in_chromium_a_page_whose_script_does_not_run_says_nothing_of_accepting_for_long() {
    says_nothing_of_accepting_for_long(Engine::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_firefox_a_page_whose_script_does_not_run_says_nothing_of_accepting_for_long() {
    says_nothing_of_accepting_for_long(Engine::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_a_page_whose_script_does_not_run_says_nothing_of_accepting_for_long() {
    says_nothing_of_accepting_for_long(Engine::WebKit).await;
}

async fn says_nothing_of_accepting_for_long(engine: Engine) {
    let setting = setting::<Axum>().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let node = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let node_origin = format!("http://{}", node.local_addr().unwrap());
    let login = setting.builder(&origin).name("Test application").login_options(patient()).build().unwrap();
    let _serving = Axum::serve(login, node).await;
    let _proxy = CountingProxy::without_scripts(listener, node_origin);
    let Some(visitor) = visitor_in(engine, &origin).await else { return };
    visitor.open("/auth/login?next=/page").await;
    visitor.send_name("anna").await;
    visitor.shows("h1", "One moment").await;
    // The phone is asked soon, but nothing loads the page anew.
    setting.anna.next_request(SOON).await.unwrap();
    let wait = visitor.browser.address().await.unwrap();
    let begun = Instant::now();
    loop {
        visitor.browser.open(&wait).await.unwrap();
        let heading = visitor.browser.run(HEADING_AT_FIRST, Vec::new()).await.unwrap();
        if heading["text"] == "Check your phone" {
            // The style of the page takes it away. The time is that of the page, which a slow machine does not change.
            let gone_after = heading["gone_after_ms"].as_f64().unwrap();
            assert!(gone_after < SAID_FOR.as_millis() as f64, "after {gone_after} ms");
            break;
        }
        assert!(begun.elapsed() < SOON, "{heading}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    visitor.shows("h1", "One moment").await;
    visitor.shows("main", "Do not accept any request yet").await;
    visitor.browser.picture("the script does not run").await.unwrap();
    visitor.browser.close().await;
}
