//! The costs of the service itself: logins, many users, many sessions. Belongs here: a service to measure, with an application whose limits
//! are off. Does not belong here: what is measured.

mod device_key;
pub(crate) mod keyed;
mod line;
pub(crate) mod logins;
pub(crate) mod memory;
pub(crate) mod million;
pub(crate) mod open;
pub(crate) mod presence;
mod program;
pub(crate) mod programs;
pub(crate) mod pushes;
pub(crate) mod strangers;

use serde_json::{Value, json};

use crate::Failure;
use device_key::DeviceKey;
use line::{Line, Pair, text};

/// A service under way, and the application that calls it.
#[derive(Clone, Debug)]
struct Shop {
    /// Where URLs lead.
    address: String,
    /// Where calls go, in turn: one address, or one of each node.
    nodes: Vec<String>,
    pair: Pair,
}

/// A user's phone.
#[derive(Clone, Debug)]
struct Phone {
    user: String,
    pair: Pair,
    pending: String,
    configuration: String,
    /// None: its answers are signed with the secret that it shares with the service.
    key: Option<DeviceKey>,
}

impl Shop {
    fn at(address: String, pair: Pair) -> Self {
        Self { nodes: vec![address.clone()], address, pair }
    }

    fn url(&self, call: &str, user: Option<&str>) -> String {
        let (address, id) = (&self.address, &self.pair.id);
        let user = user.map(|user| format!("/{user}")).unwrap_or_default();
        format!("http://{address}/{call}/{id}{user}")
    }

    async fn line(&self) -> Result<Line, Failure> {
        Line::over(&self.nodes).await
    }

    async fn add_users(&self, line: &mut Line, users: &[String]) -> Result<(), Failure> {
        let body = json!({"users": users}).to_string();
        line.call("POST", &self.url("management/add_users", None), Some(&self.pair), &body).await.map(drop)
    }

    async fn register(&self, line: &mut Line, user: &str) -> Result<Phone, Failure> {
        self.register_with(line, user, None).await
    }

    /// Registers a phone that has a key of its own, or none.
    async fn register_with(
        &self,
        line: &mut Line,
        user: &str,
        key: Option<DeviceKey>,
    ) -> Result<Phone, Failure> {
        let url = self.url("management/device_registration_link", Some(user));
        let link = line.call("GET", &url, Some(&self.pair), "").await?;
        let body = match &key {
            Some(key) => json!({"notification_token": "*bench", "platform": "web", "key": key.jwk()}),
            None => json!({"notification_token": "*bench", "platform": "web"}),
        };
        let record = line.call("POST", &text(&link, "/register_url")?, None, &body.to_string()).await?;
        Ok(Phone {
            user: user.to_owned(),
            pair: Pair::read(&record, "/device/device_id", "/device/device_secret")?,
            pending: text(&record, "/service/service_urls/pending_requests")?,
            configuration: text(&record, "/service/service_urls/device_configuration")?,
            key,
        })
    }

    async fn has_device(&self, line: &mut Line, user: &str) -> Result<Value, Failure> {
        let url = self.url("management/has_registered_mobile_device", Some(user));
        line.call("GET", &url, Some(&self.pair), "").await
    }

    async fn start(&self, line: &mut Line, user: &str) -> Result<Value, Failure> {
        let url = self.url("authentication/authenticate_user", Some(user));
        line.call("POST", &url, Some(&self.pair), "{}").await
    }

    /// A whole login in four calls: it is started, the phone fetches the question and answers it, and the application sees that it is active.
    async fn log_in(&self, line: &mut Line, phone: &Phone) -> Result<Session, Failure> {
        let started = self.start(line, &phone.user).await?;
        let session = Session::read(&started)?;
        let pending = line.call("GET", &phone.pending, Some(&phone.pair), "").await?;
        self.accept(line, phone, &pending, &json!({"accepted": true})).await?;
        let status = session.status(line).await?;
        if status == "active" { Ok(session) } else { Err(format!("a login ended as {status}").into()) }
    }

    /// The phone answers the first of these questions.
    async fn accept(
        &self,
        line: &mut Line,
        phone: &Phone,
        pending: &Value,
        answer: &Value,
    ) -> Result<(), Failure> {
        let of = |name: &str| text(pending, &format!("/requests/0/identify/{name}"));
        let question = Pair::read(
            pending,
            "/requests/0/auth_request_id",
            "/requests/0/identify/identification_data_secret",
        )?;
        let answer = match &phone.key {
            Some(key) => key.answer(&self.pair.id, phone, &question.id, answer)?,
            None => answer.to_string(),
        };
        line.call("POST", &of("identification_url")?, Some(&question), &answer).await.map(drop)
    }
}

#[derive(Clone, Debug)]
struct Session {
    pair: Pair,
    status_url: String,
    logout_url: String,
}

impl Session {
    fn read(started: &Value) -> Result<Self, Failure> {
        let of = |name: &str| format!("/authentication_status/{name}");
        Ok(Self {
            pair: Pair::read(started, &of("session_token"), &of("session_secret"))?,
            status_url: text(started, &of("status_url"))?,
            logout_url: text(started, &of("logout_url"))?,
        })
    }

    async fn status(&self, line: &mut Line) -> Result<String, Failure> {
        text(&line.call("GET", &self.status_url, Some(&self.pair), "").await?, "/session_status")
    }

    /// The same at the address where the service is now.
    fn at(&self, address: &str) -> Self {
        let moved = |url: &str| {
            let path = url.splitn(4, '/').nth(3).unwrap_or_default();
            format!("http://{address}/{path}")
        };
        Self {
            pair: self.pair.clone(),
            status_url: moved(&self.status_url),
            logout_url: moved(&self.logout_url),
        }
    }

    async fn log_out(&self, line: &mut Line) -> Result<(), Failure> {
        line.call("POST", &self.logout_url, Some(&self.pair), "").await.map(drop)
    }
}
