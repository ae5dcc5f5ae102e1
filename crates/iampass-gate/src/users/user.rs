//! A user, and how login names are compared.

/// A user, as the site gets to know one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The login name, as [`login_of`] writes it.
    pub login: String,
    /// The name that people read.
    pub display_name: String,
    /// The groups.
    pub groups: Vec<String>,
    /// The e-mail address, if one is written down.
    pub email: Option<String>,
}

/// The longest login name, in bytes.
pub const LONGEST_LOGIN: usize = 200;

/// A login name as names are compared: without white space around it, in lower case.
#[must_use]
pub fn login_of(name: &str) -> String {
    name.trim().to_lowercase()
}
