//! The texts of a page, as its template and its handler ask for them. Belongs here: finding a text by its name, and marking what is put into it.
//! Does not belong here: the texts themselves (`iampass-texts`), and the language ([`super::speech`]).

use std::borrow::Borrow;
use std::fmt::Display;

use iampass_server_domain::rules::Role;

use super::frame::Frame;
use super::moment::Moment;
use super::speech::Speech;

impl Frame {
    /// A text of the page.
    pub(super) fn t<'a>(&'a self, id: &'a str) -> &'a str {
        self.speech.t(id)
    }

    /// Several texts, a sentence each.
    pub(super) fn all<const N: usize>(&self, ids: [&str; N]) -> Vec<String> {
        ids.map(|id| self.t(id).to_owned()).into()
    }

    /// A text with a value for its one variable.
    pub(super) fn one(&self, id: &str, name: &str, value: impl Display) -> String {
        self.speech.one(id, name, value)
    }

    /// The same with two.
    pub(super) fn two(&self, id: &str, first: (&str, impl Display), second: (&str, impl Display)) -> String {
        self.speech.two(id, first, second)
    }

    /// The form of a text for this number.
    pub(super) fn count(&self, id: &str, count: impl Into<u64>) -> String {
        self.speech.count(id, count.into())
    }

    /// So long, in the largest unit in which it is a whole number.
    pub(super) fn duration(&self, seconds: u64) -> String {
        self.speech.duration(seconds)
    }

    /// About so long, in a unit in which people say it.
    pub(super) fn about(&self, seconds: u64) -> String {
        self.speech.about(seconds)
    }

    /// Sessions that end, as a sentence. There may be more where there are `most`.
    pub(super) fn sessions_end(&self, sessions: u64, most: u64) -> String {
        self.speech.sessions_end(sessions, most)
    }

    /// A text whose variable is a time, as HTML.
    pub(super) fn time(&self, id: &str, name: &str, at: &Moment) -> String {
        let (machine, exact, words) = (at.machine(), at.exact(), escaped(&at.to_string()));
        let marked = format!("<time datetime=\"{machine}\" title=\"{exact}\">{words}</time>");
        Speech::fill(&escaped(self.t(id)), name, &marked)
    }

    /// A text whose variable stands in bold, as HTML.
    pub(super) fn bold(&self, id: &str, name: &str, value: impl Display) -> String {
        self.marked(id, name, "b", value)
    }

    /// A text whose variable is what somebody types or a program prints, as HTML.
    pub(super) fn code(&self, id: &str, name: &str, value: impl Display) -> String {
        self.marked(id, name, "code", value)
    }

    /// The name of a role. None is that of an administrator of the service, who is no member.
    pub(super) fn role(&self, role: impl Borrow<Option<Role>>) -> &str {
        self.t(match role.borrow() {
            Some(Role::Owner) => "role-owner",
            Some(Role::Developer) => "role-developer",
            Some(Role::ReadOnly) => "role-read-only",
            None => "role-administrator",
        })
    }

    /// The rights of a role.
    pub(super) fn role_may(&self, role: impl Borrow<Option<Role>>) -> &str {
        self.t(match role.borrow() {
            Some(Role::Owner) => "role-owner-may",
            Some(Role::Developer) => "role-developer-may",
            Some(Role::ReadOnly) => "role-read-only-may",
            None => "role-administrator-may",
        })
    }

    /// The same of a member.
    pub(super) fn role_of(&self, role: impl Borrow<Role>) -> &str {
        self.role(Some(*role.borrow()))
    }

    /// The same of a member.
    pub(super) fn role_of_may(&self, role: impl Borrow<Role>) -> &str {
        self.role_may(Some(*role.borrow()))
    }

    fn marked(&self, id: &str, name: &str, element: &str, value: impl Display) -> String {
        let value = escaped(&value.to_string());
        let direction = if element == "code" { "ltr" } else { "auto" };
        let marked = format!("<{element} dir=\"{direction}\">{value}</{element}>");
        Speech::fill(&escaped(self.t(id)), name, &marked)
    }
}

/// As text in HTML, also between quotes.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
