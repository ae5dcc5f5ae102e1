//! The users' actions, from signing up to signing out.

use std::time::Duration;

use microblog::posts::Posts;
use microblog::users::Users;

use crate::browser::{Browser, Page, SOON};
use crate::setting::Setting;

#[tokio::test]
async fn users_walk_through_it_on_sqlite() {
    walk_through(Setting::start().await).await;
}

#[tokio::test]
async fn users_walk_through_it_on_postgres() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let database = server.database();
    walk_through(Setting::over(database.url()).await).await;
}

async fn walk_through(setting: Setting) {
    let mut stranger = setting.browser();
    stranger.get("/").await.shows("Sign up");
    stranger.get("/sign-up").await.shows("User name");

    // Sign up, register the phone, sign in.
    let mut anna = setting.browser();
    let phone = setting.enrol(&mut anna, "anna", "Anna <b>").await;
    let page = anna.get("/auth/enrol").await;
    page.shows("/auth/login?next=%2Fwelcome&amp;name=anna".replace("&amp;", &amp(&page)).as_str());
    assert!(!anna.has_cookies(), "the ticket is used up");
    anna.follow("/auth/login?next=%2Fwelcome&name=anna").await.shows("value=\"anna\"");
    setting.sign_in(&mut anna, &phone, "anna", "/welcome").await;
    anna.get("/welcome").await.shows("Welcome, <bdi>Anna &#60;b&#62;</bdi>");
    let (mut bert, _) = setting.user("bert", "Bert").await;

    // Post, and read it elsewhere.
    anna.get("/").await.shows("Nothing here yet");
    anna.post("/posts", &[("text", "Hello & <good> morning\r\nto all")]).await.leads_to("/");
    anna.get("/").await.shows("Hello &#38; &#60;good&#62; morning\nto all");
    stranger.get("/explore").await.shows("Hello &#38; &#60;good&#62;");
    bert.get("/explore").await.shows("Hello &#38; &#60;good&#62;");

    // Follow.
    bert.get("/").await.shows("Nothing here yet");
    stranger.get("/u/anna").await.shows("/auth/login?next=%2Fu%2Fanna");
    bert.get("/u/anna").await.shows("action=\"/u/anna/follow\"");
    for _ in 0..2 {
        bert.post("/u/anna/follow", &[]).await.leads_to("/u/anna");
    }
    let page = bert.get("/u/anna").await;
    page.shows("action=\"/u/anna/unfollow\"");
    page.shows("<b>1</b> follower<");
    bert.get("/").await.shows("Hello &#38; &#60;good&#62;");
    stranger.get("/u/anna/followers").await.shows("@bert");
    stranger.get("/u/Anna/followers").await.shows("@bert");
    stranger.get("/u/bert/following").await.shows("@anna");
    stranger.get("/u/bert/followers").await.shows("Nobody follows");
    bert.post("/u/bert/follow", &[]).await.leads_to("/u/bert");
    stranger.get("/u/bert/followers").await.shows("Nobody follows");
    bert.post("/u/anna/unfollow", &[]).await.leads_to("/u/anna");
    bert.get("/").await.shows("Nothing here yet");

    // A profile says what its user says.
    anna.get("/settings").await.shows("value=\"Anna &#60;b&#62;\"");
    let fields = [("display_name", "Anna Ö."), ("about", "I write.")];
    anna.post("/settings", &fields).await.leads_to("/u/anna");
    let page = stranger.get("/u/anna").await;
    page.shows("Anna Ö.");
    page.shows("I write.");
    stranger.get("/explore").await.shows("Anna Ö.");

    // Delete one's own.
    let delete = anna.get("/u/anna").await.link("/delete");
    anna.post(&delete, &[]).await.leads_to("/u/anna");
    anna.get("/u/anna").await.shows("No posts yet");
    anna.post(&delete, &[]).await.is(404, "Page not found");

    // See where one is signed in, end the other one, sign out.
    let mut second = setting.browser();
    setting.sign_in(&mut second, &phone, "Anna", "/").await;
    second.get("/").await.shows("Sign out");
    assert_eq!(phone.active_sessions().await.unwrap().len(), 2);
    let page = anna.get("/auth/sessions").await;
    page.shows("/auth/sessions/end-all");
    second.post("/auth/sessions/end-all", &[]).await.leads_to("/");
    for browser in [&mut anna, &mut second] {
        browser.get("/").await.shows("Sign up");
        browser.get("/settings").await.leads_to("/auth/login?next=%2Fsettings");
    }
    // Sessions tell their beginning in seconds. One that begins in the second of *Log out everywhere* ends with it.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    setting.sign_in(&mut anna, &phone, "anna", "/settings").await;
    anna.post("/auth/logout", &[]).await.leads_to("/");
    assert_eq!(anna.cookie_names(), ["iampass-browser"], "the session is gone; the browser stays known");
    anna.get("/").await.shows("Sign up");
    assert!(phone.is_logged_out_within(SOON).await.unwrap(), "the service knows");
}

/// How a page writes `&` in an attribute: pages may be replaced.
fn amp(page: &Page) -> String {
    ["&amp;", "&#38;", "&"]
        .into_iter()
        .find(|amp| page.text.contains(&format!("{amp}name=")))
        .unwrap_or("&")
        .to_owned()
}

/// Follows the links to older posts to the end.
async fn all_texts(browser: &mut Browser, first: &str) -> Vec<Vec<u32>> {
    let mut pages = Vec::new();
    let mut at = first.to_owned();
    loop {
        let page = browser.get(&at).await;
        page.shows("</html>");
        let texts = page.text.split("number ").skip(1);
        pages.push(texts.map(|text| text.split('.').next().unwrap().parse().unwrap()).collect());
        if !page.text.contains("?before=") {
            return pages;
        }
        at = page.link("?before=");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let setting = Setting::start().await;
    let (mut anna, _) = setting.user("anna", "Anna").await;
    let id = Users::new(setting.database.clone()).named("anna").await.unwrap().unwrap().id;
    let posts = Posts::new(setting.database.clone());
    for number in 0..45 {
        posts.write(id, &format!("number {number}.")).await.unwrap();
    }
    let expected: Vec<Vec<u32>> =
        vec![(25..45).rev().collect(), (5..25).rev().collect(), (0..5).rev().collect()];
    for first in ["/", "/explore", "/u/anna"] {
        assert_eq!(all_texts(&mut anna, first).await, expected, "{first}");
    }
    // A place that cannot be read is the beginning.
    anna.get("/explore?before=x").await.shows("number 44.");
    anna.get("/explore?before=1&before=%ff").await.shows("number 44.");
}

#[tokio::test]
async fn a_user_who_walked_away_is_not_shown_as_a_stranger() {
    let setting = Setting::start().await;
    let (mut anna, phone) = setting.user("anna", "Anna").await;
    for path in ["/", "/explore", "/u/anna", "/u/anna/followers", "/settings", "/welcome"] {
        anna.get(path).await.shows("data-session-events=\"/auth/session/events\"");
    }
    let stranger = setting.browser().get("/explore").await;
    assert!(!stranger.text.contains("<script"), "there is nothing to cover");
    phone.walk_away().await.unwrap();
    for path in ["/settings", "/explore", "/u/anna"] {
        let page = anna.reload_until(path, |page| page.status != 200).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(!page.text.contains("Anna") && !page.text.contains("Sign up"), "{path}: {}", page.text);
    }
    phone.come_back().await.unwrap();
    anna.reload_until("/settings", |page| page.status == 200).await.shows("Anna");
}

/// A stream that lasts longer than a request ends with the session, and not with the page.
#[tokio::test]
async fn news_are_told_for_as_long_as_the_user_is_signed_in() {
    let setting = Setting::start().await;
    let (mut anna, _phone) = setting.user("anna", "Anna").await;
    let events = anna.request(reqwest::Method::GET, "/posts/events");
    let mut events = events.send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    anna.post("/posts", &[("text", "Hello")]).await.leads_to("/");
    let piece = events.chunk().await.unwrap().unwrap();
    assert!(std::str::from_utf8(&piece).unwrap().starts_with("event: news"));
    anna.post("/auth/logout", &[]).await.leads_to("/");
    let end = async { while events.chunk().await.unwrap().is_some() {} };
    tokio::time::timeout(SOON, end).await.expect("it goes on after the logout");
}
