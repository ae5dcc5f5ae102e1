//! Whose phone is being asked. Belongs here: that a phone has one question at a time, by the name that was typed and by the user whom
//! it is. Does not belong here: how often one may begin ([`crate::throttle`]).

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::port::UserKey;
use moka::ops::compute::{CompResult, Op};
use moka::sync::Cache;

/// The most that are remembered on one node.
const AT_ONCE: u64 = 200_000;

const IDLE: Duration = Duration::from_secs(15 * 60);

/// Whom a question is for.
#[derive(Clone, Copy, Hash)]
pub(crate) enum Whom<'a> {
    /// Whoever has this login name, if anybody has.
    Name(&'a str),
    /// A user, however the name was typed.
    User(&'a UserKey),
}

/// A phone that is being asked, and by which login.
#[derive(Clone)]
struct Asking {
    until: UnixSeconds,
    proof: Arc<str>,
}

/// The phones that are being asked, or would be if somebody had that name.
pub(crate) struct AskedPhones {
    asking: Cache<u64, Asking>,
    /// What a login has reserved, by its proof.
    reserved: Cache<Arc<str>, Vec<u64>>,
    /// So that names cannot be chosen to meet.
    seed: [u8; 16],
}

impl AskedPhones {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Self {
            asking: Cache::builder().max_capacity(AT_ONCE).time_to_idle(IDLE).build(),
            reserved: Cache::builder().max_capacity(AT_ONCE).time_to_idle(IDLE).build(),
            seed,
        }
    }

    fn hashed(&self, whom: Whom<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, whom).hash(&mut hasher);
        hasher.finish()
    }

    /// Reserves a phone for the login of this proof. `Err`: it has a question, for so long at most.
    pub(crate) fn reserve(
        &self,
        whom: Whom<'_>,
        proof: &str,
        now: UnixSeconds,
        until: UnixSeconds,
    ) -> Result<(), Duration> {
        let (whom, proof) = (self.hashed(whom), Arc::<str>::from(proof));
        let fresh = Asking { until, proof: Arc::clone(&proof) };
        let result = self.asking.entry(whom).and_compute_with(|asking| match asking {
            Some(asking) if asking.value().until > now => Op::Nop,
            _ => Op::Put(fresh),
        });
        if let CompResult::Unchanged(asking) = result {
            return Err(asking.value().until.since(now));
        }
        let mut reserved = self.reserved.get(&proof).unwrap_or_default();
        reserved.push(whom);
        self.reserved.insert(proof, reserved);
        Ok(())
    }

    /// Gives free what the login of this proof has reserved, and nothing that another one has reserved since.
    pub(crate) fn release(&self, proof: &str) {
        for whom in self.reserved.remove(proof).unwrap_or_default() {
            self.asking.entry(whom).and_compute_with(|asking| match asking {
                Some(asking) if *asking.value().proof == *proof => Op::Remove,
                _ => Op::Nop,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds(1_000 + seconds)
    }

    #[test]
    fn a_phone_has_one_question_at_a_time() {
        let phones = AskedPhones::new([0; 16]);
        let reserve = |whom, proof, now: u64| phones.reserve(whom, proof, at(now), at(now + 60));
        let (name, key) = (Whom::Name("anna"), UserKey::new("anna"));
        assert_eq!(reserve(name, "p", 0), Ok(()));
        assert_eq!(reserve(name, "q", 20), Err(Duration::from_secs(40)));
        assert_eq!(reserve(Whom::User(&key), "p", 20), Ok(()), "a key is not a name");
        assert_eq!(reserve(name, "q", 60), Ok(()), "it was not answered in time");
    }

    #[test]
    fn a_login_gives_free_what_is_its_own() {
        let phones = AskedPhones::new([0; 16]);
        let key = UserKey::new("1");
        let reserve = |whom, proof| phones.reserve(whom, proof, at(0), at(60));
        assert_eq!(reserve(Whom::Name("anna"), "p"), Ok(()));
        assert_eq!(reserve(Whom::User(&key), "p"), Ok(()));
        phones.release("q");
        assert!(reserve(Whom::Name("anna"), "q").is_err());
        phones.release("p");
        assert_eq!(reserve(Whom::Name("anna"), "q"), Ok(()));
        assert_eq!(reserve(Whom::User(&key), "q"), Ok(()));
        // The old one's cookie may still be there.
        phones.release("p");
        assert!(reserve(Whom::Name("anna"), "r").is_err());
    }

    #[test]
    fn a_login_that_is_over_gives_no_later_one_free() {
        let phones = AskedPhones::new([0; 16]);
        let name = Whom::Name("anna");
        assert_eq!(phones.reserve(name, "p", at(0), at(60)), Ok(()));
        assert_eq!(phones.reserve(name, "q", at(60), at(120)), Ok(()));
        phones.release("p");
        assert!(phones.reserve(name, "r", at(61), at(121)).is_err());
    }
}
