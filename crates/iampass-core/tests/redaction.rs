//! Law 3, no leak: whatever holds a secret does not print it, and no error repeats one, wherever the service puts it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::error::Error as _;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Response};
use iampass_core::machine::{
    Enrolment, EnrolmentEvent, EnrolmentOptions, Granted, Input, Login, LoginEvent, LoginOptions, Logout,
    Machine, Output, Watch, WatchOptions, calls,
};
use iampass_core::port::{LogoutClaim, LogoutJob, SessionRecord, UserKey};
use iampass_core::signing::{Nonce, Signer};
use iampass_core::wire::{
    AuthenticateAnswer, AuthenticationRequest, DeviceConfiguration, DeviceRecord, RegisterDevice, SessionJson,
};
use iampass_core::{
    Application, ApplicationId, Draw, Monotonic, Now, RegistrationLink, Secret, Server, Session,
    SessionToken, UnixSeconds, UserToken,
};

/// Begins every secret in these tests, and comes up nowhere by accident.
const MARK: &str = "HUNTER2";
const SECRET: &str = "HUNTER2HUNTER2HUNTER2HUNTER2";
/// The application's, where another one is the session's.
const APPLICATION_SECRET: &str = "HUNTER2.APPLICATION.HUNTER2";

fn expect_hidden(what: &str, text: &str) {
    assert!(!text.contains(MARK), "{what} shows it: {text}");
    let bytes = format!("{:?}", MARK.as_bytes());
    assert!(!text.contains(bytes.trim_matches(['[', ']'])), "{what} shows its bytes: {text}");
}

fn expect_hidden_in(what: &str, value: &dyn Debug) {
    expect_hidden(what, &format!("{value:?}"));
    expect_hidden(what, &format!("{value:#?}"));
}

fn server() -> Server {
    Server::parse("https://login.example").unwrap()
}

fn application() -> Application {
    Application::new(server(), ApplicationId::new("APP").unwrap(), Secret::new(APPLICATION_SECRET))
}

fn user() -> UserToken {
    UserToken::new("u").unwrap()
}

fn session() -> Session {
    let (status, logout) = ("https://login.example/s", "https://login.example/l");
    Session::new(SessionToken::new("SESSION").unwrap(), Secret::new(SECRET), status, logout, &server())
        .unwrap()
}

fn started() -> String {
    serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
        "session_token": "SESSION", "session_secret": SECRET,
        "status_url": "https://login.example/s", "logout_url": "https://login.example/l"}})
    .to_string()
}

#[test]
fn credentials_are_not_printed() {
    let secret = Secret::new(SECRET);
    let signer = Signer { id: "A", secret: &secret };
    let signed = signer.sign("https://login.example/a", Nonce::new(1), UnixSeconds(2));
    let mut headers = HeaderMap::new();
    signed.insert_into(&mut headers);
    let signature = signed.authentication().rsplit(':').next().unwrap();
    for text in [format!("{signed:?}"), format!("{headers:?}")] {
        assert!(!text.contains(signature), "a signature that can be used: {text}");
    }
    expect_hidden_in("Secret", &secret);
    expect_hidden_in("Signer", &signer);
    expect_hidden_in("Application", &application());
    expect_hidden_in("Session", &session());
    let call = calls::status(&session());
    expect_hidden_in("UnsignedCall", &call);
    expect_hidden_in("HttpRequest", &call.sign(Nonce::new(1), UnixSeconds(2)));
    let link = RegistrationLink::parse(&format!("https://login.example/r/{SECRET}")).unwrap();
    expect_hidden_in("RegistrationLink", &link);
    expect_hidden_in("UserKey", &UserKey::new(SECRET));
    let draw = Draw::from_bytes(*b"HUNTER2HUNTER2HU");
    assert_eq!(format!("{draw:?}"), "Draw(redacted)");
}

#[test]
fn records_of_sessions_are_not_printed() {
    let record = SessionRecord::new(session(), user(), UnixSeconds(0), UnixSeconds(1));
    expect_hidden_in("SessionRecord", &record);
    let claim = LogoutClaim { token: SessionToken::new("SESSION").unwrap(), number: 1 };
    expect_hidden_in("LogoutJob", &LogoutJob { record, claim });
    let json: SessionJson = session().to_json(&iampass_core::wire::SessionStatus::Active);
    expect_hidden_in("SessionJson", &json);
}

#[test]
fn answers_with_secrets_in_them_are_not_printed() {
    let answer: AuthenticateAnswer = serde_json::from_str(&started()).unwrap();
    expect_hidden_in("AuthenticateAnswer", &answer);
    let register = serde_json::json!({"notification_token": SECRET, "platform": "ios"});
    expect_hidden_in("RegisterDevice", &serde_json::from_value::<RegisterDevice>(register).unwrap());
    let configuration = serde_json::json!({"notification_token": SECRET});
    let configuration = serde_json::from_value::<DeviceConfiguration>(configuration).unwrap();
    expect_hidden_in("DeviceConfiguration", &configuration);
    let device = serde_json::json!({"user": {"user_id": "u", "display_name": "n"},
        "device": {"device_id": "D", "device_secret": SECRET},
        "service": {"service_id": "S", "service_secret": SECRET, "service_urls": {"active_sessions": "a",
            "device_configuration": "b", "device_unregister": "c", "pending_requests": "d", "training_data": "e"}},
        "training": {"facial": {"num_images": 0}}});
    expect_hidden_in("DeviceRecord", &serde_json::from_value::<DeviceRecord>(device).unwrap());
    let request = serde_json::json!({"auth_request_id": "R", "application_id": "APP", "application_name": "n",
        "user_id": "u", "identify": {"identification_start_url": "a", "identification_url": "b",
            "identification_data_secret": SECRET, "requested_data": {"acceptance": {"acceptance": {"automatic": false}}}}});
    expect_hidden_in(
        "AuthenticationRequest",
        &serde_json::from_value::<AuthenticationRequest>(request).unwrap(),
    );
}

/// Answers in which a careless service repeats the secret that the request was signed with.
fn indiscreet(secret: &str) -> Vec<(u16, String)> {
    let spoken = format!("the secret {secret} is not right");
    let problems = [
        serde_json::json!({"status": false, "reason": secret, "message": "m"}),
        serde_json::json!({"status": false, "reason": "UNKNOWN_ID", "message": spoken}),
        serde_json::json!({"status": false, "reason": "UNKNOWN_ID", "message": format!("{}{secret}", "x".repeat(180))}),
        serde_json::json!({"status": secret, "reason": secret}),
        serde_json::json!({"authenticated": secret, "session_status": "active"}),
        serde_json::json!({"authenticated": true, "session_status": secret}),
        serde_json::json!({"authentication_status": {"authenticated": false, "reason": secret}}),
        serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending",
            "session_token": "T", "session_secret": "other", "status_url": format!("https://{secret}.example/"),
            "logout_url": secret}}),
        serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "pending",
            "session_token": format!("{secret} {secret}"), "session_secret": secret, "status_url": "", "logout_url": ""}}),
        serde_json::json!({"status": true, "register_url": format!("javascript:{secret}")}),
        serde_json::json!({"status": true, "register_url": format!("https://login.example/r/{secret}")}),
        serde_json::json!({"status": true, "users": {"created": [format!("{secret}\n")], "existing": []}}),
        serde_json::json!({"status": true, "device_registered": secret}),
        serde_json::json!({"status": true, secret: secret}),
        serde_json::json!([secret]),
        serde_json::json!(secret),
    ];
    let mut bodies: Vec<_> = problems.iter().map(ToString::to_string).collect();
    bodies.push(secret.to_owned());
    bodies.push(format!("{{\"status\": \"{secret}"));
    let statuses = [200, 202, 302, 401, 404, 429, 500];
    bodies.into_iter().flat_map(|body| statuses.map(|status| (status, body.clone()))).collect()
}

/// Lets a machine live on nothing but this answer, after the first `good` ones, and reads all that it says.
fn listen<M: Machine<Event: Debug> + Debug>(
    mut machine: M,
    good: &[&str],
    indiscreet: &(u16, String),
    mut told: impl FnMut(&mut M, &M::Event) -> Option<String>,
) -> usize {
    let mut now = Now::new(Duration::from_secs(1), 1_700_000_000);
    let mut events = 0;
    let mut good = good.iter();
    for draws in 1_u128..400 {
        match machine.poll_output(now, Draw::from_bytes((draws << 64 | draws).to_be_bytes())) {
            Output::Send(outgoing) => {
                expect_hidden_in("Outgoing", &outgoing);
                let (status, body) = good.next().map_or(indiscreet.clone(), |body| (200, (*body).to_owned()));
                let answer = Response::builder().status(status).header("retry-after", SECRET);
                let answer = Ok(answer.body(body.into_bytes()).unwrap());
                machine.handle(now, Input::Answer(outgoing.id, answer));
            }
            Output::Event(event) => {
                events += 1;
                expect_hidden_in("an event", &event);
                if let Some(text) = told(&mut machine, &event) {
                    expect_hidden("an error", &text);
                }
            }
            Output::Wait(pause) if pause.until == Monotonic::NEVER => break,
            Output::Wait(pause) => now = now.plus(pause.until.since(now.mono)),
            Output::Finished => break,
        }
        expect_hidden_in("the machine", &machine);
    }
    events
}

fn texts(error: &iampass_core::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    text
}

#[test]
fn a_login_never_tells() {
    let session = started();
    for (secret, good) in [(APPLICATION_SECRET, &[][..]), (SECRET, &[&*session][..])] {
        for answer in indiscreet(secret) {
            let login = Login::new(Arc::new(application()), &user(), LoginOptions::default()).unwrap();
            let events = listen(login, good, &answer, |_, event| match event {
                LoginEvent::Trouble(error) | LoginEvent::Finished(Err(error)) => Some(texts(error)),
                _ => None,
            });
            assert!(events > 0, "{answer:?}");
        }
    }
}

#[test]
fn a_watch_never_tells() {
    for answer in indiscreet(SECRET) {
        let expires = Monotonic::from_origin(Duration::from_secs(60));
        let watch = Watch::resumed(&session(), expires, WatchOptions::default());
        let events = listen(watch, &[], &answer, |_, event| match event {
            iampass_core::machine::WatchEvent::Unreachable(error) => Some(texts(error)),
            _ => None,
        });
        assert!(events > 0, "{answer:?}");
    }
}

#[test]
fn a_logout_never_tells() {
    for answer in indiscreet(SECRET) {
        let logout = Logout::new(&session(), Monotonic::from_origin(Duration::from_secs(60)));
        let events = listen(logout, &[], &answer, |_, event| match event {
            iampass_core::machine::LogoutEvent::Trouble(error) => Some(texts(error)),
            _ => None,
        });
        assert!(events > 0, "{answer:?}");
    }
}

#[test]
fn an_enrolment_never_tells() {
    let added = r#"{"status": true, "users": {"created": ["u"], "existing": []}}"#;
    let link = r#"{"status": true, "register_url": "https://login.example/r/1"}"#;
    for answer in indiscreet(APPLICATION_SECRET) {
        for good in [&[][..], &[added], &[added, link]] {
            let options = EnrolmentOptions::default().deadline(Duration::from_secs(5));
            let enrolment = Enrolment::new(Arc::new(application()), options);
            let events = listen(enrolment, good, &answer, |enrolment, event| match event {
                EnrolmentEvent::Assign(_) => {
                    enrolment.assigned(user());
                    None
                }
                EnrolmentEvent::Trouble(error) | EnrolmentEvent::Finished(Err(error)) => Some(texts(error)),
                _ => None,
            });
            assert!(events > 1, "{answer:?}");
        }
    }
}

#[test]
fn a_granted_login_is_not_printed() {
    let login = Login::new(Arc::new(application()), &user(), LoginOptions::default()).unwrap();
    let active = r#"{"authenticated": true, "session_status": "active"}"#;
    let mut granted = None;
    listen(login, &[&*started(), active], &(500, String::new()), |_, event| {
        if let LoginEvent::Finished(Ok(outcome)) = event {
            granted = Some(format!("{outcome:?}"));
        }
        None
    });
    let granted = granted.expect("granted");
    assert!(granted.contains(std::any::type_name::<Granted>().rsplit("::").next().unwrap()), "{granted}");
}
