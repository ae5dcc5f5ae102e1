//! The calls by which a phone proves that it was unlocked, as requests to be signed, and the reading of their answers \[X\].
//!
//! Belongs here: method, URL and body of each. Does not belong here: what WebAuthn makes of the options, which is the port [`crate::Unlock`].

use http::Method;
use iampass_core::UnixSeconds;
use iampass_core::port::HttpResponse;
use iampass_core::wire::{
    AuthenticationRequest, UNLOCK_TYPE, UnlockChallenge, UnlockClaims, UnlockRegistration, UnlockUrls,
};
use serde_json::Value;

use crate::answers::read;
use crate::call::unwritable;
use crate::call::{PhoneCall, ToSign};
use crate::calls::{by_phone, by_question};
use crate::jws::UnsignedJws;
use crate::{PhoneError, Registration, UnlockError};

/// Where a question says that the phone proves it was unlocked.
///
/// # Errors
/// [`PhoneError::Unlock`] when it says nothing: the service verifies no unlocking.
pub fn unlock_urls(request: &AuthenticationRequest) -> Result<&UnlockUrls, PhoneError> {
    Ok(request.identify.unlock.as_ref().ok_or(UnlockError::NotAvailable)?)
}

/// `POST challenge_url`: the challenge of a question.
///
/// # Errors
/// [`PhoneError::RefusedUrl`], and as [`unlock_urls`].
pub fn challenge(
    registration: &Registration,
    request: &AuthenticationRequest,
) -> Result<PhoneCall, PhoneError> {
    by_question(registration, "unlocking", request, &unlock_urls(request)?.challenge_url)
}

/// `POST registration_url`: the phone begins to register its unlock credential.
///
/// # Errors
/// [`PhoneError::RefusedUrl`], and as [`unlock_urls`].
pub fn begin(
    registration: &Registration,
    request: &AuthenticationRequest,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    signed(registration, &unlock_urls(request)?.registration_url, None, at)
}

/// `POST finish_url`: the phone completes the registration, with the JSON of the credential.
///
/// # Errors
/// [`PhoneError::RefusedUrl`].
pub fn finish(
    registration: &Registration,
    begun: &UnlockRegistration,
    credential: Value,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    signed(registration, &begun.finish_url, Some(credential), at)
}

/// The answer of [`challenge`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_challenge(call: &PhoneCall, answer: &HttpResponse) -> Result<UnlockChallenge, PhoneError> {
    read(call, answer)
}

/// The answer of [`begin`]. That of [`finish`] is read by [`crate::answers::read_done`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_registration(call: &PhoneCall, answer: &HttpResponse) -> Result<UnlockRegistration, PhoneError> {
    read(call, answer)
}

fn signed(
    registration: &Registration,
    url: &str,
    credential: Option<Value>,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let name = "registering the unlocking";
    let call = by_phone(registration, name, Method::POST, url)?;
    let claims = UnlockClaims {
        iss: registration.record().device.device_id.clone(),
        aud: registration.application().clone(),
        sub: registration.user().clone(),
        iat: at,
        credential,
    };
    let jws = UnsignedJws::new(UNLOCK_TYPE, &claims).ok_or(unwritable(name))?;
    Ok(ToSign::jws(call, "unlock", jws))
}
