//! [`SmtpSender`]: e-mail by a mail server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use percent_encoding::percent_decode_str;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::settings::{is_full_host_name, is_this_machine};
use super::smtp_refusal::{Step, meaning};
use super::text::one_line;
use super::{InvalidNoticeSettings, MailSettings, Notice, NoticeError, NoticeErrorKind, NoticeSender, text};

/// How long connecting, and each step of the conversation, may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// Hands messages over to a mail server. There is one connection for each message.
pub struct SmtpSender {
    host: String,
    port: u16,
    encryption: Encryption,
    credentials: Option<Credentials>,
    hello_name: Option<ClientId>,
    from: Mailbox,
}

/// When the conversation is encrypted.
enum Encryption {
    Never,
    FromTheFirstByte(TlsParameters),
    /// In clear until STARTTLS, and not a word further without it.
    AfterStartTls(TlsParameters),
}

impl SmtpSender {
    /// A sender by the server that the settings name, TLS by rustls with the system's certificates, or with those that are set.
    ///
    /// # Errors
    /// [`InvalidNoticeSettings`] when TLS cannot be set up, or user name or password are not UTF-8.
    pub fn new(settings: &MailSettings) -> Result<Self, InvalidNoticeSettings> {
        let url = &settings.smtp_url;
        let host = url.host_str().ok_or(InvalidNoticeSettings::SmtpUrl)?;
        // In a URL an IPv6 address stands in brackets; elsewhere it does not.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let parameters = || {
            let mut builder = TlsParametersBuilder::new(host.to_owned());
            if let Some(authorities) = &settings.authorities {
                builder = builder
                    .certificate_store(CertificateStore::None)
                    .add_root_certificate(authorities.clone());
            }
            builder.build().map_err(|_| InvalidNoticeSettings::SetUp)
        };
        let (encryption, port) = match url.scheme() {
            "smtps" => (Encryption::FromTheFirstByte(parameters()?), 465),
            _ if is_this_machine(url) && settings.authorities.is_none() => (Encryption::Never, 25),
            _ if is_this_machine(url) => (Encryption::AfterStartTls(parameters()?), 25),
            _ => (Encryption::AfterStartTls(parameters()?), 587),
        };
        let decoded = |text| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| InvalidNoticeSettings::SmtpUrl)
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(port),
            encryption,
            credentials,
            hello_name: settings.hello_name.clone(),
            from: settings.from.clone(),
        })
    }

    fn message(&self, notice: &Notice, to: Address) -> Option<Message> {
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

    /// Sends a text to one address, once. The same `id` names the same text.
    pub(super) async fn send_plain(
        &self,
        to: &str,
        subject: &str,
        text: &str,
        id: &str,
    ) -> Result<(), NoticeError> {
        let unfit = || NoticeError::new(NoticeErrorKind::NotSendable);
        let to: Address = to.parse().map_err(|_| unfit())?;
        let host = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(subject))
            .message_id(Some(format!("<{id}@{host}>")))
            // With the headers that name its kind and encoding: a host or a user may be in other letters than those of ASCII.
            .singlepart(SinglePart::plain(text.to_owned()))
            .map_err(|_| unfit())?;
        self.deliver(to, &message).await
    }

    async fn deliver(&self, to: Address, message: &Message) -> Result<(), NoticeError> {
        let mut connection = self.connect().await?;
        let handed_over = self.hand_over(&mut connection, to, message).await;
        // The message is with the server, or it is not; a good end changes nothing about that.
        let _ = timeout(STEP_TIMEOUT, connection.abort()).await;
        handed_over
    }

    /// The name to introduce oneself by: the one that is set, else the machine's, else the address that the server sees.
    async fn hello_name(&self) -> ClientId {
        if let Some(name) = &self.hello_name {
            return name.clone();
        }
        match ClientId::default() {
            ClientId::Domain(name) if is_full_host_name(&name) => ClientId::Domain(name),
            _ => match self.own_address().await {
                Some(IpAddr::V6(address)) => ClientId::Ipv6(address),
                Some(IpAddr::V4(address)) => ClientId::Ipv4(address),
                None => ClientId::Ipv4(Ipv4Addr::LOCALHOST),
            },
        }
    }

    /// The address from which the server is reached. Nothing is sent for it.
    async fn own_address(&self) -> Option<IpAddr> {
        for any in ["0.0.0.0:0", "[::]:0"] {
            let socket = UdpSocket::bind(any).await.ok()?;
            if socket.connect((self.host.as_str(), self.port)).await.is_ok() {
                return socket.local_addr().ok().map(|address| address.ip());
            }
        }
        None
    }

    /// A connection on which messages can be sent.
    async fn connect(&self) -> Result<AsyncSmtpConnection, NoticeError> {
        let hello_name = &within(async { Ok(self.hello_name().await) }, Step::Greeting).await?;
        let at_once = match &self.encryption {
            Encryption::FromTheFirstByte(parameters) => Some(parameters.clone()),
            Encryption::Never | Encryption::AfterStartTls(_) => None,
        };
        let server = (self.host.as_str(), self.port);
        let connecting =
            AsyncSmtpConnection::connect_tokio1(server, Some(STEP_TIMEOUT), hello_name, at_once, None);
        let mut connection = within(connecting, Step::Greeting).await?;
        if let Encryption::AfterStartTls(parameters) = &self.encryption {
            if !connection.can_starttls() {
                return Err(given_up(connection, NoticeErrorKind::NoEncryption).await);
            }
            within(connection.starttls(parameters.clone(), hello_name), Step::Encryption).await?;
        }
        if let Some(credentials) = &self.credentials {
            if connection.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
                return Err(given_up(connection, NoticeErrorKind::NoLogin).await);
            }
            within(connection.auth(DEFAULT_MECHANISMS, credentials), Step::Login).await?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        to: Address,
        message: &Message,
    ) -> Result<(), NoticeError> {
        let bytes = message.formatted();
        let server = connection.server_info();
        let mut parameters = Vec::new();
        if !(AsRef::<str>::as_ref(&to).is_ascii() && AsRef::<str>::as_ref(&self.from.email).is_ascii()) {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err(NoticeError::new(NoticeErrorKind::AddressNotSupported));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !bytes.is_ascii() {
            if !server.supports_feature(Extension::EightBitMime) {
                return Err(NoticeError::new(NoticeErrorKind::AddressNotSupported));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let sender = Mail::new(message.envelope().from().cloned(), parameters);
        within(connection.command(sender), Step::Sender).await?;
        within(connection.command(Rcpt::new(to, Vec::new())), Step::Recipient).await?;
        within(connection.command(Data), Step::Text).await?;
        within(connection.message(&bytes), Step::Text).await?;
        Ok(())
    }
}

#[async_trait]
impl NoticeSender for SmtpSender {
    async fn send(&self, notice: &Notice) -> Result<(), NoticeError> {
        let unfit = || NoticeError::new(NoticeErrorKind::NotSendable);
        let to: Address = notice.to.parse().map_err(|_| unfit())?;
        let message = self.message(notice, to.clone()).ok_or_else(unfit)?;
        self.deliver(to, &message).await
    }
}

/// Does a step in its time.
async fn within<T>(step: impl Future<Output = Result<T, SmtpError>>, of: Step) -> Result<T, NoticeError> {
    match timeout(STEP_TIMEOUT, step).await {
        Ok(done) => done.map_err(|error| meaning(of, &error)),
        Err(_) => Err(NoticeError::new(NoticeErrorKind::Timeout)),
    }
}

/// Takes leave of a server that cannot do what is needed.
async fn given_up(mut connection: AsyncSmtpConnection, kind: NoticeErrorKind) -> NoticeError {
    let _ = timeout(STEP_TIMEOUT, connection.abort()).await;
    NoticeError::new(kind)
}

impl fmt::Debug for SmtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSender").finish_non_exhaustive()
    }
}
