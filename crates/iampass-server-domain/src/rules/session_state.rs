//! The life of a session.
//!
//! ```text
//! pending → identifying → active ⇄ walkaway → closed
//!    └───────────┴→ timeout | cancelled | failed | closed
//! ```
//!
//! The stored state may lag behind: a timer writes down that a deadline has passed. [`Timeline::state_at`] counts, so a late timer grants
//! no access. A phone that promises to be near ([`super::presence`]) sets one more time: when that has passed, the session is `walkaway`, and it is
//! `active` again with the phone's next word.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::wire::SessionStatus;

use super::presence::LONGEST_PROMISE;

/// The eight states; never a word that the published client does not know \[P\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The question waits for the phone.
    Pending,
    /// The phone shows the question.
    Identifying,
    /// Accepted: the user is logged in.
    Active,
    /// Logged in, and the phone is away.
    Walkaway,
    /// Not answered in time.
    Timeout,
    /// Accepted, but without something that was asked for.
    Failed,
    /// Declined, or the phone was gone before an answer.
    Cancelled,
    /// Over.
    Closed,
}

/// The events of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The phone shows the question.
    PickedUp,
    /// The user accepted and the phone brought what was asked for.
    Accepted,
    /// The user accepted, but something that was asked for is missing.
    ProofMissing,
    /// The user declined.
    Denied,
    /// Application or phone ended it.
    LoggedOut,
    /// The user says that the phone leaves.
    PhoneLeft,
    /// The user says that the phone is back.
    PhoneReturned,
    /// The phone has found that it is near, and promises to be until this time.
    PhoneNear {
        /// Until when it counts as near without a new word.
        until: UnixSeconds,
    },
    /// The phone has found that it is away.
    PhoneAway,
    /// A newer question has taken its place before anybody answered.
    Superseded,
    /// The phone was replaced, removed or lost, or the user was deleted.
    PhoneGone,
}

/// The event does not fit the state: the session stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPossible;

/// A session's state as it is stored, with the deadline of that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// As it was when something last happened.
    pub state: State,
    /// When the state ends by itself: the answer is due, or the session is over. None once it has ended.
    pub due_at: Option<UnixSeconds>,
    /// Until when the phone has promised to be near: an active session whose phone has not is `walkaway`. A session that is away by it keeps the
    /// time that has passed. None where the phone has promised nothing, or the user has said that the phone leaves or is back.
    pub near_until: Option<UnixSeconds>,
}

impl State {
    /// Not answered yet.
    pub const fn is_in_progress(self) -> bool {
        matches!(self, Self::Pending | Self::Identifying)
    }

    /// Accepted and not ended.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Active | Self::Walkaway)
    }

    /// Nothing happens to it any more.
    pub const fn is_ended(self) -> bool {
        !self.is_in_progress() && !self.is_open()
    }

    /// The word that stands in the store and in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Identifying => "identifying",
            Self::Active => "active",
            Self::Walkaway => "walkaway",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
        }
    }

    /// Reads a stored word. An unknown one is `closed`, so that it grants no access.
    pub fn from_word(word: &str) -> Self {
        match word {
            "pending" => Self::Pending,
            "identifying" => Self::Identifying,
            "active" => Self::Active,
            "walkaway" => Self::Walkaway,
            "timeout" => Self::Timeout,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Closed,
        }
    }
}

impl From<State> for SessionStatus {
    fn from(state: State) -> Self {
        Self::from(state.word())
    }
}

/// Clocks of nodes may differ by this much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(300);

/// Whether a promise to be near until then holds. One that is longer than any was made by a clock that was ahead, and must not hold for so long.
fn holds(until: UnixSeconds, now: UnixSeconds) -> bool {
    now < until && until <= now.plus(LONGEST_PROMISE + CLOCKS_DIFFER)
}

impl Timeline {
    /// A question that has just been put.
    pub fn asked(now: UnixSeconds, answer_timeout: Duration) -> Self {
        Self { state: State::Pending, due_at: Some(now.plus(answer_timeout)), near_until: None }
    }

    /// The state at `now`, whether or not a timer has written it down.
    pub fn state_at(self, now: UnixSeconds) -> State {
        match self.due_at {
            Some(due_at) if due_at <= now => match self.state {
                State::Pending | State::Identifying => State::Timeout,
                State::Active | State::Walkaway => State::Closed,
                ended => ended,
            },
            // A live state without a deadline would live for ever: it is not ours.
            None if !self.state.is_ended() => State::Closed,
            _ if self.state == State::Active && self.near_until.is_some_and(|until| !holds(until, now)) => {
                State::Walkaway
            }
            _ => self.state,
        }
    }

    /// The same, as it should be stored.
    pub fn settled(self, now: UnixSeconds) -> Self {
        let state = self.state_at(now);
        let goes_on = |_: &UnixSeconds| !state.is_ended();
        Self { state, due_at: self.due_at.filter(goes_on), near_until: self.near_until.filter(goes_on) }
    }

    /// The session after the event, when `event` happens at `now`; `duration` counts from the activation.
    pub fn after(self, event: Event, now: UnixSeconds, duration: Duration) -> Result<Self, NotPossible> {
        let settled = self.settled(now);
        let is_away = settled.state == State::Walkaway;
        // A sensor does not open a session that the user has locked: the user says that the phone is back.
        if is_away && settled.near_until.is_none() && matches!(event, Event::PhoneNear { .. }) {
            return Err(NotPossible);
        }
        let state = next(settled.state, event)?;
        let due_at = match (settled.state.is_open(), state) {
            (false, State::Active) => Some(now.plus(duration)),
            (_, ended) if ended.is_ended() => None,
            _ => settled.due_at,
        };
        let near_until = match event {
            _ if state.is_ended() => None,
            Event::PhoneNear { until } => Some(until),
            Event::PhoneAway if !is_away => Some(now),
            Event::PhoneLeft => None,
            Event::PhoneReturned if is_away => None,
            _ => settled.near_until,
        };
        Ok(Self { state, due_at, near_until })
    }
}

fn next(state: State, event: Event) -> Result<State, NotPossible> {
    use Event as E;
    use State as S;
    Ok(match (state, event) {
        (S::Pending | S::Identifying, E::PickedUp) => S::Identifying,
        (S::Pending | S::Identifying, E::Accepted) => S::Active,
        (S::Pending | S::Identifying, E::ProofMissing) => S::Failed,
        (S::Pending | S::Identifying, E::Denied | E::PhoneGone) => S::Cancelled,
        // It was not denied, and its application is not told so.
        (S::Pending | S::Identifying, E::Superseded) => S::Timeout,
        (S::Pending | S::Identifying | S::Active | S::Walkaway, E::LoggedOut) => S::Closed,
        (S::Active | S::Walkaway, E::PhoneGone) => S::Closed,
        (S::Active | S::Walkaway, E::PhoneLeft | E::PhoneAway) => S::Walkaway,
        (S::Active | S::Walkaway, E::PhoneReturned | E::PhoneNear { .. }) => S::Active,
        _ => return Err(NotPossible),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_000);
    const HOUR: Duration = Duration::from_secs(3_600);
    const STATES: [State; 8] = [
        State::Pending,
        State::Identifying,
        State::Active,
        State::Walkaway,
        State::Timeout,
        State::Failed,
        State::Cancelled,
        State::Closed,
    ];

    /// Every state (rows) with every event (columns); `-` is "not possible".
    #[test]
    fn a_promise_by_a_clock_that_was_ahead_holds_no_longer_than_any_other() {
        let now = UnixSeconds(1_000_000);
        let near = |until| Timeline {
            state: State::Active,
            due_at: Some(now.plus(Duration::from_secs(1_000_000))),
            near_until: Some(until),
        };
        assert_eq!(near(now.plus(LONGEST_PROMISE)).state_at(now), State::Active);
        let ahead = near(now.plus(Duration::from_secs(86_400)));
        assert_eq!(ahead.state_at(now), State::Walkaway);
    }

    #[test]
    fn every_event_in_every_state() {
        use Event::*;
        let events = [
            PickedUp,
            Accepted,
            ProofMissing,
            Denied,
            LoggedOut,
            PhoneLeft,
            PhoneReturned,
            PhoneGone,
            Superseded,
            PhoneNear { until: UnixSeconds(9) },
            PhoneAway,
        ];
        let table = "
            pending      identifying active failed cancelled closed -        -      cancelled timeout -      -
            identifying  identifying active failed cancelled closed -        -      cancelled timeout -      -
            active       -           -      -      -         closed walkaway active closed    -       active walkaway
            walkaway     -           -      -      -         closed walkaway active closed    -       active walkaway
            timeout      -           -      -      -         -      -        -      -         -       -      -
            failed       -           -      -      -         -      -        -      -         -       -      -
            cancelled    -           -      -      -         -      -        -      -         -       -      -
            closed       -           -      -      -         -      -        -      -         -       -      -";
        let mut rows = 0;
        for row in table.trim().lines() {
            let words: Vec<&str> = row.split_whitespace().collect();
            let state = State::from_word(words[0]);
            assert_eq!(state, STATES[rows], "the table has its rows in order");
            for (event, expected) in events.into_iter().zip(&words[1..]) {
                let got = next(state, event).map_or("-", State::word);
                assert_eq!(got, *expected, "{state:?} on {event:?}");
            }
            assert_eq!(words.len(), events.len() + 1);
            rows += 1;
        }
        assert_eq!(rows, STATES.len());
    }

    #[test]
    fn deadlines_count_whether_or_not_they_were_written_down() {
        for state in STATES {
            let timeline = Timeline { state, due_at: Some(UnixSeconds(1_060)), near_until: None };
            assert_eq!(timeline.state_at(UnixSeconds(1_059)), state);
            let after = timeline.state_at(UnixSeconds(1_060));
            let expected = match state {
                State::Pending | State::Identifying => State::Timeout,
                State::Active | State::Walkaway => State::Closed,
                ended => ended,
            };
            assert_eq!(after, expected);
            assert!(after.is_ended());
        }
    }

    #[test]
    fn nothing_activates_a_question_whose_time_is_up() {
        let asked = Timeline::asked(NOW, Duration::from_secs(60));
        assert!(asked.after(Event::Accepted, UnixSeconds(1_059), HOUR).is_ok());
        assert_eq!(asked.after(Event::Accepted, UnixSeconds(1_060), HOUR), Err(NotPossible));
    }

    #[test]
    fn the_duration_counts_from_the_activation_and_is_not_prolonged_by_a_walk() {
        let asked = Timeline::asked(NOW, Duration::from_secs(60));
        let active = asked.after(Event::Accepted, UnixSeconds(1_030), HOUR).unwrap();
        let due_at = Some(UnixSeconds(4_630));
        assert_eq!(active, Timeline { state: State::Active, due_at, near_until: None });
        let away = active.after(Event::PhoneLeft, UnixSeconds(2_000), HOUR).unwrap();
        let back = away.after(Event::PhoneReturned, UnixSeconds(3_000), HOUR).unwrap();
        assert_eq!(back, active);
        assert_eq!(away.after(Event::PhoneReturned, UnixSeconds(4_630), HOUR), Err(NotPossible));
    }

    #[test]
    fn a_live_state_without_a_deadline_lets_nobody_in() {
        let timeline = Timeline { state: State::Active, due_at: None, near_until: None };
        assert_eq!(timeline.state_at(NOW), State::Closed);
        assert_eq!(State::from_word("superuser"), State::Closed);
    }

    fn near(timeline: Timeline, at: u64, until: u64) -> Result<Timeline, NotPossible> {
        timeline.after(Event::PhoneNear { until: UnixSeconds(until) }, UnixSeconds(at), HOUR)
    }

    fn opened() -> Timeline {
        Timeline { state: State::Active, due_at: Some(UnixSeconds(4_630)), near_until: None }
    }

    #[test]
    fn a_promise_that_has_passed_is_a_walkaway_until_the_next_word() {
        let promised = near(opened(), 1_000, 1_090).unwrap();
        assert_eq!(promised.state_at(UnixSeconds(1_089)), State::Active);
        assert_eq!(promised.state_at(UnixSeconds(1_090)), State::Walkaway);
        for missed in [promised, promised.settled(UnixSeconds(1_090))] {
            let back = near(missed, 1_200, 1_290).unwrap();
            assert_eq!((back.state, back.near_until), (State::Active, Some(UnixSeconds(1_290))));
            assert_eq!(back.due_at, opened().due_at, "it lasts no longer for that");
        }
        assert_eq!(promised.settled(UnixSeconds(1_089)), promised);
        assert_eq!(promised.state_at(UnixSeconds(4_630)), State::Closed, "its end goes before");
        assert_eq!(near(promised, 4_630, 4_700), Err(NotPossible));
        let longer = near(opened(), 4_600, 8_000).unwrap();
        assert_eq!(longer.state_at(UnixSeconds(4_630)), State::Closed, "no promise prolongs a session");
    }

    #[test]
    fn a_phone_that_says_away_is_away_at_once_and_back_with_the_next_word() {
        for before in [opened(), near(opened(), 1_000, 1_090).unwrap()] {
            let away = before.after(Event::PhoneAway, UnixSeconds(1_010), HOUR).unwrap();
            assert_eq!((away.state, away.near_until), (State::Walkaway, Some(UnixSeconds(1_010))));
            assert_eq!(away.after(Event::PhoneAway, UnixSeconds(1_020), HOUR), Ok(away), "said again");
            assert_eq!(near(away, 1_030, 1_090).unwrap().state, State::Active);
        }
    }

    #[test]
    fn a_lock_of_the_user_is_opened_by_the_user_alone() {
        let promised = near(opened(), 1_000, 1_090).unwrap();
        let locked = promised.after(Event::PhoneLeft, UnixSeconds(1_010), HOUR).unwrap();
        assert_eq!(near(locked, 1_020, 1_110), Err(NotPossible));
        let said_away = locked.after(Event::PhoneAway, UnixSeconds(1_020), HOUR).unwrap();
        assert_eq!(
            near(said_away, 1_030, 1_110),
            Err(NotPossible),
            "nor by a sensor that was away meanwhile"
        );
        let back = said_away.after(Event::PhoneReturned, UnixSeconds(1_040), HOUR).unwrap();
        assert_eq!(back, opened());
        assert_eq!(near(back, 1_050, 1_110).unwrap().near_until, Some(UnixSeconds(1_110)));
        // The user is there, whatever the sensor has missed.
        let missed = promised.after(Event::PhoneReturned, UnixSeconds(1_090), HOUR).unwrap();
        assert_eq!(missed, opened());
        // A promise that holds is not lifted by a tap that was not needed.
        assert_eq!(promised.after(Event::PhoneReturned, UnixSeconds(1_010), HOUR), Ok(promised));
        // A lock on what a sensor has locked is the user's.
        let away = opened().after(Event::PhoneAway, UnixSeconds(1_010), HOUR).unwrap();
        let locked = away.after(Event::PhoneLeft, UnixSeconds(1_020), HOUR).unwrap();
        assert_eq!(near(locked, 1_030, 1_110), Err(NotPossible));
    }

    #[test]
    fn nothing_is_kept_of_a_promise_when_the_session_has_ended() {
        let promised = near(opened(), 1_000, 1_090).unwrap();
        let closed = promised.after(Event::LoggedOut, UnixSeconds(1_010), HOUR).unwrap();
        assert_eq!(closed, Timeline { state: State::Closed, due_at: None, near_until: None });
        assert_eq!(promised.settled(UnixSeconds(4_630)), closed);
    }
}
