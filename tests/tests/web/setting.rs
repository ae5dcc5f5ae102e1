//! The setting of every check: the service, an application of one user on a framework, and that user's phone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use iampass_core::UserToken;
use iampass_core::client::{Client, ClientBuilder};
use iampass_core::machine::{LoginOptions, WatchOptions};
use iampass_core::port::{BoxError, MemorySessionStore, MemoryTokenStore, SessionStore, TokenStore, UserKey};
use iampass_testkit::{TestService, VirtualPhone};
use iampass_web::pages::session_script_for;
use iampass_web::{
    CookieKeys, Limits, LoginWeb, LoginWebBuilder, Notice, Rate, SessionMode, ShownApproval, UserDirectory,
};

use crate::browser::Browser;

/// For things that happen at once, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(40);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
}

/// An application with the users anna (1), who has a phone, and bert (2), who has none.
#[derive(Clone, Default)]
pub(crate) struct Users {
    pub(crate) anna_is_deleted: Arc<AtomicBool>,
    /// The notices of users, with whose they are.
    pub(crate) notices: Arc<Mutex<Vec<(UserKey, Notice)>>>,
}

impl Users {
    /// The notices since this was asked for the last time.
    pub(crate) fn notices(&self) -> Vec<(UserKey, Notice)> {
        std::mem::take(&mut *self.notices.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        // As a database with the usual collation finds them.
        Ok(match &*login_name.to_lowercase() {
            "anna" => Some(UserKey::from(1)),
            "bert" => Some(UserKey::from(2)),
            _ => None,
        })
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        let name = match key.as_str() {
            "1" if self.anna_is_deleted.load(Ordering::SeqCst) => return Ok(None),
            "1" => "Anna",
            "2" => "Bert",
            _ => return Ok(None),
        };
        Ok(Some(User { name: name.to_owned() }))
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }

    async fn notify(&self, user: &UserKey, notice: &Notice) {
        self.notices.lock().unwrap().push((user.clone(), *notice));
    }

    fn can_notify(&self) -> bool {
        true
    }
}

/// A framework on which the application runs.
#[async_trait::async_trait]
pub(crate) trait Framework: Send + Sync + 'static {
    /// Serves on this listener until the handle is dropped:
    /// `/` says `Hello …` to users; `/maybe` also to others; `/fresh` to users who were just confirmed; `/required/x` is behind a layer;
    /// `/page` is the [`guarded_page`]; `/posts` takes forms of users only; `/own-form` says whether a form comes from a page of the application; `/sign-up` begins the enrolment of bert; `/approved` and `/approved-now` are for users whose phone
    /// approved within five minutes, and within a second; `/proven-code`, `/proven-key` (and a code) and `/proven/unlocked` (by a layer) are for approvals
    /// that have proven that; `/ticks` is an endless stream for users who are present, `/download` is the same as a file, `/download/short` is
    /// the first three pieces of that, and `/presence` says how
    /// their presence changes; the login is at its mount.
    async fn serve(login: LoginWeb<User>, listener: std::net::TcpListener) -> Box<dyn Send + Sync>;

    /// The same until it is told to stop, and then as a framework stops gracefully.
    async fn serve_until_stopped(login: LoginWeb<User>, listener: std::net::TcpListener) -> Stoppable;

    /// A small application that is mounted below `prefix` (empty for none) with all that it has: `/` says `Hello …`, the login is at its
    /// mount, and one guard that lets users only pass is around everything.
    async fn serve_below(
        prefix: &'static str,
        login: LoginWeb<User>,
        listener: std::net::TcpListener,
    ) -> Box<dyn Send + Sync>;
}

/// A server that waits for its requests to end when it is told to stop.
pub(crate) struct Stoppable {
    pub(crate) stop: tokio::sync::oneshot::Sender<()>,
    pub(crate) stopped: tokio::sync::oneshot::Receiver<()>,
}

/// The stream of `/ticks`: one piece at once, and one each tenth of a second.
pub(crate) fn ticks() -> impl Stream<Item = &'static str> + Send + 'static {
    stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Some(("tick\n", ()))
    })
}

/// The policy of `/page`: as little as the script that watches the session asks for.
pub(crate) const PAGE_POLICY: &str =
    "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'";

/// A page of the application itself, for users only, which watches its session. It is to send no referrer, as many applications have it.
pub(crate) fn guarded_page(login: &LoginWeb<User>, user: &User) -> String {
    let (script, log_out) =
        (session_script_for(login.page_context(), &user.name), login.page_context().links.logout());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <title>Secret plans</title>{script}</head><body><main><h1 id=\"greeting\">Hello {}</h1>\
         <form method=\"post\" action=\"{log_out}\"><button id=\"log-out\">Log out</button></form></main></body></html>",
        user.name
    )
}

/// The stores of one node.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) tokens: Arc<dyn TokenStore>,
    pub(crate) sessions: Arc<dyn SessionStore>,
}

pub(crate) struct Setting {
    pub(crate) service: TestService,
    pub(crate) users: Users,
    pub(crate) anna: VirtualPhone,
    pub(crate) tokens: Arc<dyn TokenStore>,
    pub(crate) sessions: Arc<dyn SessionStore>,
    nodes: Vec<Node>,
}

struct Node {
    url: String,
    _serving: Box<dyn Send + Sync>,
}

/// The beginning of every login: approved by tapping, as most checks are about other things than codes (`code.rs` is about them).
pub(crate) fn login_builder(client: Client, users: Users) -> LoginWebBuilder<User> {
    tapped(LoginWeb::builder(client, users))
}

/// Approved by tapping.
pub(crate) fn tapped(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.approval(ShownApproval::Tap)
}

/// How the login is set up, beyond what every check needs.
pub(crate) type Options = fn(LoginWebBuilder<User>) -> LoginWebBuilder<User>;

impl Setting {
    pub(crate) async fn start<F: Framework>() -> Self {
        Self::with::<F>(1, |builder| builder).await
    }

    /// So many nodes, which share stores and keys as they would share a database.
    pub(crate) async fn with<F: Framework>(nodes: usize, options: Options) -> Self {
        let service = TestService::start().await.unwrap();
        let stores = Stores {
            tokens: Arc::new(MemoryTokenStore::new(100)),
            sessions: Arc::new(MemorySessionStore::new(1_000)),
        };
        Self::over::<F>(service, &vec![stores; nodes], options).await
    }

    /// A node for each of these stores, which are of one database.
    pub(crate) async fn over<F: Framework>(
        service: TestService,
        stores: &[Stores],
        options: Options,
    ) -> Self {
        let client = |stores: &Stores| {
            service
                .client_builder()
                .token_store(stores.tokens.clone())
                .session_store(stores.sessions.clone())
                .build()
                .unwrap()
        };
        let Stores { tokens, sessions } = stores[0].clone();
        let own = client(&stores[0]);
        let token = UserToken::new("token-of-anna").unwrap();
        tokens.assign(&UserKey::from(1), &token).await.unwrap();
        own.add_user(&token).await.unwrap();
        let link = own.registration_link(&token, Some("Anna")).await.unwrap();
        let anna = service.register_phone(&link).await.unwrap();
        let users = Users::default();
        let keys = CookieKeys::generate().unwrap();
        let mut serving = Vec::new();
        // Browsers know one origin, whichever node they are led to.
        let listeners: Vec<_> =
            stores.iter().map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let url = |at: usize| format!("http://{}", listeners[at].local_addr().unwrap());
        let (origin, urls): (_, Vec<_>) = (url(0), (0..stores.len()).map(url).collect());
        for ((url, listener), stores) in urls.into_iter().zip(listeners).zip(stores) {
            let builder = login_builder(client(stores), users.clone())
                .origin(origin.clone())
                .name("Test application")
                .cookie_keys(keys.clone())
                .login_options(LoginOptions::default())
                .watch_options(WatchOptions::default().freshness(Duration::from_millis(500)))
                .answer_step(Duration::from_millis(50));
            let login = options(builder).build().unwrap();
            serving.push(Node { url, _serving: F::serve(login, listener).await });
        }
        Self { service, users, anna, tokens, sessions, nodes: serving }
    }

    /// Anna has another phone from now on.
    pub(crate) async fn replace_phone_of_anna(&mut self) {
        let client = self.service.client().unwrap();
        let token = UserToken::new("token-of-anna").unwrap();
        let link = client.registration_link(&token, Some("Anna")).await.unwrap();
        self.anna = self.service.register_phone(&link).await.unwrap();
    }

    /// Another login of the same users, phones and stores, at another origin.
    pub(crate) fn builder(&self, origin: &str) -> LoginWebBuilder<User> {
        let client = self
            .service
            .client_builder()
            .token_store(self.tokens.clone())
            .session_store(self.sessions.clone())
            .build()
            .unwrap();
        login_builder(client, self.users.clone())
            .origin(origin)
            .cookie_keys(CookieKeys::generate().unwrap())
            .watch_options(WatchOptions::default().freshness(Duration::from_millis(500)))
            .answer_step(Duration::from_millis(20))
    }

    pub(crate) fn browser(&self) -> Browser {
        self.browser_at(0)
    }

    /// A browser that a load balancer leads to this node.
    pub(crate) fn browser_at(&self, node: usize) -> Browser {
        Browser::new(self.nodes[node].url.clone(), self.origin().to_owned())
    }

    /// The application's address for browsers.
    pub(crate) fn origin(&self) -> &str {
        &self.nodes[0].url
    }

    /// A node of its own that shares the stores, and has something wrong with its client.
    pub(crate) async fn broken_node(&self, wrong: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Broken {
        let builder = wrong(self.service.client_builder());
        let client =
            builder.token_store(self.tokens.clone()).session_store(self.sessions.clone()).build().unwrap();
        let many = Rate { burst: 100_000, every: Duration::from_secs(1) };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let login = login_builder(client, self.users.clone())
            .origin(url.clone())
            .cookie_keys(CookieKeys::generate().unwrap())
            // The budgets are in the store that is shared, by a clock that may be wrong.
            .limits(Limits::default().per_user(many).per_user_and_network(many))
            .answer_step(Duration::from_millis(50))
            .build()
            .unwrap();
        let _serving = crate::axum_site::Axum::serve(login, listener).await;
        Broken(Node { url, _serving })
    }

    /// A browser in which anna is logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let wait = browser.begin("anna").await;
        self.anna.accept_next(SOON).await.unwrap();
        browser.complete(&wait).await;
        // Where it is led to, it comes with the cookie.
        browser.get("/").await;
        browser
    }
}

pub(crate) fn sealed(builder: LoginWebBuilder<User>) -> LoginWebBuilder<User> {
    builder.session_mode(SessionMode::Sealed)
}

/// A node of an application that cannot log anybody in.
pub(crate) struct Broken(Node);

impl Broken {
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.0.url.clone(), self.0.url.clone())
    }
}
