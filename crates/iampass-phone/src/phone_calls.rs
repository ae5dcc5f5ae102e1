//! The calls about several phones of one user, as requests to be signed \[X\].
//!
//! Belongs here: method, URL and body of each call. Does not belong here: when a call is made, and what its answer means.

use http::Method;
use iampass_core::wire::{PhoneChange, PhoneUrls, WaitingRecord};
use iampass_core::{DeviceId, Secret, UnixSeconds};

use crate::call::{PhoneCall, ToSign};
use crate::calls::{by_phone, changing};
use crate::{PhoneError, Registration};

/// `GET phones`: the phones of the user.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn phones(registration: &Registration) -> Result<PhoneCall, PhoneError> {
    by_phone(registration, "phones", Method::GET, &urls(registration)?.list)
}

/// `POST phones_change`: the phone that waits shows this code, and is the user's own.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn confirm_phone(
    registration: &Registration,
    phone: &DeviceId,
    code: &Secret,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let change = PhoneChange::ConfirmPhone { phone_id: phone.clone(), code: code.clone() };
    change_phones(registration, "confirming a phone", change, at)
}

/// `POST phones_change`: the phone that waits is not let in.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn deny_phone(
    registration: &Registration,
    phone: &DeviceId,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let change = PhoneChange::DenyPhone { phone_id: phone.clone() };
    change_phones(registration, "denying a phone", change, at)
}

/// `POST phones_change`: a phone gets a name of 1 to 64 characters.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn name_phone(
    registration: &Registration,
    phone: &DeviceId,
    name: &str,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let change = PhoneChange::NamePhone { phone_id: phone.clone(), name: name.to_owned() };
    change_phones(registration, "naming a phone", change, at)
}

/// `POST phones_change`: a phone is removed, and its sessions end.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn remove_phone(
    registration: &Registration,
    phone: &DeviceId,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let change = PhoneChange::RemovePhone { phone_id: phone.clone() };
    change_phones(registration, "removing a phone", change, at)
}

/// `POST phones_link`: a link for one more phone. The new phone shows the user by the name that this one has.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn add_phone(registration: &Registration, at: UnixSeconds) -> Result<ToSign, PhoneError> {
    let display_name = registration.record().user.display_name.clone();
    let call = by_phone(registration, "adding a phone", Method::POST, &urls(registration)?.link)?;
    changing(registration, call, PhoneChange::AddPhone { display_name }, at)
}

/// `POST recovery_codes`: new codes in place of all that were made before.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`], [`PhoneError::RefusedUrl`].
pub fn make_recovery_codes(registration: &Registration, at: UnixSeconds) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, "recovery codes", Method::POST, &urls(registration)?.recovery_codes)?;
    changing(registration, call, PhoneChange::MakeRecoveryCodes {}, at)
}

/// `GET state_url`: whether this phone, which was added, is confirmed.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`] for a phone that waits for nothing, [`PhoneError::RefusedUrl`].
pub fn waiting(registration: &Registration) -> Result<PhoneCall, PhoneError> {
    by_phone(registration, "waiting", Method::GET, &record(registration)?.state_url)
}

/// `POST recover_url`: a recovery code lets this phone in, which was added.
///
/// # Errors
/// [`PhoneError::PhonesNotOffered`] for a phone that waits for nothing, [`PhoneError::RefusedUrl`].
pub fn recover(
    registration: &Registration,
    recovery_code: &Secret,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, "recovery", Method::POST, &record(registration)?.recover_url)?;
    changing(registration, call, PhoneChange::Recover { recovery_code: recovery_code.clone() }, at)
}

fn change_phones(
    registration: &Registration,
    name: &'static str,
    change: PhoneChange,
    at: UnixSeconds,
) -> Result<ToSign, PhoneError> {
    let call = by_phone(registration, name, Method::POST, &urls(registration)?.change)?;
    changing(registration, call, change, at)
}

fn urls(registration: &Registration) -> Result<&PhoneUrls, PhoneError> {
    registration.record().service.service_urls.phones.as_ref().ok_or(PhoneError::PhonesNotOffered)
}

fn record(registration: &Registration) -> Result<&WaitingRecord, PhoneError> {
    registration.record().waiting.as_ref().ok_or(PhoneError::PhonesNotOffered)
}
