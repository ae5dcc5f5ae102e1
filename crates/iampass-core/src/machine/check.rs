//! **Check**: what the answer to one signed call says about an application's own settings.
//!
//! Belongs here: from an answer to what is wrong and what to do about it. Does not belong here: putting the call
//! ([`crate::client::Client::check`]).

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use base16ct::lower;
use http::header::{DATE, LOCATION};

use super::answers::{read_has_device, without_words};
use super::call::{Call, Repeat, RetryPolicy};
use super::calls;
use crate::port::{HttpResponse, TransportErrorKind};
use crate::wire::{Problem, Reason};
use crate::{Application, Draw, Error, Now, Server, UnixSeconds, UserToken};

/// The result of [`crate::client::Client::check`]. It prints as a description of the problem and its remedy.
#[derive(Debug)]
#[must_use = "a check that nobody reads helps nobody"]
pub struct Check {
    server: Box<str>,
    finding: Finding,
}

/// The problem that a check found, if any.
#[derive(Debug)]
#[non_exhaustive]
pub enum Finding {
    /// Nothing: logins can work.
    Good,
    /// The service knows the application, and its secret is another one.
    WrongSecret,
    /// The request was signed too long ago, or in the future, by the service's clock.
    WrongClock(Option<ClockOffset>),
    /// No application at this service has this id.
    UnknownApplication,
    /// The application was disabled at the service.
    ApplicationDisabled,
    /// The headers that carry the signature did not arrive.
    SignatureLost,
    /// The server at the address is not an IAMPASS service.
    NotTheService {
        /// The HTTP status of the answer.
        status: u16,
        /// Whether it leads to another address.
        redirects: bool,
    },
    /// The service is there and cannot answer now.
    Busy {
        /// The HTTP status of the answer.
        status: u16,
    },
    /// Nothing answers there; the error says more.
    Unreachable(Error),
    /// The service refused the call for another reason.
    Refused(Error),
}

/// How far this machine's clock is from the service's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockOffset {
    /// This machine's clock is ahead by so much.
    Ahead(Duration),
    /// This machine's clock is behind by so much.
    Behind(Duration),
}

impl ClockOffset {
    /// How far `ours` is from `theirs`.
    #[must_use]
    pub const fn between(ours: UnixSeconds, theirs: UnixSeconds) -> Self {
        if ours.0 >= theirs.0 { Self::Ahead(ours.since(theirs)) } else { Self::Behind(theirs.since(ours)) }
    }
}

impl fmt::Display for ClockOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(by) => write!(f, "{} s ahead of the service's", by.as_secs()),
            Self::Behind(by) => write!(f, "{} s behind the service's", by.as_secs()),
        }
    }
}

impl Check {
    /// The call whose answer [`Check::of_answer`] reads: whether an unknown user has a phone. It changes nothing. `draw` makes the
    /// user's token, which cannot be guessed, so that no application has given it out.
    ///
    /// # Errors
    /// [`Error::BadId`], for no draw there is.
    pub fn call(
        application: &Application,
        policy: RetryPolicy,
        draw: Draw,
    ) -> Result<Call<HttpResponse>, Error> {
        let random = lower::encode_string(draw.bytes());
        let nobody = UserToken::new(format!("check-{random}"))?;
        let call = calls::has_registered_device(application, &nobody);
        // Every answer is one, whatever it says: a refusal is what is looked for.
        let whole = |answer: &HttpResponse| Ok(answer.clone());
        Ok(Call::new(call, whole, policy, Repeat::WhenItMayHelp))
    }

    /// Reads an answer to [`Check::call`] that came at `now`.
    pub fn of_answer(server: &Server, answer: &HttpResponse, now: Now) -> Self {
        Self::new(server, finding(answer, now))
    }

    /// The same where there is no answer.
    pub fn of_failure(server: &Server, error: Error) -> Self {
        let finding = match &error {
            Error::Transport(failed) if failed.kind() == TransportErrorKind::AnswerTooLarge => {
                Finding::NotTheService { status: 200, redirects: false }
            }
            Error::Transport(_) | Error::Timeout => Finding::Unreachable(error),
            _ => Finding::Refused(error),
        };
        Self::new(server, finding)
    }

    fn new(server: &Server, finding: Finding) -> Self {
        Self { server: server.base().into(), finding }
    }

    /// Whether logins can work.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        matches!(self.finding, Finding::Good)
    }

    /// The finding, for programs.
    #[must_use]
    pub const fn finding(&self) -> &Finding {
        &self.finding
    }
}

fn finding(answer: &HttpResponse, now: Now) -> Finding {
    let status = answer.status().as_u16();
    let problem = serde_json::from_slice::<Problem>(answer.body()).ok().and_then(|problem| problem.reason);
    let not_the_service =
        Finding::NotTheService { status, redirects: answer.headers().contains_key(LOCATION) };
    match (status, problem) {
        (200..=202, _) if read_has_device(answer).is_ok() => Finding::Good,
        // The application is known, and the user is not: that is what was asked for.
        (200..=202 | 404, Some(Reason::UnknownUser)) => Finding::Good,
        (_, Some(Reason::BadSignature)) => Finding::WrongSecret,
        (_, Some(Reason::TimestampTooOld | Reason::TimestampTooNew)) => {
            Finding::WrongClock(service_time(answer).map(|theirs| ClockOffset::between(now.wall, theirs)))
        }
        (_, Some(Reason::UnknownApplication | Reason::UnknownId)) => Finding::UnknownApplication,
        (_, Some(Reason::ApplicationDisabled)) => Finding::ApplicationDisabled,
        (_, Some(Reason::SignatureMissing | Reason::SignatureMalformed)) => Finding::SignatureLost,
        (408 | 425 | 429 | 500 | 502..=504, _) => Finding::Busy { status },
        (_, Some(_)) | (401 | 403, None) => match read_has_device(answer) {
            // It is to be logged, and nobody looked whether it repeats the secret (law 3).
            Err(error) => Finding::Refused(without_words(error)),
            Ok(_) => not_the_service,
        },
        _ => not_the_service,
    }
}

/// The time by the service's clock.
fn service_time(answer: &HttpResponse) -> Option<UnixSeconds> {
    let date = httpdate::parse_http_date(answer.headers().get(DATE)?.to_str().ok()?).ok()?;
    Some(UnixSeconds(date.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = &self.server;
        match &self.finding {
            Finding::Good => write!(f, "the IAMPASS service at {server} knows this application"),
            Finding::WrongSecret => write!(
                f,
                "the IAMPASS service at {server} knows this application, but not its secret: set \
                 IAMPASS_APPLICATION_SECRET to the one that the Console shows, or make a new one there (if it is the right one, \
                 something between here and the service rewrites the address of requests)"
            ),
            Finding::WrongClock(offset) => {
                write!(f, "the IAMPASS service at {server} refuses this machine's time")?;
                if let Some(offset) = offset {
                    write!(f, ": its clock is {offset}")?;
                }
                f.write_str("; set the clock, and have it kept right (NTP)")
            }
            Finding::UnknownApplication => write!(
                f,
                "the IAMPASS service at {server} has no application with this id: set IAMPASS_APPLICATION_ID to the one that the \
                 Console shows, and IAMPASS_SERVER to the service at which the application was added"
            ),
            Finding::ApplicationDisabled => write!(
                f,
                "this application is disabled at the IAMPASS service at {server}: an owner can enable it again in the Console"
            ),
            Finding::SignatureLost => write!(
                f,
                "the headers Authentication and X-IAMPASS-Authentication-Timestamp do not arrive at {server} as they were sent: have \
                 the proxy between here and there pass them on unchanged"
            ),
            Finding::NotTheService { status, redirects: true } => write!(
                f,
                "{server} leads to another address ({status}), and redirects are not followed: set IAMPASS_SERVER to the address that \
                 it leads to"
            ),
            Finding::NotTheService { status, .. } => write!(
                f,
                "what answers at {server} is not an IAMPASS service (it answered {status}): set IAMPASS_SERVER to the service's own \
                 address"
            ),
            Finding::Busy { status } => write!(
                f,
                "the IAMPASS service at {server} cannot answer now ({status}): nobody can log in until it can; its own log says why"
            ),
            Finding::Unreachable(error) => {
                write!(f, "{error} at {server}")?;
                write_sources(f, error)?;
                f.write_str(
                    "; check IAMPASS_SERVER, that the service runs, that its certificate is one that this machine trusts, and that \
                     nothing between here and there is in the way",
                )
            }
            Finding::Refused(error) => {
                write!(f, "the call to {server} was refused: {error}")?;
                write_sources(f, error)?;
                f.write_str("; check the id and the secret of the application, and this machine's clock")
            }
        }
    }
}

/// Writes the causes of an error. A transport keeps addresses' queries and headers out of it.
fn write_sources(f: &mut fmt::Formatter<'_>, error: &Error) -> fmt::Result {
    let Error::Transport(error) = error else { return Ok(()) };
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        write!(f, ": {error}")?;
        source = error.source();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::test_rig::{WALL, application};
    use crate::port::TransportError;

    fn check(status: u16, headers: &[(&str, &str)], body: &str) -> Check {
        let mut answer = http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(body.as_bytes().to_vec()).unwrap();
        Check::of_answer(application().server(), &answer, Now::new(Duration::ZERO, WALL))
    }

    fn refused(status: u16, reason: &str) -> Check {
        let body = format!(r#"{{"status": false, "reason": "{reason}", "message": "text"}}"#);
        check(status, &[], &body)
    }

    #[test]
    fn each_answer_says_what_is_wrong() {
        use Finding as F;
        assert!(refused(404, "UNKNOWN_USER").is_ok());
        assert!(check(200, &[], r#"{"status": true, "device_registered": false}"#).is_ok());
        assert!(refused(200, "UNKNOWN_USER").is_ok(), "a service that answers 200 and declines");
        assert!(matches!(refused(401, "BAD_SIGNATURE").finding(), F::WrongSecret));
        assert!(matches!(refused(404, "UNKNOWN_APPLICATION").finding(), F::UnknownApplication));
        assert!(matches!(refused(401, "UNKNOWN_ID").finding(), F::UnknownApplication));
        assert!(matches!(refused(403, "APPLICATION_DISABLED").finding(), F::ApplicationDisabled));
        assert!(matches!(refused(403, "TIMESTAMP_TOO_OLD").finding(), F::WrongClock(None)));
        assert!(matches!(refused(401, "SIGNATURE_MISSING").finding(), F::SignatureLost));
        assert!(matches!(refused(401, "SIGNATURE_MALFORMED").finding(), F::SignatureLost));
        for status in [429, 500, 502, 503, 504] {
            assert!(matches!(check(status, &[], "").finding(), F::Busy { .. }), "{status}");
        }
        assert!(matches!(refused(429, "TOO_MANY_REQUESTS").finding(), F::Busy { status: 429 }));
        assert!(matches!(refused(401, "NOT_YOURS").finding(), F::Refused(_)));
        assert!(matches!(refused(403, "SOMETHING_NEW").finding(), F::Refused(_)));
        let echo = check(
            403,
            &[],
            r#"{"status": false, "reason": "application test key", "message": "application test key"}"#,
        );
        assert!(!format!("{echo} {echo:?}").contains("test key"), "{echo}");
        // A service without reasons of this project's own.
        assert!(matches!(check(401, &[], "").finding(), F::Refused(_)));
    }

    #[test]
    fn what_is_no_service_is_not_taken_for_one() {
        for (status, body) in [
            (200, "<html>Welcome to nginx</html>"),
            (200, "{}"),
            (200, r#"{"status": true}"#),
            (404, "<html>404 Not Found</html>"),
            (404, r#"{"error": "no such page"}"#),
            (405, ""),
            (204, ""),
        ] {
            let check = check(status, &[], body);
            assert!(matches!(check.finding(), Finding::NotTheService { redirects: false, .. }), "{body}");
            assert!(check.to_string().contains("is not an IAMPASS service"));
        }
        let moved = check(301, &[("location", "https://other.example/")], "");
        assert!(matches!(moved.finding(), Finding::NotTheService { status: 301, redirects: true }));
        assert!(moved.to_string().contains("the address that it leads to"));
        let success_that_denies = refused(200, "BAD_SIGNATURE");
        assert!(!success_that_denies.is_ok());
    }

    #[test]
    fn a_wrong_clock_is_told_with_how_far_it_is_off() {
        let body = r#"{"status": false, "reason": "TIMESTAMP_TOO_NEW"}"#;
        let at = |date: &str| check(403, &[("date", date)], body);
        // The time of the test's clock is 1,700,000,000: 2023-11-14T22:13:20Z.
        let ahead = at("Tue, 14 Nov 2023 22:03:20 GMT");
        let expected = ClockOffset::Ahead(Duration::from_secs(600));
        assert!(matches!(ahead.finding(), Finding::WrongClock(Some(offset)) if *offset == expected));
        assert!(ahead.to_string().contains("600 s ahead of the service's"), "{ahead}");
        let behind = at("Tue, 14 Nov 2023 22:23:20 GMT");
        assert!(behind.to_string().contains("600 s behind the service's"), "{behind}");
        for bad in ["", "now", "Tue, 99 Nov 2023 22:23:20 GMT", "Thu, 01 Jan 1960 00:00:00 GMT"] {
            assert!(matches!(at(bad).finding(), Finding::WrongClock(None)), "{bad}");
        }
    }

    #[test]
    fn a_service_that_is_not_there_is_told_with_its_address_and_the_cause() {
        let source = std::io::Error::other("connection refused");
        let failed = Error::from(TransportError::new(TransportErrorKind::Connect).with_source(source));
        let check = Check::of_failure(application().server(), failed);
        assert!(matches!(check.finding(), Finding::Unreachable(_)));
        let text = check.to_string();
        assert!(text.contains("https://login.example") && text.contains("connection refused"), "{text}");
        let silent = Check::of_failure(application().server(), Error::Timeout);
        assert!(silent.to_string().contains("did not answer in time"));
        let flood = Error::from(TransportError::new(TransportErrorKind::AnswerTooLarge));
        assert!(matches!(
            Check::of_failure(application().server(), flood).finding(),
            Finding::NotTheService { .. }
        ));
    }

    #[test]
    fn all_but_good_say_what_to_do() {
        for check in [
            refused(401, "BAD_SIGNATURE"),
            refused(403, "TIMESTAMP_TOO_OLD"),
            refused(404, "UNKNOWN_APPLICATION"),
            refused(403, "APPLICATION_DISABLED"),
            refused(401, "SIGNATURE_MISSING"),
            refused(401, "NOT_YOURS"),
            check(503, &[], ""),
            check(200, &[], "hello"),
        ] {
            let text = check.to_string();
            assert!(!check.is_ok());
            assert!(text.contains("https://login.example") && text.contains(':'), "{text}");
            assert!(!text.contains("test key"));
        }
    }
}
