//! The Authentication API: starting a session, asking for its state, ending it.

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{
    AuthenticateAnswer, AuthenticateStatus, DoneAnswer, Reason, SessionStatus, StartedSession, StatusAnswer,
};

use super::{parameter, plain_id, user_id};
use crate::authenticity::Verified;
use crate::problem::{Refused, json};
use crate::request::{Incoming, RequestHead};
use crate::rules;
use crate::service::App;
use crate::storage::{NewSession, SessionCredentials, StartOutcome};

/// Puts a question to the user's phone. 202 when it was put, 200 with the reason when it was not \[D\].
pub(super) async fn authenticate_user(
    app: &App,
    request: &Incoming,
    application: &str,
    user: &str,
) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_application(request.head(), &plain_id(application))?;
    let user = user_id(user)?;
    request.no_body()?;
    let methods = parameter(request, "methods", Reason::InvalidMethods)?.unwrap_or_default();
    let methods = rules::methods(&methods)
        .map_err(|invalid| Refused::unprocessable(Reason::InvalidMethods, invalid.0))?;
    let duration = match parameter(request, "duration_seconds", Reason::InvalidDuration)? {
        Some(text) => rules::positive_seconds(&text, app.config.longest_session)
            .map_err(|invalid| Refused::unprocessable(Reason::InvalidDuration, invalid.0))?,
        None => app.config.default_session,
    };
    let base = app.issuing_base(request)?;
    let credentials = SessionCredentials::draw()?;
    let new = NewSession {
        application: who.key,
        user,
        methods,
        duration,
        answer_timeout: app.config.answer_timeout,
        most_pending: app.config.limits.pending_per_user,
        credentials: credentials.clone(),
    };
    match app.database.start_session(new, app.now(), spent).await? {
        StartOutcome::Started { user, due_at } => {
            app.timers.wake_before(due_at);
            app.wakeups.wake(user);
            let session = format!("{base}/authentication/session/{}", credentials.token);
            let started = StartedSession {
                status: SessionStatus::Pending,
                token: credentials.token,
                secret: credentials.secret,
                status_url: format!("{session}/status"),
                logout_url: format!("{session}/logout"),
            };
            Ok(json(
                StatusCode::ACCEPTED,
                &AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) },
            ))
        }
        StartOutcome::NoDevice => {
            let not = AuthenticateStatus::NotStarted { reason: Reason::NoMobileDevice };
            Ok(json(StatusCode::OK, &AuthenticateAnswer { authentication_status: not }))
        }
        StartOutcome::UnknownUser => {
            Err(Refused::not_found(Reason::UnknownUser, "the application has no such user: add it first"))
        }
        StartOutcome::TooManyPending { retry_after } => Err(Refused::too_many(
            "this user has too many questions that wait for an answer: let them answer or end them first",
            retry_after,
        )),
    }
}

/// Says how a session is, by 200 whatever it is: the published client misreads anything else \[P\]. `authenticated` says that the request
/// was accepted, which it was for every session that exists.
pub(super) fn status(app: &App, request: RequestHead<'_>, token: &str) -> Result<Response, Refused> {
    let signed = app.by_session(request, &plain_id(token))?;
    let state = signed.who.timeline.state_at(app.now());
    Ok(json(StatusCode::OK, &StatusAnswer { authenticated: true, session_status: state.into() }))
}

/// Ends a session. One that has ended already is just as much ended.
pub(super) async fn log_out(app: &App, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_session(request.head(), &plain_id(token))?;
    app.database.log_out(who.key, app.now(), spent).await?;
    if let Some(user) = who.user {
        app.wakeups.wake(user);
    }
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}
