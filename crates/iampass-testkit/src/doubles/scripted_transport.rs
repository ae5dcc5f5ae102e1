//! A transport that answers from a list.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind};

/// An [`HttpTransport`] without a network: it answers from a list, in order, and remembers what was sent. Clones share both.
///
/// When the list is empty it fails with [`TransportErrorKind::Connect`].
///
/// ```
/// use iampass_core::port::HttpTransport;
/// use iampass_testkit::ScriptedTransport;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = ScriptedTransport::new();
/// transport.answer(200, r#"{"status": true}"#);
/// let answer = transport.send(http::Request::get("https://login.example/a").body(vec![])?).await?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(transport.sent()[0].url, "https://login.example/a");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScriptedTransport {
    script: Arc<Mutex<Script>>,
}

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Result<HttpResponse, TransportErrorKind>>,
    sent: Vec<SentRequest>,
}

/// A request that was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SentRequest {
    /// With which method.
    pub method: http::Method,
    /// To where.
    pub url: String,
    /// With these headers.
    pub headers: http::HeaderMap,
    /// With this body.
    pub body: Vec<u8>,
}

impl ScriptedTransport {
    /// One without any answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer to the end of the list.
    pub fn answer(&self, status: u16, body: impl Into<Vec<u8>>) {
        let mut answer = HttpResponse::new(body.into());
        *answer.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::IM_A_TEAPOT);
        self.answer_with(answer);
    }

    /// Adds an answer with headers to the end of the list.
    pub fn answer_with(&self, answer: HttpResponse) {
        self.script().answers.push_back(Ok(answer));
    }

    /// Adds a failure to the end of the list.
    pub fn fail(&self, kind: TransportErrorKind) {
        self.script().answers.push_back(Err(kind));
    }

    /// The requests sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        self.script().sent.clone()
    }

    /// How many answers are left. A test that checks for zero at its end knows that all of its script was played.
    #[must_use]
    pub fn left(&self) -> usize {
        self.script().answers.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl HttpTransport for ScriptedTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (parts, body) = request.into_parts();
        let mut script = self.script();
        script.sent.push(SentRequest {
            method: parts.method,
            url: parts.uri.to_string(),
            headers: parts.headers,
            body,
        });
        let next = script.answers.pop_front();
        next.unwrap_or(Err(TransportErrorKind::Connect)).map_err(TransportError::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_script_is_played_in_order_and_then_nobody_is_there() {
        let transport = ScriptedTransport::new();
        transport.answer(404, "no");
        transport.fail(TransportErrorKind::Timeout);
        assert_eq!(transport.left(), 2);
        let send = || transport.send(http::Request::post("https://h/").body(b"x".to_vec()).unwrap());
        assert_eq!(send().await.unwrap().status(), 404);
        assert_eq!(send().await.unwrap_err().kind(), TransportErrorKind::Timeout);
        assert_eq!(send().await.unwrap_err().kind(), TransportErrorKind::Connect);
        let sent = transport.sent();
        assert_eq!((sent.len(), sent[0].body.as_slice(), transport.left()), (3, &b"x"[..], 0));
    }
}
