//! The Authentication API: starting a session, for a user by name or for whoever brings the code.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::signing::Presented;
use iampass_core::wire::{
    AuthenticateAnswer, AuthenticateStatus, AuthenticateUser, AuthenticationMethod, Confirmation, MovingQr,
    Reason, SessionStatus, StartedSession,
};
use iampass_core::{UnixSeconds, UserToken, is_unseen};
use iampass_server_domain::credentials::{SessionCredentials, ShownSecrets};
use iampass_server_domain::rules::{self, Approval};
use iampass_server_metrics::LoginEvent;
use iampass_server_storage::{
    Application, ApplicationKey, Browser, NewSession, StartOutcome, moving_secret, read_address,
};

use super::reading::{parameter, user_id};
use super::returning;
use crate::app::App;
use crate::authenticity::{Foresight, Verified, disabled};
use crate::handover::Unheard;
use crate::path_segments::plain_id;
use crate::problem::{Refused, json};
use crate::rates::Limited;
use crate::request::Incoming;

/// Puts a question to the user's phone. 202 when it was put, 200 with the reason when it was not \[D\].
pub(super) async fn authenticate_user(
    app: &Arc<App>,
    request: &Incoming,
    application: &str,
    user: &str,
) -> Result<Response, Refused> {
    let foresight = Foresight::default();
    let answered = ask_user(app, request, application, user, &foresight).await;
    match app.authenticity.anew(request.head(), foresight).await? {
        None => answered,
        Some(blind) => ask_user(app, request, application, user, &blind).await,
    }
}

async fn ask_user(
    app: &Arc<App>,
    request: &Incoming,
    application: &str,
    user: &str,
    foresight: &Foresight,
) -> Result<Response, Refused> {
    let application = plain_id(application);
    let Verified { who, spent } =
        app.authenticity.by_application_foreseen(request.head(), &application, foresight).await?;
    let user = user_id(user)?;
    let body: AuthenticateUser = request.json_or_default()?;
    let Some(asked) = asked_for(app, request, &who)? else {
        return Ok(not_started(Reason::MethodNotAvailable, None));
    };
    check_browser(&body)?;
    returning::check_address(body.return_to.as_deref())?;
    if who.settings.approval == Approval::Code && !body.shows_code {
        return Ok(not_started(Reason::CodeNotShown, None));
    }
    let base = app.known_as.issuing_base(request.head())?;
    let browser = Browser::from_known(body.known_browser);
    foresight.once(Limited::UserStarts, || count_start(app, who.key, &user, &body))?;
    let credentials = SessionCredentials::draw()?;
    let shown = body.shows_code.then(ShownSecrets::draw).transpose()?;
    let confirmation = shown.as_ref().map(|shown| {
        let scan_url = format!("{base}/phone#scan={}", shown.scan.expose());
        // It is drawn before the outcome is known: the link is there for a user who does not exist, too.
        let open_url = body.return_to.as_ref().map(|_| returning::open_url(&base, &credentials));
        Confirmation::new(shown.code.clone(), scan_url, app.now().plus(app.config.answer_timeout))
            .open_url(open_url)
    });
    let new = new_session(app, &who, asked, body, &credentials);
    let sent_at = Presented::from_headers(request.head().headers)?.timestamp();
    let known_since = new.known_since.map(|since| by_own_clock(since, sent_at, app.now()));
    let new = NewSession { user: Some(user), browser, known_since, shown, ..new };
    let mut started = started(&base, &new);
    let unheard = Unheard::new(&app.database, credentials.token.clone());
    let refused = match app.database.start_session(new, spent).await? {
        StartOutcome::Started { rings, .. } => {
            app.metrics.logins.count(LoginEvent::Started);
            started.confirmation = confirmation.map(|confirmation| confirmation.rings(rings));
            return Ok(unheard.told_by(accepted(started), request.connection.clone()));
        }
        StartOutcome::Disabled => Err(disabled()),
        StartOutcome::NoDevice => Ok(not_started(Reason::NoMobileDevice, confirmation)),
        StartOutcome::BrowserNotKnown => Ok(not_started(Reason::BrowserNotKnown, confirmation)),
        StartOutcome::TooManyDenials => Ok(not_started(Reason::TooManyDenials, confirmation)),
        // By 200: the published client turns every error into nothing, where its documentation reads why it failed \[P\]\[X\].
        StartOutcome::UnknownUser => Ok(not_started(Reason::UnknownUser, confirmation)),
        StartOutcome::TooManyPending { retry_after } => Err(Refused::too_many(
            "this user has too many questions that wait for an answer: let them answer or end them first",
            retry_after,
        )),
    };
    unheard.settled();
    refused
}

/// A time that an application said, as the service's clock had it where the application's is ahead. Where it is behind, the time stays: the request may
/// have been long on its way, and a browser that is known for less time is at most asked about once more.
fn by_own_clock(said: UnixSeconds, sent_at: UnixSeconds, now: UnixSeconds) -> UnixSeconds {
    UnixSeconds(said.0.saturating_sub(sent_at.0.saturating_sub(now.0)))
}

/// The longest name of a browser, in characters.
const LONGEST_BROWSER: usize = 100;

/// The phone shows these to its user, so they are short and plain.
fn check_browser(body: &AuthenticateUser) -> Result<(), Refused> {
    if let Some(name) = &body.browser
        && (name.trim().is_empty() || name.chars().count() > LONGEST_BROWSER || name.chars().any(is_unseen))
    {
        let message = "browser has 1 to 100 characters, all of which can be seen";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    if body.address.as_ref().is_some_and(|address| address.parse::<IpAddr>().is_err()) {
        return Err(Refused::unprocessable(Reason::InvalidParameter, "address is an IP address"));
    }
    Ok(())
}

/// Counts a start for the user. Those of known browsers are counted apart, so that a stranger uses up no budget but that of strangers; and those
/// that ring nowhere by the network of their browser, so that no stranger uses up the budget of the user's own. One that rings nowhere and tells
/// no network is not counted for the user: anybody could use that budget up by the name alone. The number of those that wait bounds them.
fn count_start(
    app: &App,
    application: ApplicationKey,
    user: &UserToken,
    body: &AuthenticateUser,
) -> Result<(), Refused> {
    let is_silent = body.shows_code && !body.known_browser;
    let network = body.address.as_deref().filter(|_| is_silent).and_then(rules::network_of);
    if is_silent && network.is_none() {
        return Ok(());
    }
    let key = (application, user.as_str(), body.known_browser, network);
    app.rates.take(Limited::UserStarts, key)
}

/// The request was good, and no phone is asked \[P\]. The page of a browser that shows a code looks the same all the same: the confirmation is
/// one that no phone can bring.
fn not_started(reason: Reason, confirmation: Option<Confirmation>) -> Response {
    let authentication_status = AuthenticateStatus::NotStarted { reason, confirmation };
    json(StatusCode::OK, &AuthenticateAnswer { authentication_status })
}

/// The methods and the duration that the query asks for. None when a method cannot be verified.
fn asked_for(
    app: &App,
    request: &Incoming,
    who: &Application,
) -> Result<Option<(Vec<AuthenticationMethod>, Duration)>, Refused> {
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
    let methods = who.settings.phones.methods(methods);
    let unverified = app.config.unverified_methods;
    if !methods.iter().all(|method| rules::can_be_verified(method, unverified, app.unlock.possible())) {
        return Ok(None);
    }
    Ok(Some((methods, duration)))
}

/// Starts a login of nobody yet. The phone that brings the moving code says whose it is.
pub(super) async fn start_login(
    app: &Arc<App>,
    request: &Incoming,
    application: &str,
) -> Result<Response, Refused> {
    let foresight = Foresight::default();
    let answered = ask_anybody(app, request, application, &foresight).await;
    match app.authenticity.anew(request.head(), foresight).await? {
        None => answered,
        Some(blind) => ask_anybody(app, request, application, &blind).await,
    }
}

async fn ask_anybody(
    app: &Arc<App>,
    request: &Incoming,
    application: &str,
    foresight: &Foresight,
) -> Result<Response, Refused> {
    let application = plain_id(application);
    let Verified { who, spent } =
        app.authenticity.by_application_foreseen(request.head(), &application, foresight).await?;
    let body: AuthenticateUser = request.json_or_default()?;
    let Some(asked) = asked_for(app, request, &who)? else {
        return Ok(not_started(Reason::MethodNotAvailable, None));
    };
    check_browser(&body)?;
    returning::check_address(body.return_to.as_deref())?;
    let base = app.known_as.issuing_base(request.head())?;
    let credentials = SessionCredentials::draw()?;
    let new = new_session(app, &who, asked, body, &credentials);
    let mut started = started(&base, &new);
    let unheard = Unheard::new(&app.database, credentials.token.clone());
    let refused = match app.database.start_session(new, spent).await? {
        StartOutcome::Started { .. } => {
            app.metrics.logins.count(LoginEvent::Started);
            let secret = moving_secret(&credentials.request_secret);
            let qr = MovingQr::new(format!("{base}/phone#scan="), credentials.request_id.as_str(), secret);
            started.qr = Some(qr);
            return Ok(unheard.told_by(accepted(started), request.connection.clone()));
        }
        StartOutcome::Disabled => disabled(),
        StartOutcome::TooManyPending { retry_after } => Refused::too_many(
            "too many logins without a name wait for a phone: let them end first",
            retry_after,
        ),
        // It names no user, so nothing can be wrong with one.
        StartOutcome::UnknownUser
        | StartOutcome::NoDevice
        | StartOutcome::BrowserNotKnown
        | StartOutcome::TooManyDenials => Refused::unavailable(),
    };
    unheard.settled();
    Err(refused)
}

/// The session that a request asks for, of nobody yet, whose browser shows nothing.
fn new_session(
    app: &App,
    who: &Application,
    (methods, duration): (Vec<AuthenticationMethod>, Duration),
    body: AuthenticateUser,
    credentials: &SessionCredentials,
) -> NewSession {
    NewSession {
        application: who.key,
        user: None,
        methods,
        duration,
        answer_timeout: app.config.answer_timeout,
        most_pending: app.config.limits.pending_per_user,
        browser: Browser::Unknown,
        known_since: body.known_since,
        shown: None,
        browser_name: body.browser,
        // As the service writes addresses, so that it is found however it was written.
        address: body.address.as_deref().and_then(read_address).map(|address| address.to_string()),
        return_to: body.return_to,
        credentials: credentials.clone(),
    }
}

/// The session as its application is told of it, without what its page shows.
fn started(base: &str, new: &NewSession) -> StartedSession {
    let credentials = &new.credentials;
    let session = format!("{base}/authentication/session/{}", credentials.token);
    StartedSession {
        status: SessionStatus::Pending,
        token: credentials.token.clone(),
        secret: credentials.secret.clone(),
        status_url: format!("{session}/status"),
        logout_url: format!("{session}/logout"),
        duration: Some(new.duration),
        status_stream_url: Some(format!("{session}/stream")),
        confirmation: None,
        qr: None,
        open_url: new.return_to.as_ref().map(|_| returning::open_url(base, credentials)),
    }
}

fn accepted(started: StartedSession) -> Response {
    let authentication_status = AuthenticateStatus::Started(started);
    json(StatusCode::ACCEPTED, &AuthenticateAnswer { authentication_status })
}
