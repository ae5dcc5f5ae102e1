//! The reason of a rejection, which handlers that answer by themselves go by.

use std::time::Duration;

use crate::each_framework;
use crate::setting::Setting;

each_framework!(a_handler_is_told_the_reason_of_a_rejection);

async fn a_handler_is_told_the_reason_of_a_rejection(setting: Setting) {
    let mut stranger = setting.browser();
    for path in ["/reason", "/reason/too-old"] {
        // A page of its own, whether a person or a program asks.
        assert_eq!(stranger.get(path).await.text, "NotLoggedIn", "{path}");
        assert_eq!(stranger.fetch(path).await.text, "NotLoggedIn", "{path}");
    }
    let mut anna = setting.logged_in().await;
    assert_eq!(anna.get("/reason").await.text, "Hello Anna");
    assert_eq!(anna.get("/reason/without-a-layer").await.text, "Misconfigured");
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(anna.get("/reason/too-old").await.text, "NotApproved");
    setting.anna.walk_away().await.unwrap();
    anna.reload_until("/reason", |page| page.text == "Away").await;
    assert_eq!(anna.get("/reason/too-old").await.text, "Away");
    setting.anna.come_back().await.unwrap();
    anna.reload_until("/reason", |page| page.text == "Hello Anna").await;
}
