//! All routes of the service: the calls ([`CallRoute`]) and the pages.
//!
//! Belongs here: which routes there are, and their numbers, by which tables of counters are kept. Does not belong here: what they do.

use std::collections::HashMap;
use std::sync::LazyLock;

use iampass_server_openapi::CallRoute;

/// A route: its method, and its path with placeholders in braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The method that it is called with.
    pub method: &'static str,
    /// The path, as in `/device/{id}/unregister`. A placeholder with a star stands for any rest of a path.
    pub pattern: &'static str,
}

impl Route {
    /// One that is called with `method` at `pattern`.
    #[must_use]
    pub const fn new(method: &'static str, pattern: &'static str) -> Self {
        Self { method, pattern }
    }
}

/// The pages, as the router knows them. Every page is added here: a test holds the two together.
const PAGES: &[Route] = &[
    Route::new("GET", "/"),
    Route::new("GET", "/phone"),
    Route::new("GET", "/phone-worker.js"),
    Route::new("GET", "/r/{code}"),
    Route::new("GET", "/assets/{release}/{name}"),
    Route::new("GET", "/healthz"),
    Route::new("GET", "/readyz"),
    Route::new("GET", "/metrics"),
    Route::new("GET", "/openapi.json"),
    Route::new("GET", "/docs"),
    Route::new("GET", "/docs/api"),
    Route::new("GET", "/docs/reasons"),
    Route::new("GET", "/docs/reasons.json"),
    Route::new("GET", "/docs/assets/{name}"),
];

/// The pages of the Console below its login, and the login's own.
const CONSOLE_LOGIN: &[Route] = &[
    Route::new("GET", "/console/{*path}"),
    Route::new("GET", "/console/auth/{*path}"),
    Route::new("POST", "/console/auth/{*path}"),
];

/// All pages: those of the router, the Console's, and its login's.
static ALL_PAGES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let console = iampass_server_console::page_routes().map(|(method, pattern)| Route::new(method, pattern));
    PAGES.iter().copied().chain(console).chain(CONSOLE_LOGIN.iter().copied()).collect()
});

/// All routes of the service, in an order that stays while it runs.
pub fn routes() -> impl Iterator<Item = Route> {
    let calls =
        CallRoute::ALL.iter().map(|call| Route { method: call.method().into(), pattern: call.pattern() });
    calls.chain(ALL_PAGES.iter().copied())
}

/// The number of a route, or of "no route at all".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RouteNumber(usize);

static PATTERNS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| routes().map(|route| route.pattern).chain(["(none)"]).collect());

static PAGE_NUMBERS: LazyLock<HashMap<&'static str, RouteNumber>> = LazyLock::new(|| {
    // A path with two methods is counted by the first.
    let pages = ALL_PAGES.iter().enumerate().rev();
    pages.map(|(place, page)| (page.pattern, RouteNumber(CallRoute::ALL.len() + place))).collect()
});

impl RouteNumber {
    /// The question how a session is.
    pub(crate) const SESSION_STATUS: Self = Self(CallRoute::SessionStatus as usize);

    /// A path that leads nowhere.
    pub(crate) fn none() -> Self {
        Self(CallRoute::ALL.len() + ALL_PAGES.len())
    }

    /// The page that the router has found by `pattern`; none if it is not in the list.
    pub(crate) fn of_page(pattern: &str) -> Self {
        PAGE_NUMBERS.get(pattern).copied().unwrap_or_else(Self::none)
    }

    /// Every route, and last "no route at all".
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..=Self::none().0).map(Self)
    }

    /// Its place among all.
    pub(crate) fn index(self) -> usize {
        self.0
    }

    pub(crate) fn pattern(self) -> &'static str {
        PATTERNS.get(self.0).copied().unwrap_or("(none)")
    }
}

impl From<CallRoute> for RouteNumber {
    fn from(call: CallRoute) -> Self {
        Self(call as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Pages for people, which have nothing that a program would ask for. Whatever else is served is in the document.
    const FOR_PEOPLE: &[(&str, &str)] = &[
        ("GET", "/"),
        ("GET", "/phone"),
        ("GET", "/phone-worker.js"),
        ("GET", "/r/{code}"),
        ("GET", "/assets/{release}/{name}"),
        ("GET", "/docs"),
        ("GET", "/docs/api"),
        ("GET", "/docs/reasons"),
        ("GET", "/docs/assets/{name}"),
    ];

    #[test]
    fn every_route_is_described_and_every_described_call_is_a_route() {
        let document =
            serde_json::to_value(iampass_server_openapi::document("https://login.example")).unwrap();
        let members = |value: &serde_json::Value| value.as_object().unwrap().clone();
        let described: BTreeSet<_> = members(&document["paths"])
            .into_iter()
            .flat_map(|(path, item)| {
                let named = |(method, _): (String, _)| format!("{} {path}", method.to_uppercase());
                members(&item).into_iter().map(named).collect::<Vec<_>>()
            })
            .collect();
        let for_people: BTreeSet<_> =
            FOR_PEOPLE.iter().map(|(method, path)| format!("{method} {path}")).collect();
        // The pages of the Console have a list of their own.
        let of_interest = routes().filter(|route| !route.pattern.starts_with("/console"));
        let served: BTreeSet<_> =
            of_interest.map(|route| format!("{} {}", route.method, route.pattern)).collect();
        // The Console is for people, whole.
        let is_for_people = |route: &String| for_people.contains(route) || route.contains(" /console");
        let missing: Vec<_> =
            served.iter().filter(|route| !described.contains(*route) && !is_for_people(route)).collect();
        assert!(missing.is_empty(), "to be described in `iampass-server-openapi`: {missing:?}");
        let invented: Vec<_> =
            described.union(&for_people).filter(|route| !served.contains(*route)).collect();
        assert!(invented.is_empty(), "described, but no route of the service: {invented:?}");
        let twice: Vec<_> = described.intersection(&for_people).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn numbers_lead_back_to_their_routes() {
        for &call in CallRoute::ALL {
            assert_eq!(RouteNumber::from(call).pattern(), call.pattern());
        }
        for page in PAGES {
            assert_eq!(RouteNumber::of_page(page.pattern).pattern(), page.pattern);
        }
        assert_eq!(RouteNumber::none().pattern(), "(none)");
        assert_eq!(RouteNumber::all().count(), routes().count() + 1);
        assert_eq!(RouteNumber::of_page("/nope"), RouteNumber::none());
    }
}
