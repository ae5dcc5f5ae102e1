//! A bench to drive machines on: a fake clock, counted draws, and what a test expects next.

use std::time::Duration;

use super::io::{Input, Machine, Output, RequestId, WaitReason};
use crate::port::{HttpRequest, TransportError, TransportErrorKind};
use crate::{Application, ApplicationId, Draw, Now, Secret, Server, Session, SessionToken, UserToken};

pub(super) const WALL: u64 = 1_700_000_000;

pub(super) fn application() -> Application {
    let server = Server::parse("https://login.example").unwrap();
    Application::new(server, ApplicationId::new("APP").unwrap(), Secret::new("application test key"))
}

pub(super) fn user(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

pub(super) fn session() -> Session {
    let token = SessionToken::new("SESSION").unwrap();
    let (status, logout) = ("https://login.example/status", "https://login.example/logout");
    Session::new(token, Secret::new("session test key"), status, logout, application().server()).unwrap()
}

/// The answer that starts the session of [`session`].
pub(super) const STARTED: &str = r#"{"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
    "session_token": "SESSION", "session_secret": "session test key",
    "status_url": "https://login.example/status", "logout_url": "https://login.example/logout"}}"#;

pub(super) fn status_body(word: &str) -> String {
    serde_json::json!({"authentication_status": {"authenticated": true, "session_status": word}}).to_string()
}

pub(super) struct Rig<M: Machine> {
    pub(super) machine: M,
    pub(super) now: Now,
    draws: u64,
    last: Option<RequestId>,
}

impl<M: Machine> Rig<M>
where
    M::Event: std::fmt::Debug,
{
    pub(super) fn new(machine: M) -> Self {
        Self { machine, now: Now::new(Duration::ZERO, WALL), draws: 0, last: None }
    }

    pub(super) fn pass(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
    }

    /// Moves the wall clock alone: the machine slept, or somebody set its clock.
    pub(super) fn set_wall_clock(&mut self, by_seconds: i64) {
        self.now.wall.0 = self.now.wall.0.checked_add_signed(by_seconds).unwrap();
    }

    pub(super) fn poll(&mut self) -> Output<M::Event> {
        self.draws += 1;
        // Jitter in the middle of its spread: waits are the plain ones.
        let mut bytes = [0x80, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        bytes[..8].copy_from_slice(&self.draws.to_be_bytes());
        self.machine.poll_output(self.now, Draw::from_bytes(bytes))
    }

    pub(super) fn expect_any_request(&mut self) -> HttpRequest {
        match self.poll() {
            Output::Send(outgoing) => {
                self.last = Some(outgoing.id);
                outgoing.request
            }
            other => panic!("expected a request, got {other:?}"),
        }
    }

    pub(super) fn expect_request(&mut self, method: &str, path: &str) -> HttpRequest {
        let request = self.expect_any_request();
        assert_eq!((request.method().as_str(), request.uri().path()), (method, path));
        request
    }

    pub(super) fn last_id(&self) -> RequestId {
        self.last.unwrap()
    }

    pub(super) fn answer(&mut self, status: u16, body: &str) {
        self.answer_with(status, body, &[]);
    }

    pub(super) fn answer_with(&mut self, status: u16, body: &str, headers: &[(&str, &str)]) {
        let mut answer = http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(body.as_bytes().to_vec()).unwrap();
        self.machine.handle(self.now, Input::Answer(self.last.unwrap(), Ok(answer)));
    }

    /// The request to be answered next.
    pub(super) fn expect_this(&mut self, id: RequestId) {
        self.last = Some(id);
    }

    pub(super) fn answer_to(&mut self, id: RequestId, status: u16, body: &str) {
        let answer = http::Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap();
        self.machine.handle(self.now, Input::Answer(id, Ok(answer)));
    }

    pub(super) fn fail(&mut self, kind: TransportErrorKind) {
        self.machine.handle(self.now, Input::Answer(self.last.unwrap(), Err(TransportError::new(kind))));
    }

    pub(super) fn cancel(&mut self) {
        self.machine.handle(self.now, Input::Cancel);
    }

    pub(super) fn event(&mut self) -> M::Event {
        match self.poll() {
            Output::Event(event) => event,
            other => panic!("expected an event, got {other:?}"),
        }
    }

    /// Expects a wait of this kind, lets it pass, and says how long it was.
    pub(super) fn expect_wait(&mut self, reason: WaitReason) -> Duration {
        match self.poll() {
            Output::Wait(pause) => {
                assert_eq!(pause.reason, reason);
                let wait = pause.until.since(self.now.mono);
                self.pass(wait);
                wait
            }
            other => panic!("expected a wait for {reason:?}, got {other:?}"),
        }
    }

    pub(super) fn expect_finished(&mut self) {
        for _ in 0..2 {
            assert!(matches!(self.poll(), Output::Finished));
        }
    }
}
