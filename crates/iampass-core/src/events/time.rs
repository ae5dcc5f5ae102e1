//! Times in the body of an event: RFC 3339 in UTC, in whole seconds.

use crate::UnixSeconds;

const DAY: u64 = 24 * 3_600;
/// Days from the first of March of the year 0 to 1970.
const BEFORE_1970: u64 = 719_468;
/// Days of 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;
/// The last second of the year 9999, beyond which no time is written.
const LAST: u64 = 253_402_300_799;

/// `2027-01-15T08:00:00Z`.
pub(super) fn written(at: UnixSeconds) -> String {
    let seconds = at.0.min(LAST);
    let (days, second) = (seconds / DAY + BEFORE_1970, seconds % DAY);
    let (era, day_of_era) = (days / ERA, days % ERA);
    // Years begin in March here, so that the day that comes every four years is the last one.
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads what [`written`] writes, and nothing else.
pub(super) fn read(text: &str) -> Option<UnixSeconds> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let year_from_march = year.checked_sub(u64::from(month <= 2))?;
    let (era, year_of_era) = (year_from_march / 400, year_from_march % 400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * ERA + day_of_era).checked_sub(BEFORE_1970)?;
    let at = UnixSeconds(days * DAY + hour * 3_600 + minute * 60 + second);
    // A 31st of February, a 25th hour or another sign between the numbers would not be written like that.
    (written(at) == text).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_764_036_718, "2025-11-25T02:11:58Z"),
            (1_800_000_000, "2027-01-15T08:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (LAST, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(written(UnixSeconds(seconds)), text);
            assert_eq!(read(text), Some(UnixSeconds(seconds)));
        }
        for day in 0..200_000 {
            let at = UnixSeconds(day * DAY + day % DAY);
            assert_eq!(read(&written(at)), Some(at));
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "2027-01-15",
            "2027-02-30T08:00:00Z",
            "2027-13-15T08:00:00Z",
            "2027-00-15T08:00:00Z",
            "2027-01-00T08:00:00Z",
            "2027-01-15T24:00:00Z",
            "2027-01-15T08:60:00Z",
            "2027-01-15 08:00:00Z",
            "2027-01-15T08:00:00",
            "2027-01-15T08:00:00+00:00",
            "1969-12-31T23:59:59Z",
            "+027-01-15T08:00:00Z",
            "2027-01-15T08:00:00Zx",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
