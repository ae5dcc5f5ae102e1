//! Firefox speaks a protocol of its own, Marionette: JSON over TCP, with the commands of `WebDriver`. Belongs here: `WebDriver` over HTTP as
//! Marionette, for the commands that the tests use, so that all engines are driven alike.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::programs::Failure;

/// How long Firefox may take to start.
const START: Duration = Duration::from_secs(60);

/// Answers `WebDriver` for a Firefox, until it is dropped.
#[derive(Debug)]
pub(super) struct Marionette {
    port: u16,
    serving: JoinHandle<()>,
}

impl Drop for Marionette {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Marionette {
    /// Connects to a Firefox that listens on this port, or will soon.
    pub(super) async fn translate(firefox: u16) -> Result<Self, Failure> {
        let connecting = async {
            loop {
                if let Ok(connection) = Connection::open(firefox).await {
                    return connection;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let connection = tokio::time::timeout(START, connecting);
        let connection = connection.await.map_err(|_| "Firefox did not start".to_owned())?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let routes = Router::new().fallback(answer).with_state(Arc::new(Mutex::new(connection)));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { port, serving })
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    last_id: u64,
}

impl Connection {
    async fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut connection = Self { stream, last_id: 0 };
        // It says what it is first.
        connection.read().await?;
        Ok(connection)
    }

    /// A message is its length in decimals, a colon, and JSON.
    async fn read(&mut self) -> std::io::Result<Value> {
        let mut length = 0_usize;
        loop {
            match self.stream.read_u8().await? {
                b':' => break,
                digit @ b'0'..=b'9' => {
                    length = length.saturating_mul(10).saturating_add((digit - b'0').into())
                }
                _ => return Err(std::io::ErrorKind::InvalidData.into()),
            }
        }
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).await?;
        Ok(serde_json::from_slice(&message)?)
    }

    /// The result of the command, or the error as `WebDriver` has it.
    async fn command(&mut self, name: &str, parameters: &Value) -> std::io::Result<Result<Value, Value>> {
        self.last_id += 1;
        let message = json!([0, self.last_id, name, parameters]).to_string();
        self.stream.write_all(format!("{}:{message}", message.len()).as_bytes()).await?;
        loop {
            let answer = self.read().await?;
            if answer.get(1) != Some(&json!(self.last_id)) {
                continue;
            }
            let part = |at: usize| answer.get(at).cloned().unwrap_or_default();
            return Ok(if part(2).is_null() { Ok(part(3)) } else { Err(part(2)) });
        }
    }
}

/// The command of a request, with what it takes. `None`: it is none of those that the tests use.
fn command(method: &Method, path: &str, body: Value) -> Option<(&'static str, Value)> {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let is_post = *method == Method::POST;
    Some(match (is_post, parts.as_slice()) {
        (true, ["session"]) => ("WebDriver:NewSession", json!({"unhandledPromptBehavior": "ignore"})),
        (false, ["session", _]) => ("WebDriver:DeleteSession", json!({})),
        (true, ["session", _, "url"]) => ("WebDriver:Navigate", body),
        (false, ["session", _, "url"]) => ("WebDriver:GetCurrentURL", json!({})),
        (false, ["session", _, "title"]) => ("WebDriver:GetTitle", json!({})),
        (true, ["session", _, "back"]) => ("WebDriver:Back", json!({})),
        (true, ["session", _, "element"]) => ("WebDriver:FindElement", body),
        (true, ["session", _, "elements"]) => ("WebDriver:FindElements", body),
        (true, ["session", _, "element", id, "click"]) => ("WebDriver:ElementClick", json!({"id": id})),
        (true, ["session", _, "element", id, "clear"]) => ("WebDriver:ElementClear", json!({"id": id})),
        (true, ["session", _, "element", id, "value"]) => {
            ("WebDriver:ElementSendKeys", json!({"id": id, "text": body.get("text")}))
        }
        (false, ["session", _, "element", id, "text"]) => ("WebDriver:GetElementText", json!({"id": id})),
        (false, ["session", _, "element", id, "displayed"]) => {
            ("WebDriver:IsElementDisplayed", json!({"id": id}))
        }
        (false, ["session", _, "element", id, "attribute", name]) => {
            ("WebDriver:GetElementAttribute", json!({"id": id, "name": name}))
        }
        (true, ["session", _, "execute", "sync"]) => ("WebDriver:ExecuteScript", body),
        (true, ["session", _, "execute", "async"]) => ("WebDriver:ExecuteAsyncScript", body),
        (true, ["session", _, "webauthn", "authenticator"]) => ("WebAuthn:AddVirtualAuthenticator", body),
        (true, ["session", _, "webauthn", "authenticator", id, "uv"]) => {
            let is_verified = body.get("isUserVerified").cloned();
            ("WebAuthn:SetUserVerified", json!({"authenticatorId": id, "isUserVerified": is_verified}))
        }
        (true, ["session", _, "actions"]) => ("WebDriver:PerformActions", body),
        (false, ["session", _, "cookie"]) => ("WebDriver:GetCookies", json!({})),
        (true, ["session", _, "cookie"]) => ("WebDriver:AddCookie", body),
        (false, ["session", _, "window"]) if *method == Method::DELETE => {
            ("WebDriver:CloseWindow", json!({}))
        }
        (false, ["session", _, "window"]) => ("WebDriver:GetWindowHandle", json!({})),
        (false, ["session", _, "window", "handles"]) => ("WebDriver:GetWindowHandles", json!({})),
        (true, ["session", _, "window"]) => ("WebDriver:SwitchToWindow", body),
        (true, ["session", _, "window", "new"]) => ("WebDriver:NewWindow", body),
        (true, ["session", _, "window", "rect"]) => ("WebDriver:SetWindowRect", body),
        (false, ["session", _, "screenshot"]) => ("WebDriver:TakeScreenshot", json!({"full": false})),
        _ => return None,
    })
}

async fn answer(
    State(connection): State<Arc<Mutex<Connection>>>,
    method: Method,
    uri: Uri,
    body: String,
) -> Response {
    let value = |status: StatusCode, value: Value| {
        let json = [(CONTENT_TYPE, "application/json; charset=utf-8")];
        (status, json, json!({"value": value}).to_string()).into_response()
    };
    let body = serde_json::from_str(&body).unwrap_or_default();
    let Some((name, mut parameters)) = command(&method, uri.path(), body) else {
        let unknown = json!({"error": "unknown command", "message": uri.path(), "stacktrace": ""});
        return value(StatusCode::NOT_FOUND, unknown);
    };
    if name.ends_with("Script") {
        // In the page's own realm, and not in a sandbox that sees it from outside.
        if let Some(parameters) = parameters.as_object_mut() {
            parameters.insert("sandbox".to_owned(), Value::Null);
            parameters.insert("newSandbox".to_owned(), json!(false));
        }
    }
    match connection.lock().await.command(name, &parameters).await {
        Ok(Ok(mut result)) => {
            if name != "WebDriver:NewSession"
                && let Some(inner) = result.get_mut("value")
            {
                result = inner.take();
            }
            value(StatusCode::OK, result)
        }
        Ok(Err(failure)) => {
            let is = |known: &str| failure.get("error").and_then(Value::as_str) == Some(known);
            let status = if is("no such element") || is("stale element reference") {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::INTERNAL_SERVER_ERROR
            };
            value(status, failure)
        }
        Err(broken) => {
            let broken = json!({"error": "unknown error", "message": broken.to_string(), "stacktrace": ""});
            value(StatusCode::INTERNAL_SERVER_ERROR, broken)
        }
    }
}
