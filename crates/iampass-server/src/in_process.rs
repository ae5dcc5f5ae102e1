//! [`InProcess`]: how the Console asks the service, without a socket.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::Request;
use http_body_util::{BodyExt as _, Limited};
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, MAX_ANSWER_BYTES, TransportError, TransportErrorKind,
};

use crate::api::{self, AtOnce};
use crate::app::App;
use crate::envelope::in_time;

/// Hands requests to the service of the same process.
pub(crate) struct InProcess(Weak<App>);

impl InProcess {
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self(Arc::downgrade(app))
    }
}

#[async_trait]
impl HttpTransport for InProcess {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let failed = |kind| TransportError::new(kind);
        // The service is being closed.
        let app = self.0.upgrade().ok_or(failed(TransportErrorKind::Connect))?;
        let answer = answer(&app, request.map(Body::from)).await;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| failed(TransportErrorKind::Other).with_source(error))?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().into()))
    }
}

/// Answers a request of the Console, which asks as any application.
async fn answer(app: &Arc<App>, request: Request<Body>) -> Response {
    match api::answer_at_once(app, &request, None) {
        Some(AtOnce::Answer(response)) => response,
        Some(AtOnce::Later(look)) => in_time(app, api::look_further(app, look)).await,
        None => in_time(app, api::call(State(Arc::clone(app)), request)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_that_is_gone_is_not_asked() {
        let request = http::Request::get("http://127.0.0.1/x").body(Vec::new()).unwrap();
        let error = InProcess(Weak::new()).send(request).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
    }
}
