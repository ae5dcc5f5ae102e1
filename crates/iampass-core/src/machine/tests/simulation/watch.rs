//! The properties of every watched session, whatever happens.

use std::time::Duration;

use proptest::prelude::*;

use super::driver::{BEGIN, Journey, Question, Scene, check_no_storm, play};
use super::gate::{Gate, answer};
use super::weather::{MS, Weather, weather, weather_with_steps, word_at, words};
use crate::machine::test_rig::{WALL, session, status_body};
use crate::machine::{Access, Granted, Hint, Watch, WatchEnd, WatchEvent, WatchOptions};
use crate::port::{HttpRequest, HttpResponse};
use crate::wire::SessionStatus;
use crate::{Monotonic, Now, UnixSeconds};

const START: Monotonic = Monotonic::from_origin(BEGIN);
const ENDED: [&str; 4] = ["timeout", "failed", "cancelled", "closed"];

pub(super) struct Service {
    session: Gate,
    words: Vec<(u64, &'static str)>,
    freshness: Duration,
    lasts: Duration,
    /// When the login asked that granted the session, if the watch was begun by one.
    granted_at: Option<Now>,
    pub(super) events: Vec<WatchEvent>,
    seen_granted: usize,
    /// How many questions had been put when the stream last spoke against the user.
    denied_after: Option<usize>,
}

impl Service {
    pub(super) fn new(
        words: Vec<(u64, &'static str)>,
        freshness: Duration,
        lasts: Duration,
        is_granted: bool,
    ) -> Self {
        let granted_at = is_granted.then_some(Now::new(BEGIN, WALL));
        Self {
            session: Gate::session(),
            words,
            freshness,
            lasts,
            granted_at,
            events: Vec::new(),
            seen_granted: 0,
            denied_after: None,
        }
    }

    pub(super) fn watch(&self) -> Watch {
        let (session, expires) = (session(), START + self.lasts);
        let options = WatchOptions::default().freshness(self.freshness);
        match self.granted_at {
            None => Watch::resumed(&session, expires, options),
            Some(confirmed_at) => {
                let expires_at = UnixSeconds(WALL).plus(self.lasts);
                let granted =
                    Granted { session, confirmed_at, expires, expires_at, assurance: None, user: None };
                Watch::granted(&granted, options)
            }
        }
    }

    /// The last status that reached the watch in time to count, and when its question was sent; unless the stream spoke
    /// against the user since then.
    fn last_word(&self, asked: &[Question]) -> Option<(Now, String)> {
        let asked = asked.get(self.denied_after.unwrap_or(0)..).unwrap_or_default();
        let heard = asked.iter().rev().find_map(|question| {
            let word = question.word()?;
            let in_time = question.heard.as_ref()?.now.age_of(question.sent_now) <= self.freshness;
            (in_time || word != "active").then_some((question.sent_now, word))
        });
        heard.or_else(|| {
            self.granted_at.filter(|_| self.denied_after.is_none()).map(|at| (at, "active".to_owned()))
        })
    }
}

impl Scene<Watch> for Service {
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse {
        self.session.check(request, now);
        assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/status"));
        answer(200, status_body(word_at(&self.words, now.mono.since(START))))
    }

    fn told(&mut self, watch: &mut Watch, event: WatchEvent, now: Now) {
        if matches!(event, WatchEvent::Present) && self.denied_after.is_none() {
            assert_eq!(watch.access(now), Access::Granted, "told to be present, and not let in");
        }
        self.events.push(event);
    }

    fn hinted(&mut self, hint: &Hint, asked: usize) {
        if matches!(hint, Hint::Unclear) || matches!(hint, Hint::Status(status) if !status.grants_access()) {
            self.denied_after = Some(asked);
        }
    }

    /// Law 1, at every instant: access if, and only if, the last status is a fresh `active`.
    fn look(&mut self, watch: &Watch, now: Now, asked: &[Question]) {
        let is_fresh = |sent| now.age_of(sent) <= self.freshness;
        let last = self.last_word(asked);
        let deserves = last.is_some_and(|(sent, word)| word == "active" && is_fresh(sent));
        let is_let_in = watch.access(now) == Access::Granted;
        self.seen_granted += usize::from(is_let_in);
        assert!(deserves || !is_let_in, "let in without deserving it");
        let is_over = watch.access(now) == Access::Ended;
        assert!(is_let_in || !deserves || is_over, "deserves it, and is not let in");
        assert!(is_over || now.mono < START + self.lasts, "let in beyond its end");
    }
}

/// Law 6: after an answer there is no other question for the freshness period, and after a failure no storm.
pub(super) fn check_asking(service: &Service, journey: &Journey, hints: usize) {
    for pair in journey.asked.windows(2) {
        let (asked, again) = (&pair[0], &pair[1]);
        if hints > 0 {
            let left_alone = asked.heard.as_ref().map_or(again.sent, |heard| heard.at + heard.retry_after);
            assert!(again.sent >= left_alone);
            continue;
        }
        let late = MS(15_000).max(service.freshness);
        let stale = |heard: &super::driver::Heard| heard.at.since(asked.sent) > service.freshness;
        match &asked.heard {
            Some(heard) if asked.word().is_some() && !stale(heard) => {
                assert!(again.sent.since(asked.sent) >= service.freshness);
            }
            Some(heard) if asked.word().is_some() => assert!(again.sent >= heard.at),
            Some(heard) => {
                let pause = MS(900).min(service.freshness).max(heard.retry_after);
                assert!(again.sent.since(heard.at) >= pause);
            }
            None => {
                assert!(again.sent.since(asked.sent) >= late.min(MS(15_000)) + MS(900).min(service.freshness))
            }
        }
    }
    let most = service.lasts.as_millis() / service.freshness.as_millis().min(900) + 2;
    check_no_storm(&journey.asked.iter().collect::<Vec<_>>());
    // Each hint is good for one question, and for one more if it comes while one is under way.
    let most = most + 2 * hints as u128;
    assert!(journey.asked.len() as u128 <= most, "{} questions", journey.asked.len());
}

pub(super) fn check_end(service: &Service, journey: &Journey, lag: u64) {
    assert!(journey.finished.mono <= START + service.lasts + MS(lag));
    let ended = journey.asked.iter().filter_map(Question::word).any(|word| ENDED.contains(&&*word));
    match service.events.last() {
        Some(WatchEvent::Ended(WatchEnd::Closed(_))) => assert!(ended),
        Some(WatchEvent::Ended(WatchEnd::Expired)) => {
            assert!(journey.finished.mono >= START + service.lasts && !ended);
        }
        _ => assert!(journey.cancelled && !ended, "over without a reason: {:?}", service.events),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_watch_keeps_the_laws(
        weather in weather(Duration::from_secs(200)), words in words(Duration::from_secs(200)),
        freshness in 1_u64..20, lasts in 1_u64..200, is_granted: bool,
    ) {
        let (freshness, lasts) = (Duration::from_secs(freshness), Duration::from_secs(lasts));
        let mut service = Service::new(words, freshness, lasts, is_granted);
        let mut watch = service.watch();
        let journey = play(&mut watch, &mut service, &weather);
        check_asking(&service, &journey, weather.hints.len());
        check_end(&service, &journey, weather.lag);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Law 1 on a machine that sleeps, and whose clock is set: see `look`.
    #[test]
    fn every_watch_keeps_law_one_on_a_clock_that_jumps(
        weather in weather_with_steps(Duration::from_secs(200)), words in words(Duration::from_secs(200)),
        freshness in 1_u64..20, lasts in 1_u64..200, is_granted: bool,
    ) {
        let (freshness, lasts) = (Duration::from_secs(freshness), Duration::from_secs(lasts));
        let mut service = Service::new(words, freshness, lasts, is_granted);
        let mut watch = service.watch();
        let journey = play(&mut watch, &mut service, &weather);
        check_no_storm(&journey.asked.iter().collect::<Vec<_>>());
        check_end(&service, &journey, weather.lag);
    }
}

#[test]
fn in_fair_weather_who_is_there_is_let_in_nearly_always() {
    let mut service =
        Service::new(vec![(0, "active")], Duration::from_secs(10), Duration::from_secs(600), true);
    let mut watch = service.watch();
    let nudges = (0..6_000).map(|tenth| tenth * 100 + 1).collect();
    let journey = play(&mut watch, &mut service, &Weather { nudges, ..Weather::fair() });
    assert_eq!(journey.asked.len(), 59);
    assert!(service.seen_granted > 17_000, "{}", service.seen_granted);
    assert!(matches!(service.events[..], [WatchEvent::Ended(WatchEnd::Expired)]), "{:?}", service.events);
}

/// The law 6 of a stream that never stops lying: the service is asked no more than a little.
#[test]
fn a_stream_that_lies_all_the_time_is_hardly_listened_to() {
    let lies = ["closed", "active", "walkaway"].map(|word| Hint::Status(SessionStatus::from(word)));
    let hints: Vec<_> = (0..60_000).step_by(50).zip(lies.into_iter().cycle()).collect();
    let mut service =
        Service::new(vec![(0, "active")], Duration::from_secs(10), Duration::from_secs(60), true);
    let mut watch = service.watch();
    let journey = play(&mut watch, &mut service, &Weather { hints, ..Weather::fair() });
    assert!(journey.asked.len() <= 14, "{} questions in 60 s", journey.asked.len());
}

#[test]
fn who_walks_away_is_held_off_when_the_stream_says_so() {
    let mut service = Service::new(
        vec![(0, "active"), (5_000, "walkaway"), (7_000, "active")],
        Duration::from_secs(60),
        Duration::from_secs(600),
        true,
    );
    let said = |word: &str| Hint::Status(SessionStatus::from(word));
    let hints = vec![(10, said("active")), (5_010, said("walkaway")), (7_010, said("active"))];
    let mut watch = service.watch();
    let journey = play(&mut watch, &mut service, &Weather { hints, ..Weather::fair() });
    let sent: Vec<_> = journey.asked.iter().map(|question| question.sent.since(START).as_millis()).collect();
    assert_eq!(sent[..2], [5_010, 7_010], "asked when there was something to ask");
    assert!(matches!(service.events[..2], [WatchEvent::Away, WatchEvent::Present]), "{:?}", service.events);
}
