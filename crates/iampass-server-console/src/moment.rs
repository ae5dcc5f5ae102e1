//! [`Moment`]: a time as people read it, with the exact one behind it.

use std::fmt;
use std::sync::Arc;

use iampass_core::UnixSeconds;
use time::OffsetDateTime;

use crate::speech::Speech;

/// A time, seen from another one. In a template: `<time datetime="{{ m.machine() }}" title="{{ m.exact() }}">{{ m }}</time>`.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    at: UnixSeconds,
    now: UnixSeconds,
    speech: Arc<Speech>,
}

impl Moment {
    pub(crate) fn new(at: UnixSeconds, now: UnixSeconds, speech: Arc<Speech>) -> Self {
        Self { at, now, speech }
    }

    /// For programs: `2026-11-25T02:11:58Z`.
    pub(crate) fn machine(&self) -> String {
        self.written("T", "Z")
    }

    /// For people who want to know exactly: `2026-11-25 02:11:58 UTC`.
    pub(super) fn exact(&self) -> String {
        self.written(" ", " UTC")
    }

    /// The day in UTC: `2026-11-25`.
    pub(crate) fn day(&self) -> String {
        self.exact().chars().take(10).collect()
    }

    /// The day and the minute in UTC: `2026-11-25 02:11`.
    pub(crate) fn minute(&self) -> String {
        self.exact().chars().take(16).collect()
    }

    fn written(&self, between: &str, end: &str) -> String {
        let seconds = i64::try_from(self.at.0).unwrap_or(i64::MAX);
        // No time that we store lies beyond the calendar.
        let date = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        format!(
            "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}{end}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            date.hour(),
            date.minute(),
            date.second()
        )
    }
}

/// `3 minutes ago`, `in 2 hours`, `just now`, in the language of the page.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, is_past) = match self.now.0.checked_sub(self.at.0) {
            Some(past) => (past, true),
            None => (self.at.0 - self.now.0, false),
        };
        let (count, unit) = match seconds {
            0..60 if is_past => return f.write_str(self.speech.t("moment-now")),
            0..60 => return f.write_str(self.speech.t("moment-soon")),
            60..3_600 => (seconds / 60, ("moment-minutes-ago", "moment-in-minutes")),
            3_600..86_400 => (seconds / 3_600, ("moment-hours-ago", "moment-in-hours")),
            _ => (seconds / 86_400, ("moment-days-ago", "moment-in-days")),
        };
        f.write_str(&self.speech.count(if is_past { unit.0 } else { unit.1 }, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_from_now() {
        let now = 1_764_036_718;
        let shown = |at: u64| Moment::new(UnixSeconds(at), UnixSeconds(now), Speech::english()).to_string();
        assert_eq!(shown(now), "just now");
        assert_eq!(shown(now - 59), "just now");
        assert_eq!(shown(now - 60), "1 minute ago");
        assert_eq!(shown(now - 3 * 60 - 59), "3 minutes ago");
        assert_eq!(shown(now - 3_600), "1 hour ago");
        assert_eq!(shown(now - 86_400 * 40), "40 days ago");
        assert_eq!(shown(now + 30), "in a moment");
        assert_eq!(shown(now + 7_200), "in 2 hours");
        let moment = Moment::new(UnixSeconds(now), UnixSeconds(now), Speech::english());
        assert_eq!(moment.exact(), "2025-11-25 02:11:58 UTC");
        assert_eq!(moment.machine(), "2025-11-25T02:11:58Z");
        assert_eq!((moment.day().as_str(), moment.minute().as_str()), ("2025-11-25", "2025-11-25 02:11"));
        assert!(
            Moment::new(UnixSeconds(u64::MAX), UnixSeconds(now), Speech::english())
                .exact()
                .starts_with("1970")
        );
    }
}
