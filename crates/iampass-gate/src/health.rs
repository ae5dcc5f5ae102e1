//! The state of the gate, for those who watch it. Belongs here: finding it out, telling it, and asking a running gate for it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::users::GateUsers;

/// The path at which it is told, to this machine alone.
pub const PATH: &str = "/iampass-gate/health";

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_ANSWER: usize = 64 * 1024;

/// The state of a gate.
#[derive(Debug, Clone)]
pub struct Health {
    users: GateUsers,
}

impl Health {
    /// Of a gate with these users.
    #[must_use]
    pub fn new(users: GateUsers) -> Self {
        Self { users }
    }

    /// The troubles, each as a sentence.
    pub async fn troubles(&self) -> Vec<String> {
        let mut troubles: Vec<String> = self.users.source().trouble().await.into_iter().collect();
        // A number that is nobody's: only whether it can be asked for counts.
        match tokio::time::timeout(PATIENCE, self.users.numbers().login(0)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => troubles.push(format!("the gate's own database cannot be asked: {error}")),
            Err(_) => troubles.push("the gate's own database does not answer".to_owned()),
        }
        troubles
    }

    pub(crate) async fn tell(&self) -> Response {
        let troubles = self.troubles().await;
        let (status, text) = if troubles.is_empty() {
            (StatusCode::OK, "ready\n".to_owned())
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", troubles.join("\n")))
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Asks the gate at this address for its state.
///
/// # Errors
/// A sentence: what is wrong, or that it does not answer.
pub async fn ask(gate: SocketAddr) -> Result<(), String> {
    let asked = tokio::time::timeout(PATIENCE * 2, ask_it(gate)).await;
    let answer = asked.map_err(|_| "it does not answer in time".to_owned()).flatten();
    let (status, text) = answer.map_err(|error| format!("the gate at {gate} is not there: {error}"))?;
    if status == StatusCode::OK { Ok(()) } else { Err(text.trim().to_owned()) }
}

async fn ask_it(address: SocketAddr) -> Result<(StatusCode, String), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let stream = TcpStream::connect(address).await.map_err(|error| text(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
    tokio::spawn(connection);
    let request = Request::get(PATH).header(HOST, address.to_string()).body(Empty::<Bytes>::new());
    let response =
        sender.send_request(request.map_err(|error| text(&error))?).await.map_err(|error| text(&error))?;
    let status = response.status();
    let body =
        Limited::new(response.into_body(), LONGEST_ANSWER).collect().await.map_err(|error| text(&error))?;
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}
