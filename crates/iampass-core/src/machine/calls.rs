//! The calls of the Management and Authentication APIs, as requests to be signed.
//!
//! Belongs here: method, URL and body of each call, and what of the caller's input is refused. Does not belong here: when a
//! call is made, and what its answer means.

mod phone_links;
mod starting;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Method, Request};
use serde::Serialize;

use crate::port::HttpRequest;
use crate::signing::{Nonce, Signer};
use crate::wire::{RegistrationMail, RegistrationSms, Users};
use crate::{Application, Error, Secret, ServiceUrl, Session, UnixSeconds, UserToken};
pub use phone_links::{adding_link, lost_device_since, recovery_link};
pub use starting::{authenticate_user, returned, start_login};

/// The most users in one call of `add_users` or `delete_users` \[X\].
pub const MAX_USERS_PER_CALL: usize = 1_000;

/// The longest display name and SMS text, in bytes \[X\].
const MAX_TEXT_BYTES: usize = 255;

/// The longest text of an e-mail, in bytes \[X\].
const MAX_MAIL_TEXT_BYTES: usize = 1_000;

/// The longest address of an e-mail, in bytes (RFC 5321).
const MAX_ADDRESS_BYTES: usize = 254;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A call that can be signed any number of times, each time with a fresh nonce.
#[derive(Clone, Debug)]
pub struct UnsignedCall {
    method: Method,
    url: ServiceUrl,
    body: Option<Vec<u8>>,
    accept: HeaderValue,
    signer_id: Box<str>,
    signer_secret: Secret,
}

impl UnsignedCall {
    /// The request with its signature.
    #[must_use]
    pub fn sign(&self, nonce: Nonce, at: UnixSeconds) -> HttpRequest {
        let signer = Signer { id: &self.signer_id, secret: &self.signer_secret };
        let mut request = Request::new(self.body.clone().unwrap_or_default());
        *request.method_mut() = self.method.clone();
        // A checked URL is a URI, so this cannot fail; were it to, the request would lead nowhere.
        *request.uri_mut() = self.url.as_str().parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, self.accept.clone());
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("iampass-rust/", env!("CARGO_PKG_VERSION"))),
        );
        if self.method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            // HTTP clients write no length for an empty body, and some proxies answer a POST without one with 411.
            if self.body.is_none() {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        signer.sign(self.url.as_str(), nonce, at).insert_into(headers);
        request
    }

    /// The URL that is called.
    #[must_use]
    pub fn url(&self) -> &ServiceUrl {
        &self.url
    }

    /// The id that signs it.
    pub(super) fn signer_id(&self) -> &str {
        &self.signer_id
    }

    /// The secret that signs it.
    pub(super) fn secret(&self) -> &Secret {
        &self.signer_secret
    }

    fn by_application(
        application: &Application,
        method: Method,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Self {
        let signer = application.signer();
        Self {
            method,
            url: application.server().call_url(segments, query),
            body: None,
            accept: JSON,
            signer_id: signer.id.into(),
            signer_secret: signer.secret.clone(),
        }
    }

    fn by_session(session: &Session, method: Method, url: &ServiceUrl) -> Self {
        Self {
            method,
            url: url.clone(),
            body: None,
            accept: JSON,
            signer_id: session.token().as_str().into(),
            signer_secret: session.secret().clone(),
        }
    }

    fn with_json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        let why = "it cannot be written as JSON";
        self.body = Some(serde_json::to_vec(body).map_err(|_| Error::BadInput { what: "the body", why })?);
        Ok(self)
    }
}

/// `POST /management/add_users/{app}` \[P\].
///
/// # Errors
/// [`Error::BadInput`] for more than [`MAX_USERS_PER_CALL`] users.
pub fn add_users(application: &Application, users: &[UserToken]) -> Result<UnsignedCall, Error> {
    users_call(application, "add_users", users)
}

/// `POST /management/delete_users/{app}` \[P\].
///
/// # Errors
/// [`Error::BadInput`] for more than [`MAX_USERS_PER_CALL`] users.
pub fn delete_users(application: &Application, users: &[UserToken]) -> Result<UnsignedCall, Error> {
    users_call(application, "delete_users", users)
}

fn users_call(application: &Application, call: &str, users: &[UserToken]) -> Result<UnsignedCall, Error> {
    if users.len() > MAX_USERS_PER_CALL {
        return Err(Error::BadInput {
            what: "the list of users",
            why: "it has more than 1,000: call in parts",
        });
    }
    UnsignedCall::by_application(
        application,
        Method::POST,
        &["management", call, application.id().as_str()],
        &[],
    )
    .with_json(&Users { users: users.to_vec() })
}

/// `GET /management/device_registration_link/{app}/{user}?display_name=` \[P\].
///
/// # Errors
/// [`Error::BadInput`] when the display name is over 255 bytes or holds control characters.
pub fn registration_link(
    application: &Application,
    user: &UserToken,
    display_name: Option<&str>,
) -> Result<UnsignedCall, Error> {
    let display_name = display_name.filter(|name| !name.is_empty());
    let query = display_name.map(|name| ("display_name", name));
    check_text("the display name", display_name)?;
    Ok(user_call(application, Method::GET, "device_registration_link", user, query.as_slice()))
}

/// `POST /management/send_registration_sms/{app}/{user}` \[P\].
///
/// # Errors
/// [`Error::BadInput`] when the phone number is not `+` and 5 to 15 digits, or a text is over 255 bytes or holds control
/// characters.
pub fn send_registration_sms(
    application: &Application,
    user: &UserToken,
    sms: &RegistrationSms,
) -> Result<UnsignedCall, Error> {
    let digits = sms.phone_number.strip_prefix('+').unwrap_or_default();
    if !(5..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::BadInput {
            what: "the phone number",
            why: "it has to be `+`, the country code and the number, digits only",
        });
    }
    check_text("the display name", sms.display_name.as_deref())?;
    check_text("the message", sms.message.as_deref())?;
    user_call(application, Method::POST, "send_registration_sms", user, &[]).with_json(sms)
}

/// `POST /management/send_registration_mail/{app}/{user}` \[X\].
///
/// # Errors
/// [`Error::BadInput`] when the address is not `name@host`, or when it or a text is too long or holds control characters. The
/// service looks at the address more closely.
pub fn send_registration_mail(
    application: &Application,
    user: &UserToken,
    mail: &RegistrationMail,
) -> Result<UnsignedCall, Error> {
    let address = mail.email.as_str();
    let unfit = |character: char| character.is_control() || character.is_whitespace();
    let whole = address.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !whole || address.len() > MAX_ADDRESS_BYTES || address.chars().any(unfit) {
        return Err(Error::BadInput { what: "the e-mail address", why: "it has to be one name@host" });
    }
    check_text("the display name", mail.display_name.as_deref())?;
    check_length(
        "the message",
        mail.message.as_deref(),
        MAX_MAIL_TEXT_BYTES,
        "it is longer than 1,000 bytes",
    )?;
    user_call(application, Method::POST, "send_registration_mail", user, &[]).with_json(mail)
}

/// `GET /management/has_registered_mobile_device/{app}/{user}` \[P\].
#[must_use]
pub fn has_registered_device(application: &Application, user: &UserToken) -> UnsignedCall {
    user_call(application, Method::GET, "has_registered_mobile_device", user, &[])
}

/// `GET /management/lost_user_mobile_device/{app}/{user}` \[D\].
#[must_use]
pub fn lost_device(application: &Application, user: &UserToken) -> UnsignedCall {
    user_call(application, Method::GET, "lost_user_mobile_device", user, &[])
}

fn user_call(
    application: &Application,
    method: Method,
    call: &str,
    user: &UserToken,
    query: &[(&str, &str)],
) -> UnsignedCall {
    let segments = ["management", call, application.id().as_str(), user.as_str()];
    UnsignedCall::by_application(application, method, &segments, query)
}

/// `GET status_url`, signed with the session's credentials \[P\].
#[must_use]
pub fn status(session: &Session) -> UnsignedCall {
    UnsignedCall::by_session(session, Method::GET, session.status_url())
}

/// `GET status_stream_url`, signed with the session's credentials like [`status`] \[X\]. `None` for a session that has none.
#[must_use]
pub fn status_stream(session: &Session) -> Option<UnsignedCall> {
    let mut call = UnsignedCall::by_session(session, Method::GET, session.status_stream_url()?);
    call.accept = HeaderValue::from_static("text/event-stream");
    Some(call)
}

/// `POST logout_url`, signed with the session's credentials, no body \[P\].
#[must_use]
pub fn logout(session: &Session) -> UnsignedCall {
    UnsignedCall::by_session(session, Method::POST, session.logout_url())
}

fn check_text(what: &'static str, text: Option<&str>) -> Result<(), Error> {
    check_length(what, text, MAX_TEXT_BYTES, "it is longer than 255 bytes")
}

fn check_length(
    what: &'static str,
    text: Option<&str>,
    most: usize,
    too_long: &'static str,
) -> Result<(), Error> {
    let why = match text {
        Some(text) if text.len() > most => too_long,
        Some(text) if text.chars().any(char::is_control) => "it holds a control character",
        _ => return Ok(()),
    };
    Err(Error::BadInput { what, why })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::machine::test_rig::{application, session, user};
    use crate::wire::{AuthenticateUser, AuthenticationMethod};

    #[test]
    fn requests_are_as_the_published_client_makes_them() {
        let app = application();
        let request = |call: Result<UnsignedCall, Error>| call.unwrap().sign(Nonce::new(1), UnixSeconds(2));

        let add = request(add_users(&app, &[user("u1"), user("é")]));
        assert_eq!(add.method(), Method::POST);
        assert_eq!(add.uri(), "https://login.example/management/add_users/APP");
        assert_eq!(add.body(), "{\"users\":[\"u1\",\"é\"]}".as_bytes());
        assert_eq!(add.headers()["content-type"], "application/json");

        let link = request(registration_link(&app, &user("a/b"), Some("Jürgen M")));
        assert_eq!(link.method(), Method::GET);
        assert_eq!(
            link.uri(),
            "https://login.example/management/device_registration_link/APP/a%2Fb?display_name=J%C3%BCrgen%20M"
        );

        let methods = [AuthenticationMethod::Acceptance, AuthenticationMethod::Device];
        let nothing = AuthenticateUser::default();
        let minute = Some(Duration::from_secs(60));
        let start = request(authenticate_user(&app, &user("u"), &methods, minute, &nothing));
        assert_eq!(start.method(), Method::POST);
        assert_eq!(
            start.uri(),
            "https://login.example/authentication/authenticate_user/APP/u?methods=acceptance,device&duration_seconds=60"
        );
        assert_eq!(start.body(), b"{}");

        let plain = request(authenticate_user(&app, &user("u"), &[], None, &nothing));
        assert_eq!(plain.uri().query(), None);
        let known = request(authenticate_user(&app, &user("u"), &[], None, &nothing.known_browser(true)));
        assert_eq!(known.uri(), plain.uri());
        assert_eq!(known.body(), br#"{"known_browser":true}"#);

        let nameless =
            request(start_login(&app, &methods, minute, &AuthenticateUser::default().browser("Firefox")));
        assert_eq!(
            nameless.uri(),
            "https://login.example/authentication/start/APP?methods=acceptance,device&duration_seconds=60"
        );
        assert_eq!(
            (nameless.method(), nameless.body().as_slice()),
            (&Method::POST, &br#"{"browser":"Firefox"}"#[..])
        );

        let out = logout(&session()).sign(Nonce::new(1), UnixSeconds(2));
        assert_eq!((out.method(), out.body().len()), (&Method::POST, 0));
        assert_eq!(out.headers()["content-length"], "0");
        assert!(!link.headers().contains_key("content-length"));
        assert!(out.headers()["authentication"].to_str().unwrap().starts_with("hmac SESSION:1:"));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before_it_is_sent() {
        let app = application();
        let too_many: Vec<_> = (0..1001).map(|n| user(&n.to_string())).collect();
        assert!(matches!(add_users(&app, &too_many), Err(Error::BadInput { .. })));
        assert!(add_users(&app, &too_many[..1000]).is_ok());
        for duration in [Duration::ZERO, Duration::from_millis(1500)] {
            assert!(matches!(
                authenticate_user(&app, &user("u"), &[], Some(duration), &AuthenticateUser::default()),
                Err(Error::BadInput { .. })
            ));
        }
        for number in ["", "+", "15550100", "+1 555 0100", "+1234", "+1234567890123456", "+1555010x"] {
            let sms = RegistrationSms { phone_number: number.into(), display_name: None, message: None };
            assert!(
                matches!(send_registration_sms(&app, &user("u"), &sms), Err(Error::BadInput { .. })),
                "{number}"
            );
        }
        for email in
            ["", "ann", "@example.org", "ann@", "ann@example.org\r\nBcc: bob@example.org", "a b@example.org"]
        {
            let mail = RegistrationMail { email: email.into(), display_name: None, message: None };
            assert!(
                matches!(send_registration_mail(&app, &user("u"), &mail), Err(Error::BadInput { .. })),
                "{email}"
            );
        }
        for (length, taken) in [(1_000, true), (1_001, false)] {
            let message = Some("x".repeat(length));
            let mail = RegistrationMail { email: "ann@example.org".into(), display_name: None, message };
            assert_eq!(send_registration_mail(&app, &user("u"), &mail).is_ok(), taken, "{length}");
        }
        assert!(registration_link(&app, &user("u"), Some("a\nb")).is_err());
        assert!(registration_link(&app, &user("u"), Some(&"x".repeat(256))).is_err());
        assert!(registration_link(&app, &user("u"), Some("")).unwrap().url().as_str().ends_with("/u"));
    }
}
