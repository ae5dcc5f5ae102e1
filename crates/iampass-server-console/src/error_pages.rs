//! Errors as pages: the words of [`PageError`](super::page_error::PageError) within the layout.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::frame::{self, Frame, MessagePage};
use super::page_error::Words;
use super::state::Console;

/// Makes pages of errors.
pub(super) async fn dress(State(console): State<Console>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(words) = response.extensions_mut().remove::<Words>() else { return response };
    let status = response.status();
    let frame = Frame::plain(&console, words.title);
    let page = MessagePage { text: frame.t(words.text).to_owned(), frame };
    frame::show(status, &page).unwrap_or_else(|_| plain(status, &page))
}

/// If not even the page can be made, its words are shown alone: they say what has happened and what to do.
fn plain(status: StatusCode, page: &MessagePage) -> Response {
    let words = format!("{}\n\n{}\n", page.frame.title, page.text);
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], words).into_response()
}
