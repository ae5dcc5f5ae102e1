//! [`HttpClient`]: requests to push services, with bounds on all that comes back.

mod resolver;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{Request, StatusCode};
use iampass_core::UnixSeconds;
use iampass_server_domain::push::{PushError, PushErrorKind};
use iampass_server_domain::retry_after;
use reqwest::redirect;
use resolver::{CheckedResolver, NotAllowed};
use url::{Host, Url};

use crate::endpoint::Reach;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an attempt may take, from the first byte out to the last byte in.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// The part of an answer that is read. Reasons have less than a kibibyte, a token of Google's about one.
const LONGEST_ANSWER: usize = 8 * 1_024;
/// Connections to one server that are kept while nothing is sent.
const IDLE_CONNECTIONS: usize = 4;

/// A client for push services: TLS by rustls with the system's certificates, HTTP/2 where the server offers it, no redirects, ten seconds for an
/// attempt, and not more than 8 KiB of an answer.
#[derive(Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    /// How far a request may lead whose URL names an address. One with a name is up to the resolver.
    reach: Reach,
}

/// A client cannot be made: the machine's certificates or proxy settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "no connection to a push service can be set up: check the system's certificates and the proxy settings in the environment"
)]
pub struct HttpSetupError(#[source] reqwest::Error);

/// The parts of an answer that matter.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    /// Its first 8 KiB.
    pub(crate) body: Vec<u8>,
}

impl HttpClient {
    /// For the URLs of strangers. A name is looked up here, its addresses are checked, and the connection goes to one of those that were.
    /// Proxies of the environment are not used: they would look the name up themselves.
    ///
    /// # Errors
    /// [`HttpSetupError`] when TLS cannot be set up.
    pub fn to_strangers(reach: Reach) -> Result<Self, HttpSetupError> {
        let builder = builder()
            .no_proxy()
            .https_only(reach == Reach::Public)
            .dns_resolver(Arc::new(CheckedResolver::new(reach)));
        Ok(Self { client: builder.build().map_err(HttpSetupError)?, reach })
    }

    /// For the servers that the settings name, through the proxies of the environment. `authorities`: PEM certificates that are trusted
    /// besides those of the system.
    ///
    /// # Errors
    /// [`HttpSetupError`] when TLS or a proxy cannot be set up, or `authorities` are none.
    pub fn to_known_servers(authorities: Option<&[u8]>) -> Result<Self, HttpSetupError> {
        let mut builder = builder();
        if let Some(pem) = authorities {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(HttpSetupError)?;
            builder = builder.tls_certs_merge(certificates);
        }
        Ok(Self { client: builder.build().map_err(HttpSetupError)?, reach: Reach::Everywhere })
    }

    /// Sends a request once.
    pub(crate) async fn send(
        &self,
        request: Request<Vec<u8>>,
        now: UnixSeconds,
    ) -> Result<Answer, PushError> {
        let whole = async {
            let request: reqwest::Request = request.try_into().map_err(|_| PushErrorKind::NotSendable)?;
            if !may_be_called(request.url(), self.reach) {
                return Err(PushErrorKind::AddressNotAllowed);
            }
            let mut answer = self.client.execute(request).await.map_err(|error| kind_of(&error))?;
            let value = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = value.and_then(|value| retry_after(value, now));
            let mut body = Vec::new();
            // A body that breaks off is not needed: the status says enough.
            while let Ok(Some(piece)) = answer.chunk().await {
                let free = LONGEST_ANSWER.saturating_sub(body.len());
                body.extend_from_slice(piece.get(..free).unwrap_or(&piece));
                if piece.len() >= free {
                    break;
                }
            }
            Ok(Answer { status: answer.status(), retry_after, body })
        };
        tokio::time::timeout(TOTAL_TIMEOUT, whole)
            .await
            .unwrap_or(Err(PushErrorKind::Timeout))
            .map_err(PushError::new)
    }
}

fn builder() -> reqwest::ClientBuilder {
    let agent = HeaderValue::from_static(concat!("iampass-server/", env!("CARGO_PKG_VERSION")));
    reqwest::Client::builder()
        .default_headers([(USER_AGENT, agent)].into_iter().collect())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .redirect(redirect::Policy::none())
        .referer(false)
        // When to try again is for the queue to decide.
        .retry(reqwest::retry::never())
}

/// An address in a URL is looked up nowhere, so no resolver sees it.
fn may_be_called(url: &Url, reach: Reach) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => reach.allows(address.into()),
        Some(Host::Ipv6(address)) => reach.allows(address.into()),
        Some(Host::Domain(_)) => true,
        None => false,
    }
}

fn kind_of(error: &reqwest::Error) -> PushErrorKind {
    let mut cause = error.source();
    while let Some(one) = cause {
        if one.is::<NotAllowed>() {
            return PushErrorKind::AddressNotAllowed;
        }
        cause = one.source();
    }
    if error.is_builder() {
        PushErrorKind::NotSendable
    } else if error.is_timeout() && !error.is_connect() {
        PushErrorKind::Timeout
    } else {
        PushErrorKind::Unreachable
    }
}

impl Answer {
    /// The error of an answer whose status says it all.
    pub(crate) fn error(&self, kind: PushErrorKind) -> PushError {
        PushError::new(kind).with_retry_after(self.retry_after)
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}
