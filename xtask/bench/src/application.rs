//! An application whose users are all let in at once. Belongs here: its users, its login, and a service without a network on which
//! everybody accepts. Does not belong here: what is measured with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::client::{Client, System};
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    BoxError, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, MemoryTokenStore, SessionStore,
    TokenStore, TransportError, UserKey,
};
use iampass_web::{
    CookieKeys, Headers, HttpAnswer, Limits, LoginWeb, Method, Rate, Request, SessionMode, UserDirectory,
};

/// The application's address for browsers.
pub(crate) const ORIGIN: &str = "http://127.0.0.1:3000";
const SERVER: &str = "https://login.example";

pub(crate) const APPLICATION: &str = "APP";
/// A fixed test key.
pub(crate) const SESSION_SECRET: &str = "6WKDS0DVI06BRGX6IBYZPKN413KAYQT7";

/// Where the session of this token is asked about, and where it is ended.
pub(crate) fn session_urls(token: &str) -> [String; 2] {
    ["session_status", "close_session"].map(|call| format!("{SERVER}/authentication/{call}/{token}"))
}

/// A service on which everybody accepts at once. Names and addresses are as long as the service's own.
#[derive(Clone, Default)]
pub(crate) struct Accepting {
    started: Arc<AtomicU64>,
    status_calls: Arc<AtomicU64>,
}

impl Accepting {
    /// How often it was asked about sessions.
    #[allow(dead_code, reason = "only the program that watches wants to know")]
    pub(crate) fn status_calls(&self) -> u64 {
        self.status_calls.load(Ordering::Relaxed)
    }
}

#[async_trait::async_trait]
impl HttpTransport for Accepting {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let body = if request.uri().path().starts_with("/authentication/authenticate_user/") {
            let token = format!("{:040x}", self.started.fetch_add(1, Ordering::Relaxed));
            let [status_url, logout_url] = session_urls(&token);
            serde_json::json!({"authentication_status": {
                "authenticated": true, "session_status": "pending", "reason": null,
                "session_token": token, "session_secret": SESSION_SECRET,
                "status_url": status_url, "logout_url": logout_url}})
            .to_string()
        } else {
            self.status_calls.fetch_add(1, Ordering::Relaxed);
            r#"{"authentication_status":{"authenticated":true,"session_status":"active"}}"#.to_owned()
        };
        // Others have their turn, as they would while an answer is on its way.
        tokio::task::yield_now().await;
        let mut response = HttpResponse::new(body.into_bytes());
        *response.status_mut() = http::StatusCode::OK;
        Ok(response)
    }
}

/// The user, as handlers get it.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

impl User {
    pub(crate) fn new(id: i64) -> Self {
        Self { id, name: "Anna".to_owned() }
    }
}

/// Every number is a user, who is found without a database.
pub(crate) struct Everybody;

#[async_trait::async_trait]
impl UserDirectory for Everybody {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(Some(UserKey::new(login_name)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        Ok(key.as_str().parse().ok().map(User::new))
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// Sessions, and what else the login keeps of a user in the same store.
const ENTRIES_PER_USER: usize = 20;

/// The state that the nodes of the application share.
pub(crate) struct Application {
    tokens: Arc<MemoryTokenStore>,
    sessions: Arc<MemorySessionStore>,
    keys: CookieKeys,
}

impl Application {
    /// With the users 0, 1… up to so many.
    pub(crate) async fn of_users(users: usize) -> Result<Self, BoxError> {
        let tokens = Arc::new(MemoryTokenStore::new(users));
        for user in 0..users {
            tokens.assign(&UserKey::new(user.to_string()), &UserToken::new(format!("{user:032x}"))?).await?;
        }
        let sessions = Arc::new(MemorySessionStore::new(ENTRIES_PER_USER * users + 100));
        Ok(Self { tokens, sessions, keys: CookieKeys::generate()? })
    }

    /// The same with these keys.
    #[allow(dead_code, reason = "only the program that watches a million needs it")]
    pub(crate) fn with_keys(self, keys: CookieKeys) -> Self {
        Self { keys, ..self }
    }

    /// One of its nodes, which asks this service.
    pub(crate) fn node(
        &self,
        service: &Accepting,
        mode: SessionMode,
        freshness: Duration,
    ) -> Result<LoginWeb<User>, BoxError> {
        self.node_over(service, self.tokens.clone(), self.sessions.clone(), mode, freshness)
    }

    /// The same over other stores.
    pub(crate) fn node_over(
        &self,
        service: &Accepting,
        tokens: Arc<dyn TokenStore>,
        sessions: Arc<dyn SessionStore>,
        mode: SessionMode,
        freshness: Duration,
    ) -> Result<LoginWeb<User>, BoxError> {
        let client = Client::builder()
            .server(SERVER)
            .application(APPLICATION, "an application's test key")
            .transport(service.clone())
            .time_and_entropy(System::new())
            .token_store(tokens)
            .session_store(sessions)
            .build()?;
        let login = LoginWeb::builder(client, Everybody)
            .origin(ORIGIN)
            .cookie_keys(self.keys.clone())
            .session_mode(mode)
            .watch_options(WatchOptions::default().freshness(freshness))
            // All users come from one address.
            .limits(Limits::default().per_address(Rate::UNLIMITED))
            .answer_step(Duration::from_millis(1))
            .build()?;
        Ok(login)
    }
}

/// Logs a user in, and gives the session cookie as a browser sends it.
pub(crate) async fn log_in(login: &LoginWeb<User>, user: usize) -> Result<String, BoxError> {
    let mut start = request(Method::Post, "/login", None);
    start.body = format!("login_name={user}").into_bytes();
    let answer = login.handle(start).await;
    let Some(pending) = cookie_of(&answer, "iampass-login") else {
        return Err(format!("no login was begun: {} {:?}", answer.status, answer.headers).into());
    };
    let wait = answer.headers.iter().find(|(name, _)| *name == "location").map(|(_, value)| value.clone());
    let wait = wait.ok_or("the login leads nowhere")?;
    for _ in 0..1_000 {
        let answer = login.handle(request(Method::Get, &wait, Some(&pending))).await;
        if let Some(session) = cookie_of(&answer, "iampass-session") {
            return Ok(session);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the login was not accepted".into())
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

fn cookie_of(answer: &HttpAnswer, name: &str) -> Option<String> {
    let cookies = answer.headers.iter().filter(|(header, _)| *header == "set-cookie");
    let mut pairs = cookies.filter_map(|(_, value)| value.split(';').next());
    pairs.find(|pair| pair.starts_with(name) && pair.len() > name.len() + 1).map(str::to_owned)
}
