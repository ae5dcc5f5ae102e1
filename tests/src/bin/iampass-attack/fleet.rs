//! A fleet: somebody with very many networks, and a service of two nodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use iampass_testkit::VirtualPhone;

use crate::ground::{Ground, SOON};
use crate::nodes::{Two, two};
use crate::service::Started;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

pub(crate) const ATTACKS: [Attack; 2] = [
    attack!(
        "fleet-of-networks",
        "networks of 48 bits of 100 providers begin with the owner's name at two nodes, all the time",
        of_networks
    ),
    attack!(
        "fleet-of-providers",
        "as many providers as there are starts do, and the owner is signed in at the same place already",
        of_providers
    ),
];

/// The longest that the service may keep the owner waiting, in all.
const OWNER: Duration = Duration::from_secs(2);

/// Starts that have to come between the owner's start and the owner's answer.
const BETWEEN: usize = 400;

/// The address of a member of the fleet.
type Address = fn(usize) -> String;

/// A fleet that goes on until it is told to stop.
struct Fleet {
    taken: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    members: tokio::task::JoinSet<()>,
}

impl Fleet {
    fn sets_out(two: &Arc<Two>, address: Address) -> Self {
        let (taken, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let mut members = tokio::task::JoinSet::new();
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..4 {
            let (two, next) = (Arc::clone(two), Arc::clone(&next));
            let (taken, is_over) = (Arc::clone(&taken), Arc::clone(&is_over));
            members.spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let address = address(next.fetch_add(1, Ordering::Relaxed));
                    let begun = two.shop.start_at("u", false, Some(&address)).await;
                    taken.fetch_add(usize::from(begun.is_ok()), Ordering::Relaxed);
                }
            });
        }
        Self { taken, is_over, members }
    }

    /// Waits until so many more were begun.
    async fn goes_on(&self, more: usize) -> Result<(), Failure> {
        let before = self.taken.load(Ordering::Relaxed);
        let deadline = Instant::now() + SOON * 2;
        while self.taken.load(Ordering::Relaxed) < before + more {
            if Instant::now() > deadline {
                return Err("the fleet begins too few logins".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn stops(mut self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        while self.members.join_next().await.is_some() {}
        self.taken.load(Ordering::Relaxed)
    }
}

async fn of_networks(_ground: Arc<Ground>) -> Outcome {
    let two = Arc::new(two().await?);
    let phone = two.shop.phone("u").await?;
    // 2001:0000::/32 and on: 100 providers with 65,536 networks of 48 bits each.
    let address = |number: usize| format!("2001:{:x}:{:x}::1", number % 100, number / 100);
    under_siege(&two, &phone, address).await
}

async fn of_providers(_ground: Arc<Ground>) -> Outcome {
    let two = Arc::new(two().await?);
    let phone = two.shop.phone("u").await?;
    // The owner is signed in there, in another browser.
    let before = two.shop.start("u", false).await?;
    phone.accept_code(&before.code).await?;
    works!(two.shop.is_in(&before).await?, "the owner does not get in");
    under_siege(&two, &phone, |number| format!("2001:{:x}::1", number % 0x1_0000)).await
}

/// The owner begins a login in a browser that is not known, takes a while for the phone, and accepts.
async fn under_siege(two: &Arc<Two>, phone: &VirtualPhone, address: Address) -> Outcome {
    let fleet = Fleet::sets_out(two, address);
    let signed_in = async {
        fleet.goes_on(BETWEEN).await?;
        let began = Instant::now();
        let started = two.shop.start("u", false).await?;
        let start = began.elapsed();
        fleet.goes_on(BETWEEN).await?;
        let began = Instant::now();
        let accepted = phone.accept_code(&started.code).await.is_ok();
        Ok::<(Started, bool, Duration), Failure>((started, accepted, start + began.elapsed()))
    };
    let signed_in = signed_in.await;
    let taken = fleet.stops().await;
    let (started, accepted, took) = signed_in?;
    hold!(
        accepted && two.shop.is_in(&started).await?,
        "the owner's question has given way to a fleet of {taken} starts"
    );
    hold!(took < OWNER, "the owner is kept waiting for {took:?}");
    hold!(phone.pending().await?.is_empty(), "the phone rings");
    Verdict::defeated(format!(
        "{taken} starts taken, nothing rings; the owner is in after {} ms",
        took.as_millis()
    ))
}
