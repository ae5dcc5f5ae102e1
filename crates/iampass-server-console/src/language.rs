//! The language that a request gets: that of the login's own pages, as the user has chosen, or as the browser asks. Belongs here: which one, and
//! whether the page can be loaded again in another one. Does not belong here: the texts ([`super::speech`]).

use axum::extract::{OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method};
use iampass_web::Headers;

use super::speech;
use super::state::Console;

/// Answers a request in its language.
pub(super) async fn speak(State(console): State<Console>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let headers = Headers::collect(iampass_web::Method::Get, |name| {
        headers.get_all(name).into_iter().map(HeaderValue::as_bytes)
    });
    let language = &console.login().page_context_for(&headers).texts.language;
    let speech = console.parts().texts.named(language);
    let uri = request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0);
    // A page that answers a POST may show a secret, this once: a link to the same page in another language would lose it.
    let is_shown_again = request.method() == Method::GET;
    let page = is_shown_again.then(|| uri.path_and_query().map_or("/", |page| page.as_str()).to_owned());
    speech::spoken(speech, page, next.run(request)).await
}
