//! The routes, as data, and which part of the flow answers each. An adapter mounts all of them below one path and passes on what comes.

use crate::answer::HttpAnswer;
use crate::pages::{Assets, MessagePage};
use crate::request::{Method, Request};
use crate::{LoginWeb, UserDirectory};

/// One route: a method and a path below the mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; of [`ROUTES`], the assets' is a prefix and ends with a slash.
    pub path: &'static str,
}

macro_rules! routes {
    ($($method:ident $path:literal),+ $(,)?) => {
        &[$(Route { method: Method::$method, path: $path }),+]
    };
}

/// All routes. For documentation, and for frameworks that want them one by one; [`LoginWeb::handle`] knows them itself.
pub const ROUTES: &[Route] = routes![
    Get "/login",
    Post "/login",
    Get "/login/wait",
    Get "/login/events",
    Get "/login/state",
    Get "/login/arrived",
    Post "/login/cancel",
    Post "/logout",
    Get "/enrol",
    Get "/enrol/events",
    Get "/enrol/state",
    Get "/sessions",
    Post "/sessions/end",
    Post "/sessions/end-all",
    Get "/lost-phone",
    Post "/lost-phone",
    Post "/lost-phone/stop",
    Post "/browsers/forget",
    Post "/browsers/forget-all",
    Get "/session/events",
    Get "/session/state",
    Get "/assets/",
];

/// The longest body that an adapter has to take in: of a form with a login name and a place to go back to.
pub const LONGEST_BODY: usize = 16 * 1024;

impl<D: UserDirectory> LoginWeb<D> {
    /// Answers a request to one of the [`ROUTES`].
    ///
    /// It is answered to its end even if the browser goes away: no phone may stay asked and no session in use without a browser that knows
    /// of it.
    pub async fn handle(&self, request: Request) -> HttpAnswer {
        let web = self.clone();
        let place = self.stream_place(&request);
        match self.runtime().spawn(async move { web.route(&request).await }).await {
            Ok(answer) => self.counted(place.as_ref(), answer),
            // It is said by the runtime why.
            Err(_) => HttpAnswer::text(500, "Something went wrong."),
        }
    }

    async fn route(&self, request: &Request) -> HttpAnswer {
        if matches!(request.path.as_str(), "/login" | "/enrol" | "/sessions" | "/lost-phone")
            && let Some(answer) = self.config().redirect_to_own_host(request)
        {
            return answer;
        }
        match (request.method, request.path.as_str()) {
            (Method::Head, path) => self.head(request, path).await,
            (Method::Get, "/login") => self.login_page(request),
            (Method::Post, "/login") => self.start(request).await,
            (Method::Get, "/login/wait") => self.wait(request).await,
            (Method::Get, "/login/events") => self.wait_events(request).await,
            (Method::Get, "/login/state") => self.wait_state(request).await,
            (Method::Get, "/login/arrived") => self.page_arrived(request).await,
            (Method::Post, "/login/cancel") => self.cancel(request).await,
            (Method::Post, "/logout") => self.logout(request).await,
            (Method::Get, "/enrol") => self.enrol_page(request).await,
            (Method::Get, "/enrol/events") => self.enrol_events(request).await,
            (Method::Get, "/enrol/state") => self.enrol_state(request).await,
            (Method::Get, "/sessions") => self.sessions_page(request).await,
            (Method::Post, "/sessions/end") => self.end_sessions(request, false).await,
            (Method::Post, "/sessions/end-all") => self.end_sessions(request, true).await,
            (Method::Get, "/lost-phone") => self.lost_phone_page(request).await,
            (Method::Post, "/lost-phone") => self.lost_phone(request).await,
            (Method::Post, "/lost-phone/stop") => self.stop_replacement(request).await,
            (Method::Post, "/browsers/forget") => self.forget_browsers(request, false).await,
            (Method::Post, "/browsers/forget-all") => self.forget_browsers(request, true).await,
            (Method::Get, "/session/events") => self.session_events(request).await,
            (Method::Get, "/session/state") => self.session_state(request).await,
            (Method::Get, path) if path.starts_with("/assets/") => self.asset(path),
            (_, path) => self.no_route(path),
        }
    }

    /// The answer to GET where that asks for something only. Where it goes on with something, as a login that the phone has accepted, it
    /// is said what kind of thing there is.
    async fn head(&self, request: &Request, path: &str) -> HttpAnswer {
        match path {
            "/login" => self.login_page(request),
            "/sessions" => self.sessions_page(request).await,
            "/lost-phone" => self.lost_phone_page(request).await,
            "/login/wait" | "/enrol" => HttpAnswer::page(200, String::new()),
            "/login/arrived" => HttpAnswer::no_picture(),
            "/login/events" | "/enrol/events" | "/session/events" => HttpAnswer::no_events(),
            "/login/state" | "/enrol/state" | "/session/state" => {
                HttpAnswer::json(200, &serde_json::json!({}))
            }
            path if path.starts_with("/assets/") => self.asset(path),
            path => self.no_route(path),
        }
    }

    fn asset(&self, path: &str) -> HttpAnswer {
        match Assets::get(path.trim_start_matches("/assets/")) {
            Some((content_type, bytes)) => HttpAnswer::asset(content_type, bytes),
            None => self.no_route(""),
        }
    }

    fn no_route(&self, path: &str) -> HttpAnswer {
        let texts = &self.config().site.texts;
        let mut allowed = ROUTES.iter().filter(|route| route.path == path).map(|route| match route.method {
            Method::Post => "POST",
            _ => "GET, HEAD",
        });
        if let Some(first) = allowed.next() {
            let allow = allowed.fold(first.to_owned(), |all, next| format!("{all}, {next}"));
            return HttpAnswer::text(405, "This address does not take that method.").with("allow", allow);
        }
        let page = MessagePage { title: &texts.not_found_title, text: &texts.not_found_text, link: None };
        HttpAnswer::page(404, self.config().pages.message(&self.config().site, &page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/access.md` has each route, and no other one.
    #[test]
    fn the_table_of_who_may_do_what_has_each_route() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access.md");
        let text = std::fs::read_to_string(path).unwrap();
        let section = text.split("## The login of an application").nth(1).unwrap();
        let mut listed: Vec<_> = section
            .lines()
            .filter_map(|line| {
                let mut cells = line.trim_matches('|').split('|').map(str::trim);
                let (method, path) = (cells.next()?, cells.next()?);
                let says_all = cells.filter(|cell| !cell.is_empty()).count() == 3;
                (method == "GET" || method == "POST")
                    .then(|| (method.to_owned(), path.trim_matches('`').to_owned(), says_all))
            })
            .collect();
        let mut routes: Vec<_> = ROUTES
            .iter()
            .map(|route| {
                let method = if route.method == Method::Post { "POST" } else { "GET" };
                (method.to_owned(), route.path.to_owned(), true)
            })
            .collect();
        listed.sort();
        routes.sort();
        assert_eq!(listed, routes);
    }
}
