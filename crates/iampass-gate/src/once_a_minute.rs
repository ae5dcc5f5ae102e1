//! [`OnceAMinute`]: for lines of the log that must not be as many as the requests that cause them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Remembers when each kind of line was logged last. The kinds are those of the program: no request makes a new one.
#[derive(Debug)]
pub(crate) struct OnceAMinute<K>(Mutex<BTreeMap<K, Instant>>);

impl<K> Default for OnceAMinute<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord> OnceAMinute<K> {
    /// Whether the last time of this kind is a minute ago. Then this is the last time.
    pub(crate) fn is_due(&self, kind: K) -> bool {
        self.is_due_at(kind, Instant::now())
    }

    fn is_due_at(&self, kind: K, now: Instant) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.get(&kind).is_some_and(|last| now.saturating_duration_since(*last) < MINUTE) {
            return false;
        }
        logged.insert(kind, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_due_once_in_sixty_seconds() {
        let (lines, began) = (OnceAMinute::default(), Instant::now());
        let due = |kind: &'static str, seconds| lines.is_due_at(kind, began + Duration::from_secs(seconds));
        let a = [0, 0, 59, 60, 61].map(|seconds| due("a", seconds));
        assert_eq!(a, [true, false, false, true, false]);
        assert!(due("b", 61) && !due("b", 61));
    }
}
