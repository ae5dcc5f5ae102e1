//! [`LostPhone`]: what users without their phone can do by themselves. Belongs here: the ways, and which of them are on. Does not belong here: the
//! steps of each ([`crate::lost_phone`], [`crate::adding_phone`]).

use std::time::Duration;

/// A way in which a user who has lost a phone registers another one.
///
/// A session alone is enough for none of them. An application switches on one, or several:
///
/// ```
/// use std::time::Duration;
///
/// use iampass_web::{LostPhone, LostPhoneWays};
///
/// let two_days = Duration::from_secs(2 * 24 * 3_600);
/// let ways = LostPhoneWays::from([LostPhone::RecoveryCode, LostPhone::AfterWait(two_days)]);
/// assert!(ways.has_recovery_code() && !ways.has_other_phone());
/// assert_eq!(ways.wait(), Some(two_days));
/// assert!(LostPhoneWays::from(LostPhone::Off).is_off());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostPhone {
    /// Only with the help of the operator, who makes a new link ([`iampass_core::client::Client::lost_device`]). Beside another way it changes
    /// nothing.
    #[default]
    Off,
    /// By a recovery code, which the user's phone has made under *Your phones*, and the user has kept. It is typed with the login name, in any browser,
    /// and is used up for a link that adds a phone. The user's other phones are told, and for a day the new one changes nothing about them, while
    /// each of them can remove it. It takes a service that makes recovery codes, as this project's does.
    ///
    /// A thief of a code and a login name gets the user's account if nobody stops it. How often codes can be tried is limited
    /// ([`Limits::recovery_codes`](crate::Limits::recovery_codes)); a code has 128 random bits.
    RecoveryCode,
    /// By another phone that the user still has: in a browser whose login a phone has approved in the last ten minutes, the user gets a link that adds
    /// a phone. It waits until a phone that the user has confirms it, with the code that the new one shows. It takes a service that keeps several
    /// phones of one user, as this project's does.
    OtherPhone,
    /// By the user, from a browser that is signed in, after this time. Until then anything that a phone of the user does ends it: an answer, a denial, a
    /// session that it ends, a change of the phones. So does a user who stops it, ends a session or forgets a browser, in any browser that is signed in; the
    /// application is to tell the user ([`UserDirectory::notify`](crate::UserDirectory::notify)). A thief of a session gets the user's account if nobody
    /// does any of that in time: a day is little. It takes a service that looks at what the phones did, as this project's does.
    AfterWait(Duration),
}

/// The ways that an application has switched on: none, one [`LostPhone`], or several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LostPhoneWays {
    recovery_code: bool,
    other_phone: bool,
    wait: Option<Duration>,
}

impl LostPhoneWays {
    /// Whether all are off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Whether [`LostPhone::RecoveryCode`] is on.
    #[must_use]
    pub fn has_recovery_code(&self) -> bool {
        self.recovery_code
    }

    /// Whether [`LostPhone::OtherPhone`] is on.
    #[must_use]
    pub fn has_other_phone(&self) -> bool {
        self.other_phone
    }

    /// The time of [`LostPhone::AfterWait`], if that is on. Of several it is the longest.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.wait
    }
}

impl From<LostPhone> for LostPhoneWays {
    fn from(way: LostPhone) -> Self {
        Self::from([way])
    }
}

impl<const N: usize> From<[LostPhone; N]> for LostPhoneWays {
    fn from(ways: [LostPhone; N]) -> Self {
        let mut on = Self::default();
        for way in ways {
            match way {
                LostPhone::Off => {}
                LostPhone::RecoveryCode => on.recovery_code = true,
                LostPhone::OtherPhone => on.other_phone = true,
                LostPhone::AfterWait(wait) => on.wait = on.wait.max(Some(wait)),
            }
        }
        on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_ways_together_are_those_ways_and_no_others() {
        let (hour, day) = (Duration::from_secs(3_600), Duration::from_secs(86_400));
        assert!(LostPhoneWays::from([]).is_off() && LostPhoneWays::from([LostPhone::Off]).is_off());
        for bits in 0..8_u8 {
            let way = |bit: u8, way| if bits & bit == 0 { LostPhone::Off } else { way };
            let ways = LostPhoneWays::from([
                way(1, LostPhone::RecoveryCode),
                way(2, LostPhone::OtherPhone),
                way(4, LostPhone::AfterWait(day)),
            ]);
            assert_eq!(ways.is_off(), bits == 0);
            assert_eq!(
                (ways.has_recovery_code(), ways.has_other_phone(), ways.wait()),
                (bits & 1 != 0, bits & 2 != 0, (bits & 4 != 0).then_some(day))
            );
        }
        let twice = LostPhoneWays::from([LostPhone::AfterWait(day), LostPhone::AfterWait(hour)]);
        assert_eq!(twice.wait(), Some(day), "the longer time is the safer one");
    }
}
