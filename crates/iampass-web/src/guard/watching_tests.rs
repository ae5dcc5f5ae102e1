//! Sessions that rest between two questions beside watches that are driven all the time, over the same service: they do the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use iampass_core::client::{Client, WatchFlow};
use iampass_core::machine::{Access, WatchOptions};
use iampass_core::port::{
    Clock as _, Entropy, EntropyError, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore,
    MemoryTokenStore, SessionRecord, SessionStore as _, TokenStore as _, TransportError, TransportErrorKind,
    UserKey,
};
use iampass_core::{Draw, Now, Secret, Session, SessionToken, UserToken};
use iampass_testkit::{ManualClock, SeededEntropy};
use proptest::prelude::*;

use super::live::{LiveSession, OfAllSessions};
use super::presence::Presence;
use super::schedule::Schedule;
use super::watcher;
use crate::config::SessionMode;

const TICK: Duration = Duration::from_millis(100);
const LASTS: Duration = Duration::from_secs(300);

/// The words of the service for each session. None: it does not answer.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<BTreeMap<String, Option<&'static str>>>>);

/// The last status of a watch, and when it was confirmed.
type Watched = Arc<Mutex<(Access, Option<Now>)>>;

#[derive(Clone)]
struct Line {
    service: Service,
    clock: ManualClock,
    asked: Arc<Mutex<Vec<(String, Duration)>>>,
}

#[async_trait::async_trait]
impl HttpTransport for Line {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let token = request.uri().path().trim_start_matches("/status/").to_owned();
        let word = self.service.0.lock().unwrap().get(&token).copied().flatten();
        self.asked.lock().unwrap().push((token, elapsed(self.clock.now())));
        tokio::task::yield_now().await;
        let word = word.ok_or(TransportError::new(TransportErrorKind::Connect))?;
        let body =
            format!(r#"{{"authentication_status":{{"authenticated":true,"session_status":"{word}"}}}}"#);
        Ok(HttpResponse::new(body.into_bytes()))
    }
}

/// Nonces that differ, and waits without jitter.
struct NoJitter(SeededEntropy);

impl Entropy for NoJitter {
    fn draw(&self) -> Result<Draw, EntropyError> {
        let mut bytes = *self.0.draw()?.bytes();
        bytes[8..].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0]);
        Ok(Draw::from_bytes(bytes))
    }
}

fn elapsed(now: Now) -> Duration {
    now.mono.since(iampass_core::Monotonic::ORIGIN)
}

fn token(number: usize) -> SessionToken {
    SessionToken::new(format!("token-{number}")).unwrap()
}

/// A node that watches sessions as the guard does, and one that drives a watch for each.
struct Side {
    client: Client,
    asked: Arc<Mutex<Vec<(String, Duration)>>>,
}

struct World {
    clock: ManualClock,
    service: Service,
    ours: Side,
    model: Side,
    live: Vec<Arc<LiveSession>>,
    flows: Vec<Watched>,
}

impl World {
    async fn new(sessions: usize, freshness: Duration) -> Self {
        let (clock, service) = (ManualClock::new(), Service::default());
        let tokens = Arc::new(MemoryTokenStore::new(sessions));
        let store = Arc::new(MemorySessionStore::new(sessions));
        let side = || {
            let asked = Arc::default();
            let line = Line { service: service.clone(), clock: clock.clone(), asked: Arc::clone(&asked) };
            let client = Client::builder()
                .application("APP", "a test key")
                .server("http://127.0.0.1:1")
                .transport(line)
                .clock(Arc::new(clock.clone()))
                .sleep(Arc::new(clock.clone()))
                .entropy(Arc::new(NoJitter(SeededEntropy::new(1))))
                .token_store(tokens.clone())
                .session_store(store.clone())
                .build()
                .unwrap();
            Side { client, asked }
        };
        let (ours, model) = (side(), side());
        let options = WatchOptions::default().freshness(freshness);
        let (schedule, waiting) = Schedule::new();
        let client = ours.client.clone();
        tokio::spawn(waiting.run(client.clone(), move |live: Arc<LiveSession>, due, now| {
            if live.is_to_be_driven(due, now) {
                tokio::spawn(watcher::watch(live, client.clone(), SessionMode::Stored));
            }
        }));
        let all = Arc::new(OfAllSessions::new(Weak::new(), options, schedule));
        let (mut live, mut flows) = (Vec::new(), Vec::new());
        for number in 0..sessions {
            let (user, name) = (UserKey::from(number as u64), UserToken::new(format!("u{number}")).unwrap());
            tokens.assign(&user, &name).await.unwrap();
            let url = |what| format!("http://127.0.0.1:1/{what}/{}", token(number));
            let server = ours.client.application().server();
            let session = Session::new(
                token(number),
                Secret::new("a test key"),
                &url("status"),
                &url("logout"),
                server,
            )
            .unwrap();
            let now = clock.now();
            let record = SessionRecord::new(session, name, now.wall, now.wall.plus(LASTS));
            store.create(&record).await.unwrap();
            let flow = ours.client.resume_watch(&record, options);
            let expires_at = record.expires_at;
            let session = LiveSession::new(Arc::clone(&all), flow, record.clone(), expires_at, user, now);
            live.push(Arc::new(session));
            let state = Arc::new(Mutex::new((Access::Unconfirmed, None)));
            flows.push(Arc::clone(&state));
            tokio::spawn(drive(model.client.resume_watch(&record, options), state));
            service.0.lock().unwrap().insert(token(number).to_string(), Some("active"));
        }
        Self { clock, service, ours, model, live, flows }
    }

    fn say(&self, session: usize, word: Option<&'static str>) {
        self.service.0.lock().unwrap().insert(token(session).to_string(), word);
    }

    /// Somebody wants to know of these sessions.
    fn want(&self, sessions: std::ops::Range<usize>) {
        for live in &self.live[sessions] {
            live.want(self.clock.now());
            if live.begin_watching() {
                let client = self.ours.client.clone();
                tokio::spawn(watcher::watch(Arc::clone(live), client, SessionMode::Stored));
            }
        }
    }

    /// Time passes, and all do what is due.
    async fn tick(&self) {
        self.clock.advance(TICK);
        self.settle().await;
    }

    async fn settle(&self) {
        for _ in 0..30 + 10 * self.live.len() {
            tokio::task::yield_now().await;
        }
    }

    fn asked(side: &Side) -> Vec<(String, Duration)> {
        let mut asked = side.asked.lock().unwrap().clone();
        asked.sort();
        asked
    }
}

/// Drives a watch as long as it lasts, as one task for each session did.
async fn drive(mut flow: WatchFlow, state: Arc<Mutex<(Access, Option<Now>)>>) {
    while let Ok(event) = flow.step().await {
        *state.lock().unwrap() = (flow.access(), flow.confirmed_at());
        if let Some(iampass_core::machine::WatchEvent::Ended(_)) = event {
            return;
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Word(usize, Option<&'static str>),
    Pass(u8),
}

fn changes(sessions: usize) -> impl Strategy<Value = Vec<Change>> {
    let words = [Some("active"), Some("walkaway"), Some("strange"), Some("closed"), None, None];
    let word =
        (0..sessions, 0..words.len()).prop_map(move |(session, word)| Change::Word(session, words[word]));
    let pass = (1_u8..60).prop_map(Change::Pass);
    prop::collection::vec(prop_oneof![2 => word, 3 => pass], 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Law 1 and law 6: at each moment the same access, for the same questions.
    #[test]
    fn a_session_that_rests_does_the_same_as_a_watch_that_is_driven_all_the_time(
        changes in changes(3), freshness in 1_u64..12,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let freshness = Duration::from_secs(freshness);
            let world = World::new(3, freshness).await;
            world.want(0..3);
            world.settle().await;
            for change in changes {
                match change {
                    Change::Word(session, word) => world.say(session, word),
                    Change::Pass(ticks) => for _ in 0..ticks {
                        world.want(0..3);
                        world.tick().await;
                        check(&world, freshness);
                    }
                }
            }
        });
    }
}

fn check(world: &World, freshness: Duration) {
    let now = world.clock.now();
    assert_eq!(World::asked(&world.ours), World::asked(&world.model));
    for (live, state) in world.live.iter().zip(&world.flows) {
        let (access, confirmed_at) = *state.lock().unwrap();
        let is_fresh = confirmed_at.is_some_and(|at| now.age_of(at) <= freshness);
        let expected = match access {
            Access::Ended => Presence::Ended,
            Access::Granted if is_fresh => Presence::Present,
            Access::Away if is_fresh => Presence::Away,
            _ => Presence::Unknown,
        };
        assert_eq!(live.known(now), expected, "{live:?} after {:?}", elapsed(now));
    }
}

#[tokio::test]
async fn a_session_that_is_not_wanted_is_not_asked_about_and_goes_on_when_it_is() {
    let freshness = Duration::from_secs(2);
    let world = World::new(2, freshness).await;
    world.want(0..2);
    for _ in 0..100 {
        world.want(0..1);
        world.tick().await;
    }
    let of = |number: usize| {
        let asked = world.ours.asked.lock().unwrap();
        asked.iter().filter(|(asked, _)| *asked == token(number).to_string()).count()
    };
    assert_eq!(
        (of(0), of(1)),
        (5, 1),
        "ten seconds, once in two; the other is let alone after its first question"
    );
    assert_eq!(world.live[1].known(world.clock.now()), Presence::Unknown);
    world.want(1..2);
    world.tick().await;
    assert_eq!(world.live[1].known(world.clock.now()), Presence::Present);
}

/// A remote logout arrives with the next question, which is due as ever.
#[tokio::test]
async fn the_end_of_a_session_arrives_with_the_next_question() {
    let world = World::new(1, Duration::from_secs(10)).await;
    world.want(0..1);
    world.tick().await;
    world.say(0, Some("closed"));
    for _ in 0..98 {
        world.want(0..1);
        world.tick().await;
    }
    assert_eq!(world.live[0].known(world.clock.now()), Presence::Present);
    for _ in 0..2 {
        world.tick().await;
    }
    assert!(world.live[0].has_ended());
}

/// A handler that wants a newer answer gets one at once, and no more than one a second.
#[tokio::test]
async fn a_question_that_is_wanted_wakes_a_session_that_rests() {
    let world = World::new(1, Duration::from_secs(10)).await;
    world.want(0..1);
    let mut counts = Vec::new();
    for _ in 0..30 {
        world.want(0..1);
        world.tick().await;
        if world.live[0].ask() {
            let client = world.ours.client.clone();
            tokio::spawn(watcher::watch(Arc::clone(&world.live[0]), client, SessionMode::Stored));
        }
        world.settle().await;
        counts.push(world.ours.asked.lock().unwrap().len());
    }
    assert_eq!(counts[0], 2, "the first one, and the one that is wanted");
    assert!((3..=5).contains(&counts[29]), "{counts:?}");
}

/// The application's stores are looked at while the session rests, and decide.
#[tokio::test]
async fn a_session_that_is_gone_from_its_store_ends() {
    let world = World::new(1, Duration::from_secs(10)).await;
    world.want(0..1);
    world.settle().await;
    world.ours.client.queue_logout_of(&token(0)).await.unwrap();
    for _ in 0..600 {
        world.want(0..1);
        world.tick().await;
    }
    assert!(world.live[0].has_ended());
}

/// A million of them are to fit into little memory.
#[test]
fn a_session_is_small() {
    assert!(size_of::<LiveSession>() <= 320, "{} bytes", size_of::<LiveSession>());
}
