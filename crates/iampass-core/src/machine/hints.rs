//! What a machine makes of a session's status stream: when to ask, and whether asking slowly will do.
//!
//! The stream is a hint and never evidence. Nothing here says how a session is; a stream that lies, comes late or stands still changes
//! when the service is asked, within bounds, and nothing else.
//!
//! Belongs here: what both Login and Watch do with hints. Does not belong here: where hints come from ([`super::follower`]).

use std::time::Duration;

use crate::Monotonic;
use crate::wire::SessionStatus;

/// For how long a stream counts as alive after its last byte \[X\]. The service sends one every 5 s at least.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(15);

/// The shortest time between a question and one that a hint gives rise to (law 6).
pub(super) const SHORTEST_GAP: Duration = Duration::from_millis(250);

/// By how often the gap doubles at most while hints prove wrong: to 8 s.
const MOST_DOUBLINGS: u32 = 5;

/// What the status stream of a session lets a machine know. None of it grants anything: a machine asks the service itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hint {
    /// Something came, so the stream is there.
    Alive,
    /// The stream says that the session is in this state.
    Status(SessionStatus),
    /// The stream says something about the state that this version does not understand.
    Unclear,
    /// The stream is not there any more.
    Lost,
}

impl Hint {
    /// Whether it speaks against letting the user in.
    pub(super) fn denies(&self) -> bool {
        match self {
            Self::Status(status) => !status.grants_access(),
            Self::Unclear => true,
            Self::Alive | Self::Lost => false,
        }
    }
}

/// The hints that came, beside what the service itself answered.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// When the last byte came, while the stream is there.
    heard_at: Option<Monotonic>,
    /// The stream's last word; `Some(None)` is one that was not understood.
    word: Option<Option<SessionStatus>>,
    /// Whether it came after the last question was put.
    is_new: bool,
    /// The last word of the service itself.
    known: Option<SessionStatus>,
    asked_at: Option<Monotonic>,
    /// The last question was put for a hint only, and has no answer yet.
    for_a_hint: bool,
    /// Hints in a row for which a question was put that found nothing new.
    wrong: u32,
    /// The last answer is older than a hint, and has to be asked for again.
    again: bool,
    /// The service asked to be left alone until then.
    not_before: Option<Monotonic>,
}

impl Hints {
    /// Beside what the service has said already.
    pub(super) fn beside(known: SessionStatus) -> Self {
        Self { known: Some(known), ..Self::default() }
    }

    pub(super) fn hear(&mut self, hint: Hint, now: Monotonic) {
        let word = match hint {
            Hint::Lost => {
                self.heard_at = None;
                return;
            }
            Hint::Alive => None,
            Hint::Status(status) => Some(Some(status)),
            Hint::Unclear => Some(None),
        };
        self.heard_at = Some(now);
        if word.is_some() {
            self.word = word;
            self.is_new = true;
        }
    }

    /// A question is put, for whatever reason.
    pub(super) fn asked(&mut self, now: Monotonic) {
        self.for_a_hint = self.wants_a_question();
        self.is_new = false;
        self.again = false;
        self.asked_at = Some(now);
    }

    /// The service itself said this.
    pub(super) fn answered(&mut self, status: &SessionStatus) {
        if std::mem::take(&mut self.for_a_hint) {
            let is_news = self.known.as_ref() != Some(status);
            self.wrong = if is_news { 0 } else { self.wrong.saturating_add(1) };
        }
        self.known = Some(status.clone());
    }

    /// No answer came, or none that counts.
    pub(super) fn failed(&mut self) {
        self.for_a_hint = false;
    }

    /// The answer is older than a hint that speaks against it.
    pub(super) fn ask_again(&mut self) {
        self.again = true;
    }

    /// The service asked to be left alone: no hint makes it be asked sooner.
    pub(super) fn hold_until(&mut self, until: Monotonic) {
        self.not_before = self.not_before.max(Some(until));
    }

    /// Until when the service asked to be left alone.
    pub(super) fn held_until(&self) -> Option<Monotonic> {
        self.not_before
    }

    /// When a question is due because of a hint, if one is: never sooner than a gap after the last one, which grows while hints prove
    /// wrong.
    pub(super) fn due(&self) -> Option<Monotonic> {
        let gap = SHORTEST_GAP * (1 << self.wrong.min(MOST_DOUBLINGS));
        let at = self.asked_at.map(|asked| asked + gap).max(self.not_before).unwrap_or(Monotonic::ORIGIN);
        self.wants_a_question().then_some(at)
    }

    /// Until when the stream may be relied on to tell of changes, if nothing more comes: it is alive, and says the same as the service.
    pub(super) fn settled_until(&self, now: Monotonic) -> Option<Monotonic> {
        let until = self.heard_at? + LONGEST_SILENCE;
        (now < until && self.word.is_some() && !self.differs()).then_some(until)
    }

    fn wants_a_question(&self) -> bool {
        self.again || (self.is_new && self.differs())
    }

    fn differs(&self) -> bool {
        match (&self.word, &self.known) {
            (None, _) => false,
            (Some(None), Some(SessionStatus::Unknown(_))) => false,
            (Some(word), known) => word != known,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Monotonic {
        Monotonic::from_origin(Duration::from_millis(milliseconds))
    }

    fn says(word: &str) -> Hint {
        Hint::Status(SessionStatus::from(word))
    }

    #[test]
    fn only_another_word_than_the_services_gives_rise_to_a_question() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        hints.asked(at(1_000));
        for hint in [Hint::Alive, says("pending"), Hint::Lost] {
            hints.hear(hint, at(2_000));
            assert_eq!(hints.due(), None);
        }
        for hint in [says("active"), says("closed"), Hint::Unclear] {
            let mut hints = Hints::beside(SessionStatus::Pending);
            hints.asked(at(1_000));
            hints.hear(hint, at(1_001));
            assert_eq!(hints.due(), Some(at(1_250)));
        }
    }

    #[test]
    fn hints_that_prove_wrong_are_followed_less_and_less_often() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        let mut now = at(1_000);
        let mut gaps = Vec::new();
        hints.asked(now);
        for _ in 0..8 {
            hints.hear(says("active"), now + Duration::from_millis(1));
            let due = hints.due().unwrap();
            gaps.push(due.since(now).as_millis());
            now = due;
            hints.asked(now);
            hints.answered(&SessionStatus::Pending);
            assert_eq!(hints.due(), None);
        }
        assert_eq!(gaps, [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
        hints.hear(says("identifying"), now);
        hints.asked(now);
        hints.answered(&SessionStatus::Identifying);
        hints.hear(says("active"), now);
        assert_eq!(hints.due(), Some(now + SHORTEST_GAP), "one that proves right is believed again");
    }

    #[test]
    fn a_hint_that_comes_while_a_question_is_under_way_outlives_an_answer_that_differs() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        hints.asked(at(1_000));
        hints.hear(says("active"), at(1_010));
        hints.answered(&SessionStatus::Pending);
        assert_eq!(hints.due(), Some(at(1_250)));
        let mut hints = Hints::beside(SessionStatus::Pending);
        hints.asked(at(1_000));
        hints.hear(says("active"), at(1_010));
        hints.answered(&SessionStatus::Active);
        assert_eq!(hints.due(), None);
    }

    #[test]
    fn the_service_may_ask_to_be_left_alone() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        hints.hold_until(at(9_000));
        hints.hear(says("active"), at(1_000));
        assert_eq!(hints.due(), Some(at(9_000)));
    }

    #[test]
    fn a_stream_is_relied_on_while_it_is_alive_and_agrees() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        assert_eq!(hints.settled_until(at(0)), None);
        hints.hear(Hint::Alive, at(1_000));
        assert_eq!(hints.settled_until(at(1_000)), None, "it has said nothing yet");
        hints.hear(says("pending"), at(1_000));
        assert_eq!(hints.settled_until(at(1_000)), Some(at(16_000)));
        assert_eq!(hints.settled_until(at(16_000)), None);
        hints.hear(Hint::Alive, at(15_000));
        assert_eq!(hints.settled_until(at(16_000)), Some(at(30_000)));
        hints.hear(says("active"), at(16_000));
        assert_eq!(hints.settled_until(at(16_000)), None);
        hints.hear(says("pending"), at(16_000));
        hints.hear(Hint::Lost, at(16_000));
        assert_eq!(hints.settled_until(at(16_000)), None);
    }
}
