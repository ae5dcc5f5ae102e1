//! The properties of every login, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::driver::{BEGIN, Journey, Question, Scene, check_no_storm, play};
use super::gate::{Gate, answer};
use super::weather::{MS, Weather, weather, weather_with_steps, word_at, words};
use crate::machine::test_rig::{STARTED, WALL, application, status_body, user};
use crate::machine::{Denial, Granted, Hint, Login, LoginEvent, LoginOptions, LoginOutcome, StartedLogin};
use crate::port::{HttpRequest, HttpResponse};
use crate::wire::SessionStatus;
use crate::{Error, Monotonic, Now};

const LOGOUT: &str = "/logout";
const STATUS: &str = "/status";
/// The last look, or the start, is lost; then both attempts to log out are. And timers are late.
const AFTER_DEADLINE: Duration = Duration::from_secs(48);

struct Service {
    application: Gate,
    session: Gate,
    words: Vec<(u64, &'static str)>,
    has_device: bool,
    started_at: Option<Monotonic>,
    logged_out: bool,
    events: Vec<LoginEvent>,
}

impl Service {
    fn new(words: Vec<(u64, &'static str)>, has_device: bool) -> Self {
        let (application, session) = (Gate::application(), Gate::session());
        let events = Vec::new();
        Self { application, session, words, has_device, started_at: None, logged_out: false, events }
    }

    fn started(&self) -> Option<&StartedLogin> {
        self.events.iter().find_map(|event| match event {
            LoginEvent::Started(started) => Some(started),
            _ => None,
        })
    }

    fn end(&self) -> &Result<LoginOutcome, Error> {
        match self.events.last() {
            Some(LoginEvent::Finished(end)) => end,
            other => panic!("the last event is not the end: {other:?}"),
        }
    }

    fn granted(&self) -> Option<&Granted> {
        match self.end() {
            Ok(LoginOutcome::Granted(granted)) => Some(granted),
            _ => None,
        }
    }

    fn count(&self, is_it: fn(&LoginEvent) -> bool) -> usize {
        self.events.iter().filter(|event| is_it(event)).count()
    }
}

impl Scene<Login> for Service {
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse {
        match request.uri().path() {
            STATUS => {
                self.session.check(request, now);
                let started_at = self.started_at.expect("asked about a session before it was started");
                let word =
                    if self.logged_out { "closed" } else { word_at(&self.words, now.mono.since(started_at)) };
                answer(200, status_body(word))
            }
            LOGOUT => {
                self.session.check(request, now);
                self.logged_out = true;
                answer(200, r#"{"status": true}"#)
            }
            _ => {
                self.application.check(request, now);
                assert!(self.started_at.is_none(), "the user was asked twice");
                if !self.has_device {
                    let no = r#"{"authentication_status": {"authenticated": false, "reason": "NO_MOBILE_DEVICE"}}"#;
                    return answer(200, no);
                }
                self.started_at = Some(now.mono);
                answer(202, STARTED)
            }
        }
    }

    fn told(&mut self, _login: &mut Login, event: LoginEvent, _now: Now) {
        self.events.push(event);
    }
}

fn run(service: &mut Service, weather: &Weather, deadline: Duration) -> Journey {
    let options = LoginOptions::default().deadline(deadline);
    let mut login = Login::new(Arc::new(application()), &user("u"), options).unwrap();
    play(&mut login, service, weather)
}

fn polls(journey: &Journey) -> impl Iterator<Item = &Question> {
    journey.asked.iter().filter(|question| question.path == STATUS)
}

/// For how long an answer holds that a login is granted on.
const FRESHNESS: Duration = Duration::from_secs(10);

/// Whether the service said `active` while that still held.
fn said_active(question: &Question) -> bool {
    let in_time =
        question.heard.as_ref().is_some_and(|heard| heard.now.age_of(question.sent_now) <= FRESHNESS);
    in_time && question.word().as_deref() == Some("active")
}

/// Law 1: granted if, and only if, the service said `active`, in time, to a question that the login put and waited for.
fn check_grant(service: &Service, journey: &Journey) {
    let active = polls(journey).find(|question| said_active(question));
    match service.granted() {
        Some(granted) => {
            let active = active.expect("granted without a word of the service");
            assert_eq!(granted.confirmed_at, active.sent_now);
            assert!(!journey.cancelled, "granted after it was cancelled");
        }
        None => assert!(active.is_none(), "the service said active in time, and nobody listened"),
    }
}

/// Law 2: a session that the login knew of is in use, or was ended, or its logout is said to be owed.
fn check_no_orphan(service: &Service, journey: &Journey) {
    let announced = journey.asked.iter().filter(|question| question.path.starts_with("/authentication"));
    let announced = announced.filter_map(|question| question.heard.as_ref()?.body.as_deref());
    let is_known = announced.into_iter().any(|body| body == STARTED);
    assert_eq!(service.started().is_some(), is_known, "what was started is told");
    let by_service = polls(journey)
        .filter_map(Question::word)
        .any(|word| ["timeout", "failed", "cancelled", "closed"].contains(&&*word));
    let is_owed = service.count(|event| matches!(event, LoginEvent::LogoutOwed(_))) == 1;
    if is_known && service.granted().is_none() {
        assert!(by_service || service.logged_out || is_owed, "an orphan");
    } else {
        assert!(!service.logged_out && !is_owed, "a session in use was ended");
    }
}

fn check_times(service: &Service, journey: &Journey, deadline: Duration, weather: &Weather) {
    let lag = weather.lag;
    let deadline = Monotonic::from_origin(BEGIN) + deadline;
    assert!(journey.finished.mono <= deadline + AFTER_DEADLINE, "{:?}", journey.finished);
    if let Some(started) = service.started() {
        assert!(journey.finished.wall <= started.decided_by);
        assert!(started.ends_by > started.decided_by);
    }
    let polls: Vec<_> = polls(journey).collect();
    for pair in polls.windows(2) {
        let wait =
            pair[1].sent.since(pair[0].heard.as_ref().map_or(pair[0].sent + MS(15_000), |heard| heard.at));
        let asked = pair[0].heard.as_ref().map_or(Duration::ZERO, |heard| heard.retry_after);
        // A hint may be followed sooner, and a stream that tells of changes makes it wait longer.
        let (shortest, longest) =
            if weather.hints.is_empty() { (MS(270), MS(2_200)) } else { (MS(0), MS(11_000)) };
        assert!(wait >= asked.max(shortest) || pair[1].sent >= deadline, "asked again after {wait:?}");
        // A lost answer is given up late, and the wait after it is late again.
        assert!(wait <= asked.max(longest) + MS(2 * lag), "waited for {wait:?}");
    }
    check_no_storm(&polls);
    assert!(polls.iter().all(|poll| poll.sent <= deadline + MS(lag)), "asked after the deadline");
}

fn check_events(service: &Service) {
    assert_eq!(service.count(|event| matches!(event, LoginEvent::Finished(_))), 1);
    assert!(service.count(|event| matches!(event, LoginEvent::Started(_))) <= 1);
    assert!(service.count(|event| matches!(event, LoginEvent::LogoutOwed(_))) <= 1);
    let first = service.events.first();
    let starts = matches!(first, Some(LoginEvent::Started(_)));
    assert_eq!(starts, service.started().is_some(), "nothing is told before the session");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn every_login_keeps_the_laws(
        weather in weather(Duration::from_secs(70)), words in words(Duration::from_secs(70)),
        has_device in proptest::bool::weighted(0.9), seconds in 1_u64..60,
    ) {
        let mut service = Service::new(words, has_device);
        let deadline = Duration::from_secs(seconds);
        let journey = run(&mut service, &weather, deadline);
        check_events(&service);
        check_grant(&service, &journey);
        check_no_orphan(&service, &journey);
        check_times(&service, &journey, deadline, &weather);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Laws 1 and 2 on a machine that sleeps, and whose clock is set.
    #[test]
    fn every_login_keeps_the_laws_on_a_clock_that_jumps(
        weather in weather_with_steps(Duration::from_secs(70)), words in words(Duration::from_secs(70)),
        seconds in 1_u64..60,
    ) {
        let mut service = Service::new(words, true);
        let journey = run(&mut service, &weather, Duration::from_secs(seconds));
        check_events(&service);
        check_grant(&service, &journey);
        check_no_orphan(&service, &journey);
    }
}

#[test]
fn in_fair_weather_who_accepts_is_in_soon() {
    let words = vec![(5_000, "identifying"), (9_000, "active")];
    let mut service = Service::new(words, true);
    let journey = run(&mut service, &Weather::fair(), Duration::from_secs(60));
    assert!(service.granted().is_some());
    assert!(
        journey.finished.mono.since(Monotonic::from_origin(BEGIN)) < MS(11_500),
        "{:?}",
        journey.finished
    );
}

#[test]
fn in_fair_weather_who_does_nothing_is_logged_out() {
    let mut service = Service::new(Vec::new(), true);
    let journey = run(&mut service, &Weather::fair(), Duration::from_secs(60));
    assert!(matches!(service.end(), Ok(LoginOutcome::Denied(Denial::NoAnswer))));
    assert!(service.logged_out);
    assert_eq!(journey.finished.wall.0, WALL + 60);
}

fn truthful(words: &[(u64, &'static str)]) -> Weather {
    // The session is started 20 ms after the login has begun.
    let said = words.iter().map(|(at, word)| (at + 30, Hint::Status(SessionStatus::from(*word))));
    let alive = (0..60_000).step_by(5_000).map(|at| (at + 60, Hint::Alive));
    Weather {
        hints: [(50, Hint::Status(SessionStatus::Pending))].into_iter().chain(said).chain(alive).collect(),
        ..Weather::fair()
    }
}

#[test]
fn who_accepts_is_in_at_once_where_there_is_a_stream() {
    let words = vec![(5_000, "identifying"), (9_000, "active")];
    let mut service = Service::new(words.clone(), true);
    let journey = run(&mut service, &truthful(&words), Duration::from_secs(60));
    assert!(service.granted().is_some());
    let since_begin = journey.finished.mono.since(Monotonic::from_origin(BEGIN));
    assert!(since_begin <= MS(9_030 + 40), "{since_begin:?}");
    assert_eq!(polls(&journey).count(), 3, "one as ever, and one for each word");
}

#[test]
fn beside_a_stream_that_is_alive_it_asks_slowly() {
    let mut service = Service::new(Vec::new(), true);
    let journey = run(&mut service, &truthful(&[]), Duration::from_secs(60));
    assert!(matches!(service.end(), Ok(LoginOutcome::Denied(Denial::NoAnswer))));
    let asked = polls(&journey).count();
    assert!((6..=9).contains(&asked), "{asked} polls in 60 s");
}

/// The stream dies at 20 s without a word; the user accepts at 50 s.
#[test]
fn a_stream_that_falls_silent_is_not_waited_for() {
    let mut service = Service::new(vec![(50_000, "active")], true);
    let mut weather = truthful(&[]);
    weather.hints.retain(|(at, _)| *at < 20_000);
    let journey = run(&mut service, &weather, Duration::from_secs(60));
    assert!(service.granted().is_some());
    assert!(
        journey.finished.mono.since(Monotonic::from_origin(BEGIN)) < MS(52_500),
        "{:?}",
        journey.finished
    );
    let late: Vec<_> =
        polls(&journey).filter(|poll| poll.sent > Monotonic::from_origin(BEGIN) + MS(30_200)).collect();
    assert!(late.len() >= 10, "the ordinary schedule is back 15 s after the last byte: {}", late.len());
}

#[test]
fn a_stream_that_breaks_brings_the_ordinary_schedule_back_at_once() {
    let mut service = Service::new(Vec::new(), true);
    let mut weather = truthful(&[]);
    weather.hints.retain(|(at, _)| *at < 20_000);
    weather.hints.push((20_000, Hint::Lost));
    let journey = run(&mut service, &weather, Duration::from_secs(60));
    let lost = Monotonic::from_origin(BEGIN) + MS(20_000);
    let next = polls(&journey).find(|poll| poll.sent >= lost).unwrap();
    assert!(next.sent.since(lost) <= MS(330), "{:?}", next.sent.since(lost));
}

/// Law 1 and law 6 against a stream that lies: nobody is let in, and the service is not stormed.
#[test]
fn a_stream_that_lies_lets_nobody_in() {
    let mut service = Service::new(Vec::new(), true);
    let hints = (60..60_000).step_by(20).map(|at| (at, Hint::Status(SessionStatus::Active))).collect();
    let journey = run(&mut service, &Weather { hints, ..Weather::fair() }, Duration::from_secs(60));
    assert!(matches!(service.end(), Ok(LoginOutcome::Denied(Denial::NoAnswer))));
    let asked = polls(&journey).count();
    assert!(asked <= 60, "{asked} polls in 60 s, and 30 or so without any stream");
}
