//! The answer to a proxy that asks whether a request may come in. Belongs here: the decision, and its answer. Does not belong here: rules, users and
//! sessions, which are asked for.
//!
//! There is one way in: `Verdict::In`. All that is missing, in doubt or cannot be found out leads to another verdict.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use iampass_axum::into_response;
use iampass_web::{Headers, HttpAnswer, LoginWeb, Method, ProxyNetworks, Refusal};

use crate::identity::IdentityHeaders;
use crate::once_a_minute::OnceAMinute;
use crate::original::{Asking, Original, Unclear, leaves_http, other_path};
use crate::path::{self, ReadPath};
use crate::rules::Rules;
use crate::users::User;

/// Where the gate's own pages are, in each guarded site.
pub const MOUNT: &str = "/_iampass";

/// Decides on requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    login: LoginWeb<User>,
    origin: String,
    rules: Rules,
    headers: IdentityHeaders,
    proxies: ProxyNetworks,
    logged: OnceAMinute<Logged>,
}

/// The kinds of lines that requests cause in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Logged {
    Refused(Unclear),
    /// The header of this name makes a path ambiguous.
    OtherPath(&'static str),
}

/// The decision on a request.
#[derive(Debug)]
enum Verdict {
    /// It may come in, for this user or for a stranger.
    In(Option<User>),
    /// This answer is given in its place.
    Answer(HttpAnswer),
    /// A person has set something up wrongly, or tries something.
    Refused(StatusCode, String),
}

impl Gate {
    /// A gate for this login, at the origin of the guarded site.
    #[must_use]
    pub fn new(
        login: LoginWeb<User>,
        origin: impl Into<String>,
        rules: Rules,
        headers: IdentityHeaders,
        proxies: ProxyNetworks,
    ) -> Self {
        let logged = OnceAMinute::default();
        Self { inner: Arc::new(Inner { login, origin: origin.into(), rules, headers, proxies, logged }) }
    }

    /// The login.
    #[must_use]
    pub fn login(&self) -> &LoginWeb<User> {
        &self.inner.login
    }

    /// Answers a proxy's question. `peer` is the other end of the connection.
    pub async fn answer(&self, peer: IpAddr, headers: &HeaderMap) -> Response {
        if !self.inner.proxies.contains(peer) {
            return told(
                StatusCode::FORBIDDEN,
                "This address is for the proxy. If you are it, name your address in trusted_proxies.",
            );
        }
        match Original::of_question(headers) {
            Err(unclear) => {
                if self.inner.logged.is_due(Logged::Refused(unclear)) {
                    tracing::warn!("a proxy's question was refused: {unclear}");
                }
                told(StatusCode::BAD_REQUEST, &unclear.to_string())
            }
            Ok(original) => {
                let asking = original.asking;
                let is_for_gate =
                    original.address.strip_prefix(MOUNT).is_some_and(|rest| rest.starts_with('/'));
                let mut response = match self.verdict(&original, headers, is_for_gate).await {
                    Verdict::In(user) => self.let_in(user.as_ref()),
                    Verdict::Answer(answer) => into_response(answer),
                    Verdict::Refused(status, text) => told(status, &text),
                };
                // nginx takes any other answer for a fault. It comes once more for the page.
                if asking == Asking::Original && response.status().is_redirection() {
                    *response.status_mut() = StatusCode::UNAUTHORIZED;
                }
                response
            }
        }
    }

    /// Answers a request that the proxy has refused and hands on, to be told why. It is never let in: the site is not here.
    pub async fn answer_refused(&self, original: &Original, headers: &HeaderMap) -> Response {
        match self.verdict(original, headers, false).await {
            // The state has changed between the question and this request.
            Verdict::In(_) => {
                let asked = asked(original, headers);
                into_response(self.inner.login.refusal(Refusal::Unavailable, &asked, &original.address))
            }
            Verdict::Answer(answer) => into_response(answer),
            Verdict::Refused(status, text) => told(status, &text),
        }
    }

    /// `is_for_gate`: a proxy asks about an address that it has to send to the gate.
    async fn verdict(&self, original: &Original, headers: &HeaderMap, is_for_gate: bool) -> Verdict {
        let Inner { login, origin, rules, headers: identity, logged, .. } = &*self.inner;
        if !original.is_at(origin) {
            let text = format!("This gate guards {origin}, and this is another address.");
            return Verdict::Refused(StatusCode::MISDIRECTED_REQUEST, text);
        }
        if identity.are_in(headers) {
            if logged.is_due(Logged::Refused(Unclear::Identity)) {
                tracing::warn!("a request was refused: {}", Unclear::Identity);
            }
            return Verdict::Refused(StatusCode::BAD_REQUEST, Unclear::Identity.to_string());
        }
        if leaves_http(original, headers) {
            if logged.is_due(Logged::Refused(Unclear::OtherProtocol)) {
                tracing::warn!("a request was refused: {}", Unclear::OtherProtocol);
            }
            return Verdict::Refused(StatusCode::BAD_REQUEST, Unclear::OtherProtocol.to_string());
        }
        let asked = asked(original, headers);
        let Ok(path) = path::read(&original.address) else {
            return Verdict::Answer(login.unreadable_address(&asked));
        };
        if is_own(&path) {
            return if is_for_gate {
                let text = format!(
                    "{MOUNT}/ is not guarded: the proxy has to send it to the gate. Take its lines from `iampass-gate proxy`."
                );
                Verdict::Refused(StatusCode::INTERNAL_SERVER_ERROR, text)
            } else {
                Verdict::Answer(login.not_found(&asked))
            };
        }
        let path = match other_path(headers) {
            None => path,
            Some(name) => {
                if logged.is_due(Logged::OtherPath(name)) {
                    tracing::warn!(
                        "a request with the header {name} had to meet all rules: it names a path that no rule sees. \
                         If a proxy further out adds the header, let the last one take it away"
                    );
                }
                ReadPath::Ambiguous
            }
        };
        let demand = rules.demand(&path, original.asked_method(headers));
        match login.current(asked.cookie.as_deref(), None).await {
            Ok((_, user)) if demand.lets_in(&user) => Verdict::In(Some(user)),
            Ok((_, user)) => Verdict::Answer(login.forbidden(&user, &asked)),
            Err(_) if demand.lets_strangers_in() => Verdict::In(None),
            Err(refusal) => Verdict::Answer(login.refusal(refusal, &asked, &original.address)),
        }
    }

    fn let_in(&self, user: Option<&User>) -> Response {
        let mut response = Response::new(Body::empty());
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.inner.headers.write(user, response.headers_mut());
        response
    }
}

/// Whether some server may take a path for one of the gate's own.
fn is_own(path: &ReadPath) -> bool {
    matches!(path, ReadPath::Plain(segments) if segments.first().is_some_and(|first| first.folded == MOUNT[1..]))
}

/// The headers that the login reads, as those of the request itself.
fn asked(original: &Original, headers: &HeaderMap) -> Headers {
    Headers::collect(Method::named(&original.method), |name| {
        headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
    })
}

fn told(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
