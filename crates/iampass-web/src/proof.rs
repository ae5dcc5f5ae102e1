//! The proof that a handler wants of an approval. Belongs here: the requirements, and whether an approval meets them. Does not belong here: the
//! answer to a request that does not ([`crate::admission`]).

use iampass_core::wire::{Assurance, KeyKind};

/// The proof that the approval of a login has to have given, as a type, for extractors: `Proven<User, ByUnlockedPhone>`. Several at once are a pair:
/// `(ByCode, ByDeviceKey)`; any other combination is a type of your own.
///
/// ```
/// use iampass_web::{Assurance, KeyKind, Requirement};
///
/// /// For payments.
/// struct ForMoney;
///
/// impl Requirement for ForMoney {
///     fn assurance() -> Assurance {
///         Assurance::default().code(true).unlocked(true).key(KeyKind::Device)
///     }
/// }
/// ```
pub trait Requirement {
    /// All that is required. A part that it says nothing of is not required.
    fn assurance() -> Assurance;
}

/// The phone brought the code that the login page showed.
#[derive(Debug, Clone, Copy)]
pub struct ByCode;

/// The person unlocked the phone for this login.
#[derive(Debug, Clone, Copy)]
pub struct ByUnlockedPhone;

/// The answer was signed by a key that never leaves the phone.
#[derive(Debug, Clone, Copy)]
pub struct ByDeviceKey;

impl Requirement for ByCode {
    fn assurance() -> Assurance {
        Assurance::default().code(true)
    }
}

impl Requirement for ByUnlockedPhone {
    fn assurance() -> Assurance {
        Assurance::default().unlocked(true)
    }
}

impl Requirement for ByDeviceKey {
    fn assurance() -> Assurance {
        Assurance::default().key(KeyKind::Device)
    }
}

/// Both.
impl<A: Requirement, B: Requirement> Requirement for (A, B) {
    fn assurance() -> Assurance {
        let (one, other) = (A::assurance(), B::assurance());
        let key = if one.key == KeyKind::Shared { other.key } else { one.key };
        Assurance::default().code(one.code || other.code).unlocked(one.unlocked || other.unlocked).key(key)
    }
}

/// The parts of a requirement that an approval has not proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unproven {
    /// The phone did not bring a code.
    pub code: bool,
    /// The phone was not unlocked for this login.
    pub unlocked: bool,
    /// The answer was not signed by the required kind of key.
    pub key: bool,
}

impl Unproven {
    /// The parts of `wanted` that are not proven. `None`: all is. An approval of which the service says nothing has proven nothing, so it meets not
    /// even a requirement without parts.
    pub(crate) fn of(proven: Option<&Assurance>, wanted: &Assurance) -> Option<Self> {
        if proven.is_some_and(|proven| proven.covers(wanted)) {
            return None;
        }
        let proven = proven.cloned().unwrap_or_default();
        Some(Self {
            code: wanted.code && !proven.code,
            unlocked: wanted.unlocked && !proven.unlocked,
            key: wanted.key != KeyKind::Shared
                && !(proven.key == wanted.key && wanted.key == KeyKind::Device),
        })
    }

    /// The names of the parts, for programs.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let parts = [(self.code, "code"), (self.unlocked, "unlocked"), (self.key, "device_key")];
        parts.into_iter().filter_map(|(is_missing, name)| is_missing.then_some(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Assurance> {
        let mut all = Vec::new();
        for code in [false, true] {
            for unlocked in [false, true] {
                for key in [KeyKind::Shared, KeyKind::Device, KeyKind::Unknown("x".into())] {
                    all.push(Assurance::default().code(code).unlocked(unlocked).key(key));
                }
            }
        }
        all
    }

    #[test]
    fn what_is_not_proven_is_missing() {
        for wanted in all() {
            assert!(Unproven::of(None, &wanted).is_some(), "the service says nothing: {wanted:?}");
            for proven in all() {
                let missing = Unproven::of(Some(&proven), &wanted);
                assert_eq!(missing.is_none(), proven.covers(&wanted), "{proven:?} {wanted:?}");
                if let Some(missing) = missing {
                    assert!(!missing.names().is_empty(), "{proven:?} {wanted:?}");
                    assert!(!(missing.code && proven.code), "{proven:?} {wanted:?}");
                    assert!(!(missing.unlocked && proven.unlocked), "{proven:?} {wanted:?}");
                }
            }
        }
    }

    #[test]
    fn a_pair_requires_what_both_require() {
        let all = <((ByCode, ByUnlockedPhone), ByDeviceKey)>::assurance();
        assert_eq!(all, Assurance::default().code(true).unlocked(true).key(KeyKind::Device));
        assert_eq!(<(ByDeviceKey, ByCode)>::assurance(), <(ByCode, ByDeviceKey)>::assurance());
    }
}
