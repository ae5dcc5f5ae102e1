//! From *Accept* on the phone to the answer that logs the browser in, driven as the page's script does it: over HTTP, it waits for
//! the event `moved` and then loads the page again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use iampass_axum::routes;
use iampass_core::UserToken;
use iampass_core::port::{MemorySessionStore, MemoryTokenStore, TokenStore as _, UserKey};
use iampass_testkit::{TestService, VirtualPhone};
use iampass_web::{CookieKeys, Limits, LoginWeb, Rate};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use crate::Failure;
use crate::application::Everybody;
use crate::figure::{Better, Figure};
use crate::rounds::percentile_ms;

const LOGINS: usize = 120;
/// Together, since nearly all of a login is waiting.
const AT_ONCE: usize = 30;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(logins())
}

async fn logins() -> Result<Vec<Figure>, Failure> {
    let service = TestService::start().await?;
    let tokens = Arc::new(MemoryTokenStore::new(LOGINS));
    let client = service
        .client_builder()
        .token_store(tokens.clone())
        .session_store(Arc::new(MemorySessionStore::new(2 * LOGINS)))
        .build()?;
    let mut phones = Vec::new();
    for user in 0..LOGINS {
        let token = UserToken::new(format!("user-{user}"))?;
        tokens.assign(&UserKey::new(user.to_string()), &token).await?;
        client.add_user(&token).await?;
        phones.push(VirtualPhone::register(&client.registration_link(&token, None).await?).await?);
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    // They all come from one address.
    let many = Rate { burst: 10_000, every: Duration::from_secs(1) };
    let login = LoginWeb::builder(client, Everybody)
        .origin(origin.clone())
        .cookie_keys(CookieKeys::generate()?)
        .limits(Limits::default().per_address(many))
        .build()?;
    let site = Router::new().nest(login.mount_path(), routes(&login));
    let serving = tokio::spawn(async move { axum::serve(listener, site).await });

    let browser = Client::builder().redirect(Policy::none()).build()?;
    let mut times = Vec::new();
    let mut phones = phones.into_iter().enumerate();
    for _ in 0..LOGINS / AT_ONCE {
        let mut tasks = Vec::new();
        for (user, phone) in phones.by_ref().take(AT_ONCE) {
            tasks.push(tokio::spawn(log_in(browser.clone(), origin.clone(), user, phone)));
        }
        for task in tasks {
            times.push(task.await??);
        }
    }
    serving.abort();
    service.shutdown().await?;
    let (p50, p95) = (percentile_ms(&times, 50), percentile_ms(&times, 95));
    Ok(vec![Figure {
        name: "accept_to_page_p95_ms",
        value: p95,
        bound: None,
        better: Better::Lower,
        detail: format!(
            "p50 {p50:.0} ms and p95 {p95:.0} ms until the browser has its session; {LOGINS} logins, accepted after 1 to 9 s"
        ),
    }])
}

/// Logs a user in, and gives the time from *Accept* to the session cookie.
async fn log_in(
    browser: Client,
    origin: String,
    user: usize,
    phone: VirtualPhone,
) -> Result<Duration, Failure> {
    let start = browser.post(format!("{origin}/auth/login")).header(ORIGIN, &origin);
    let start = start.body(format!("login_name={user}")).send().await?;
    let pending = cookie_of(&start, "iampass-login").ok_or("no login was begun")?;
    let wait = start.headers().get(LOCATION).ok_or("the login leads nowhere")?.to_str()?;
    let (wait, events) = (format!("{origin}{wait}"), format!("{origin}{}", wait.replace("/wait", "/events")));

    // People take their time: from 1 to 9 s, evenly, so that every point of the schedule is met.
    let thinking = Duration::from_millis(1000 + (user * 8000 / LOGINS) as u64);
    let accepting = tokio::spawn(async move {
        let request = phone.next_request(Duration::from_secs(10)).await?.ok_or("the phone was not asked")?;
        tokio::time::sleep(thinking).await;
        let at = Instant::now();
        phone.accept(&request).await?;
        Ok::<_, Failure>(at)
    });
    let mut events = browser.get(events).header(COOKIE, &pending).send().await?;
    let mut heard = String::new();
    while !heard.contains("event: moved\n") {
        let chunk = events.chunk().await?.ok_or("the events ended")?;
        heard.push_str(std::str::from_utf8(&chunk)?);
    }
    let page = browser.get(wait).header(COOKIE, &pending).send().await?;
    cookie_of(&page, "iampass-session").ok_or("the login was not taken up")?;
    let logged_in_at = Instant::now();
    Ok(logged_in_at - accepting.await??)
}

fn cookie_of(answer: &Response, name: &str) -> Option<String> {
    let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let mut pairs = cookies.filter_map(|cookie| cookie.split(';').next());
    pairs.find(|pair| pair.starts_with(name) && pair.len() > name.len() + 1).map(str::to_owned)
}
