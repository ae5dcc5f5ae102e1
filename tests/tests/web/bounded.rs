//! Law 6 for web applications: however many pages are open, the service is asked no more than the freshness bound allows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    BoxError, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, MemoryTokenStore,
    TokenStore as _, TransportError, UserKey,
};
use iampass_web::{Body, CookieKeys, Headers, LoginWeb, Method, Request, UserDirectory};

const SESSIONS: usize = 100;
const TABS: usize = 1_000;
const FRESHNESS: Duration = Duration::from_millis(500);
const ORIGIN: &str = "http://127.0.0.1:3000";

/// A service on which everybody accepts at once. It remembers when each session was asked about.
#[derive(Clone, Default)]
struct Accepting(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    started: usize,
    status: BTreeMap<String, Vec<Instant>>,
}

#[async_trait::async_trait]
impl HttpTransport for Accepting {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let asked_at = Instant::now();
        // As long as it takes on a good day.
        tokio::time::sleep(Duration::from_millis(5)).await;
        let path = request.uri().path().to_owned();
        let mut asked = self.0.lock().unwrap();
        let body = if path.starts_with("/authentication/authenticate_user/") {
            asked.started += 1;
            let name = asked.started;
            let url = |what: &str| format!("https://login.example/{name}/{what}");
            serde_json::json!({"authentication_status": {
                "authenticated": true, "session_status": "pending", "reason": null,
                "session_token": format!("session-{name}"), "session_secret": "a test key",
                "status_url": url("status"), "logout_url": url("logout")}})
        } else {
            asked.status.entry(path).or_default().push(asked_at);
            serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "active"}})
        };
        Ok(http::Response::builder().status(200).body(body.to_string().into_bytes()).unwrap())
    }
}

struct Everybody;

#[async_trait::async_trait]
impl UserDirectory for Everybody {
    type User = ();

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(Some(UserKey::new(login_name)))
    }

    async fn load(&self, _key: &UserKey) -> Result<Option<()>, BoxError> {
        Ok(Some(()))
    }

    fn display_name(&self, _user: &()) -> String {
        String::new()
    }
}

fn request(method: Method, path: &str, cookie: Option<&str>) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = Headers {
        cookie: cookie.map(str::to_owned),
        origin: Some(ORIGIN.to_owned()),
        sec_fetch_site: Some("same-origin".to_owned()),
        ..Headers::default()
    };
    let (path, query) = (path.trim_start_matches("/auth").to_owned(), query.to_owned());
    Request { method, path, query, headers, ..Request::default() }
}

fn cookie_of(answer: &iampass_web::Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.iter().filter(|(header, _)| *header == "set-cookie");
    let mut pairs = cookies.filter_map(|(_, value)| value.split(';').next());
    pairs.find(|pair| pair.starts_with(name) && pair.len() > name.len() + 1).map(str::to_owned)
}

/// Logs a user in, and gives the session cookie.
async fn logged_in(login: LoginWeb<Everybody>, user: usize) -> String {
    let mut start = request(Method::Post, "/login", None);
    start.body = format!("login_name={user}").into_bytes();
    let answer = login.answer(start).await;
    assert_eq!(answer.status, 303);
    let pending = cookie_of(&answer, "iampass-login").unwrap();
    let wait = answer.headers.iter().find(|(name, _)| *name == "location").unwrap().1.clone();
    loop {
        let answer = login.answer(request(Method::Get, &wait, Some(&pending))).await;
        if let Some(session) = cookie_of(&answer, "iampass-session") {
            return session;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pages_of_a_hundred_sessions_ask_no_more_than_a_hundred() {
    let service = Accepting::default();
    let tokens = Arc::new(MemoryTokenStore::new(SESSIONS));
    for user in 0..SESSIONS {
        let token = UserToken::new(format!("token-{user}")).unwrap();
        tokens.assign(&UserKey::new(user.to_string()), &token).await.unwrap();
    }
    let client = Client::builder()
        .server("https://login.example")
        .application("APP", "an application's test key")
        .transport(service.clone())
        .time_and_entropy(iampass_core::client::System::new())
        .token_store(tokens)
        .session_store(Arc::new(MemorySessionStore::new(1_000)))
        .build()
        .unwrap();
    let login = LoginWeb::builder(client, Everybody)
        .origin(ORIGIN)
        .cookie_keys(CookieKeys::generate().unwrap())
        .watch_options(WatchOptions::default().freshness(FRESHNESS))
        .answer_step(Duration::from_millis(1))
        .build()
        .unwrap();
    let logins = (0..SESSIONS).map(|user| tokio::spawn(logged_in(login.clone(), user)));
    let cookies: Vec<_> =
        futures_util::future::join_all(logins).await.into_iter().map(Result::unwrap).collect();
    service.0.lock().unwrap().status.clear();

    let began = Instant::now();
    let mut tabs = Vec::new();
    for tab in 0..TABS {
        let (login, cookie) = (login.clone(), cookies[tab % SESSIONS].clone());
        // And requests besides.
        assert!(login.current(Some(&cookie), None).await.is_ok());
        tabs.push(tokio::spawn(async move {
            let answer = login.answer(request(Method::Get, "/session/events", Some(&cookie))).await;
            let Body::Events(mut events) = answer.body else { panic!("no events: {answer:?}") };
            while events.next().await.is_some() {}
        }));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let lasted = began.elapsed();
    for tab in tabs {
        tab.abort();
    }

    let asked = service.0.lock().unwrap();
    assert_eq!(asked.status.len(), SESSIONS, "each is watched");
    for (session, times) in &asked.status {
        let periods = lasted.as_millis() / FRESHNESS.as_millis();
        assert!(times.len() >= 2, "{session} was asked about {} times only", times.len());
        assert!(times.len() as u128 <= periods + 1, "{session} was asked about {} times", times.len());
    }
}
