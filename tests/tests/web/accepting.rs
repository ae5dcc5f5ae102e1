//! A service in-process on which everybody accepts at once, and an application over it, without a socket.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    BoxError, HttpRequest, HttpResponse, HttpTransport, MemoryTokenStore, SessionStore, TokenStore as _,
    TransportError, UserKey,
};
use iampass_web::{CookieKeys, Headers, LoginWeb, Method, Request, UserDirectory};

const ORIGIN: &str = "http://127.0.0.1:3000";

/// How long the service takes to answer.
pub(crate) const ANSWER_TIME: Duration = Duration::from_millis(20);

/// A service on which everybody accepts at once. It remembers when each session was asked about.
#[derive(Clone, Default)]
pub(crate) struct Accepting(pub(crate) Arc<Mutex<Asked>>);

#[derive(Default)]
pub(crate) struct Asked {
    /// How many sessions were asked for, counted when the request came.
    pub(crate) started: usize,
    pub(crate) status: BTreeMap<String, Vec<Instant>>,
}

#[async_trait::async_trait]
impl HttpTransport for Accepting {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = request.uri().path().to_owned();
        let is_start = path.starts_with("/authentication/authenticate_user/");
        // Noted as it comes: a service does what it was asked, whether or not somebody waits for the answer.
        let name = {
            let mut asked = self.0.lock().unwrap();
            if is_start {
                asked.started += 1;
            } else {
                asked.status.entry(path).or_default().push(Instant::now());
            }
            asked.started
        };
        // As long as it takes on a good day.
        tokio::time::sleep(ANSWER_TIME).await;
        let body = if is_start {
            let url = |what: &str| format!("https://login.example/{name}/{what}");
            serde_json::json!({"authentication_status": {
                "authenticated": true, "session_status": "pending", "reason": null,
                "session_token": format!("session-{name}"), "session_secret": "a test key",
                "status_url": url("status"), "logout_url": url("logout")}})
        } else {
            serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "active"}})
        };
        Ok(http::Response::builder().status(200).body(body.to_string().into_bytes()).unwrap())
    }
}

pub(crate) struct Everybody;

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

pub(crate) fn request(method: Method, path: &str, cookie: Option<&str>) -> Request {
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

pub(crate) fn cookie_of(answer: &iampass_web::HttpAnswer, name: &str) -> Option<String> {
    let cookies = answer.headers.iter().filter(|(header, _)| *header == "set-cookie");
    let mut pairs = cookies.filter_map(|(_, value)| value.split(';').next());
    pairs.find(|pair| pair.starts_with(name) && pair.len() > name.len() + 1).map(str::to_owned)
}

/// An application with so many users, named by their numbers.
pub(crate) async fn application(
    service: &Accepting,
    users: usize,
    sessions: Arc<dyn SessionStore>,
    freshness: Duration,
) -> LoginWeb<()> {
    let tokens = Arc::new(MemoryTokenStore::new(users));
    for user in 0..users {
        let token = UserToken::new(format!("token-{user}")).unwrap();
        tokens.assign(&UserKey::new(user.to_string()), &token).await.unwrap();
    }
    let client = Client::builder()
        .server("https://login.example")
        .application("APP", "an application's test key")
        .transport(service.clone())
        .time_and_entropy(iampass_core::client::System::new())
        .token_store(tokens)
        .session_store(sessions)
        .build()
        .unwrap();
    let login = LoginWeb::builder(client, Everybody)
        .origin(ORIGIN)
        .cookie_keys(CookieKeys::generate().unwrap())
        .watch_options(WatchOptions::default().freshness(freshness))
        .answer_step(Duration::from_millis(1))
        .build()
        .unwrap();
    assert!(!login.page_context().is_named, "the host is no name that a phone shows");
    login
}

/// The form that begins the login of a user.
pub(crate) fn start(user: usize) -> Request {
    let mut start = request(Method::Post, "/login", None);
    start.body = format!("login_name={user}").into_bytes();
    start
}
