//! Where the pages' links and forms go. Belongs here: addresses. Does not belong here: what is answered there.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Where the pages' links and forms go. All are below the mount.
///
/// They are paths as browsers see them, so a path prefix is part of the mount here.
///
/// ```
/// use iampass_web::pages::Links;
///
/// let links = Links { mount_path: "/auth".to_owned() };
/// assert_eq!(links.login(), "/auth/login");
/// assert_eq!(links.wait("a+b"), "/auth/login/wait?proof=a%2Bb");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The path under which the routes are mounted: it begins with a slash and ends without one.
    pub mount_path: String,
}

macro_rules! links {
    ($($(#[$doc:meta])* $name:ident: $path:literal),+ $(,)?) => {
        impl Links {
            $($(#[$doc])* #[must_use] pub fn $name(&self) -> String { self.at($path) })+
        }
    };
}

links! {
    /// The login page; its form is sent there too.
    login: "/login",
    /// Begins a login without a name (POST).
    code: "/login/code",
    /// Where the browser of a login comes back to from the phone's page.
    returned: "/login/returned",
    /// Takes a login back (POST).
    cancel: "/login/cancel",
    /// Keeps the language `to`, and goes back ([`Links::language_to`]).
    language: "/language",
    /// Ends this browser's session (POST).
    logout: "/logout",
    /// Registering a phone. Without a ticket it says how to get one.
    enrol: "/enrol",
    /// The events of a registration under way.
    enrol_events: "/enrol/events",
    /// The same, for asking again and again.
    enrol_state: "/enrol/state",
    /// Where the user is logged in.
    sessions: "/sessions",
    /// Ends one session (POST, with its `id`).
    sessions_end: "/sessions/end",
    /// Ends all sessions of the user (POST).
    sessions_end_all: "/sessions/end-all",
    /// The page about a lost phone; its form is sent there too.
    lost_phone: "/lost-phone",
    /// Stops the replacement of a phone that was asked for (POST).
    lost_phone_stop: "/lost-phone/stop",
    /// Exchanges a recovery code for a link (POST, with `login_name` and `recovery_code`).
    lost_phone_code: "/lost-phone/code",
    /// Makes a link that adds a phone (POST).
    lost_phone_add: "/lost-phone/add",
    /// Makes a browser unknown (POST, with its `id`).
    browsers_forget: "/browsers/forget",
    /// Makes all browsers unknown (POST).
    browsers_forget_all: "/browsers/forget-all",
    /// The events of a session: `present`, `away`, `ended`.
    session_events: "/session/events",
    /// The same, for asking again and again.
    session_state: "/session/state",
}

impl Links {
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.mount_path)
    }

    /// Keeps a language, and goes back: to the login page, which goes on to `return_to`, or to the list of sessions.
    #[must_use]
    pub fn language_to(&self, tag: &str, return_to: Option<&str>) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let back = match return_to {
            Some(return_to) => format!("next={}", encoded(return_to)),
            None => "back=sessions".to_owned(),
        };
        format!("{}?to={}&{back}", self.language(), encoded(tag))
    }

    /// Keeps a language, and goes back to a page of the application's own that offers languages: its path and query.
    #[must_use]
    pub fn language_at(&self, tag: &str, page: &str) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        format!("{}?to={}&back=page&next={}", self.language(), encoded(tag), encoded(page))
    }

    /// The login page, from where it goes on to `return_to`.
    #[must_use]
    pub fn login_to(&self, return_to: &str) -> String {
        match return_to {
            "" | "/" => self.login(),
            place => format!("{}?next={}", self.login(), utf8_percent_encode(place, NON_ALPHANUMERIC)),
        }
    }

    /// The page that waits for the phone.
    #[must_use]
    pub fn wait(&self, proof: &str) -> String {
        self.proved("/login/wait", proof)
    }

    /// The events of a login under way.
    #[must_use]
    pub fn wait_events(&self, proof: &str) -> String {
        self.proved("/login/events", proof)
    }

    /// The same, for asking again and again.
    #[must_use]
    pub fn wait_state(&self, proof: &str) -> String {
        self.proved("/login/state", proof)
    }

    /// The page that waits for the phone, asked for by one that shows nothing to accept any more.
    #[must_use]
    pub fn wait_after(&self, proof: &str) -> String {
        self.wait(proof) + "&shown=nothing"
    }

    /// The picture by which a page says that it has arrived.
    #[must_use]
    pub fn arrived(&self, page: &str) -> String {
        format!("{}/login/arrived?page={}", self.mount_path, utf8_percent_encode(page, NON_ALPHANUMERIC))
    }

    /// The file of this name, see [`Assets`](super::Assets).
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        format!("{}/assets/{name}", self.mount_path)
    }

    fn proved(&self, path: &str, proof: &str) -> String {
        format!("{}{path}?proof={}", self.mount_path, utf8_percent_encode(proof, NON_ALPHANUMERIC))
    }
}
