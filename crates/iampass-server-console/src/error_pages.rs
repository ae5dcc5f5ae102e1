//! Errors as pages: the words of [`PageError`](super::page_error::PageError) within the layout.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::frame::{self, Frame};
use super::page_error::Words;
use super::state::Console;

/// Makes pages of errors.
pub(super) async fn dress(State(console): State<Console>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(words) = response.extensions_mut().remove::<Words>() else { return response };
    let status = response.status();
    let frame = Frame::plain(&console, "").translated(words.title);
    let page = frame::MessagePage { text: frame.t(words.text).to_owned(), frame };
    match frame::show(status, &page) {
        Ok(page) => page,
        // If not even this can be shown, the title does.
        Err(_) => (status, Body::from(words.title)).into_response(),
    }
}
