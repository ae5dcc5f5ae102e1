//! The phone's API: registering, questions, sessions. The paths are this project's own; a phone takes them from the answers \[X\].

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::response::Response;
use http::StatusCode;
use iampass_core::Secret;
use iampass_core::wire::{
    ActiveSessions, AuthenticationRequest, DeviceConfiguration, DeviceConfigurationAnswer, DeviceCredentials,
    DeviceRecord, DeviceService, DeviceUrls, DeviceUser, DoneAnswer, Identification, Identify,
    PendingRequests, Platform, Reason, RegisterDevice, RequestedData, Training,
};
use iampass_server_domain::credentials::{draw_device_id, draw_secret};
use iampass_server_domain::rules::{Event, State};
use iampass_server_metrics::LoginEvent;
use iampass_server_storage::{
    AnswerOutcome, Device, LinkCode, NewDevice, Question, Registered, SessionChange, ids,
};

use super::call::{DeviceCall, SessionAction};
use super::{parameter, plain_id};
use crate::authenticity::{Verified, unknown_device};
use crate::problem::{Refused, json};
use crate::request::Incoming;
use crate::service::App;

/// The longest notification token, in bytes; those of the push services are far shorter.
const LONGEST_NOTIFICATION_TOKEN: usize = 4_096;

/// Registers a phone by a link. The link is the credential: nothing is signed.
pub(super) async fn register(app: &App, request: &Incoming, code: &str) -> Result<Response, Refused> {
    let registration: RegisterDevice = request.json()?;
    check_notification_token(&registration.notification_token)?;
    if matches!(registration.platform, Some(Platform::Unknown(_))) {
        return Err(Refused::unprocessable(
            Reason::InvalidParameter,
            "platform is one of: ios, android, web",
        ));
    }
    let base = app.issuing_base(request)?;
    let device = NewDevice { id: draw_device_id()?, secret: draw_secret()? };
    let code = LinkCode::presented(&plain_id(code));
    // A guess costs a look, and no change.
    let registered = if app.database.has_link(&code).await? {
        app.database.register_device(code, device.clone(), registration).await?
    } else {
        None
    };
    let Some(registered) = registered else {
        return Err(Refused::not_found(
            Reason::LinkNotValid,
            "this link has been used, has expired or was replaced: ask the application for a new one",
        ));
    };
    Ok(json(StatusCode::OK, &device_record(&base, device, registered)))
}

pub(super) async fn answer(
    app: &App,
    request: &Incoming,
    call: DeviceCall<'_>,
    device: &str,
) -> Result<Response, Refused> {
    let device_id = plain_id(device);
    let signed = app.by_device(request, &device_id).await?;
    match call {
        DeviceCall::PendingRequests => pending_requests(app, request, signed).await,
        DeviceCall::ActiveSessions => active_sessions(app, request, &signed, &device_id).await,
        DeviceCall::Configuration => configure(app, request, signed).await,
        DeviceCall::Unregister => unregister(app, request, signed).await,
        // Face recognition is not done by this service: pictures are taken and thrown away.
        DeviceCall::TrainingData => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        DeviceCall::Session { name, action } => change_session(app, request, signed, name, action).await,
    }
}

/// The questions that wait for this phone. With `wait` it answers when they differ from those that the phone names in `known`
/// (none unless given), or when the time is up.
async fn pending_requests(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    // It is on its way to the disk before the wait begins, and not when that ends.
    drop(spent);
    let base = app.issuing_base(request)?;
    let wait = wait(app, request)?;
    let known = parameter(request, "known", Reason::InvalidParameter)?.unwrap_or_default();
    let known: BTreeSet<&str> = known.split(',').filter(|id| !id.is_empty()).collect();
    let Device { key, user, .. } = who;

    let mut woken = app.database.signals().listen(user);
    let time_is_up = tokio::time::sleep(wait);
    tokio::pin!(time_is_up);
    let mut last_look = wait.is_zero();
    loop {
        woken.mark_unchanged();
        let Some(questions) = app.database.questions(key, user, app.now()).await? else {
            return Err(unknown_device());
        };
        if last_look || ids(&questions) != known {
            let requests = questions.into_iter().map(|question| asked(&base, question)).collect();
            return Ok(json(StatusCode::OK, &PendingRequests { requests }));
        }
        tokio::select! {
            _ = woken.changed() => {}
            () = &mut time_is_up => last_look = true,
            () = app.look_again() => {}
            () = app.stopping() => last_look = true,
        }
    }
}

fn wait(app: &App, request: &Incoming) -> Result<Duration, Refused> {
    match parameter(request, "wait", Reason::InvalidParameter)? {
        None => Ok(Duration::ZERO),
        Some(text) => {
            let seconds = text.parse::<u32>().map_err(|_| {
                Refused::unprocessable(Reason::InvalidParameter, "wait is a whole number of seconds")
            })?;
            Ok(Duration::from_secs(seconds.into()).min(app.config.limits.longest_poll))
        }
    }
}

async fn active_sessions(
    app: &App,
    request: &Incoming,
    signed: &Verified<Device>,
    device_id: &str,
) -> Result<Response, Refused> {
    let base = app.issuing_base(request)?;
    let Device { key, user, .. } = signed.who;
    let mut sessions = app.database.open_sessions(key, user, app.now()).await?;
    for session in &mut sessions {
        let of = |action| format!("{base}/device/{device_id}/sessions/{}/{action}", session.session_id);
        (session.logout_url, session.walkaway_url, session.return_url) =
            (of("logout"), of("walkaway"), of("return"));
    }
    Ok(json(StatusCode::OK, &ActiveSessions { sessions }))
}

async fn configure(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let configuration: DeviceConfiguration = request.json()?;
    check_notification_token(&configuration.notification_token)?;
    let base = app.issuing_base(request)?;
    let configured = app.database.configure_device(who.key, configuration.notification_token, spent).await?;
    let (device, registered) = configured.ok_or_else(unknown_device)?;
    let record = Some(device_record(&base, device, registered));
    Ok(json(StatusCode::OK, &DeviceConfigurationAnswer { status: true, record }))
}

async fn unregister(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    request.no_body()?;
    app.database.unregister_device(who, spent).await?;
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

async fn change_session(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
    name: &str,
    action: SessionAction,
) -> Result<Response, Refused> {
    request.no_body()?;
    let event = match action {
        SessionAction::LogOut => Event::LoggedOut,
        SessionAction::WalkAway => Event::PhoneLeft,
        SessionAction::Return => Event::PhoneReturned,
    };
    let changed = app.database.change_by_phone(who.key, plain_id(name), event, spent).await?;
    match changed {
        SessionChange::Done(_) => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        SessionChange::NotPossible(state) => {
            let message = format!("the session is {}, and this cannot be done to it any more", state.word());
            Err(Refused::new(StatusCode::CONFLICT, Reason::UnknownSession, message))
        }
        SessionChange::Unknown => {
            Err(Refused::not_found(Reason::UnknownSession, "this phone has opened no such session"))
        }
        SessionChange::UnknownDevice => Err(unknown_device()),
    }
}

/// The phone shows the question: the session becomes `identifying`.
pub(super) async fn pick_up(app: &App, request: &Incoming, question: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_question(request, &plain_id(question)).await?;
    request.no_body()?;
    let outcome = app.database.pick_up(who.session, spent).await?;
    match outcome {
        AnswerOutcome::Taken(_) => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        AnswerOutcome::TooLate => Err(too_late()),
    }
}

/// The phone answers: the session becomes `active`, `cancelled` or `failed`.
pub(super) async fn identify(app: &App, request: &Incoming, question: &str) -> Result<Response, Refused> {
    let Verified { who, spent } = app.by_question(request, &plain_id(question)).await?;
    let identification: Identification = request.json()?;
    let outcome = app.database.answer(who, identification, app.config.unverified_methods, spent).await?;
    if let AnswerOutcome::Taken(state) = &outcome {
        count(app, state);
    }
    match outcome {
        AnswerOutcome::Taken(State::Failed) => {
            let answer = DoneAnswer {
                status: false,
                reason: Some(Reason::InvalidParameter),
                message: Some("the answer lacks data that was asked for, so the login has failed".to_owned()),
            };
            Ok(json(StatusCode::OK, &answer))
        }
        AnswerOutcome::Taken(_) => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        AnswerOutcome::TooLate => Err(too_late()),
    }
}

fn count(app: &App, state: &State) {
    let event = match state {
        State::Active => LoginEvent::Accepted,
        State::Cancelled => LoginEvent::Declined,
        State::Failed => LoginEvent::Failed,
        _ => return,
    };
    app.metrics.logins.count(event);
}

/// 409: it was a question once.
fn too_late() -> Refused {
    Refused::new(
        StatusCode::CONFLICT,
        Reason::UnknownRequest,
        "the question is not open any more: it was answered, withdrawn, or its time was up",
    )
}

fn check_notification_token(token: &str) -> Result<(), Refused> {
    if token.is_empty() || token.len() > LONGEST_NOTIFICATION_TOKEN || token.chars().any(char::is_control) {
        let message = "notification_token has 1 to 4096 bytes and no control characters";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    Ok(())
}

/// No call of this service is signed with it [F]. It is made from the phone's own secret, so that the record is the same whenever it is given.
fn service_secret(device: &Secret) -> Secret {
    let key = hmac::Key::new(hmac::HMAC_SHA256, device.expose().as_bytes());
    let tag = hmac::sign(&key, b"iampass service_secret");
    Secret::new(tag.as_ref().iter().take(16).map(|byte| format!("{byte:02X}")).collect::<String>())
}

fn device_record(base: &str, device: NewDevice, registered: Registered) -> DeviceRecord {
    let of = |call| format!("{base}/device/{}/{call}", device.id);
    let service_secret = service_secret(&device.secret);
    let service_urls = DeviceUrls {
        active_sessions: of("active_sessions"),
        device_configuration: of("configuration"),
        device_unregister: of("unregister"),
        pending_requests: of("pending_requests"),
        training_data: of("training_data"),
    };
    DeviceRecord {
        user: DeviceUser { user_id: registered.user_id, display_name: registered.display_name },
        device: DeviceCredentials { device_id: device.id, device_secret: device.secret },
        service: DeviceService {
            service_id: registered.application_id.to_string(),
            service_secret,
            service_name: Some(registered.application_name),
            service_urls,
        },
        training: Training::default(),
    }
}

fn asked(base: &str, question: Question) -> AuthenticationRequest {
    let identification_url = format!("{base}/identification/{}", question.id);
    AuthenticationRequest {
        auth_request_id: question.id,
        application_id: question.application_id,
        application_name: question.application_name,
        user_id: question.user_id,
        requested_at: Some(question.asked_at),
        expires_at: Some(question.due_at),
        identify: Identify {
            identification_start_url: format!("{identification_url}/start"),
            identification_url,
            identification_data_secret: question.secret,
            requested_data: RequestedData::for_methods(&question.methods),
        },
    }
}
