//! [`BelowPrefix`]: how the Console asks the service, without a socket.

use std::sync::Arc;

use async_trait::async_trait;
use http::Uri;
use http::uri::PathAndQuery;
use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind};

/// Hands requests to the service as they arrive behind a proxy. They are signed, checked and counted like any other; so it does not matter under
/// which address, through which proxy or by TLS the service is reached from outside.
pub(super) struct BelowPrefix {
    service: Arc<dyn HttpTransport>,
    /// The path below which a proxy shows the service. It is part of what is signed and does not come through.
    prefix: String,
}

impl BelowPrefix {
    pub(super) fn new(service: Arc<dyn HttpTransport>, prefix: String) -> Self {
        Self { service, prefix }
    }

    /// The URL as it arrives behind the proxy.
    fn arriving(&self, uri: Uri) -> Option<Uri> {
        let mut parts = uri.into_parts();
        let target = parts.path_and_query.take()?;
        let target = target.as_str().strip_prefix(&self.prefix)?;
        parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
        Uri::from_parts(parts).ok()
    }
}

#[async_trait]
impl HttpTransport for BelowPrefix {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let arriving = self.arriving(std::mem::take(request.uri_mut()));
        *request.uri_mut() = arriving.ok_or(TransportError::new(TransportErrorKind::UrlRewritten))?;
        self.service.send(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that answers nothing.
    struct Nowhere;

    #[async_trait]
    impl HttpTransport for Nowhere {
        async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
            Err(TransportError::new(TransportErrorKind::Connect))
        }
    }

    #[tokio::test]
    async fn the_prefix_of_a_proxy_does_not_come_through() {
        let transport = BelowPrefix::new(Arc::new(Nowhere), "/iampass".to_owned());
        let arriving =
            |url: &'static str| transport.arriving(Uri::from_static(url)).map(|uri| uri.to_string());
        assert_eq!(
            arriving("https://login.example/iampass/management/a%2Fb?x=%20").as_deref(),
            Some("https://login.example/management/a%2Fb?x=%20")
        );
        assert_eq!(arriving("https://login.example/other/a"), None);
        let request = http::Request::get("https://login.example/other/a").body(Vec::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::UrlRewritten, "the service is not asked");
    }
}
