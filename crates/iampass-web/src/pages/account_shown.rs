//! The data of the user's own page. Does not belong here: those of other pages ([`super::shown`]), how it looks, and its words.

use std::net::IpAddr;

/// The user's own page: where the user is logged in, and with which phone.
#[derive(Debug, Clone, Copy)]
pub struct SessionsPage<'a> {
    /// The user, for a person.
    pub name: &'a str,
    /// The sessions, in the order in which they are listed: first that of the browser that shows the page.
    pub sessions: &'a [ListedSession],
    /// The browsers in which the user has signed in, in the order in which they are listed: first the one that shows the page.
    pub browsers: &'a [ListedBrowser],
    /// Whether the user has a phone. The phones themselves are listed on each of them.
    pub phone: RegisteredPhone,
    /// The front page of the application.
    pub home: &'a str,
}

/// Whether a user has a phone, as the service says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisteredPhone {
    /// One at least.
    Yes,
    /// None. The session was opened by a phone that was removed since.
    No,
    /// The service did not answer.
    Unknown,
}

/// A browser in which the user has signed in. It may have the phone asked when other browsers may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBrowser {
    /// The `id` that the form sends to make it unknown. It is not the digest that the browser is known by.
    pub id: String,
    /// Its short name, like `Firefox`. Empty if it is not known.
    pub browser: String,
    /// The system that it runs on, like `Windows`. Empty if it is not known.
    pub system: String,
    /// When the user signed in there last, in seconds since 1970 (UTC).
    pub used_at: u64,
    /// How long ago that was.
    pub used_ago_seconds: u64,
    /// Whether it is the browser that shows the page.
    pub is_this_one: bool,
}

/// One of the user's sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// The `id` that the form sends to end it. It is not the session's secret.
    pub id: String,
    /// The short name of the browser that it was begun in, like `Firefox`. Empty if it is not known.
    pub browser: String,
    /// The system that the browser runs on, like `Windows`. Empty if it is not known.
    pub system: String,
    /// The address from which it was begun, if it is known.
    pub address: Option<IpAddr>,
    /// When it began, in seconds since 1970 (UTC).
    pub started_at: u64,
    /// How long ago that was.
    pub started_ago_seconds: u64,
    /// Whether it is the session of the browser that shows the page.
    pub is_this_one: bool,
}
