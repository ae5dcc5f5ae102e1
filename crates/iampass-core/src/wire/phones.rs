//! Several phones of one user: the list of them, a phone that waits to be confirmed, and recovery codes \[X\].
//!
//! Each phone of such a user has a key of its own, and signs what it changes with it ([`PhoneChange`](super::PhoneChange)).

use serde::{Deserialize, Serialize};

use super::Platform;
use super::word::word_enum;
use crate::{DeviceId, Secret, UnixSeconds};

/// Where a phone calls about the phones of its user. All are signed with the phone's credentials \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PhoneUrls {
    /// GET: [`PhoneList`].
    #[serde(rename = "phones")]
    pub list: String,
    /// POST [`ChangeRequest`](super::ChangeRequest): confirm or deny a phone that waits, name or remove one. The answer is [`PhoneList`].
    #[serde(rename = "phones_change")]
    pub change: String,
    /// POST [`ChangeRequest`](super::ChangeRequest): [`PhoneLink`] for one more phone.
    #[serde(rename = "phones_link")]
    pub link: String,
    /// POST [`ChangeRequest`](super::ChangeRequest): [`RecoveryCodes`] in place of those that were made before.
    pub recovery_codes: String,
}

impl PhoneUrls {
    /// The URLs below this one, which is that of the phone.
    #[must_use]
    pub fn below(phone: &str) -> Self {
        Self {
            list: format!("{phone}/phones"),
            change: format!("{phone}/phones/change"),
            link: format!("{phone}/phones/link"),
            recovery_codes: format!("{phone}/recovery_codes"),
        }
    }
}

/// The facts for a phone that waits to be confirmed: a part of the answer to its registration \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaitingRecord {
    /// The digits that it shows. They are typed on a phone that the user has.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub code: Secret,
    /// When it is forgotten unless it was confirmed.
    pub expires_at: UnixSeconds,
    /// GET: [`WaitingAnswer`]. With `?wait=SECONDS` it answers as soon as the phone is confirmed, or when the time is up.
    pub state_url: String,
    /// POST [`ChangeRequest`](super::ChangeRequest) with a recovery code. The answer is [`WaitingAnswer`].
    pub recover_url: String,
}

word_enum! {
    /// The state of a phone that was added \[X\]. One that was denied, or whose time is up, is not known any more.
    WaitingState {
        /// It waits to be confirmed.
        Waiting = "waiting",
        /// It is one of the user's phones.
        Confirmed = "confirmed",
    }
}

/// The answer to a phone that waits \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingAnswer {
    /// Its state.
    pub state: WaitingState,
    /// When it is forgotten unless it was confirmed. None once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixSeconds>,
}

/// The phones of a user, as each of them sees them \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneList {
    /// The phones, the oldest first.
    pub phones: Vec<ListedPhone>,
    /// The phone that waits to be confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingPhone>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
    /// When those were made. None where none are left. Codes that somebody else made on the phone are seen by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_codes_made_at: Option<UnixSeconds>,
    /// The latest of what became of the phones, the newest first.
    pub events: Vec<PhoneEvent>,
}

/// A phone in the list \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPhone {
    /// Its id.
    pub phone_id: DeviceId,
    /// The name that the user gave it; empty without one.
    pub name: String,
    /// The kind of phone, if it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// When it was added.
    pub added_at: UnixSeconds,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<UnixSeconds>,
    /// Whether it is the phone that asks.
    pub is_this: bool,
    /// It was let in a short time ago, by a recovery code or beside a phone that proves unlocking. Until then it changes nothing about the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<UnixSeconds>,
}

/// A phone that waits to be confirmed, as a phone of the user sees it \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPhone {
    /// Its id.
    pub phone_id: DeviceId,
    /// The name that it gave itself; empty without one.
    pub name: String,
    /// The kind of phone, if it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Since when it waits.
    pub asked_at: UnixSeconds,
    /// Until when.
    pub expires_at: UnixSeconds,
}

word_enum! {
    /// A change to a phone \[X\].
    PhoneEventKind {
        /// It is the user's first, or took the place of those before.
        Registered = "registered",
        /// It waits to be confirmed.
        Waits = "waits",
        /// Another phone has confirmed it.
        Confirmed = "confirmed",
        /// A recovery code has confirmed it.
        Recovered = "recovered",
        /// It was not let in: a phone has denied it, or its code was wrong three times.
        Denied = "denied",
        /// It has got another name.
        Named = "named",
        /// It was removed.
        Removed = "removed",
        /// It has made new recovery codes.
        CodesMade = "codes_made",
        /// It has made a link for one more phone.
        LinkMade = "link_made",
    }
}

/// A change to a phone, and its time \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneEvent {
    /// Its number. A later one has a higher number.
    pub number: u64,
    /// When it was.
    pub at: UnixSeconds,
    /// The kind of change.
    pub event: PhoneEventKind,
    /// The phone that it is about.
    pub phone_id: DeviceId,
    /// The name of that phone then.
    pub name: String,
    /// The kind of that phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
}

/// A link by which one more phone is added \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhoneLink {
    /// The link. It is good once.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub register_url: Secret,
    /// Until when it is good.
    pub expires_at: UnixSeconds,
}

/// New recovery codes, which are shown once \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// The codes, each in groups of letters and digits.
    #[serde(serialize_with = "exposed")]
    pub recovery_codes: Vec<Secret>,
}

fn exposed<S: serde::Serializer>(codes: &[Secret], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(codes.iter().map(Secret::expose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_once_is_not_printed() {
        let codes = RecoveryCodes { recovery_codes: vec!["0123-ABCD".into()] };
        assert_eq!(serde_json::to_value(&codes).unwrap()["recovery_codes"][0], "0123-ABCD");
        let link = PhoneLink { register_url: "https://h/r/code".into(), expires_at: UnixSeconds(1) };
        let waiting = WaitingRecord {
            code: "482913".into(),
            expires_at: UnixSeconds(1),
            state_url: String::new(),
            recover_url: String::new(),
        };
        let printed = format!("{codes:?}{link:?}{waiting:?}");
        for secret in ["0123", "/r/code", "482913"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
