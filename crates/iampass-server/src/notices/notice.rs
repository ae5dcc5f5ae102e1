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
    /// The registration link: whoever opens it becomes the user.
    pub link: String,
    /// What the application wants to be said. `{link}` in it stands for the link.
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

/// To whom and what is nobody's business but the two ends'.
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

/// Why a message was not taken over. There are no words of the other side in it, since they may repeat the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .kind.what())]
pub struct NoticeError {
    kind: NoticeErrorKind,
    retry_after: Option<Duration>,
}

/// What kind of reason it is.
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
    /// The other side does not want this message.
    Refused,
    /// This side cannot make a message of it.
    NotSendable,
}

impl NoticeErrorKind {
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
            Self::Refused => "refused",
            Self::NotSendable => "not_sendable",
        }
    }

    const fn what(self) -> &'static str {
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
            Self::Refused => "the other side refuses this message",
            Self::NotSendable => "no message can be made of this",
        }
    }
}

impl NoticeError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: NoticeErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// The same, with the time that the other side asks for.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// What kind it is.
    #[must_use]
    pub const fn kind(self) -> NoticeErrorKind {
        self.kind
    }

    /// How long the other side asks to wait.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the same message may be taken later.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        use NoticeErrorKind as K;
        matches!(self.kind, K::Unreachable | K::Timeout | K::Busy | K::Broken | K::Unauthorized)
    }
}

/// Any message, for tests.
#[cfg(test)]
pub(super) fn example(channel: Channel) -> Notice {
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
}
