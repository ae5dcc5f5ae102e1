//! A sample of every schema, made by the wire types themselves: with everything that can be there, and with nothing that can be left out.
//! The tests compare what serde makes of them with what the schemas say.

mod admin;
mod phones;
mod presence;

use std::fmt::Debug;
use std::time::Duration;

use iampass_core::wire::*;
use iampass_core::{ApplicationId, AuthRequestId, DeviceId, Secret, SessionToken, UnixSeconds, UserToken};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A schema beside its wire type.
pub(crate) struct Sample {
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
    management()
        .into_iter()
        .chain(authentication())
        .chain(registering())
        .chain(questions())
        .chain(unlocking())
        .chain(phones::all())
        .chain(presence::all())
        .chain(admin::all())
        .collect()
}

fn unlock_urls() -> UnlockUrls {
    UnlockUrls { challenge_url: url(), registration_url: url() }
}

fn unlocking() -> Vec<Sample> {
    let options = || json!({"publicKey": {"challenge": "c"}});
    vec![
        answer("UnlockUrls", &[unlock_urls()]),
        request("SignedUnlock", &[SignedUnlock { unlock: text() }]),
        answer("UnlockRegistration", &[UnlockRegistration { options: options(), finish_url: url() }]),
        answer("UnlockChallenge", &[UnlockChallenge { options: options() }]),
        object("WebAuthnOptions", options()),
    ]
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
                RegistrationLinkAnswer { status: true, register_url: Some(url()), adds: true, reason: None },
                RegistrationLinkAnswer { status: true, register_url: Some(url()), adds: false, reason: None },
                RegistrationLinkAnswer {
                    status: false,
                    register_url: None,
                    adds: false,
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
        answer(
            "Problem",
            &[
                Problem::new(Reason::UnknownUser, "text"),
                Problem::new(Reason::WrongCode, "text").tries_left(Some(2)),
            ],
        ),
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
    let nothing = AuthenticateUser::default();
    let everything = AuthenticateUser::default()
        .known_browser(true)
        .known_since(Some(UnixSeconds(1)))
        .shows_code(true)
        .browser(text())
        .address("203.0.113.5")
        .return_to(url());
    let qr = || MovingQr::new(url(), text(), secret());
    let confirmation = || Confirmation::new("482913", url(), UnixSeconds(60));
    let started = [None, Some(url())].map(|status_stream_url| AuthenticateAnswer {
        authentication_status: AuthenticateStatus::Started(StartedSession {
            status: SessionStatus::Pending,
            token: id(SessionToken::new),
            secret: secret(),
            status_url: url(),
            logout_url: url(),
            duration: status_stream_url.is_some().then_some(Duration::from_secs(3_600)),
            confirmation: status_stream_url.is_some().then(confirmation),
            qr: status_stream_url.is_some().then(qr),
            open_url: status_stream_url.is_some().then(secret),
            status_stream_url,
        }),
    });
    let not_started = [None, Some(confirmation())].map(|confirmation| AuthenticateAnswer {
        authentication_status: AuthenticateStatus::NotStarted {
            reason: Reason::NoMobileDevice,
            confirmation,
        },
    });
    let proven = Assurance::default().code(true).key(KeyKind::Device);
    let active = |assurance| StatusAnswer::of(SessionStatus::Active, assurance);
    let reported = StatusAnswer::of(SessionStatus::Cancelled, None).reason(Some(Reason::Reported));
    let status = [active(None), active(Some(proven.clone())).user_id(user()), reported];
    // It has no type of its own: it is read as a part of the whole.
    let mut fields =
        object("StatusFields", serde_json::to_value(&status[1]).unwrap()["authentication_status"].clone());
    for other in [&status[0], &status[2]] {
        fields.written.push(serde_json::to_value(other).unwrap()["authentication_status"].clone());
    }
    fields.reads = |fields| reads::<StatusAnswer>(&json!({"authentication_status": fields}));
    vec![
        request("AuthenticateUser", &[nothing, everything]),
        request("Returned", &[Returned { session_token: id(SessionToken::new), proof: secret() }]),
        answer("StartedSession", &started.each_ref().map(|answer| answer.authentication_status.clone())),
        answer("NotStarted", &not_started.each_ref().map(|answer| answer.authentication_status.clone())),
        answer("LoginStarted", &started),
        answer("LoginNotStarted", &not_started),
        fields,
        answer("StatusAnswer", &status),
        answer("Assurance", &[proven]),
        answer("KeyKind", KeyKind::ALL),
        answer("MovingQr", &[qr()]),
        answer("Confirmation", &[confirmation(), confirmation().rings(true).open_url(Some(secret()))]),
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
        bring_request: Some(url()),
        phones: Some(PhoneUrls::below("https://login.example/device/d")),
    };
    let service = |service_name| DeviceService {
        service_id: text(),
        service_secret: secret(),
        service_name,
        service_urls: urls.clone(),
    };
    let user_of = |display_name: Option<String>| DeviceUser {
        user_id: user(),
        application_id: display_name.is_some().then(|| id(ApplicationId::new)),
        application_name: display_name.clone(),
        display_name,
    };
    let device = DeviceCredentials { device_id: id(DeviceId::new), device_secret: secret() };
    let record = |name: Option<String>| DeviceRecord {
        user: user_of(name.clone()),
        device: device.clone(),
        service: service(name),
        training: Training::default(),
        waiting: None,
    };
    let waiting = DeviceRecord { waiting: Some(phones::waiting_record()), ..record(None) };
    // The public half of the example key of RFC 7515, A.3.
    let key: DeviceKey = serde_json::from_value(json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap();
    vec![
        request(
            "RegisterDevice",
            &[
                RegisterDevice::new(text()).platform(Platform::Web).key(key).name("Ann"),
                RegisterDevice::new(text()),
            ],
        ),
        request("DeviceKey", &[key]),
        answer("Platform", Platform::ALL),
        answer("DeviceRecord", &[record(None), record(Some(text())), waiting]),
        answer("DeviceUser", &[user_of(None), user_of(Some(text()))]),
        answer("DeviceCredentials", std::slice::from_ref(&device)),
        answer("DeviceService", &[service(None), service(Some(text()))]),
        answer("DeviceUrls", std::slice::from_ref(&urls)),
        answer("Training", &[Training::default()]),
        answer("FacialTraining", &[FacialTraining::default()]),
        answer("PushPossible", &[push_possible()]),
        request("DeviceConfiguration", &[DeviceConfiguration { notification_token: text() }]),
        answer(
            "DeviceConfigurationAnswer",
            &[
                DeviceConfigurationAnswer { status: true, push: None, record: Some(record(None)) },
                DeviceConfigurationAnswer {
                    status: true,
                    push: Some(push_possible()),
                    record: Some(record(None)),
                },
            ],
        ),
    ]
}

fn push_possible() -> PushPossible {
    PushPossible { application_server_key: text(), is_subscribed: true }
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
        unlock: requested_data.os_authentication.map(|_| unlock_urls()),
    };
    let question = |at, requested_data| AuthenticationRequest {
        auth_request_id: id(AuthRequestId::new),
        application_id: id(ApplicationId::new),
        application_name: text(),
        user_id: user(),
        requested_at: at,
        expires_at: at,
        confirm: at.map(|_| ConfirmationMethod::Code).into_iter().collect(),
        browser: at.map(|_| text()),
        address: at.map(|_| text()),
        known_browser: at.map(|_| true),
        identify: identify(requested_data),
    };
    let nothing = RequestedData::default();
    let collected = json!({"facial": ["…"]}).as_object().unwrap().clone();
    vec![
        answer(
            "PendingRequests",
            &[
                PendingRequests { requests: vec![], phones_event: None },
                PendingRequests {
                    requests: vec![question(None, &nothing), question(Some(UnixSeconds(1)), &everything)],
                    phones_event: Some(7),
                },
            ],
        ),
        answer(
            "AuthenticationRequest",
            &[question(None, &nothing), question(Some(UnixSeconds(1)), &everything)],
        ),
        answer("Identify", &[identify(&everything), identify(&nothing)]),
        answer("RequestedData", &[nothing, everything]),
        answer("AcceptanceData", &[AcceptanceData::default()]),
        answer("Acceptance", &[Acceptance::default()]),
        answer("FacialData", &[FacialData::default()]),
        answer("FacialImage", &[FacialImage::default()]),
        answer("Nothing", &[Empty {}]),
        request(
            "Identification",
            &[
                Identification::yes(collected).code("482913"),
                Identification::yes(serde_json::Map::new()).scan(secret()),
                Identification::no().report(true),
            ],
        ),
        answer("ConfirmationMethod", ConfirmationMethod::ALL),
        request(
            "PhoneAnswer",
            &[
                PhoneAnswer::Signed(SignedAnswer { answer: text() }),
                PhoneAnswer::Plain(Identification::no().report(true)),
            ],
        ),
        request(
            "BringRequest",
            &[
                BringRequest::Signed { brought: text() },
                BringRequest::Plain(Shown::Code("482913".into())),
                BringRequest::Plain(Shown::Scan(secret())),
            ],
        ),
        request("ChangeRequest", &[ChangeRequest::signed(text()), ChangeRequest::default()]),
        request(
            "ConfigurationRequest",
            &[
                ConfigurationRequest::Signed { change: text() },
                ConfigurationRequest::Plain(DeviceConfiguration { notification_token: text() }),
            ],
        ),
        request("SignedConfiguration", &[ConfigurationRequest::Signed { change: text() }]),
        answer(
            "AnswerTaken",
            &[
                AnswerTaken { done: DoneAnswer::done(), return_to: Some(secret()) },
                AnswerTaken {
                    done: DoneAnswer {
                        status: false,
                        reason: Some(Reason::WrongCode),
                        message: Some(text()),
                    },
                    return_to: None,
                },
            ],
        ),
        request("SignedAnswer", &[SignedAnswer { answer: text() }]),
        request("SignedBring", &[BringRequest::Signed { brought: text() }]),
        request("CodeBring", &[Shown::Code("482913".into())]),
        request("ScanBring", &[Shown::Scan(secret())]),
    ]
}
