//! Requests to one node or another, signed as for the address that all of them are known by.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use iampass_core::Secret;
use iampass_core::client::System;
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::{BodyDigest, Signer};
use iampass_system_tests::{Account, Nodes};
use iampass_test_databases::{Database, postgres};
use serde_json::{Value, json};

pub(crate) const NODES: usize = 3;

/// An id and the secret that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl Pair {
    pub(crate) fn new(id: &Value, secret: &Value) -> Self {
        Self { id: text(id), secret: Secret::new(text(secret)) }
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A request that has been signed and can be sent to any node, as often as one likes.
pub(crate) struct Signed(String);

pub(crate) struct Three {
    pub(crate) nodes: Nodes,
    pub(crate) database: Database,
}

impl Three {
    /// `None` when there is no PostgreSQL here, which has been said.
    pub(crate) fn start(answer_timeout: u64) -> Option<Self> {
        Self::start_with(answer_timeout, &[])
    }

    /// With more arguments for each node.
    pub(crate) fn start_with(answer_timeout: u64, more: &[&str]) -> Option<Self> {
        let database = postgres()?.database();
        let nodes = Nodes::start_with(NODES, database.url(), answer_timeout, more).unwrap();
        Some(Self { nodes, database })
    }

    pub(crate) fn account(&self) -> &Account {
        self.nodes.account()
    }

    pub(crate) fn application(&self) -> Pair {
        let account = self.account();
        Pair { id: account.application_id.clone(), secret: Secret::new(account.application_secret.as_str()) }
    }

    /// Under the round-robin's address; `{app}` stands for the application's id.
    pub(crate) fn url(&self, path: &str) -> String {
        let account = self.account();
        format!("{}{}", account.server, path.replace("{app}", &account.application_id))
    }

    pub(crate) fn to(&self, node: usize, signed: &Signed) -> (u16, Value) {
        signed.to(self.nodes.address(node).unwrap())
    }

    /// A good call of the application at this node.
    pub(crate) fn call(&self, node: usize, method: &str, path: &str, body: &str) -> Value {
        let (status, json) = self.to(node, &sign(&self.application(), method, &self.url(path), body));
        assert!(matches!(status, 200..=202), "{method} {path}: {status} {json}");
        json
    }

    /// A user with a phone, made on one node after another.
    pub(crate) fn user_with_phone(&self, user: &str) -> Phone {
        self.user_with_phone_at(user, [0, 1, 2])
    }

    /// The same on these nodes.
    pub(crate) fn user_with_phone_at(&self, user: &str, [add, link, register]: [usize; 3]) -> Phone {
        self.call(add, "POST", "/management/add_users/{app}", &json!({"users": [user]}).to_string());
        let path = format!("/management/device_registration_link/{{app}}/{user}");
        let link = self.call(link, "GET", &path, "");
        let body = json!({"notification_token": "*test", "platform": "web"}).to_string();
        let (status, record) = self.to(register, &unsigned("POST", &text(&link["register_url"]), &body));
        assert_eq!(status, 200, "{record}");
        let pair = Pair::new(&record["device"]["device_id"], &record["device"]["device_secret"]);
        Phone { pair, urls: record["service"]["service_urls"].clone() }
    }

    pub(crate) fn start_login(&self, node: usize, user: &str) -> Session {
        let path = format!("/authentication/authenticate_user/{{app}}/{user}");
        let status = self.call(node, "POST", &path, "{}")["authentication_status"].clone();
        Session {
            pair: Pair::new(&status["session_token"], &status["session_secret"]),
            status_url: text(&status["status_url"]),
            logout_url: text(&status["logout_url"]),
        }
    }

    /// The one question that the phone is asked.
    pub(crate) fn question(&self, node: usize, phone: &Phone) -> Question {
        let (status, json) =
            self.to(node, &sign(&phone.pair, "GET", &text(&phone.urls["pending_requests"]), ""));
        assert_eq!(status, 200, "{json}");
        Question::one_of(&json)
    }

    /// The word for the state of a session, as this node says it.
    pub(crate) fn status(&self, node: usize, session: &Session) -> String {
        let (status, json) = self.to(node, &sign(&session.pair, "GET", &session.status_url, ""));
        assert_eq!(status, 200, "{json}");
        text(&json["session_status"])
    }
}

pub(crate) struct Phone {
    pub(crate) pair: Pair,
    pub(crate) urls: Value,
}

pub(crate) struct Session {
    pub(crate) pair: Pair,
    pub(crate) status_url: String,
    pub(crate) logout_url: String,
}

pub(crate) struct Question {
    pub(crate) pair: Pair,
    pub(crate) start_url: String,
    pub(crate) answer_url: String,
}

impl Question {
    pub(crate) fn one_of(pending: &Value) -> Self {
        let [question] = &pending["requests"].as_array().unwrap()[..] else { panic!("not one: {pending}") };
        let identify = &question["identify"];
        Self {
            pair: Pair::new(&question["auth_request_id"], &identify["identification_data_secret"]),
            start_url: text(&identify["identification_start_url"]),
            answer_url: text(&identify["identification_url"]),
        }
    }
}

pub(crate) fn sign(pair: &Pair, method: &str, url: &str, body: &str) -> Signed {
    // The body that a phone posts is covered by its signature.
    let of_phone = url.contains("/device/") || url.contains("/identification/");
    let url = match method {
        "POST" if of_phone => BodyDigest::of(body.as_bytes()).appended_to(url),
        _ => url.to_owned(),
    };
    let system = System::new();
    let signer = Signer { id: &pair.id, secret: &pair.secret };
    let signed = signer.sign(&url, system.draw().unwrap().nonce(), system.now().wall);
    let lines: String = signed.lines().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    Signed(request(method, &url, &lines, body))
}

pub(crate) fn unsigned(method: &str, url: &str, body: &str) -> Signed {
    Signed(request(method, url, "", body))
}

fn request(method: &str, url: &str, lines: &str, body: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let length = body.len();
    format!(
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
    )
}

impl Signed {
    /// As it goes over the wire.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    pub(crate) fn to(&self, address: SocketAddr) -> (u16, Value) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(self.0.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }
}
