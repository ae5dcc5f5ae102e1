//! How texts are put together. Belongs here: placeholders, durations and moments in words. Does not belong here: the words ([`super::texts`]).

use iampass_texts::Plural;

use super::Texts;

/// The text with each `{key}` replaced. Inserted text is not looked at again, so a name like `{application}` stays what it is.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(key, after)| {
            values.iter().find(|(known, _)| *known == key).map(|(_, value)| (*value, after))
        });
        match value {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long to wait, in words: rounded up, for who comes too early waits once more.
pub(super) fn wait(texts: &Texts, seconds: u64) -> String {
    match seconds {
        0..100 => counted(texts, seconds, &texts.duration_seconds),
        100..HOUR => counted(texts, seconds.div_ceil(MINUTE), &texts.duration_minutes),
        _ => counted(texts, seconds.div_ceil(HOUR), &texts.duration_hours),
    }
}

/// How long something lasts at most, in the largest unit of which it is a whole number.
pub(super) fn whole(texts: &Texts, seconds: u64) -> String {
    match seconds {
        _ if seconds.is_multiple_of(DAY) => counted(texts, seconds / DAY, &texts.duration_days),
        _ if seconds.is_multiple_of(HOUR) => counted(texts, seconds / HOUR, &texts.duration_hours),
        _ if seconds.is_multiple_of(MINUTE) => counted(texts, seconds / MINUTE, &texts.duration_minutes),
        _ => counted(texts, seconds, &texts.duration_seconds),
    }
}

/// How long ago it was, in words.
pub(super) fn ago(texts: &Texts, seconds: u64) -> String {
    let duration = match seconds {
        0..MINUTE => return texts.just_now.clone().into_owned(),
        MINUTE..HOUR => counted(texts, seconds / MINUTE, &texts.duration_minutes),
        HOUR..DAY => counted(texts, seconds / HOUR, &texts.duration_hours),
        _ => counted(texts, seconds / DAY, &texts.duration_days),
    };
    filled(&texts.ago, &[("duration", &duration)])
}

fn counted(texts: &Texts, count: u64, unit: &Plural) -> String {
    filled(unit.of(&texts.language, count), &[("count", &count.to_string())])
}

/// A moment in UTC, as `2026-11-24T09:05:00Z`. Proleptic Gregorian, like all of Unix time.
pub(super) fn timestamp(unix_seconds: u64) -> String {
    let (days, of_day) = (unix_seconds / DAY, unix_seconds % DAY);
    // Years are counted from March, so that the leap day is the last of its year; eras have 400 years of 146,097 days.
    let from_march = days + 719_468;
    let (era, of_era) = (from_march / 146_097, from_march % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / HOUR, of_day % HOUR / MINUTE, of_day % MINUTE);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The time of day in UTC, as `09:05:00 UTC`.
pub(super) fn time_of_day(unix_seconds: u64) -> String {
    let of_day = unix_seconds % DAY;
    format!("{:02}:{:02}:{:02} UTC", of_day / HOUR, of_day % HOUR / MINUTE, of_day % MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_once() {
        let values = [("a", "{b}"), ("b", "x")];
        assert_eq!(filled("{a} and {b}", &values), "{b} and x");
        assert_eq!(filled("{c} {", &values), "{c} {");
        assert_eq!(filled("{{b}}", &values), "{x}");
        assert_eq!(filled("", &values), "");
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        let texts = Texts::default();
        for (seconds, words) in [
            (1, "1 second"),
            (99, "99 seconds"),
            (100, "2 minutes"),
            (3_599, "60 minutes"),
            (3_601, "2 hours"),
        ] {
            assert_eq!(wait(&texts, seconds), words);
        }
    }

    #[test]
    fn a_duration_is_told_to_the_second() {
        let texts = Texts::default();
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (5_400, "90 minutes"),
            (28_800, "8 hours"),
            (86_400, "1 day"),
            (90_000, "25 hours"),
        ] {
            assert_eq!(whole(&texts, seconds), words);
        }
    }

    #[test]
    fn the_past_is_told_in_the_largest_whole_unit() {
        let texts = Texts::default();
        for (seconds, words) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (86_399, "23 hours ago"),
            (86_400, "1 day ago"),
            (864_000, "10 days ago"),
        ] {
            assert_eq!(ago(&texts, seconds), words);
        }
    }

    #[test]
    fn moments_are_told_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(timestamp(seconds), text);
        }
    }
}
