use std::cmp::Reverse;

use super::*;
use proptest::prelude::*;

const WINDOW: Duration = Duration::from_secs(300);

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds(1_000_000 + seconds)
}

#[test]
fn a_nonce_from_the_future_is_refused_until_its_timestamp_has_passed_too() {
    let mut window = ReplayWindow::new(WINDOW, 10);
    assert_eq!(window.remember("A", Nonce::new(1), at(300), at(0)), Ok(()));
    assert_eq!(window.remember("A", Nonce::new(1), at(300), at(600)), Err(Refusal::Replayed));
    assert!(matches!(window.remember("A", Nonce::new(1), at(300), at(601)), Err(Refusal::TooOld { .. })));
    assert!(window.is_empty());
}

#[test]
fn one_id_does_not_fill_the_window_for_the_others() {
    let mut window = ReplayWindow::new(WINDOW, 8);
    let remember = |window: &mut ReplayWindow, id: &str, nonce, seconds| {
        window.remember(id, Nonce::new(nonce), at(seconds), at(seconds))
    };
    for nonce in 0..6 {
        assert_eq!(remember(&mut window, "A", nonce, 0), Ok(()), "nobody else needs the room");
    }
    assert_eq!(remember(&mut window, "A", 6, 0), Err(Refusal::WindowFull), "a quarter is for the others");
    assert_eq!(remember(&mut window, "B", 0, 0), Ok(()));
    assert_eq!(remember(&mut window, "A", 6, 0), Err(Refusal::WindowFull));
    assert_eq!(remember(&mut window, "C", 0, 0), Ok(()));
    assert_eq!(remember(&mut window, "D", 0, 0), Err(Refusal::WindowFull), "all of it is in use");
    assert_eq!(remember(&mut window, "A", 6, 301), Ok(()), "and there is room when the old ones are gone");
    assert_eq!((window.len(), window.shares.ids()), (1, 1));
}

#[test]
fn ids_of_one_share_fill_no_more_than_the_share() {
    let mut used = UsedNonces::default();
    for (id, seconds) in (0..8).map(|number| (format!("S{}", number % 3), number)) {
        used.add_in(Share::numbered(1), &id, Nonce::new(seconds), at(seconds));
    }
    let (mut window, without_room) = ReplayWindow::after_restart(WINDOW, 8, used, at(8));
    assert_eq!((window.len(), without_room), (6, 2));
    let mut remember = |share, id: &str, nonce, seconds, now| {
        let seen = Seen::of(id, Nonce::new(nonce));
        window.remember_seen(Share::numbered(share), seen, at(seconds), at(now))
    };
    assert_eq!(remember(1, "S4", 1, 8, 8), Err(Refusal::WindowFull), "another id, and the same share");
    assert_eq!(remember(2, "S5", 1, 8, 8), Ok(()), "another share");
    assert_eq!(remember(2, "S6", 2, 8, 8), Ok(()));
    assert_eq!(remember(2, "S6", 3, 8, 8), Err(Refusal::WindowFull));
    // Those that were left out are replayed by nobody, though there is room again.
    assert_eq!(remember(1, "S1", 1, 1, 301), Err(Refusal::WindowFull));
    assert_eq!(remember(1, "S4", 1, 310, 310), Ok(()), "they are gone");
    window.forget_expired(at(1_000));
    assert!(window.shares.is_empty() && window.left_out.is_empty());
}

#[test]
fn a_full_window_refuses_rather_than_forgets() {
    let mut window = ReplayWindow::new(WINDOW, 8);
    for nonce in 1..=6 {
        assert!(window.remember("A", Nonce::new(nonce), at(0), at(0)).is_ok());
    }
    assert_eq!(window.remember("A", Nonce::new(7), at(0), at(0)), Err(Refusal::WindowFull));
    assert_eq!(window.remember("A", Nonce::new(1), at(0), at(0)), Err(Refusal::Replayed));
    assert!(window.remember("A", Nonce::new(7), at(301), at(301)).is_ok());
    assert_eq!(window.len(), 1);
}

#[test]
fn a_clock_set_back_does_not_reopen_the_window() {
    let mut window = ReplayWindow::new(WINDOW, 10);
    assert!(window.remember("A", Nonce::new(1), at(0), at(0)).is_ok());
    window.forget_expired(at(1000));
    assert_eq!(window.remember("A", Nonce::new(1), at(0), at(0)), Err(Refusal::ClockSetBack));
    assert!(window.has_forgotten(at(0)) && !window.has_forgotten(at(1)));
}

#[test]
fn a_step_ahead_that_is_taken_back_refuses_nothing_but_replays() {
    let mut window = ReplayWindow::new(WINDOW, 10);
    assert_eq!(window.remember("A", Nonce::new(1), at(0), at(0)), Ok(()));
    // An hour ahead, and back after ten seconds.
    assert_eq!(window.remember("A", Nonce::new(2), at(3_605), at(3_605)), Ok(()));
    assert_eq!(window.remember("A", Nonce::new(3), at(10), at(10)), Ok(()));
    assert_eq!(window.remember("A", Nonce::new(1), at(0), at(10)), Err(Refusal::ClockSetBack));
    assert_eq!(window.remember("A", Nonce::new(3), at(10), at(11)), Err(Refusal::Replayed));
    // When that hour is over, what was accepted in it is known yet.
    assert_eq!(window.remember("A", Nonce::new(2), at(3_605), at(3_500)), Err(Refusal::Replayed));
    assert_eq!(window.remember("A", Nonce::new(4), at(3_605), at(3_605)), Ok(()));
}

#[test]
fn what_was_forgotten_while_the_clock_ran_ahead_is_not_accepted_again() {
    let mut window = ReplayWindow::new(WINDOW, 10);
    assert_eq!(window.remember("A", Nonce::new(1), at(0), at(0)), Ok(()));
    for seconds in 7_200..7_800 {
        assert!(
            window.remember("A", Nonce::new(seconds), at(seconds), at(seconds)).is_ok() || window.len() >= 3
        );
    }
    // Back after ten minutes.
    assert_eq!(window.remember("B", Nonce::new(1), at(600), at(600)), Ok(()));
    assert_eq!(window.remember("A", Nonce::new(7_200), at(7_200), at(7_199)), Err(Refusal::ClockSetBack));
    assert_eq!(window.remember("B", Nonce::new(2), at(7_199), at(7_199)), Ok(()), "nothing was signed then");
}

#[test]
fn what_was_used_before_is_refused_for_as_long_as_what_is_used_now() {
    let mut used = UsedNonces::default();
    used.add("A", Nonce::new(1), at(0));
    used.add("A", Nonce::new(2), at(100));
    // Signed twice, so to say: the later one counts.
    used.add("A", Nonce::new(1), at(50));
    used.add("B", Nonce::new(1), at(10));
    let (mut window, without_room) = ReplayWindow::after_restart(WINDOW, 12, used, at(305));
    assert_eq!(without_room, 0);
    assert_eq!((window.len(), window.shares.ids()), (3, 2));
    assert_eq!(window.remember("A", Nonce::new(1), at(300), at(350)), Err(Refusal::Replayed));
    assert_eq!(window.remember("A", Nonce::new(1), at(300), at(351)), Ok(()));
    assert_eq!(window.remember("B", Nonce::new(1), at(351), at(351)), Ok(()), "its time is over");
    window.forget_expired(at(1_000));
    assert!(window.is_empty() && window.shares.is_empty());
}

#[test]
fn a_restart_while_the_clock_is_ahead_refuses_nothing_when_it_is_right_again_but_replays() {
    let used = |missing: &ForgottenTimes| {
        let mut used = UsedNonces::without(missing.clone());
        used.add("A", Nonce::new(1), at(1_000));
        used
    };
    // All before 700 has been deleted. It is started at 1,010 by a clock that is an hour ahead.
    let missing = ForgottenTimes::before(at(700));
    let (mut window, _) = ReplayWindow::after_restart(WINDOW, 10, used(&missing), at(4_610));
    assert_eq!(window.remember("A", Nonce::new(2), at(4_610), at(4_610)), Ok(()));
    for mut window in [window, ReplayWindow::after_restart(WINDOW, 10, used(&missing), at(1_020)).0] {
        assert!(!window.has_forgotten(at(1_020)));
        assert!(window.remember("A", Nonce::new(1), at(1_000), at(1_020)).is_err());
        assert_eq!(window.remember("A", Nonce::new(3), at(1_020), at(1_020)), Ok(()));
        assert_eq!(window.remember("A", Nonce::new(4), at(699), at(690)), Err(Refusal::ClockSetBack));
        assert_eq!(window.forgotten_until(at(690)), Some(at(699)));
    }
    // Without knowing what is missing it has to refuse.
    let mut used = UsedNonces::default();
    used.add("A", Nonce::new(1), at(1_000));
    let (mut window, _) = ReplayWindow::after_restart(WINDOW, 10, used, at(4_610));
    assert_eq!(window.remember("A", Nonce::new(3), at(1_020), at(1_020)), Err(Refusal::ClockSetBack));
}

proptest! {
    /// Whatever steps the clock makes, whenever it is started again, and whatever the store has deleted by then.
    #[test]
    fn nothing_is_accepted_twice_though_it_is_started_again(
        calls in proptest::collection::vec((0_u64..3, 0_u64..4, -320_i64..320, -2_000_i64..2_000, 0..8), 1..200)
    ) {
        let mut window = ReplayWindow::new(WINDOW, 1_000);
        let (mut accepted, mut stored, mut missing) = (Vec::new(), Vec::new(), ForgottenTimes::default());
        let mut now = at(100_000);
        for (id, nonce, offset, step, event) in calls {
            now = UnixSeconds(now.0.saturating_add_signed(if event == 0 { step } else { step.abs() / 100 }));
            if event == 1 {
                stored.retain(|&(_, _, time): &(u64, u64, UnixSeconds)| {
                    let is_kept = now.since(time) <= WINDOW;
                    if !is_kept {
                        missing.add(time, time, WINDOW);
                    }
                    is_kept
                });
            }
            if event == 2 {
                let mut used = UsedNonces::without(missing.to_string().parse().unwrap());
                for &(id, nonce, time) in &stored {
                    used.add(&id.to_string(), Nonce::new(nonce), time);
                }
                window = ReplayWindow::after_restart(WINDOW, 1_000, used, now).0;
            }
            for &(id, nonce, time) in accepted.iter().filter(|(_, _, time)| *time <= now.plus(WINDOW)) {
                let (id, nonce): (u64, u64) = (id, nonce);
                let replayed = window.remember(&id.to_string(), Nonce::new(nonce), time, now);
                prop_assert!(replayed.is_err(), "{} of {} at {:?}", nonce, id, now);
            }
            let time = UnixSeconds(now.0.saturating_add_signed(offset));
            if time.since(now) <= WINDOW && window.remember(&id.to_string(), Nonce::new(nonce), time, now).is_ok() {
                accepted.push((id, nonce, time));
                stored.push((id, nonce, time));
            }
        }
    }

    /// As if they had been accepted one by one, the latest first; and whatever there was no room for is refused until it cannot be
    /// replayed.
    #[test]
    fn what_was_used_before_is_not_accepted_again(
        used in proptest::collection::btree_map((0_u64..3, 0_u64..8), 0_u64..400, 0..24),
        capacity in 1_usize..40,
    ) {
        let mut latest_first: Vec<_> = used.into_iter().collect();
        latest_first.sort_by_key(|(_, timestamp)| Reverse(*timestamp));
        // Which of two of one time comes first is not told.
        latest_first.dedup_by_key(|(_, timestamp)| *timestamp);
        let mut one_by_one = ReplayWindow::new(WINDOW, capacity);
        let mut all = UsedNonces::default();
        let mut refused = 0;
        for &((id, nonce), timestamp) in &latest_first {
            let (id, nonce, timestamp) = (id.to_string(), Nonce::new(nonce), at(timestamp));
            all.add(&id, nonce, timestamp);
            let remembered = one_by_one.remember(&id, nonce, timestamp, at(400));
            refused += usize::from(remembered == Err(Refusal::WindowFull));
        }
        let (mut window, without_room) = ReplayWindow::after_restart(WINDOW, capacity, all, at(400));
        prop_assert_eq!(without_room, refused);
        prop_assert_eq!(window.len(), one_by_one.len());
        for now in 400..=701 {
            for &((id, nonce), timestamp) in &latest_first {
                let again = window.remember(&id.to_string(), Nonce::new(nonce), at(timestamp), at(now));
                prop_assert!(again.is_err(), "{} of {} at {}", nonce, id, now);
            }
        }
        prop_assert!(window.is_empty() && window.shares.is_empty() && window.left_out.is_empty());
        prop_assert!(window.by_timestamp.is_empty());
    }

    /// Against the obvious model: a list of all that was ever accepted.
    #[test]
    fn nothing_is_accepted_twice(
        requests in proptest::collection::vec((0_u64..3, 0_u64..8, -320_i64..320, 0_u64..200), 1..200)
    ) {
        let mut window = ReplayWindow::new(WINDOW, 1_000);
        let mut accepted: Vec<(u64, u64, UnixSeconds)> = Vec::new();
        let mut now = at(1_000);
        for (id, nonce, offset, step) in requests {
            now = now.plus(Duration::from_secs(step));
            let timestamp = UnixSeconds(now.0.saturating_add_signed(offset));
            if now.since(timestamp) > WINDOW || timestamp.since(now) > WINDOW {
                continue;
            }
            let live = accepted.iter().any(|&(i, n, t)| (i, n) == (id, nonce) && now.since(t) <= WINDOW);
            let result = window.remember(&id.to_string(), Nonce::new(nonce), timestamp, now);
            prop_assert_eq!(result.is_err(), live);
            if result.is_ok() {
                accepted.push((id, nonce, timestamp));
            }
            let live_count = accepted.iter().filter(|&&(_, _, t)| now.since(t) <= WINDOW).count();
            prop_assert_eq!(window.len(), live_count);
        }
    }

    /// Whatever steps the clock makes.
    #[test]
    fn nothing_is_accepted_twice_though_the_clock_steps(
        calls in proptest::collection::vec((0_u64..3, 0_u64..4, -320_i64..320, -2_000_i64..2_000, any::<bool>()), 1..200)
    ) {
        let mut window = ReplayWindow::new(WINDOW, 1_000);
        let mut accepted = Vec::new();
        let mut now = at(100_000);
        for (id, nonce, offset, step, steps) in calls {
            now = UnixSeconds(now.0.saturating_add_signed(if steps { step } else { step.abs() / 100 }));
            let timestamp = UnixSeconds(now.0.saturating_add_signed(offset));
            let again = accepted.iter().copied().filter(|&(_, _, signed_at)| signed_at <= now.plus(WINDOW));
            for (id, nonce, signed_at) in again.collect::<Vec<(u64, u64, UnixSeconds)>>() {
                let replayed = window.remember(&id.to_string(), Nonce::new(nonce), signed_at, now);
                prop_assert!(replayed.is_err(), "{} of {} at {:?}", nonce, id, now);
            }
            if timestamp.since(now) <= WINDOW
                && window.remember(&id.to_string(), Nonce::new(nonce), timestamp, now).is_ok()
            {
                accepted.push((id, nonce, timestamp));
            }
        }
    }
}
