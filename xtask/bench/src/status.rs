//! Signed status calls against a bare axum handler that answers the same.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use iampass_core::client::{Authentication, System};
use iampass_core::machine::LoginOptions;
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::Signer;
use iampass_core::{Session, UserToken};
use iampass_testkit::{TestService, VirtualPhone};

use crate::figure::{Better, Figure};
use crate::load::{Question, requests_per_second};
use crate::{Failure, rounds};

const CONNECTIONS: u64 = 32;
const ROUND: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 7;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(compare())
}

async fn compare() -> Result<Vec<Figure>, Failure> {
    // Each request leaves a nonce behind, for five minutes.
    let service = TestService::builder().remembered_nonces(20_000_000).start().await?;
    let sessions = active_sessions(&service).await?;
    let ours = service.server_url().trim_start_matches("http://").to_owned();

    // The service's answer, byte for byte, from a handler that does nothing.
    let body = r#"{"authentication_status":{"authenticated":true,"session_status":"active"},"authenticated":true,"session_status":"active"}"#;
    let bare =
        Router::new().fallback(get(move || async move { ([(CONTENT_TYPE, "application/json")], body) }));
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let bare_address = listener.local_addr()?.to_string();
    let serving = tokio::spawn(async move { axum::serve(listener, bare).await });

    let ask_ours = signed_status(sessions.clone(), ours.clone());
    let ask_bare = signed_status(sessions, bare_address.clone());
    let (mut ratios, mut our_rates, mut bare_rates) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let bare = requests_per_second(&bare_address, CONNECTIONS, ROUND, &ask_bare).await?;
        let our = requests_per_second(&ours, CONNECTIONS, ROUND, &ask_ours).await?;
        // The first round warms up.
        if round > 0 {
            ratios.push(our / bare);
            our_rates.push(our);
            bare_rates.push(bare);
        }
    }
    serving.abort();
    service.shutdown().await?;
    Ok(vec![Figure {
        name: "status_vs_bare",
        value: rounds::median(&mut ratios),
        bound: Some(0.6),
        better: Better::Higher,
        detail: format!(
            "{:.0} signed status calls/s against {:.0}/s of a bare handler; signing by the same load generator in both",
            rounds::median(&mut our_rates),
            rounds::median(&mut bare_rates)
        ),
    }])
}

async fn active_sessions(service: &TestService) -> Result<Arc<[Session]>, Failure> {
    let client = service.client()?;
    let mut sessions = Vec::new();
    for user in 0..CONNECTIONS {
        let user = UserToken::new(format!("user-{user}"))?;
        client.add_user(&user).await?;
        let phone = VirtualPhone::register(&client.registration_link(&user, None).await?).await?;
        let Authentication::Started { session, .. } =
            client.authenticate(&user, &LoginOptions::default()).await?
        else {
            return Err("the service did not start a session".into());
        };
        phone.accept_next(Duration::from_secs(5)).await?;
        sessions.push(session);
    }
    Ok(sessions.into())
}

/// A status call of one of the sessions, signed anew each time, as the bytes of a request.
fn signed_status(sessions: Arc<[Session]>, address: String) -> Question {
    let system = System::new();
    Arc::new(move |connection| {
        let at = usize::try_from(connection).unwrap_or_default() % sessions.len();
        let (Some(session), Ok(draw)) = (sessions.get(at), system.draw()) else { return Vec::new() };
        let path = session.status_url().as_str().splitn(4, '/').nth(3).unwrap_or_default();
        let url = format!("http://{address}/{path}");
        let signer = Signer { id: session.token().as_str(), secret: session.secret() };
        let signed = signer.sign(&url, draw.nonce(), system.now().wall);
        let [(_, authentication), (_, timestamp), ..] = signed.lines();
        format!(
            "GET /{path} HTTP/1.1\r\nHost: {address}\r\nAuthentication: {authentication}\r\nX-IAMPASS-Authentication-Timestamp: {timestamp}\r\n\r\n"
        )
        .into_bytes()
    })
}
