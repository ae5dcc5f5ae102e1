//! The record of an attempt to log in that all nodes share. Belongs here: its states, and which may follow which. Does not belong here:
//! storing it.

use iampass_core::{SessionToken, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::came_back::{BackDigest, BackSecret};

/// Which attempt it is: 128 random bits, known to the browser that began it (in a sealed cookie) and to nobody else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct AttemptId(String);

impl AttemptId {
    /// `None` when the system gives no randomness.
    pub(crate) fn random() -> Option<Self> {
        crate::random_text::random_text().map(Self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which browser asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Asker {
    /// One in which this user has not signed in before.
    #[serde(rename = "s")]
    Stranger,
    /// One in which this user has signed in before: the digest of its id.
    #[serde(rename = "k")]
    Known(String),
    /// The same, with its own budget used up, or beside another known browser that has the place: it may be somebody with a copy of the cookie. It is asked
    /// about as a stranger is, and a denial makes it unknown all the same.
    #[serde(rename = "u")]
    UsedUp(String),
}

impl Asker {
    pub(crate) const fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// The same browser where it has no place: it is asked about as a stranger is.
    pub(crate) fn aside(self) -> Self {
        match self {
            Self::Known(digest) | Self::UsedUp(digest) => Self::UsedUp(digest),
            Self::Stranger => Self::Stranger,
        }
    }

    /// Whether an attempt of this browser may take the place of a live one of `other`. A known browser gives way to known ones only.
    pub(crate) const fn may_displace(&self, other: &Self) -> bool {
        self.is_known() || !other.is_known()
    }

    /// Whether both are the same browser, in which the user has signed in before, whatever is left of its budget.
    pub(crate) fn is_same_browser(&self, other: &Self) -> bool {
        self.digest().is_some() && self.digest() == other.digest()
    }

    /// The digest of a browser in which the user has signed in before.
    pub(crate) fn digest(&self) -> Option<&str> {
        match self {
            Self::Stranger => None,
            Self::Known(digest) | Self::UsedUp(digest) => Some(digest),
        }
    }
}

/// The user of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    /// That of the user who has the name that was typed.
    #[default]
    Named,
    /// That of the user whose phone brings the code.
    Nameless,
}

/// How far an attempt is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// No phone is asked yet.
    #[serde(rename = "starting")]
    Starting,
    /// The phone is asked, by this session.
    #[serde(rename = "asked")]
    Asked { session: SessionToken },
    /// No phone is asked, and the browser is not to see the difference: the name is nobody's, the user has no phone, or was asked too
    /// often.
    #[serde(rename = "not_asked")]
    NotAsked,
    /// The user accepted; the browser has not come for it yet.
    #[serde(rename = "answered")]
    Answered { session: SessionToken },
    /// The browser has been given this session.
    #[serde(rename = "taken_up")]
    TakenUp { session: SessionToken },
    /// It lets no user in.
    #[serde(rename = "ended")]
    Ended { end: AttemptEnd },
}

/// Why nobody gets in by an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AttemptEnd {
    Declined,
    /// The user says that somebody else has begun it.
    Reported,
    /// The phone brought too many wrong codes.
    WrongCode,
    NoAnswer,
    Cancelled,
    Failed,
    /// The same browser began a newer one.
    Replaced,
    /// Another browser began one for the same user.
    Superseded,
    /// A browser that the user knows was being asked about when this one began.
    Busy,
    /// The user denied several in a row, so phones are not asked for strangers for a while.
    Paused,
    /// The service was asked too often for this user. Only a browser that the user knows is told.
    TooMany,
    /// The service refuses this application.
    Refused,
    /// The service did not answer.
    Unreachable,
    /// The application does not know the user whose phone accepted a login without a name.
    UnknownUser,
}

/// The code that the page of an attempt shows, sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SealedCode(String);

impl SealedCode {
    pub(crate) fn new(sealed: &str) -> Self {
        Self(sealed.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// An attempt, as all nodes see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) asker: Asker,
    /// When it is over if nobody answers.
    pub(crate) until: UnixMillis,
    pub(crate) phase: Phase,
    /// Whether it took the place of another browser's question.
    #[serde(default)]
    pub(crate) has_displaced: bool,
    /// Since when its page has nothing to accept any more: its question was answered, or it is over otherwise.
    #[serde(default)]
    pub(crate) closed_at: Option<UnixMillis>,
    /// When it was first known that its browser shows nothing to accept any more.
    #[serde(default)]
    pub(crate) told_at: Option<UnixMillis>,
    /// Whether another browser took its place in which the user has not signed in before.
    #[serde(default)]
    pub(crate) is_displaced: bool,
    /// Whether its question was put, or its page shown as if it were.
    #[serde(default)]
    pub(crate) was_put: bool,
    /// Attempts whose pages its question has to wait for.
    #[serde(default)]
    pub(crate) after: Vec<Earlier>,
    /// The code that its page shows, from when its question is put until it is over.
    #[serde(default)]
    pub(crate) code: Option<SealedCode>,
    /// The browser that came back from IAMPASS on the same device: it alone takes the login up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) back: Option<BackDigest>,
}

/// An attempt that had the place before, whose page may still say that there is something to accept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Earlier {
    pub(crate) attempt: AttemptId,
    pub(crate) closed_at: UnixMillis,
    /// Whether another browser took its place in which the user has not signed in before.
    #[serde(default)]
    pub(crate) is_displaced: bool,
}

impl Attempt {
    pub(crate) const fn new(asker: Asker, until: UnixMillis) -> Self {
        Self {
            asker,
            until,
            phase: Phase::Starting,
            has_displaced: false,
            closed_at: None,
            told_at: None,
            is_displaced: false,
            was_put: false,
            after: Vec::new(),
            code: None,
            back: None,
        }
    }

    /// Whether a phone is asked, or about to be, or would be if the name were somebody's.
    pub(crate) fn is_live(&self, now: UnixMillis) -> bool {
        self.until > now && self.is_open()
    }

    /// Whether nobody has answered or ended it, whatever the time.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Asked { .. } | Phase::NotAsked)
    }

    /// Whether a browser may take this attempt for its own that has the cookie of the login, and these digests if it is known. The
    /// cookie of the login alone takes nothing from a known browser: it may be a copy.
    pub(crate) fn is_own_to(&self, mut browser: impl Iterator<Item = String>) -> bool {
        self.asker.digest().is_none_or(|digest| browser.any(|known| known == digest))
    }

    /// Whether the login is this browser's: any that has its cookie, until one has come back from IAMPASS.
    pub(crate) fn is_of_browser(&self, secret: Option<&BackSecret>) -> bool {
        self.back.as_ref().is_none_or(|back| back.is_of(secret))
    }

    /// It goes on with a phase in which its page has nothing to accept. The first such instant counts.
    pub(crate) fn close(&mut self, phase: Phase, now: UnixMillis) {
        self.phase = phase;
        self.code = None;
        self.closed_at.get_or_insert(now);
    }

    /// The attempts that the next question has to wait for when this attempt, `own`, gives its place away. The page of one whose question was
    /// never put has said of nothing that it can be accepted.
    pub(crate) fn earlier(&self, own: &AttemptId, now: UnixMillis) -> Vec<Earlier> {
        if !self.was_put {
            return self.after.clone();
        }
        vec![Earlier {
            attempt: own.clone(),
            closed_at: self.closed_at.unwrap_or(now),
            is_displaced: self.is_displaced,
        }]
    }

    /// The session whose question is on the phone, if one is.
    pub(crate) fn asked_session(&self) -> Option<&SessionToken> {
        match &self.phase {
            Phase::Asked { session } | Phase::Answered { session } => Some(session),
            _ => None,
        }
    }
}

/// Which attempt has a user's place. A user, or a name that nobody has, has one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) attempt: AttemptId,
}
