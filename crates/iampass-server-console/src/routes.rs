//! The router of the Console, made by the list of pages ([`super::page_list`]).

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{MethodRouter, on};
use http::Method;
use iampass_axum::LoginLayer;

use super::access::{Gate, admit};
use super::error_pages::dress;
use super::frame::bind_browsers;
use super::language::speak;
use super::page_error::PageError;
use super::page_list::{LONGEST_LIST, PAGES, Page, console_pages};
use super::state::Console;
use super::{assets, pages};

/// No form of ours is longer, however its characters are encoded.
const LONGEST_BODY: usize = 16 * 1024;

/// Makes the router by the list of pages.
macro_rules! served {
    ($($verb:ident $pattern:literal $access:expr, $proof:ident, $shows:ident => $handler:expr;)+) => {
        fn pages(console: &Console) -> Router<Console> {
            let mut router = Router::new();
            let mut listed = PAGES.iter();
            $(
                if let Some(page) = listed.next() {
                    router = router.route($pattern, guarded(console, page, $handler));
                }
            )+
            router
        }
    };
}

console_pages!(served);

fn guarded<H, T>(console: &Console, page: &'static Page, handler: H) -> MethodRouter<Console>
where
    H: Handler<T, Console>,
    T: 'static,
{
    let gate = Gate { console: console.clone(), page };
    on(page.verb.filter(), handler).route_layer(from_fn_with_state(gate, admit))
}

/// The whole Console, at the path below which browsers see it.
pub(super) fn router(console: &Console) -> Router {
    let login = console.login();
    let router =
        pages(console).method_not_allowed_fallback(one_up).nest("/console/auth", iampass_axum::routes(login));
    let router = match console.prefix() {
        "" => router,
        prefix => Router::new().nest(prefix, router),
    };
    router
        .fallback(async || PageError::NotFound)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(LoginLayer::new(login))
        .layer(from_fn_with_state(console.clone(), dress))
        .layer(from_fn(bind_browsers))
        .layer(from_fn_with_state(console.clone(), speak))
        .with_state(console.clone())
}

/// A change that is loaded like a page: after a login that came in between, or by the address bar. It leads to the page that offers it.
async fn one_up(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    match (method, uri.path().rsplit_once('/')) {
        (Method::GET, Some((page, _))) if page.contains("/console") => Redirect::to(page).into_response(),
        _ => PageError::MethodNotAllowed.into_response(),
    }
}
