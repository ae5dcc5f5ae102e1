//! The effect of a session's status stream on a machine: when it asks, and whether it may ask slowly.
//!
//! The stream is a hint and never evidence. Nothing here says how a session is; a stream that lies, comes late or stands still changes
//! when the service is asked, within bounds, and nothing else.
//!
//! Belongs here: what both Login and Watch do with hints. Does not belong here: where hints come from ([`super::follower`]).

pub(super) mod at_rest;

use std::time::Duration;

use crate::Monotonic;
use crate::wire::SessionStatus;

/// For how long a stream counts as alive after its last byte \[X\]. The service sends one every 5 s at least.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(15);

/// How far apart questions are that hints give rise to, over any longer time (law 6).
pub(super) const SHORTEST_GAP: Duration = Duration::from_millis(250);

/// How much of that may be taken in advance, by a stream that has been right: a phone that takes a question up and answers it makes two
/// changes in a moment, and the second one is what everybody waits for.
const ADVANCE: Duration = Duration::from_millis(500);

/// By how often the gap doubles at most while hints prove wrong: to 8 s.
const MOST_DOUBLINGS: u32 = 5;

/// A message of a session's status stream to a machine. None of them grants access: a machine asks the service itself.
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
    /// The last status of the stream; `Some(None)` is one that was not understood.
    word: Option<Option<SessionStatus>>,
    /// Whether it came after the last question was put.
    is_new: bool,
    /// The status that the service itself answered last.
    known: Option<SessionStatus>,
    /// When the gap after all questions so far is over.
    gap_until: Option<Monotonic>,
    /// The last question was put for a hint only, and has no answer yet.
    for_a_hint: bool,
    /// Hints in a row for which a question was put that found nothing new; no more than [`MOST_DOUBLINGS`] are counted.
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
        let begins = self.gap_until.map_or(now, |until| until.max(now));
        self.gap_until = Some(begins + SHORTEST_GAP * (1 << self.wrong));
    }

    /// The service itself said this.
    pub(super) fn answered(&mut self, status: &SessionStatus) {
        if std::mem::take(&mut self.for_a_hint) {
            let is_news = self.known.as_ref() != Some(status);
            self.wrong = if is_news { 0 } else { (self.wrong + 1).min(MOST_DOUBLINGS) };
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

    /// When a question is due because of a hint, if one is. Three at most come in a row, then one a gap; and the gap grows while hints
    /// prove wrong.
    pub(super) fn due(&self) -> Option<Monotonic> {
        let advance = if self.wrong == 0 { ADVANCE } else { Duration::ZERO };
        let free_at = self
            .gap_until
            .map(|until| Monotonic::from_origin(until.since(Monotonic::ORIGIN).saturating_sub(advance)));
        self.wants_a_question().then(|| free_at.max(self.not_before).unwrap_or(Monotonic::ORIGIN))
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
            assert!(hints.due().is_some_and(|due| due <= at(1_001)), "at once");
        }
    }

    #[test]
    fn hints_that_prove_wrong_are_followed_less_and_less_often() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        let mut now = at(1_000);
        let mut gaps = Vec::new();
        for _ in 0..8 {
            hints.hear(says("active"), now);
            let due = hints.due().unwrap().max(now);
            gaps.push(due.since(now).as_millis());
            now = due;
            hints.asked(now);
            hints.answered(&SessionStatus::Pending);
            assert_eq!(hints.due(), None);
        }
        assert_eq!(gaps, [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        now = now + Duration::from_secs(10);
        hints.hear(says("identifying"), now);
        hints.asked(now);
        hints.answered(&SessionStatus::Identifying);
        hints.hear(says("active"), now + Duration::from_secs(8));
        let due = hints.due().unwrap();
        assert!(due <= now + Duration::from_secs(8), "one that proves right is believed again");
    }

    #[test]
    fn hints_that_prove_right_are_followed_at_once_a_few_times_and_four_times_a_second_from_then_on() {
        let mut hints = Hints::beside(SessionStatus::Active);
        let (mut now, mut asked) = (at(10_000), Vec::new());
        for word in ["walkaway", "active"].into_iter().cycle().take(11) {
            hints.hear(says(word), now);
            now = hints.due().unwrap().max(now);
            asked.push(now.since(at(10_000)).as_millis());
            hints.asked(now);
            hints.answered(&SessionStatus::from(word));
        }
        assert_eq!(asked, [0, 0, 0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
    }

    #[test]
    fn a_hint_that_comes_while_a_question_is_under_way_outlives_an_answer_that_differs() {
        let mut hints = Hints::beside(SessionStatus::Pending);
        hints.asked(at(1_000));
        hints.hear(says("active"), at(1_010));
        hints.answered(&SessionStatus::Pending);
        assert!(hints.due().is_some_and(|due| due <= at(1_010)));
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
