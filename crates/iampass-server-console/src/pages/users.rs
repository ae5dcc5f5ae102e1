//! The users of an application: finding them, and adding some.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;
use iampass_core::UserToken;
use iampass_server_domain::rules::Act;
use iampass_server_storage::{ListedUser, UsersAdded, UsersFrom, UsersPage};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::Asked;
use crate::access::InApplication;
use crate::fields::Fields;
use crate::frame::{Frame, Tab, done, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::speech::Speech;
use crate::state::Console;

const ON_A_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "console/users.html")]
struct UserListPage {
    frame: Frame,
    users: UsersPage,
    /// The prefix of the ids.
    prefix: String,
    is_first: bool,
    may_manage: bool,
    added: Option<String>,
    typed: String,
    problem: Option<String>,
}

impl UserListPage {
    fn added_at(&self, user: &ListedUser) -> Moment {
        self.frame.moment(user.added_at)
    }

    fn phone_since(&self, user: &ListedUser) -> Option<Moment> {
        user.phone_since.map(|at| self.frame.moment(at))
    }

    fn earlier(&self) -> Option<String> {
        let first = self.users.users.first().filter(|_| self.users.has_earlier)?;
        Some(self.place(&[("before", &first.id)]))
    }

    fn later(&self) -> Option<String> {
        let last = self.users.users.last().filter(|_| self.users.has_later)?;
        Some(self.place(&[("after", &last.id)]))
    }

    fn start(&self) -> String {
        self.place(&[])
    }

    /// This list at another place.
    fn place(&self, position: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        if !self.prefix.is_empty() {
            query.append_pair("q", &self.prefix);
        }
        query.extend_pairs(position);
        match query.finish().as_str() {
            "" => format!("{}/users", self.frame.in_it()),
            query => format!("{}/users?{query}", self.frame.in_it()),
        }
    }
}

/// The part of the list to be shown, and the notice above it.
struct Shown {
    prefix: String,
    from: UsersFrom,
    notice: Option<&'static str>,
    added: Option<String>,
    /// The text that was typed into the form and refused, and the reason.
    typed: String,
    problem: Option<String>,
}

impl Shown {
    fn start() -> Self {
        Self {
            prefix: String::new(),
            from: UsersFrom::Start,
            notice: None,
            added: None,
            typed: String::new(),
            problem: None,
        }
    }
}

/// `GET /console/applications/{application}/users`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    // No id holds a control character, and PostgreSQL stores no NUL: what cannot be an id is looked for as nothing.
    let word = |name: &str| {
        let text = asked.get(name).map_or("", |text| text.trim());
        Some(text.to_owned()).filter(|text| !text.is_empty() && !text.contains(char::is_control))
    };
    let from = match (word("after"), word("before")) {
        (Some(id), _) => UsersFrom::After(id),
        (None, Some(id)) => UsersFrom::Before(id),
        (None, None) => UsersFrom::Start,
    };
    let count = |name: &str| asked.get(name).and_then(|count| count.parse().ok()).unwrap_or(0);
    let is_deleted = asked.get("done").map(String::as_str) == Some("deleted");
    let shown = Shown {
        prefix: word("q").unwrap_or_default(),
        from,
        notice: is_deleted.then_some("users-deleted"),
        added: said(&Speech::asked(), count("created"), count("existing")),
        ..Shown::start()
    };
    show_users(StatusCode::OK, &console, &here, shown).await
}

async fn show_users(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    shown: Shown,
) -> Result<Response, PageError> {
    let is_first = shown.from == UsersFrom::Start;
    let database = console.database();
    let users = database.users_of(here.application().key, &shown.prefix, shown.from, ON_A_PAGE).await?;
    let page = UserListPage {
        frame: Frame::in_application(console, here, "users-title", Tab::Users).with_notice(shown.notice),
        users,
        prefix: shown.prefix,
        is_first,
        may_manage: here.may(Act::ManageUsers),
        added: shown.added,
        typed: shown.typed,
        problem: shown.problem,
    };
    show(status, &page)
}

/// The number of users added, for people.
fn said(speech: &Speech, created: usize, existing: usize) -> Option<String> {
    match (created, existing) {
        (0, 0) => None,
        (0, existing) => Some(speech.one("users-were-here", "existing", existing)),
        (created, 0) => Some(speech.one("users-were-added", "created", created)),
        _ => Some(speech.two("users-were-added-and-here", ("created", created), ("existing", existing))),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewUsers {
    users: String,
}

/// `POST /console/applications/{application}/users/add`
pub(crate) async fn add(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<NewUsers>,
) -> Result<Response, PageError> {
    let users = match ids(&Speech::asked(), &given.users, console.facts().users_per_call) {
        Ok(users) => users,
        Err(problem) => {
            let shown = Shown { typed: given.users, problem: Some(problem), ..Shown::start() };
            return show_users(StatusCode::UNPROCESSABLE_ENTITY, &console, &here, shown).await;
        }
    };
    let application = here.application().key;
    let added = console
        .database()
        .add_users_noted(application, users, here.actor(), here.noted("users.added", None))
        .await?;
    let added = match added {
        UsersAdded::Added(added) => added,
        UsersAdded::NoRoom { most } => {
            let problem = Some(Speech::asked().one("users-no-room", "most", most));
            let shown = Shown { typed: given.users, problem, ..Shown::start() };
            return show_users(StatusCode::CONFLICT, &console, &here, shown).await;
        }
    };
    let list = format!("{}/applications/{}/users", console.base(), here.application().id);
    if let ([one], []) | ([], [one]) = (added.created.as_slice(), added.existing.as_slice()) {
        // One: what comes next is the phone.
        let found = console.database().users_of(application, one.as_str(), UsersFrom::Start, 1).await?;
        if let Some(user) = found.users.first().filter(|user| user.id == one.as_str()) {
            let word = if added.created.is_empty() { "existing" } else { "added" };
            return Ok(done(&format!("{list}/{}", user.key.0), word));
        }
    }
    let (created, existing) = (added.created.len(), added.existing.len());
    Ok(Redirect::to(&format!("{list}?created={created}&existing={existing}")).into_response())
}

/// The ids of a text, one a line.
fn ids(speech: &Speech, text: &str, most: usize) -> Result<Vec<UserToken>, String> {
    let mut users = Vec::new();
    for (line, id) in text.lines().map(str::trim).enumerate().filter(|(_, id)| !id.is_empty()) {
        if users.len() == most {
            return Err(speech.one("users-too-many", "most", most));
        }
        let user = UserToken::new(id).map_err(|_| speech.one("users-line-wrong", "line", line + 1))?;
        users.push(user);
    }
    if users.is_empty() { Err(speech.t("users-none-given").to_owned()) } else { Ok(users) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_one_a_line() {
        let read = |text: &str| {
            ids(&Speech::english(), text, 3)
                .map(|users| users.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(read("a\r\n  b c \n\n"), Ok(vec!["a".to_owned(), "b c".to_owned()]));
        assert!(read(" \n ").unwrap_err().contains("at least one"));
        assert!(read("a\nb\nc\nd").unwrap_err().contains("at most 3"));
        assert!(read("a\nb\u{7}").unwrap_err().starts_with("Line 2 "));
    }

    #[test]
    fn what_was_added_is_said() {
        let said = |created, existing| said(&Speech::english(), created, existing);
        assert_eq!(said(0, 0), None);
        assert_eq!(said(2, 1).as_deref(), Some("Added: 2. Here already: 1."));
    }
}
