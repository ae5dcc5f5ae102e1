//! A push service on this machine, which real browsers take for theirs: no account, no network.
//!
//! Firefox speaks the `WebSocket` protocol of Mozilla's push service with it ([`autopush`]), Chromium those of Google's: check-in, registration and
//! a stream of messages over TLS ([`stream`]). Messages come in as RFC 8030 has it, and go on to the browser as they are.

mod autopush;
mod protobuf;
mod request;
mod stream;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::programs::Failure;
use request::Request;

/// A message that was handed in.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The head of the request, in small letters.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
    /// The answer that it got.
    pub status: u16,
}

/// The push service. It ends when this is dropped.
#[derive(Debug)]
pub struct PushService {
    address: SocketAddr,
    stream: SocketAddr,
    known: Arc<Known>,
    tasks: [JoinHandle<()>; 2],
}

/// A browser's subscription.
#[derive(Clone, Debug)]
enum Subscription {
    Autopush { browser: String, channel: String },
    Stream { app: String, subtype: String, sender: String },
}

#[derive(Debug, Default)]
struct Known {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    subscriptions: HashMap<String, Subscription>,
    posted: Vec<Posted>,
    browsers: HashMap<String, UnboundedSender<String>>,
    stream: Option<UnboundedSender<Vec<u8>>>,
    count: u64,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// Hands a message on; the status of the answer.
    fn deliver(&mut self, id: &str, request: &Request) -> u16 {
        let number = self.next();
        match self.subscriptions.get(id) {
            None => 410,
            Some(Subscription::Autopush { browser, channel }) => {
                if let Some(browser) = self.browsers.get(browser) {
                    let _ = browser.send(autopush::notification(channel, number, request));
                }
                201
            }
            Some(Subscription::Stream { app, subtype, sender }) => {
                if let Some(stream) = &self.stream {
                    let _ = stream.send(stream::message([app, subtype, sender], number, request));
                }
                201
            }
        }
    }
}

impl PushService {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start() -> Result<Self, Failure> {
        let listen = async || TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string());
        let (listener, stream_listener) = (listen().await?, listen().await?);
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let stream_address = stream_listener.local_addr().map_err(|error| error.to_string())?;
        let known = Arc::<Known>::default();
        let tls = stream::tls()?;
        let (for_requests, for_stream) = (Arc::clone(&known), Arc::clone(&known));
        let requests = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, Arc::clone(&for_requests), address));
            }
        });
        let streaming = tokio::spawn(async move {
            while let Ok((socket, _)) = stream_listener.accept().await {
                tokio::spawn(stream::serve(tls.clone(), socket, Arc::clone(&for_stream)));
            }
        });
        Ok(Self { address, stream: stream_address, known, tasks: [requests, streaming] })
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes Chromium use it.
    #[must_use]
    pub fn chromium_arguments(&self) -> Vec<String> {
        vec![
            format!("--gcm-checkin-url={}/checkin", self.url()),
            format!("--gcm-registration-url={}/register3", self.url()),
            format!("--gcm-mcs-endpoint=https://{}", self.stream),
            "--ignore-certificate-errors".to_owned(),
        ]
    }

    /// Makes Firefox use it.
    #[must_use]
    pub fn firefox_preferences(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("dom.push.serverURL", json!(format!("ws://{}/", self.address))),
            ("dom.push.testing.allowInsecureServerURL", json!(true)),
            ("dom.push.connection.enabled", json!(true)),
            ("dom.push.enabled", json!(true)),
        ]
    }

    /// The messages that were handed in so far.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        self.known.lock().posted.clone()
    }

    /// Whether a browser would get a message now.
    #[must_use]
    pub fn has_browser(&self) -> bool {
        let known = self.known.lock();
        known.stream.is_some() || !known.browsers.is_empty()
    }

    /// Forgets every subscription, as push services do with browsers that were not seen for long: 410 to all that is handed in for them.
    pub fn forget(&self) {
        self.known.lock().subscriptions.clear();
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn answer(mut socket: TcpStream, known: Arc<Known>, address: SocketAddr) {
    let Some(request) = Request::read(&mut socket).await else { return };
    if let Some(key) = request.header("sec-websocket-key") {
        return autopush::serve(socket, &key, known, address).await;
    }
    let path = request.path.clone();
    let (status, kind, body) = match path.rsplit_once('/') {
        Some(("", "checkin")) => (200, "application/x-protobuf", stream::checked_in()),
        Some(("", "register3")) => (200, "text/plain", stream::registered(&known, &request.body)),
        Some(("/push" | "/fcm/send" | "/wp", id)) => {
            let mut known = known.lock();
            let status = known.deliver(id, &request);
            known.posted.push(Posted { head: request.head.clone(), body: request.body.clone(), status });
            (status, "text/plain", Vec::new())
        }
        _ => (404, "text/plain", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = socket.write_all(&[head.into_bytes(), body].concat()).await;
}
