//! [`Requests`]: how many requests each route had, how they were answered, and how long it took.
//!
//! The tables are as large as the list of routes from the beginning, so that counting is a few additions and nothing a caller sends can
//! make them grow.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};

use super::histogram::{DURATIONS, Histogram};

const METHODS: [&str; 4] = ["GET", "POST", "HEAD", "other"];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counters per route.
#[derive(Debug)]
pub struct Requests {
    routes: Box<[RouteRequests]>,
}

/// The counters of one route.
#[derive(Debug)]
pub struct RouteRequests {
    /// Its path with placeholders.
    pub pattern: &'static str,
    answered: [[AtomicU64; CLASSES.len()]; METHODS.len()],
    /// How long answers took.
    pub took: Histogram,
}

impl Requests {
    pub(crate) fn new(patterns: impl IntoIterator<Item = &'static str>) -> Self {
        let of_route = |pattern| RouteRequests {
            pattern,
            answered: Default::default(),
            took: Histogram::new(&DURATIONS),
        };
        Self { routes: patterns.into_iter().map(of_route).collect() }
    }

    /// A request was answered; `route` is the place of its route in the list that [`crate::Metrics::new`] was given.
    pub fn answered(&self, route: usize, method: &Method, status: StatusCode, took: Duration) {
        let Some(of_route) = self.routes.get(route) else { return };
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

    /// All routes, in the order of that list.
    pub fn routes(&self) -> impl Iterator<Item = &RouteRequests> {
        self.routes.iter()
    }
}

impl RouteRequests {
    /// Method, class of status and count of all that there were.
    pub fn answered(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        METHODS.into_iter().zip(&self.answered).flat_map(|(method, classes)| {
            let counts = classes.iter().map(|count| count.load(Ordering::Relaxed));
            CLASSES.into_iter().zip(counts).map(move |(class, count)| (method, class, count))
        })
    }
}
