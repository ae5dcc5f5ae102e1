//! The pages. Belongs here: what each template is given. Does not belong here: where it comes from (`routes`), or how it looks
//! (`templates/`).

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use iampass::web::pages::{Links, session_script_for};
use sea_orm::prelude::{ChronoUtc, DateTimeUtc};

use crate::errors::PageError;
use crate::fields::{LONGEST_ABOUT, LONGEST_DISPLAY_NAME, LONGEST_POST, Problem};
use crate::paging::Page;
use crate::posts::Post;
use crate::users::User;
use crate::visitor::Visitor;
use crate::{Blog, style};

/// The templates share what is behind `frame`, which they take by this name.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Result<Response, PageError> {
    Ok((status, Html(page.render()?)).into_response())
}

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Here {
    Home,
    Explore,
    Profile,
    Settings,
    Elsewhere,
}

/// The frame around every page.
pub(crate) struct Frame {
    title: String,
    style: &'static str,
    /// Covers the page while the user is away. A stranger's page has none.
    session_script: Option<String>,
    /// The login's own pages.
    links: Links,
    user: Option<User>,
    here: Here,
}

impl Frame {
    pub(crate) fn new(blog: &Blog, visitor: &Visitor, title: impl Into<String>, here: Here) -> Self {
        let site = blog.login.page_context();
        Self {
            title: title.into(),
            style: style::address(),
            session_script: visitor.user().map(|user| session_script_for(site, &user.display_name)),
            links: site.links.clone(),
            user: visitor.user().cloned(),
            here,
        }
    }

    /// Tells screen readers whether an entry leads to this page.
    fn current(&self, here: Here) -> &'static str {
        if self.here == here { "page" } else { "false" }
    }
}

/// A list of posts and the way to older ones.
pub(crate) struct Timeline {
    posts: Vec<ShownPost>,
    older: Option<String>,
    /// The text shown if there are none.
    empty: &'static str,
}

struct ShownPost {
    id: i64,
    author: User,
    text: String,
    at: Moment,
    is_mine: bool,
}

impl Timeline {
    /// As `visitor` sees it, at the address `path`.
    pub(crate) fn new(
        page: Page<(Post, User), i64>,
        visitor: &Visitor,
        path: &str,
        empty: &'static str,
    ) -> Self {
        let posts = page.items.into_iter().map(|(post, author)| ShownPost {
            id: post.id,
            is_mine: visitor.id() == Some(author.id),
            author,
            text: post.text,
            at: Moment::new(post.written_at, ChronoUtc::now()),
        });
        Self {
            posts: posts.collect(),
            older: page.next.map(|before| format!("{path}?before={before}")),
            empty,
        }
    }
}

/// A moment for a person.
struct Moment {
    exactly: String,
    in_words: String,
}

impl Moment {
    fn new(at: DateTimeUtc, now: DateTimeUtc) -> Self {
        let minutes = now.signed_duration_since(at).num_minutes();
        let in_words = match minutes {
            ..1 => "just now".to_owned(),
            1..60 => format!("{minutes} min ago"),
            60..1440 => format!("{} h ago", minutes / 60),
            _ => at.format("%-d %b %Y").to_string(),
        };
        Self { exactly: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), in_words }
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
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(crate) frame: Frame,
    pub(crate) timeline: Timeline,
    /// The written post that could not be stored, and why.
    pub(crate) draft: String,
    pub(crate) problem: Option<Problem>,
}

/// Everybody's posts.
#[derive(Template)]
#[template(path = "explore.html")]
pub(crate) struct ExplorePage {
    pub(crate) frame: Frame,
    pub(crate) timeline: Timeline,
}

/// A user and what the user writes.
#[derive(Template)]
#[template(path = "profile.html")]
pub(crate) struct ProfilePage {
    pub(crate) frame: Frame,
    pub(crate) user: User,
    /// The address of this page.
    pub(crate) path: String,
    pub(crate) timeline: Timeline,
    pub(crate) posts: u64,
    pub(crate) followers: u64,
    pub(crate) followed: u64,
    pub(crate) relation: Relation,
}

/// How the one who looks stands to the one who is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Same,
    Follows,
    DoesNotFollow,
    Stranger,
}

/// One side of a user's follows.
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage {
    pub(crate) frame: Frame,
    pub(crate) user: User,
    pub(crate) heading: &'static str,
    pub(crate) people: Vec<User>,
    pub(crate) more: Option<String>,
    pub(crate) empty: &'static str,
}

/// The form of somebody who is new.
#[derive(Template)]
#[template(path = "sign_up.html")]
pub(crate) struct SignUpPage {
    pub(crate) frame: Frame,
    pub(crate) name: String,
    pub(crate) name_problem: Option<Problem>,
    pub(crate) display_name: String,
    pub(crate) display_name_problem: Option<Problem>,
    /// A problem with none of the fields.
    pub(crate) problem: Option<Problem>,
}

/// A user's page after the first login.
#[derive(Template)]
#[template(path = "welcome.html")]
pub(crate) struct WelcomePage {
    pub(crate) frame: Frame,
}

/// The page of what a user can change.
#[derive(Template)]
#[template(path = "settings.html")]
pub(crate) struct SettingsPage {
    pub(crate) frame: Frame,
    pub(crate) display_name: String,
    pub(crate) display_name_problem: Option<Problem>,
    pub(crate) about: String,
    pub(crate) about_problem: Option<Problem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_people_tell_them() {
        let at = DateTimeUtc::from_timestamp(1_795_000_000, 0).unwrap();
        let after = |seconds: i64| {
            Moment::new(at, DateTimeUtc::from_timestamp(1_795_000_000 + seconds, 0).unwrap()).in_words
        };
        for (seconds, words) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "18 Nov 2026"),
        ] {
            assert_eq!(after(seconds), words);
        }
        assert_eq!(Moment::new(at, at).exactly, "2026-11-18T11:06:40Z");
    }
}
