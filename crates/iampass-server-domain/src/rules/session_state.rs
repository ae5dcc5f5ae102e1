//! The life of a session.
//!
//! ```text
//! pending → identifying → active ⇄ walkaway → closed
//!    └───────────┴→ timeout | cancelled | failed | closed
//! ```
//!
//! The stored state may lag behind: a timer writes down that a deadline has passed. [`Timeline::state_at`] counts, so a late timer grants
//! no access.

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::wire::{AuthenticationMethod, SessionStatus};
use serde_json::{Map, Value};

use crate::UnverifiedMethods;

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
    /// The phone left.
    PhoneLeft,
    /// The phone is back.
    PhoneReturned,
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

impl Timeline {
    /// A question that has just been put.
    pub fn asked(now: UnixSeconds, answer_timeout: Duration) -> Self {
        Self { state: State::Pending, due_at: Some(now.plus(answer_timeout)) }
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
            _ => self.state,
        }
    }

    /// The same, as it should be stored.
    pub fn settled(self, now: UnixSeconds) -> Self {
        let state = self.state_at(now);
        Self { state, due_at: self.due_at.filter(|_| !state.is_ended()) }
    }

    /// The session after the event, when `event` happens at `now`; `duration` counts from the activation.
    pub fn after(self, event: Event, now: UnixSeconds, duration: Duration) -> Result<Self, NotPossible> {
        let settled = self.settled(now);
        let state = next(settled.state, event)?;
        let due_at = match (settled.state.is_open(), state) {
            (false, State::Active) => Some(now.plus(duration)),
            (_, ended) if ended.is_ended() => None,
            _ => settled.due_at,
        };
        Ok(Self { state, due_at })
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
        (S::Pending | S::Identifying | S::Active | S::Walkaway, E::LoggedOut) => S::Closed,
        (S::Active | S::Walkaway, E::PhoneGone) => S::Closed,
        (S::Active | S::Walkaway, E::PhoneLeft) => S::Walkaway,
        (S::Active | S::Walkaway, E::PhoneReturned) => S::Active,
        _ => return Err(NotPossible),
    })
}

/// Whether an answer can prove this method. That the user accepts is the answer itself; for the others the service has only the phone's word,
/// which proves nothing, so that they can be simulated at most.
pub fn can_be_verified(method: &AuthenticationMethod, unverified: UnverifiedMethods) -> bool {
    match method {
        AuthenticationMethod::Acceptance => true,
        AuthenticationMethod::Device | AuthenticationMethod::Facial => {
            unverified == UnverifiedMethods::Simulated
        }
        _ => false,
    }
}

/// Whether the phone's answer holds what the methods ask for: `os_authentication` for `device` and `facial` for `facial` \[F\]. Only an
/// explicit yes is one: `{"authenticated": true}` for the former, `{"match": true}` for the latter \[X\]. A missing member, another type and
/// any other value are none.
pub fn brings_what_was_asked(
    methods: &[AuthenticationMethod],
    collected: &Map<String, Value>,
    unverified: UnverifiedMethods,
) -> bool {
    let affirms = |field: &str, member: &str| {
        collected.get(field).and_then(|field| field.get(member)).and_then(Value::as_bool) == Some(true)
    };
    methods.iter().all(|method| {
        can_be_verified(method, unverified)
            && match method {
                // `accepted` itself is the confirmation. One that contradicts itself is none.
                AuthenticationMethod::Acceptance => {
                    let said = collected.get("acceptance").and_then(|acceptance| acceptance.get("accepted"));
                    said.is_none_or(|said| said.as_bool() == Some(true))
                }
                AuthenticationMethod::Device => affirms("os_authentication", "authenticated"),
                AuthenticationMethod::Facial => affirms("facial", "match"),
                // Nothing is known that could prove it.
                _ => false,
            }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn every_event_in_every_state() {
        use Event::*;
        let events =
            [PickedUp, Accepted, ProofMissing, Denied, LoggedOut, PhoneLeft, PhoneReturned, PhoneGone];
        let table = "
            pending      identifying active failed cancelled closed -        -      cancelled
            identifying  identifying active failed cancelled closed -        -      cancelled
            active       -           -      -      -         closed walkaway active closed
            walkaway     -           -      -      -         closed walkaway active closed
            timeout      -           -      -      -         -      -        -      -
            failed       -           -      -      -         -      -        -      -
            cancelled    -           -      -      -         -      -        -      -
            closed       -           -      -      -         -      -        -      -";
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
            let timeline = Timeline { state, due_at: Some(UnixSeconds(1_060)) };
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
        assert_eq!(active, Timeline { state: State::Active, due_at: Some(UnixSeconds(4_630)) });
        let away = active.after(Event::PhoneLeft, UnixSeconds(2_000), HOUR).unwrap();
        let back = away.after(Event::PhoneReturned, UnixSeconds(3_000), HOUR).unwrap();
        assert_eq!(back, active);
        assert_eq!(away.after(Event::PhoneReturned, UnixSeconds(4_630), HOUR), Err(NotPossible));
    }

    #[test]
    fn a_live_state_without_a_deadline_lets_nobody_in() {
        let timeline = Timeline { state: State::Active, due_at: None };
        assert_eq!(timeline.state_at(NOW), State::Closed);
        assert_eq!(State::from_word("superuser"), State::Closed);
    }

    fn brings(methods: &[AuthenticationMethod], json: &Value, unverified: UnverifiedMethods) -> bool {
        brings_what_was_asked(methods, json.as_object().unwrap(), unverified)
    }

    #[test]
    fn what_cannot_be_verified_is_never_brought() {
        let all = json!({"os_authentication": {"authenticated": true}, "facial": {"match": true}});
        for method in [AuthenticationMethod::Device, AuthenticationMethod::Facial] {
            assert!(!can_be_verified(&method, UnverifiedMethods::Refused));
            assert!(!brings(std::slice::from_ref(&method), &all, UnverifiedMethods::Refused), "{method}");
            assert!(brings(std::slice::from_ref(&method), &all, UnverifiedMethods::Simulated), "{method}");
        }
        let unknown = AuthenticationMethod::Unknown("voice".into());
        assert!(!can_be_verified(&unknown, UnverifiedMethods::Simulated));
        assert!(!brings(&[unknown], &json!({"voice": {"match": true}}), UnverifiedMethods::Simulated));
    }

    #[test]
    fn a_simulated_proof_is_an_explicit_yes_under_the_right_name() {
        for (method, field, member) in [
            (AuthenticationMethod::Device, "os_authentication", "authenticated"),
            (AuthenticationMethod::Facial, "facial", "match"),
        ] {
            let satisfies =
                |json: Value| brings(std::slice::from_ref(&method), &json, UnverifiedMethods::Simulated);
            assert!(satisfies(json!({field: {member: true}})));
            assert!(satisfies(json!({field: {member: true, "simulated": true}})));
            for not in [
                json!({}),
                json!({field: null}),
                json!({field: true}),
                json!({field: {}}),
                json!({field: [true]}),
                json!({field: {member: false}}),
                json!({field: {member: null}}),
                json!({field: {member: "true"}}),
                json!({field: {member: 1}}),
                json!({field: {member: [true]}}),
                json!({field: {"simulated": true}}),
                json!({member: true}),
                json!({"acceptance": {member: true}}),
            ] {
                assert!(!satisfies(not.clone()), "{method}: {not}");
            }
        }
        let both = [AuthenticationMethod::Device, AuthenticationMethod::Facial];
        let one = json!({"os_authentication": {"authenticated": true, "match": true}});
        assert!(!brings(&both, &one, UnverifiedMethods::Simulated));
    }

    #[test]
    fn an_acceptance_that_contradicts_itself_is_none() {
        let accepts = |json| brings(&[AuthenticationMethod::Acceptance], &json, UnverifiedMethods::Refused);
        assert!(accepts(json!({})));
        assert!(accepts(json!({"acceptance": {"automatic": false}})));
        assert!(accepts(json!({"acceptance": {"accepted": true}})));
        for not in [json!(false), json!(null), json!("true"), json!(1)] {
            assert!(!accepts(json!({"acceptance": {"accepted": not}})));
        }
    }
}
