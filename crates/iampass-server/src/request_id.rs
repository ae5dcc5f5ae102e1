//! [`RequestId`]: a name for each request, by which its answer and its lines in the log are found.
//!
//! It is drawn here and told to the caller in `X-Request-Id`. One that a caller sends is not taken over: it could be another one's, or
//! something that has no place in a log.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;
use http::header::HeaderName;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// 64 bits, never told to be anything but a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

/// Gives them out. Numbers are hashed under a random key of the process, so that two ids do not reveal how many requests lie between.
#[derive(Debug, Default)]
pub(crate) struct RequestIds {
    hashes: RandomState,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn draw(&self) -> RequestId {
        RequestId(self.hashes.hash_one(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

impl RequestId {
    /// Sixteen hexadecimal digits.
    fn text(self) -> [u8; 16] {
        let mut text = [0; 16];
        for (place, digit) in text.iter_mut().zip((0..16).rev()) {
            let nibble = (self.0 >> (4 * digit)) as u8 & 15;
            *place = if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
        }
        text
    }

    pub(crate) fn header(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.text()).unwrap_or(HeaderValue::from_static(""))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_log_say_the_same_and_no_two_are_alike() {
        let ids = RequestIds::default();
        let (one, other) = (ids.draw(), ids.draw());
        assert_ne!(one, other);
        for id in [one, other, RequestId(0), RequestId(u64::MAX), RequestId(0x0123_4567_89ab_cdef)] {
            assert_eq!(id.header().to_str().unwrap(), id.to_string());
        }
    }
}
