//! Answering a call in bounded time, whether it came by a connection or from within the process.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{Request, StatusCode};
use iampass_core::wire::Reason;

use crate::api::{self, AtOnce};
use crate::app::App;
use crate::problem::Refused;

/// On top of the longest wait of a phone, what reading a body and a busy store may take.
const SLACK: Duration = Duration::from_secs(20);

/// Answers a call from within the process: what the Console asks as an application.
pub(crate) async fn answer_within(app: &Arc<App>, request: Request<Body>) -> Response {
    match api::answer_at_once(app, &request, None) {
        Some(AtOnce::Answer(response)) => response,
        Some(AtOnce::Later(look)) => in_time(app, api::look_further(app, look)).await,
        None => in_time(app, api::call(State(Arc::clone(app)), request)).await,
    }
}

/// The answer, or that it took too long.
pub(crate) async fn in_time(app: &App, answer: impl Future<Output = Response>) -> Response {
    let longest = app.config.limits.longest_poll + app.config.limits.body_timeout + SLACK;
    match tokio::time::timeout(longest, answer).await {
        Ok(response) => response,
        // A change goes on all the same: the answer must not read as "not done".
        Err(_) => Refused::new(
            StatusCode::GATEWAY_TIMEOUT,
            Reason::Unavailable,
            "it took too long; it may be done yet",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Service, ServiceConfig};

    /// Thousands may wait for a store that does not answer.
    #[tokio::test]
    async fn a_call_that_waits_takes_little_room() {
        let service = Service::open(ServiceConfig::temporary()).await.unwrap();
        let request = Request::get("/management/has_registered_mobile_device/A/u").body(Body::empty());
        let call = api::call(State(Arc::clone(&service.app)), request.unwrap());
        let size = std::mem::size_of_val(&*call);
        // 2,128 bytes without optimisation.
        assert!(size <= 2_304, "{size} bytes");
    }
}
