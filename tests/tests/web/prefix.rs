//! Two applications on one host, each below a path prefix of its own, behind a proxy that takes the prefix away or leaves it.

use iampass_web::{ConfigError, LoginWebBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::Browser;
use crate::setting::{Framework, SOON, Setting, User};

fn listener() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// An application that is mounted below `prefix` by itself, and a browser at it.
pub(crate) async fn application<F: Framework>(
    setting: &Setting,
    prefix: &'static str,
) -> (Browser, Box<dyn Send + Sync>) {
    let (listener, url) = listener();
    let login = setting.builder(&url).path_prefix(prefix).build().unwrap();
    let serving = F::serve_below(prefix, login, listener).await;
    (Browser::new(url.clone(), url), serving)
}

/// The status of a GET of a path that is sent as it is written.
pub(crate) async fn raw_status(browser: &Browser, path: &str) -> u16 {
    let host = browser.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\nsec-fetch-mode: navigate\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A proxy that sends what is below `/one` to the first application, without the prefix, and all else to the second as it is.
async fn proxy(listener: std::net::TcpListener, one: String, two: String) -> tokio::task::JoinHandle<()> {
    listener.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move {
        while let Ok((browser, _)) = listener.accept().await {
            let (one, two) = (one.clone(), two.clone());
            tokio::spawn(async move { forward(browser, &one, &two).await });
        }
    })
}

async fn forward(mut browser: TcpStream, one: &str, two: &str) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(browser.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let (method, rest) = head.split_once(' ')?;
    let (target, path) = match rest.strip_prefix("/one") {
        Some(path) => (one, path),
        None => (two, rest),
    };
    let mut application = TcpStream::connect(target.trim_start_matches("http://")).await.ok()?;
    // One request for each connection is enough.
    let head = format!("{method} {path}").replacen("\r\n", "\r\nconnection: close\r\n", 1);
    application.write_all(head.as_bytes()).await.ok()?;
    tokio::io::copy_bidirectional(&mut browser, &mut application).await.ok()?;
    Some(())
}

async fn two_applications_keep_out_of_each_others_way<F: Framework>() {
    let setting = Setting::start::<F>().await;
    let (proxy_listener, origin) = listener();
    let ((one_listener, one), (two_listener, two)) = (listener(), listener());
    let login = setting.builder(&origin).path_prefix("/one").build().unwrap();
    assert_eq!((login.mount_path(), &*login.page_context().links.login()), ("/auth", "/one/auth/login"));
    let _one = F::serve(login, one_listener).await;
    let login = setting.builder(&origin).path_prefix("/two").after_logout("/bye").build().unwrap();
    let _two = F::serve_below("/two", login, two_listener).await;
    let proxy = proxy(proxy_listener, one, two).await;
    let mut browser = Browser::new(origin.clone(), origin);

    for prefix in ["/one", "/two"] {
        let home = format!("{prefix}/");
        let page = browser.get(&format!("{home}?tab=2")).await;
        let login = page.location.unwrap();
        assert_eq!(login, format!("{prefix}/auth/login?next=%2F{}%2F%3Ftab%3D2", &prefix[1..]));
        let page = browser.get(&login).await;
        let links =
            ["href=\"", "src=\"", "action=\""].into_iter().flat_map(|name| page.text.split(name).skip(1));
        for link in links {
            let link = link.split('"').next().unwrap();
            assert!(link.starts_with(&home), "{link} leaves {prefix}");
        }
        // To no place outside, whatever somebody made of the address.
        for place in ["/", "/other", "/one/../two/", "/two/%2e%2e/one/", "//other.example/one/"] {
            let next: String = url::form_urlencoded::byte_serialize(place.as_bytes()).collect();
            let page = browser.get(&format!("{prefix}/auth/login?next={next}")).await;
            let kept =
                page.text.split("name=\"return_to\" value=\"").nth(1).unwrap().split('"').next().unwrap();
            assert!(kept.starts_with(&home) && !kept.contains(".."), "{place} became {kept}");
        }
        let fields = [("login_name", "anna"), ("return_to", &*format!("{home}?tab=2"))];
        let page = browser.post(&format!("{prefix}/auth/login"), &fields).await;
        let cookie = page.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains(&format!("; Path={prefix}")), "{cookie}");
        setting.anna.accept_next(SOON).await.unwrap();
        let page = browser.complete(&page.location.unwrap()).await;
        assert_eq!(page.location, Some(format!("{home}?tab=2")));
        for cookie in page.headers.get_all("set-cookie") {
            assert!(cookie.to_str().unwrap().contains(&format!("; Path={prefix}")), "{cookie:?}");
        }
    }
    for prefix in ["/one", "/two"] {
        assert_eq!(browser.get(&format!("{prefix}/")).await.text, "Hello Anna", "{prefix}");
    }
    assert_eq!(setting.anna.active_sessions().await.unwrap().len(), 2);
    let page = browser.post("/two/auth/logout", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/two/bye"));
    assert_eq!(browser.get("/two/").await.status, 303);
    assert_eq!(browser.get("/one/").await.text, "Hello Anna");
    let page = browser.post("/one/auth/logout", &[]).await;
    assert_eq!(page.location.as_deref(), Some("/one/"));
    proxy.abort();
}

#[tokio::test]
async fn two_applications_over_axum() {
    two_applications_keep_out_of_each_others_way::<crate::axum_site::Axum>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_applications_over_actix() {
    two_applications_keep_out_of_each_others_way::<crate::actix_site::Actix>().await;
}

#[tokio::test]
async fn what_is_no_path_is_refused_when_it_is_set_up() {
    let setting = Setting::start::<crate::axum_site::Axum>().await;
    let build = |change: fn(LoginWebBuilder<User>) -> LoginWebBuilder<User>| {
        change(setting.builder("https://app.example")).build().map(|_| ()).unwrap_err()
    };
    for bad in ["/", "app", "/app/", "//app", "/a b", "/../x", "/a?b", "https://app.example/app"] {
        let error = setting.builder("https://app.example").path_prefix(bad).build().map(|_| ()).unwrap_err();
        assert_eq!(error, ConfigError::PathPrefix, "{bad}");
    }
    assert_eq!(build(|b| b.front_page("home")), ConfigError::Place);
    assert_eq!(build(|b| b.front_page("//other.example")), ConfigError::Place);
    assert_eq!(build(|b| b.after_logout("javascript:alert(1)")), ConfigError::Place);
    assert_eq!(build(|b| b.path_prefix("/app").after_logout("/../x")), ConfigError::Place);
    let both = build(|b| b.trusted_proxies(1).trusted_proxy_networks("10.0.0.0/8".parse().unwrap()));
    assert_eq!(both, ConfigError::Proxies);
    assert!(setting.builder("https://app.example").after_logout("https://www.example/bye").build().is_ok());
}
