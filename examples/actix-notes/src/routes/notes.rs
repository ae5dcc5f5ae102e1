//! Notes: the list of one's own, writing, changing and deleting.

use std::collections::BTreeMap;
use std::io;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data, Form, Path, Query};
use futures_util::{TryStreamExt as _, stream};
use iampass::actix::WithBody;
use serde::Deserialize;

use super::{Outcome, Visitor, go_to, known};
use crate::Notebook;
use crate::errors::PageError;
use crate::fields;
use crate::login::CurrentUser;
use crate::notes::Content;
use crate::pages::{Frame, LandingPage, NotePage, NotesPage, show};
use crate::users::User;

/// The form of a note. A missing field is as good as an empty one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Written {
    title: String,
    text: String,
}

/// `GET /`
pub(super) async fn front_page(
    notebook: Data<Notebook>,
    visitor: Visitor,
    asked: Query<BTreeMap<String, String>>,
) -> Outcome {
    let Some(user) = known(visitor)? else {
        return show(StatusCode::OK, &LandingPage { frame: Frame::new(&notebook, None, "Notes") });
    };
    // A place that cannot be read is as good as none.
    let before = asked.get("before").and_then(|before| before.parse().ok());
    let page = notebook.notes.page(user.id, before).await?;
    let frame = Frame::new(&notebook, Some(&user), "Notes");
    show(StatusCode::OK, &NotesPage::new(frame, page, before.is_none(), notebook.now()))
}

/// `GET /notes.txt`: all notes in one file, page by page, so that there may be any number of them.
///
/// It may last longer than a request should. So it breaks off when the user signs out, here or on the phone, and when the user walks away. The
/// browser says then that the file is not whole.
pub(super) async fn download(notebook: Data<Notebook>, user: CurrentUser) -> HttpResponse {
    let id = user.id;
    let pages = stream::unfold(Some(None), move |before: Option<Option<i64>>| {
        let notes = notebook.notes.clone();
        async move {
            let page = match notes.page(id, before?).await {
                Ok(page) => page,
                Err(error) => return Some((Err(error), None)),
            };
            let texts = page.notes.iter().map(|note| format!("# {}\n\n{}\n\n", note.title, note.text));
            Some((Ok(Bytes::from(texts.collect::<String>())), page.more_before.map(Some)))
        }
    });
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=notes.txt"))
        .streaming(
            user.while_present(pages.map_err(io::Error::other))
                .or_fail(io::Error::other("the user has left")),
        )
}

/// The written note, checked.
///
/// # Errors
/// The page that says what is wrong with it.
fn checked(
    notebook: &Notebook,
    user: &CurrentUser,
    id: Option<i64>,
    written: Written,
) -> Result<Content, Box<NotePage>> {
    match (fields::title(&written.title), fields::text(&written.text)) {
        (Ok(title), Ok(text)) => Ok(Content { title, text }),
        (title, text) => Err(Box::new(NotePage {
            title_problem: title.err(),
            text_problem: text.err(),
            ..form(notebook, user, id, written.title, written.text)
        })),
    }
}

/// The form with this in its fields.
fn form(notebook: &Notebook, user: &CurrentUser, id: Option<i64>, title: String, text: String) -> NotePage {
    let heading = if id.is_some() { "Change a note" } else { "Write a note" };
    let frame = Frame::new(notebook, Some(user), heading);
    NotePage { frame, id, title, title_problem: None, text, text_problem: None }
}

/// `GET /notes/new`
pub(super) async fn new_page(notebook: Data<Notebook>, user: CurrentUser) -> Outcome {
    show(StatusCode::OK, &form(&notebook, &user, None, String::new(), String::new()))
}

/// `POST /notes/new`
pub(super) async fn write(
    notebook: Data<Notebook>,
    WithBody(user, written): WithBody<User, Form<Written>>,
) -> Outcome {
    let note = match checked(&notebook, &user, None, written.into_inner()) {
        Ok(note) => note,
        Err(page) => return show(StatusCode::UNPROCESSABLE_ENTITY, &*page),
    };
    notebook.notes.write(user.id, note, notebook.now()).await?;
    Ok(go_to("/"))
}

/// `GET /notes/{id}`
pub(super) async fn page(notebook: Data<Notebook>, user: CurrentUser, id: Path<i64>) -> Outcome {
    let note = notebook.notes.find(user.id, *id).await?.ok_or(PageError::NotFound)?;
    show(StatusCode::OK, &form(&notebook, &user, Some(*id), note.title, note.text))
}

/// `POST /notes/{id}`
pub(super) async fn change(
    notebook: Data<Notebook>,
    id: Path<i64>,
    WithBody(user, written): WithBody<User, Form<Written>>,
) -> Outcome {
    let note = match checked(&notebook, &user, Some(*id), written.into_inner()) {
        Ok(note) => note,
        Err(page) => return show(StatusCode::UNPROCESSABLE_ENTITY, &*page),
    };
    found(notebook.notes.change(user.id, *id, note, notebook.now()).await?)
}

/// `POST /notes/{id}/delete`
pub(super) async fn delete(notebook: Data<Notebook>, user: CurrentUser, id: Path<i64>) -> Outcome {
    found(notebook.notes.delete(user.id, *id).await?)
}

fn found(is_done: bool) -> Outcome {
    if is_done { Ok(go_to("/")) } else { Err(PageError::NotFound) }
}
