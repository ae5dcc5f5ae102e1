//! The routes, as data, and which part of the flow answers each. An adapter mounts all of them below one path and passes on what comes.

use crate::answer::HttpAnswer;
use crate::login_web::LoginWeb;
use crate::pages::{Assets, MessagePage};
use crate::request::{Headers, Method, Request};

/// One route: a method and a path below the mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; of [`ROUTES`], the assets' is a prefix and ends with a slash.
    pub path: &'static str,
}

impl Route {
    fn is_at(&self, path: &str) -> bool {
        if self.path.ends_with('/') { path.starts_with(self.path) } else { path == self.path }
    }
}

/// The one of the [`ROUTES`] that a request is for. HEAD is for the route of GET.
fn listed(method: Method, path: &str) -> Option<&'static Route> {
    let method = if method == Method::Head { Method::Get } else { method };
    ROUTES.iter().find(|route| route.method == method && route.is_at(path))
}

macro_rules! routes {
    ($($method:ident $path:literal),+ $(,)?) => {
        &[$(Route { method: Method::$method, path: $path }),+]
    };
}

/// All routes. For documentation, and for frameworks that want them one by one. [`LoginWeb::handle`] answers these and no others, whatever
/// an adapter passes on.
pub const ROUTES: &[Route] = routes![
    Get "/login",
    Post "/login",
    Post "/login/code",
    Get "/login/wait",
    Get "/login/events",
    Get "/login/state",
    Get "/login/arrived",
    Get "/login/returned",
    Post "/login/cancel",
    Get "/language",
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
    Post "/lost-phone/code",
    Post "/lost-phone/add",
    Post "/browsers/forget",
    Post "/browsers/forget-all",
    Get "/session/events",
    Get "/session/state",
    Get "/assets/",
];

/// The longest body that an adapter has to take in: of a form with a login name and a place to go back to.
pub const LONGEST_BODY: usize = 16 * 1024;

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
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
        // The list decides: an arm below for anything else is never reached.
        let Some(route) = listed(request.method, &request.path) else {
            return self.no_route(&request.path, &request.headers);
        };
        if request.method == Method::Head {
            return self.head(request, route).await;
        }
        match (route.method, route.path) {
            (Method::Get, "/login") => self.login_page(request),
            (Method::Post, "/login") => self.start(request).await,
            (Method::Post, "/login/code") => self.start_nameless(request).await,
            (Method::Get, "/login/wait") => self.wait(request).await,
            (Method::Get, "/login/events") => self.wait_events(request).await,
            (Method::Get, "/login/state") => self.wait_state(request).await,
            (Method::Get, "/login/arrived") => self.page_arrived(request).await,
            (Method::Get, "/login/returned") => self.returned(request).await,
            (Method::Post, "/login/cancel") => self.cancel(request).await,
            (Method::Get, "/language") => self.choose_language(request),
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
            (Method::Post, "/lost-phone/code") => self.use_recovery_code(request).await,
            (Method::Post, "/lost-phone/add") => self.add_phone(request).await,
            (Method::Post, "/browsers/forget") => self.forget_browsers(request, false).await,
            (Method::Post, "/browsers/forget-all") => self.forget_browsers(request, true).await,
            (Method::Get, "/session/events") => self.session_events(request).await,
            (Method::Get, "/session/state") => self.session_state(request).await,
            (Method::Get, "/assets/") => self.asset(&request.path, &request.headers),
            _ => self.no_route(&request.path, &request.headers),
        }
    }

    /// The answer to GET where that asks for something only. Where it goes on with something, as a login that the phone has accepted, it
    /// is said what kind of thing there is.
    async fn head(&self, request: &Request, route: &Route) -> HttpAnswer {
        match route.path {
            "/login" => self.login_page(request),
            "/sessions" => self.sessions_page(request).await,
            "/lost-phone" => self.lost_phone_page(request).await,
            "/login/wait" | "/login/returned" | "/enrol" | "/language" => {
                HttpAnswer::page(200, String::new())
            }
            "/login/arrived" => HttpAnswer::no_picture(),
            "/login/events" | "/enrol/events" | "/session/events" => HttpAnswer::no_events(),
            "/login/state" | "/enrol/state" | "/session/state" => {
                HttpAnswer::json(200, &serde_json::json!({}))
            }
            "/assets/" => self.asset(&request.path, &request.headers),
            _ => self.no_route(&request.path, &request.headers),
        }
    }

    fn asset(&self, path: &str, headers: &Headers) -> HttpAnswer {
        match Assets::get(path.trim_start_matches("/assets/")) {
            Some((content_type, bytes)) => HttpAnswer::asset(content_type, bytes),
            None => self.no_route("", headers),
        }
    }

    fn no_route(&self, path: &str, headers: &Headers) -> HttpAnswer {
        let site = self.config().site_for(headers);
        let texts = &site.texts;
        let mut allowed = ROUTES.iter().filter(|route| route.path == path).map(|route| match route.method {
            Method::Post => "POST",
            _ => "GET, HEAD",
        });
        if let Some(first) = allowed.next() {
            let allow = allowed.fold(first.to_owned(), |all, next| format!("{all}, {next}"));
            return HttpAnswer::text(405, "This address does not take that method.").with("allow", allow);
        }
        let page = MessagePage { title: &texts.not_found_title, text: &texts.not_found_text, link: None };
        HttpAnswer::page(404, self.config().pages.message(site, &page))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Method; 5] = [Method::Get, Method::Head, Method::Post, Method::Options, Method::Other];

    /// Each route is listed for its own methods, and nothing else is.
    #[test]
    fn only_the_routes_of_the_list_are_found() {
        for route in ROUTES {
            for method in METHODS {
                let wanted = if method == Method::Head { Method::Get } else { method };
                let is_listed = ROUTES.contains(&Route { method: wanted, path: route.path });
                assert_eq!(listed(method, route.path).is_some(), is_listed, "{method:?} {}", route.path);
            }
            if route.path.ends_with('/') {
                assert_eq!(listed(route.method, &format!("{}x.js", route.path)), Some(route));
                continue;
            }
            let path = route.path;
            for other in [
                format!("{path}/"),
                format!("/{path}"),
                format!("{path}/x"),
                format!("{path}x"),
                path.to_uppercase(),
                path[1..].to_owned(),
                format!("{path}%20"),
            ] {
                assert!(METHODS.iter().all(|method| listed(*method, &other).is_none()), "{other}");
            }
        }
        for other in ["", "/", "/assets", "/session", "/browsers", "/login/", "/x"] {
            assert!(METHODS.iter().all(|method| listed(*method, other).is_none()), "{other}");
        }
    }

    /// The table of `docs/access.md` has each route, and no other one. That the rows are true is tested over HTTP, for each of them.
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

    /// The documentation of [`LoginWeb`] names each route and each cookie.
    #[test]
    fn the_login_s_documentation_names_each_route_and_each_cookie() {
        let source = include_str!("login_web.rs");
        let documented = source.split_once("/// # Routes").unwrap().1.split_once("/// # Tasks").unwrap().0;
        let (on_routes, on_cookies) = documented.split_once("/// # Cookies").unwrap();
        let mut named: Vec<&str> =
            on_routes.split('`').skip(1).step_by(2).filter(|span| span.contains(" /")).collect();
        let mut routes: Vec<String> =
            ROUTES.iter().map(|route| format!("{:?} {}", route.method, route.path)).collect();
        named.sort_unstable_by_key(|name| name.to_lowercase());
        routes.sort_unstable_by_key(|name| name.to_lowercase());
        assert_eq!(named.join("\n").to_lowercase(), routes.join("\n").to_lowercase());
        let source = include_str!("cookies.rs").split_once("enum Name {").unwrap().1;
        let mut made = vec!["moved", "language"];
        let mut is_cookie = true;
        for line in source.split_once('}').unwrap().0.lines().map(str::trim) {
            is_cookie &= !line.starts_with("/// No cookie:");
            let Some(variant) = line.strip_suffix(',').filter(|line| !line.starts_with("//")) else {
                continue;
            };
            if std::mem::replace(&mut is_cookie, true) {
                let (_, rest) = source.split_once(&format!("{}: named(\"", variant.to_lowercase())).unwrap();
                made.extend(rest.split('"').next());
            }
        }
        for cookie in made {
            assert!(on_cookies.contains(&format!("`…-{cookie}`")), "{cookie}");
        }
    }
}
