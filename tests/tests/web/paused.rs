//! Two requests in a row were denied: a browser that the user has not signed in from is told so, and one that the user knows is not concerned (B11).

use crate::each_framework;
use crate::setting::{SOON, Setting};

each_framework!(denials_pause_browsers_that_are_not_known);

async fn denials_pause_browsers_that_are_not_known(setting: Setting) {
    let mut owner = setting.logged_in().await;
    owner.post("/auth/logout", &[]).await;
    for _ in 0..2 {
        let mut stranger = setting.browser();
        let wait = stranger.begin("anna").await;
        setting.anna.deny_next(SOON).await.unwrap();
        stranger.reload_until(&wait, |page| page.text.contains("was denied on the phone")).await;
    }
    let mut stranger = setting.browser();
    let wait = stranger.begin("anna").await;
    let ended = |page: &crate::browser::Page| page.status == 200 && !page.text.contains("/auth/login/cancel");
    let page = stranger.reload_until(&wait, ended).await;
    assert!(page.text.contains("<title>Paused") && page.text.contains("Try again later"), "{}", page.text);
    assert!(setting.anna.pending().await.unwrap().is_empty(), "and nothing rings");
    let wait = owner.begin("anna").await;
    setting.anna.accept_next(SOON).await.unwrap();
    owner.complete(&wait).await;
    assert!(owner.is_in().await);
}
