//! Charts of logins, as they are drawn on the server: where each bar stands and how high it is, and the same numbers for a table.
//!
//! Belongs here: numbers and places, in the units of the drawing. Does not belong here: the drawing itself (`templates/console/charts.html`), and
//! where the numbers come from ([`iampass_server_storage`]).

use std::collections::BTreeMap;

use iampass_core::UnixSeconds;
use iampass_server_storage::{HOUR, LoginCounts, LoginHours};

/// The width of a drawing.
pub(crate) const WIDTH: f64 = 480.0;
/// The height of what is drawn to scale. The templates know it as well.
pub(crate) const HEIGHT: f64 = 150.0;
/// The least height of what is not zero, so that it is seen.
const LEAST: f64 = 3.0;
/// The part of its place that a bar takes.
const FULL: f64 = 0.7;
const DAY: u64 = 24 * HOUR;
pub(crate) const DAYS: u64 = 30;
pub(crate) const HOURS: u64 = 24;

/// Logins of a time: an hour or a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// When it begins.
    pub(crate) at: UnixSeconds,
    pub(crate) counts: LoginCounts,
    pub(crate) times: Option<Times>,
    /// Whether an hour of it has too many logins to count. Nothing else is known of it then.
    pub(crate) is_too_much: bool,
}

/// How long answers took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// Half of them took no longer.
    pub(crate) median: u64,
    /// 95 of 100 took no longer.
    pub(crate) p95: u64,
}

/// Slots of the same length, the earliest first; those that are not counted yet are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slots(pub(crate) Vec<Slot>);

/// A bar of three parts, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) x: f64,
    pub(crate) width: f64,
    pub(crate) accepted: Part,
    pub(crate) denied: Part,
    pub(crate) unanswered: Part,
}

/// A part of a bar. Nothing is drawn where it has no height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Part {
    pub(crate) y: f64,
    pub(crate) height: f64,
}

/// The two times of a day, above its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) x: f64,
    pub(crate) median: f64,
    pub(crate) p95: f64,
}

impl Slots {
    /// The last day by the hour, up to the hour of `now`.
    pub(crate) fn by_hour(counted: &LoginHours, now: UnixSeconds) -> Self {
        Self::of(counted, now, HOUR, HOURS)
    }

    /// The last days, up to the day of `now`.
    pub(crate) fn by_day(counted: &LoginHours, now: UnixSeconds) -> Self {
        Self::of(counted, now, DAY, DAYS)
    }

    /// The first second that [`Slots::by_day`] shows.
    pub(crate) fn first_day(now: UnixSeconds) -> UnixSeconds {
        UnixSeconds((now.0 / DAY).saturating_sub(DAYS - 1) * DAY)
    }

    fn of(counted: &LoginHours, now: UnixSeconds, length: u64, slots: u64) -> Self {
        let last = now.0 / length;
        let numbers = last.saturating_sub(slots - 1)..=last;
        let is_counted = |number: &u64| counted.counted_since.0 <= number * length;
        let slot = |number: u64| {
            let (at, end) = (UnixSeconds(number * length), UnixSeconds((number + 1) * length));
            let (mut counts, mut answers) = (LoginCounts::default(), BTreeMap::new());
            if counted.hours.range(at..end).any(|(_, hour)| hour.is_too_much) {
                return Slot { at, counts, times: None, is_too_much: true };
            }
            for hour in counted.hours.range(at..end).map(|(_, hour)| hour) {
                counts.accepted += hour.counts.accepted;
                counts.denied += hour.counts.denied;
                counts.unanswered += hour.counts.unanswered;
                for (seconds, count) in &hour.answers {
                    *answers.entry(*seconds).or_default() += count;
                }
            }
            Slot { at, counts, times: Times::of(&answers), is_too_much: false }
        };
        Self(numbers.filter(is_counted).map(slot).collect())
    }

    /// All of them together.
    pub(crate) fn total(&self) -> LoginCounts {
        self.0.iter().fold(LoginCounts::default(), |sum, slot| LoginCounts {
            accepted: sum.accepted + slot.counts.accepted,
            denied: sum.denied + slot.counts.denied,
            unanswered: sum.unanswered + slot.counts.unanswered,
        })
    }

    pub(crate) fn has_too_much(&self) -> bool {
        self.0.iter().any(|slot| slot.is_too_much)
    }

    /// The name of the text that stands in the place of bars, where none is to be drawn.
    pub(crate) fn without_bars(&self) -> Option<&'static str> {
        let is_empty = self.total() == LoginCounts::default();
        match self.0.is_empty() {
            true => Some("chart-not-counted"),
            false if is_empty && !self.has_too_much() => Some("chart-none"),
            false => None,
        }
    }

    /// The same in the place of times.
    pub(crate) fn without_times(&self) -> Option<&'static str> {
        if self.0.iter().any(|slot| slot.times.is_some()) {
            return None;
        }
        let is_known = !self.0.is_empty() && !self.has_too_much();
        Some(if is_known { "chart-no-answers" } else { "chart-not-counted" })
    }

    /// The number at the top of the drawing of bars.
    pub(crate) fn most(&self) -> u64 {
        round_above(self.0.iter().map(|slot| sum(slot.counts)).max().unwrap_or(0))
    }

    /// The seconds at the top of the drawing of times.
    pub(crate) fn longest(&self) -> u64 {
        let longest = self.0.iter().filter_map(|slot| slot.times).map(|times| times.p95).max();
        round_above(longest.unwrap_or(0))
    }

    pub(crate) fn bars(&self) -> Vec<Bar> {
        let (place, most) = (self.place(), self.most());
        let bar = |(number, slot): (usize, &Slot)| {
            let mut ground = HEIGHT;
            let mut part = |count: u64| {
                let height = height(count, most).min(ground);
                ground -= height;
                Part { y: tenths(ground), height: tenths(height) }
            };
            let LoginCounts { accepted, denied, unanswered } = slot.counts;
            Bar {
                x: tenths(place * (number as f64 + (1.0 - FULL) / 2.0)),
                width: tenths(place * FULL),
                accepted: part(accepted),
                denied: part(denied),
                unanswered: part(unanswered),
            }
        };
        self.0.iter().enumerate().map(bar).collect()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let (place, longest) = (self.place(), self.longest());
        let y = |seconds: u64| tenths(HEIGHT - height(seconds, longest));
        let span = |(number, slot): (usize, &Slot)| {
            let Times { median, p95 } = slot.times?;
            Some(Span { x: tenths(place * (number as f64 + 0.5)), median: y(median), p95: y(p95) })
        };
        self.0.iter().enumerate().filter_map(span).collect()
    }

    /// The width of the place of one slot.
    fn place(&self) -> f64 {
        WIDTH / self.0.len().max(1) as f64
    }
}

impl Times {
    /// Of answers by their seconds. None without answers.
    fn of(answers: &BTreeMap<u64, u64>) -> Option<Self> {
        let all: u64 = answers.values().sum();
        let within = |hundredths: u64| {
            let rank = (u128::from(all) * u128::from(hundredths)).div_ceil(100).max(1);
            let mut before = 0_u128;
            answers.iter().find_map(|(seconds, count)| {
                before += u128::from(*count);
                (before >= rank).then_some(*seconds)
            })
        };
        Some(Self { median: within(50)?, p95: within(95)? })
    }
}

fn sum(counts: LoginCounts) -> u64 {
    counts.accepted + counts.denied + counts.unanswered
}

fn height(count: u64, most: u64) -> f64 {
    if count == 0 { 0.0 } else { (HEIGHT * count as f64 / most.max(1) as f64).max(LEAST) }
}

/// With one digit behind the point: a drawing needs no more.
fn tenths(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
}

/// The next number that people read easily: 2, 4, 6, 10, 20, 40, 60, 100 …; its half is whole.
fn round_above(number: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        let found =
            [2, 4, 6, 10].map(|step| unit.saturating_mul(step)).into_iter().find(|&step| step >= number);
        if let Some(found) = found {
            return found;
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use iampass_server_storage::LoginHour;

    use super::*;

    fn hour(accepted: u64, denied: u64, unanswered: u64, answers: &[(u64, u64)]) -> Arc<LoginHour> {
        let counts = LoginCounts { accepted, denied, unanswered };
        let answers = answers.iter().copied().collect();
        Arc::new(LoginHour { counts, answers, ..LoginHour::default() })
    }

    #[test]
    fn hours_become_slots_up_to_now() {
        let now = UnixSeconds(40 * DAY + 5 * HOUR + 7);
        let first = Slots::first_day(now);
        assert_eq!(first, UnixSeconds(11 * DAY));
        let mut counted = LoginHours { hours: BTreeMap::new(), counted_since: first };
        counted.hours.insert(UnixSeconds(40 * DAY + 5 * HOUR), hour(3, 1, 0, &[(2, 3), (9, 1)]));
        counted.hours.insert(UnixSeconds(39 * DAY + 6 * HOUR), hour(1, 0, 1, &[(4, 1)]));
        counted.hours.insert(UnixSeconds(39 * DAY + 5 * HOUR), hour(10, 0, 0, &[(4, 10)]));
        let (hours, days) = (Slots::by_hour(&counted, now), Slots::by_day(&counted, now));
        assert_eq!((hours.0.len(), days.0.len()), (24, 30));
        assert_eq!(hours.total(), LoginCounts { accepted: 4, denied: 1, unanswered: 1 });
        assert_eq!(days.total(), LoginCounts { accepted: 14, denied: 1, unanswered: 1 });
        assert_eq!(days.0[29].times, Some(Times { median: 2, p95: 9 }));
        assert_eq!(days.0[28].times, Some(Times { median: 4, p95: 4 }));
        assert_eq!(days.0[0].times, None);
        // A day that is not counted is not shown as one without logins.
        counted.counted_since = UnixSeconds(39 * DAY + HOUR);
        assert_eq!(Slots::by_day(&counted, now).0.len(), 1);
        assert_eq!(Slots::by_hour(&counted, now).0.len(), 24);
    }

    #[test]
    fn no_slot_is_said_to_be_empty_that_is_not_counted() {
        let now = UnixSeconds(40 * DAY + 5 * HOUR);
        let mut counted = LoginHours { hours: BTreeMap::new(), counted_since: UnixSeconds(0) };
        let by_day = |counted: &LoginHours| Slots::by_day(counted, now);
        assert_eq!(by_day(&counted).without_bars(), Some("chart-none"));
        assert_eq!(by_day(&counted).without_times(), Some("chart-no-answers"));
        let full = Arc::new(LoginHour { is_too_much: true, ..LoginHour::default() });
        counted.hours.insert(UnixSeconds(40 * DAY + HOUR), full);
        counted.hours.insert(UnixSeconds(40 * DAY), hour(7, 0, 0, &[(1, 7)]));
        let days = by_day(&counted);
        assert_eq!((days.without_bars(), days.without_times()), (None, Some("chart-not-counted")));
        // A part of the day is not the day.
        assert_eq!((days.total(), days.0[29].is_too_much), (LoginCounts::default(), true));
        let hours = Slots::by_hour(&counted, now);
        assert_eq!((hours.total().accepted, hours.0.iter().filter(|slot| slot.is_too_much).count()), (7, 1));
        counted.counted_since = now;
        let days = by_day(&counted);
        assert_eq!(days.without_bars(), Some("chart-not-counted"));
        assert_eq!(days.without_times(), Some("chart-not-counted"));
    }

    #[test]
    fn medians_are_those_of_the_answers() {
        let of = |answers: &[(u64, u64)]| Times::of(&answers.iter().copied().collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[(7, 1)]), Some(Times { median: 7, p95: 7 }));
        assert_eq!(of(&[(1, 50), (2, 45), (60, 5)]), Some(Times { median: 1, p95: 2 }));
        assert_eq!(of(&[(1, 50), (2, 44), (60, 6)]), Some(Times { median: 1, p95: 60 }));
    }

    #[test]
    fn bars_stand_on_each_other_within_the_drawing() {
        let slot = |accepted, denied, unanswered| Slot {
            at: UnixSeconds(0),
            counts: LoginCounts { accepted, denied, unanswered },
            times: None,
            is_too_much: false,
        };
        let slots = Slots(vec![slot(100, 50, 50), slot(0, 0, 0), slot(399, 1, 0), slot(0, 0, 1)]);
        assert_eq!(slots.most(), 400);
        let bars = slots.bars();
        assert_eq!(bars[0].accepted, Part { y: 112.5, height: 37.5 });
        assert_eq!((bars[0].denied.y, bars[0].unanswered.y), (93.8, 75.0));
        assert!([bars[1].accepted, bars[1].denied, bars[1].unanswered].iter().all(|part| part.height == 0.0));
        for bar in &bars {
            for part in [bar.accepted, bar.denied, bar.unanswered] {
                assert!(part.y >= 0.0 && part.y + part.height <= HEIGHT + 0.1, "{bar:?}");
            }
            assert!(bar.x >= 0.0 && bar.x + bar.width <= WIDTH);
        }
        // One of four hundred is seen.
        assert_eq!(bars[3].unanswered.height, LEAST);
    }

    #[test]
    fn the_top_is_a_number_that_people_read() {
        let tops = [0, 1, 2, 3, 5, 7, 10, 11, 61, 101, 399].map(round_above);
        assert_eq!(tops, [2, 2, 2, 4, 6, 10, 10, 20, 100, 200, 400]);
        assert_eq!(round_above(u64::MAX), u64::MAX);
    }
}
