//! A service that answers from a list and keeps what it was sent, and a key store that counts.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportErrorKind};
use iampass_core::signing::{BodyDigest, DEFAULT_WINDOW, Presented};
use iampass_core::wire::{AuthenticationRequest, DeviceKey};
use iampass_core::{RegistrationLink, Secret, UnixSeconds};
use iampass_phone::{Account, DeviceKeyPair, KeyError, KeyHandle, KeyStore, PhoneClient, SoftwareKeys};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::{Value, json};

pub(crate) const DEVICE_SECRET: &str = "hunter-of-the-device";
pub(crate) const QUESTION_SECRET: &str = "hunter-of-the-question";

#[derive(Default)]
pub(crate) struct FakeService {
    answers: Mutex<VecDeque<Result<HttpResponse, TransportErrorKind>>>,
    sent: Mutex<Vec<HttpRequest>>,
}

#[async_trait]
impl HttpTransport for FakeService {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.sent.lock().unwrap().push(request);
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or(Err(TransportErrorKind::Connect)).map_err(TransportError::new)
    }
}

impl FakeService {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn answer(&self, status: u16, body: impl ToString) {
        let answer = http::Response::builder().status(status).body(body.to_string().into_bytes());
        self.answers.lock().unwrap().push_back(Ok(answer.unwrap()));
    }

    pub(crate) fn done(&self) {
        self.answer(200, json!({"status": true}));
    }

    /// The requests that were sent since the last look.
    pub(crate) fn sent(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// The one request that was sent since the last look.
    pub(crate) fn only(&self) -> HttpRequest {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }

    /// A client with a key store.
    pub(crate) fn client(self: &Arc<Self>, keys: Arc<dyn KeyStore>) -> PhoneClient {
        PhoneClient::builder().transport(self.clone()).keys(keys).build().unwrap()
    }

    /// An account with a device key, and the key as it was registered.
    pub(crate) async fn account(self: &Arc<Self>) -> (Account, VerifyingKey) {
        self.answer(200, record("https://login.example", true));
        let account = self.client(Arc::new(SoftwareKeys::new())).register(&link()).await.unwrap();
        let body = json_of(&self.only());
        let key: DeviceKey = serde_json::from_value(body["key"].clone()).unwrap();
        (account, VerifyingKey::from_sec1_bytes(&key.sec1()).unwrap())
    }

    /// An account of a phone without a key at a service that takes codes.
    pub(crate) async fn shared_account(self: &Arc<Self>) -> Account {
        self.answer(200, record("https://login.example", true));
        let client = PhoneClient::builder().transport(self.clone()).build().unwrap();
        let account = client.register(&link()).await.unwrap();
        self.sent();
        account
    }
}

pub(crate) fn link() -> RegistrationLink {
    RegistrationLink::parse("https://login.example/r/abc").unwrap()
}

/// The record that a service gives, which takes codes or does not.
pub(crate) fn record(base: &str, takes_codes: bool) -> Value {
    let mut record = json!({
        "user": {"user_id": "u", "display_name": "Ann"},
        "device": {"device_id": "D", "device_secret": DEVICE_SECRET},
        "service": {"service_id": "APP", "service_secret": "s", "service_name": "Shop", "service_urls": {
            "active_sessions": format!("{base}/device/D/active_sessions"),
            "device_configuration": format!("{base}/device/D/configuration"),
            "device_unregister": format!("{base}/device/D/unregister"),
            "pending_requests": format!("{base}/device/D/pending_requests"),
            "training_data": format!("{base}/device/D/training_data"),
        }},
    });
    if takes_codes {
        record["service"]["service_urls"]["bring_request"] = format!("{base}/device/D/bring").into();
    }
    record
}

pub(crate) fn question() -> Value {
    json!({"auth_request_id": "Q", "application_id": "APP", "application_name": "Shop", "user_id": "u", "identify": {
        "identification_start_url": "https://login.example/identification/Q/start",
        "identification_url": "https://login.example/identification/Q",
        "identification_data_secret": QUESTION_SECRET,
        "requested_data": {"acceptance": {"acceptance": {"automatic": false}}},
    }})
}

pub(crate) fn request() -> AuthenticationRequest {
    serde_json::from_value(question()).unwrap()
}

pub(crate) fn json_of(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// Checks the pair's signature and the digest of the body, as the service does.
pub(crate) fn assert_signed(request: &HttpRequest, id: &str, secret: &str) {
    let now =
        UnixSeconds(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs());
    let presented = Presented::from_headers(request.headers()).unwrap();
    assert_eq!(presented.id(), id);
    let url = request.uri().to_string();
    let signed = url.strip_prefix("https://").unwrap();
    presented.verify(&Secret::new(secret), &[signed], now, DEFAULT_WINDOW).unwrap();
    if request.method() == http::Method::POST {
        let digest = BodyDigest::of(request.body()).to_string();
        assert!(url.ends_with(&format!("body_sha256={digest}")), "{url}");
    }
}

/// Takes `jti` and `iat` out of the payload of a change: it names the nonce of its request, and is no later than that.
pub(crate) fn assert_bound(request: &HttpRequest, claims: &mut Value) {
    let sent = Presented::from_headers(request.headers()).unwrap();
    let claims = claims.as_object_mut().unwrap();
    assert_eq!(claims.remove("jti").unwrap(), sent.nonce().to_string());
    assert!(claims.remove("iat").unwrap().as_u64().unwrap() <= sent.timestamp().0);
}

/// The payload of a JWS in compact form, verified by p256: the only member of the body, of this type.
pub(crate) fn verified(request: &HttpRequest, member: &str, typ: &str, key: &VerifyingKey) -> Value {
    let body = json_of(request);
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    let jws = body[member].as_str().unwrap();
    let (input, signature) = jws.rsplit_once('.').unwrap();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let signature = Signature::from_slice(&decoded(signature)).unwrap();
    key.verify(input.as_bytes(), &signature).unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decoded(header)).unwrap();
    assert_eq!(header, json!({"alg": "ES256", "typ": typ}));
    serde_json::from_slice(&decoded(payload)).unwrap()
}

/// Software keys that are counted, and that can be taken away.
#[derive(Default)]
pub(crate) struct CountedKeys {
    pub(crate) made: AtomicUsize,
    pub(crate) removed: AtomicUsize,
    pub(crate) lost: AtomicUsize,
}

#[async_trait]
impl KeyStore for CountedKeys {
    async fn generate(&self) -> Result<Arc<dyn DeviceKeyPair>, KeyError> {
        self.made.fetch_add(1, Ordering::SeqCst);
        SoftwareKeys::new().generate().await
    }

    async fn open(&self, handle: &KeyHandle) -> Result<Arc<dyn DeviceKeyPair>, KeyError> {
        match self.lost.load(Ordering::SeqCst) {
            0 => SoftwareKeys::new().open(handle).await,
            _ => Err(KeyError::Missing),
        }
    }

    async fn remove(&self, _: &KeyHandle) -> Result<(), KeyError> {
        self.removed.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

impl CountedKeys {
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.made.load(Ordering::SeqCst), self.removed.load(Ordering::SeqCst))
    }
}
