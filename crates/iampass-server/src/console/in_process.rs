//! [`InProcess`]: how the Console asks the service, without a socket.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use axum::body::Body;
use http::uri::PathAndQuery;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Limited};
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, MAX_ANSWER_BYTES, TransportError, TransportErrorKind,
};

use crate::envelope;
use crate::service::App;

/// Hands requests to the service of the same process. They are signed, checked and counted like any other; so it does not matter under
/// which address, through which proxy or by TLS the service is reached from outside.
pub(super) struct InProcess {
    app: Weak<App>,
    /// The path below which a proxy shows the service. It is part of what is signed and does not come through.
    prefix: String,
}

impl InProcess {
    pub(super) fn new(app: &Arc<App>, prefix: String) -> Self {
        Self { app: Arc::downgrade(app), prefix }
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
impl HttpTransport for InProcess {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let failed = |kind| TransportError::new(kind);
        // The service is being closed.
        let app = self.app.upgrade().ok_or(failed(TransportErrorKind::Connect))?;
        let (mut parts, body) = request.into_parts();
        parts.uri = self.arriving(parts.uri).ok_or(failed(TransportErrorKind::UrlRewritten))?;
        let answer = envelope::answer_within(&app, Request::from_parts(parts, Body::from(body))).await;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| failed(TransportErrorKind::Other).with_source(error))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_of_a_proxy_does_not_come_through() {
        let transport = InProcess { app: Weak::new(), prefix: "/iampass".to_owned() };
        let arriving =
            |url: &'static str| transport.arriving(Uri::from_static(url)).map(|uri| uri.to_string());
        assert_eq!(
            arriving("https://login.example/iampass/management/a%2Fb?x=%20").as_deref(),
            Some("https://login.example/management/a%2Fb?x=%20")
        );
        assert_eq!(arriving("https://login.example/other/a"), None);
    }

    #[tokio::test]
    async fn a_service_that_is_gone_is_not_asked() {
        let transport = InProcess { app: Weak::new(), prefix: String::new() };
        let request = http::Request::get("http://127.0.0.1/x").body(Vec::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
    }
}
