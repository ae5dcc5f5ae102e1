//! The properties of every logout, whatever happens.

use std::time::Duration;

use proptest::prelude::*;

use super::driver::{BEGIN, Question, Scene, play};
use super::gate::{Gate, answer};
use super::weather::{MS, weather};
use crate::machine::test_rig::session;
use crate::machine::{Logout, LogoutEvent, LogoutOutcome};
use crate::port::{HttpRequest, HttpResponse};
use crate::{Monotonic, Now};

const START: Monotonic = Monotonic::from_origin(BEGIN);

struct Service {
    session: Gate,
    /// Until when it answers that it did not do it.
    unable_until: Monotonic,
    ended: bool,
    events: Vec<LogoutEvent>,
}

impl Scene<Logout> for Service {
    fn arrive(&mut self, request: &HttpRequest, now: Now) -> HttpResponse {
        self.session.check(request, now);
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/logout"));
        if now.mono < self.unable_until {
            return answer(200, r#"{"status": false, "reason": "UNAVAILABLE"}"#);
        }
        if std::mem::replace(&mut self.ended, true) {
            return answer(404, r#"{"status": false, "reason": "UNKNOWN_SESSION"}"#);
        }
        answer(200, r#"{"status": true}"#)
    }

    fn told(&mut self, _logout: &mut Logout, event: LogoutEvent, _now: Now) {
        self.events.push(event);
    }
}

fn pauses(asked: &[Question]) -> Vec<(Duration, Duration)> {
    asked
        .windows(2)
        .map(|pair| match &pair[0].heard {
            Some(heard) => (pair[1].sent.since(heard.at), heard.retry_after),
            None => (pair[1].sent.since(pair[0].sent + MS(15_000)), Duration::ZERO),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_logout_is_repeated_until_it_is_confirmed_or_the_session_has_expired(
        weather in weather(Duration::from_secs(900)), lasts in 1_u64..4_000, unable in 0_u64..600,
    ) {
        let lasts = Duration::from_secs(lasts);
        let unable_until = START + Duration::from_secs(unable);
        let mut service = Service { session: Gate::session(), unable_until, ended: false, events: Vec::new() };
        let mut logout = Logout::new(&session(), START + lasts);
        let journey = play(&mut logout, &mut service, &weather);

        let Some(LogoutEvent::Finished(outcome)) = service.events.pop() else { panic!("no end") };
        prop_assert!(service.events.iter().all(|event| matches!(event, LogoutEvent::Trouble(_))));
        match outcome {
            LogoutOutcome::Confirmed => prop_assert!(service.ended),
            LogoutOutcome::Expired => prop_assert!(journey.finished.mono >= START + lasts),
            LogoutOutcome::Abandoned => prop_assert!(journey.cancelled),
        }
        prop_assert_eq!(journey.cancelled, outcome == LogoutOutcome::Abandoned);
        prop_assert!(journey.finished.mono <= START + lasts + MS(weather.lag));
        for (number, (pause, asked_for)) in pauses(&journey.asked).into_iter().enumerate() {
            let doubled = MS(1_000).saturating_mul(1 << number.min(6)).min(MS(60_000));
            prop_assert!(pause >= (doubled * 9 / 10).max(asked_for), "{} after {:?}", number, pause);
            prop_assert!(pause <= (doubled * 11 / 10).max(asked_for) + MS(2 * weather.lag), "{} after {:?}", number, pause);
        }
        // Twenty-four bad attempts, each as slow as can be, and then one that is fair.
        let long_enough = unable_until + Duration::from_secs(25 * 81 + 24 * 90);
        if !journey.cancelled && START + lasts > long_enough {
            prop_assert_eq!(outcome, LogoutOutcome::Confirmed);
        }
    }
}
