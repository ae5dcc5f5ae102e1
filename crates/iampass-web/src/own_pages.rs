//! The protection of an application's own pages beside the login: which requests are the login's own, which forms are refused, and the
//! headers that bind browsers. Belongs here: the rules. The adapters' layers apply them.

use crate::answer::HttpAnswer;
use crate::login_web::LoginWeb;
use crate::request::Headers;
use crate::return_to::is_below;
use crate::routes::ROUTES;

/// Headers for each page of an application that has none of its own of that name: what a page may load and do (nothing from elsewhere,
/// and no script or style that stands in the page itself; the script of the login is allowed), that other sites get no referrer, that
/// types are not guessed, and that no page is kept, since each depends on the user who is signed in.
pub const PAGE_HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    // With `no-referrer`, browsers would not say which page a form comes from.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
];

impl<U: Clone + Send + Sync + 'static> LoginWeb<U> {
    /// Whether the login itself answers at this path, as the application sees it: with the path prefix in front or without. A guard
    /// around a whole application must let those requests through, or the login page would lead to itself.
    ///
    /// Only the paths of [`ROUTES`] are the login's own, and not all that begins with the mount.
    #[must_use]
    pub fn is_own_path(&self, path: &str) -> bool {
        let config = self.config();
        let is_route = |path: &str| {
            let Some(path) = path.strip_prefix(&*config.mount_path) else { return false };
            ROUTES.iter().any(|route| match path.strip_prefix(route.path) {
                Some("") => true,
                // The files: names of letters, digits and dots in between.
                Some(name) => {
                    route.path.ends_with('/')
                        && !name.contains("..")
                        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
                }
                None => false,
            })
        };
        is_route(path)
            || (is_below(path, &config.prefix) && path.strip_prefix(&*config.prefix).is_some_and(is_route))
    }

    /// Whether this browser sent a session cookie of this login, good or not (the whole `Cookie` header). The answer to it is for this
    /// browser alone.
    #[must_use]
    pub fn is_session_sent(&self, cookies: Option<&str>) -> bool {
        self.config().cookies.is_session_sent(cookies)
    }

    /// The answer to a request that would change something and was not sent by a page of the application. `None`: it may
    /// pass. `path` is the one that was asked for; the login's own routes see to themselves.
    ///
    /// Every browser of the last years says where such a request comes from, so forms need no token. The session cookie is
    /// `SameSite=Lax`, which alone would not keep out other sites of the same domain, nor forms that need no login.
    #[must_use]
    pub fn refuse_cross_site(&self, headers: &Headers, path: &str) -> Option<HttpAnswer> {
        let may_pass =
            headers.method.changes_nothing() || self.is_from_own_page(headers) || self.is_own_path(path);
        (!may_pass).then(|| self.refused_cross_site(headers))
    }

    /// The answer to a person who is led to an address that takes forms only, as the back button or a login can: the front page. `None`
    /// at the front page itself. `path` is the one that was asked for.
    #[must_use]
    pub fn instead_of_form_address(&self, path: &str) -> Option<HttpAnswer> {
        let home = &self.config().home;
        let is_home = self.config().own_place(path).as_str() == home || path == "/";
        (!is_home && !self.is_own_path(path)).then(|| HttpAnswer::see_other(home.clone()))
    }
}
