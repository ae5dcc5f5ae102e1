//! Logins without a name, where several users are on one phone: the page asks who signs in, and brings the code for nobody before.

use std::time::Duration;

use serde_json::json;

use crate::asking::Asked;
use crate::{Stage, user};

/// The outcome of a choice: the request, or the scanner, or a failure where the code was too old for the service.
const WHAT_CAME: &str = "
    const [done] = arguments;
    const look = () => {
        if (document.getElementById('scanner').open) return done('scanner');
        for (const id of ['request', 'bring-failure']) if (!document.getElementById(id).hidden) return done(id);
        setTimeout(look, 20);
    };
    look();
";

/// A code that the service takes now and for ten seconds more. It may be of a second that is to come, as clocks differ.
const AHEAD: Duration = Duration::from_secs(5);

impl Stage {
    /// Pastes the code of a login without a name, as the page shows it now.
    async fn paste(&self, address: &str) {
        self.browser.fill("#bring-code", address).await.unwrap();
        self.browser.click("#bring-go").await.unwrap();
    }

    /// Begins a login, and chooses the second user while the code is fresh. The page takes it for fresh for three seconds, so a slow machine
    /// may need several tries. Gives the login.
    async fn choose_in_time(&self) -> Asked {
        let browser = &self.browser;
        for _ in 0..5 {
            let (asked, qr) = self.ask_nameless().await;
            self.paste(qr.scan_url(AHEAD).expose()).await;
            browser.click("#which-list li:nth-child(2) button").await.unwrap();
            let came = browser.run(WHAT_CAME, vec![]).await.unwrap();
            if came == json!("request") {
                return asked;
            }
            if came == json!("scanner") {
                browser.click("#scanner-stop").await.unwrap();
                browser.shows("#bring-failure", "Nobody was chosen").await.unwrap();
            }
        }
        panic!("the code that was chosen for at once is asked for once more");
    }
}

#[tokio::test]
async fn the_person_says_who_signs_in() {
    let Some(stage) = Stage::set().await else { return };
    let browser = &stage.browser;
    stage.register(&user("ann"), "Ann").await;
    stage.register(&user("bob"), "Bob").await;

    let asked = stage.choose_in_time().await;
    browser.shows("#request-user", "Bob").await.unwrap();
    browser.click("#accept").await.unwrap();
    browser.shows("#notice", "Accepted").await.unwrap();
    assert_eq!(stage.comes_to(&asked, "active").await["authentication_status"]["user_id"], json!("bob"));

    // The person may choose nobody.
    let (asked, qr) = stage.ask_nameless().await;
    stage.paste(qr.scan_url(AHEAD).expose()).await;
    browser.shows("#which-title", "Who signs in?").await.unwrap();
    browser.shows("#which-list", "Ann (Corner Shop)").await.unwrap();
    browser.shows("#which-list", "Bob (Corner Shop)").await.unwrap();
    browser.picture("who signs in").await.unwrap();
    let status = stage.status(&asked).await;
    assert!(status["user_id"].is_null(), "it was brought for nobody yet: {status}");
    browser.click("#which-none").await.unwrap();
    browser.shows("#bring-failure", "Nobody was chosen").await.unwrap();
    stage.comes_to(&asked, "pending").await;

    // A code that has changed while the person chose is scanned once more, for the one who was chosen.
    let (asked, qr) = stage.ask_nameless().await;
    stage.paste(qr.scan_url(AHEAD).expose()).await;
    browser.shows("#which-title", "Who signs in?").await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    browser.click("#which-list li:nth-child(1) button").await.unwrap();
    browser.finds("the scanner", "return document.getElementById('scanner').open").await.unwrap();
    browser.click("#scanner-stop").await.unwrap();
    browser.shows("#bring-failure", "Nobody was chosen").await.unwrap();
    stage.comes_to(&asked, "pending").await;
    stage.leave().await;
}
