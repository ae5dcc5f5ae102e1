//! The word of a phone that it is near or away \[X\].
//!
//! Belongs here: the body and the answer of `presence_url`. Does not belong here: how a phone finds out whether it is near.

use serde::{Deserialize, Deserializer, Serialize};

use super::unknown::Unknown;
use crate::UnixSeconds;

/// The word of a phone. It says of the session that it names, or of all that it has opened, whether it is near.
///
/// ```
/// use iampass_core::wire::PhonePresence;
///
/// let near = PhonePresence::Near { seconds: 90, session_id: None };
/// assert_eq!(serde_json::to_string(&near)?, r#"{"presence":"near","seconds":90}"#);
/// let away: PhonePresence = serde_json::from_str(r#"{"presence":"away","session_id":"9d2f0c41"}"#)?;
/// assert_eq!(away, PhonePresence::Away { session_id: Some("9d2f0c41".into()) });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "presence", rename_all = "snake_case", try_from = "Members")]
#[non_exhaustive]
pub enum PhonePresence {
    /// It is near, and promises to be for some time from when it is signed: without a new word until then, a session is `walkaway`.
    Near {
        /// For how many seconds: 10 to 3,600.
        seconds: u64,
        /// The session, by the name that the phone has of it. None: all that the phone has opened.
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
    },
    /// It is away: a session is `walkaway` at once, until the phone is near again.
    Away {
        /// As in [`PhonePresence::Near`].
        #[serde(skip_serializing_if = "Option::is_none")]
        session_id: Option<String>,
    },
}

#[derive(Deserialize)]
struct Members {
    presence: Word,
    seconds: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    session_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Near,
    Away,
}

impl TryFrom<Members> for PhonePresence {
    type Error = &'static str;

    fn try_from(Members { presence, seconds, session_id }: Members) -> Result<Self, Self::Error> {
        match (presence, seconds) {
            (Word::Near, Some(seconds)) => Ok(Self::Near { seconds, session_id }),
            (Word::Away, None) => Ok(Self::Away { session_id }),
            (Word::Near, None) => Err("`near` comes with `seconds`"),
            (Word::Away, Some(_)) => Err("`away` comes without `seconds`"),
        }
    }
}

/// The body posted to `presence_url`, in either form. A body that has both forms is an error \[X\].
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PresenceRequest {
    /// Of a phone with a key of its own: a JWS as in [`ChangeRequest`](super::ChangeRequest).
    Signed {
        /// The JWS.
        change: String,
    },
    /// Of a phone without one.
    Plain(PhonePresence),
}

impl<'de> Deserialize<'de> for PresenceRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        #[derive(Deserialize)]
        struct Either {
            #[serde(default, deserialize_with = "present")]
            change: Option<String>,
            #[serde(default, deserialize_with = "present")]
            presence: Option<Word>,
            seconds: Option<u64>,
            #[serde(default, deserialize_with = "present")]
            session_id: Option<String>,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let Either { change, presence, seconds, session_id, .. } = Either::deserialize(deserializer)?;
        match (change, presence) {
            (Some(change), None) => Ok(Self::Signed { change }),
            (None, Some(presence)) => {
                let members = Members { presence, seconds, session_id };
                PhonePresence::try_from(members).map(Self::Plain).map_err(D::Error::custom)
            }
            _ => Err(D::Error::custom("exactly one of `change` and `presence` has to be there")),
        }
    }
}

/// The answer of `presence_url` \[X\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceAnswer {
    /// Whether it was taken.
    pub status: bool,
    /// How many sessions the word counts for. Those that the user has locked are not among them.
    #[serde(default)]
    pub sessions: u64,
    /// How many sessions it changes nothing about, because a word of this phone that was signed later was there before it. Between two words of
    /// one second, `away` counts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub overtaken: u64,
    /// Until when they stay active without a new word. None of a phone that is away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_until: Option<UnixSeconds>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A member that is there has a value, and is not `null`: it would mean all sessions.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::{ChangeClaims, PhoneChange};
    use super::*;

    const NEAR: &str = r#""presence":"near","seconds":90"#;

    #[test]
    fn a_word_is_read_as_it_is_written_plain_and_in_a_signed_change() {
        for (word, members) in [
            (PhonePresence::Near { seconds: 90, session_id: None }, NEAR.to_owned()),
            (
                PhonePresence::Near { seconds: 10, session_id: Some("s".into()) },
                r#""presence":"near","seconds":10,"session_id":"s""#.to_owned(),
            ),
            (PhonePresence::Away { session_id: None }, r#""presence":"away""#.to_owned()),
        ] {
            assert_eq!(serde_json::to_string(&word).unwrap(), format!("{{{members}}}"));
            let plain: PresenceRequest = serde_json::from_str(&format!(r#"{{{members},"new":1}}"#)).unwrap();
            assert!(matches!(plain, PresenceRequest::Plain(read) if read == word), "{members}");
            let change = PhoneChange::Presence(word.clone());
            let json = format!(r#"{{"change":"presence",{members}}}"#);
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
            let claims = format!(r#"{{"iss":"D","aud":"A","sub":"U","iat":1,{}"#, &json[1..]);
            let read: ChangeClaims = serde_json::from_str(&claims).unwrap();
            assert!(matches!(read.change, PhoneChange::Presence(read) if read == word), "{members}");
        }
        let signed: PresenceRequest = serde_json::from_str(r#"{"change":"jws"}"#).unwrap();
        assert!(matches!(signed, PresenceRequest::Signed { change } if change == "jws"));
    }

    #[test]
    fn a_word_that_is_not_whole_or_says_two_things_is_none() {
        for bad in [
            "{}",
            r#"["near",90]"#,
            r#"{"presence":"near"}"#,
            r#"{"presence":"near","seconds":null}"#,
            r#"{"presence":"near","seconds":-1}"#,
            r#"{"presence":"near","seconds":1.5}"#,
            r#"{"presence":"near","seconds":"90"}"#,
            r#"{"presence":"near","seconds":18446744073709551616}"#,
            r#"{"presence":"away","seconds":90}"#,
            r#"{"presence":"here","seconds":90}"#,
            r#"{"presence":null}"#,
            r#"{"presence":"near","presence":"away","seconds":90}"#,
            r#"{"presence":"near","seconds":90,"seconds":3600}"#,
            r#"{"presence":"away","session_id":null}"#,
            r#"{"presence":"away","session_id":7}"#,
            r#"{"presence":"away","change":"jws"}"#,
            r#"{"change":null}"#,
        ] {
            assert!(serde_json::from_str::<PresenceRequest>(bad).is_err(), "{bad}");
            let in_jws = bad.replacen('{', r#"{"change":"presence","#, 1).replace(",}", "}");
            assert!(serde_json::from_str::<PhoneChange>(&in_jws).is_err(), "{in_jws}");
        }
    }
}
