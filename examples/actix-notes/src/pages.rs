//! The pages. Belongs here: what each template is given. Does not belong here: where it comes from (`routes`), or how it looks
//! (`templates/`).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use askama::Template;
use iampass::core::UnixSeconds;
use iampass::web::pages::{Links, session_script_for};

use crate::errors::PageError;
use crate::fields::{LONGEST_TEXT, LONGEST_TITLE, Problem};
use crate::notes::{Note, Page};
use crate::users::User;
use crate::{Notebook, style};

/// The templates share what is behind `frame`, which they take by this name.
///
/// # Errors
/// When the template fails.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Result<HttpResponse, PageError> {
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(page.render()?))
}

/// The frame around every page.
pub(crate) struct Frame {
    title: &'static str,
    style: &'static str,
    /// Covers the page while the user is away. A stranger's page has none.
    session_script: Option<String>,
    /// The login's own pages.
    links: Links,
    /// The user's name, unless it is a stranger's page.
    name: Option<String>,
}

impl Frame {
    /// Of a page of this user, or of a stranger.
    pub(crate) fn new(notebook: &Notebook, user: Option<&User>, title: &'static str) -> Self {
        let site = notebook.login.page_context();
        Self {
            title,
            style: style::address(),
            session_script: user.map(|user| session_script_for(site, &user.name)),
            links: site.links.clone(),
            name: user.map(|user| user.name.clone()),
        }
    }
}

/// A stranger's page at `/`.
#[derive(Template)]
#[template(path = "landing.html")]
pub(crate) struct LandingPage {
    pub(crate) frame: Frame,
}

/// A user's page at `/`.
#[derive(Template)]
#[template(path = "notes.html")]
pub(crate) struct NotesPage {
    pub(crate) frame: Frame,
    notes: Vec<Listed>,
    older: Option<String>,
    is_first: bool,
}

struct Listed {
    note: Note,
    changed: String,
}

impl NotesPage {
    /// Of these notes, which are the newest if `is_first`.
    pub(crate) fn new(frame: Frame, page: Page, is_first: bool, now: UnixSeconds) -> Self {
        let listed = |note: Note| Listed { changed: ago(note.changed_at(), now), note };
        Self {
            frame,
            notes: page.notes.into_iter().map(listed).collect(),
            older: page.more_before.map(|before| format!("/?before={before}")),
            is_first,
        }
    }
}

/// How long ago something was, for a person.
fn ago(at: UnixSeconds, now: UnixSeconds) -> String {
    let minutes = now.since(at).as_secs() / 60;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{} h ago", minutes / 60),
        1440..2880 => "yesterday".to_owned(),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// The form of one note, with what is in its fields.
#[derive(Template)]
#[template(path = "note.html")]
pub(crate) struct NotePage {
    pub(crate) frame: Frame,
    /// Which one, unless it is new.
    pub(crate) id: Option<i64>,
    pub(crate) title: String,
    pub(crate) title_problem: Option<Problem>,
    pub(crate) text: String,
    pub(crate) text_problem: Option<Problem>,
}

/// The form of somebody who is new.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub(crate) struct SignUpPage {
    pub(crate) frame: Frame,
    pub(crate) name: String,
    pub(crate) name_problem: Option<Problem>,
    /// A problem that is not with the name.
    pub(crate) problem: Option<Problem>,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let at = UnixSeconds(1_795_000_000);
        for (seconds, words) in [
            (59, "just now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "yesterday"),
            (172_800, "2 days ago"),
        ] {
            assert_eq!(ago(at, at.plus(Duration::from_secs(seconds))), words);
        }
        assert_eq!(ago(at, UnixSeconds(0)), "just now", "the clock was set back");
    }
}
