//! An application whose parts can fail: its store, its way to the service, and its clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use iampass_core::client::{ClientBuilder, System};
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, Clock, HttpRequest, HttpResponse, HttpTransport, LogoutClaim,
    MemorySessionStore, MemoryTokenStore, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedState,
    SharedVersion, Sleep, StoreError, StoreErrorKind, StreamedResponse, TokenStore as _, TransportError,
    TransportErrorKind, UserKey,
};
use iampass_core::{Monotonic, Now, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::{TestService, VirtualPhone};
use iampass_web::{CookieKeys, LoginWeb, LoginWebBuilder};

use crate::browser::Browser;
use crate::setting::{Framework, SOON, User, Users, login_builder};

/// The way to the service, on which logouts can get lost, and the status streams that are open.
#[derive(Clone)]
pub(crate) struct Way {
    inner: ReqwestTransport,
    /// Logouts are taken, and nothing is answered.
    pub(crate) swallows_logouts: Arc<AtomicBool>,
    /// Recovery codes are exchanged, and the answer is lost on its way back.
    pub(crate) loses_recovery_links: Arc<AtomicBool>,
    /// Reports of a lost phone wait on their way to the service.
    pub(crate) holds_lost_phones: Arc<AtomicBool>,
    /// Phones are taken for lost, and the answer is lost on its way back.
    pub(crate) loses_lost_phones: Arc<AtomicBool>,
    /// How many reports of a lost phone were on their way.
    pub(crate) lost_phones: Arc<AtomicUsize>,
    /// How long the next question to a phone takes on its way, in milliseconds.
    pub(crate) next_question_takes: Arc<AtomicU64>,
    /// How often the service was asked whether a user has a phone.
    pub(crate) asked_for_phones: Arc<AtomicUsize>,
    /// That question is not answered.
    pub(crate) hides_phones: Arc<AtomicBool>,
    pub(crate) open_streams: Arc<AtomicUsize>,
    pub(crate) opened_streams: Arc<AtomicUsize>,
}

struct OpenStream(Arc<AtomicUsize>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn is_question(request: &HttpRequest) -> bool {
    request.uri().path().starts_with("/authentication/authenticate_user/")
}

#[async_trait::async_trait]
impl HttpTransport for Way {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if self.swallows_logouts.load(Ordering::SeqCst) && request.uri().path().ends_with("/logout") {
            return std::future::pending().await;
        }
        if request.uri().path().contains("/has_registered_mobile_device/") {
            self.asked_for_phones.fetch_add(1, Ordering::SeqCst);
            if self.hides_phones.load(Ordering::SeqCst) {
                return Err(TransportError::new(TransportErrorKind::Connect));
            }
        }
        if is_question(&request) {
            let takes = self.next_question_takes.swap(0, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(takes)).await;
        }
        let is_lost_phone = request.uri().path().starts_with("/management/lost_user_mobile_device/");
        if is_lost_phone {
            self.lost_phones.fetch_add(1, Ordering::SeqCst);
            while self.holds_lost_phones.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        let is_recovery_link = request.uri().path().starts_with("/management/recovery_link/");
        let is_lost = is_recovery_link && self.loses_recovery_links.load(Ordering::SeqCst)
            || is_lost_phone && self.loses_lost_phones.load(Ordering::SeqCst);
        let answer = self.inner.send(request).await?;
        if is_lost { Err(TransportError::new(TransportErrorKind::Other)) } else { Ok(answer) }
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        let (head, body) = self.inner.open(request).await?.into_parts();
        self.opened_streams.fetch_add(1, Ordering::SeqCst);
        self.open_streams.fetch_add(1, Ordering::SeqCst);
        let open = OpenStream(Arc::clone(&self.open_streams));
        let body = body.map(move |piece| {
            let _ = &open;
            piece
        });
        Ok(http::Response::from_parts(head, body.boxed()))
    }
}

/// A store that can fail, and whose records can become unreadable, as after a sealing key was taken away.
pub(crate) struct Store {
    pub(crate) inner: MemorySessionStore,
    pub(crate) is_unreadable: AtomicBool,
    pub(crate) is_down: AtomicBool,
    /// How often a record or an entry was looked up.
    pub(crate) lookups: AtomicUsize,
    /// It says nothing when a logout is to be queued.
    pub(crate) hangs_at_logouts: AtomicBool,
    /// How many logouts were to be queued.
    pub(crate) logouts: AtomicUsize,
}

impl Store {
    fn answers(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Unavailable));
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        self.answers()?;
        self.inner.create(record).await
    }
    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        self.answers()?;
        self.lookups.fetch_add(1, Ordering::SeqCst);
        if self.is_unreadable.load(Ordering::SeqCst) {
            return Err(StoreError::new(StoreErrorKind::Unreadable));
        }
        self.inner.load(token).await
    }
    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        self.answers()?;
        self.inner.set_user(token, before, user).await
    }
    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        self.answers()?;
        self.inner.claim_session(token).await
    }
    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        self.answers()?;
        self.inner.sessions_of(user, limit).await
    }
    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        self.answers()?;
        self.inner.queue_logout(token, due).await
    }
    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.answers()?;
        self.logouts.fetch_add(1, Ordering::SeqCst);
        if self.hangs_at_logouts.load(Ordering::SeqCst) {
            return std::future::pending().await;
        }
        self.inner.request_logout(token).await
    }
    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        self.answers()?;
        self.inner.claim_logouts(now, lease, limit).await
    }
    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        self.answers()?;
        self.inner.release_logout(claim, due).await
    }
    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.answers()?;
        self.inner.delete(token).await
    }
    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        self.answers()?;
        self.inner.purge_expired(now, limit).await
    }
}

#[async_trait::async_trait]
impl SharedState for Store {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        self.answers()?;
        self.lookups.fetch_add(1, Ordering::SeqCst);
        self.inner.load_shared(key).await
    }
    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        self.answers()?;
        self.inner.swap_shared(key, expected, entry).await
    }
    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        self.answers()?;
        self.inner.delete_shared(key, expected).await
    }
    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        self.answers()?;
        self.inner.purge_shared(now, limit).await
    }
}

/// The clocks of a machine that sleeps: the monotonic one stands still meanwhile, the other has gone on when it wakes.
#[derive(Clone)]
pub(crate) struct Sleeper {
    system: System,
    slept: Arc<AtomicU64>,
}

impl Sleeper {
    pub(crate) fn new() -> Self {
        Self { system: System::new(), slept: Arc::default() }
    }

    /// The machine was asleep for so long.
    pub(crate) fn has_slept(&self, duration: Duration) {
        self.slept.fetch_add(duration.as_secs(), Ordering::SeqCst);
    }

    pub(crate) fn wall(&self) -> UnixSeconds {
        self.now().wall
    }
}

impl Clock for Sleeper {
    fn now(&self) -> Now {
        let mut now = self.system.now();
        now.wall = now.wall.plus(Duration::from_secs(self.slept.load(Ordering::SeqCst)));
        now
    }
}

/// By the same monotonic clock, whenever a node is started.
#[async_trait::async_trait]
impl Sleep for Sleeper {
    async fn until(&self, until: Monotonic) {
        self.system.until(until).await;
    }
}

/// The application with one user, anna, and all that can go wrong with it. Its nodes share stores, keys and clock.
pub(crate) struct Faulty {
    pub(crate) service: TestService,
    pub(crate) anna: VirtualPhone,
    pub(crate) way: Way,
    pub(crate) sessions: Arc<Store>,
    pub(crate) tokens: Arc<MemoryTokenStore>,
    pub(crate) keys: CookieKeys,
    pub(crate) clock: Sleeper,
    pub(crate) users: Users,
    /// How many status streams a node holds open.
    pub(crate) streams: usize,
    pub(crate) freshness: Duration,
}

/// One node of it.
pub(crate) struct Node {
    pub(crate) login: LoginWeb<User>,
    browser: Browser,
    _serving: Box<dyn Send + Sync>,
}

impl Node {
    pub(crate) fn browser(&self) -> Browser {
        self.browser.clone()
    }

    /// The same browser, led to this node. The node takes its own address for the application's.
    pub(crate) fn led_here(&self, browser: &Browser) -> Browser {
        let mut here = browser.at(&self.browser);
        here.origin.clone_from(&self.browser.origin);
        here
    }
}

impl Faulty {
    pub(crate) async fn start() -> Self {
        Self::over(TestService::start().await.unwrap()).await
    }

    pub(crate) async fn over(service: TestService) -> Self {
        let way = Way {
            inner: ReqwestTransport::new().unwrap(),
            swallows_logouts: Arc::default(),
            loses_recovery_links: Arc::default(),
            holds_lost_phones: Arc::default(),
            loses_lost_phones: Arc::default(),
            lost_phones: Arc::default(),
            next_question_takes: Arc::default(),
            asked_for_phones: Arc::default(),
            hides_phones: Arc::default(),
            open_streams: Arc::default(),
            opened_streams: Arc::default(),
        };
        let tokens = Arc::new(MemoryTokenStore::new(100));
        let sessions = Store {
            inner: MemorySessionStore::new(100),
            is_unreadable: AtomicBool::new(false),
            is_down: AtomicBool::new(false),
            lookups: AtomicUsize::new(0),
            hangs_at_logouts: AtomicBool::new(false),
            logouts: AtomicUsize::new(0),
        };
        let token = UserToken::new("token-of-anna").unwrap();
        tokens.assign(&UserKey::from(1), &token).await.unwrap();
        let client = service.client().unwrap();
        client.add_user(&token).await.unwrap();
        let link = client.registration_link(&token, None).await.unwrap();
        Self {
            anna: service.register_phone(&link).await.unwrap(),
            service,
            way,
            sessions: Arc::new(sessions),
            tokens,
            keys: CookieKeys::generate().unwrap(),
            clock: Sleeper::new(),
            users: Users::default(),
            streams: 0,
            freshness: Duration::from_millis(500),
        }
    }

    pub(crate) async fn node<F: Framework>(&self) -> Node {
        self.node_with::<F>(|client| client, |login| login).await
    }

    pub(crate) async fn node_with<F: Framework>(
        &self,
        client: impl FnOnce(ClientBuilder) -> ClientBuilder,
        options: impl FnOnce(LoginWebBuilder<User>) -> LoginWebBuilder<User>,
    ) -> Node {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let login = self.login(&url, client, options);
        let serving = F::serve(login.clone(), listener).await;
        Node { login, browser: Browser::new(url.clone(), url), _serving: serving }
    }

    pub(crate) fn login(
        &self,
        origin: &str,
        client: impl FnOnce(ClientBuilder) -> ClientBuilder,
        options: impl FnOnce(LoginWebBuilder<User>) -> LoginWebBuilder<User>,
    ) -> LoginWeb<User> {
        let builder = self
            .service
            .client_builder()
            .transport(self.way.clone())
            .clock(Arc::new(self.clock.clone()))
            .sleep(Arc::new(self.clock.clone()))
            .token_store(self.tokens.clone())
            .session_store(self.sessions.clone())
            .status_streams(self.streams);
        let login = login_builder(client(builder).build().unwrap(), self.users.clone())
            .origin(origin)
            .cookie_keys(self.keys.clone())
            .watch_options(WatchOptions::default().freshness(self.freshness))
            .answer_step(Duration::from_millis(50));
        options(login).build().unwrap()
    }

    pub(crate) async fn log_in(&self, browser: &mut Browser) {
        let wait = browser.begin("anna").await;
        self.anna.accept_next(SOON).await.unwrap();
        browser.complete(&wait).await;
        assert!(browser.is_in().await);
    }

    /// Anna's sessions that are in use, by the store.
    pub(crate) async fn in_use(&self) -> Vec<SessionRecord> {
        self.sessions.inner.sessions_of(&UserToken::new("token-of-anna").unwrap(), 10).await.unwrap()
    }
}

/// Waits until it is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < SOON, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
