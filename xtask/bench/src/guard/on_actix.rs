//! The cases on actix-web. Belongs here: one application for each, and their timing.

use std::time::{Duration, Instant};

use actix_identity::{Identity, IdentityMiddleware};
use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::body::MessageBody;
use actix_web::cookie::Key;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::error::ErrorUnauthorized;
use actix_web::http::StatusCode;
use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpMessage as _, HttpRequest, web};
use iampass_actix::{CurrentUser, LoginTransform};
use iampass_core::port::BoxError;
use iampass_web::{LoginWeb, SessionMode};

use super::turns::{CALLS, ROUNDS, Turns};
use super::{Case, check};
use crate::application::{Accepting, Application, User, log_in};

pub(super) async fn measure() -> Result<Turns, BoxError> {
    let bare = init_service(App::new().route("/", web::get().to(for_all))).await;
    let bare_cookie = "theme=dark".to_owned();
    let (login, stored_cookie) = ours(SessionMode::Stored).await?;
    let stored =
        init_service(App::new().wrap(LoginTransform::new(&login)).route("/", web::get().to(for_users))).await;
    let (login, sealed_cookie) = ours(SessionMode::Sealed).await?;
    let sealed =
        init_service(App::new().wrap(LoginTransform::new(&login)).route("/", web::get().to(for_users))).await;
    let sessions = SessionMiddleware::new(CookieSessionStore::default(), Key::generate());
    let identity = init_service(
        App::new()
            .wrap(IdentityMiddleware::default())
            .wrap(sessions)
            .route("/", web::get().to(for_the_identified))
            .route("/begin", web::get().to(begin)),
    )
    .await;
    let begun = call_service(&identity, TestRequest::get().uri("/begin").to_request()).await;
    let identity_cookie = begun.headers().get(SET_COOKIE).ok_or("actix-identity sets no cookie")?.to_str()?;
    let identity_cookie = identity_cookie.split(';').next().unwrap_or_default().to_owned();

    let mut turns = Turns::new();
    for round in 0..=ROUNDS {
        for case in Turns::of_round(round) {
            let ns = match case {
                Case::Bare => turn(case, &bare, &bare_cookie, round).await?,
                Case::Stored => turn(case, &stored, &stored_cookie, round).await?,
                Case::Sealed => turn(case, &sealed, &sealed_cookie, round).await?,
                Case::Alternative => turn(case, &identity, &identity_cookie, round).await?,
            };
            // The first round warms up.
            if round > 0 {
                turns.note(case, ns);
            }
        }
        // The sessions are watched in between.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(turns)
}

/// How long a request takes, in nanoseconds.
async fn turn<S, B>(case: Case, app: &S, cookie: &str, round: usize) -> Result<f64, BoxError>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let request = || TestRequest::get().uri("/").insert_header((COOKIE, cookie)).to_request();
    if round == 0 {
        // A refusal is an answer or an error, as the framework's users have it.
        let without_cookie = match app.call(TestRequest::get().uri("/").to_request()).await {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        let with_cookie = call_service(app, request()).await.status();
        check(case, with_cookie.as_u16(), without_cookie.as_u16())?;
    }
    let requests: Vec<_> = (0..CALLS).map(|_| request()).collect();
    let mut refused = 0;
    let start = Instant::now();
    for request in requests {
        let response = call_service(app, request).await;
        refused += usize::from(response.status() != StatusCode::OK);
    }
    let elapsed = start.elapsed();
    if refused > 0 {
        return Err(format!("{case:?} refused {refused} requests").into());
    }
    Ok(elapsed.as_nanos() as f64 / CALLS as f64)
}

async fn ours(mode: SessionMode) -> Result<(LoginWeb<User>, String), BoxError> {
    let application = Application::of_users(1).await?;
    let login = application.node(&Accepting::default(), mode, Duration::from_secs(10))?;
    let cookie = log_in(&login, 0).await?;
    Ok((login, cookie))
}

async fn for_all() -> &'static str {
    "Hello"
}

async fn for_users(_user: CurrentUser<User>) -> &'static str {
    "Hello"
}

async fn for_the_identified(user: Identity) -> Result<&'static str, Error> {
    let id = user.id().map_err(ErrorUnauthorized)?;
    Ok(if id.is_empty() { "Nobody" } else { "Hello" })
}

async fn begin(request: HttpRequest) -> Result<&'static str, Error> {
    Identity::login(&request.extensions(), "0".to_owned()).map_err(ErrorUnauthorized)?;
    Ok("Hello")
}
