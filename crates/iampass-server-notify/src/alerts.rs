//! [`AlertSender`]: words to the operator, by webhook and by mail.
//!
//! The webhook is called with `POST` and a JSON body, signed as that for SMS is ([the module](super)):
//! ```json
//! {"id": "4d1c…", "state": "raised", "kind": "disk", "subject": "node-1:/var/lib/iampass", "figure": 93, "text": "the disk is 93 % full: …",
//!  "advice": "Make room, or a larger disk. …", "at": 1800000000}
//! ```
//! `state` is `raised`, `cleared` or `test`; `id` is the same for both words about one alert. 2xx says that it was taken.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use iampass_core::port::{HttpTransport, TransportErrorKind};
use iampass_core::{Secret, UnixSeconds};
use iampass_reqwest::ReqwestTransport;
use iampass_server_domain::alert::Alert;
use serde::Serialize;
use tokio::task::JoinSet;

use super::webhook::{IDEMPOTENCY_KEY, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP, judge, sign_webhook};
use super::{InvalidNoticeSettings, MailSettings, NoticeError, NoticeErrorKind, SmsSettings, SmtpSender};

/// How long an attempt may take.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// A word to the operator.
#[derive(Clone, Debug)]
pub struct AlertMessage {
    /// Names the alert.
    pub id: String,
    /// `raised`, `cleared` or `test`.
    pub state: &'static str,
    /// The alert that it is about. None for a test.
    pub alert: Option<Alert>,
    /// When it began, or was over.
    pub at: UnixSeconds,
    /// When this attempt is made.
    pub now: UnixSeconds,
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    state: &'static str,
    kind: &'static str,
    subject: Option<&'a str>,
    figure: Option<u64>,
    text: String,
    advice: &'static str,
    at: u64,
}

impl AlertMessage {
    fn text(&self) -> String {
        match &self.alert {
            Some(alert) if self.state == "cleared" => format!("over: {}", alert.text()),
            Some(alert) => alert.text(),
            None => "this is a test of the alerts of the IAMPASS service".to_owned(),
        }
    }

    fn advice(&self) -> &'static str {
        match &self.alert {
            Some(alert) if self.state != "cleared" => alert.kind.advice(),
            _ => "Nothing has to be done.",
        }
    }

    fn body(&self) -> Vec<u8> {
        let alert = self.alert.as_ref();
        let body = Body {
            id: &self.id,
            state: self.state,
            kind: alert.map_or("test", |alert| alert.kind.word()),
            subject: alert.and_then(|alert| alert.subject.as_deref()),
            figure: alert.and_then(|alert| alert.figure),
            text: self.text(),
            advice: self.advice(),
            at: self.at.0,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

/// Sends words to the operator. Clones share their connections.
#[derive(Clone)]
pub struct AlertSender {
    webhook: Option<(SmsSettings, Arc<dyn HttpTransport>)>,
    mail: Option<(Arc<SmtpSender>, Vec<String>)>,
}

impl AlertSender {
    /// By the gateway that knows this secret, and to these addresses by this mail server.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings`] when the URL is not https (except to this machine), the secret is short, or TLS cannot be set up.
    pub fn new(
        webhook: Option<(&str, Secret)>,
        mail: Option<(&MailSettings, Vec<String>)>,
    ) -> Result<Self, InvalidNoticeSettings> {
        let webhook = match webhook {
            Some((url, secret)) => {
                let transport = ReqwestTransport::new().map_err(|_| InvalidNoticeSettings::SetUp)?;
                let transport = transport.with_total_timeout(TOTAL_TIMEOUT);
                Some((SmsSettings::new(url, secret)?, Arc::new(transport) as Arc<dyn HttpTransport>))
            }
            None => None,
        };
        let mail = match mail {
            Some((settings, to)) => Some((Arc::new(SmtpSender::new(settings)?), to)),
            None => None,
        };
        Ok(Self { webhook, mail })
    }

    /// Sends a word by every way, once; each way with what came of it. All ways are tried at the same time: one that does not answer holds up no other.
    pub async fn send(&self, message: &AlertMessage) -> Vec<(String, Result<(), NoticeError>)> {
        let webhook = async {
            match &self.webhook {
                Some((settings, transport)) => Some(by_webhook(settings, &**transport, message).await),
                None => None,
            }
        };
        let mails = async {
            match &self.mail {
                Some((sender, addresses)) => by_mail(sender, addresses, message).await,
                None => Vec::new(),
            }
        };
        let (webhook, mails) = tokio::join!(webhook, mails);
        webhook.map(|sent| ("webhook".to_owned(), sent)).into_iter().chain(mails).collect()
    }
}

/// Each address with what came of it, in the order of the addresses.
async fn by_mail(
    sender: &Arc<SmtpSender>,
    addresses: &[String],
    message: &AlertMessage,
) -> Vec<(String, Result<(), NoticeError>)> {
    let subject = format!("IAMPASS: {} ({})", message.text(), message.state);
    let text = format!("{}\n\n{}\n", message.text(), message.advice());
    let id = format!("{}-{}", message.id, message.state);
    let mut sending = JoinSet::new();
    for (place, to) in addresses.iter().enumerate() {
        let (sender, to) = (Arc::clone(sender), to.clone());
        let (subject, text, id) = (subject.clone(), text.clone(), id.clone());
        sending.spawn(async move {
            let sent = sender.send_plain(&to, &subject, &text, &id).await;
            (place, to, sent)
        });
    }
    let mut said = Vec::new();
    while let Some(sent) = sending.join_next().await {
        // A task that has panicked is a word that was not sent.
        said.extend(sent.ok());
    }
    said.sort_by_key(|(place, ..)| *place);
    said.into_iter().map(|(_, to, sent)| (to, sent)).collect()
}

async fn by_webhook(
    settings: &SmsSettings,
    transport: &dyn HttpTransport,
    message: &AlertMessage,
) -> Result<(), NoticeError> {
    use NoticeErrorKind as K;
    let body = message.body();
    let (timestamp, signature) = sign_webhook(&settings.secret, message.now, &body);
    let request = Request::post(settings.webhook_url.as_str())
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(USER_AGENT, HeaderValue::from_static(concat!("iampass-server/", env!("CARGO_PKG_VERSION"))))
        .header(IDEMPOTENCY_KEY, format!("{}-{}", message.id, message.state))
        .header(WEBHOOK_TIMESTAMP, timestamp)
        .header(WEBHOOK_SIGNATURE, signature)
        .body(body)
        .map_err(|_| NoticeError::new(K::NotSendable))?;
    match transport.send(request).await {
        Ok(answer) => judge(answer.status(), answer.headers(), message.now),
        Err(error) => Err(NoticeError::new(match error.kind() {
            TransportErrorKind::Timeout => K::Timeout,
            _ => K::Unreachable,
        })),
    }
}

impl fmt::Debug for AlertSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.mail.as_ref().map_or(0, |(_, to)| to.len());
        let webhook = self.webhook.as_ref().map(|(settings, _)| settings);
        f.debug_struct("AlertSender").field("webhook", &webhook).field("addresses", &addresses).finish()
    }
}
