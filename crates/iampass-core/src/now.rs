//! [`Now`] and [`Draw`]: the only ways in which time and randomness come into the protocol.
//!
//! Belongs here: plain values. Does not belong here: anything that reads a clock or a random generator; those are the
//! ports [`crate::port::Clock`] and [`crate::port::Entropy`].

use std::fmt;
use std::ops::Add;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A point on a clock that never goes back: the time since some origin that stays the same for the life of a process.
///
/// ```
/// use iampass_core::Monotonic;
/// use std::time::Duration;
///
/// let later = Monotonic::from_origin(Duration::from_secs(5)) + Duration::from_secs(2);
/// assert_eq!(later.since(Monotonic::ORIGIN), Duration::from_secs(7));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monotonic(Duration);

impl Monotonic {
    /// Where the clock began.
    pub const ORIGIN: Self = Self(Duration::ZERO);
    /// A point that is never reached.
    pub const NEVER: Self = Self(Duration::MAX);

    /// The point that lies `elapsed` after the origin.
    #[must_use]
    pub const fn from_origin(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How much time lies between `earlier` and this point; zero if `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Monotonic {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

impl fmt::Debug for Monotonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER { f.write_str("never") } else { write!(f, "+{:?}", self.0) }
    }
}

/// Whole seconds since 1970-01-01T00:00:00Z, as signatures carry them \[P\].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// The time `duration` later, whole seconds of it.
    #[must_use]
    pub const fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// Seconds from `earlier` until this time; zero if `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z: for an instant that must be the same one on all nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The time `duration` later, whole milliseconds of it.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The time from `earlier` until this one; zero if `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// The second that this instant lies in.
    #[must_use]
    pub const fn seconds(self) -> UnixSeconds {
        UnixSeconds(self.0 / 1_000)
    }
}

impl fmt::Debug for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The time, on both clocks that the protocol needs.
///
/// Waits go by the monotonic one, which no administrator can set back; signatures carry the other. Freshness goes by both: see
/// [`Now::age_of`].
///
/// ```
/// use iampass_core::Now;
/// use std::time::Duration;
///
/// let now = Now::new(Duration::from_millis(1_500), 1_700_000_000);
/// assert_eq!(now.wall.0, 1_700_000_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For deadlines, waits and ages.
    pub mono: Monotonic,
    /// For signatures and stored times.
    pub wall: UnixSeconds,
    /// How far into that second it is: 0 to 999 milliseconds.
    pub wall_millis: u16,
}

impl Now {
    /// `elapsed` since the origin of the monotonic clock, and `unix_seconds` on the wall clock, whose seconds begin with those of the
    /// monotonic one.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a second has 999 milliseconds at most")]
    pub const fn new(elapsed: Duration, unix_seconds: u64) -> Self {
        let wall_millis = elapsed.subsec_millis() as u16;
        Self { mono: Monotonic(elapsed), wall: UnixSeconds(unix_seconds), wall_millis }
    }

    /// `elapsed` since the origin of the monotonic clock, and `unix_time` since 1970 on the wall clock.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a second has 999 milliseconds at most")]
    pub const fn at(elapsed: Duration, unix_time: Duration) -> Self {
        let wall_millis = unix_time.subsec_millis() as u16;
        Self { mono: Monotonic(elapsed), wall: UnixSeconds(unix_time.as_secs()), wall_millis }
    }

    /// The wall clock in milliseconds.
    #[must_use]
    pub fn unix_millis(self) -> UnixMillis {
        UnixMillis(self.wall.0.saturating_mul(1_000).saturating_add(u64::from(self.wall_millis)))
    }

    /// How long ago `earlier` was, by the clock that says more.
    ///
    /// The monotonic clock of most systems stands still while the machine sleeps, and the wall clock can be set. An answer that must not be
    /// older than a bound is therefore held against both. A wall clock that was set back counts as far as it was set: the step says that
    /// one of the two readings was wrong, and not which.
    ///
    /// ```
    /// use iampass_core::{Now, UnixSeconds};
    /// use std::time::Duration;
    ///
    /// let before = Now::new(Duration::from_secs(5), 1_700_000_000);
    /// assert_eq!(before.plus(Duration::from_secs(2)).age_of(before), Duration::from_secs(2));
    /// // The machine slept for an hour: its monotonic clock did not notice.
    /// let woken = Now { wall: UnixSeconds(1_700_003_600), ..before };
    /// assert_eq!(woken.age_of(before), Duration::from_secs(3_600));
    /// assert_eq!(before.age_of(woken), Duration::from_secs(3_600));
    /// ```
    #[must_use]
    pub fn age_of(self, earlier: Self) -> Duration {
        let wall = self.unix_millis().0.abs_diff(earlier.unix_millis().0);
        self.mono.since(earlier.mono).max(Duration::from_millis(wall))
    }

    /// The same two clocks `duration` later: what a fake clock in a test does.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let wall = self.unix_millis().plus(duration);
        let millis = u16::try_from(wall.0 % 1_000).unwrap_or_default();
        Self { mono: self.mono + duration, wall: wall.seconds(), wall_millis: millis }
    }
}

/// 128 fresh random bits, for one call of a machine.
///
/// A machine uses one draw for at most one nonce and one jitter. It must come from a cryptographic generator
/// ([`crate::port::Entropy`]) and must never be used twice: the service refuses a nonce that it has seen.
///
/// ```
/// use iampass_core::Draw;
///
/// let draw = Draw::from_bytes([7; 16]);
/// assert_eq!(draw.nonce().value(), u64::from_be_bytes([7; 8]));
/// ```
#[derive(Clone, Copy)]
pub struct Draw([u8; 16]);

impl Draw {
    /// Takes 16 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// All of it, for making tokens.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The half that signs a request.
    #[must_use]
    pub const fn nonce(&self) -> crate::signing::Nonce {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        crate::signing::Nonce::new(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The other half, for jitter.
    #[must_use]
    pub(crate) const fn jitter(&self) -> u64 {
        let [.., a, b, c, d, e, f, g, h] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draw(redacted)")
    }
}
