//! A sample of every schema, made by the wire types themselves: with everything that can be there, and with nothing that can be left out.
//! The tests compare what serde makes of them with what the schemas say.

use std::fmt::Debug;

use iampass_core::wire::*;
use iampass_core::{ApplicationId, AuthRequestId, DeviceId, Secret, SessionToken, UnixSeconds, UserToken};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A schema beside its wire type.
pub(in crate::openapi) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) written: Vec<Value>,
    pub(crate) reads: fn(&Value) -> Result<(), String>,
    /// Sent by callers: the service takes exactly what the schema says.
    pub(crate) is_request: bool,
}

fn answer<T: Serialize + DeserializeOwned>(name: &'static str, values: &[T]) -> Sample {
    Sample { is_request: false, ..request(name, values) }
}

fn request<T: Serialize + DeserializeOwned>(name: &'static str, values: &[T]) -> Sample {
    let written = values.iter().map(|value| serde_json::to_value(value).unwrap()).collect();
    Sample { name, written, reads: reads::<T>, is_request: true }
}

fn reads<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    // From text, as it comes over the wire: that is stricter than from a value.
    serde_json::from_str::<T>(&value.to_string()).map(drop).map_err(|error| error.to_string())
}

/// For what has no wire type: any object.
fn object(name: &'static str, value: Value) -> Sample {
    Sample { written: vec![value], ..answer::<Value>(name, &[]) }
}

fn user() -> UserToken {
    UserToken::new("u1").unwrap()
}

fn secret() -> Secret {
    Secret::new("S")
}

fn url() -> String {
    "https://login.example/x".into()
}

fn text() -> String {
    "text".into()
}

fn id<T>(make: fn(&'static str) -> Result<T, iampass_core::InvalidId>) -> T
where
    T: Debug,
{
    make("id").unwrap()
}

pub(crate) fn all() -> Vec<Sample> {
    management().into_iter().chain(authentication()).chain(registering()).chain(questions()).collect()
}

fn management() -> Vec<Sample> {
    let added = AddedUsers { created: vec![user()], existing: vec![user()] };
    vec![
        request("Users", &[Users { users: vec![user()] }, Users { users: vec![] }]),
        answer(
            "AddUsersAnswer",
            &[
                AddUsersAnswer { status: true, users: Some(added.clone()), reason: None },
                AddUsersAnswer { status: false, users: None, reason: Some(Reason::UnknownUser) },
            ],
        ),
        answer("AddedUsers", &[added, AddedUsers::default()]),
        answer(
            "DoneAnswer",
            &[
                DoneAnswer::done(),
                DoneAnswer { status: false, reason: Some(Reason::SmsNotConfigured), message: Some(text()) },
            ],
        ),
        answer(
            "RegistrationLinkAnswer",
            &[
                RegistrationLinkAnswer { status: true, register_url: Some(url()), reason: None },
                RegistrationLinkAnswer {
                    status: false,
                    register_url: None,
                    reason: Some(Reason::Unavailable),
                },
            ],
        ),
        request(
            "RegistrationSms",
            &[
                RegistrationSms { phone_number: text(), display_name: Some(text()), message: Some(text()) },
                RegistrationSms { phone_number: text(), display_name: None, message: None },
            ],
        ),
        request(
            "RegistrationMail",
            &[
                RegistrationMail { email: text(), display_name: Some(text()), message: Some(text()) },
                RegistrationMail { email: text(), display_name: None, message: None },
            ],
        ),
        answer("HasDeviceAnswer", &[HasDeviceAnswer { status: true, device_registered: false }]),
        answer("Problem", &[Problem::new(Reason::UnknownUser, "text")]),
        answer("Reason", Reason::ALL),
        object(
            "ReasonCatalogue",
            json!({"reasons": [{"reason": "UNKNOWN_USER", "statuses": [404], "retry": false, "when": "", "what_to_do": ""}]}),
        ),
        object("Alive", json!({"status": true})),
        object("Readiness", json!({"status": true, "store": "ok", "clock": "ok", "stopping": false})),
        object("Anything", json!({})),
    ]
}

fn authentication() -> Vec<Sample> {
    let known = [true, false].map(|known| AuthenticateUser::default().known_browser(known));
    let started = [None, Some(url())].map(|status_stream_url| AuthenticateAnswer {
        authentication_status: AuthenticateStatus::Started(StartedSession {
            status: SessionStatus::Pending,
            token: id(SessionToken::new),
            secret: secret(),
            status_url: url(),
            logout_url: url(),
            status_stream_url,
        }),
    });
    let not_started = [AuthenticateAnswer {
        authentication_status: AuthenticateStatus::NotStarted { reason: Reason::NoMobileDevice },
    }];
    let status = [StatusAnswer { authenticated: true, session_status: SessionStatus::Active }];
    // It has no type of its own: it is read as a part of the whole.
    let mut fields =
        object("StatusFields", serde_json::to_value(&status[0]).unwrap()["authentication_status"].clone());
    fields.reads = |fields| reads::<StatusAnswer>(&json!({"authentication_status": fields}));
    vec![
        request("AuthenticateUser", &known),
        answer("StartedSession", &started.each_ref().map(|answer| answer.authentication_status.clone())),
        answer("NotStarted", &not_started.each_ref().map(|answer| answer.authentication_status.clone())),
        answer("LoginStarted", &started),
        answer("LoginNotStarted", &not_started),
        fields,
        answer("StatusAnswer", &status),
        answer("SessionStatus", SessionStatus::ALL),
    ]
}

fn registering() -> Vec<Sample> {
    let urls = DeviceUrls {
        active_sessions: url(),
        device_configuration: url(),
        device_unregister: url(),
        pending_requests: url(),
        training_data: url(),
    };
    let service = |service_name| DeviceService {
        service_id: text(),
        service_secret: secret(),
        service_name,
        service_urls: urls.clone(),
    };
    let user_of = |display_name| DeviceUser { user_id: user(), display_name };
    let device = DeviceCredentials { device_id: id(DeviceId::new), device_secret: secret() };
    let record = |name: Option<String>| DeviceRecord {
        user: user_of(name.clone()),
        device: device.clone(),
        service: service(name),
        training: Training::default(),
    };
    vec![
        request(
            "RegisterDevice",
            &[
                RegisterDevice { notification_token: text(), platform: Some(Platform::Web) },
                RegisterDevice { notification_token: text(), platform: None },
            ],
        ),
        answer("Platform", Platform::ALL),
        answer("DeviceRecord", &[record(None), record(Some(text()))]),
        answer("DeviceUser", &[user_of(None), user_of(Some(text()))]),
        answer("DeviceCredentials", std::slice::from_ref(&device)),
        answer("DeviceService", &[service(None), service(Some(text()))]),
        answer("DeviceUrls", std::slice::from_ref(&urls)),
        answer("Training", &[Training::default()]),
        answer("FacialTraining", &[FacialTraining::default()]),
        request("DeviceConfiguration", &[DeviceConfiguration { notification_token: text() }]),
        answer(
            "DeviceConfigurationAnswer",
            &[DeviceConfigurationAnswer { status: true, record: Some(record(None)) }],
        ),
    ]
}

fn questions() -> Vec<Sample> {
    use AuthenticationMethod::{Acceptance as Accept, Device, Facial};
    let everything =
        RequestedData { proximity: Some(Empty {}), ..RequestedData::for_methods(&[Accept, Device, Facial]) };
    let identify = |requested_data: &RequestedData| Identify {
        identification_start_url: url(),
        identification_url: url(),
        identification_data_secret: secret(),
        requested_data: requested_data.clone(),
    };
    let question = |at, requested_data| AuthenticationRequest {
        auth_request_id: id(AuthRequestId::new),
        application_id: id(ApplicationId::new),
        application_name: text(),
        user_id: user(),
        requested_at: at,
        expires_at: at,
        identify: identify(requested_data),
    };
    let nothing = RequestedData::default();
    let session = PhoneSession {
        session_id: text(),
        application_id: id(ApplicationId::new),
        application_name: text(),
        user_id: user(),
        session_status: SessionStatus::Walkaway,
        started_at: UnixSeconds(1),
        expires_at: UnixSeconds(2),
        logout_url: url(),
        walkaway_url: url(),
        return_url: url(),
    };
    let collected = json!({"facial": ["…"]}).as_object().unwrap().clone();
    vec![
        answer(
            "PendingRequests",
            &[
                PendingRequests { requests: vec![] },
                PendingRequests {
                    requests: vec![question(None, &nothing), question(Some(UnixSeconds(1)), &everything)],
                },
            ],
        ),
        answer(
            "AuthenticationRequest",
            &[question(None, &nothing), question(Some(UnixSeconds(1)), &everything)],
        ),
        answer("Identify", &[identify(&everything)]),
        answer("RequestedData", &[nothing, everything]),
        answer("AcceptanceData", &[AcceptanceData::default()]),
        answer("Acceptance", &[Acceptance::default()]),
        answer("FacialData", &[FacialData::default()]),
        answer("FacialImage", &[FacialImage::default()]),
        answer("Nothing", &[Empty {}]),
        request(
            "Identification",
            &[
                Identification { accepted: true, collected },
                Identification { accepted: false, collected: serde_json::Map::new() },
            ],
        ),
        answer("ActiveSessions", &[ActiveSessions { sessions: vec![session.clone()] }]),
        answer("PhoneSession", &[session]),
    ]
}
