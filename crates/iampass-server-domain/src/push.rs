//! The words of a push: its way, its kind, and the reasons why it was not taken.
//!
//! A push wakes a phone. It says that there is something to ask for, and nothing of what that is: no user, no application, no question.

use std::fmt;
use std::time::Duration;

/// The way that a push goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushService {
    /// The push service of a browser (RFC 8030).
    Web,
    /// Firebase Cloud Messaging, HTTP v1.
    Fcm,
    /// Apple Push Notification service.
    Apns,
    /// The operator's own gateway.
    Webhook,
}

impl PushService {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Web, Self::Fcm, Self::Apns, Self::Webhook];

    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Fcm => "fcm",
            Self::Apns => "apns",
            Self::Webhook => "webhook",
        }
    }

    /// The way of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.as_str() == word)
    }

    /// The way that a notification token names by its prefix, and the rest of the token. None for a token of somebody else's app.
    #[must_use]
    pub fn of_token(token: &str) -> Option<(Self, &str)> {
        let (prefix, rest) = token.split_once(':')?;
        let service = match prefix {
            "webpush" => Self::Web,
            "fcm" => Self::Fcm,
            "apns" => Self::Apns,
            "webhook" => Self::Webhook,
            _ => return None,
        };
        Some((service, rest))
    }
}

/// Stands in the row of a phone in place of a token that is kept sealed, or not at all.
const KEPT_ELSEWHERE: &str = "*push";

/// The text to keep in the row of a phone for this notification token. A token that leads to the phone is not kept there in clear: it is enough to
/// wake the phone.
#[must_use]
pub fn token_in_row(token: String) -> String {
    if PushService::of_token(&token).is_some() { KEPT_ELSEWHERE.to_owned() } else { token }
}

/// The reason for which a phone is woken. Push services see this much of it at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushKind {
    /// A question waits for its answer.
    QuestionWaits,
    /// The state of a session is another one.
    SessionChanged,
    /// Nothing has happened: somebody tries whether the phone can be woken.
    Test,
}

impl PushKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::QuestionWaits, Self::SessionChanged, Self::Test];

    /// The word that phones get.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QuestionWaits => "question_waits",
            Self::SessionChanged => "session_changed",
            Self::Test => "test",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The consequence of a push that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRefusal {
    /// The same push may be taken later.
    TryAgain,
    /// This push is over. Others to the same phone may be taken.
    DropPush,
    /// The phone cannot be reached this way any more: the subscription goes, and all its pushes with it.
    DropSubscription,
}

/// The kind of reason why a push was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PushErrorKind {
    /// There was no connection, or it broke.
    Unreachable,
    /// There was no answer in time.
    Timeout,
    /// The push service asks for patience (429, 503).
    Busy,
    /// The push service has trouble of its own (other 5xx).
    Broken,
    /// The token of this service had expired. It is renewed.
    TokenExpired,
    /// The push service does not accept our credentials (401, 403).
    Unauthorized,
    /// The phone has left this subscription, or it never was (404, 410, `UNREGISTERED`).
    Gone,
    /// The message is too large for the push service (413).
    TooLarge,
    /// The push service points elsewhere, where nothing is sent.
    Redirected,
    /// The name leads to an address of a private network, where nothing is sent.
    AddressNotAllowed,
    /// The push service does not want this message (400 and the rest).
    Refused,
    /// This node has no way to this service: its settings name none.
    NoWay,
    /// This side cannot make a message of it.
    NotSendable,
}

impl PushErrorKind {
    const ALL: [Self; 13] = [
        Self::Unreachable,
        Self::Timeout,
        Self::Busy,
        Self::Broken,
        Self::TokenExpired,
        Self::Unauthorized,
        Self::Gone,
        Self::TooLarge,
        Self::Redirected,
        Self::AddressNotAllowed,
        Self::Refused,
        Self::NoWay,
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
            Self::TokenExpired => "token_expired",
            Self::Unauthorized => "unauthorized",
            Self::Gone => "gone",
            Self::TooLarge => "too_large",
            Self::Redirected => "redirected",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::Refused => "refused",
            Self::NoWay => "no_way",
            Self::NotSendable => "not_sendable",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// For people: the reason, and what to do about it.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "no connection could be made to the push service, or it broke: check the network and the firewall"
            }
            Self::Timeout => "the push service did not answer in time",
            Self::Busy => "the push service asks to try again later",
            Self::Broken => "the push service reports trouble of its own",
            Self::TokenExpired => {
                "the token for the push service had expired, and is renewed: check this machine's clock if it happens again"
            }
            Self::Unauthorized => {
                "the push service does not accept the credentials: check the key in the settings and this machine's clock"
            }
            Self::Gone => "the phone has left this subscription: it subscribes again when its page is opened",
            Self::TooLarge => "the push service finds the message too large",
            Self::Redirected => "the push service redirects, which is not followed",
            Self::AddressNotAllowed => {
                "the push service's name leads to an address of a private network, where nothing is sent"
            }
            Self::Refused => "the push service refuses this message",
            Self::NoWay => {
                "this node has no way to this push service: set its credentials in the settings under push"
            }
            Self::NotSendable => "no message can be made of this: the phone has to subscribe again",
        }
    }

    /// The consequence.
    ///
    /// Credentials that are not accepted will not be accepted within the minute that a push is good for, so it is not sent again.
    #[must_use]
    pub const fn then(self) -> AfterRefusal {
        match self {
            Self::Unreachable | Self::Timeout | Self::Busy | Self::Broken | Self::TokenExpired => {
                AfterRefusal::TryAgain
            }
            Self::Gone => AfterRefusal::DropSubscription,
            Self::Unauthorized
            | Self::TooLarge
            | Self::Redirected
            | Self::AddressNotAllowed
            | Self::Refused
            | Self::NoWay
            | Self::NotSendable => AfterRefusal::DropPush,
        }
    }
}

/// Why a push was not taken. There are no words of the other side in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushError {
    kind: PushErrorKind,
    retry_after: Option<Duration>,
}

impl PushError {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: PushErrorKind) -> Self {
        Self { kind, retry_after: None }
    }

    /// The same, with the time that the push service asks for.
    #[must_use]
    pub const fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(self) -> PushErrorKind {
        self.kind
    }

    /// How long the push service asks to wait.
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }
}

impl From<PushErrorKind> for PushError {
    fn from(kind: PushErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.what())
    }
}

impl std::error::Error for PushError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for service in PushService::ALL {
            assert_eq!(PushService::of_word(service.as_str()), Some(service));
        }
        for kind in PushKind::ALL {
            assert_eq!(PushKind::of_word(kind.as_str()), Some(kind));
        }
        for kind in PushErrorKind::ALL {
            assert_eq!(PushErrorKind::of_word(kind.as_str()), Some(kind));
        }
        assert_eq!(PushErrorKind::of_word("Gone"), None);
    }

    #[test]
    fn a_token_that_leads_to_a_phone_is_not_kept_in_its_row() {
        for token in
            ["webpush:{\"endpoint\":\"https://push.example/a\"}", "fcm:a:b", "apns:00fc", "webhook:1"]
        {
            assert_eq!(token_in_row(token.to_owned()), "*push");
        }
        for token in ["*web1", "f1:APA91b", "00fc13", "webpush"] {
            assert_eq!(token_in_row(token.to_owned()), token);
        }
    }

    #[test]
    fn only_a_phone_that_has_left_loses_its_subscription() {
        let dropped = |kind: &PushErrorKind| kind.then() == AfterRefusal::DropSubscription;
        assert_eq!(PushErrorKind::ALL.into_iter().filter(dropped).collect::<Vec<_>>(), [PushErrorKind::Gone]);
    }
}
