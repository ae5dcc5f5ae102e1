//! The query of a call of the Admin API: filters, and the place in a list.

use std::collections::BTreeMap;

use iampass_core::UnixSeconds;
use iampass_core::signing::BODY_DIGEST;

use super::answers::invalid;
use crate::path_segments::decode;
use crate::problem::Refused;

/// Entries of a page where the call does not say.
const USUAL: u32 = 50;
/// Entries of a page at most.
const MOST: u32 = 200;
/// Bytes of a filter.
const LONGEST: usize = 255;

/// The parameters of a call, each there once at most.
pub(super) struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Reads a raw query. A name that is not allowed is refused: a mistyped filter would leave out what it was to hold back.
    pub(super) fn read(raw: Option<&str>, allowed: &[&'static str]) -> Result<Self, Refused> {
        let mut found = BTreeMap::new();
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let text = |raw| decode(raw).map_err(|_| invalid("the query is not percent-encoded UTF-8"));
            let (name, value) = (text(name)?, text(value)?);
            let known = allowed.iter().copied().chain([BODY_DIGEST]).find(|known| *known == name);
            let Some(known) = known else {
                let message = match allowed {
                    [] => "this call takes no parameters".to_owned(),
                    allowed => format!("this call takes these parameters alone: {}", allowed.join(", ")),
                };
                return Err(invalid(message));
            };
            if value.len() > LONGEST || value.contains(char::is_control) {
                let message = format!("{known} has at most {LONGEST} bytes and no control characters");
                return Err(invalid(message));
            }
            if found.insert(known, value).is_some() {
                return Err(invalid(format!("{known} is there more than once")));
            }
        }
        Ok(Self(found))
    }

    /// A text. An empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|text| !text.is_empty()).cloned()
    }

    /// A whole number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Refused> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_number);
        number.map(Some).ok_or_else(|| invalid(format!("{name} is a whole number")))
    }

    /// A time, in seconds since 1970. One that no store can hold is none.
    pub(super) fn time(&self, name: &'static str) -> Result<Option<UnixSeconds>, Refused> {
        let Some(seconds) = self.number::<i64>(name)? else { return Ok(None) };
        Ok(Some(UnixSeconds(seconds.unsigned_abs())))
    }

    /// How many entries the page is to have.
    pub(super) fn limit(&self) -> Result<u32, Refused> {
        match self.number("limit")? {
            None => Ok(USUAL),
            Some(limit @ 1..=MOST) => Ok(limit),
            Some(_) => Err(invalid(format!("limit is 1 to {MOST}"))),
        }
    }

    /// The row behind or before which the page begins, as [`row`] wrote it.
    pub(super) fn after_row(&self) -> Result<Option<i64>, Refused> {
        self.number("after").map_err(|_| bad_place())
    }

    /// The place of an entry before which the page begins, as [`place`] wrote it.
    pub(super) fn after_place(&self) -> Result<Option<(UnixSeconds, i64)>, Refused> {
        let Some(text) = self.text("after") else { return Ok(None) };
        let read = || {
            let (at, key) = text.split_once('.')?;
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let at: i64 = at.parse().ok().filter(|_| digits(at))?;
            Some((UnixSeconds(at.unsigned_abs()), key.parse().ok().filter(|_| digits(key))?))
        };
        read().map(Some).ok_or_else(bad_place)
    }
}

/// The place behind a row.
pub(super) fn row(key: i64) -> String {
    key.to_string()
}

/// The place behind an entry.
pub(super) fn place(at: UnixSeconds, key: i64) -> String {
    format!("{}.{key}", at.0)
}

fn bad_place() -> Refused {
    invalid("after is what `next` of the page before says, and nothing else")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<Query, Refused> {
        Query::read(Some(raw), &["after", "limit", "prefix"])
    }

    #[test]
    fn parameters_are_known_and_there_once() {
        let query = read("prefix=a+b%2F&limit=7&&after=").map_err(|_| ()).unwrap();
        assert_eq!(query.text("prefix").as_deref(), Some("a b/"));
        assert_eq!((query.limit().map_err(|_| ()), query.text("after")), (Ok(7), None));
        for bad in ["prefx=a", "limit=1&limit=2", "prefix=%", "prefix=a%0Ab", "prefix=%00", "PREFIX=a"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(read(&format!("prefix={}", "x".repeat(256))).is_err());
        assert!(Query::read(None, &[]).is_ok() && Query::read(Some("a"), &[]).is_err());
    }

    #[test]
    fn places_are_what_was_given_out() {
        let of = |raw: &str| read(raw).map_err(|_| ()).unwrap();
        assert_eq!(of(&format!("after={}", row(12))).after_row().map_err(|_| ()), Ok(Some(12)));
        let at = (UnixSeconds(9), 12);
        assert_eq!(of(&format!("after={}", place(at.0, at.1))).after_place().map_err(|_| ()), Ok(Some(at)));
        for bad in ["-1", "+1", "x", "9999999999999999999999", "1.2.3", "0x1"] {
            assert!(of(&format!("after={}", bad.replace('+', "%2B"))).after_row().is_err(), "{bad}");
        }
        for bad in ["1", "1.", ".1", "1.-1", "-1.1", "99999999999999999999.1", "1.99999999999999999999"] {
            assert!(of(&format!("after={bad}")).after_place().is_err(), "{bad}");
        }
        for bad in ["0", "201", "-1", "1e2", "99999999999999"] {
            assert!(of(&format!("limit={bad}")).limit().is_err(), "{bad}");
        }
    }
}
