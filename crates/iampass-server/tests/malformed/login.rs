//! The Console's own login: its routes, each by itself, and what requests to them are made of. Belongs here: somebody with all that a browser can hold there.

use std::collections::BTreeMap;

use iampass_server::Route;
use iampass_web::{Method, ROUTES};

use crate::child::Child;
use crate::draw::Draw;
use crate::member::{Member, location};
use crate::request::ODD;

const MOUNT: &str = "/console/auth";

/// In place of the one route that stands for all of the login.
const WHOLE: &str = "/console/auth/{*path}";

/// The routes of the service with each of the login's.
pub(crate) fn with_login_routes(routes: impl Iterator<Item = Route>) -> Vec<Route> {
    let login = ROUTES.iter().map(|route| {
        let method = if route.method == Method::Post { "POST" } else { "GET" };
        let file = if route.path.ends_with('/') { "{name}" } else { "" };
        // As long as the test.
        Route::new(method, format!("{MOUNT}{}{file}", route.path).leak())
    });
    routes.filter(|route| route.pattern != WHOLE).chain(login).collect()
}

pub(crate) fn is_of_login(route: Route) -> bool {
    route.pattern.starts_with(MOUNT)
}

/// Somebody who is signed in, has begun another login by name and one without, and has a ticket. The login's requests end sessions, so it is not the
/// member whose pages others ask for.
#[derive(Default)]
pub(crate) struct Visitor {
    name: String,
    cookies: BTreeMap<String, String>,
    /// Of the pages that wait.
    proofs: [String; 2],
    /// A file of the login's pages.
    pub(crate) file: String,
}

impl Visitor {
    pub(crate) async fn settle(child: &Child, number: u64) -> Self {
        let name = format!("visitor-{}", number & 0xffff);
        let number = number | 0x10_0000;
        let mut one = Member::signed_in(child, number, &name).await;
        let proof = |place: &str| place.split("proof=").nth(1).expect("a proof").to_owned();
        let form = format!("login_name={name}&return_to=/console");
        let named = location(&one.post(child, number, "/console/auth/login", &form).await);
        let nameless = location(&one.post(child, number, "/console/auth/login/code", "").await);
        let page = one.get(child, number, "/console/auth/login").await;
        let file = page.split('"').find_map(|part| part.strip_prefix("/console/auth/assets/"));
        let file = file.expect("a file of the login").to_owned();
        Self { name, cookies: one.cookies, proofs: [proof(&named), proof(&nameless)], file }
    }

    /// The cookies, of which one may be anything.
    pub(crate) fn cookies(&self, draw: &mut Draw) -> String {
        let mut cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        if draw.once_in(3) {
            let (at, other) = (draw.below(cookies.len()), draw.below(cookies.len()));
            match draw.below(8) {
                0 => drop(cookies.remove(at)),
                1 => cookies.push(cookies[at].clone()),
                2 => cookies[at].1 = cookies[other].1.clone(),
                3 => cookies[at].1 = draw.one_of(&ODD).to_owned(),
                4 => cookies[at].1 = "A".repeat(draw.below(5_000)),
                5 => {
                    let length = draw.below(cookies[at].1.len() + 1);
                    cookies[at].1.truncate(length);
                }
                6 => cookies[at].1 = format!("\"{}\"", cookies[at].1),
                _ => cookies[at].1.insert(0, draw.one_of(&['A', '=', '%', '\\'])),
            }
        }
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// A value of a field or member.
    fn value(&self, draw: &mut Draw) -> String {
        match draw.below(10) {
            0..4 => draw.one_of(&[&self.proofs[0], &self.proofs[1]]).clone(),
            4 => self.name.clone(),
            5 => draw.one_of(&["/console", "//other.example", "https://other.example/", "%2F%5C"]).to_owned(),
            6 => draw.one_of(&["nothing", "preparing", "link"]).to_owned(),
            // Sealed, for another purpose.
            7 => self.cookies.values().nth(draw.below(self.cookies.len())).cloned().unwrap_or_default(),
            8 => "a".repeat(draw.below(6_000)),
            _ => draw.one_of(&ODD).to_owned(),
        }
    }

    fn pairs(&self, names: &[&'static str], draw: &mut Draw) -> String {
        let pairs: Vec<_> =
            (0..=draw.below(4)).map(|_| format!("{}={}", draw.one_of(names), self.value(draw))).collect();
        pairs.join("&")
    }

    /// The query of a page of the login, with its question mark.
    pub(crate) fn query(&self, draw: &mut Draw) -> String {
        let names = ["proof", "next", "name", "page", "attempt", "return", "shown", "without"];
        match draw.below(4) {
            0 => String::new(),
            1 => format!("?{}", self.pairs(&names, draw)),
            _ => format!(
                "?proof={}&{}",
                draw.one_of(&[&self.proofs[0], &self.proofs[1]]),
                self.pairs(&names, draw)
            ),
        }
    }

    /// A form of a page of the login.
    pub(crate) fn form(&self, draw: &mut Draw) -> String {
        let names = ["login_name", "return_to", "proof", "id", "x"];
        match draw.below(4) {
            0 => format!("login_name={}&return_to=/console", self.name),
            1 => format!("proof={}", draw.one_of(&[&self.proofs[0], &self.proofs[1]])),
            2 => format!("login_name={}&{}", self.name, self.pairs(&names, draw)),
            _ => self.pairs(&names, draw),
        }
    }
}
