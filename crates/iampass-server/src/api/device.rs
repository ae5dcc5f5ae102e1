//! The phone's API: registering, waiting for questions, sessions. The paths are this project's own; a phone takes them from the answers \[X\].

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use axum::response::Response;
use http::StatusCode;
use iampass_core::Secret;
use iampass_core::signing::Presented;
use iampass_core::wire::{
    ActiveSessions, ChangeRequest, ConfigurationRequest, DeviceConfigurationAnswer, DeviceCredentials,
    DeviceRecord, DeviceService, DeviceUrls, DeviceUser, DoneAnswer, PendingRequests, PhoneChange, PhoneUrls,
    Platform, PushPossible, Reason, RegisterDevice, Training,
};
use iampass_server_domain::credentials::{draw_device_id, draw_secret};
use iampass_server_domain::rules::{Event, Walkaway};
use iampass_server_storage::{
    Device, LinkCode, NewDevice, RegisterOutcome, Registered, SessionChange, SubscribeOutcome, Waiting, ids,
};
use tokio::sync::watch;

use super::question::{asked, bring};
use super::reading::{parameter, wait};
use super::refusals::{ended, no_key, phone_not_allowed};
use super::{phones, presence, unlock};
use crate::app::App;
use crate::authenticity::{Fetched, Verified, unknown_device};
use crate::call::{DeviceCall, SessionAction};
use crate::path_segments::plain_id;
use crate::phone_signature;
use crate::problem::{Refused, json};
use crate::pushing::Wish;
use crate::request::Incoming;

/// The longest notification token, in bytes; those of the push services are far shorter.
const LONGEST_NOTIFICATION_TOKEN: usize = 4_096;

/// Registers a phone by a link. The link is the credential: nothing is signed.
pub(super) async fn register(app: &App, request: &Incoming, code: &str) -> Result<Response, Refused> {
    let mut registration: RegisterDevice = request.json()?;
    let wish = push_wish(app, std::mem::take(&mut registration.notification_token))?;
    registration.notification_token = wish.token;
    if matches!(registration.platform, Some(Platform::Unknown(_))) {
        return Err(Refused::unprocessable(
            Reason::InvalidParameter,
            "platform is one of: ios, android, web",
        ));
    }
    if registration.key.as_ref().is_some_and(|key| !phone_signature::is_on_curve(key)) {
        return Err(Refused::unprocessable(
            Reason::InvalidParameter,
            "key is not a point of the curve P-256",
        ));
    }
    if let Some(name) = &registration.name {
        phones::check_name(name)?;
    }
    let base = app.known_as.issuing_base(request.head())?;
    let device = NewDevice { id: draw_device_id()?, secret: draw_secret()? };
    let code = LinkCode::presented(&plain_id(code));
    // A guess costs a look, and no change.
    let outcome = if app.database.has_link(&code).await? {
        app.database.register_device(code, device.clone(), registration).await?
    } else {
        RegisterOutcome::NotValid
    };
    let registered = match outcome {
        RegisterOutcome::Registered(registered) => registered,
        RegisterOutcome::Waits(registered, waits) => {
            // It is pushed to nowhere before it is confirmed.
            let waiting = Some(phones::record(&base, &device.id, waits));
            let record = DeviceRecord { waiting, ..device_record(&base, device, registered) };
            return Ok(json(StatusCode::OK, &record));
        }
        RegisterOutcome::CannotAdd(why) => return Err(phones::cannot_add(why)),
        RegisterOutcome::NotAllowed => return Err(phone_not_allowed()),
        RegisterOutcome::NotValid => {
            return Err(Refused::not_found(
                Reason::LinkNotValid,
                "this link has been used, has expired or was replaced: ask the application for a new one",
            ));
        }
    };
    if wish.subscription.is_some() {
        app.database.subscribe(device.id.clone(), wish.subscription).await?;
    }
    Ok(json(StatusCode::OK, &device_record(&base, device, registered)))
}

pub(super) async fn answer(
    app: &App,
    request: &Incoming,
    call: DeviceCall<'_>,
    device: &str,
) -> Result<Response, Refused> {
    let device_id = plain_id(device);
    if call == DeviceCall::PendingRequests
        && let Some(Fetched { who, first }) = app.authenticity.by_fetching_device(request, &device_id).await?
    {
        return pending_requests(app, request, who, Some(first), &device_id).await;
    }
    let signed = app.authenticity.by_device(request, &device_id).await?;
    match call {
        DeviceCall::PendingRequests => {
            // It is on its way to the disk before the wait begins, and not when that ends.
            drop(signed.spent);
            pending_requests(app, request, signed.who, None, &device_id).await
        }
        DeviceCall::ActiveSessions => active_sessions(app, request, &signed, &device_id).await,
        DeviceCall::Configuration => configure(app, request, signed).await,
        DeviceCall::Phones => phones::list(app, signed).await,
        DeviceCall::ChangePhones => phones::change(app, request, signed).await,
        DeviceCall::AddPhone => phones::link(app, request, signed).await,
        DeviceCall::RecoveryCodes => phones::recovery_codes(app, request, signed).await,
        DeviceCall::Bring => bring(app, request, signed, &device_id).await,
        DeviceCall::BeginUnlock => unlock::begin(app, request, signed, device).await,
        DeviceCall::FinishUnlock => unlock::finish(app, request, signed, device).await,
        DeviceCall::Presence => presence::say(app, request, signed).await,
        DeviceCall::Unregister => unregister(app, request, signed).await,
        // Face recognition is not done by this service: pictures are taken and thrown away.
        DeviceCall::TrainingData => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        DeviceCall::Session { name, action } => change_session(app, request, signed, name, action).await,
    }
}

/// The questions that wait for this phone. With `wait` it answers when they differ from those that the phone names in `known`
/// (none unless given), when something has become of the user's phones since the event `phones`, or when the time is up. `first` is the first look, where
/// that was had with the nonce of the call.
async fn pending_requests(
    app: &App,
    request: &Incoming,
    who: Device,
    first: Option<(watch::Receiver<()>, Waiting)>,
    device_id: &str,
) -> Result<Response, Refused> {
    let base = app.known_as.issuing_base(request.head())?;
    let wait = wait(app, request)?;
    let known = parameter(request, "known", Reason::InvalidParameter)?.unwrap_or_default();
    let known: BTreeSet<&str> = known.split(',').filter(|id| !id.is_empty()).collect();
    let phones = match parameter(request, "phones", Reason::InvalidParameter)? {
        None => None,
        Some(text) => Some(text.parse::<u64>().map_err(|_| {
            Refused::unprocessable(Reason::InvalidParameter, "phones is the number of an event")
        })?),
    };
    let Device { key, user, .. } = who;

    let (mut woken, mut first) = match first {
        Some((woken, waiting)) => (woken, Some(waiting)),
        None => (app.database.signals().listen(user), None),
    };
    let time_is_up = tokio::time::sleep(wait);
    tokio::pin!(time_is_up);
    let mut last_look = wait.is_zero();
    loop {
        let waiting = match first.take() {
            Some(waiting) => waiting,
            None => {
                woken.mark_unchanged();
                app.database.questions(key, user, app.now()).await?.ok_or_else(unknown_device)?
            }
        };
        let Waiting { questions, phones_event } = waiting;
        let is_news = phones.is_some_and(|known| phones_event.unwrap_or_default() != known);
        if last_look || is_news || ids(&questions) != known {
            app.database.remember_questions(&who, &questions);
            let requests =
                questions.into_iter().map(|question| asked(app, &base, device_id, question)).collect();
            return Ok(json(StatusCode::OK, &PendingRequests { requests, phones_event }));
        }
        tokio::select! {
            _ = woken.changed() => {}
            () = &mut time_is_up => last_look = true,
            () = app.database.time_to_look() => {}
            () = app.shutdown.begun() => last_look = true,
        }
    }
}

async fn active_sessions(
    app: &App,
    request: &Incoming,
    signed: &Verified<Device>,
    device_id: &str,
) -> Result<Response, Refused> {
    let base = app.known_as.issuing_base(request.head())?;
    let Device { key, user, .. } = signed.who;
    let (mut sessions, walkaway) = app.database.open_sessions(key, user, app.now()).await?;
    for session in &mut sessions {
        let of = |action| format!("{base}/device/{device_id}/sessions/{}/{action}", session.session_id);
        (session.logout_url, session.walkaway_url, session.return_url) =
            (of("logout"), of("walkaway"), of("return"));
    }
    let presence_url = (walkaway == Walkaway::On).then(|| format!("{base}/device/{device_id}/presence"));
    Ok(json(StatusCode::OK, &ActiveSessions { sessions, presence_url }))
}

async fn configure(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let configuration = match (request.json()?, &who.signer) {
        (ConfigurationRequest::Signed { change }, Some(signer)) => {
            let sent = Presented::from_headers(request.head().headers)?;
            let (now, window) = (app.now(), app.config.signature_window);
            match phone_signature::signed_change(&change, signer, &sent, now, window)? {
                PhoneChange::Configuration(configuration) => configuration,
                _ => return Err(phone_signature::for_another_change()),
            }
        }
        (ConfigurationRequest::Plain(configuration), None) => configuration,
        (ConfigurationRequest::Signed { .. }, None) => return Err(no_key()),
        _ => return Err(phone_signature::required()),
    };
    let wish = push_wish(app, configuration.notification_token)?;
    let base = app.known_as.issuing_base(request.head())?;
    let configured = app.database.configure_device(who.key, wish.token, spent).await?;
    let (device, registered) = configured.ok_or_else(unknown_device)?;
    let push = match &app.pushing {
        Some(pushing) => {
            let outcome = app.database.subscribe(device.id.clone(), wish.subscription).await?;
            Some(PushPossible {
                application_server_key: pushing.application_server_key(),
                is_subscribed: outcome == SubscribeOutcome::Subscribed,
            })
        }
        None => None,
    };
    let record = Some(device_record(&base, device, registered));
    Ok(json(StatusCode::OK, &DeviceConfigurationAnswer { status: true, push, record }))
}

async fn unregister(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    match signed_change(app, request, &who)? {
        Some(PhoneChange::Unregister {}) => {}
        Some(_) => return Err(phone_signature::for_another_change()),
        None => request.no_body()?,
    }
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
    let name = plain_id(name);
    match signed_change(app, request, &who)? {
        Some(change) if is_about(&change, action, &name) => {}
        Some(_) => return Err(phone_signature::for_another_change()),
        None => request.no_body()?,
    }
    let event = match action {
        SessionAction::LogOut => Event::LoggedOut,
        SessionAction::WalkAway => Event::PhoneLeft,
        SessionAction::Return => Event::PhoneReturned,
    };
    let changed = app.database.change_by_phone(who.key, name, event, spent).await?;
    match changed {
        SessionChange::Done(_) => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        SessionChange::NotPossible(state) => Err(ended(state)),
        SessionChange::Unknown => {
            Err(Refused::not_found(Reason::UnknownSession, "this phone has opened no such session"))
        }
        SessionChange::UnknownDevice => Err(unknown_device()),
    }
}

/// The change that the phone's own key has signed. None for a phone without a key, whose body is another one. The shared secret of a phone with
/// a key changes nothing: it can be stolen from the store, and a thief would let a session go on that the phone has left.
fn signed_change(app: &App, request: &Incoming, who: &Device) -> Result<Option<PhoneChange>, Refused> {
    let Some(signer) = &who.signer else { return Ok(None) };
    let body: ChangeRequest = request.json_or_default()?;
    let jws = body.change.ok_or_else(phone_signature::required)?;
    let sent = Presented::from_headers(request.head().headers)?;
    phone_signature::signed_change(&jws, signer, &sent, app.now(), app.config.signature_window).map(Some)
}

fn is_about(change: &PhoneChange, action: SessionAction, name: &str) -> bool {
    match (change, action) {
        (PhoneChange::Logout { session_id }, SessionAction::LogOut)
        | (PhoneChange::Walkaway { session_id }, SessionAction::WalkAway)
        | (PhoneChange::Return { session_id }, SessionAction::Return) => session_id == name,
        _ => false,
    }
}

/// Where the phone wants to be pushed to. A service that pushes to no phone takes any token, and keeps none that leads to a phone.
fn push_wish(app: &App, token: String) -> Result<Wish, Refused> {
    check_notification_token(&token)?;
    match &app.pushing {
        Some(pushing) => pushing.wish(token),
        None => Ok(Wish::unfulfilled(token)),
    }
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
        bring_request: Some(of("bring")),
        phones: Some(PhoneUrls::below(&format!("{base}/device/{}", device.id))),
    };
    DeviceRecord {
        user: DeviceUser {
            user_id: registered.user_id,
            display_name: registered.display_name,
            application_id: Some(registered.application_id.clone()),
            application_name: Some(registered.application_name.clone()),
        },
        device: DeviceCredentials { device_id: device.id, device_secret: device.secret },
        service: DeviceService {
            service_id: registered.application_id.to_string(),
            service_secret,
            service_name: Some(registered.application_name),
            service_urls,
        },
        training: Training::default(),
        waiting: None,
    }
}
