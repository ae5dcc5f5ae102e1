//! Refusals, and how they are told.

use reqwest::Method;

use crate::setting::Setting;

#[tokio::test]
async fn strangers_change_nothing() {
    let setting = Setting::start().await;
    let (mut anna, _) = setting.user("anna", "Anna").await;
    anna.post("/posts", &[("text", "mine")]).await.leads_to("/");
    let delete = anna.get("/").await.link("/delete");
    let mut stranger = setting.browser();
    for path in ["/posts", "/u/anna/follow", "/settings", delete.as_str()] {
        // A form cannot be sent again, and the browser does not say which page it was on.
        let page = stranger.post(path, &[("text", "not mine"), ("display_name", "x")]).await;
        page.leads_to("/auth/login?next=%2F");
        // A GET that leads there goes on to a page.
        assert!(matches!(stranger.get(path).await.status, 303), "{path}");
    }
    let page = stranger.get("/explore").await;
    page.shows("mine");
    assert!(!page.text.contains("not mine"));
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let setting = Setting::start().await;
    let (mut anna, _) = setting.user("anna", "Anna").await;
    for path in ["/posts", "/settings", "/sign-up", "/u/anna/follow", "/posts/1/delete"] {
        let fields = [("text", "forged"), ("display_name", "forged"), ("name", "forged")];
        let from = |site: &'static str, origin: &'static str| {
            anna.form(path, &fields).header("sec-fetch-site", site).header("origin", origin)
        };
        let requests = [
            from("cross-site", "https://other.example"),
            from("same-site", "http://other.127.0.0.1"),
            anna.form(path, &fields),
        ];
        for request in requests {
            anna.take(request).await.is(403, "Nothing was done");
        }
    }
    let page = anna.get("/explore").await;
    assert!(!page.text.contains("forged"), "{}", page.text);
    anna.get("/u/forged").await.is(404, "Page not found");
    let named = microblog::users::Users::new(setting.database.clone()).named("forged").await.unwrap();
    assert_eq!(named, None);
}

#[tokio::test]
async fn nobody_deletes_what_is_not_theirs() {
    let setting = Setting::start().await;
    let (mut anna, _) = setting.user("anna", "Anna").await;
    let (mut bert, _) = setting.user("bert", "Bert").await;
    anna.post("/posts", &[("text", "from anna")]).await.leads_to("/");
    let delete = anna.get("/").await.link("/delete");
    let seen = bert.get("/explore").await;
    seen.shows("from anna");
    assert!(!seen.text.contains("/delete"));
    bert.post(&delete, &[]).await.is(403, "Only who wrote a post can delete it");
    bert.get("/explore").await.shows("from anna");
    for path in ["/posts/999/delete", "/posts/x/delete", "/posts/99999999999999999999/delete"] {
        bert.post(path, &[]).await.is(404, "Page not found");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_its_field() {
    let setting = Setting::start().await;
    let mut stranger = setting.browser();
    let page = stranger.post("/sign-up", &[("name", "a b"), ("display_name", " ")]).await;
    page.is(422, "id=\"name_problem\"");
    page.is(422, "id=\"display_name_problem\"");
    page.is(422, "value=\"a b\"");
    let page = stranger.post("/sign-up", &[("name", "a\"><script>"), ("display_name", "A")]).await;
    page.is(422, "value=\"a&#34;&#62;&#60;script&#62;\"");
    assert!(!page.text.contains("display_name_problem"));
    stranger.post("/sign-up", &[]).await.is(422, "id=\"name_problem\"");

    let (mut anna, _) = setting.user("anna", "Anna").await;
    anna.post("/posts", &[("text", " \r\n ")]).await.is(422, "Write something first");
    let long = "ä".repeat(281);
    let page = anna.post("/posts", &[("text", &long)]).await;
    page.is(422, "id=\"text_problem\"");
    page.is(422, &format!("{long}</textarea>"));
    let page = anna.post("/settings", &[("display_name", ""), ("about", &long)]).await;
    page.is(422, "id=\"display_name_problem\"");
    page.is(422, "id=\"about_problem\"");
    anna.get("/explore").await.shows("Nobody has written anything yet");

    anna.post("/posts", &[("text", &"a".repeat(40_000))]).await.is(413, "Too long");
    let plain = anna.request(Method::POST, "/posts").header("sec-fetch-site", "same-origin");
    let plain = plain.header("content-type", "text/plain").body("text=hello");
    anna.take(plain).await.is(415, "Not understood");
}

#[tokio::test]
async fn what_is_not_there_is_a_page() {
    let setting = Setting::start().await;
    let mut stranger = setting.browser();
    for path in ["/nothing", "/u/nobody", "/u/nobody/followers", "/style/other.css", "/u/a/b/c", "/u/%ff"] {
        stranger.get(path).await.is(404, "Page not found");
    }
    stranger.post("/explore", &[]).await.is(405, "Page not found");
}

#[tokio::test]
async fn browsers_are_bound() {
    let setting = Setting::start().await;
    let (mut anna, _) = setting.user("anna", "Anna").await;
    let mut stranger = setting.browser();
    for page in [
        anna.get("/").await,
        anna.get("/nothing").await,
        stranger.get("/explore").await,
        stranger.post("/posts", &[]).await,
        stranger.get("/auth/login").await,
    ] {
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        assert_eq!(header("cache-control"), Some("no-store"));
        if page.status != 303 {
            let policy = policy.unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(header("x-content-type-options"), Some("nosniff"));
            assert!(!page.text.contains("style=") && !page.text.contains("onclick"), "{}", page.text);
        }
    }
    let icon = stranger.get("/favicon.ico").await;
    assert_eq!(icon.headers["content-type"], "image/svg+xml");
    let style = stranger.get("/").await.link("/style/blog.");
    let page = stranger.get(&style).await;
    page.shows("--accent");
    assert_eq!(page.headers["content-type"], "text/css; charset=utf-8");
    assert!(page.headers["cache-control"].to_str().unwrap().contains("immutable"));
}
