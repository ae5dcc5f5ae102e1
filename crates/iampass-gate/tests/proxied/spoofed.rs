//! Headers that a client makes up: they open nothing, and do not reach the site.

use crate::each_proxy;
use crate::proxy::Kind;
use crate::setting::Setting;

each_proxy!(
    headers_of_a_client_never_reach_the_site,
    a_client_cannot_say_what_the_proxy_asks_about,
    a_client_that_asks_like_the_proxy_learns_nothing,
    the_site_gets_the_address_that_the_gate_was_asked_about,
    nobody_leaves_http_by_a_path_that_is_open,
);

const FORGED: [(&str, &str); 11] = [
    ("Remote-User", "root"),
    ("remote-user", "root"),
    ("Remote_User", "root"),
    ("Remote.User", "root"),
    ("Remote+User", "root"),
    ("Remote.Groups", "ops"),
    ("REMOTE-GROUPS", "ops"),
    ("Remote_Groups", "ops"),
    ("Remote-Name", "root"),
    ("Remote-Email", "root@site.example"),
    ("Iampass-Identity", "remote-user"),
];

async fn headers_of_a_client_never_reach_the_site(setting: Setting) {
    let mut anna = setting.anna().await;
    let mut stranger = setting.browser();
    for forged in FORGED {
        for (browser, address) in [(&mut anna, "/"), (&mut stranger, "/assets/x")] {
            let page = browser.get_with(address, &[forged]).await;
            // It is refused, or goes without them.
            assert!(page.status == 400 || page.status == 200, "{forged:?}: {page:?}");
            let text = page.without_cookies();
            assert!(!text.contains("root") && !text.contains("groups: ops"), "{forged:?}: {page:?}");
            let known = if page.status == 200 && address == "/" { 4 } else { 0 };
            assert_eq!(page.told().len(), known, "{forged:?}: {page:?}");
        }
        setting.site.arrived();
        // None of them opens the pages of ops.
        let page = anna.get_with("/admin/x", &[forged]).await;
        assert!(page.status != 200, "{forged:?}: {page:?}");
        let page = stranger.get_with("/", &[forged]).await;
        assert!(page.status != 200, "{forged:?}: {page:?}");
        assert_eq!(setting.site.arrived(), [""; 0], "{forged:?}");
    }
}

async fn a_client_cannot_say_what_the_proxy_asks_about(setting: Setting) {
    let mut anna = setting.anna().await;
    let mut stranger = setting.browser();
    let host = setting.host();
    for forged in [
        &[("X-Original-URI", "/assets/x"), ("X-Original-Method", "GET")][..],
        &[("X-Forwarded-Uri", "/assets/x"), ("X-Forwarded-Method", "GET"), ("X-Forwarded-Host", &host)],
        &[("X-Forwarded-Uri", "/assets/x"), ("X-Forwarded-Uri", "/assets/x")],
        &[("X-Original-URI", "/assets/x"), ("X-Original-URI", "/assets/x")],
        &[("X-Forwarded-For", "127.0.0.1")],
        &[("X-HTTP-Method-Override", "GET")],
    ] {
        let page = stranger.get_with("/secret", forged).await;
        assert!(page.status != 200, "{forged:?}: {page:?}");
        let page = anna.get_with("/admin/x", forged).await;
        assert!(page.status != 200, "{forged:?}: {page:?}");
        assert_eq!(setting.site.arrived(), [""; 0], "{forged:?}");
    }
}

/// Within HTTP/2 on the same connection, or a tunnel, the site would get requests that nobody is asked about.
async fn nobody_leaves_http_by_a_path_that_is_open(setting: Setting) {
    let mut anna = setting.anna().await;
    let mut stranger = setting.browser();
    let settings = ("HTTP2-Settings", "AAMAAABkAAQAAP__");
    for asked in [
        &[("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), settings][..],
        &[("Connection", "Upgrade"), ("Upgrade", "h2c")],
        &[("Connection", "upgrade"), ("Upgrade", "H2C, websocket")],
        &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Upgrade", "h2c")],
        &[("Connection", "Upgrade"), ("Upgrade", "TLS/1.3")],
    ] {
        for (browser, address) in [(&mut anna, "/"), (&mut stranger, "/assets/x")] {
            let page = browser.get_with(address, asked).await;
            // Of two headers, Caddy and nginx read the first alone, and hand on no other.
            let is_first_alone = page.status == 200 && asked.contains(&("Upgrade", "websocket"));
            assert!(page.status == 400 || is_first_alone, "{asked:?}: {page:?}");
            assert!(!page.without_cookies().to_lowercase().contains("h2c"), "{asked:?}: {page:?}");
        }
    }
    // A WebSocket is asked about when it is opened.
    let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let websocket =
        [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), key];
    assert_eq!(stranger.get_with("/assets/x", &websocket).await.status, 200);
    assert_eq!(stranger.get_with("/", &websocket).await.status, 303);
}

async fn a_client_that_asks_like_the_proxy_learns_nothing(setting: Setting) {
    let host = setting.host();
    let asked = [("X-Forwarded-Uri", "/"), ("X-Forwarded-Method", "GET"), ("X-Forwarded-Host", &*host)];
    let page = setting.browser().get_with("/_iampass/check", &asked).await;
    assert!(page.status != 200 && page.header("remote-user").is_none(), "{page:?}");
    // The state of the gate is for its own machine.
    let page = setting.browser().get("/iampass-gate/health").await;
    assert!(!page.text.contains("ready"), "{page:?}");
    assert_eq!(setting.site.arrived(), [""; 0]);
}

/// Of an address with a host in it, proxies and sites take different parts for the host.
async fn the_site_gets_the_address_that_the_gate_was_asked_about(setting: Setting) {
    let mut stranger = setting.browser();
    let host = setting.host();
    for address in [
        format!("http://{host}\\secret?@{host}/assets/x"),
        format!("http://{host}?@{host}/assets/x"),
        format!("http://{host}#@{host}/assets/x"),
        format!("http://other@{host}/assets/x"),
        format!("http://{host}/assets/x"),
    ] {
        let page = stranger.get(&address).await;
        let arrived = setting.site.arrived();
        // It is refused, or is plain.
        assert!(arrived.is_empty() || arrived == ["GET /assets/x"], "{address}: {arrived:?} {page:?}");
    }
    for address in [format!("http://{host}/secret"), "*".to_owned(), host.clone(), "secret".to_owned()] {
        let page = stranger.get(&address).await;
        assert!(page.status != 200, "{address}: {page:?}");
        assert_eq!(setting.site.arrived(), [""; 0], "{address}");
    }
}

/// A header that `Connection` names is left out by the next program that hands the request on. Caddy leaves it out itself.
#[tokio::test(flavor = "multi_thread")]
async fn no_header_is_one_of_the_connection_because_a_client_says_so() {
    for kind in [Kind::Nginx, Kind::HaProxy] {
        if let Some(setting) = Setting::behind(kind).await {
            all_headers_arrive_whatever_a_client_names(&setting).await;
        }
    }
}

async fn all_headers_arrive_whatever_a_client_names(setting: &Setting) {
    let mut anna = setting.anna().await;
    for named in ["Remote-Groups", "close, remote-groups", "REMOTE-USER,Remote-Groups , x", "remote_groups"] {
        let page = anna.get_with("/mine", &[("Connection", named)]).await;
        assert_eq!(page.status, 200, "{named}: {page:?}");
        assert_eq!(page.told().len(), 4, "{named}: {page:?}");
        let mut lines = page.text.lines().filter(|line| line.starts_with("connection:"));
        assert!(lines.all(|line| !line.to_ascii_lowercase().contains("remote")), "{named}: {page:?}");
    }
}
