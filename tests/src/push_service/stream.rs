//! Google's side for Chromium: check-in, registration, and the stream that messages come by.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::protobuf::{bytes, first_text, fixed, number, read_varint, varint};
use super::request::Request;
use super::{Known, Subscription};
use crate::programs::Failure;

const PROTOCOL: u8 = 41;
const HEARTBEAT: u8 = 0;
const HEARTBEAT_ANSWER: u8 = 1;
const LOGIN: u8 = 2;
const LOGIN_ANSWER: u8 = 3;
const DATA: u8 = 8;

/// A certificate that vouches for itself: the browser is told to take any.
pub(super) fn tls() -> Result<TlsAcceptor, Failure> {
    let made =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(|error| error.to_string())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn milliseconds() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(0)
}

/// The answer to a check-in: a device has an id and a token.
pub(super) fn checked_in() -> Vec<u8> {
    let (id, token) = (1_234_567_890_123_456_789, 987_654_321_987_654_321);
    [number(1, 1), number(3, milliseconds()), fixed(7, id), fixed(8, token), bytes(11, b"1")].concat()
}

/// The answer to a registration, which makes a subscription or ends one.
pub(super) fn registered(known: &Known, body: &[u8]) -> Vec<u8> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    let text = |name: &str| {
        let found = form.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (app, subtype, sender) = (text("app"), text("X-subtype"), text("sender"));
    let mut known = known.lock();
    if !text("delete").is_empty() {
        known.subscriptions.retain(
            |_, one| !matches!(one, Subscription::Stream { subtype: known, .. } if *known == subtype),
        );
        return format!("deleted={app}").into_bytes();
    }
    let id = format!("stream-{}", known.next());
    known.subscriptions.insert(id.clone(), Subscription::Stream { app, subtype, sender });
    format!("token={id}").into_bytes()
}

/// A message on the stream.
pub(super) fn message([app, subtype, sender]: [&str; 3], count: u64, request: &Request) -> Vec<u8> {
    let data =
        |key: &str, value: &str| bytes(7, &[bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat());
    let encoding = request.header("content-encoding").unwrap_or_default();
    let ttl = request.header("ttl").and_then(|ttl| ttl.parse().ok()).unwrap_or(0);
    let message = [
        bytes(2, format!("message-{count}").as_bytes()),
        bytes(3, sender.as_bytes()),
        bytes(5, app.as_bytes()),
        data("subtype", subtype),
        data("content-encoding", &encoding),
        bytes(9, format!("0:{count}").as_bytes()),
        number(16, 0),
        number(17, ttl),
        number(18, milliseconds()),
        bytes(21, &request.body),
    ];
    framed(DATA, &message.concat())
}

fn framed(tag: u8, message: &[u8]) -> Vec<u8> {
    [vec![tag], varint(message.len() as u64), message.to_vec()].concat()
}

/// Serves a browser's stream until it closes it.
pub(super) async fn serve(tls: TlsAcceptor, socket: TcpStream, known: Arc<Known>) {
    let Ok(mut socket) = tls.accept(socket).await else { return };
    let (sender, mut messages) = mpsc::unbounded_channel::<Vec<u8>>();
    let mut read = Vec::new();
    let mut has_begun = false;
    loop {
        let sent = tokio::select! {
            more = socket.read_buf(&mut read) => {
                if !matches!(more, Ok(1..)) {
                    break;
                }
                if !has_begun {
                    // The version comes first.
                    read.remove(0);
                    has_begun = true;
                }
                let mut answers = Vec::new();
                while let Some((tag, message)) = frame(&mut read) {
                    match tag {
                        LOGIN => {
                            known.lock().stream = Some(sender.clone());
                            let id = first_text(&message).unwrap_or_default();
                            let answer = [bytes(1, id.as_bytes()), bytes(2, b"here"), number(9, milliseconds())];
                            answers.push(PROTOCOL);
                            answers.extend(framed(LOGIN_ANSWER, &answer.concat()));
                        }
                        HEARTBEAT => answers.extend(framed(HEARTBEAT_ANSWER, &[])),
                        _ => {}
                    }
                }
                answers
            }
            Some(message) = messages.recv() => message,
        };
        if socket.write_all(&sent).await.is_err() || socket.flush().await.is_err() {
            break;
        }
    }
    known.lock().stream = None;
}

/// Takes the first message out of what was read. None while it is not all there.
fn frame(read: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let tag = *read.first()?;
    let (length, head) = read_varint(read.get(1..)?)?;
    let end = 1 + head + usize::try_from(length).ok()?;
    let message = read.get(1 + head..end)?.to_vec();
    read.drain(..end);
    Some((tag, message))
}
