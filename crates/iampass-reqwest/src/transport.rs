//! The transport itself.

use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, StreamedResponse, TransportError, TransportErrorKind,
};
use reqwest::redirect;
use url::Url;

use crate::body::{read_body, stream_body};
use crate::destination::{destination, is_this_machine};
use crate::error::TransportSetupError;

/// How long making a connection may take, TLS included, with the default client.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request may take, from the first byte out to the last byte in.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an answer may go on whose body comes piece by piece. A limit of the caller's client is meant for whole answers and does not
/// hold for these.
const LONGEST_STREAM: Duration = Duration::from_secs(24 * 3600);

/// Sends requests with a [`reqwest::Client`]. Needs a tokio runtime. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// For this machine, if another one is to be used there.
    loopback: Option<reqwest::Client>,
    total_timeout: Duration,
}

impl ReqwestTransport {
    /// A transport over a client of its own: TLS by rustls with the system's certificates, no redirects, no retries, no cookies, no
    /// decompression, connections that are used again, HTTP/2 where the server offers it. A connection is given up after
    /// 5 s, a request after 15 s.
    ///
    /// Proxies that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`) are used, except to this machine.
    ///
    /// # Errors
    /// [`TransportSetupError`] when TLS or a proxy cannot be set up.
    pub fn new() -> Result<Self, TransportSetupError> {
        let client = || {
            reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .redirect(redirect::Policy::none())
                .referer(false)
                // By default, requests that a server provably did not process are sent again. The nonce may have been seen
                // by then, and when to try again is for the machines to decide.
                .retry(reqwest::retry::never())
        };
        Ok(Self {
            client: client().build().map_err(TransportSetupError::new)?,
            loopback: Some(client().no_proxy().build().map_err(TransportSetupError::new)?),
            total_timeout: TOTAL_TIMEOUT,
        })
    }

    /// A transport over a client of the caller's, for other certificates, proxies or limits. A request is given up after 15 s
    /// at the latest, whatever the client's own limits are.
    ///
    /// The client must be built with `redirect(reqwest::redirect::Policy::none())` and should be with
    /// `retry(reqwest::retry::never())`. An answer to a redirect that it followed is refused, but by then the signature has been shown
    /// to another address.
    #[must_use]
    pub fn with_client(client: reqwest::Client) -> Self {
        Self { client, loopback: None, total_timeout: TOTAL_TIMEOUT }
    }

    /// The same with another limit for a whole request, body included.
    #[must_use]
    pub fn with_total_timeout(mut self, limit: Duration) -> Self {
        self.total_timeout = limit;
        self
    }

    fn client_for(&self, url: &Url) -> &reqwest::Client {
        self.loopback.as_ref().filter(|_| is_this_machine(url)).unwrap_or(&self.client)
    }

    /// Sends a request once and brings the head of its answer. `lasts`: how long the whole answer may take by the client's clock.
    async fn exchange(
        &self,
        request: HttpRequest,
        lasts: Option<Duration>,
    ) -> Result<reqwest::Response, TransportError> {
        let url = destination(request.uri())?;
        let (parts, body) = request.into_parts();
        let mut outgoing = reqwest::Request::new(parts.method, url.clone());
        *outgoing.headers_mut() = parts.headers;
        *outgoing.body_mut() = Some(body.into());
        if lasts.is_some() {
            *outgoing.timeout_mut() = lasts;
        }
        let answer = self.client_for(&url).execute(outgoing).await.map_err(failed)?;
        if *answer.url() != url {
            return Err(TransportError::new(TransportErrorKind::Other).with_source(
                "the HTTP client followed a redirect; build it with `redirect(Policy::none())`",
            ));
        }
        Ok(answer)
    }

    async fn in_time<T>(
        &self,
        exchange: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        tokio::time::timeout(self.total_timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(TransportError::new(TransportErrorKind::Timeout)))
    }
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.in_time(async {
            let mut answer = self.exchange(request, None).await?;
            let body = read_body(&mut answer).await?;
            Ok(with_head(&mut answer, body))
        })
        .await
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        let mut answer = self.in_time(self.exchange(request, Some(LONGEST_STREAM))).await?;
        let (head, ()) = with_head(&mut answer, ()).into_parts();
        Ok(StreamedResponse::from_parts(head, stream_body(answer)))
    }
}

/// An answer with the head of another.
fn with_head<B>(answer: &mut reqwest::Response, body: B) -> http::Response<B> {
    let mut whole = http::Response::new(body);
    *whole.status_mut() = answer.status();
    *whole.version_mut() = answer.version();
    *whole.headers_mut() = std::mem::take(answer.headers_mut());
    whole
}

/// An error of reqwest as one of ours. It keeps no URL: that of a session names the session.
pub(crate) fn failed(error: reqwest::Error) -> TransportError {
    // A connection that was not made in time is both; nothing was sent, and that is what matters more.
    let kind = if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Other
    };
    TransportError::new(kind).with_source(error.without_url())
}
