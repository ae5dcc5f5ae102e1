//! [`SmtpSender`]: e-mail by a mail server.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{Address, AsyncTransport as _, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;

use super::settings::is_this_machine;
use super::{InvalidNoticeSettings, MailSettings, Notice, NoticeError, NoticeErrorKind, NoticeSender, text};

/// How long connecting, and each step of the conversation, may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands messages over to a mail server. There is one connection for each message.
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpSender {
    /// A sender by the server that the settings name, TLS by rustls with the system's certificates.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings`] when TLS cannot be set up, or user name or password are not UTF-8.
    pub fn new(settings: &MailSettings) -> Result<Self, InvalidNoticeSettings> {
        let url = &settings.smtp_url;
        let host = url.host_str().ok_or(InvalidNoticeSettings::SmtpUrl)?;
        // In a URL an IPv6 address stands in brackets; elsewhere it does not.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let parameters = || TlsParameters::new(host.to_owned()).map_err(|_| InvalidNoticeSettings::SetUp);
        let (tls, port) = match url.scheme() {
            "smtps" => (Tls::Wrapper(parameters()?), 465),
            _ if is_this_machine(url) => (Tls::None, 25),
            // In clear until then, and not a word further without it.
            _ => (Tls::Required(parameters()?), 587),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .timeout(Some(STEP_TIMEOUT));
        if let Some(password) = url.password() {
            let decoded = |text| {
                let text = percent_decode_str(text).decode_utf8();
                text.map(String::from).map_err(|_| InvalidNoticeSettings::SmtpUrl)
            };
            builder = builder.credentials(Credentials::new(decoded(url.username())?, decoded(password)?));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone() })
    }

    fn message(&self, notice: &Notice) -> Option<Message> {
        let to: Address = notice.to.parse().ok()?;
        let text = text::mail(notice);
        let host = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(text.subject)
            // The same each time, so that mail programs show a second one as the first.
            .message_id(Some(format!("<{}@{host}>", notice.id)))
            .multipart(MultiPart::alternative_plain_html(text.plain, text.html))
            .ok()
    }
}

#[async_trait]
impl NoticeSender for SmtpSender {
    async fn send(&self, notice: &Notice) -> Result<(), NoticeError> {
        let message = self.message(notice).ok_or(NoticeError::new(NoticeErrorKind::NotSendable))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(NoticeError::new(kind(&error))),
        }
    }
}

/// The words of the server are not kept: they may repeat the address.
fn kind(error: &SmtpError) -> NoticeErrorKind {
    use NoticeErrorKind as K;
    match error.status().map(u16::from) {
        // The password, not the message (RFC 4954).
        Some(530 | 534 | 535 | 538) => K::Unauthorized,
        Some(500..=599) => K::Refused,
        Some(_) => K::Busy,
        None if error.is_timeout() => K::Timeout,
        // lettre itself refuses what this server cannot do, such as an address that needs SMTPUTF8.
        None if error.is_client() => K::NotSendable,
        None => K::Unreachable,
    }
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSender").finish_non_exhaustive()
    }
}
