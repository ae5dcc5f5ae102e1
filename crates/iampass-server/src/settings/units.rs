//! How values are written: spans of time, and rates.

use std::time::Duration;

use serde::{Deserialize as _, Deserializer, de};

use crate::Rate;

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 24 * 3_600_000)];

/// `"500ms"`, `"30s"`, `"5m"`, `"24h"` or `"30d"`.
pub(super) fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_span(&text).ok_or_else(|| {
        de::Error::custom(format_args!("{text:?} is not a span of time: write 500ms, 30s, 5m, 24h or 30d"))
    })
}

/// `"60/m"`, `"60/m burst 100"` or `"off"`.
pub(super) fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rate>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "off" {
        return Ok(None);
    }
    parse_rate(&text).map(Some).ok_or_else(|| {
        de::Error::custom(format_args!("{text:?} is not a rate: write 60/m, 5/s burst 100, or off"))
    })
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (rate, burst) = match text.split_once(" burst ") {
        Some((rate, burst)) => (rate, Some(burst.trim().parse::<u32>().ok()?)),
        None => (text, None),
    };
    let (number, unit) = rate.trim().split_once('/')?;
    let number = number.parse::<u32>().ok().filter(|&number| number > 0)?;
    let span = match unit {
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3_600),
        _ => return None,
    };
    let burst = burst.unwrap_or(number);
    (burst > 0).then_some(Rate { burst, every: span / number })
}

fn parse_span(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let milliseconds = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    number.parse::<u64>().ok()?.checked_mul(milliseconds).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_a_unit() {
        let rate = |text| parse_rate(text).map(|rate| (rate.burst, rate.every.as_millis()));
        assert_eq!(rate("60/m"), Some((60, 1_000)));
        assert_eq!(rate("60/m burst 100"), Some((100, 1_000)));
        assert_eq!(rate("5/s burst 1"), Some((1, 200)));
        for text in ["", "60", "0/s", "60/d", "60/m burst", "60/m burst 0", "-1/s", "60/m 5"] {
            assert_eq!(rate(text), None, "{text}");
        }
    }

    #[test]
    fn spans_have_a_unit() {
        let seconds = |text| parse_span(text).map(|span| span.as_secs_f64());
        assert_eq!(seconds("500ms"), Some(0.5));
        assert_eq!(seconds("0s"), Some(0.0));
        assert_eq!(seconds("5m"), Some(300.0));
        assert_eq!(seconds("24h"), Some(86_400.0));
        assert_eq!(seconds("30d"), Some(2_592_000.0));
        for text in ["", "30", "s", "-1s", "1.5h", "1 h", "1w", "99999999999999999999s", "9999999999999999d"]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
