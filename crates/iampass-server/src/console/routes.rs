//! All pages of the Console, and who may use each. What is not in this list is not served.

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use iampass_axum::LoginLayer;

use super::access::{Access, Gate, admit};
use super::errors::{PageError, dress};
use super::frame::bind_browsers;
use super::house::Console;
use super::{assets, pages};
use crate::rules::Act;

/// No form of ours is longer, however its characters are encoded.
const LONGEST_BODY: usize = 16 * 1024;

/// A page: how and where it is asked for, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) verb: Verb,
    pub(crate) pattern: &'static str,
    pub(crate) access: Access,
}

/// How a page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Changes nothing.
    Get,
    /// Changes something.
    Post,
}

impl Verb {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }

    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
        }
    }
}

/// Makes the list, and the router by the same list.
macro_rules! pages {
    ($($verb:ident $pattern:literal $access:expr => $handler:expr;)+) => {
        /// All pages but those of the login.
        pub(crate) const PAGES: &[Page] = &[$(Page { verb: Verb::$verb, pattern: $pattern, access: $access }),+];

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

pages! {
    Get "/console" Access::Anyone => pages::applications::front;
    Get "/console/" Access::Anyone => pages::applications::without_slash;
    Get "/console/assets/{name}" Access::Anyone => assets::serve;
    Get "/console/register" Access::Anyone => pages::register::page;
    Post "/console/register" Access::Anyone => pages::register::register;
    Get "/console/link/{code}" Access::Anyone => pages::link::page;
    Post "/console/link/{code}" Access::Anyone => pages::link::follow;
    Get "/console/join/{code}" Access::Anyone => pages::join::page;
    Post "/console/join/{code}" Access::Anyone => pages::join::accept;
    Get "/console/account" Access::Account => pages::account::page;
    Get "/console/applications/new" Access::Account => pages::applications::new_page;
    Post "/console/applications/new" Access::Account => pages::applications::add;
    Get "/console/applications/{application}" Access::Application(Act::See) => pages::overview::page;
    Get "/console/applications/{application}/users" Access::Application(Act::See) => pages::users::page;
    Post "/console/applications/{application}/users/add" Access::Application(Act::ManageUsers) => pages::users::add.layer(DefaultBodyLimit::max(pages::users::LONGEST_LIST));
    Get "/console/applications/{application}/users/{user}" Access::Application(Act::See) => pages::user::page;
    Get "/console/applications/{application}/users/{user}/events" Access::Application(Act::See) => pages::live::of_user;
    Post "/console/applications/{application}/users/{user}/link" Access::Application(Act::ManageDevices) => pages::phone::make_link;
    Get "/console/applications/{application}/users/{user}/lost" Access::Application(Act::ManageDevices) => pages::phone::lost_page;
    Post "/console/applications/{application}/users/{user}/lost" Access::Application(Act::ManageDevices) => pages::phone::lost;
    Get "/console/applications/{application}/users/{user}/remove-phone" Access::Application(Act::ManageDevices) => pages::phone::remove_page;
    Post "/console/applications/{application}/users/{user}/remove-phone" Access::Application(Act::ManageDevices) => pages::phone::remove;
    Get "/console/applications/{application}/users/{user}/log-out" Access::Application(Act::EndSessions) => pages::user::log_out_page;
    Post "/console/applications/{application}/users/{user}/log-out" Access::Application(Act::EndSessions) => pages::user::log_out;
    Get "/console/applications/{application}/users/{user}/delete" Access::Application(Act::ManageUsers) => pages::user::delete_page;
    Post "/console/applications/{application}/users/{user}/delete" Access::Application(Act::ManageUsers) => pages::user::delete;
    Get "/console/applications/{application}/sessions" Access::Application(Act::See) => pages::sessions::page;
    Get "/console/applications/{application}/sessions/events" Access::Application(Act::See) => pages::live::of_application;
    Get "/console/applications/{application}/sessions/{session}/end" Access::Application(Act::EndSessions) => pages::sessions::end_page;
    Post "/console/applications/{application}/sessions/{session}/end" Access::Application(Act::EndSessions) => pages::sessions::end;
    Get "/console/applications/{application}/snippets" Access::Application(Act::See) => pages::snippets::page;
    Get "/console/applications/{application}/settings" Access::Application(Act::See) => pages::settings::page;
    Post "/console/applications/{application}/settings/rename" Access::Application(Act::Configure) => pages::settings::rename;
    Post "/console/applications/{application}/settings/login" Access::Application(Act::Configure) => pages::settings::configure;
    Get "/console/applications/{application}/settings/rotate" Access::Application(Act::RotateSecret) => pages::secret::rotate_page;
    Post "/console/applications/{application}/settings/rotate" Access::Application(Act::RotateSecret) => pages::secret::rotate;
    Get "/console/applications/{application}/settings/end-overlap" Access::Application(Act::RotateSecret) => pages::secret::end_overlap_page;
    Post "/console/applications/{application}/settings/end-overlap" Access::Application(Act::RotateSecret) => pages::secret::end_overlap;
    Get "/console/applications/{application}/settings/disable" Access::Application(Act::SwitchOff) => pages::switches::disable_page;
    Post "/console/applications/{application}/settings/disable" Access::Application(Act::SwitchOff) => pages::switches::disable;
    Get "/console/applications/{application}/settings/enable" Access::Application(Act::SwitchOff) => pages::switches::enable_page;
    Post "/console/applications/{application}/settings/enable" Access::Application(Act::SwitchOff) => pages::switches::enable;
    Get "/console/applications/{application}/settings/delete" Access::Application(Act::Delete) => pages::switches::delete_page;
    Post "/console/applications/{application}/settings/delete" Access::Application(Act::Delete) => pages::switches::delete;
    Get "/console/applications/{application}/messages" Access::Application(Act::See) => pages::messages::page;
    Get "/console/applications/{application}/log" Access::Application(Act::See) => pages::log::page;
    Get "/console/applications/{application}/members" Access::Application(Act::See) => pages::members::page;
    Post "/console/applications/{application}/members/add" Access::Application(Act::ManageMembers) => pages::members::add;
    Post "/console/applications/{application}/members/role" Access::Application(Act::ManageMembers) => pages::members::change_role;
    Post "/console/applications/{application}/members/invite" Access::Application(Act::ManageMembers) => pages::invitations::invite;
    Post "/console/applications/{application}/members/take-back" Access::Application(Act::ManageMembers) => pages::invitations::take_back;
    Get "/console/applications/{application}/members/{account}/remove" Access::Application(Act::ManageMembers) => pages::members::remove_page;
    Post "/console/applications/{application}/members/{account}/remove" Access::Application(Act::ManageMembers) => pages::members::remove;
    Get "/console/applications/{application}/leave" Access::Application(Act::Leave) => pages::members::leave_page;
    Post "/console/applications/{application}/leave" Access::Application(Act::Leave) => pages::members::leave;
}

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
        .with_state(console.clone())
}

/// A change that is loaded like a page: after a login that came in between, or by the address bar. It leads to the page that offers it.
async fn one_up(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    match (method, uri.path().rsplit_once('/')) {
        (Method::GET, Some((page, _))) if page.contains("/console") => Redirect::to(page).into_response(),
        _ => PageError::MethodNotAllowed.into_response(),
    }
}
