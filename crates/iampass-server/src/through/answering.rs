//! The service's side: answering a probe.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::header::{FORWARDED, HOST};
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};

use super::echo::{EVENTS, Echo, Event, Hop};
use super::probe::Wanted;
use super::recognizing::Recognized;
use crate::api::stream_headers;
use crate::app::App;
use crate::problem::{Refused, json};
use crate::proxies::X_FORWARDED_FOR;
use crate::security_headers;

/// The most lines about proxies that are repeated, and the most of each.
const MOST_LINES: usize = 8;
const LONGEST_LINE: usize = 200;

/// Answers a probe. `peer` is the other end of the connection.
pub(crate) fn answer(
    app: &Arc<App>,
    request: Request<Incoming>,
    peer: SocketAddr,
    probe: Recognized,
) -> BoxFuture<'static, Response> {
    let app = Arc::clone(app);
    Box::pin(async move {
        let mut response = match Arc::clone(&app.probes.room).try_acquire_owned() {
            Ok(room) => answered(&app, request, peer, probe, room).await,
            Err(_) => Refused::unavailable().into_response(),
        };
        security_headers::add(response.headers_mut(), app.known_as.is_https());
        response
    })
}

async fn answered(
    app: &Arc<App>,
    request: Request<Incoming>,
    peer: SocketAddr,
    Recognized(wanted, nonce): Recognized,
    room: OwnedSemaphorePermit,
) -> Response {
    let limits = &app.config.limits;
    let (parts, body) = request.into_parts();
    let body = match timeout(limits.body_timeout, Limited::new(body, limits.body_bytes).collect()).await {
        Ok(Ok(body)) => body.to_bytes().len(),
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let echo = echo(app, &parts, body, peer, nonce);
    let pause = match wanted {
        Wanted::Events(seconds) => return events(app, Duration::from_secs(seconds), room),
        Wanted::Late(seconds) => Duration::from_secs(seconds),
        Wanted::Echo => Duration::ZERO,
    };
    tokio::select! {
        () = sleep(pause) => {}
        () = app.shutdown.begun() => return Refused::unavailable().into_response(),
    }
    drop(room);
    json(StatusCode::OK, &echo)
}

fn echo(app: &App, parts: &Parts, body_bytes: usize, peer: SocketAddr, probe: String) -> Echo {
    let target = |uri: &http::Uri| uri.path_and_query().map(|target| target.as_str().to_owned());
    let public = app.config.public_url.as_ref();
    let arrived = target(&parts.uri).unwrap_or_default();
    let within = public.and_then(|url| target(&url.within(&parts.uri)?)).unwrap_or_else(|| arrived.clone());
    let said = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = parts.uri.authority().map_or(said, |authority| Some(authority.as_str()));
    let lines = [X_FORWARDED_FOR, FORWARDED].into_iter().flat_map(|name| {
        let lines = parts.headers.get_all(&name).iter();
        lines.map(move |line| format!("{name}: {}", line.to_str().unwrap_or("?"))).collect::<Vec<_>>()
    });
    let proxies = &app.config.proxies;
    let hops = proxies.hops(&parts.headers);
    let latest = hops.get(hops.len().saturating_sub(MOST_LINES)..).unwrap_or_default();
    let hop = |address: Option<IpAddr>| Hop {
        address,
        is_trusted: address.is_some_and(|address| proxies.trusted.contains(address)),
    };
    Echo {
        probe,
        method: parts.method.to_string(),
        target: arrived,
        within,
        host: host.unwrap_or_default().to_owned(),
        body_bytes,
        peer: peer.to_string(),
        is_trusted: proxies.trusted.contains(peer.ip()),
        hops: latest.iter().copied().map(hop).collect(),
        forwarded: lines.map(|line| line.chars().take(LONGEST_LINE).collect()).take(MOST_LINES).collect(),
        public_url: public.map(ToString::to_string),
    }
}

/// Like a status stream, in what proxies see of it.
fn events(app: &Arc<App>, pause: Duration, room: OwnedSemaphorePermit) -> Response {
    let begun = Instant::now();
    let app = Arc::clone(app);
    let events = stream::iter(0..EVENTS).then(move |number| {
        let app = Arc::clone(&app);
        async move {
            tokio::select! {
                () = sleep(if number == 0 { Duration::ZERO } else { pause }) => {}
                () = app.shutdown.begun() => return None,
            }
            let sent_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let event = serde_json::to_string(&Event { number, sent_ms }).ok()?;
            Some(Bytes::from(format!("event: probe\ndata: {event}\n\n")))
        }
    });
    let events =
        events.take_while(|event| std::future::ready(event.is_some())).filter_map(std::future::ready);
    let events = events.map(move |event| {
        let _room = &room;
        Ok::<_, Infallible>(event)
    });
    let mut response = Response::new(Body::from_stream(events));
    stream_headers(response.headers_mut());
    response
}
