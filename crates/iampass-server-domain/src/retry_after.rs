//! The header `Retry-After`, as the other side of a message sends it (RFC 9110, section 10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use iampass_core::UnixSeconds;

/// Reads seconds or a date. A date that is over means no wait; None for anything else.
#[must_use]
pub fn retry_after(value: &str, now: UnixSeconds) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(at.saturating_sub(Duration::from_secs(now.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_that_is_asked_for_is_seconds_or_a_date() {
        let now = UnixSeconds(784_111_777);
        let seconds = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:30 GMT"), Some(0));
        for value in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(seconds(value), None, "{value}");
        }
    }
}
