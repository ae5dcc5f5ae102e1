//! The properties of every enrolment, whatever happens.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::super::enrolment::{CREATED, EXISTING, LINK, NO, YES};
use super::driver::{BEGIN, Journey, Scene, play};
use super::gate::{Gate, answer};
use super::weather::{MS, Weather, weather};
use crate::machine::test_rig::{application, user};
use crate::machine::{Enrolment, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome};
use crate::port::{HttpRequest, HttpResponse};
use crate::{Error, Monotonic, Now};

const START: Monotonic = Monotonic::from_origin(BEGIN);
/// One call at its slowest: four attempts, all lost or put off as long as is waited for.
const CALL: Duration = Duration::from_secs(4 * 15 + 3 * 31);

struct Service {
    application: Gate,
    existed: bool,
    registers_at: Option<Monotonic>,
    linked_at: Option<Monotonic>,
    events: Vec<EnrolmentEvent>,
}

impl Service {
    fn new(existed: bool, registers_after: Option<u64>) -> Self {
        let registers_at = registers_after.map(|after| START + MS(after));
        Self { application: Gate::application(), existed, registers_at, linked_at: None, events: Vec::new() }
    }

    fn end(&self) -> &Result<EnrolmentOutcome, Error> {
        match self.events.last() {
            Some(EnrolmentEvent::Finished(end)) => end,
            other => panic!("the last event is not the end: {other:?}"),
        }
    }
}

impl Scene<Enrolment> for Service {
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse {
        self.application.check(request, now);
        match request.uri().path() {
            "/management/add_users/APP" => {
                let existed = std::mem::replace(&mut self.existed, true);
                if existed { answer(200, EXISTING) } else { answer(201, CREATED) }
            }
            "/management/device_registration_link/APP/u" => answer(200, LINK),
            "/management/has_registered_mobile_device/APP/u" => {
                let is_there = self.registers_at.is_some_and(|at| at <= now.mono);
                answer(200, if is_there { YES } else { NO })
            }
            other => panic!("{other}"),
        }
    }

    fn told(&mut self, enrolment: &mut Enrolment, event: EnrolmentEvent, now: Now) {
        match &event {
            EnrolmentEvent::Assign(_) => enrolment.assigned(user("u")),
            EnrolmentEvent::Link(_) => self.linked_at = Some(now.mono),
            _ => {}
        }
        self.events.push(event);
    }
}

fn run(service: &mut Service, weather: &Weather, deadline: Duration) -> Journey {
    let options = EnrolmentOptions::default().deadline(deadline);
    play(&mut Enrolment::new(Arc::new(application()), options), service, weather)
}

fn heard_yes(journey: &Journey) -> bool {
    journey
        .asked
        .iter()
        .filter_map(|question| question.heard.as_ref()?.body.as_deref())
        .any(|body| body == YES)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_enrolment_ends_in_time_and_believes_nobody_but_the_service(
        weather in weather(Duration::from_secs(300)), existed: bool,
        registers_after in proptest::option::of(0_u64..300_000), seconds in 1_u64..240,
    ) {
        let deadline = Duration::from_secs(seconds);
        let mut service = Service::new(existed, registers_after);
        let journey = run(&mut service, &weather, deadline);

        let end = service.end();
        let registered = matches!(end, Ok(EnrolmentOutcome::Registered | EnrolmentOutcome::AlreadyRegistered));
        prop_assert_eq!(registered, heard_yes(&journey));
        prop_assert_eq!(matches!(end, Ok(EnrolmentOutcome::Registered)), registered && service.linked_at.is_some());
        prop_assert_eq!(matches!(end, Ok(EnrolmentOutcome::Cancelled)), journey.cancelled);
        if matches!(end, Ok(EnrolmentOutcome::NotInTime)) {
            prop_assert!(service.linked_at.is_some_and(|at| journey.finished.mono >= at + deadline));
        }
        let over = service.linked_at.map_or(START + CALL * 3, |at| at + deadline + CALL);
        prop_assert!(journey.finished.mono <= over, "{:?}", journey.finished);
        let ends = service.events.iter().filter(|event| matches!(event, EnrolmentEvent::Finished(_)));
        prop_assert_eq!(ends.count(), 1);
        let last_look = service.linked_at.map(|at| at + deadline);
        for pair in journey.asked.windows(2) {
            if let Some(heard) = &pair[0].heard {
                let obeyed = pair[1].sent.since(heard.at) >= heard.retry_after;
                prop_assert!(obeyed || last_look.is_some_and(|at| pair[1].sent >= at));
            }
        }
    }
}

#[test]
fn in_fair_weather_a_phone_is_seen_soon_after_it_registered() {
    let mut service = Service::new(false, Some(30_000));
    let journey = run(&mut service, &Weather::fair(), Duration::from_secs(600));
    assert!(matches!(service.end(), Ok(EnrolmentOutcome::Registered)));
    assert!(journey.finished.mono <= START + MS(33_500), "{:?}", journey.finished);
}
