//! [`WebhookSender`]: SMS by an operator's gateway.

mod signature;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use iampass_core::UnixSeconds;
use iampass_core::port::{HttpTransport, TransportErrorKind};
use iampass_reqwest::ReqwestTransport;
use iampass_server_domain::retry_after;
use serde::Serialize;
pub use signature::{sign_webhook, verify_webhook};

use super::{InvalidNoticeSettings, Notice, NoticeError, NoticeErrorKind, NoticeSender, SmsSettings, text};

/// Names the message: the same for each attempt.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// When the attempt was made.
pub const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("x-iampass-webhook-timestamp");
/// That it comes from this service.
pub const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("x-iampass-webhook-signature");

/// How long an attempt may take.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands messages over to an SMS gateway by HTTPS, as [the module](super) says.
pub struct WebhookSender {
    settings: SmsSettings,
    transport: Arc<dyn HttpTransport>,
}

/// The body. Its bytes are the same for each attempt.
#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    channel: &'static str,
    to: &'a str,
    text: &'a str,
    link: &'a str,
    expires_at: u64,
    application_id: &'a str,
    application_name: &'a str,
}

impl WebhookSender {
    /// A sender over a transport of its own: TLS by rustls with the system's certificates, no redirects, ten seconds for an attempt.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings::SetUp`] when TLS or a proxy cannot be set up.
    pub fn new(settings: SmsSettings) -> Result<Self, InvalidNoticeSettings> {
        let transport = ReqwestTransport::new().map_err(|_| InvalidNoticeSettings::SetUp)?;
        Ok(Self::with_transport(settings, Arc::new(transport.with_total_timeout(TOTAL_TIMEOUT))))
    }

    /// A sender over a transport of the caller's.
    #[must_use]
    pub fn with_transport(settings: SmsSettings, transport: Arc<dyn HttpTransport>) -> Self {
        Self { settings, transport }
    }

    fn request(&self, notice: &Notice) -> Option<Request<Vec<u8>>> {
        let text = text::sms(notice);
        let body = serde_json::to_vec(&Body {
            id: &notice.id,
            channel: notice.channel.as_str(),
            to: &notice.to,
            text: &text,
            link: &notice.link,
            expires_at: notice.expires_at.0,
            application_id: &notice.application_id,
            application_name: &notice.application_name,
        })
        .ok()?;
        let (timestamp, signature) = sign_webhook(&self.settings.secret, notice.now, &body);
        Request::post(self.settings.webhook_url.as_str())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(
                USER_AGENT,
                HeaderValue::from_static(concat!("iampass-server/", env!("CARGO_PKG_VERSION"))),
            )
            .header(IDEMPOTENCY_KEY, &notice.id)
            .header(WEBHOOK_TIMESTAMP, timestamp)
            .header(WEBHOOK_SIGNATURE, signature)
            .body(body)
            .ok()
    }
}

#[async_trait]
impl NoticeSender for WebhookSender {
    async fn send(&self, notice: &Notice) -> Result<(), NoticeError> {
        use NoticeErrorKind as K;
        let request = self.request(notice).ok_or(NoticeError::new(K::NotSendable))?;
        match self.transport.send(request).await {
            Ok(answer) => judge(answer.status(), answer.headers(), notice.now),
            Err(error) => Err(NoticeError::new(match error.kind() {
                TransportErrorKind::Timeout => K::Timeout,
                TransportErrorKind::UrlRewritten => K::NotSendable,
                // Whatever it is that is so long, it is no answer.
                TransportErrorKind::AnswerTooLarge => K::Broken,
                _ => K::Unreachable,
            })),
        }
    }
}

/// Reads an answer. Its body is ignored.
pub(super) fn judge(status: StatusCode, headers: &HeaderMap, now: UnixSeconds) -> Result<(), NoticeError> {
    use NoticeErrorKind as K;
    let kind = match status.as_u16() {
        200..=299 => return Ok(()),
        300..=399 => K::Redirected,
        401 | 403 => K::Unauthorized,
        408 | 409 | 425 | 429 | 503 => K::Busy,
        500..=599 => K::Broken,
        _ => K::Refused,
    };
    let value = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Err(NoticeError::new(kind).with_retry_after(value.and_then(|value| retry_after(value, now))))
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSender").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;
    use crate::example::example;
    use iampass_core::Secret;
    use iampass_core::port::{HttpRequest, HttpResponse, TransportError};
    use std::sync::Mutex;

    /// Keeps what it gets and answers what it is told to.
    struct Gateway {
        got: Mutex<Vec<HttpRequest>>,
        answers: fn() -> Result<HttpResponse, TransportError>,
    }

    #[async_trait]
    impl HttpTransport for Gateway {
        async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
            self.got.lock().unwrap().push(request);
            (self.answers)()
        }
    }

    fn sender(answers: fn() -> Result<HttpResponse, TransportError>) -> (WebhookSender, Arc<Gateway>) {
        let gateway = Arc::new(Gateway { got: Mutex::default(), answers });
        let settings =
            SmsSettings::new("https://sms.example/send?a=b", Secret::new("0123456789abcdef")).unwrap();
        (WebhookSender::with_transport(settings, Arc::clone(&gateway) as Arc<dyn HttpTransport>), gateway)
    }

    #[tokio::test]
    async fn a_message_is_signed_and_says_the_same_each_time() {
        let (sender, gateway) = sender(|| Ok(HttpResponse::new(Vec::new())));
        let mut notice = example(Channel::Sms);
        sender.send(&notice).await.unwrap();
        notice.now = UnixSeconds(notice.now.0 + 60);
        sender.send(&notice).await.unwrap();

        let got = gateway.got.lock().unwrap();
        let secret = Secret::new("0123456789abcdef");
        for (request, at) in got.iter().zip([1_800_000_000, 1_800_000_060]) {
            assert_eq!(request.method(), http::Method::POST);
            assert_eq!(request.uri(), "https://sms.example/send?a=b");
            let header = |name: &HeaderName| request.headers()[name].to_str().unwrap();
            assert_eq!(header(&IDEMPOTENCY_KEY), "0123456789abcdef0123456789abcdef");
            assert_eq!(header(&WEBHOOK_TIMESTAMP), at.to_string());
            let now = UnixSeconds(at);
            assert!(verify_webhook(
                &secret,
                header(&WEBHOOK_TIMESTAMP),
                header(&WEBHOOK_SIGNATURE),
                request.body(),
                now
            ));
        }
        assert_eq!(got[0].body(), got[1].body());
        let body: serde_json::Value = serde_json::from_slice(got[0].body()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "id": "0123456789abcdef0123456789abcdef", "channel": "sms", "to": "+15550142",
                "text": "Shop: open this link on your phone to register it: https://login.example/r/c0de",
                "link": "https://login.example/r/c0de", "expires_at": 1_800_086_400, "application_id": "APP",
                "application_name": "Shop",
            })
        );
    }

    #[test]
    fn answers_mean_what_the_documentation_says() {
        use NoticeErrorKind as K;
        let judged = |status: u16| {
            judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), UnixSeconds(0))
                .map_err(NoticeError::kind)
        };
        for status in [200, 201, 202, 204] {
            assert_eq!(judged(status), Ok(()));
        }
        for (status, kind) in [
            (301, K::Redirected),
            (307, K::Redirected),
            (400, K::Refused),
            (401, K::Unauthorized),
            (403, K::Unauthorized),
            (404, K::Refused),
            (408, K::Busy),
            (409, K::Busy),
            (422, K::Refused),
            (425, K::Busy),
            (429, K::Busy),
            (500, K::Broken),
            (502, K::Broken),
            (503, K::Busy),
        ] {
            assert_eq!(judged(status), Err(kind), "{status}");
        }
    }

    #[tokio::test]
    async fn what_goes_wrong_on_the_way_is_told_apart() {
        use NoticeErrorKind as K;
        type Answers = fn() -> Result<HttpResponse, TransportError>;
        let cases: [(Answers, K); 3] = [
            (|| Err(TransportError::new(TransportErrorKind::Connect)), K::Unreachable),
            (|| Err(TransportError::new(TransportErrorKind::Timeout)), K::Timeout),
            (|| Err(TransportError::new(TransportErrorKind::AnswerTooLarge)), K::Broken),
        ];
        for (answers, kind) in cases {
            let error = sender(answers).0.send(&example(Channel::Sms)).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.is_retryable());
        }
    }
}
