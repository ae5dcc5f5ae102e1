//! [`AdminScope`]: what a key of the Admin API may be used for.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A scope of a key of the Admin API \[X\]. A key may do what its scopes name, and nothing else: none of them includes another one.
        ///
        /// ```
        /// use iampass_core::wire::AdminScope;
        ///
        /// assert_eq!(AdminScope::of_word("users:read"), Some(AdminScope::UsersRead));
        /// assert_eq!(AdminScope::of_word("users:*"), None);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum AdminScope {
            $($(#[$doc])* $variant),+
        }

        impl AdminScope {
            /// All of them, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire, in the store and on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// Reads a word. None for one that is not known: such a scope is no scope.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

scopes! {
    /// See applications with their settings.
    ApplicationsRead = "applications:read",
    /// Add applications, change their settings, give them new secrets, disable, enable and delete them.
    ApplicationsWrite = "applications:write",
    /// See the users of applications.
    UsersRead = "users:read",
    /// Add and delete users.
    UsersWrite = "users:write",
    /// Make registration links, and remove phones. The holder of a link can become the user.
    PhonesWrite = "phones:write",
    /// See open sessions and the history of logins.
    SessionsRead = "sessions:read",
    /// End sessions.
    SessionsEnd = "sessions:end",
    /// See the audit log.
    AuditRead = "audit:read",
    /// See the accounts of the Console.
    AccountsRead = "accounts:read",
    /// Disable, enable and log out accounts of the Console.
    AccountsWrite = "accounts:write",
    /// See the report of the service about itself.
    ServiceRead = "service:read",
}

impl AdminScope {
    /// Whether it is about the service as a whole. A key that is limited to one application has no such scope.
    ///
    /// ```
    /// use iampass_core::wire::AdminScope;
    ///
    /// assert!(AdminScope::AccountsWrite.is_of_the_service() && !AdminScope::AuditRead.is_of_the_service());
    /// ```
    #[must_use]
    pub const fn is_of_the_service(self) -> bool {
        matches!(self, Self::AccountsRead | Self::AccountsWrite | Self::ServiceRead)
    }
}

impl fmt::Display for AdminScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for AdminScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for AdminScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::of_word(&word).ok_or_else(|| serde::de::Error::custom("no scope has this name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_by_their_words_alone() {
        for scope in AdminScope::ALL {
            assert_eq!(AdminScope::of_word(scope.word()), Some(*scope));
        }
        for word in ["", "*", "users", "users:", "USERS:READ", "users:read ", "keys:write"] {
            assert_eq!(AdminScope::of_word(word), None, "{word:?}");
            assert!(serde_json::from_value::<AdminScope>(word.into()).is_err(), "{word:?}");
        }
    }
}
