//! Reading the service's answers: from bytes to the values that a call asked for, or to a [`PhoneError`].
//!
//! Belongs here: status codes, bodies, `Retry-After`. Does not belong here: the treatment of an error.

use std::time::Duration;

use http::header::RETRY_AFTER;
use iampass_core::Secret;
use iampass_core::port::{HttpResponse, MAX_ANSWER_BYTES};
use iampass_core::wire::{
    ActiveSessions, AnswerTaken, AuthenticationRequest, DeviceConfigurationAnswer, DeviceRecord, DoneAnswer,
    PendingRequests, PhoneLink, PhoneList, PhoneSession, PresenceAnswer, Problem, Reason, RecoveryCodes,
    WaitingAnswer,
};
use serde::de::DeserializeOwned;

use crate::{PhoneCall, PhoneError};

/// No `Retry-After` is obeyed for longer: waits are bounded (law 5).
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The longest sentence and reason of the service that an error repeats, in characters.
const MOST_SAID: usize = 200;

/// The answer of [`super::calls::register`]: the record that the phone keeps.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_record(call: &PhoneCall, answer: &HttpResponse) -> Result<DeviceRecord, PhoneError> {
    read(call, answer)
}

/// The answer of [`super::calls::pending_requests`]: the questions that wait, oldest first.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_requests(
    call: &PhoneCall,
    answer: &HttpResponse,
) -> Result<Vec<AuthenticationRequest>, PhoneError> {
    Ok(read::<PendingRequests>(call, answer)?.requests)
}

/// The answer of [`super::calls::bring`]: the one question that the code belongs to.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_brought(call: &PhoneCall, answer: &HttpResponse) -> Result<AuthenticationRequest, PhoneError> {
    let mut requests = read_requests(call, answer)?;
    match (requests.pop(), requests.is_empty()) {
        (Some(request), true) => Ok(request),
        _ => Err(malformed(call, "has not exactly one question in it")),
    }
}

/// The answer of [`super::calls::active_sessions`], newest first.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_sessions(call: &PhoneCall, answer: &HttpResponse) -> Result<Vec<PhoneSession>, PhoneError> {
    Ok(read::<ActiveSessions>(call, answer)?.sessions)
}

/// The address in the answer of [`super::calls::active_sessions`] at which the phone says that it is near or away. `None` where the application
/// does not want to know it.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_presence_url(call: &PhoneCall, answer: &HttpResponse) -> Result<Option<String>, PhoneError> {
    Ok(read::<ActiveSessions>(call, answer)?.presence_url)
}

/// The answer of [`super::presence_calls::say`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_presence(call: &PhoneCall, answer: &HttpResponse) -> Result<PresenceAnswer, PhoneError> {
    let said: PresenceAnswer = read(call, answer)?;
    if said.status { Ok(said) } else { Err(refused(call, answer, None, None, None)) }
}

/// The answer of [`super::calls::configure`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_configuration(
    call: &PhoneCall,
    answer: &HttpResponse,
) -> Result<DeviceConfigurationAnswer, PhoneError> {
    read(call, answer)
}

/// The answer of [`super::phone_calls::phones`], and of each change to them: the phones.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_phones(call: &PhoneCall, answer: &HttpResponse) -> Result<PhoneList, PhoneError> {
    read(call, answer)
}

/// The answer of [`super::phone_calls::add_phone`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_phone_link(call: &PhoneCall, answer: &HttpResponse) -> Result<PhoneLink, PhoneError> {
    read(call, answer)
}

/// The answer of [`super::phone_calls::make_recovery_codes`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_recovery_codes(call: &PhoneCall, answer: &HttpResponse) -> Result<RecoveryCodes, PhoneError> {
    read(call, answer)
}

/// The answer of [`super::phone_calls::waiting`] and [`super::phone_calls::recover`].
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_waiting(call: &PhoneCall, answer: &HttpResponse) -> Result<WaitingAnswer, PhoneError> {
    read(call, answer)
}

/// The answer of every other call: it is done, or it is not.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_done(call: &PhoneCall, answer: &HttpResponse) -> Result<(), PhoneError> {
    let done: DoneAnswer = read(call, answer)?;
    if done.status {
        return Ok(());
    }
    Err(refused(call, answer, done.reason, done.message, None))
}

/// The answer of [`super::calls::answer`]: where the browser is to go that the question's link was opened in, if it came by one.
///
/// # Errors
/// [`PhoneError::Refused`] or [`PhoneError::Malformed`].
pub fn read_taken(call: &PhoneCall, answer: &HttpResponse) -> Result<Option<Secret>, PhoneError> {
    let AnswerTaken { done, return_to } = read(call, answer)?;
    if done.status {
        return Ok(return_to);
    }
    Err(refused(call, answer, done.reason, done.message, None))
}

pub(crate) fn read<T: DeserializeOwned>(call: &PhoneCall, answer: &HttpResponse) -> Result<T, PhoneError> {
    // Transports stop there already; one that does not must not get further.
    if answer.body().len() > MAX_ANSWER_BYTES {
        return Err(malformed(call, "is larger than 1 MiB"));
    }
    if !matches!(answer.status().as_u16(), 200..=202) {
        let problem = serde_json::from_slice::<Problem>(answer.body()).ok();
        let tries_left = problem.as_ref().and_then(|problem| problem.tries_left);
        let (reason, message) = problem.map_or((None, None), |problem| (problem.reason, problem.message));
        return Err(refused(call, answer, reason, message, tries_left));
    }
    serde_json::from_slice(answer.body()).map_err(|error| PhoneError::Malformed {
        call: call.name(),
        // The library's own text quotes values, which may be secrets.
        what: if error.is_data() { "has another shape than expected" } else { "is not JSON" },
        line: error.line(),
        column: error.column(),
    })
}

fn malformed(call: &PhoneCall, what: &'static str) -> PhoneError {
    PhoneError::Malformed { call: call.name(), what, line: 0, column: 0 }
}

fn refused(
    call: &PhoneCall,
    answer: &HttpResponse,
    reason: Option<Reason>,
    message: Option<String>,
    tries_left: Option<u64>,
) -> PhoneError {
    // No error repeats the secret that signed, even if the service did (law 3). Of a text that was cut, a part may be left.
    let leaks = call.secret().is_some_and(|secret| repeats(answer.body(), secret));
    let is_fit = |reason: &Reason| match reason {
        Reason::Unknown(word) => !leaks && word.len() <= MOST_SAID,
        _ => true,
    };
    PhoneError::Refused {
        call: call.name(),
        status: answer.status().as_u16(),
        reason: reason.filter(is_fit),
        message: message.filter(|_| !leaks).map(cut),
        retry_after: retry_after(answer),
        tries_left,
    }
}

fn repeats(text: &[u8], secret: &Secret) -> bool {
    let secret = secret.expose().as_bytes();
    !secret.is_empty() && text.windows(secret.len()).any(|part| part == secret)
}

fn cut(message: String) -> String {
    message.chars().filter(|character| !character.is_control()).take(MOST_SAID).collect()
}

/// `Retry-After` in seconds. Its other form, a date, would need the wall clock to agree with the service's: it is read as none.
fn retry_after(answer: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}
