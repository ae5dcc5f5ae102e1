//! A service on a free port with a clock that the test moves, and what tests ask of it. Does not belong here: how requests are written
//! ([`crate::exchange`]).

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{ApplicationId, Now, Secret, UnixSeconds};
use iampass_server::{ServerError, Service, ServiceConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::exchange::checked;
pub(crate) use crate::exchange::{Answer, Pair, path_of, random_nonce, raw_to, send_to, sign, with_digest};
use crate::store::Store;

pub(crate) const START: u64 = 1_800_000_000;

pub(crate) struct FakeClock(Mutex<Now>);

impl FakeClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Now::new(Duration::ZERO, START))))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(Duration::from_secs(seconds));
    }

    /// The wall clock only, as an administrator may.
    pub(crate) fn set_back(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.wall = UnixSeconds(now.wall.0 - seconds);
    }

    /// The wall clock only, as a machine sees it that was suspended.
    pub(crate) fn step_ahead(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.wall = UnixSeconds(now.wall.0 + seconds);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) app: Pair,
    pub(crate) store: Store,
    stop: watch::Sender<bool>,
    served: JoinHandle<Result<(), ServerError>>,
}

/// Opened when the service of before has let its data go: its last tasks end a moment after it.
async fn opened(config: ServiceConfig) -> Service {
    for _ in 0..1_000 {
        match Service::open(config.clone()).await {
            Err(error) if format!("{error:?}").contains("InUse") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return opened.unwrap(),
        }
    }
    Service::open(config).await.unwrap()
}

impl Rig {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServiceConfig)) -> Self {
        Self::at(FakeClock::new(), Store::new(), None, change).await
    }

    pub(crate) async fn sending_without_public_url(change: impl FnOnce(&mut ServiceConfig)) -> Self {
        Self::known_or_not(FakeClock::new(), Store::new(), None, change, false).await
    }

    /// A service that sends messages knows its address.
    pub(crate) async fn at(
        clock: Arc<FakeClock>,
        store: Store,
        app: Option<Pair>,
        change: impl FnOnce(&mut ServiceConfig),
    ) -> Self {
        Self::known_or_not(clock, store, app, change, true).await
    }

    async fn known_or_not(
        clock: Arc<FakeClock>,
        store: Store,
        app: Option<Pair>,
        change: impl FnOnce(&mut ServiceConfig),
        is_known: bool,
    ) -> Self {
        let mut config = store.config();
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        change(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sends = config.sms.is_some() || config.mail.is_some();
        if sends && is_known && config.public_url.is_none() {
            config.public_url = Some(format!("http://{address}").parse().unwrap());
        }
        let service = opened(config).await;
        let app = match app {
            Some(app) => app,
            None => {
                let added = service.add_application("Shop", None).await.unwrap();
                Pair { id: added.id.to_string(), secret: added.secret }
            }
        };
        let (stop, mut stopped) = watch::channel(false);
        let served = tokio::spawn(service.clone().serve(listener, async move {
            let _ = stopped.wait_for(|stops| *stops).await;
        }));
        Self { service, address, clock, app, store, stop, served }
    }

    /// Asks it to stop, and does not wait for it.
    pub(crate) fn ask_to_stop(&self) {
        let _ = self.stop.send(true);
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) -> (Arc<FakeClock>, Pair, Store) {
        self.ask_to_stop();
        self.served.await.unwrap().unwrap();
        drop(self.service);
        (self.clock, self.app, self.store)
    }

    /// Ends it as a crash does, as far as that goes within one process: nothing is told that it ends.
    pub(crate) async fn crash(self) -> (Arc<FakeClock>, Pair, Store) {
        self.served.abort();
        let _ = self.served.await;
        drop(self.service);
        // Tasks of the service end when they are next looked at, and with them their hold on the data.
        tokio::time::sleep(Duration::from_millis(100)).await;
        (self.clock, self.app, self.store)
    }

    /// Stops and starts again on the same data.
    pub(crate) async fn restart(self) -> Self {
        let (clock, app, store) = self.stop().await;
        Self::at(clock, store, Some(app), |_| {}).await
    }

    pub(crate) async fn another_application(&self, name: &str) -> Pair {
        let added = self.service.add_application(name, None).await.unwrap();
        Pair { id: added.id.to_string(), secret: added.secret }
    }

    pub(crate) async fn application(&self, id: &str, secret: &str) -> Pair {
        let credentials = (ApplicationId::new(id).unwrap(), Secret::new(secret));
        self.service.add_application("Named", Some(credentials)).await.unwrap();
        Pair { id: id.to_owned(), secret: Secret::new(secret) }
    }

    pub(crate) fn now(&self) -> UnixSeconds {
        self.clock.now().wall
    }

    /// `http://address` + path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn signed(&self, pair: &Pair, url: &str) -> Vec<(&'static str, String)> {
        sign(pair, url, random_nonce(), self.now())
    }

    /// A signed request; `url` as it was issued. The body that a phone posts is covered by its signature, and so is that of the Admin API.
    pub(crate) async fn call(&self, pair: &Pair, method: &str, url: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string());
        let url = match method {
            "POST" if is_of_phone(url) => with_digest(url, body.as_deref().unwrap_or_default()),
            _ => url.to_owned(),
        };
        self.call_as_written(pair, method, &url, body.as_deref()).await
    }

    /// A signed request to exactly this URL, with exactly this body.
    pub(crate) async fn call_as_written(
        &self,
        pair: &Pair,
        method: &str,
        url: &str,
        body: Option<&str>,
    ) -> Answer {
        self.send(method, path_of(url), &self.signed(pair, url), body).await
    }

    pub(crate) async fn get(&self, pair: &Pair, url: &str) -> Answer {
        self.call(pair, "GET", url, None).await
    }

    pub(crate) async fn post(&self, pair: &Pair, url: &str, body: Value) -> Answer {
        self.call(pair, "POST", url, Some(body)).await
    }

    /// A request as given.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, String)],
        body: Option<&str>,
    ) -> Answer {
        send_to(self.address, method, target, headers, body).await.expect("an answer")
    }

    /// Bytes as given; None when the connection was closed without an answer.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        checked(self.address, bytes).await
    }

    // Calls that most tests begin with.

    pub(crate) async fn add_users(&self, users: &[&str]) -> Value {
        let url = self.url(&format!("/management/add_users/{}", self.app.id));
        self.post(&self.app, &url, json!({"users": users})).await.ok(201)
    }

    /// Registers a phone for a user, which is added first.
    pub(crate) async fn phone(&self, user: &str) -> Phone {
        self.add_users(&[user]).await;
        let url = self.url(&format!("/management/device_registration_link/{}/{user}", self.app.id));
        let link = self.get(&self.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned();
        self.register(&link).await
    }

    pub(crate) async fn register(&self, link: &str) -> Phone {
        let body = json!({"notification_token": "*test", "platform": "web"}).to_string();
        let record = self.send("POST", path_of(link), &[], Some(&body)).await.ok(200);
        let pair = Pair::new(&record["device"]["device_id"], &record["device"]["device_secret"]);
        Phone { pair, urls: record["service"]["service_urls"].clone(), record }
    }

    pub(crate) async fn authenticate(&self, user: &str, query: &str) -> Answer {
        let url = self.url(&format!("/authentication/authenticate_user/{}/{user}{query}", self.app.id));
        self.post(&self.app, &url, json!({})).await
    }

    pub(crate) async fn session(&self, user: &str, query: &str) -> Session {
        let answer = self.authenticate(user, query).await.ok(202);
        let status = &answer["authentication_status"];
        Session {
            pair: Pair::new(&status["session_token"], &status["session_secret"]),
            status_url: status["status_url"].as_str().unwrap().to_owned(),
            logout_url: status["logout_url"].as_str().unwrap().to_owned(),
        }
    }

    /// The word for the state of a session; both shapes must agree.
    pub(crate) async fn status(&self, session: &Session) -> String {
        let answer = self.get(&session.pair, &session.status_url).await.ok(200);
        assert_eq!(answer["authentication_status"]["session_status"], answer["session_status"]);
        let is_active = answer["session_status"] == "active";
        assert_eq!(answer["authentication_status"]["authenticated"], is_active);
        assert_eq!(answer["authenticated"], is_active);
        answer["session_status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn questions(&self, phone: &Phone) -> Vec<Question> {
        let url = phone.urls["pending_requests"].as_str().unwrap();
        questions(&self.get(&phone.pair, url).await.ok(200))
    }

    pub(crate) async fn answer(&self, question: &Question, answer: Value) -> Answer {
        self.post(&question.pair, &question.identification_url, answer).await
    }

    /// A session that the phone has accepted.
    pub(crate) async fn active_session(&self, phone: &Phone, user: &str, query: &str) -> Session {
        let session = self.session(user, query).await;
        let question = self.questions(phone).await.pop().unwrap();
        self.answer(&question, json!({"accepted": true})).await.ok(200);
        assert_eq!(self.status(&session).await, "active");
        session
    }

    pub(crate) async fn active_sessions(&self, phone: &Phone) -> Vec<Value> {
        let url = phone.urls["active_sessions"].as_str().unwrap();
        self.get(&phone.pair, url).await.ok(200)["sessions"].as_array().unwrap().clone()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) pair: Pair,
    pub(crate) urls: Value,
    pub(crate) record: Value,
}

impl Phone {
    /// The same after the service has come back at another address.
    pub(crate) fn at(&self, rig: &Rig) -> Self {
        let mut moved = self.clone();
        for url in moved.urls.as_object_mut().unwrap().values_mut() {
            *url = rig.url(path_of(url.as_str().unwrap())).into();
        }
        moved
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) pair: Pair,
    pub(crate) status_url: String,
    pub(crate) logout_url: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) pair: Pair,
    pub(crate) start_url: String,
    pub(crate) identification_url: String,
    pub(crate) json: Value,
}

pub(crate) fn questions(answer: &Value) -> Vec<Question> {
    let requests = answer["requests"].as_array().unwrap();
    let question = |json: &Value| Question {
        pair: Pair::new(&json["auth_request_id"], &json["identify"]["identification_data_secret"]),
        start_url: json["identify"]["identification_start_url"].as_str().unwrap().to_owned(),
        identification_url: json["identify"]["identification_url"].as_str().unwrap().to_owned(),
        json: json.clone(),
    };
    requests.iter().map(question).collect()
}

fn is_of_phone(url: &str) -> bool {
    let path = path_of(url);
    let path = path.strip_prefix(crate::console::PREFIX).unwrap_or(path);
    ["/device/", "/identification/", "/admin/"].iter().any(|start| path.starts_with(start))
}
