//! The worker with an outbox in memory, ways that answer what they are told to, and a clock that jumps.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::Clock;
use iampass_core::{Now, UnixSeconds};
use iampass_server_metrics::Metrics;
use iampass_server_push::queue::{Limits, Outcome, SubscriptionKey, Waiting};
use iampass_server_push::{
    Contact, DeliveryRecord, HttpClient, Outbox, OutboxError, Push, PushError, PushErrorKind as K, PushId,
    PushKind, PushRequest, PushService, PushWorker, Reach, Topic, VapidKey, VapidKeys, Ways, WebPush,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::browser::{Browser, NOW};
use crate::server::{Server, reply};

/// The time of tokio's timers, which tests let jump.
struct TokioClock(Instant);

impl Clock for TokioClock {
    fn now(&self) -> Now {
        Now::at(self.0.elapsed(), Duration::from_secs(NOW.0) + self.0.elapsed())
    }
}

#[derive(Default)]
struct Memory {
    waiting: Mutex<VecDeque<Waiting>>,
    over: Mutex<Vec<PushId>>,
    records: Mutex<Vec<DeliveryRecord>>,
    is_broken: Mutex<bool>,
    renewed: Mutex<Vec<Vec<PushId>>>,
    /// How often records were brought.
    brought: Mutex<u32>,
    /// Pushes that were taken, by a way that counts them here.
    taken: Mutex<u32>,
    /// How often it was looked into.
    looks: Mutex<u32>,
    changed: Notify,
    settled: Notify,
}

impl Memory {
    fn put(&self, push: Waiting) {
        self.waiting.lock().unwrap().push_back(push);
        self.changed.notify_one();
    }

    fn outcomes(&self) -> BTreeMap<u64, Vec<Outcome>> {
        let mut outcomes = BTreeMap::<_, Vec<_>>::new();
        for record in self.records.lock().unwrap().iter() {
            outcomes.entry(record.push.0).or_default().push(record.outcome);
        }
        outcomes
    }

    /// Waits until so many pushes are over.
    async fn over(&self, number: usize) {
        let is_end = |outcome: &Outcome| !matches!(outcome, Outcome::Again(_));
        while self.outcomes().values().flatten().filter(|outcome| is_end(outcome)).count() < number {
            self.settled.notified().await;
        }
    }
}

#[async_trait]
impl Outbox for Memory {
    async fn lease(&self, most: usize) -> Result<Vec<Waiting>, OutboxError> {
        *self.looks.lock().unwrap() += 1;
        let mut waiting = self.waiting.lock().unwrap();
        let most = most.min(waiting.len());
        Ok(waiting.drain(..most).collect())
    }

    async fn renew(&self, pushes: &[PushId]) -> Result<Vec<PushId>, OutboxError> {
        self.renewed.lock().unwrap().push(pushes.to_vec());
        if *self.is_broken.lock().unwrap() {
            return Err(OutboxError);
        }
        let over = self.over.lock().unwrap();
        Ok(pushes.iter().copied().filter(|push| over.contains(push)).collect())
    }

    async fn settle(&self, records: &[DeliveryRecord]) -> Result<(), OutboxError> {
        *self.brought.lock().unwrap() += 1;
        if *self.is_broken.lock().unwrap() {
            return Err(OutboxError);
        }
        self.records.lock().unwrap().extend_from_slice(records);
        self.settled.notify_one();
        Ok(())
    }

    async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// Answers by the push and the number of its attempt.
struct Scripted {
    attempts: Mutex<BTreeMap<u64, u32>>,
    answer: fn(u64, u32) -> Result<(), PushError>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

#[async_trait]
impl Push for Scripted {
    async fn push(&self, request: &PushRequest<'_>) -> Result<(), PushError> {
        let attempt = {
            let mut attempts = self.attempts.lock().unwrap();
            let attempt = attempts.entry(request.id.0).or_default();
            *attempt += 1;
            *attempt
        };
        (self.answer)(request.id.0, attempt)
    }
}

fn push(id: u64, endpoint: &str, key: &VapidKey) -> Waiting {
    Waiting {
        id: PushId(id),
        subscription: SubscriptionKey(id),
        address: Browser::new().subscribed(endpoint, key.id()),
        kind: PushKind::QuestionWaits,
        topic: Topic::of(&[1; 32], &id.to_string()),
        expires_at: UnixSeconds(NOW.0 + 60),
    }
}

struct Running {
    outbox: Arc<Memory>,
    metrics: Arc<Metrics>,
    stop: Arc<Notify>,
    worker: tokio::task::JoinHandle<()>,
}

fn run(way: Arc<dyn Push>) -> Running {
    run_over(Arc::default(), way)
}

fn run_over(outbox: Arc<Memory>, way: Arc<dyn Push>) -> Running {
    let metrics = Arc::new(Metrics::new(["/"]));
    let worker = PushWorker {
        outbox: Arc::clone(&outbox) as Arc<dyn Outbox>,
        push: way,
        clock: Arc::new(TokioClock(Instant::now())),
        metrics: Arc::clone(&metrics),
        limits: Limits::default(),
    };
    let stop = Arc::new(Notify::new());
    let stopping = Arc::clone(&stop);
    let worker = tokio::spawn(async move { worker.run(stopping.notified()).await });
    Running { outbox, metrics, stop, worker }
}

fn scripted(answer: fn(u64, u32) -> Result<(), PushError>) -> (Running, Arc<Scripted>) {
    let way = Arc::new(Scripted { attempts: Mutex::default(), answer });
    (run(Arc::clone(&way) as Arc<dyn Push>), way)
}

#[tokio::test(start_paused = true)]
async fn each_push_is_sent_once_and_noted() {
    let (running, way) = scripted(|_, _| Ok(()));
    let key = VapidKey::generate().unwrap();
    (0..100).for_each(|id| running.outbox.put(push(id, "https://push.example/x", &key)));
    running.outbox.over(100).await;
    assert!(way.attempts.lock().unwrap().values().all(|attempts| *attempts == 1));
    assert!(running.metrics.pushes.counts().any(|counted| counted == ("web", "sent", 100)));
    running.stop.notify_one();
    running.worker.await.unwrap();
    assert_eq!(running.metrics.pushes.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_taken_is_sent_again_and_each_end_is_noted() {
    let (running, way) = scripted(|id, attempt| match (id, attempt) {
        (1, 1 | 2) => Err(PushError::new(K::Busy).with_retry_after(Some(Duration::from_secs(7)))),
        (2, _) => Err(K::Gone.into()),
        (3, _) => Err(K::TooLarge.into()),
        (4, _) => Err(K::Unreachable.into()),
        _ => Ok(()),
    });
    let key = VapidKey::generate().unwrap();
    (1..=5).for_each(|id| running.outbox.put(push(id, &format!("https://push{id}.example/x"), &key)));
    running.outbox.over(5).await;
    let outcomes = running.outbox.outcomes();
    assert_eq!(outcomes[&1], [Outcome::Again(K::Busy), Outcome::Again(K::Busy), Outcome::Sent]);
    assert_eq!(outcomes[&2], [Outcome::Gone]);
    assert_eq!(outcomes[&3], [Outcome::Refused(K::TooLarge)]);
    assert_eq!(outcomes[&4].last(), Some(&Outcome::Late(Some(K::Unreachable))));
    assert_eq!(outcomes[&5], [Outcome::Sent]);
    assert_eq!(way.attempts.lock().unwrap()[&1], 3);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_was_answered_elsewhere_is_not_rung_again() {
    let (running, way) =
        scripted(|_, _| Err(PushError::new(K::Busy).with_retry_after(Some(Duration::from_secs(30)))));
    running.outbox.over.lock().unwrap().push(PushId(1));
    running.outbox.put(push(1, "https://push.example/x", &VapidKey::generate().unwrap()));
    running.outbox.over(1).await;
    assert_eq!(running.outbox.outcomes()[&1], [Outcome::Again(K::Busy), Outcome::Withdrawn]);
    assert_eq!(way.attempts.lock().unwrap()[&1], 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_stored_later_and_not_sent_again() {
    let (running, way) = scripted(|_, _| Ok(()));
    *running.outbox.is_broken.lock().unwrap() = true;
    running.outbox.put(push(1, "https://push.example/x", &VapidKey::generate().unwrap()));
    while way.attempts.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(running.outbox.outcomes().is_empty());
    *running.outbox.is_broken.lock().unwrap() = false;
    running.outbox.over(1).await;
    assert_eq!(running.outbox.outcomes()[&1], [Outcome::Sent]);
    assert_eq!(way.attempts.lock().unwrap()[&1], 1);
}

/// A push that is leased while ends cannot be stored could only be lost as well.
#[tokio::test(start_paused = true)]
async fn nothing_more_is_leased_while_an_end_is_not_stored() {
    let (running, way) = scripted(|_, _| Ok(()));
    let key = VapidKey::generate().unwrap();
    *running.outbox.is_broken.lock().unwrap() = true;
    running.outbox.put(push(1, "https://push.example/x", &key));
    while way.attempts.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for id in 2..=20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        running.outbox.put(push(id, "https://push.example/x", &key));
    }
    assert_eq!(way.attempts.lock().unwrap().keys().copied().collect::<Vec<_>>(), [1]);
    let brought = *running.outbox.brought.lock().unwrap();
    assert!((3..=5).contains(&brought), "the record was brought {brought} times in 19 s");
    assert!(running.outbox.renewed.lock().unwrap().contains(&vec![PushId(1)]), "its lease is kept");
    *running.outbox.is_broken.lock().unwrap() = false;
    running.outbox.over(20).await;
    assert!(way.attempts.lock().unwrap().values().all(|attempts| *attempts == 1));
}

/// Never answers for one push service; the others take everything.
struct OneIsDead(Arc<Memory>);

impl std::fmt::Debug for OneIsDead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneIsDead")
    }
}

#[async_trait]
impl Push for OneIsDead {
    async fn push(&self, request: &PushRequest<'_>) -> Result<(), PushError> {
        if request.address.server().contains("dead") {
            std::future::pending::<()>().await;
        }
        *self.0.taken.lock().unwrap() += 1;
        Ok(())
    }
}

/// Each look is a write, and logins wait for those before theirs. So a push service that answers nobody must not cost one a login.
#[tokio::test(start_paused = true)]
async fn a_dead_push_service_has_the_outbox_looked_into_seldom_and_holds_up_no_other() {
    let outbox = Arc::new(Memory::default());
    let running = run_over(Arc::clone(&outbox), Arc::new(OneIsDead(Arc::clone(&outbox))));
    let key = VapidKey::generate().unwrap();
    let looks = || *outbox.looks.lock().unwrap();
    for id in 0..1_000 {
        outbox.put(push(id, "https://dead.example/x", &key));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(looks() < 60, "{} looks in a second", looks());
    outbox.put(push(1_000, "https://quick.example/x", &key));
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert_eq!(*outbox.taken.lock().unwrap(), 1, "one of another push service is out");
    drop(running);

    // Without one that is dead, each push goes out at once.
    let outbox = Arc::new(Memory::default());
    let _running = run_over(Arc::clone(&outbox), Arc::new(OneIsDead(Arc::clone(&outbox))));
    for id in 0..100 {
        outbox.put(push(id, "https://quick.example/x", &key));
        tokio::time::sleep(Duration::from_millis(2)).await;
        assert_eq!(u64::from(*outbox.taken.lock().unwrap()), id + 1);
    }
}

/// Each attempt would be a write of its own.
#[tokio::test(start_paused = true)]
async fn attempts_that_are_made_again_are_stored_together() {
    let (running, _) = scripted(|_, _| Err(K::Unreachable.into()));
    let key = VapidKey::generate().unwrap();
    for id in 0..1_000 {
        running.outbox.put(push(id, &format!("https://dead{id}.example/x"), &key));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let brought = *running.outbox.brought.lock().unwrap();
    assert!((4..=10).contains(&brought), "records were brought {brought} times in eight seconds");
    assert_eq!(running.outbox.outcomes().len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn leases_are_renewed_every_five_seconds_also_where_that_has_failed() {
    let (running, _) =
        scripted(|_, _| Err(PushError::new(K::Busy).with_retry_after(Some(Duration::from_secs(50)))));
    running.outbox.put(push(1, "https://push.example/x", &VapidKey::generate().unwrap()));
    let renewals = || running.outbox.renewed.lock().unwrap().len();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(renewals(), 0);
    *running.outbox.is_broken.lock().unwrap() = true;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(renewals(), 1);
    *running.outbox.is_broken.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(renewals(), 2);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(renewals(), 2);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(renewals(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_what_is_on_its_way_end() {
    let (running, _) = scripted(|_, _| Ok(()));
    running.outbox.put(push(1, "https://push.example/x", &VapidKey::generate().unwrap()));
    running.outbox.over(1).await;
    running.stop.notify_one();
    running.worker.await.unwrap();
}

/// The whole way over a socket; and nothing of the phone stands in the record or the log.
#[tokio::test]
async fn a_push_reaches_the_push_service_and_leaves_no_trace_of_the_phone() {
    let server =
        Server::plain(
            |got| if got.path == "/push/gone-phone" { reply(410, &[], "") } else { reply(201, &[], "") },
        )
        .await;
    let key = VapidKey::generate().unwrap();
    let http = HttpClient::to_strangers(Reach::Everywhere).unwrap();
    let web =
        WebPush::new(http, VapidKeys::new(key.clone()), Contact::new("mailto:ops@example.org").unwrap());
    let ways = Ways::default().with(PushService::Web, Arc::new(web));
    let running = run(Arc::new(ways));
    for (id, phone) in [(1, "anns-phone"), (2, "gone-phone")] {
        running.outbox.put(push(id, &format!("{}/push/{phone}", server.url()), &key));
    }
    running.outbox.over(2).await;
    assert_eq!(running.outbox.outcomes()[&1], [Outcome::Sent]);
    assert_eq!(running.outbox.outcomes()[&2], [Outcome::Gone]);
    let printed = format!("{:?} {:?}", running.outbox.records.lock().unwrap(), running.worker);
    for secret in ["phone", "127.0.0.1", "push/"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let got = server.got();
    assert_eq!(got.len(), 2);
    for got in got {
        let bytes = format!("{:?} {}", got.headers, String::from_utf8_lossy(&got.body));
        assert!(!bytes.contains("question"), "{bytes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_way_that_this_node_does_not_have_is_named() {
    let running = run(Arc::new(Ways::default()));
    running.outbox.put(push(1, "https://push.example/x", &VapidKey::generate().unwrap()));
    running.outbox.over(1).await;
    assert_eq!(running.outbox.outcomes()[&1], [Outcome::Refused(K::NoWay)]);
}
