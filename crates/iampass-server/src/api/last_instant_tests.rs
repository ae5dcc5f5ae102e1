//! The answers about a session around the instant at which its deadline passes: an answer that it has ended is never proved wrong.
//!
//! The races are not left to chance: the writer is held while others queue up behind it.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures_util::poll;
use http::Request;
use http::header::HOST;
use http_body_util::BodyExt as _;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use iampass_core::port::Clock;
use iampass_core::signing::{Nonce, Signer};
use iampass_core::wire::{Identification, RegisterDevice};
use iampass_core::{DeviceId, Now, Secret, UserToken};
use iampass_server_domain::credentials::SessionCredentials;
use iampass_server_domain::rules::State;
use iampass_server_storage::{
    AnswerOutcome, ApplicationKey, Browser, LinkCode, NewDevice, NewLink, NewSession, PhoneAnswer,
    QuestionKey, SessionKey, SpentNonce,
};
use serde_json::{Value, json};

use crate::{Service, ServiceConfig, UnverifiedMethods};

const HOUR: Duration = Duration::from_secs(3_600);

struct FakeClock(Mutex<Now>);

impl Clock for FakeClock {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

impl FakeClock {
    fn set(&self, seconds: u64) {
        *self.0.lock().unwrap() = Now::new(Duration::from_secs(seconds), 1_800_000_000 + seconds);
    }
}

/// A question that has been put at second 0 and is due at second 60.
struct Scene {
    service: Service,
    clock: Arc<FakeClock>,
    credentials: SessionCredentials,
    session: SessionKey,
    nonces: Mutex<u64>,
}

impl Scene {
    async fn new() -> Self {
        let clock = Arc::new(FakeClock(Mutex::new(Now::new(Duration::ZERO, 0))));
        clock.set(0);
        let mut config = ServiceConfig::temporary();
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let service = Service::open(config).await.unwrap();
        let id = service.add_application("Shop", None).await.unwrap().id;
        let database = &service.app.database;
        let application = database.application(id.as_str()).await.unwrap().unwrap().key;
        let none = || SpentNonce::none(Arc::clone(database));
        let user = UserToken::new("u").unwrap();
        database.add_users(application, vec![user.clone()], none()).await.unwrap();
        let code = LinkCode::draw().unwrap();
        let link = NewLink { application, user: user.clone(), display_name: None, lifetime: HOUR };
        database.make_link(link, code.clone(), none()).await.unwrap();
        let device = NewDevice { id: DeviceId::new("d").unwrap(), secret: Secret::new("s") };
        let phone: RegisterDevice =
            serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
        database.register_device(code, device, phone).await.unwrap().registered().unwrap();
        let credentials = SessionCredentials::draw().unwrap();
        let new = NewSession {
            application,
            user: Some(user),
            methods: Vec::new(),
            duration: HOUR,
            answer_timeout: Duration::from_secs(60),
            most_pending: 5,
            browser: Browser::Unknown,
            known_since: None,
            shown: None,
            browser_name: None,
            address: None,
            return_to: None,
            credentials: credentials.clone(),
        };
        database.start_session(new, none()).await.unwrap();
        let session = database.session(credentials.token.as_str()).await.unwrap().unwrap().1.key;
        Self { service, clock, credentials, session, nonces: Mutex::new(0) }
    }

    async fn accept(&self) -> AnswerOutcome {
        let identification: Identification = serde_json::from_value(json!({"accepted": true})).unwrap();
        let yes = PhoneAnswer {
            identification,
            signed_by: None,
            unlocked: None,
            return_proof: Secret::new("proof"),
        };
        let none = SpentNonce::none(Arc::clone(&self.service.app.database));
        let question = QuestionKey { session: self.session, application: ApplicationKey(1), user: None };
        self.service.app.database.answer(question, yes, UnverifiedMethods::Refused, none).await.unwrap()
    }

    async fn log_out(&self) {
        let none = SpentNonce::none(Arc::clone(&self.service.app.database));
        self.service.app.database.log_out(self.session, none).await.unwrap();
    }

    /// The whole way of the question how the session is, as an application puts it.
    async fn status(&self) -> String {
        let path = format!("/authentication/session/{}/status", self.credentials.token);
        let nonce = {
            let mut nonces = self.nonces.lock().unwrap();
            *nonces += 1;
            Nonce::new(*nonces)
        };
        let signer = Signer { id: self.credentials.token.as_str(), secret: &self.credentials.secret };
        let signed = signer.sign(&format!("http://h{path}"), nonce, self.clock.now().wall);
        let mut request = Request::get(&path).header(HOST, "h");
        for (name, value) in signed.lines() {
            request = request.header(name, value);
        }
        let router = TowerToHyperService::new(self.service.router());
        let answer: Response = router.call(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        answer["session_status"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

#[tokio::test]
async fn an_answer_that_stood_in_the_queue_when_its_time_was_up_is_too_late() {
    let scene = Scene::new().await;
    let (reached, let_go) = scene.service.app.database.hold_writer();
    reached.await.unwrap();
    scene.clock.set(59);
    let mut accept = pin!(scene.accept());
    assert!(poll!(&mut accept).is_pending(), "it waits behind the one that holds the writer");
    scene.clock.set(60);
    let_go.send(()).unwrap();
    assert_eq!(accept.await, AnswerOutcome::TooLate);
    assert_eq!(scene.status().await, "timeout");
}

#[tokio::test]
async fn an_answer_on_its_way_to_the_disk_is_not_told_as_a_timeout() {
    let scene = Scene::new().await;
    let (first_reached, first) = scene.service.app.database.hold_writer();
    first_reached.await.unwrap();
    scene.clock.set(59);
    let mut accept = pin!(scene.accept());
    assert!(poll!(&mut accept).is_pending());
    let (second_reached, second) = scene.service.app.database.hold_writer();
    first.send(()).unwrap();
    second_reached.await.unwrap();
    // The answer was taken in time, and its transaction is not committed yet.
    scene.clock.set(60);
    let mut status = pin!(scene.status());
    assert!(poll!(&mut status).is_pending(), "nobody can know yet");
    second.send(()).unwrap();
    assert_eq!(accept.await, AnswerOutcome::Taken(State::Active));
    assert_eq!(status.await, "active");
}

#[tokio::test]
async fn an_end_that_was_told_is_stored_whatever_the_clock_does() {
    let scene = Scene::new().await;
    scene.clock.set(60);
    assert_eq!(scene.status().await, "timeout");
    scene.clock.set(59);
    assert_eq!(scene.accept().await, AnswerOutcome::TooLate);
    assert_eq!(scene.status().await, "timeout");

    let scene = Scene::new().await;
    scene.clock.set(1);
    assert_eq!(scene.accept().await, AnswerOutcome::Taken(State::Active));
    scene.clock.set(3_601);
    assert_eq!(scene.status().await, "closed");
    scene.clock.set(3_600);
    assert_eq!(scene.status().await, "closed");
}

#[tokio::test]
async fn a_logout_after_the_deadline_is_as_final_as_one_before() {
    let scene = Scene::new().await;
    scene.clock.set(60);
    scene.log_out().await;
    scene.clock.set(59);
    assert_eq!(scene.accept().await, AnswerOutcome::TooLate);
    assert_eq!(scene.status().await, "timeout");
}

#[tokio::test]
async fn only_the_first_question_after_the_deadline_waits_for_the_writer() {
    let scene = Scene::new().await;
    let held = async |expected: &str| {
        let (reached, let_go) = scene.service.app.database.hold_writer();
        reached.await.unwrap();
        assert_eq!(poll!(pin!(scene.status())), std::task::Poll::Ready(expected.to_owned()));
        let_go.send(()).unwrap();
    };
    held("pending").await;
    assert_eq!(scene.accept().await, AnswerOutcome::Taken(State::Active));
    held("active").await;
    scene.clock.set(4_000);
    assert_eq!(scene.status().await, "closed");
    held("closed").await;
}
