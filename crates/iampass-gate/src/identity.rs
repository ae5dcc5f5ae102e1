//! The headers by which the site is told who the user is. Belongs here: their names, and how values are written.

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::original::as_cgi_reads;
use crate::users::User;

/// The header that lists the names of the others, for the file of HAProxy.
pub const LIST: HeaderName = HeaderName::from_static("iampass-identity");

/// Escaped in values: all but the visible characters of ASCII and the space, and the percent sign itself, so that there is one way back.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// In a list of groups the comma stands between two of them.
const ESCAPED_IN_LIST: &AsciiSet = &ESCAPED.add(b',');

/// The names of the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityHeaders {
    /// The login name.
    pub user: HeaderName,
    /// The name that people read.
    pub name: Option<HeaderName>,
    /// The groups, with commas between them.
    pub groups: Option<HeaderName>,
    /// The e-mail address.
    pub email: Option<HeaderName>,
}

impl Default for IdentityHeaders {
    fn default() -> Self {
        Self {
            user: HeaderName::from_static("remote-user"),
            name: Some(HeaderName::from_static("remote-name")),
            groups: Some(HeaderName::from_static("remote-groups")),
            email: Some(HeaderName::from_static("remote-email")),
        }
    }
}

impl IdentityHeaders {
    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        [Some(&self.user), self.name.as_ref(), self.groups.as_ref(), self.email.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Whether a client has sent one of them, in any way that a site reads as one. The usual names are among them, whatever this gate's own are: a site may
    /// believe one that the gate leaves out.
    #[must_use]
    pub fn are_in(&self, headers: &HeaderMap) -> bool {
        let usual = Self::default();
        headers.keys().any(|sent| {
            let sent = as_cgi_reads(sent);
            self.names().chain(usual.names()).any(|own| as_cgi_reads(own) == sent)
        })
    }

    /// Writes all of them into an answer, and the list of their names. One that says nothing is there with an empty value: Caddy 2.6 puts the name of
    /// a variable of its own into the place of one that is missing, and a site would take that for a user.
    pub fn write(&self, user: Option<&User>, headers: &mut HeaderMap) {
        let groups = |user: &User| {
            let list =
                user.groups.iter().map(|group| utf8_percent_encode(group, ESCAPED_IN_LIST).to_string());
            list.collect::<Vec<_>>().join(",")
        };
        let names: Vec<_> = self.names().map(HeaderName::as_str).collect();
        let values = [
            (Some(&LIST), Some(names.join(","))),
            (Some(&self.user), user.map(|user| written(&user.login))),
            (self.name.as_ref(), user.map(|user| written(&user.display_name))),
            (self.groups.as_ref(), user.map(groups)),
            (self.email.as_ref(), user.and_then(|user| user.email.as_deref()).map(written)),
        ];
        for (name, value) in values {
            // All that is left in a value is visible ASCII and spaces.
            if let (Some(name), Ok(value)) = (name, HeaderValue::try_from(value.unwrap_or_default())) {
                headers.insert(name, value);
            }
        }
    }
}

fn written(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use super::*;

    #[test]
    fn values_are_written_so_that_nothing_breaks_out_and_there_is_one_way_back() {
        let user = User {
            login: "änna\r\nRemote-Groups: ops".to_owned(),
            display_name: "Anna Müller, 100%".to_owned(),
            groups: vec!["a,b".to_owned(), "c%2Cd".to_owned()],
            email: None,
        };
        let mut headers = HeaderMap::new();
        IdentityHeaders::default().write(Some(&user), &mut headers);
        assert_eq!(headers["remote-user"], "%C3%A4nna%0D%0ARemote-Groups: ops");
        assert_eq!(headers["remote-name"], "Anna M%C3%BCller, 100%25");
        assert_eq!(headers["remote-groups"], "a%2Cb,c%252Cd");
        assert_eq!(headers["remote-email"], "");
        let back = percent_decode_str(headers["remote-user"].to_str().unwrap()).decode_utf8().unwrap();
        assert_eq!(back, user.login);
    }

    #[test]
    fn nothing_is_said_of_a_stranger() {
        let mut headers = HeaderMap::new();
        IdentityHeaders::default().write(None, &mut headers);
        assert_eq!(headers[LIST], "remote-user,remote-name,remote-groups,remote-email");
        for name in IdentityHeaders::default().names() {
            assert_eq!(headers[name], "");
        }
    }

    #[test]
    fn a_header_of_a_client_is_seen_in_any_spelling() {
        let names = IdentityHeaders::default();
        for sent in
            ["remote-user", "remote_user", "remote.user", "remote+user", "remote-groups", "remote_email"]
        {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(sent), HeaderValue::from_static("root"));
            assert!(names.are_in(&headers), "{sent}");
        }
        // Also where the gate leaves it out, or has another name for it.
        let other = IdentityHeaders {
            user: HeaderName::from_static("x-user"),
            groups: None,
            ..IdentityHeaders::default()
        };
        for sent in ["remote-groups", "remote_user", "x_user"] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(sent), HeaderValue::from_static("ops"));
            assert!(other.are_in(&headers), "{sent}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("remote-users", HeaderValue::from_static("root"));
        assert!(!names.are_in(&headers));
    }
}
