//! Posts: of those whom one follows, of everybody, writing and deleting.

use std::convert::Infallible;
use std::time::Duration;

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Redirect, Response};
use futures_util::{Stream, stream};
use iampass::axum::WithBody;
use serde::Deserialize;

use super::{Asked, Named, before};
use crate::Blog;
use crate::errors::PageError;
use crate::fields::{self, Problem};
use crate::login::CurrentUser;
use crate::pages::{ExplorePage, Frame, Here, HomePage, LandingPage, Timeline, show};
use crate::posts::{Deletion, Whose};
use crate::users::User;
use crate::visitor::Visitor;

/// How often it is looked whether there is something new.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// `GET /`
pub(super) async fn home(
    State(blog): State<Blog>,
    visitor: Visitor,
    asked: Asked,
) -> Result<Response, PageError> {
    if visitor.user().is_none() {
        return show(
            StatusCode::OK,
            &LandingPage { frame: Frame::new(&blog, &visitor, "Microblog", Here::Home) },
        );
    }
    show_home(&blog, &visitor, before(&asked), String::new(), None).await
}

async fn show_home(
    blog: &Blog,
    visitor: &Visitor,
    before: Option<i64>,
    draft: String,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let whose = visitor.id().map_or(Whose::All, Whose::FollowedBy);
    let posts = blog.posts.page(whose, before).await?;
    let empty = "Nothing here yet. Write something, or explore what others write and follow them.";
    let page = HomePage {
        frame: Frame::new(blog, visitor, "Home", Here::Home),
        timeline: Timeline::new(posts, visitor, "/", empty),
        draft,
        problem,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &page)
}

/// `GET /explore`
pub(super) async fn explore(
    State(blog): State<Blog>,
    visitor: Visitor,
    asked: Asked,
) -> Result<Response, PageError> {
    let posts = blog.posts.page(Whose::All, before(&asked)).await?;
    let page = ExplorePage {
        frame: Frame::new(&blog, &visitor, "Explore", Here::Explore),
        timeline: Timeline::new(posts, &visitor, "/explore", "Nobody has written anything yet."),
    };
    show(StatusCode::OK, &page)
}

/// `GET /posts/events`: says `news` when there is something new at home, by Server-Sent Events.
///
/// It lasts longer than a request. So it ends by itself when the user signs out, here or on the phone, and when the user walks away.
pub(super) async fn events(
    State(blog): State<Blog>,
    user: CurrentUser,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let whose = Whose::FollowedBy(user.id);
    let news = stream::unfold((blog, None), move |(blog, seen)| async move {
        loop {
            match blog.posts.newest(whose).await {
                Ok(newest) if newest.is_some() && newest != seen => {
                    return Some((Ok(Event::default().event("news").data("now")), (blog, newest)));
                }
                Ok(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
                // The page comes back by itself, and then there may be an answer.
                Err(_) => return None,
            }
        }
    });
    Sse::new(user.while_present(news)).keep_alive(KeepAlive::default())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    text: String,
}

/// `POST /posts`
pub(super) async fn write(
    State(blog): State<Blog>,
    WithBody(user, form): WithBody<User, Result<Form<Written>, FormRejection>>,
) -> Result<Response, PageError> {
    let Form(Written { text }) = form.map_err(|rejection| PageError::form(&rejection))?;
    match fields::post(&text) {
        Ok(text) => {
            blog.posts.write(user.id, &text).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(problem) => show_home(&blog, &Visitor::known(user), None, text, Some(problem)).await,
    }
}

/// `POST /posts/{id}/delete`
pub(super) async fn delete(
    State(blog): State<Blog>,
    user: CurrentUser,
    Named(id): Named,
) -> Result<Redirect, PageError> {
    let id = id.parse().map_err(|_| PageError::NotFound)?;
    match blog.posts.delete(id, user.id).await? {
        Deletion::Done => Ok(Redirect::to(&format!("/u/{}", user.name))),
        Deletion::NotYours => Err(PageError::NotYours),
        Deletion::NoPost => Err(PageError::NotFound),
    }
}
