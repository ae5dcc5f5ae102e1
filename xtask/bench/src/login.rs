//! From *Accept* on the phone to `active` in the client: at the default poll schedule, and by the status stream.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::machine::{LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::{
    HttpRequest, HttpResponse, HttpTransport, StreamedResponse, TransportError, TransportErrorKind,
};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::{TestService, VirtualPhone};

use crate::figure::{Better, Figure};
use crate::rounds::{median, percentile_ms};
use crate::{Failure, rounds};

const LOGINS: u64 = 120;
/// Together, since nearly all of a login is waiting.
const AT_ONCE: u64 = 30;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    run(Way::Polling)
}

pub(crate) fn measure_by_stream() -> Result<Vec<Figure>, Failure> {
    run(Way::Stream)
}

fn run(way: Way) -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(logins(way))
}

/// How the client hears that the user has accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It asks again and again, as it does where there is no stream.
    Polling,
    /// It is told, and asks then.
    Stream,
}

/// Remembers when each status call went out, and can do streams or not.
struct Counting {
    transport: ReqwestTransport,
    way: Way,
    status_calls: Arc<Mutex<Vec<Instant>>>,
}

#[async_trait::async_trait]
impl HttpTransport for Counting {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if request.method() == "GET"
            && let Ok(mut calls) = self.status_calls.lock()
        {
            calls.push(Instant::now());
        }
        self.transport.send(request).await
    }

    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        match self.way {
            Way::Polling => Err(TransportError::new(TransportErrorKind::NotStreaming)),
            Way::Stream => self.transport.open(request).await,
        }
    }
}

struct Measured {
    accept_to_active: Duration,
    polls: f64,
}

async fn logins(way: Way) -> Result<Vec<Figure>, Failure> {
    let service = Arc::new(TestService::start().await?);
    let mut measured = Vec::new();
    for batch in 0..LOGINS / AT_ONCE {
        let mut tasks = Vec::new();
        for one in 0..AT_ONCE {
            let number = batch * AT_ONCE + one;
            let service = Arc::clone(&service);
            tasks.push(tokio::spawn(async move {
                login(&service, number, way).await.map_err(|error| error.to_string())
            }));
        }
        for task in tasks {
            measured.push(task.await??);
        }
    }
    let times: Vec<_> = measured.iter().map(|one| one.accept_to_active).collect();
    let mut polls: Vec<_> = measured.iter().map(|one| one.polls).collect();
    let (p50, p95) = (percentile_ms(&times, 50), percentile_ms(&times, 95));
    let (name, bound) = match way {
        Way::Polling => ("accept_to_active_p95_ms", None),
        Way::Stream => ("accept_to_active_stream_p95_ms", Some(100.0)),
    };
    Ok(vec![Figure {
        name,
        value: p95,
        bound,
        better: Better::Lower,
        detail: format!(
            "p50 {p50:.1} ms and p95 {p95:.1} ms; polls after Accept: p50 {:.0}, p95 {:.0}; {LOGINS} logins, accepted after 1 to 9 s",
            median(&mut polls),
            rounds::percentile(&mut polls, 95)
        ),
    }])
}

async fn login(service: &TestService, number: u64, way: Way) -> Result<Measured, Failure> {
    let status_calls = Arc::new(Mutex::new(Vec::new()));
    let transport = ReqwestTransport::new()?;
    let transport = Counting { transport, way, status_calls: Arc::clone(&status_calls) };
    let client = service.client_builder().transport(transport).build()?;
    let user = UserToken::new(format!("user-{number}"))?;
    client.add_user(&user).await?;
    let phone = VirtualPhone::register(&client.registration_link(&user, None).await?).await?;

    let mut login = client.login(&user, LoginOptions::default())?;
    // People take their time: from 1 to 9 s, evenly, so that every point of the schedule is met.
    let thinking = Duration::from_millis(1000 + number * 8000 / LOGINS);
    let accepting = tokio::spawn(async move {
        let request = phone.next_request(Duration::from_secs(10)).await.map_err(|error| error.to_string())?;
        let request = request.ok_or("the phone was not asked")?;
        tokio::time::sleep(thinking).await;
        let at = Instant::now();
        phone.accept(&request).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(at)
    });
    while let Some(event) = login.next().await {
        if let LoginEvent::Finished(end) = event {
            let active_at = Instant::now();
            let LoginOutcome::Granted(_) = end? else { return Err("the login was not granted".into()) };
            let accepted_at = accepting.await??;
            let polls =
                status_calls.lock().map_or(0, |calls| calls.iter().filter(|at| **at > accepted_at).count());
            return Ok(Measured { accept_to_active: active_at - accepted_at, polls: polls as f64 });
        }
    }
    Err("the login ended without an outcome".into())
}
