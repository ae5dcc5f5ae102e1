//! [`Assurance`]: the facts that the approval of a session has proven \[X\].

use serde::{Deserialize, Serialize};

use super::unknown::Unknown;
use super::word::word_enum;

word_enum! {
    /// The key that a phone's answer is believed by \[X\].
    KeyKind {
        /// A key that never leaves the phone, and of which the service knows the public half alone.
        Device = "device",
        /// A secret that phone and service share.
        Shared = "shared",
    }
}

/// The facts that the approval of a session has proven. A member that is absent counts as not proven \[X\].
///
/// ```
/// use iampass_core::wire::{Assurance, KeyKind};
///
/// let assurance: Assurance = serde_json::from_str(r#"{"code": true, "unlocked": false, "key": "device"}"#)?;
/// assert!(assurance.code && !assurance.unlocked);
/// assert_eq!(assurance.key, KeyKind::Device);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Members")]
#[non_exhaustive]
pub struct Assurance {
    /// The phone brought what the browser showed.
    pub code: bool,
    /// The person unlocked the phone for this question.
    pub unlocked: bool,
    /// The key that signed the answer.
    pub key: KeyKind,
}

/// As it is read: from an object only.
#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    code: bool,
    #[serde(default)]
    unlocked: bool,
    #[serde(default = "shared")]
    key: KeyKind,
    #[serde(flatten)]
    _unknown: Unknown,
}

impl From<Members> for Assurance {
    fn from(Members { code, unlocked, key, .. }: Members) -> Self {
        Self { code, unlocked, key }
    }
}

fn shared() -> KeyKind {
    KeyKind::Shared
}

impl Default for Assurance {
    /// Nothing is proven.
    fn default() -> Self {
        Self { code: false, unlocked: false, key: KeyKind::Shared }
    }
}

impl Assurance {
    /// The same with the code brought, or not.
    #[must_use]
    pub fn code(mut self, code: bool) -> Self {
        self.code = code;
        self
    }

    /// The same with the phone unlocked, or not.
    #[must_use]
    pub fn unlocked(mut self, unlocked: bool) -> Self {
        self.unlocked = unlocked;
        self
    }

    /// The same with this key.
    #[must_use]
    pub fn key(mut self, key: KeyKind) -> Self {
        self.key = key;
        self
    }

    /// Whether everything that `wanted` has is proven here too. A key of an unknown kind proves nothing.
    ///
    /// ```
    /// use iampass_core::wire::{Assurance, KeyKind};
    ///
    /// let proven = Assurance::default().code(true).key(KeyKind::Device);
    /// assert!(proven.covers(&Assurance::default().code(true)));
    /// assert!(!proven.covers(&Assurance::default().unlocked(true)));
    /// assert!(!Assurance::default().covers(&Assurance::default().key(KeyKind::Device)));
    /// ```
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        let key =
            wanted.key == KeyKind::Shared || (wanted.key == KeyKind::Device && self.key == KeyKind::Device);
        key && (self.code || !wanted.code) && (self.unlocked || !wanted.unlocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An array of the values in their order would prove what nobody has said.
    #[test]
    fn it_is_read_from_an_object_only() {
        for json in ["[]", r#"[true, true, "device"]"#, "null", "true", r#"{"code": true, "code": false}"#] {
            assert!(serde_json::from_str::<Assurance>(json).is_err(), "{json}");
        }
        let read: Assurance = serde_json::from_str(r#"{"code": true, "new": [1]}"#).unwrap();
        assert_eq!(read, Assurance::default().code(true));
    }
}
