//! [`CompactSession`]: a session in little memory. Belongs here: sharing the part of the URLs that all sessions of a service have. Does not belong
//! here: when a session is put away.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Secret, ServiceUrl, Session, SessionToken};

/// How many forms of URLs are remembered: a service has one, and has another after an update.
const REMEMBERED: usize = 8;

/// The forms of URLs that sessions share: those of one service differ in the session's token only.
#[derive(Debug, Default)]
pub struct SessionUrls(Mutex<Vec<Arc<UrlForms>>>);

impl SessionUrls {
    /// Puts a session away. One whose URLs are like no other's takes more memory and is otherwise the same.
    ///
    /// ```
    /// use iampass_core::{Secret, Server, Session, SessionToken, SessionUrls};
    ///
    /// let server = Server::parse("https://login.example")?;
    /// let (status, logout) = ("https://login.example/status/T1", "https://login.example/close/T1");
    /// let session = Session::new(SessionToken::new("T1")?, Secret::new("s"), status, logout, &server)?;
    /// let compact = SessionUrls::default().compact(session);
    /// assert_eq!(compact.token().as_str(), "T1");
    /// assert_eq!(compact.session().status_url().as_str(), status);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn compact(&self, session: Session) -> CompactSession {
        let forms = self.forms_of(&session);
        let (token, secret) = session.into_credentials();
        CompactSession { token, secret, forms }
    }

    fn forms_of(&self, session: &Session) -> Arc<UrlForms> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(forms) = known.iter().find(|forms| forms.are_of(session)) {
            return Arc::clone(forms);
        }
        let forms = Arc::new(UrlForms::of(session));
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push(Arc::clone(&forms));
        forms
    }
}

/// A [`Session`] in little memory: see [`SessionUrls::compact`].
#[derive(Clone)]
pub struct CompactSession {
    token: SessionToken,
    secret: Secret,
    forms: Arc<UrlForms>,
}

impl CompactSession {
    /// The session's name.
    #[must_use]
    pub fn token(&self) -> &SessionToken {
        &self.token
    }

    /// The session as it was put away.
    #[must_use]
    pub fn session(&self) -> Session {
        let url = |form: &UrlForm| form.url(&self.token);
        let stream = self.forms.status_stream.as_ref().map(url);
        let (status, logout) = (url(&self.forms.status), url(&self.forms.logout));
        Session::of_checked(self.token.clone(), self.secret.clone(), status, logout, stream)
    }
}

impl fmt::Debug for CompactSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompactSession").field("token", &self.token).finish_non_exhaustive()
    }
}

/// The URLs of a session without its token.
#[derive(Debug)]
struct UrlForms {
    status: UrlForm,
    logout: UrlForm,
    status_stream: Option<UrlForm>,
}

impl UrlForms {
    fn of(session: &Session) -> Self {
        let form = |url| UrlForm::of(url, session.token());
        Self {
            status: form(session.status_url()),
            logout: form(session.logout_url()),
            status_stream: session.status_stream_url().map(form),
        }
    }

    /// Whether they give exactly this session's URLs.
    fn are_of(&self, session: &Session) -> bool {
        let is_of = |form: &UrlForm, url| form.is_of(url, session.token());
        is_of(&self.status, session.status_url())
            && is_of(&self.logout, session.logout_url())
            && match (&self.status_stream, session.status_stream_url()) {
                (Some(form), Some(url)) => is_of(form, url),
                (None, None) => true,
                _ => false,
            }
    }
}

#[derive(Debug)]
struct UrlForm {
    before: Box<str>,
    /// The text after the token. None: the token is not in the URL.
    after: Option<Box<str>>,
}

impl UrlForm {
    fn of(url: &ServiceUrl, token: &SessionToken) -> Self {
        match url.as_str().split_once(token.as_str()) {
            Some((before, after)) => Self { before: before.into(), after: Some(after.into()) },
            None => Self { before: url.as_str().into(), after: None },
        }
    }

    fn is_of(&self, url: &ServiceUrl, token: &SessionToken) -> bool {
        let Some(rest) = url.as_str().strip_prefix(&*self.before) else { return false };
        match &self.after {
            Some(after) => rest.strip_prefix(token.as_str()) == Some(after),
            None => rest.is_empty(),
        }
    }

    /// The URL of the session with this token, for which [`UrlForm::is_of`] was true: it was checked before it was taken apart.
    fn url(&self, token: &SessionToken) -> ServiceUrl {
        let Some(after) = &self.after else { return ServiceUrl::of_checked(self.before.to_string()) };
        let mut url = String::with_capacity(self.before.len() + token.as_str().len() + after.len());
        url.push_str(&self.before);
        url.push_str(token.as_str());
        url.push_str(after);
        ServiceUrl::of_checked(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;
    use crate::wire::SessionStatus;
    use proptest::prelude::*;

    fn server() -> Server {
        Server::parse("https://login.example").unwrap()
    }

    fn session(token: &str, paths: [&str; 2], stream: Option<&str>) -> Session {
        let url = |path: &str| format!("https://login.example/{path}");
        Session::new(
            SessionToken::new(token).unwrap(),
            Secret::new("the secret"),
            &url(paths[0]),
            &url(paths[1]),
            &server(),
        )
        .unwrap()
        .with_status_stream(stream.map(url).as_deref(), &server())
    }

    fn written(session: &Session) -> String {
        serde_json::to_string(&session.to_own_json(&SessionStatus::Active)).unwrap()
    }

    #[test]
    fn sessions_of_one_service_share_their_urls() {
        let urls = SessionUrls::default();
        let [first, second] = ["T1", "T2"].map(|token| {
            urls.compact(session(token, [&format!("s/{token}"), &format!("l/{token}?x")], None))
        });
        assert!(Arc::ptr_eq(&first.forms, &second.forms));
        assert_eq!(second.session().logout_url().as_str(), "https://login.example/l/T2?x");
    }

    #[test]
    fn no_session_gets_urls_of_another() {
        let urls = SessionUrls::default();
        let mut compact = Vec::new();
        for token in ["T1", "T2", "T1T1", "1", "T"] {
            for paths in [["s/T1", "l/T1"], ["T1/T1", "l"], ["s", "l"], ["T1T1", "T2"], ["s/T2", "l/1T"]] {
                for stream in [None, Some("e/T1"), Some("e")] {
                    let session = session(token, paths, stream);
                    compact.push((written(&session), urls.compact(session)));
                }
            }
        }
        for (before, compact) in compact {
            assert_eq!(written(&compact.session()), before);
        }
        assert!(urls.0.lock().unwrap().len() <= REMEMBERED);
    }

    #[test]
    fn debug_shows_nothing_of_the_secret() {
        let compact = SessionUrls::default().compact(session("T", ["s", "l"], None));
        assert!(!format!("{compact:?}").contains("the secret"));
    }

    proptest! {
        #[test]
        fn a_session_comes_back_as_it_was(
            tokens in prop::collection::vec("[a-c]{1,3}", 1..20), paths in prop::collection::vec("[a-c/]{0,6}", 60),
            streams in prop::collection::vec(prop::option::of("[a-c/]{0,6}"), 20),
        ) {
            let urls = SessionUrls::default();
            let sessions = tokens.iter().zip(paths.chunks(2)).zip(&streams);
            let kept: Vec<_> = sessions
                .map(|((token, paths), stream)| session(token, [&paths[0], &paths[1]], stream.as_deref()))
                .map(|session| (written(&session), urls.compact(session)))
                .collect();
            for (before, compact) in kept {
                prop_assert_eq!(written(&compact.session()), before);
            }
        }
    }
}
