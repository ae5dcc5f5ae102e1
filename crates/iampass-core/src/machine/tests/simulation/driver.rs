//! Drives any machine through some weather, with a clock that jumps from one happening to the next.

use std::collections::BTreeMap;
use std::time::Duration;

use super::gate::answer;
use super::weather::{FAIR, Fate, MS, Weather};
use crate::machine::exchange::ANSWER_LIMIT;
use crate::machine::test_rig::WALL;
use crate::machine::{Hint, Input, Machine, Output, RequestId};
use crate::port::{HttpRequest, HttpResponse, TransportError};
use crate::{Draw, Monotonic, Now};

/// When every play begins: some time after the clock did.
pub(super) const BEGIN: Duration = Duration::from_secs(1_000);

/// The other side: the service, and who listens to the machine.
pub(super) trait Scene<M: Machine> {
    /// A request arrives at the service.
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse;
    /// The machine says something.
    fn told(&mut self, machine: &mut M, event: M::Event, now: Now);
    /// The machine is given a hint, after so many questions.
    fn hinted(&mut self, _hint: &Hint, _asked: usize) {}
    /// Called whenever time passes or something happens.
    fn look(&mut self, _machine: &M, _now: Now, _asked: &[Question]) {}
}

/// A request of the machine, and what it heard of it while it listened.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) sent: Monotonic,
    /// The same on both clocks.
    pub(super) sent_now: Now,
    pub(super) path: String,
    pub(super) heard: Option<Heard>,
    id: RequestId,
}

#[derive(Debug)]
pub(super) struct Heard {
    pub(super) at: Monotonic,
    /// The same on both clocks.
    pub(super) now: Now,
    /// The service's own answer, unless something else came.
    pub(super) body: Option<String>,
    pub(super) retry_after: Duration,
}

impl Question {
    /// The status of the session in the service's answer, if the answer reached the machine.
    pub(super) fn word(&self) -> Option<String> {
        let body = self.heard.as_ref()?.body.as_ref()?;
        let body: serde_json::Value = serde_json::from_str(body).ok()?;
        Some(body.get("authentication_status")?.get("session_status")?.as_str()?.to_owned())
    }
}

/// Law 6, whatever a stream says: three questions in a row, then no more than four a second. One more is asked at a deadline.
pub(super) fn check_no_storm(asked: &[&Question]) {
    for (questions, shortest) in [(5, MS(200)), (9, MS(1_000)), (17, MS(3_000))] {
        for some in asked.windows(questions) {
            let time = some[questions - 1].sent.since(some[0].sent);
            assert!(time >= shortest, "{questions} questions within {time:?}");
        }
    }
}

#[derive(Debug)]
pub(super) struct Journey {
    pub(super) asked: Vec<Question>,
    /// Whether it was cancelled before it was finished.
    pub(super) cancelled: bool,
    pub(super) finished: Now,
}

enum Happening {
    Arrives {
        question: usize,
        request: HttpRequest,
        back: Option<u64>,
        again: Option<u64>,
        garbled: Option<String>,
    },
    Comes {
        question: usize,
        genuine: bool,
        answer: Result<HttpResponse, TransportError>,
    },
    Cancel,
    Hint(Hint),
    /// The wall clock alone goes on, or back, by so many milliseconds.
    Step(i64),
    Nudge,
}

struct World<'a, M, S> {
    machine: &'a mut M,
    scene: &'a mut S,
    weather: &'a Weather,
    now: Now,
    draws: u64,
    due: BTreeMap<(Monotonic, usize), Happening>,
    scheduled: usize,
    finished: bool,
    journey: Journey,
}

/// Plays until the machine has finished, and some time longer. Fails the test if the machine panics or stands still.
pub(super) fn play<M: Machine, S: Scene<M>>(machine: &mut M, scene: &mut S, weather: &Weather) -> Journey {
    let now = Now::new(BEGIN, WALL);
    let journey = Journey { asked: Vec::new(), cancelled: false, finished: now };
    let due = BTreeMap::new();
    let mut world =
        World { machine, scene, weather, now, draws: 0, due, scheduled: 0, finished: false, journey };
    for at in &weather.nudges {
        world.schedule(MS(*at), Happening::Nudge);
    }
    for (at, hint) in &weather.hints {
        world.schedule(MS(*at), Happening::Hint(hint.clone()));
    }
    for (at, by) in &weather.steps {
        world.schedule(MS(*at), Happening::Step(*by));
    }
    if let Some(at) = weather.cancel {
        world.schedule(MS(at), Happening::Cancel);
    }
    let mut turns = 0;
    while let Some(until) = world.drain() {
        turns += 1;
        assert!(turns < 20_000, "it never ends");
        world.advance(until);
    }
    world.journey.finished = world.now;
    // Nothing that comes now may bring it back to life.
    while let Some(at) = world.due.keys().next().map(|(at, _)| *at) {
        world.pass_to(at);
        assert!(world.drain().is_none());
    }
    world.journey
}

impl<M: Machine, S: Scene<M>> World<'_, M, S> {
    fn schedule(&mut self, after: Duration, happening: Happening) {
        self.scheduled += 1;
        self.due.insert((self.now.mono + after, self.scheduled), happening);
    }

    /// Polls until there is nothing to do, and says until when; `None` when the machine has finished.
    fn drain(&mut self) -> Option<Monotonic> {
        for _ in 0..1_000 {
            let draw = self.draw();
            match self.machine.poll_output(self.now, draw) {
                Output::Send(outgoing) => self.send(outgoing.id, outgoing.request),
                Output::Event(event) => self.scene.told(self.machine, event, self.now),
                Output::Wait(pause) => {
                    assert!(pause.until > self.now.mono, "a wait for what is past: {pause:?}");
                    self.scene.look(self.machine, self.now, &self.journey.asked);
                    return Some(pause.until);
                }
                Output::Finished => {
                    self.scene.look(self.machine, self.now, &self.journey.asked);
                    self.finished = true;
                    return None;
                }
            }
        }
        panic!("it never waits");
    }

    /// SplitMix64, so that every draw is another one.
    fn draw(&mut self) -> Draw {
        let mut bytes = [0; 16];
        for half in bytes.chunks_mut(8) {
            self.draws = self.draws.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.draws.wrapping_add(self.weather.seed);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            half.copy_from_slice(&(bits ^ (bits >> 31)).to_be_bytes());
        }
        Draw::from_bytes(bytes)
    }

    fn send(&mut self, id: RequestId, request: HttpRequest) {
        let question = self.journey.asked.len();
        let path = request.uri().path().to_owned();
        self.journey.asked.push(Question { sent: self.now.mono, sent_now: self.now, path, heard: None, id });
        let weather = self.weather;
        let arrives =
            |request, back, again, garbled| Happening::Arrives { question, request, back, again, garbled };
        match weather.fates.get(question).unwrap_or(&FAIR) {
            Fate::Answered { out, back, again } => {
                self.schedule(MS(*out), arrives(request, Some(*back), *again, None));
            }
            Fate::Garbled { out, back, body } => {
                self.schedule(MS(*out), arrives(request, Some(*back), None, Some(body.clone())));
            }
            Fate::Refused { back, status, retry_after } => {
                let mut refusal = answer(*status, "");
                if let Some(seconds) = retry_after {
                    refusal.headers_mut().insert("retry-after", (*seconds).into());
                }
                self.schedule(MS(*back), Happening::Comes { question, genuine: false, answer: Ok(refusal) });
            }
            Fate::Failed { arrives: reaches, after, kind } => {
                let answer = Err(TransportError::new(*kind));
                self.schedule(MS(*after), Happening::Comes { question, genuine: false, answer });
                if let Some(at) = reaches {
                    self.schedule(MS(*at), arrives(request, None, None, None));
                }
            }
            Fate::Lost { arrives: Some(at) } => self.schedule(MS(*at), arrives(request, None, None, None)),
            Fate::Lost { arrives: None } => {}
        }
    }

    /// Lets time pass until the next happening, or until the machine's timer has gone off, late as it is.
    fn advance(&mut self, until: Monotonic) {
        let timer = until + MS(self.weather.lag);
        let next = self.due.keys().next().map_or(timer, |(at, _)| timer.min(*at));
        assert!(next != Monotonic::NEVER, "it waits for nothing");
        self.pass_to(next);
    }

    fn pass_to(&mut self, at: Monotonic) {
        let step = at.since(self.now.mono);
        // Access must not outlive its reason while nobody drives the machine.
        for look in [step / 3, step.saturating_sub(MS(1)), step] {
            self.scene.look(self.machine, self.now.plus(look), &self.journey.asked);
        }
        self.now = self.now.plus(step);
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > self.now.mono {
                break;
            }
            let happening = entry.remove();
            self.happen(happening);
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Nudge => {}
            Happening::Step(by) => {
                let wall = self.now.unix_millis().0.checked_add_signed(by).unwrap();
                self.now = Now::at(self.now.mono.since(Monotonic::ORIGIN), MS(wall));
            }
            Happening::Hint(hint) => {
                self.knock();
                self.scene.hinted(&hint, self.journey.asked.len());
                self.machine.handle(self.now, Input::Hint(hint));
                self.drain();
            }
            Happening::Cancel => {
                self.knock();
                self.journey.cancelled = !self.finished;
                self.machine.handle(self.now, Input::Cancel);
                self.drain();
            }
            Happening::Arrives { question, request, back, again, garbled } => {
                let answer = self.scene.arrive(&request, self.now);
                let Some(back) = back else { return };
                if let Some(again) = again {
                    let answer = Ok(answer.clone());
                    self.schedule(MS(back + again), Happening::Comes { question, genuine: true, answer });
                }
                let genuine = garbled.is_none();
                let answer = Ok(garbled.map_or(answer, |body| super::gate::answer(200, body)));
                self.schedule(MS(back), Happening::Comes { question, genuine, answer });
            }
            Happening::Comes { question, genuine, answer } => {
                self.knock();
                self.hear(question, genuine && !self.finished, &answer);
                let id = self.journey.asked[question].id;
                self.machine.handle(self.now, Input::Answer(id, answer));
                self.drain();
            }
        }
    }

    /// Some drivers poll before they give an input, and some after it only.
    fn knock(&mut self) {
        if self.weather.eager {
            self.drain();
        }
    }

    fn hear(&mut self, number: usize, genuine: bool, answer: &Result<HttpResponse, TransportError>) {
        let is_last = number + 1 == self.journey.asked.len();
        let question = &mut self.journey.asked[number];
        if !is_last || question.heard.is_some() || self.now.mono >= question.sent + ANSWER_LIMIT {
            return;
        }
        let seconds = answer.as_ref().ok().and_then(|answer| answer.headers().get("retry-after"));
        let seconds = seconds.map_or(0, |seconds| seconds.to_str().unwrap().parse().unwrap());
        let body = answer.as_ref().ok().filter(|_| genuine);
        question.heard = Some(Heard {
            at: self.now.mono,
            now: self.now,
            body: body.map(|answer| String::from_utf8(answer.body().clone()).unwrap()),
            retry_after: Duration::from_secs(seconds),
        });
    }
}
