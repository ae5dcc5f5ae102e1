//! The routes. Belongs here: which address is answered by what, and what is around all of them.

mod accounts;
mod notes;

use std::io;
use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::guard::{Any, Get, Head};
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer, Resource, Route};
use iampass::actix::{LoginTransform, ProtectionTransform, Rejection, scope};
use iampass::web::Refusal;

use crate::errors::PageError;
use crate::login::CurrentUser;
use crate::{Notebook, style};

/// No form of ours is longer, however its characters are encoded.
const LONGEST_BODY: usize = 64 * 1024;

/// How many seconds requests may take to end.
const GRACE: u64 = 3;

/// Serves the application here until the server is told to stop. [`Notebook::shutdown`] comes before that.
///
/// # Errors
/// The system's error.
pub fn serve(notebook: &Notebook, listener: TcpListener) -> io::Result<Server> {
    let notebook = notebook.clone();
    let application = move || {
        let login = &notebook.login;
        App::new()
            .app_data(Data::new(notebook.clone()))
            .app_data(
                web::FormConfig::default()
                    .limit(LONGEST_BODY)
                    .error_handler(|error, _| PageError::form(&error).into()),
            )
            .app_data(web::PathConfig::default().error_handler(|_, _| PageError::NotFound.into()))
            .service(scope(login))
            .service(
                web::scope("")
                    .configure(ours)
                    .default_service(web::to(async || HttpResponse::from_error(PageError::NotFound))),
            )
            .wrap(LoginTransform::new(login))
            .wrap(ProtectionTransform::new(login))
    };
    Ok(HttpServer::new(application).disable_signals().shutdown_timeout(GRACE).listen(listener)?.run())
}

fn ours(application: &mut web::ServiceConfig) {
    use web::post;

    application
        .service(at("/").route(get().to(notes::front_page)))
        .service(at("/notes.txt").route(get().to(notes::download)))
        .service(at("/notes/new").route(get().to(notes::new_page)).route(post().to(notes::write)))
        .service(at("/notes/{id}").route(get().to(notes::page)).route(post().to(notes::change)))
        .service(at("/notes/{id}/delete").route(post().to(notes::delete)))
        .service(at("/sign-up").route(get().to(accounts::sign_up_page)).route(post().to(accounts::sign_up)))
        .service(at(style::ROUTE).route(get().to(style::serve)));
}

/// A page. HEAD is answered as GET, and actix leaves the body out: a route for GET alone would refuse it.
fn get() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

/// An address. Methods without a route of their own are told so by a page.
fn at(path: &str) -> Resource {
    web::resource(path)
        .default_service(web::to(async || HttpResponse::from_error(PageError::MethodNotAllowed)))
}

/// The result of a handler.
type Outcome = Result<HttpResponse, PageError>;

/// Somebody at a page that is for everybody.
type Visitor = Result<CurrentUser, Rejection>;

/// The user, or nobody if it is a stranger.
///
/// # Errors
/// Where somebody is logged in and has walked away, or nothing is known, the page is not shown: it would be that of a stranger.
fn known(visitor: Visitor) -> Result<Option<CurrentUser>, PageError> {
    match visitor {
        Ok(user) => Ok(Some(user)),
        Err(rejection) if rejection.reason() == Refusal::NotLoggedIn => Ok(None),
        Err(rejection) => Err(PageError::NotLetIn(rejection)),
    }
}

/// Goes on with a GET.
fn go_to(place: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, place)).finish()
}
