//! The calls of a phone, as requests to be signed \[F\]\[X\].
//!
//! A phone takes every address from the service's answers, checks it, and builds none.
//!
//! Belongs here: method, URL and body of each call. Does not belong here: when a call is made, and what its answer means.

use http::Method;
use iampass_core::wire::{
    ANSWER_TYPE, AnswerClaims, AuthenticationRequest, BRING_TYPE, BringClaims, BringRequest, CHANGE_TYPE,
    ChangeClaims, DeviceConfiguration, Identification, PhoneChange, PhoneSession, RegisterDevice, Shown,
};
use iampass_core::{RegistrationLink, ServiceUrl, UnixSeconds};
use serde::Serialize;

use crate::call::{PhoneCall, ToSign, unwritable};
use crate::inbox::Poll;
use crate::jws::UnsignedJws;
use crate::registration::server_of;
use crate::{Brought, PhoneError, Registration};

/// `POST` to a registration link. The link is the credential: nothing is signed.
///
/// # Errors
/// [`PhoneError::RefusedUrl`] for a link that is not `https` (or `http` to this machine).
pub fn register(link: &RegistrationLink, body: &RegisterDevice) -> Result<PhoneCall, PhoneError> {
    let call = "registration";
    let url = server_of(link.as_str())?.check(link.as_str());
    let url = url.map_err(|refused| PhoneError::RefusedUrl { call, refused })?;
    Ok(PhoneCall::new(call, Method::POST, url).with_body(json(call, body)?))
}

/// `GET pending_requests`, with `wait` and `known` where the poll has them: the service answers as soon as the questions are others than the
/// known ones, or when the time is up.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn pending_requests(registration: &Registration, poll: &Poll) -> Result<PhoneCall, PhoneError> {
    let url = &registration.record().service.service_urls.pending_requests;
    by_phone(registration, "pending requests", Method::GET, &poll.added_to(url))
}

/// `POST bring_request`: the code of a login page, by the phone of the user who wants to sign in there. The answer has the one question that
/// belongs to it.
///
/// # Errors
/// [`PhoneError::BringNotOffered`], [`PhoneError::OtherService`], [`PhoneError::RefusedUrl`].
pub fn bring(registration: &Registration, brought: &Brought, at: UnixSeconds) -> Result<ToSign, PhoneError> {
    let name = "bringing a code";
    let record = registration.record();
    let url = record.service.service_urls.bring_request.as_deref().ok_or(PhoneError::BringNotOffered)?;
    let call = by_phone(registration, name, Method::POST, url)?;
    let shown = shown(registration, brought)?;
    if registration.device_key().is_none() {
        let body = json(name, &BringRequest::Plain(shown))?;
        return Ok(ToSign::plain(call.with_body(body)));
    }
    let claims = BringClaims {
        iss: record.device.device_id.clone(),
        aud: registration.application().clone(),
        sub: registration.user().clone(),
        iat: at,
        shown,
    };
    let jws = UnsignedJws::new(BRING_TYPE, &claims).ok_or(unwritable(name))?;
    Ok(ToSign::jws(call, "brought", jws))
}

/// `POST identification_start_url`: the user sees the question.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn show(registration: &Registration, request: &AuthenticationRequest) -> Result<PhoneCall, PhoneError> {
    by_question(registration, "showing a question", request, &request.identify.identification_start_url)
}

/// `POST identification_url`: the answer, signed by the device key if this phone has one.
///
/// # Errors
/// [`PhoneError::RefusedUrl`]; [`PhoneError::OtherAccount`] when the device key is to answer a question of another user or application.
pub fn answer(
    registration: &Registration,
    request: &AuthenticationRequest,
    identification: &Identification,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let name = if identification.accepted { "accepting" } else { "denying" };
    let call = by_question(registration, name, request, &request.identify.identification_url)?;
    if registration.device_key().is_none() {
        let body = json(name, identification)?;
        return Ok(ToSign::plain(call.with_body(body)));
    }
    // The key speaks for one user at one application.
    if request.application_id != *registration.application() || request.user_id != *registration.user() {
        return Err(PhoneError::OtherAccount);
    }
    let claims = AnswerClaims {
        iss: registration.record().device.device_id.clone(),
        aud: request.application_id.clone(),
        sub: request.user_id.clone(),
        jti: request.auth_request_id.clone(),
        iat: at,
        identification: identification.clone(),
    };
    let jws = UnsignedJws::new(ANSWER_TYPE, &claims).ok_or(unwritable(name))?;
    Ok(ToSign::jws(call, "answer", jws))
}

/// The same answer with what was brought.
///
/// # Errors
/// [`PhoneError::OtherService`].
pub fn with_brought(
    registration: &Registration,
    identification: Identification,
    brought: &Brought,
) -> Result<Identification, PhoneError> {
    Ok(match shown(registration, brought)? {
        Shown::Code(code) => identification.code(code),
        Shown::Scan(scan) => identification.scan(scan),
    })
}

/// `GET active_sessions`.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn active_sessions(registration: &Registration) -> Result<PhoneCall, PhoneError> {
    let url = &registration.record().service.service_urls.active_sessions;
    by_phone(registration, "active sessions", Method::GET, url)
}

/// `POST logout_url` of a session: the remote logout.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn log_out(
    registration: &Registration,
    session: &PhoneSession,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, "logging out", Method::POST, &session.logout_url)?;
    changing(registration, call, PhoneChange::Logout { session_id: session.session_id.clone() }, at)
}

/// `POST walkaway_url` of a session: the phone leaves.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn walk_away(
    registration: &Registration,
    session: &PhoneSession,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, "walking away", Method::POST, &session.walkaway_url)?;
    changing(registration, call, PhoneChange::Walkaway { session_id: session.session_id.clone() }, at)
}

/// `POST return_url` of a session: the phone is back.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn come_back(
    registration: &Registration,
    session: &PhoneSession,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, "coming back", Method::POST, &session.return_url)?;
    changing(registration, call, PhoneChange::Return { session_id: session.session_id.clone() }, at)
}

/// `POST device_configuration`: where notifications go now.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn configure(
    registration: &Registration,
    configuration: &DeviceConfiguration,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let name = "configuration";
    let url = &registration.record().service.service_urls.device_configuration;
    let call = by_phone(registration, name, Method::POST, url)?.with_body(json(name, configuration)?);
    changing(registration, call, PhoneChange::Configuration(configuration.clone()), at)
}

/// `POST device_unregister`: the service forgets this phone.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn unregister(registration: &Registration, at: UnixSeconds) -> Result<ToSign, PhoneError> {
    let url = &registration.record().service.service_urls.device_unregister;
    let call = by_phone(registration, "removal", Method::POST, url)?;
    changing(registration, call, PhoneChange::Unregister {}, at)
}

/// The call as it is for a phone without a key; one that has a key signs what is to be changed in place of the body.
pub(crate) fn changing(
    registration: &Registration,
    call: PhoneCall,
    change: PhoneChange,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    if registration.device_key().is_none() {
        return Ok(ToSign::plain(call));
    }
    let claims = ChangeClaims {
        iss: registration.record().device.device_id.clone(),
        aud: registration.application().clone(),
        sub: registration.user().clone(),
        iat: at,
        jti: None,
        change,
    };
    let jws = UnsignedJws::new(CHANGE_TYPE, &claims).ok_or(unwritable(call.name()))?;
    Ok(ToSign::change(call, jws, claims))
}

/// A secret of one service is not told to another one.
fn shown(registration: &Registration, brought: &Brought) -> Result<Shown, PhoneError> {
    match brought {
        Brought::Code(digits) => Ok(Shown::Code(digits.secret().clone())),
        Brought::Scan(scan) if scan.is_of(registration.server()) => Ok(Shown::Scan(scan.secret().clone())),
        Brought::Scan(_) => Err(PhoneError::OtherService),
    }
}

pub(crate) fn by_phone(
    registration: &Registration,
    name: &'static str,
    method: Method,
    url: &str,
) -> Result<PhoneCall, PhoneError> {
    let url: ServiceUrl = registration.check(name, url)?;
    let device = &registration.record().device;
    Ok(PhoneCall::new(name, method, url).signed_by(device.device_id.as_str(), &device.device_secret))
}

/// The two calls that answer a question are signed with the question's own pair.
pub(crate) fn by_question(
    registration: &Registration,
    name: &'static str,
    request: &AuthenticationRequest,
    url: &str,
) -> Result<PhoneCall, PhoneError> {
    let url = registration.check(name, url)?;
    let call = PhoneCall::new(name, Method::POST, url);
    Ok(call.signed_by(request.auth_request_id.as_str(), &request.identify.identification_data_secret))
}

pub(crate) fn json(call: &'static str, body: &impl Serialize) -> Result<Vec<u8>, PhoneError> {
    serde_json::to_vec(body).map_err(|_| unwritable(call))
}
