//! The users whom a rule lets in. Belongs here: reading that, and comparing a user with it.

use crate::users::{User, login_of};

/// The users whom a rule lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Allowed {
    /// All, also those without a login.
    Public,
    /// All users.
    Everyone,
    /// These alone; nobody where the list is empty.
    Some(Vec<Who>),
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// The user of this login name.
    User(String),
    /// The members of this group.
    Group(String),
}

/// The text says nothing about who is let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} lets nobody in: write \"public\", \"everyone\", or a list like [\"group:ops\", \"user:anna\"]"
)]
pub struct InvalidAllowed(pub String);

impl Allowed {
    /// Reads a word.
    ///
    /// # Errors
    /// [`InvalidAllowed`].
    pub fn word(word: &str) -> Result<Self, InvalidAllowed> {
        match word {
            "public" => Ok(Self::Public),
            "everyone" => Ok(Self::Everyone),
            other => Err(InvalidAllowed(other.to_owned())),
        }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`InvalidAllowed`] for the first entry that is none.
    pub fn list<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidAllowed> {
        let who = |entry: &str| match entry.split_once(':') {
            Some(("user", name)) if !login_of(name).is_empty() => Ok(Who::User(login_of(name))),
            Some(("group", name)) if !name.trim().is_empty() => Ok(Who::Group(name.trim().to_owned())),
            _ => Err(InvalidAllowed(entry.to_owned())),
        };
        entries.into_iter().map(who).collect::<Result<_, _>>().map(Self::Some)
    }

    /// Whether it lets this user in.
    #[must_use]
    pub fn has(&self, user: &User) -> bool {
        match self {
            Self::Public | Self::Everyone => true,
            Self::Some(list) => list.iter().any(|who| match who {
                Who::User(login) => *login == user.login,
                Who::Group(group) => user.groups.iter().any(|own| own == group),
            }),
        }
    }
}
