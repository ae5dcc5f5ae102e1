//! The Authentication API: starting a session, asking for its state, ending it.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use iampass_core::wire::{
    AuthenticateAnswer, AuthenticateStatus, AuthenticateUser, DoneAnswer, Reason, SessionStatus,
    StartedSession,
};
use iampass_server_domain::credentials::SessionCredentials;
use iampass_server_domain::rules::{self, State};
use iampass_server_metrics::LoginEvent;
use iampass_server_storage::{Browser, NewSession, SessionKey, SessionView, StartOutcome};

use super::{count_for_user, parameter, plain_id, user_id};
use crate::authenticity::{Verified, disabled, unknown_session};
use crate::handover::Unheard;
use crate::problem::{Refused, json, json_bytes};
use crate::rates::Limited;
use crate::request::{Incoming, RequestHead};
use crate::service::App;

/// Puts a question to the user's phone. 202 when it was put, 200 with the reason when it was not \[D\].
pub(super) async fn authenticate_user(
    app: &Arc<App>,
    request: &Incoming,
    application: &str,
    user: &str,
) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_application(request.head(), &plain_id(application)).await?;
    let user = user_id(user)?;
    let body: AuthenticateUser = request.json_or_default()?;
    let methods = parameter(request, "methods", Reason::InvalidMethods)?.unwrap_or_default();
    let methods = rules::methods(&methods)
        .map_err(|invalid| Refused::unprocessable(Reason::InvalidMethods, invalid.0))?;
    let duration = match parameter(request, "duration_seconds", Reason::InvalidDuration)? {
        Some(text) => rules::positive_seconds(&text, app.config.longest_session)
            .map_err(|invalid| Refused::unprocessable(Reason::InvalidDuration, invalid.0))?,
        None => {
            let own = who.settings.duration_seconds.map(Duration::from_secs);
            own.unwrap_or(app.config.default_session).min(app.config.longest_session)
        }
    };
    let methods = rules::asked_methods(methods, who.settings.methods.as_deref())
        .map_err(|invalid| Refused::unprocessable(Reason::InvalidMethods, invalid.0))?;
    let unverified = app.config.unverified_methods;
    if !methods.iter().all(|method| rules::can_be_verified(method, unverified)) {
        return Ok(not_started(Reason::MethodNotAvailable));
    }
    let base = app.issuing_base(request)?;
    count_for_user(app, Limited::UserStarts, who.key, &user)?;
    let credentials = SessionCredentials::draw()?;
    let new = NewSession {
        application: who.key,
        user,
        methods,
        duration,
        answer_timeout: app.config.answer_timeout,
        most_pending: app.config.limits.pending_per_user,
        browser: Browser::from_known(body.known_browser),
        credentials: credentials.clone(),
    };
    let unheard = Unheard::new(app, credentials.token.clone());
    let refused = match app.database.start_session(new, spent).await? {
        StartOutcome::Started { .. } => {
            app.metrics.logins.count(LoginEvent::Started);
            let session = format!("{base}/authentication/session/{}", credentials.token);
            let started = StartedSession {
                status: SessionStatus::Pending,
                token: credentials.token,
                secret: credentials.secret,
                status_url: format!("{session}/status"),
                logout_url: format!("{session}/logout"),
                status_stream_url: Some(format!("{session}/stream")),
            };
            let answer = AuthenticateAnswer { authentication_status: AuthenticateStatus::Started(started) };
            return Ok(unheard.told_by(json(StatusCode::ACCEPTED, &answer), request.connection.clone()));
        }
        StartOutcome::Disabled => Err(disabled()),
        StartOutcome::NoDevice => Ok(not_started(Reason::NoMobileDevice)),
        StartOutcome::TooManyDenials => Ok(not_started(Reason::TooManyDenials)),
        // By 200: the published client turns every error into nothing, where its documentation reads why it failed \[P\]\[X\].
        StartOutcome::UnknownUser => Ok(not_started(Reason::UnknownUser)),
        StartOutcome::TooManyPending { retry_after } => Err(Refused::too_many(
            "this user has too many questions that wait for an answer: let them answer or end them first",
            retry_after,
        )),
    };
    unheard.settled();
    refused
}

/// The request was good, and no phone is asked \[P\].
fn not_started(reason: Reason) -> Response {
    let authentication_status = AuthenticateStatus::NotStarted { reason };
    json(StatusCode::OK, &AuthenticateAnswer { authentication_status })
}

/// The result of looking at a session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// It is in this state, and the store says so too.
    Stored(State),
    /// Its deadline has passed and that is not written down yet: its end is not known. An answer of the phone that came in time
    /// may be on its way to the store; a caller that was told of the end before it is stored would have dropped a session that becomes
    /// active.
    Due(SessionKey),
}

/// Looks at a session.
pub(super) async fn look(app: &App, request: RequestHead<'_>, token: &str) -> Result<Look, Refused> {
    asked(app, app.by_session(request, &plain_id(token)).await?.who)
}

/// Looks at a session without waiting for anything; None where that cannot be done.
pub(super) fn look_at_once(
    app: &App,
    request: RequestHead<'_>,
    token: &str,
) -> Option<Result<Look, Refused>> {
    let verified = app.by_session_at_once(request, &plain_id(token))?;
    Some(verified.and_then(|verified| asked(app, verified.who)))
}

fn asked(app: &App, session: SessionView) -> Result<Look, Refused> {
    app.rates.take(Limited::SessionStatus, session.key, app.config.clock.now().mono)?;
    Ok(seen(app, session))
}

fn seen(app: &App, session: SessionView) -> Look {
    let state = session.timeline.state_at(app.now());
    if state == session.timeline.state { Look::Stored(state) } else { Look::Due(session.key) }
}

/// The state of a session whose token is known to be good, now.
pub(super) async fn state_of(app: &Arc<App>, token: &str) -> Result<State, Refused> {
    let (_, session) = app.database.session(token).await?.ok_or_else(unknown_session)?;
    match seen(app, session) {
        Look::Stored(state) => Ok(state),
        Look::Due(session) => settled(Arc::clone(app), session).await,
    }
}

/// Says how a session ended, after that is written down.
pub(super) async fn settle(app: Arc<App>, session: SessionKey) -> Result<Response, Refused> {
    settled(app, session).await.map(status)
}

/// Writes down how a session ended: the first who asks after the deadline settles it for all who ask later, and for good.
async fn settled(app: Arc<App>, session: SessionKey) -> Result<State, Refused> {
    // The caller may go away, but then the phone has to be woken all the same.
    let settling = tokio::spawn(async move { app.database.settle(session).await });
    match settling.await.map_err(|_| Refused::unavailable())?? {
        Some((state, _)) => Ok(state),
        None => Err(unknown_session()),
    }
}

/// Says how a session is, by 200 whatever it is: the published client misreads anything else \[P\]. `authenticated` is true of an active
/// session alone: a client written from the documentation may go by it \[X\].
pub(super) fn status(state: State) -> Response {
    json_bytes(StatusCode::OK, Bytes::from_static(answer(state).as_bytes()))
}

/// [`StatusAnswer`](iampass_core::wire::StatusAnswer) for a state. There are eight of them, and they are given all the time.
pub(super) const fn answer(state: State) -> &'static str {
    macro_rules! of {
        ($word:literal) => {
            of!($word, "false")
        };
        ($word:literal, $authenticated:literal) => {
            concat!(
                r#"{"authentication_status":{"authenticated":"#,
                $authenticated,
                r#","session_status":""#,
                $word,
                r#""},"authenticated":"#,
                $authenticated,
                r#","session_status":""#,
                $word,
                r#""}"#
            )
        };
    }
    match state {
        State::Pending => of!("pending"),
        State::Identifying => of!("identifying"),
        State::Active => of!("active", "true"),
        State::Walkaway => of!("walkaway"),
        State::Timeout => of!("timeout"),
        State::Failed => of!("failed"),
        State::Cancelled => of!("cancelled"),
        State::Closed => of!("closed"),
    }
}

/// Ends a session. One that has ended already is just as much ended.
pub(super) async fn log_out(app: &App, request: &Incoming, token: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_session(request.head(), &plain_id(token)).await?;
    app.count_call(request.head())?;
    app.database.log_out(who.key, spent).await?;
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

#[cfg(test)]
mod tests {
    use iampass_core::wire::StatusAnswer;

    use super::*;

    #[test]
    fn answers_are_those_of_the_wire() {
        use State as S;
        for state in [
            S::Pending,
            S::Identifying,
            S::Active,
            S::Walkaway,
            S::Timeout,
            S::Failed,
            S::Cancelled,
            S::Closed,
        ] {
            let said = StatusAnswer { authenticated: state == S::Active, session_status: state.into() };
            assert_eq!(answer(state), serde_json::to_string(&said).unwrap());
        }
    }
}
