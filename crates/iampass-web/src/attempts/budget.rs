//! How many questions may be put for one user. Belongs here: the rule and its state, which is shared by all nodes. Does not belong
//! here: limits by address alone ([`crate::throttle`]).

use std::time::Duration;

use iampass_core::UnixMillis;
use serde::{Deserialize, Serialize};

use iampass_core::rate_limit::Rate;

/// The most networks that are counted apart for one user. More of them count as one.
const NETWORKS: usize = 64;

/// The name under which all further networks count.
const FURTHER: &str = "*";

/// The used part of a budget, in all and by network. Each part fills steadily, so its whole state is when all of it is there again.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Budget {
    #[serde(default)]
    full_at: UnixMillisOrNow,
    #[serde(default)]
    networks: Vec<(String, UnixMillis)>,
}

/// A time; zero where nothing was used yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct UnixMillisOrNow(UnixMillis);

impl Default for UnixMillisOrNow {
    fn default() -> Self {
        Self(UnixMillis(0))
    }
}

/// The rates of a budget: in all, and for one network.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rates {
    pub(crate) in_all: Rate,
    pub(crate) per_network: Rate,
}

impl Budget {
    /// Uses one, or says how long to wait and uses nothing.
    ///
    /// A network that has used nothing may go as far again beyond what is used up in all: two networks that ask all the time keep no third one out for
    /// half an hour.
    pub(crate) fn spend(&mut self, now: UnixMillis, rates: Rates, network: &str) -> Result<(), Duration> {
        self.networks.retain(|(_, full_at)| *full_at > now);
        let known = self.networks.iter().position(|(name, _)| name == network);
        let name = if known.is_none() && self.networks.len() >= NETWORKS { FURTHER } else { network };
        let by_network = self.networks.iter().find(|(known, _)| known == name).map(|(_, full_at)| *full_at);
        let first = if by_network.is_none() && name != FURTHER { 2 } else { 1 };
        let in_all = used(self.full_at.0, now, rates.in_all, rates.in_all.burst.saturating_mul(first));
        let of_network = used(by_network.unwrap_or(now), now, rates.per_network, rates.per_network.burst);
        let (full_at, network_full_at) = match (in_all, of_network) {
            (Ok(full_at), Ok(network_full_at)) => (full_at, network_full_at),
            (in_all, of_network) => {
                return Err(in_all.err().unwrap_or_default().max(of_network.err().unwrap_or_default()));
            }
        };
        self.full_at = UnixMillisOrNow(full_at);
        match self.networks.iter_mut().find(|(known, _)| known == name) {
            Some((_, full_at)) => *full_at = network_full_at,
            None => self.networks.push((name.to_owned(), network_full_at)),
        }
        Ok(())
    }

    /// Gives back what [`Budget::spend`] used: no question was put.
    pub(crate) fn give_back(&mut self, rates: Rates, network: &str) {
        let earlier = |at: UnixMillis, rate: Rate| UnixMillis(at.0.saturating_sub(millis(rate.every)));
        self.full_at = UnixMillisOrNow(earlier(self.full_at.0, rates.in_all));
        if let Some((_, full_at)) = self.networks.iter_mut().find(|(known, _)| known == network) {
            *full_at = earlier(*full_at, rates.per_network);
        }
    }

    /// When all of it is there again, so that nothing has to be remembered any more.
    pub(crate) fn full_at(&self) -> UnixMillis {
        self.networks.iter().map(|(_, full_at)| *full_at).fold(self.full_at.0, Ord::max)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// When all of it is there again after one more of at most `burst` was used, or how long to wait.
fn used(full_at: UnixMillis, now: UnixMillis, rate: Rate, burst: u32) -> Result<UnixMillis, Duration> {
    let used = full_at.since(now).saturating_add(rate.every);
    let room = rate.every.saturating_mul(burst);
    if used > room { Err(used - room) } else { Ok(now.plus(used)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: Rates = Rates {
        in_all: Rate { burst: 4, every: Duration::from_secs(30) },
        per_network: Rate { burst: 2, every: Duration::from_secs(60) },
    };

    fn at(seconds: u64) -> UnixMillis {
        UnixMillis(1_000_000 + seconds * 1_000)
    }

    #[test]
    fn one_network_does_not_use_up_what_is_everybodys() {
        let mut budget = Budget::default();
        for _ in 0..2 {
            assert_eq!(budget.spend(at(0), RATES, "a"), Ok(()));
        }
        for _ in 0..100 {
            assert_eq!(
                budget.spend(at(0), RATES, "a"),
                Err(Duration::from_secs(60)),
                "refused ones are not counted"
            );
        }
        assert_eq!(budget.spend(at(0), RATES, "b"), Ok(()));
        // A whole hour of one network's tries leaves room for another one.
        let mut budget = Budget::default();
        for second in 0..3_600 {
            let _ = budget.spend(at(second), RATES, "a");
        }
        assert_eq!(budget.spend(at(3_600), RATES, "b"), Ok(()));
    }

    #[test]
    fn all_networks_together_are_bounded() {
        let mut budget = Budget::default();
        let spent = (0..100).filter(|n| budget.spend(at(0), RATES, &n.to_string()).is_ok()).count();
        assert_eq!(spent, 8);
        assert_eq!(budget.spend(at(0), RATES, "z"), Err(Duration::from_secs(30)));
        assert_eq!(budget.spend(at(30), RATES, "z"), Ok(()));
    }

    #[test]
    fn two_networks_keep_no_third_one_out_for_half_an_hour() {
        let mut budget = Budget::default();
        let mut owner = 0;
        for second in 0..1_800 {
            let _ = budget.spend(at(second), RATES, "a");
            let _ = budget.spend(at(second), RATES, "b");
            if second % 300 == 299 && budget.spend(at(second), RATES, "owner").is_ok() {
                owner += 1;
            }
        }
        assert_eq!(owner, 6);
    }

    #[test]
    fn more_networks_than_are_counted_count_as_one() {
        let rates = Rates { in_all: Rate { burst: 10_000, ..RATES.in_all }, ..RATES };
        let mut budget = Budget::default();
        let spent = (0..1_000).filter(|n| budget.spend(at(0), rates, &n.to_string()).is_ok()).count();
        assert_eq!(spent, NETWORKS + 2, "each network one, and all further ones together two");
        assert!(budget.networks.len() <= NETWORKS + 1);
    }

    #[test]
    fn what_was_given_back_can_be_used_again() {
        let mut budget = Budget::default();
        for _ in 0..10 {
            assert_eq!(budget.spend(at(0), RATES, "a"), Ok(()));
            budget.give_back(RATES, "a");
        }
    }

    #[test]
    fn a_rate_that_is_meant_as_none_is_none() {
        let none = Rate { burst: u32::MAX, every: Duration::MAX };
        let mut budget = Budget::default();
        for _ in 0..1_000 {
            assert_eq!(budget.spend(at(0), Rates { in_all: none, per_network: none }, "a"), Ok(()));
        }
    }
}
