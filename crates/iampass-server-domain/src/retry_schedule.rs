//! When a message that was not taken is sent again. Time and chance come in as arguments.

use std::time::Duration;

use iampass_core::machine::Backoff;
use iampass_core::{Draw, UnixSeconds};

use crate::notice::NoticeError;

/// How long a message is tried. Its link is good for an hour, and whoever reads it needs some minutes of that.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(50 * 60);

/// How long an event is tried: its receiver may be down over a weekend.
pub const EVENT_GIVE_UP_AFTER: Duration = Duration::from_secs(3 * 24 * 3_600);
/// No receiver of events asks for more patience than this.
const LONGEST_PATIENCE: Duration = Duration::from_secs(24 * 3_600);

/// The next step for a message that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is sent again at this time.
    At(UnixSeconds),
    /// It will never be taken.
    Refused,
    /// Time is up before it could be sent again.
    GiveUp,
}

/// The step after the failure of attempt number `attempt`, which is 1 for the first: 5 s, 15 s, 45 s and so on up to ten minutes, a fifth
/// more or less, and never before the other side has asked for it.
pub fn after_failure(
    attempt: u32,
    error: NoticeError,
    now: UnixSeconds,
    give_up_at: UnixSeconds,
    draw: Draw,
) -> Next {
    if !error.is_retryable() {
        return Next::Refused;
    }
    let at = pause(attempt, Duration::from_secs(600), error.retry_after(), now, draw);
    if at >= give_up_at { Next::GiveUp } else { Next::At(at) }
}

/// When an event is sent again after the failure of attempt number `attempt`, which is 1 for the first: after 5 s, 15 s, 45 s and so on up to an hour, a
/// fifth more or less, and never before its receiver has asked for it, which may ask for a day at most.
#[must_use]
pub fn event_again(attempt: u32, asked: Option<Duration>, now: UnixSeconds, draw: Draw) -> UnixSeconds {
    let asked = asked.map(|asked| asked.min(LONGEST_PATIENCE));
    pause(attempt, Duration::from_secs(3_600), asked, now, draw)
}

fn pause(
    attempt: u32,
    longest: Duration,
    asked: Option<Duration>,
    now: UnixSeconds,
    draw: Draw,
) -> UnixSeconds {
    let mut backoff = Backoff::new(Duration::from_secs(5), longest).growing_by_percent(300);
    backoff.jitter_percent = 20;
    let wait = backoff.wait(attempt.saturating_sub(1), draw).max(asked.unwrap_or_default());
    // Whole seconds, rounded up: "not before" must not become "a moment before".
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
    UnixSeconds(now.0.saturating_add(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::NoticeErrorKind as K;

    const NOW: UnixSeconds = UnixSeconds(1_000_000);
    const LATER: UnixSeconds = UnixSeconds(1_003_600);

    fn next(attempt: u32, error: NoticeError, byte: u8) -> Next {
        after_failure(attempt, error, NOW, LATER, Draw::from_bytes([byte; 16]))
    }

    fn wait(attempt: u32, byte: u8) -> u64 {
        match next(attempt, NoticeError::new(K::Broken), byte) {
            Next::At(at) => at.0 - NOW.0,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waits_grow_by_three_to_ten_minutes_and_are_not_all_alike() {
        for (attempt, plain) in [(1, 5), (2, 15), (3, 45), (4, 135), (5, 405), (6, 600), (60, 600)] {
            let (least, most) = (wait(attempt, 0), wait(attempt, 255));
            assert!(least <= plain && plain <= most, "{attempt}: {least}..{most}");
            assert!(least * 5 >= plain * 4 - 5 && most * 5 <= plain * 6 + 5, "{attempt}: {least}..{most}");
            assert!(least < most, "{attempt}");
        }
    }

    #[test]
    fn the_other_side_may_ask_for_more_time_but_not_for_less() {
        let asks = |seconds| {
            let error = NoticeError::new(K::Busy).with_retry_after(Some(Duration::from_secs(seconds)));
            next(1, error, 0)
        };
        assert_eq!(asks(120), Next::At(UnixSeconds(NOW.0 + 120)));
        assert_eq!(asks(1), Next::At(UnixSeconds(NOW.0 + 4)));
        assert_eq!(asks(3_600), Next::GiveUp);
        assert_eq!(asks(u64::MAX), Next::GiveUp);
    }

    #[test]
    fn what_is_refused_is_not_sent_again() {
        for kind in [K::Refused, K::Redirected, K::AddressNotSupported, K::NotSendable] {
            assert_eq!(next(1, NoticeError::new(kind), 0), Next::Refused);
        }
        for kind in [
            K::Unreachable,
            K::Timeout,
            K::Busy,
            K::Broken,
            K::Unauthorized,
            K::NoEncryption,
            K::EncryptionWanted,
            K::Untrusted,
            K::GreetingRefused,
            K::NoLogin,
            K::SenderRefused,
            K::NotUnderstood,
        ] {
            assert!(matches!(next(1, NoticeError::new(kind), 0), Next::At(_)), "{kind:?}");
        }
    }

    #[test]
    fn an_event_is_sent_again_after_an_hour_at_most_unless_it_is_asked_otherwise() {
        let wait = |attempt, asked: Option<u64>| {
            event_again(attempt, asked.map(Duration::from_secs), NOW, Draw::from_bytes([128; 16])).0 - NOW.0
        };
        let waits: Vec<_> = (1..=8).map(|attempt| wait(attempt, None)).collect();
        for (wait, plain) in waits.iter().zip([5, 15, 45, 135, 405, 1_215, 3_600, 3_600]) {
            assert!(wait * 5 >= plain * 4 - 5 && wait * 5 <= plain * 6 + 5, "{waits:?}");
        }
        assert_eq!(wait(1, Some(100)), 100);
        assert_eq!(wait(1, Some(u64::MAX)), 24 * 3_600);
        assert!(wait(8, Some(0)) > 2_000);
    }

    #[test]
    fn it_ends() {
        let (mut now, mut attempt) = (NOW, 1);
        let draw = Draw::from_bytes([0; 16]);
        while let Next::At(at) = after_failure(attempt, NoticeError::new(K::Timeout), now, LATER, draw) {
            assert!(at > now && at < LATER);
            (now, attempt) = (at, attempt + 1);
        }
        assert!((8..=12).contains(&attempt), "{attempt}");
    }
}
