//! The way to the service, by which a check knows the codes that the service gives. Belongs here: listening, and a service of before, which makes
//! none.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, StreamedResponse, TransportError};
use iampass_core::wire::{Confirmation, MovingQr};
use iampass_reqwest::ReqwestTransport;
use serde_json::{Value, json};
use tokio::sync::watch;

/// A code that was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The members that the service was told of the browser.
    pub(crate) body: Value,
    pub(crate) code: String,
    pub(crate) scan_url: String,
    pub(crate) open_url: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Maker {
    inner: ReqwestTransport,
    given: Arc<Mutex<Vec<Given>>>,
    moving: Arc<Mutex<Vec<MovingQr>>>,
    /// The service makes no codes, as one of before.
    pub(crate) makes_none: Arc<AtomicBool>,
    /// The service gives the link to IAMPASS beside the session alone, and not with the code.
    pub(crate) links_real_names_alone: Arc<AtomicBool>,
    /// The proof that the service is made to tell of all approvals, where it is set.
    pub(crate) assurance: Arc<Mutex<Option<Value>>>,
    /// How many of the next questions are refused, as there are too many.
    pub(crate) refuses: Arc<AtomicUsize>,
    /// For so long a login without a name waits for its code.
    pub(crate) starts_after: Arc<Mutex<Duration>>,
    /// Whether logins without a name get their codes. Those that begin while they do not wait until they do.
    pub(crate) is_giving: watch::Sender<bool>,
}

impl Maker {
    pub(crate) fn new() -> Self {
        Self {
            inner: ReqwestTransport::new().unwrap(),
            given: Arc::default(),
            moving: Arc::default(),
            makes_none: Arc::default(),
            links_real_names_alone: Arc::default(),
            assurance: Arc::default(),
            refuses: Arc::default(),
            starts_after: Arc::default(),
            is_giving: watch::Sender::new(true),
        }
    }

    /// The codes so far, the latest last.
    pub(crate) fn given(&self) -> Vec<Given> {
        self.given.lock().unwrap().clone()
    }

    /// The codes of logins without a name so far, the latest last.
    pub(crate) fn moving(&self) -> Vec<MovingQr> {
        self.moving.lock().unwrap().clone()
    }

    fn with_assurance(&self, answer: HttpResponse) -> HttpResponse {
        let Some(assurance) = self.assurance.lock().unwrap().clone() else { return answer };
        let mut told: Value = serde_json::from_slice(answer.body()).unwrap();
        if told["session_status"] != "active" {
            return answer;
        }
        told["assurance"] = assurance.clone();
        told["authentication_status"]["assurance"] = assurance;
        of_json(answer.status().as_u16(), &told)
    }
}

fn of_json(status: u16, body: &Value) -> HttpResponse {
    http::Response::builder().status(status).body(serde_json::to_vec(body).unwrap()).unwrap()
}

#[async_trait::async_trait]
impl HttpTransport for Maker {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = request.uri().path().to_owned();
        if path.ends_with("/status") {
            let answer = self.inner.send(request).await?;
            return Ok(self.with_assurance(answer));
        }
        if path.starts_with("/authentication/start/") {
            let late = *self.starts_after.lock().unwrap();
            tokio::time::sleep(late).await;
            self.is_giving.subscribe().wait_for(|is_giving| *is_giving).await.unwrap();
            let answer = self.inner.send(request).await?;
            let told: Value = serde_json::from_slice(answer.body()).unwrap();
            self.moving
                .lock()
                .unwrap()
                .extend(serde_json::from_value(told["authentication_status"]["qr"].clone()));
            return Ok(answer);
        }
        if !path.starts_with("/authentication/authenticate_user/") {
            return self.inner.send(request).await;
        }
        let refuses = |left: usize| left.checked_sub(1);
        if self.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuses).is_ok() {
            return Ok(of_json(429, &json!({"status": false, "reason": "TOO_MANY_REQUESTS"})));
        }
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        if self.makes_none.load(Ordering::SeqCst) {
            // As a service of before takes it, which knows none of the members.
            return self.inner.send(request.map(|_| b"{}".to_vec())).await;
        }
        let answer = self.inner.send(request).await?;
        let mut told: Value = serde_json::from_slice(answer.body()).unwrap();
        if self.links_real_names_alone.load(Ordering::SeqCst) {
            told["authentication_status"]["confirmation"].as_object_mut().unwrap().remove("open_url");
            return Ok(of_json(answer.status().as_u16(), &told));
        }
        if let Ok(given) =
            serde_json::from_value::<Confirmation>(told["authentication_status"]["confirmation"].clone())
        {
            let (code, scan_url) = (given.code.expose().to_owned(), given.scan_url.expose().to_owned());
            let open_url = given.open_url.map(|link| link.expose().to_owned());
            self.given.lock().unwrap().push(Given { body, code, scan_url, open_url });
        }
        Ok(answer)
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        self.inner.open(request).await
    }
}
