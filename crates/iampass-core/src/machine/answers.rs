//! Reading answers: from bytes to what a call wanted to know, or to an [`Error`].
//!
//! Belongs here: status codes, bodies, `Retry-After`. Does not belong here: what is done about an error.

use std::time::Duration;

use http::header::RETRY_AFTER;
use serde::de::DeserializeOwned;

use crate::port::{HttpResponse, MAX_ANSWER_BYTES, TransportError};
use crate::wire::{
    AddUsersAnswer, AddedUsers, AuthenticateAnswer, AuthenticateStatus, Confirmation, DoneAnswer,
    HasDeviceAnswer, MovingQr, Problem, Reason, RegistrationLinkAnswer, SessionStatus, StatusAnswer,
};
use crate::{Error, RegistrationLink, Secret};

/// No `Retry-After` is obeyed for longer: waits are bounded (law 5).
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Longest sentence and reason of the service that an error repeats, in characters.
const MOST_SAID: usize = 200;

/// The answer of `add_users`: which users were new, and which not.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`].
pub fn read_added_users(answer: &HttpResponse) -> Result<AddedUsers, Error> {
    let call = "add_users";
    let answer: AddUsersAnswer = read(answer, call)?;
    match (answer.status, answer.users) {
        (true, Some(users)) => Ok(users),
        (true, None) => Err(malformed(call, "does not say which users")),
        (false, _) => Err(Error::Declined { reason: answer.reason, message: None }),
    }
}

/// The answer of `device_registration_link` and `lost_user_mobile_device`.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`], [`Error::Malformed`] or [`Error::RefusedUrl`].
pub fn read_registration_link(answer: &HttpResponse) -> Result<RegistrationLink, Error> {
    read_link(answer, "device_registration_link")
}

/// The answer of `device_registration_link` to a call that asks for a link which adds a phone.
///
/// # Errors
/// As [`read_registration_link`]; and [`Error::TooOld`] where the service does not say that its link adds a phone. It does not know such links then,
/// and this one would replace the phones that the user has.
pub fn read_adding_link(answer: &HttpResponse) -> Result<RegistrationLink, Error> {
    let link = read_link(answer, "device_registration_link")?;
    if read::<RegistrationLinkAnswer>(answer, "device_registration_link")?.adds {
        return Ok(link);
    }
    let advice =
        "its link would replace the phones that the user has, and is not given out: update the service";
    Err(Error::TooOld { what: "links that add a phone", advice })
}

/// The answer of `recovery_link`.
///
/// # Errors
/// As [`read_registration_link`].
pub fn read_recovery_link(answer: &HttpResponse) -> Result<RegistrationLink, Error> {
    read_link(answer, "recovery_link")
}

fn read_link(answer: &HttpResponse, call: &'static str) -> Result<RegistrationLink, Error> {
    let answer: RegistrationLinkAnswer = read(answer, call)?;
    match (answer.status, answer.register_url) {
        (true, Some(url)) => RegistrationLink::parse(&url)
            .map_err(|refused| Error::RefusedUrl { field: "register_url", refused }),
        (true, None) => Err(malformed(call, "has no link in it")),
        (false, _) => Err(Error::Declined { reason: answer.reason, message: None }),
    }
}

/// The answer of `has_registered_mobile_device`.
///
/// # Errors
/// [`Error::Status`] or [`Error::Malformed`].
pub fn read_has_device(answer: &HttpResponse) -> Result<bool, Error> {
    read::<HasDeviceAnswer>(answer, "has_registered_mobile_device").map(|answer| answer.device_registered)
}

/// The answer of `delete_users`.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`].
pub fn read_deleted_users(answer: &HttpResponse) -> Result<(), Error> {
    read_done(answer, "delete_users")
}

/// The answer of `send_registration_sms`.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`].
pub fn read_sent_sms(answer: &HttpResponse) -> Result<(), Error> {
    read_done(answer, "send_registration_sms")
}

/// The answer of `send_registration_mail`.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`].
pub fn read_sent_mail(answer: &HttpResponse) -> Result<(), Error> {
    read_done(answer, "send_registration_mail")
}

/// The answer of a `logout_url`.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`]: the session may still be there.
pub fn read_logged_out(answer: &HttpResponse) -> Result<(), Error> {
    read_done(answer, "logout")
}

/// The answer of `return`: the login goes on.
///
/// # Errors
/// [`Error::Status`], [`Error::Declined`] or [`Error::Malformed`].
pub fn read_returned(answer: &HttpResponse) -> Result<(), Error> {
    read_done(answer, "return")
}

fn read_done(answer: &HttpResponse, call: &'static str) -> Result<(), Error> {
    let answer: DoneAnswer = read(answer, call)?;
    if answer.status {
        return Ok(());
    }
    Err(Error::Declined { reason: answer.reason, message: answer.message.map(cut) })
}

/// The answer of `authenticate_user`. The URLs in it are not checked yet.
///
/// # Errors
/// [`Error::Status`] or [`Error::Malformed`].
pub fn read_authenticate(answer: &HttpResponse) -> Result<AuthenticateStatus, Error> {
    read::<AuthenticateAnswer>(answer, "authenticate_user").map(|answer| answer.authentication_status)
}

/// The answer of a `status_url`. Only a well-formed one with a status of 200 says anything about the session (law 1).
///
/// # Errors
/// [`Error::Status`] or [`Error::Malformed`].
pub fn read_status(answer: &HttpResponse) -> Result<SessionStatus, Error> {
    read_status_answer(answer).map(|answer| answer.session_status)
}

/// The whole answer of a `status_url`, with what the approval has proven.
///
/// # Errors
/// As [`read_status`].
pub fn read_status_answer(answer: &HttpResponse) -> Result<StatusAnswer, Error> {
    read(answer, "session status")
}

/// Reads what came of a call that was signed with `secret`. Nothing that goes on from here repeats that secret, even if the
/// service did (law 3).
pub(super) fn hear<T>(
    answer: Result<HttpResponse, TransportError>,
    read: fn(&HttpResponse) -> Result<T, Error>,
    secret: &Secret,
) -> Result<T, Error> {
    let answer = answer?;
    match read(&answer) {
        // Of a text that was cut, a part of the secret may be left: the whole body decides.
        Err(error) if repeats(answer.body(), secret) => Err(without_words(error)),
        result => result,
    }
}

/// [`hear`] for the answer of the `status_url` of the session with this token and secret.
pub(super) fn hear_status(
    answer: Result<HttpResponse, TransportError>,
    token: &str,
    secret: &Secret,
) -> Result<StatusAnswer, Error> {
    if let Ok(answer) = &answer
        && names_another(answer.body(), token)
    {
        return Err(malformed("session status", "is about another session"));
    }
    let answer = hear(answer, read_status_answer, secret)?;
    let status = answer.session_status.as_str();
    let key = answer.assurance.as_ref().map_or("", |proven| proven.key.as_str());
    if [status, key].iter().any(|word| repeats(word.as_bytes(), secret)) {
        return Err(malformed("session status", "has a word in it that must not be repeated"));
    }
    Ok(answer)
}

/// Whether an answer says that it is about another session than the one that was asked for. It need not say so.
fn names_another(body: &[u8], token: &str) -> bool {
    const MEMBER: &[u8] = b"session_token";
    if !body.windows(MEMBER.len()).any(|part| part == MEMBER) {
        return false;
    }
    // One that is no JSON is refused by who reads it.
    let Ok(answer) = serde_json::from_slice::<serde_json::Value>(body) else { return false };
    let places = ["/session_token", "/authentication_status/session_token"];
    places.iter().filter_map(|place| answer.pointer(place)).any(|named| !named.is_null() && named != token)
}

/// Whether the secret stands in a text of the service.
pub(super) fn repeats(text: &[u8], secret: &Secret) -> bool {
    let secret = secret.expose().as_bytes();
    !secret.is_empty() && text.windows(secret.len()).any(|part| part == secret)
}

/// Whether a page can show a code that the service gave: a few digits, and a link that is one. Neither repeats the secret that the call was signed
/// with.
pub(super) fn is_showable(given: &Confirmation, secret: &Secret) -> bool {
    const DIGITS: std::ops::RangeInclusive<usize> = 6..=10;
    const LONGEST_LINK: usize = 500;
    let (code, link) = (given.code.expose(), given.scan_url.expose());
    let is_code = DIGITS.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    let is_link = link.len() <= LONGEST_LINK && RegistrationLink::parse(link).is_ok();
    let is_secret = [code, link].iter().any(|text| repeats(text.as_bytes(), secret));
    is_code && is_link && !is_secret
}

/// Whether the QR code of a login without a name can be drawn: its address is a link to which a code is added. It repeats no secret that the
/// call was signed with.
pub(crate) fn is_drawable(given: &MovingQr, secret: &Secret) -> bool {
    const LONGEST: usize = 250;
    let (url, token) = (given.url.as_str(), given.token.as_str());
    let is_link = url.len() <= LONGEST && url.ends_with("#scan=") && RegistrationLink::parse(url).is_ok();
    let is_token = (1..=LONGEST).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let is_secret = [url, token].iter().any(|text| repeats(text.as_bytes(), secret));
    is_link && is_token && !given.secret.is_empty() && !is_secret
}

/// Whether a page can lead to IAMPASS by this link. It repeats no secret that the call was signed with.
pub(super) fn is_openable(given: &Secret, secret: &Secret) -> bool {
    const LONGEST: usize = 500;
    let link = given.expose();
    let is_link = link.len() <= LONGEST && link.contains("#link=") && RegistrationLink::parse(link).is_ok();
    is_link && !repeats(link.as_bytes(), secret)
}

/// The same error without what the service said in its own words.
pub(super) fn without_words(error: Error) -> Error {
    let known = |reason: Option<Reason>| reason.filter(|reason| !matches!(reason, Reason::Unknown(_)));
    match error {
        Error::Status { status, reason, retry_after, .. } => {
            Error::Status { status, reason: known(reason), message: None, retry_after }
        }
        Error::Declined { reason, .. } => Error::Declined { reason: known(reason), message: None },
        other => other,
    }
}

fn read<T: DeserializeOwned>(answer: &HttpResponse, call: &'static str) -> Result<T, Error> {
    // Transports stop there already; one that does not must not get further.
    if answer.body().len() > MAX_ANSWER_BYTES {
        return Err(malformed(call, "is larger than 1 MiB"));
    }
    if !matches!(answer.status().as_u16(), 200..=202) {
        return Err(refused(answer));
    }
    serde_json::from_slice(answer.body()).map_err(|error| Error::Malformed {
        call,
        // The library's own text quotes values, which may be secrets.
        what: if error.is_data() { "has another shape than expected" } else { "is not JSON" },
        line: error.line(),
        column: error.column(),
    })
}

fn malformed(call: &'static str, what: &'static str) -> Error {
    Error::Malformed { call, what, line: 0, column: 0 }
}

fn refused(answer: &HttpResponse) -> Error {
    let problem = serde_json::from_slice::<Problem>(answer.body()).ok();
    let (reason, message) = problem.map_or((None, None), |problem| (problem.reason, problem.message));
    Error::Status {
        status: answer.status().as_u16(),
        reason: reason.filter(|reason| reason.as_str().len() <= MOST_SAID),
        message: message.map(cut),
        retry_after: retry_after(answer),
    }
}

fn cut(message: String) -> String {
    message.chars().filter(|character| !character.is_control()).take(MOST_SAID).collect()
}

/// `Retry-After` in seconds. Its other form, a date, would need the wall clock to agree with the service's: it is read as none.
fn retry_after(answer: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;
    use proptest::prelude::*;

    fn answer(status: u16, body: &str) -> HttpResponse {
        Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn only_success_is_read_as_an_answer() {
        let active = r#"{"authenticated": true, "session_status": "active"}"#;
        assert_eq!(read_status(&answer(200, active)).unwrap(), SessionStatus::Active);
        for status in [100, 203, 204, 301, 302, 400, 401, 403, 404, 500, 503] {
            assert!(matches!(read_status(&answer(status, active)), Err(Error::Status { .. })), "{status}");
        }
    }

    #[test]
    fn a_malformed_answer_is_told_with_its_place_and_without_its_contents() {
        let error = read_done(&answer(200, "{\n  \"status\": \"hunter2\"}"), "logout").unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("line 2"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
        for body in ["", "<html>", "{\"status\": tru", "[]", "null", "\u{0}"] {
            assert!(matches!(read_status(&answer(200, body)), Err(Error::Malformed { .. })), "{body}");
        }
    }

    #[test]
    fn the_services_words_are_repeated_and_bounded() {
        let body = format!(
            r#"{{"status": false, "reason": "UNKNOWN_USER", "message": "{}\u001b[2J"}}"#,
            "x".repeat(500)
        );
        match read_status(&answer(404, &body)) {
            Err(Error::Status {
                status: 404,
                reason: Some(Reason::UnknownUser),
                message: Some(message),
                ..
            }) => {
                assert_eq!(message.len(), 200);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            read_status(&answer(502, "<html>")),
            Err(Error::Status { status: 502, reason: None, .. })
        ));
    }

    #[test]
    fn retry_after_is_read_and_bounded() {
        let with = |value: &str| {
            let mut answer = answer(429, "{}");
            answer.headers_mut().insert(RETRY_AFTER, value.parse().unwrap());
            read_status(&answer).unwrap_err().retry_after()
        };
        assert_eq!(with("7"), Some(Duration::from_secs(7)));
        assert_eq!(with("99999999"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(with("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(with("-1"), None);
    }

    #[test]
    fn declined_is_no_success() {
        let body = r#"{"status": false, "reason": "QUOTA", "users": {"created": ["u"]}}"#;
        assert!(matches!(read_added_users(&answer(200, body)), Err(Error::Declined { .. })));
        assert!(matches!(
            read_added_users(&answer(201, r#"{"status": true}"#)),
            Err(Error::Malformed { .. })
        ));
        let script = r#"{"status": true, "register_url": "javascript:alert(1)"}"#;
        assert!(matches!(read_registration_link(&answer(200, script)), Err(Error::RefusedUrl { .. })));
    }

    /// A service that does not know the parameter `add` ignores it, and its link replaces the phones that the user has.
    #[test]
    fn a_link_that_is_not_said_to_add_a_phone_is_not_given_out() {
        let link = |adds: &str| {
            let body = format!(r#"{{"status": true, "register_url": "https://login.example/r/1"{adds}}}"#);
            read_adding_link(&answer(200, &body))
        };
        assert_eq!(link(r#", "adds": true"#).unwrap().as_str(), "https://login.example/r/1");
        for no in ["", r#", "adds": false"#] {
            let refused = link(no).unwrap_err();
            assert!(matches!(refused, Error::TooOld { .. }) && !refused.is_retryable(), "{refused}");
            assert!(refused.to_string().contains("update the service"), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(status in 100_u16..1000, body: Vec<u8>) {
            let answer = Response::builder().status(status).body(body).unwrap();
            let _ = read_status(&answer);
            let _ = read_authenticate(&answer);
            let _ = read_added_users(&answer);
            let _ = read_registration_link(&answer);
        }
    }
}
