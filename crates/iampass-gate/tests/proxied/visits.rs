//! Visits: a stranger is led to the login and back, a user reaches the site with the right headers, and rules hold.

use crate::each_proxy;
use crate::setting::Setting;

each_proxy!(
    a_stranger_is_led_to_the_login_and_back,
    a_program_is_told_and_not_led_anywhere,
    what_is_public_is_for_all,
    a_user_reaches_the_site_with_headers_that_say_who,
    what_is_for_others_is_not_shown,
    no_way_of_writing_a_path_leads_past_a_rule,
    what_is_the_gate_s_own_and_no_page_is_not_found,
);

#[tokio::test(flavor = "multi_thread")]
async fn the_login_offers_to_keep_the_browser_signed_in_where_the_settings_say_so() {
    const CHOICE: &str = "name=\"keep\"";
    let setting = Setting::without_proxy("").await;
    assert!(!setting.at_gate().get("/_iampass/login").await.text.contains(CHOICE));
    let setting = Setting::without_proxy("session_minutes = 480\nkeep_signed_in = 'offered'").await;
    let page = setting.at_gate().get("/_iampass/login").await;
    assert!(page.text.contains(CHOICE) && !page.text.contains("checked"), "{page:?}");
    let setting = Setting::without_proxy("keep_signed_in = 'on_by_default'").await;
    let page = setting.at_gate().get("/_iampass/login").await;
    assert!(page.text.contains(CHOICE) && page.text.contains("checked"), "{page:?}");
}

async fn a_stranger_is_led_to_the_login_and_back(setting: Setting) {
    let mut browser = setting.browser();
    let page = browser.get("/wiki/page?x=1").await;
    assert_eq!(page.status, 303, "{page:?}");
    let login = page.header("location").unwrap().to_owned();
    assert_eq!(login, "/_iampass/login?next=%2Fwiki%2Fpage%3Fx%3D1");
    assert_eq!(browser.get(&login).await.status, 200);
    assert_eq!(setting.site.arrived(), [""; 0]);
    let back = browser.sign_in("anna", &setting.phone, "/wiki/page?x=1").await;
    assert_eq!(back, "/wiki/page?x=1");
    let page = browser.get(&back).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(setting.site.arrived(), ["GET /wiki/page?x=1"]);
    // A logout is one.
    assert_eq!(browser.post("/_iampass/logout", "").await.status, 303);
    assert_eq!(browser.get("/wiki/page").await.status, 303);
    assert_eq!(setting.site.arrived(), [""; 0]);
}

async fn a_program_is_told_and_not_led_anywhere(setting: Setting) {
    let mut browser = setting.browser();
    let page = browser.fetch("/api/things").await;
    assert_eq!((page.status, page.header("location")), (401, None), "{page:?}");
    assert!(page.text.contains("not_logged_in"), "{page:?}");
    let page = browser.send("POST", "/api/things", &[("Accept", "application/json")], "a=1").await;
    assert_eq!((page.status, page.header("location")), (401, None), "{page:?}");
    assert_eq!(setting.site.arrived(), [""; 0]);
}

async fn what_is_public_is_for_all(setting: Setting) {
    let page = setting.browser().get("/assets/site.css?v=1").await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.starts_with("GET /assets/site.css?v=1\n"), "{page:?}");
    assert_eq!(page.told(), [""; 0], "{page:?}");
    assert_eq!(setting.site.arrived().len(), 1);
}

async fn a_user_reaches_the_site_with_headers_that_say_who(setting: Setting) {
    let mut anna = setting.anna().await;
    let page = anna.get("/mine?a=b%20c").await;
    assert!(page.text.starts_with("GET /mine?a=b%20c\n"), "{page:?}");
    for header in [
        "remote-user: anna",
        "remote-name: Anna M%C3%BCller",
        "remote-groups: dev,a%2Cb",
        "remote-email: anna@site.example",
    ] {
        assert_eq!(page.text.lines().filter(|line| *line == header).count(), 1, "{header}: {page:?}");
    }
    assert_eq!(page.told().len(), 4, "{page:?}");
    // A form arrives with its body.
    let page = anna.post("/posts", "title=Hello").await;
    assert!(page.text.starts_with("POST /posts\n") && page.text.ends_with("\n\ntitle=Hello"), "{page:?}");
    assert!(page.text.contains("remote-user: anna"), "{page:?}");
    // So does what the site says.
    assert_eq!(anna.fetch("/api").await.status, 200);
}

async fn what_is_for_others_is_not_shown(setting: Setting) {
    let mut anna = setting.anna().await;
    for address in ["/admin", "/admin/", "/admin/x?y", "/ADMIN/x", "/Admin"] {
        let page = anna.get(address).await;
        assert_eq!(page.status, 403, "{address}: {page:?}");
        assert!(
            page.text.contains("You may not open this page") && page.text.contains("Anna Müller"),
            "{page:?}"
        );
        assert!(page.text.contains("action=\"/_iampass/logout\""), "{page:?}");
    }
    let page = anna.fetch("/admin/x").await;
    assert!(page.status == 403 && page.text.contains("forbidden"), "{page:?}");
    assert_eq!(anna.post("/admin/x", "a=1").await.status, 403);
    assert_eq!(setting.site.arrived(), [""; 0]);
    assert_eq!(anna.get("/").await.status, 200);
}

/// Anna may open neither of these, and a stranger may not, either: what a server takes them for is anybody's guess.
async fn no_way_of_writing_a_path_leads_past_a_rule(setting: Setting) {
    let mut anna = setting.anna().await;
    let mut stranger = setting.browser();
    for address in [
        "/assets/../admin/x",
        "/assets/..%2fadmin/x",
        "/assets/%2e%2e/admin/x",
        "/assets/.%2E/admin/x",
        "/assets;/../admin/x",
        "/assets/..;/admin/x",
        "/assets/..\\admin\\x",
        "/assets/..%5cadmin/x",
        "/assets/%252e%252e/admin/x",
        "//admin/x",
        "/./admin/x",
        "/%61dmin/x",
        "/admin./x",
        "/admin%20/x",
        "/admin;a=b/x",
        "/admin%2fx",
        "/admin%00",
        "/x/../_iampass/../admin/x",
        "/_iampass/../admin/x",
        "/_iampass/..%2fadmin/x",
        "//_iampass//../admin/x",
    ] {
        for browser in [&mut anna, &mut stranger] {
            let page = browser.get(address).await;
            assert!(page.status != 200, "{address}: {page:?}");
        }
        assert_eq!(setting.site.arrived(), [""; 0], "{address}");
    }
    for (name, value) in [
        ("X-Original-URL", "/admin/x"),
        ("X-Rewrite-URL", "/admin/x"),
        ("X.Original.URL", "/admin/x"),
        ("X-Script-Name", "/assets"),
        ("X-Forwarded-Prefix", "/assets"),
        // WebDAV copies and moves what is at the path to this one.
        ("Destination", "http://site.example/admin/x"),
    ] {
        for browser in [&mut anna, &mut stranger] {
            let page = browser.get_with("/assets/x", &[(name, value)]).await;
            // nginx leaves out what is no usual name of a header.
            let is_told = page.text.to_ascii_lowercase().contains(&format!("{}:", name.to_ascii_lowercase()));
            assert!(page.status != 200 || !is_told, "{name}: {page:?}");
            let arrived = setting.site.arrived();
            assert_eq!(arrived.is_empty(), page.status != 200, "{name}: {arrived:?}");
        }
    }
}

/// No fault of the operator: the proxy has all of its lines.
async fn what_is_the_gate_s_own_and_no_page_is_not_found(setting: Setting) {
    let mut anna = setting.anna().await;
    let mut stranger = setting.browser();
    for address in ["/_iampass", "/_iampass?x", "/_iampass/", "/_iampass/nothing", "/_IAMPASS/login"] {
        for browser in [&mut anna, &mut stranger] {
            let mut page = browser.get(address).await;
            // nginx leads to the slash first.
            if let Some(location) = page.header("location").filter(|_| page.status == 301) {
                assert!(location.starts_with(&format!("http://{}/_iampass/", setting.host())), "{location}");
                page = browser.get("/_iampass/").await;
            }
            assert_eq!(page.status, 404, "{address}: {page:?}");
            assert!(page.header("remote-user").is_none() && !page.text.contains("proxy"), "{page:?}");
            assert!(matches!(browser.fetch(address).await.status, 301 | 404), "{address}");
        }
    }
    assert_eq!(setting.site.arrived(), [""; 0]);
}
