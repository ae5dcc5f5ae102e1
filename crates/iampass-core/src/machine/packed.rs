//! Times and states in few bytes, for machines that rest. Belongs here: values that come back exactly, or are refused. Does not belong here:
//! the machines.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::wire::{Assurance, KeyKind, SessionStatus};
use crate::{Monotonic, Now, UnixSeconds};

/// A point of the monotonic clock, in nanoseconds after its origin and one more, so that an `Option` of it takes no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackedTime(NonZeroU64);

impl PackedTime {
    /// `None` for a time later than 584 years after the origin.
    pub(super) fn of(time: Monotonic) -> Option<Self> {
        let nanoseconds = u64::try_from(time.since(Monotonic::ORIGIN).as_nanos()).ok()?;
        Some(Self(NonZeroU64::MIN.checked_add(nanoseconds)?))
    }

    /// `Some(None)` where there is no time; `None` as of [`PackedTime::of`].
    #[allow(clippy::option_option, reason = "the outer one says whether it could be packed")]
    pub(super) fn of_option(time: Option<Monotonic>) -> Option<Option<Self>> {
        match time {
            Some(time) => Self::of(time).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn time(self) -> Monotonic {
        Monotonic::from_origin(Duration::from_nanos(self.0.get() - 1))
    }
}

/// A time on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackedNow {
    mono: PackedTime,
    wall_millis: u64,
}

impl PackedNow {
    /// `None` where it would not come back as it is.
    pub(super) fn of(now: Now) -> Option<Self> {
        let packed = Self { mono: PackedTime::of(now.mono)?, wall_millis: now.unix_millis().0 };
        (packed.now() == now).then_some(packed)
    }

    pub(super) fn now(self) -> Now {
        let wall_millis = u16::try_from(self.wall_millis % 1_000).unwrap_or_default();
        Now { mono: self.mono.time(), wall: UnixSeconds(self.wall_millis / 1_000), wall_millis }
    }
}

/// A status that this version knows, by its place in [`SessionStatus::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackedStatus(u8);

impl PackedStatus {
    /// `None` for a word that this version does not know.
    pub(super) fn of(status: &SessionStatus) -> Option<Self> {
        let place = SessionStatus::ALL.iter().position(|known| known == status)?;
        u8::try_from(place).ok().map(Self)
    }

    pub(super) fn status(self) -> SessionStatus {
        // A place that is none would be a status that lets nobody in.
        SessionStatus::ALL.get(usize::from(self.0)).cloned().unwrap_or(SessionStatus::Failed)
    }
}

/// A proof of an approval, by a key of a known kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PackedAssurance {
    code: bool,
    unlocked: bool,
    is_device_key: bool,
}

impl PackedAssurance {
    /// `None` for a key of an unknown kind.
    pub(super) fn of(assurance: &Assurance) -> Option<Self> {
        let Assurance { code, unlocked, key } = assurance;
        let is_device_key = match key {
            KeyKind::Device => true,
            KeyKind::Shared => false,
            KeyKind::Unknown(_) => return None,
        };
        Some(Self { code: *code, unlocked: *unlocked, is_device_key })
    }

    pub(super) fn assurance(self) -> Assurance {
        let key = if self.is_device_key { KeyKind::Device } else { KeyKind::Shared };
        Assurance { code: self.code, unlocked: self.unlocked, key }
    }
}
