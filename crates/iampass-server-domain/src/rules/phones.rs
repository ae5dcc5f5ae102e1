//! Several phones of one user: how a new one comes in, and what it may do to the others \[X\].
//!
//! A phone that is to be added waits until a phone that the user has, or a recovery code, confirms it. Each of these phones has a key of its
//! own: all of them know the secret of a question, so nothing but the key tells which of them answers.

use std::time::Duration;

use iampass_core::{UnixSeconds, is_unseen};

/// Phones of one user at a time.
pub const MOST_PHONES: usize = 5;

/// How long a phone waits to be confirmed.
pub const WAITING_FOR: Duration = Duration::from_secs(3_600);

/// For how long a phone that a recovery code has let in, or that was let in beside a phone that proves unlocking, changes nothing about the others. In this time
/// they can remove it.
const AFTER_RECOVERY: Duration = Duration::from_secs(24 * 3_600);

/// The way in which a phone is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registering {
    /// The user has none: it can answer at once.
    First,
    /// It takes the place of those that the user has, whose sessions end.
    Replaces,
    /// It waits to be confirmed, and those that the user has stay.
    Waits,
    /// It is not registered.
    Refused(CannotAdd),
}

/// Why a phone cannot be added to those that a user has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotAdd {
    /// The user has as many as can be.
    TooMany,
    /// The new one, or one of those that the user has, has no key of its own.
    WithoutKey,
}

/// How a phone is registered with a good link. `present` says of each phone of the user whether it has a key of its own.
pub fn new_phone(present: &[bool], has_key: bool, is_to_be_added: bool) -> Registering {
    match (present, is_to_be_added) {
        ([], _) => Registering::First,
        (_, false) => Registering::Replaces,
        _ if !has_key || present.contains(&false) => Registering::Refused(CannotAdd::WithoutKey),
        _ if present.len() >= MOST_PHONES => Registering::Refused(CannotAdd::TooMany),
        _ => Registering::Waits,
    }
}

/// How long a phone still changes nothing about the others; None when it may. `since` is when it was let in by a recovery code, or beside a phone that proves
/// unlocking.
///
/// A time in the future was written by a clock that was wrong. It binds for a day all the same, counted from now: a clock must not
/// give the right.
pub fn pause_of_new_phone(since: Option<UnixSeconds>, now: UnixSeconds) -> Option<Duration> {
    let left = since?.plus(AFTER_RECOVERY).since(now).min(AFTER_RECOVERY);
    (!left.is_zero()).then_some(left)
}

/// How far the clocks of two nodes may lie apart.
const CLOCKS_APART: Duration = Duration::from_secs(300);

/// Whether a clock that was ahead has written this time. [`pause_of_new_phone`] would bind until that time has come, and for a day more: so the store puts
/// `now` in its place when it meets it, and the pause lasts a day from then.
pub fn is_of_a_clock_ahead(since: UnixSeconds, now: UnixSeconds) -> bool {
    since > now.plus(CLOCKS_APART)
}

/// Whether a phone can have this name: 1 to 64 characters, all of which can be seen, and not blanks alone.
pub fn is_phone_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && !name.chars().any(is_unseen) && !name.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number of phones, every mix of keys.
    #[test]
    fn a_phone_beside_others_waits_or_is_refused() {
        for count in 0..=7_usize {
            for mix in 0..1_u32 << count {
                let present: Vec<bool> = (0..count).map(|bit| mix & (1 << bit) != 0).collect();
                for has_key in [false, true] {
                    let added = new_phone(&present, has_key, true);
                    let replacing = new_phone(&present, has_key, false);
                    if present.is_empty() {
                        assert_eq!((added, replacing), (Registering::First, Registering::First));
                        continue;
                    }
                    assert_eq!(replacing, Registering::Replaces);
                    let all_have_keys = has_key && present.iter().all(|&has| has);
                    let expected = match (all_have_keys, count < MOST_PHONES) {
                        (false, _) => Registering::Refused(CannotAdd::WithoutKey),
                        (true, false) => Registering::Refused(CannotAdd::TooMany),
                        (true, true) => Registering::Waits,
                    };
                    assert_eq!(added, expected, "{present:?} {has_key}");
                }
            }
        }
    }

    #[test]
    fn a_recovered_phone_changes_nothing_for_a_day() {
        let left = |recovered: Option<u64>, now| {
            pause_of_new_phone(recovered.map(UnixSeconds), UnixSeconds(now)).map(|left| left.as_secs())
        };
        assert_eq!(left(None, 0), None);
        assert_eq!(left(Some(1_000), 1_000), Some(86_400));
        assert_eq!(left(Some(1_000), 87_399), Some(1));
        assert_eq!(left(Some(1_000), 87_400), None);
        assert_eq!(left(Some(1_000_000), 1_000), Some(86_400), "a clock that was ahead gives no right");
    }

    #[test]
    fn a_time_that_clocks_of_two_nodes_may_differ_by_is_right() {
        let now = UnixSeconds(1_000);
        let ahead = |since| is_of_a_clock_ahead(UnixSeconds(since), now);
        assert_eq!([0, 1_000, 1_300, 1_301, u64::MAX].map(ahead), [false, false, false, true, true]);
    }

    #[test]
    fn a_name_is_short_and_can_be_seen() {
        let long = "ä".repeat(64);
        for good in ["a", "Ann's phone", &long] {
            assert!(is_phone_name(good), "{good}");
        }
        let longer = "ä".repeat(65);
        for bad in ["", "  ", "a\nb", "a\0", "a\u{200B}", &longer] {
            assert!(!is_phone_name(bad), "{bad:?}");
        }
    }
}
