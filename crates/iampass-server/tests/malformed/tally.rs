//! The outcomes of all the requests.

use std::collections::BTreeMap;

use iampass_server::Route;

use crate::bytes::statuses;

pub(crate) struct Answered {
    pub(crate) number: u64,
    /// Of the route in the list; None for what was no request at all.
    pub(crate) place: Option<usize>,
    pub(crate) request: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// Codes by route.
pub(crate) struct Tally(Vec<BTreeMap<u16, usize>>);

/// The statuses of answers given before the code of a route is reached.
const AT_THE_DOOR: [u16; 10] = [400, 401, 404, 405, 408, 413, 414, 421, 429, 431];

const LOGIN: &[u8] = b"location: /console/auth/login?next";

/// Routes that nobody gets into as the service is set here: the Console lets nobody replace a lost phone by itself, and has no page where
/// it has none. A language that is chosen leads to the login, as for those who are not signed in.
const CLOSED: [(&str, &str); 6] = [
    ("GET", "/metrics"),
    ("GET", "/console/{*path}"),
    ("GET", "/console/auth/language"),
    ("POST", "/console/auth/lost-phone"),
    ("POST", "/console/auth/lost-phone/code"),
    ("POST", "/console/auth/lost-phone/add"),
];

impl Tally {
    pub(crate) fn new(routes: &[Route]) -> Self {
        Self(routes.iter().map(|_| BTreeMap::new()).collect())
    }

    pub(crate) fn count(&mut self, answered: Answered) {
        let Answered { number, place, request, answer } = answered;
        for status in statuses(&answer) {
            assert!(
                status < 500,
                "request {number} was answered by {status}: {:?} to {:?}",
                String::from_utf8_lossy(&answer),
                String::from_utf8_lossy(&request)
            );
            if let Some(place) = place {
                // The Console sends those who are not signed in to its login.
                let is_sent_away = answer.windows(LOGIN.len()).any(|part| part == LOGIN);
                *self.0[place].entry(if is_sent_away { 401 } else { status }).or_default() += 1;
            }
        }
    }

    /// The place of a route that no request has got into yet, and that is not closed.
    pub(crate) fn not_reached(&self, routes: &[Route]) -> Option<usize> {
        let is_reached =
            |statuses: &BTreeMap<u16, usize>| statuses.keys().any(|status| !AT_THE_DOOR.contains(status));
        routes.iter().zip(&self.0).position(|(route, statuses)| {
            !is_reached(statuses) && !CLOSED.contains(&(route.method, route.pattern))
        })
    }

    /// Every route was reached, not only its door.
    pub(crate) fn check(&self, routes: &[Route], count: u64) {
        let mut answers = 0;
        for (route, statuses) in routes.iter().zip(&self.0) {
            println!("{:4} {:60} {statuses:?}", route.method, route.pattern);
            answers += statuses.values().sum::<usize>();
        }
        let missed = self.not_reached(routes).map(|place| routes[place]);
        assert!(missed.is_none(), "no request got into {missed:?}: the generator does not know how");
        assert!(answers as u64 > count / 2, "only {answers} answers to {count} requests");
    }
}
