//! [`EventKind`]: what an event tells of. [`EventHow`]: how it came about.

use crate::wire::word_enum;

word_enum! {
    /// The thing that an event tells of.
    EventKind {
        /// A user was added.
        UserAdded = "user.added",
        /// A user was deleted, with all phones and sessions.
        UserDeleted = "user.deleted",
        /// A phone was registered for a user. Where it replaces others, [`EventKind::PhoneRemoved`] of each of them carries the same time.
        PhoneRegistered = "phone.registered",
        /// A phone of a user was removed or replaced.
        PhoneRemoved = "phone.removed",
        /// A login was started.
        LoginStarted = "login.started",
        /// The user has accepted a login: its session is open.
        LoginAccepted = "login.accepted",
        /// The user has declined a login.
        LoginDenied = "login.denied",
        /// The user has declined a login and said that somebody else began it.
        LoginReported = "login.reported",
        /// A login ended in another way before a session was open; [`EventHow`] says in which.
        LoginFailed = "login.failed",
        /// An open session has ended; [`EventHow`] says how.
        SessionEnded = "session.ended",
        /// The application has a new secret.
        SecretRotated = "application.secret_rotated",
        /// Somebody tries the endpoint. Nothing has happened.
        Test = "endpoint.test",
    }
}

word_enum! {
    /// How the thing came about that an event tells of.
    EventHow {
        /// Something that was asked for was missing or wrong.
        ProofMissing = "proof-missing",
        /// The time to answer was up.
        NotAnswered = "not-answered",
        /// A newer question took its place.
        Superseded = "superseded",
        /// The phone was replaced, removed or lost.
        PhoneGone = "phone-gone",
        /// The user was deleted.
        UserDeleted = "user-deleted",
        /// The application ended it.
        ByApplication = "by-application",
        /// The user ended it on the phone.
        ByPhone = "by-phone",
        /// Somebody ended it in the Console or by a command.
        InConsole = "in-console",
        /// The application or the account was disabled.
        Disabled = "disabled",
        /// The session's time was up.
        Over = "over",
        /// The session's time was up while its phone was away.
        OverWhileAway = "over-while-away",
        /// By a link: the first phone of a user, or one in the place of all before.
        ByLink = "by-link",
        /// Another phone of the user has confirmed it.
        Confirmed = "confirmed",
        /// A recovery code of the user has confirmed it.
        Recovered = "recovered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::from(kind.as_str()), *kind);
            // The identifiers that the standard allows.
            let is_plain = |one: char| one.is_ascii_lowercase() || matches!(one, '.' | '_');
            assert!(kind.as_str().chars().all(is_plain), "{kind}");
        }
        for how in EventHow::ALL {
            assert_eq!(EventHow::from(how.as_str()), *how);
        }
        assert_eq!(EventKind::from("x.y"), EventKind::Unknown("x.y".to_owned()));
    }
}
