//! The keys of rows, each a type of its own.

use super::Value;

macro_rules! row_key {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(
            /// The number of the row.
            pub i64,
        );

        impl From<i64> for $name {
            fn from(key: i64) -> Self {
                Self(key)
            }
        }

        impl From<$name> for Value<'_> {
            fn from(key: $name) -> Self {
                Self::Integer(key.0)
            }
        }
    )+};
}

row_key! {
    /// The row of an application.
    ApplicationKey,
    /// The row of a user.
    UserKey,
    /// The row of a phone.
    DeviceKey,
    /// The row of a session.
    SessionKey,
    /// The row of an account of the Console.
    AccountKey,
    /// The row of a key of the Admin API.
    AdminKeyRow,
}
