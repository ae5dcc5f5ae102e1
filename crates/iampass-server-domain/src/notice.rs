//! [`NoticeSender`]: the port to whatever brings a registration link to a person.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UnixSeconds;

/// Which way a link goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// To a phone number.
    Sms,
    /// To an e-mail address.
    Mail,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Mail];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Mail => "mail",
        }
    }
}

/// A registration link on its way to a person.
#[derive(Clone)]
#[non_exhaustive]
pub struct Notice {
    /// Names the message, not the attempt: the idempotency key.
    pub id: String,
    /// Which way it goes.
    pub channel: Channel,
    /// The phone number (`+15550100`) or the e-mail address.
    pub to: String,
    /// The registration link: the person who opens it becomes the user.
    pub link: String,
    /// The application's own text. `{link}` in it stands for the link.
    pub message: Option<String>,
    /// How the phone will show the user.
    pub display_name: Option<String>,
    /// The id of the application.
    pub application_id: String,
    /// Its name.
    pub application_name: String,
    /// Until when the link works.
    pub expires_at: UnixSeconds,
    /// When this attempt is made.
    pub now: UnixSeconds,
}

impl Notice {
    /// A message that brings `link`, in which the application, given by its id and name, says nothing of its own.
    #[must_use]
    pub fn new(
        id: String,
        channel: Channel,
        to: String,
        link: String,
        (application_id, application_name): (String, String),
        expires_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Self {
        let (message, display_name) = (None, None);
        Self {
            id,
            channel,
            to,
            link,
            message,
            display_name,
            application_id,
            application_name,
            expires_at,
            now,
        }
    }
}

/// Recipient and text are for the two ends alone.
impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice").field("id", &self.id).field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Sends messages of one channel.
///
/// # Contract
/// * `Ok` is said only after the other side has taken the message over.
/// * One call, one attempt: when to try again is for the caller to decide.
/// * The same `id` may come again after a crash. It is handed on, so that the other side can tell.
/// * An attempt ends within 30 s; after that it is given up by dropping the future.
/// * Nothing of the message is logged, nor told in errors.
#[async_trait]
pub trait NoticeSender: Send + Sync + fmt::Debug {
    /// Sends a message once.
    ///
    /// # Errors
    /// [`NoticeError`] when it was not taken over, or when that is not known.
    async fn send(&self, notice: &Notice) -> Result<(), NoticeError>;
}

/// Why a message was not taken over. There are no words of the other side in it, since they may repeat the message; the numbers of a mail
/// server's reply are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeError {
    kind: NoticeErrorKind,
    retry_after: Option<Duration>,
    reply: Option<Reply>,
}

/// The numbers of a mail server's reply: its code and, where the server gives one, the enhanced code (RFC 3463).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    enhanced: Option<(u8, u16, u16)>,
}

impl Reply {
    /// The code, and the enhanced code at the beginning of the text that follows it.
    pub fn read(code: u16, text: &str) -> Self {
        let numbers = |word: &str| {
            let mut parts = word.split('.');
            let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
            let is_all = parts.next().is_none() && matches!(class, "2" | "4" | "5");
            Some((class.parse().ok()?, subject.parse().ok()?, detail.parse().ok()?)).filter(|_| is_all)
        };
        Self { code, enhanced: text.split_whitespace().next().and_then(numbers) }
    }

    /// The subject and the detail of the enhanced code.
    pub fn subject_and_detail(self) -> Option<(u16, u16)> {
        self.enhanced.map(|(_, subject, detail)| (subject, detail))
    }
}

/// As it begins on the wire: `550 5.1.1`.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.enhanced {
            Some((class, subject, detail)) => write!(f, " {class}.{subject}.{detail}"),
            None => Ok(()),
        }
    }
}

/// The kind of the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoticeErrorKind {
    /// There was no connection, or it broke.
    Unreachable,
    /// There was no answer in time.
    Timeout,
    /// The other side asks for patience.
    Busy,
    /// The other side has trouble of its own.
    Broken,
    /// The other side does not accept our credentials.
    Unauthorized,
    /// The other side points elsewhere, where nothing is sent.
    Redirected,
    /// The mail server does not offer STARTTLS, and nothing is sent in clear.
    NoEncryption,
    /// The mail server wants STARTTLS, which is not used here.
    EncryptionWanted,
    /// No encryption was agreed on: the certificate is not trusted, or the other side does not speak TLS.
    Untrusted,
    /// The mail server refuses this service or the name by which it introduces itself, whatever the message.
    GreetingRefused,
    /// The mail server has no way to log in that this service knows.
    NoLogin,
    /// The mail server refuses the sender's address.
    SenderRefused,
    /// The other side speaks another language.
    NotUnderstood,
    /// The other side does not want this message.
    Refused,
    /// The mail server cannot take an address with letters outside ASCII.
    AddressNotSupported,
    /// This side cannot make a message of it.
    NotSendable,
}

impl NoticeErrorKind {
    const ALL: [Self; 16] = [
        Self::Unreachable,
        Self::Timeout,
        Self::Busy,
        Self::Broken,
        Self::Unauthorized,
        Self::Redirected,
        Self::NoEncryption,
        Self::EncryptionWanted,
        Self::Untrusted,
        Self::GreetingRefused,
        Self::NoLogin,
        Self::SenderRefused,
        Self::NotUnderstood,
        Self::Refused,
        Self::AddressNotSupported,
        Self::NotSendable,
    ];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Busy => "busy",
            Self::Broken => "broken",
            Self::Unauthorized => "unauthorized",
            Self::Redirected => "redirected",
            Self::NoEncryption => "no_encryption",
            Self::EncryptionWanted => "encryption_wanted",
            Self::Untrusted => "untrusted",
            Self::GreetingRefused => "greeting_refused",
            Self::NoLogin => "no_login",
            Self::SenderRefused => "sender_refused",
            Self::NotUnderstood => "not_understood",
            Self::Refused => "refused",
            Self::AddressNotSupported => "address_not_supported",
            Self::NotSendable => "not_sendable",
        }
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// For people: the reason, and what to do about it.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "no connection could be made, or it broke: check the address and the network"
            }
            Self::Timeout => "there was no answer in time",
            Self::Busy => "the other side asks to try again later",
            Self::Broken => "the other side reports trouble of its own",
            Self::Unauthorized => {
                "the other side does not accept the credentials: check the secret or password"
            }
            Self::Redirected => "the other side redirects, which is not followed: set its final address",
            Self::NoEncryption => {
                "the mail server does not offer STARTTLS, and nothing is sent in clear: enable it there, or use smtps://"
            }
            Self::EncryptionWanted => {
                "the mail server wants STARTTLS, which is used to this machine only with mail.ca_file: set it"
            }
            Self::Untrusted => {
                "no encryption was agreed on: check the scheme and port of mail.smtp_url, the name in the server's certificate, and mail.ca_file"
            }
            Self::GreetingRefused => {
                "the mail server refuses this service or the name it introduces itself by: set mail.hello_name, or admit it there"
            }
            Self::NoLogin => {
                "the mail server offers no login (PLAIN or LOGIN) on this connection: check the port, or leave the password out"
            }
            Self::SenderRefused => "the mail server refuses the sender's address: check mail.from",
            Self::NotUnderstood => "the answer is not that of a mail server: check the host and port",
            Self::Refused => "the other side refuses this message",
            Self::AddressNotSupported => "the mail server cannot take an address with letters outside ASCII",
            Self::NotSendable => "no message can be made of this",
        }
    }
}

impl fmt::Display for NoticeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.what())?;
        match self.reply {
            Some(reply) => write!(f, " (it said {reply})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NoticeError {}

impl NoticeError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: NoticeErrorKind) -> Self {
        Self { kind, retry_after: None, reply: None }
    }

    /// The same, with the numbers of the reply.
    pub const fn with_reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// As it is stored: the word of its kind and, where there are any, the numbers of the reply.
    pub fn stored(self) -> String {
        match self.reply {
            Some(reply) => format!("{} {reply}", self.kind.as_str()),
            None => self.kind.as_str().to_owned(),
        }
    }

    /// The same, with the time that the other side asks for.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(self) -> NoticeErrorKind {
        self.kind
    }

    /// How long the other side asks to wait.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the same message may be taken later: always, unless the reason lies in the message itself. Connections and settings change.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        use NoticeErrorKind as K;
        !matches!(self.kind, K::Redirected | K::Refused | K::AddressNotSupported | K::NotSendable)
    }
}

/// Any message, for tests.
#[cfg(test)]
fn example(channel: Channel) -> Notice {
    let to = match channel {
        Channel::Sms => "+15550142",
        Channel::Mail => "ann@example.org",
    };
    Notice {
        id: "0123456789abcdef0123456789abcdef".to_owned(),
        channel,
        to: to.to_owned(),
        link: "https://login.example/r/c0de".to_owned(),
        message: None,
        display_name: None,
        application_id: "APP".to_owned(),
        application_name: "Shop".to_owned(),
        expires_at: UnixSeconds(1_800_086_400),
        now: UnixSeconds(1_800_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_message_is_printed() {
        let mut notice = example(Channel::Sms);
        notice.message = Some("please".to_owned());
        notice.display_name = Some("Ann".to_owned());
        let printed = format!("{notice:?}");
        for secret in ["5550142", "c0de", "please", "Ann"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }

    #[test]
    fn a_reply_is_kept_by_its_numbers() {
        for (code, text, kept) in [
            (550, "5.1.1 <ann@example.org>: no such user", "refused 550 5.1.1"),
            (550, "no such user", "refused 550"),
            (550, "5.1 no such user", "refused 550"),
            (451, "4.7.1 later", "refused 451 4.7.1"),
            (550, "9.1.1 ann", "refused 550"),
        ] {
            let error = NoticeError::new(NoticeErrorKind::Refused).with_reply(Reply::read(code, text));
            assert_eq!(error.stored(), kept);
            assert!(!error.to_string().contains("ann"), "{error}");
        }
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in NoticeErrorKind::ALL {
            assert_eq!(NoticeErrorKind::of_word(kind.as_str()), Some(kind));
        }
    }
}
