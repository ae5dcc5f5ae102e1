//! The binding of an approval to the browser that asks: what is needed, what rings, and how often a wrong code may be brought \[X\].

use std::time::Duration;

use iampass_core::UnixSeconds;

use super::growing_pause::GrowingPause;

/// The approval that an application takes at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Approval {
    /// The phone has to bring what the browser shows. A client that can show nothing starts no login.
    Code,
    /// A tap on the phone is enough where the client can show nothing. That is below today's standards: nothing binds the approval to the
    /// browser that asks.
    #[default]
    Tap,
}

impl Approval {
    /// Both, the stronger one first.
    pub const ALL: [Self; 2] = [Self::Code, Self::Tap];

    /// The word in the store, in forms and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Tap => "tap",
        }
    }

    /// Reads a word; None for one that is not known.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|approval| approval.word() == word)
    }
}

/// Wrong codes that may be brought for one question: the last of them ends it.
pub const MOST_WRONG_CODES: u64 = 3;

/// After five wrong codes in a row, over all questions of a user, none is taken for a while.
const PAUSE: GrowingPause = GrowingPause {
    first_to_pause: 5,
    shortest: Duration::from_secs(60),
    longest: Duration::from_secs(3_600),
};

/// The wrong codes that a user's phone has brought since the last login that was granted by a right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongCodes {
    /// How many there were.
    pub in_a_row: u64,
    /// When the last one was.
    pub last_at: UnixSeconds,
}

impl WrongCodes {
    /// How long no code is taken at `now`; None when one is. A scanned secret is too long to be guessed and is taken all the same.
    pub fn pause_left(self, now: UnixSeconds) -> Option<Duration> {
        PAUSE.left(self.in_a_row, self.last_at, now)
    }
}

/// Whether a question is on the phone at once. Otherwise it is there after the phone has brought what the browser shows, and nothing rings
/// until then.
///
/// Only a browser that the user has signed in from may ring, and only while the user's denials do not forbid it. A question without a code
/// can be found by no other way, so it is put or refused.
pub const fn rings(has_code: bool, is_known_browser: bool, is_paused: bool) -> bool {
    !has_code || (is_known_browser && !is_paused)
}

/// The facts that the approval of a session has proven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// The phone brought what the browser showed.
    pub code: bool,
    /// The person unlocked the phone for this question.
    pub unlocked: bool,
    /// The phone's own key signed the answer.
    pub device_key: bool,
}

impl Proven {
    /// The number in the store.
    pub const fn column(self) -> i64 {
        self.code as i64 | (self.unlocked as i64) << 1 | (self.device_key as i64) << 2
    }

    /// Reads the number in the store. Bits that are not known prove nothing.
    pub const fn from_column(bits: i64) -> Self {
        Self { code: bits & 1 != 0, unlocked: bits & 2 != 0, device_key: bits & 4 != 0 }
    }
}

/// Why a question let nobody in, where its state alone does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The user says that somebody else has asked.
    Reported,
    /// The last of the codes that may be wrong was wrong.
    WrongCode,
}

impl EndReason {
    /// The number in the store. It stands where that of [`Proven`] does, with bits of its own: nothing is proven by such an end.
    pub const fn column(self) -> i64 {
        match self {
            Self::Reported => 1 << 8,
            Self::WrongCode => 1 << 9,
        }
    }

    /// Reads the number in the store. None where there is no such reason.
    pub const fn from_column(bits: i64) -> Option<Self> {
        match bits {
            256 => Some(Self::Reported),
            512 => Some(Self::WrongCode),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_browser_rings_and_only_without_a_pause() {
        assert!(rings(true, true, false));
        for (known, paused) in [(false, false), (false, true), (true, true)] {
            assert!(!rings(true, known, paused), "{known} {paused}");
        }
        for (known, paused) in [(false, false), (true, false)] {
            assert!(rings(false, known, paused), "{known} {paused}");
        }
    }

    #[test]
    fn the_fifth_wrong_code_pauses() {
        let at = UnixSeconds(1_000);
        let left = |in_a_row| WrongCodes { in_a_row, last_at: at }.pause_left(at).map(|left| left.as_secs());
        assert_eq!(
            [0, 4, 5, 6, 11, 40].map(left),
            [None, None, Some(60), Some(120), Some(3_600), Some(3_600)]
        );
    }

    #[test]
    fn what_is_proven_is_read_as_it_was_written() {
        for bits in 0..8 {
            assert_eq!(Proven::from_column(bits).column(), bits);
        }
        assert_eq!(Proven::from_column(8), Proven::default());
        for reason in [EndReason::Reported, EndReason::WrongCode] {
            assert_eq!(EndReason::from_column(reason.column()), Some(reason));
            assert_eq!(Proven::from_column(reason.column()), Proven::default());
        }
        assert!((0..8).all(|bits| EndReason::from_column(bits).is_none()));
        assert_eq!(
            Approval::ALL.map(|approval| Approval::from_word(approval.word())),
            [Some(Approval::Code), Some(Approval::Tap)]
        );
        assert_eq!(Approval::from_word("Code"), None);
    }
}
