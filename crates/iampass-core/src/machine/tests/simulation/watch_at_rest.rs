//! A watch that is put away after each turn and woken for the next one: it does the same as one that stays awake.

use std::time::Duration;

use proptest::prelude::*;

use super::driver::{Journey, Question, Scene, play};
use super::watch::{Service, check_asking, check_end};
use super::weather::{Weather, weather, weather_with_steps, words};
use crate::machine::test_rig::session;
use crate::machine::{Hint, Input, Machine, Output, RestingWatch, Watch, WatchEvent, WatchOptions};
use crate::port::{HttpRequest, HttpResponse};
use crate::{Draw, Now};

/// A watch that rests whenever it can.
struct Resting {
    watch: Watch,
    options: WatchOptions,
    rests: usize,
}

impl Resting {
    /// Puts the watch away and wakes it.
    fn rest(&mut self) {
        let Some(resting) = RestingWatch::of(&self.watch) else { return };
        self.rests += 1;
        let woken = resting.woken(&session(), self.options);
        assert_eq!(format!("{woken:?}"), format!("{:?}", self.watch));
        self.watch = woken;
    }
}

impl Machine for Resting {
    type Event = WatchEvent;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<WatchEvent> {
        self.rest();
        let output = self.watch.poll_output(now, draw);
        self.rest();
        if let (Output::Wait(pause), Some(resting)) = (&output, RestingWatch::of(&self.watch)) {
            // A question that is due by the wall clock is put at the next poll.
            assert!(resting.due() <= pause.until && resting.due() > now.mono, "due at another time");
        }
        output
    }

    fn handle(&mut self, now: Now, input: Input) {
        self.rest();
        self.watch.handle(now, input);
        self.rest();
    }
}

impl Scene<Resting> for Service {
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse {
        Scene::<Watch>::arrive(self, request, now)
    }

    fn told(&mut self, machine: &mut Resting, event: WatchEvent, now: Now) {
        Scene::<Watch>::told(self, &mut machine.watch, event, now);
    }

    fn hinted(&mut self, hint: &Hint, asked: usize) {
        Scene::<Watch>::hinted(self, hint, asked);
    }

    fn look(&mut self, machine: &Resting, now: Now, asked: &[Question]) {
        Scene::<Watch>::look(self, &machine.watch, now, asked);
    }
}

fn sent(journey: &Journey) -> Vec<Now> {
    journey.asked.iter().map(|question| question.sent_now).collect()
}

/// The watch that rests and the one that does not, in the same weather.
fn compare(new: impl Fn() -> Service, freshness: Duration, weather: &Weather) -> (Service, Journey, usize) {
    let options = WatchOptions::default().freshness(freshness);
    let (mut awake, mut resting) = (new(), new());
    let expected = play(&mut awake.watch(), &mut awake, weather);
    let mut machine = Resting { watch: resting.watch(), options, rests: 0 };
    let journey = play(&mut machine, &mut resting, weather);
    assert_eq!(sent(&journey), sent(&expected));
    assert_eq!(format!("{:?}", resting.events), format!("{:?}", awake.events));
    assert_eq!(journey.finished, expected.finished);
    (resting, journey, machine.rests)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn it_does_the_same_as_one_that_is_awake_and_keeps_the_laws(
        weather in weather(Duration::from_secs(200)), words in words(Duration::from_secs(200)),
        freshness in 1_u64..20, lasts in 1_u64..200, is_granted: bool,
    ) {
        let (freshness, lasts) = (Duration::from_secs(freshness), Duration::from_secs(lasts));
        let new = || Service::new(words.clone(), freshness, lasts, is_granted);
        let (service, journey, rests) = compare(new, freshness, &weather);
        prop_assert!(rests > 0);
        check_asking(&service, &journey, weather.hints.len());
        check_end(&service, &journey, weather.lag);
    }

    #[test]
    fn it_does_the_same_on_a_clock_that_jumps(
        weather in weather_with_steps(Duration::from_secs(200)), words in words(Duration::from_secs(200)),
        freshness in 1_u64..20, lasts in 1_u64..200, is_granted: bool,
    ) {
        let (freshness, lasts) = (Duration::from_secs(freshness), Duration::from_secs(lasts));
        let new = || Service::new(words.clone(), freshness, lasts, is_granted);
        compare(new, freshness, &weather);
    }
}

/// A million of them are to fit into little memory.
#[test]
fn it_is_small() {
    assert!(size_of::<RestingWatch>() <= 80, "{} bytes", size_of::<RestingWatch>());
}
