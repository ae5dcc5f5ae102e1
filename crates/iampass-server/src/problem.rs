//! Answers, above all those that say no: always JSON, always with a code for programs and a sentence for people.
//!
//! Belongs here: what goes into an answer. Does not belong here: when which is given.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use iampass_core::signing::Refusal;
use iampass_core::wire::{Problem, Reason};
use iampass_server_domain::credentials::NotDrawn;
use iampass_server_storage::StorageError;
use serde::Serialize;

use crate::security_headers;

/// A request that was not done.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    reason: Reason,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
    allow: Option<&'static str>,
    tries_left: Option<u64>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, reason, message: message.into(), retry_after: None, allow: None, tries_left: None }
    }

    /// 422: understood, but not good.
    pub(crate) fn unprocessable(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, reason, message)
    }

    /// The same with the number of codes that may still be wrong.
    pub(crate) fn tries_left(mut self, tries_left: u64) -> Self {
        self.tries_left = Some(tries_left);
        self
    }

    /// 404.
    pub(crate) fn not_found(reason: Reason, message: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason, message)
    }

    /// 405, with the method that would do.
    pub(crate) fn method_not_allowed(allow: &'static str) -> Self {
        let message = format!("this call is made with {allow}");
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Reason::MethodNotAllowed, message)
        }
    }

    /// 429. The wait is told in whole seconds, and a caller that comes back after it must not be too early.
    pub(crate) fn too_many(message: &'static str, retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        let retry_after = Some(Duration::from_secs(seconds.max(1)));
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, Reason::TooManyRequests, message) }
    }

    /// 503: not the caller's fault.
    pub(crate) fn unavailable() -> Self {
        let message = "the service cannot do this right now; nothing was changed: try again";
        Self {
            retry_after: Some(Duration::from_secs(1)),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, Reason::Unavailable, message)
        }
    }
}

impl Refused {
    /// Whether it is for the caller to change something.
    pub(crate) fn is_client_error(&self) -> bool {
        self.status.is_client_error()
    }

    /// Whether the sender of the request is not verified, or asked for something that does not exist.
    pub(crate) fn is_of_a_stranger(&self) -> bool {
        use Reason as R;
        let unknown = [R::UnknownApplication, R::UnknownSession, R::UnknownRequest];
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                // These are told to signers whose signature is good.
                !matches!(self.reason, R::ApplicationDisabled | R::ScopeMissing | R::NotAllowed)
            }
            StatusCode::NOT_FOUND => unknown.contains(&self.reason),
            _ => false,
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let passes_by = matches!(refusal, Refusal::WindowFull | Refusal::ClockSetBack);
        let retry_after = passes_by.then_some(Duration::from_secs(10));
        Self { retry_after, ..Self::new(status, Reason::from(&refusal), refusal.to_string()) }
    }
}

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Replayed => Refusal::Replayed.into(),
            StorageError::ZeroCharacter => {
                Self::unprocessable(Reason::InvalidBody, "a text in the request holds the character zero")
            }
            StorageError::KeyEnded => Self::new(
                StatusCode::UNAUTHORIZED,
                Reason::KeyRevoked,
                "this key ended before the change was made, and nothing was changed: make another one",
            ),
            StorageError::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                Reason::NotAllowed,
                "this key, or the account that made it, may not do that, and nothing was changed",
            ),
            StorageError::PhoneTooNew => Self::new(
                StatusCode::FORBIDDEN,
                Reason::NotAllowed,
                "the phone of the account that made this key was let in less than a day ago: it makes no such change yet",
            ),
            StorageError::MaybeCommitted(_) => {
                tracing::error!(%error, "the store's answer was lost; the caller gets the answer that the change may be done");
                let message = "the connection to the store was lost in the middle of it: it may or may not be done; look before you try again";
                Self { message: message.into(), ..Self::unavailable() }
            }
            error => {
                tracing::error!(%error, "the store failed; the caller is asked to try again");
                Self::unavailable()
            }
        }
    }
}

impl From<NotDrawn> for Refused {
    fn from(error: NotDrawn) -> Self {
        StorageError::from(error).into()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response =
            json(self.status, &Problem::new(self.reason, self.message).tries_left(self.tries_left));
        let headers: &mut HeaderMap = response.headers_mut();
        if let Some(retry_after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs()));
        }
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("hmac realm=\"IAMPASS\""));
        }
        response
    }
}

/// An answer in JSON that is not to be kept by anybody in between.
pub(crate) fn json<T: Serialize>(status: StatusCode, answer: &T) -> Response {
    let (status, body) = match serde_json::to_vec(answer) {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            (StatusCode::SERVICE_UNAVAILABLE, br#"{"status":false,"reason":"UNAVAILABLE"}"#.to_vec())
        }
    };
    json_bytes(status, body.into())
}

/// The same for what is written as JSON already.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // With those that every answer has, so that the table is made once.
    headers.reserve(security_headers::MOST + 3);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_without_an_answer_is_neither_done_nor_undone() {
        let refused = Refused::from(StorageError::MaybeCommitted("closed".to_owned()));
        assert_eq!((refused.status, refused.reason), (StatusCode::SERVICE_UNAVAILABLE, Reason::Unavailable));
        assert!(refused.message.contains("may or may not be done"), "{}", refused.message);
        assert!(!refused.message.contains("nothing was changed"), "{}", refused.message);
        let refused = Refused::from(StorageError::NotCommitted("the disk is full".to_owned()));
        assert!(refused.message.contains("nothing was changed"), "{}", refused.message);
    }
}
