//! [`Requests`]: how many requests each route had, how they were answered, and how long it took.
//!
//! The tables are as large as the list of routes from the beginning, so that counting is a few additions and nothing a caller sends can
//! make them grow.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};

use super::histogram::{DURATIONS, Histogram};
use crate::routes::RouteNumber;

const METHODS: [&str; 4] = ["GET", "POST", "HEAD", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

#[derive(Debug)]
pub(crate) struct Requests {
    routes: Box<[OfRoute]>,
}

#[derive(Debug)]
pub(super) struct OfRoute {
    pub(super) pattern: &'static str,
    answered: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    pub(super) took: Histogram,
}

impl Requests {
    pub(super) fn new() -> Self {
        let of_route = |route: RouteNumber| OfRoute {
            pattern: route.pattern(),
            answered: Default::default(),
            took: Histogram::new(&DURATIONS),
        };
        Self { routes: RouteNumber::all().map(of_route).collect() }
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: RouteNumber, method: &Method, status: StatusCode, took: Duration) {
        let Some(of_route) = self.routes.get(route.index()) else { return };
        let method = match *method {
            Method::GET => 0,
            Method::POST => 1,
            Method::HEAD => 2,
            _ => 3,
        };
        let class = usize::from(status.as_u16() / 100).wrapping_sub(1);
        if let Some(count) = of_route.answered.get(method).and_then(|classes| classes.get(class)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        of_route.took.observe(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn routes(&self) -> impl Iterator<Item = &OfRoute> {
        self.routes.iter()
    }
}

impl OfRoute {
    /// Method, class of status and count of all that there were.
    pub(super) fn answered(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        METHODS.into_iter().zip(&self.answered).flat_map(|(method, classes)| {
            let counts = classes.iter().map(|count| count.load(Ordering::Relaxed));
            CLASSES.into_iter().zip(counts).map(move |(class, count)| (method, class, count))
        })
    }
}
