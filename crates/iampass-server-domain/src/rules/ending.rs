//! [`Ending`]: why a session ended. [`Outcome`]: how a login went, as its row is read later.
//!
//! Belongs here: the words of the store and what they mean together. Does not belong here: who is told of it.

use super::{EndReason, Event, State, Timeline};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word in the store, in a query and in a file.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// Reads a word. None where it is none of these.
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

words! {
    /// Why a session ended, or why a question was answered by nobody.
    Ending {
        /// The user declined.
        Denied = "denied",
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
        /// The application ended it: the user logged out there, or the login was given up.
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
    }
}

words! {
    /// How a login went.
    Outcome {
        /// The question waits for an answer.
        Waiting = "waiting",
        /// It was accepted.
        Accepted = "accepted",
        /// It was declined.
        Denied = "denied",
        /// It was declined, and reported as begun by somebody else.
        Reported = "reported",
        /// The time to answer was up.
        NotAnswered = "not-answered",
        /// A newer question took its place.
        Superseded = "superseded",
        /// It was taken back before an answer.
        Withdrawn = "withdrawn",
        /// Too many wrong codes were brought.
        WrongCode = "wrong-code",
        /// It was accepted without something that was asked for.
        Failed = "failed",
        /// It was declined or withdrawn: its row says only that it was one of the two.
        Cancelled = "cancelled",
    }
}

impl Ending {
    /// The ending that an event brings by itself. A logout is that of the application, unless its caller knows better. None for an event that ends
    /// nothing.
    #[must_use]
    pub const fn by_event(event: Event) -> Option<Self> {
        match event {
            Event::Denied => Some(Self::Denied),
            Event::ProofMissing => Some(Self::ProofMissing),
            Event::Superseded => Some(Self::Superseded),
            Event::PhoneGone => Some(Self::PhoneGone),
            Event::LoggedOut => Some(Self::ByApplication),
            Event::PickedUp
            | Event::Accepted
            | Event::PhoneLeft
            | Event::PhoneReturned
            | Event::PhoneNear { .. }
            | Event::PhoneAway => None,
        }
    }

    /// The ending that the deadline of this timeline brings.
    #[must_use]
    pub fn by_deadline(before: Timeline) -> Self {
        let has_missed = || before.near_until.zip(before.due_at).is_some_and(|(until, due)| until < due);
        match before.state {
            state if state.is_in_progress() => Self::NotAnswered,
            State::Active if !has_missed() => Self::Over,
            _ => Self::OverWhileAway,
        }
    }
}

impl Outcome {
    /// The outcome that a row tells of. `was_accepted` is whether it was ever active; `ending` is None where the row does not say why it ended.
    #[must_use]
    pub const fn of(
        state: State,
        was_accepted: bool,
        ending: Option<Ending>,
        reason: Option<EndReason>,
    ) -> Self {
        if was_accepted {
            return Self::Accepted;
        }
        match (state, reason, ending) {
            (State::Pending | State::Identifying, ..) => Self::Waiting,
            (State::Failed, Some(EndReason::WrongCode), _) => Self::WrongCode,
            (State::Failed, ..) => Self::Failed,
            (State::Cancelled, Some(EndReason::Reported), _) => Self::Reported,
            (State::Cancelled, _, Some(Ending::Denied)) => Self::Denied,
            (State::Cancelled, _, None) => Self::Cancelled,
            (State::Timeout, _, Some(Ending::Superseded)) => Self::Superseded,
            (State::Timeout, ..) => Self::NotAnswered,
            _ => Self::Withdrawn,
        }
    }

    /// Whether a phone has answered.
    #[must_use]
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Accepted | Self::Denied | Self::Reported)
    }
}

#[cfg(test)]
mod tests {
    use iampass_core::UnixSeconds;

    use super::*;

    #[test]
    fn words_are_read_as_they_were_written() {
        for ending in Ending::ALL {
            assert_eq!(Ending::of_word(ending.word()), Some(*ending));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::of_word(outcome.word()), Some(*outcome));
        }
        assert_eq!((Ending::of_word("x"), Outcome::of_word("")), (None, None));
    }

    #[test]
    fn a_row_tells_what_became_of_its_login() {
        use Outcome as O;
        let of = |state, ending| O::of(state, false, ending, None);
        assert_eq!(of(State::Pending, None), O::Waiting);
        assert_eq!(of(State::Cancelled, Some(Ending::Denied)), O::Denied);
        assert_eq!(of(State::Cancelled, Some(Ending::PhoneGone)), O::Withdrawn);
        assert_eq!(of(State::Cancelled, None), O::Cancelled);
        assert_eq!(of(State::Timeout, Some(Ending::NotAnswered)), O::NotAnswered);
        assert_eq!(of(State::Timeout, None), O::NotAnswered);
        assert_eq!(of(State::Timeout, Some(Ending::Superseded)), O::Superseded);
        assert_eq!(of(State::Closed, Some(Ending::ByApplication)), O::Withdrawn);
        assert_eq!(of(State::Failed, Some(Ending::ProofMissing)), O::Failed);
        assert_eq!(O::of(State::Failed, false, None, Some(EndReason::WrongCode)), O::WrongCode);
        assert_eq!(O::of(State::Cancelled, false, None, Some(EndReason::Reported)), O::Reported);
        for state in [State::Active, State::Walkaway, State::Closed] {
            assert_eq!(O::of(state, true, None, None), O::Accepted);
        }
    }

    #[test]
    fn a_deadline_ends_a_session_by_what_it_was() {
        let of = |state, near_until: Option<u64>| {
            let near_until = near_until.map(UnixSeconds);
            Ending::by_deadline(Timeline { state, due_at: Some(UnixSeconds(100)), near_until })
        };
        assert_eq!(of(State::Pending, None), Ending::NotAnswered);
        assert_eq!(of(State::Active, None), Ending::Over);
        assert_eq!(of(State::Active, Some(110)), Ending::Over);
        assert_eq!(of(State::Active, Some(90)), Ending::OverWhileAway);
        assert_eq!(of(State::Walkaway, None), Ending::OverWhileAway);
    }
}
