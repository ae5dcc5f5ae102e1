//! A proxy between a client and the service: it passes everything on, but for the status streams, which it treats as it is told.
//!
//! One request a connection, so that each is seen by itself.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The treatment of status streams.
#[derive(Clone, Debug)]
pub(crate) enum Streams {
    Passed,
    /// Cut off after this time, each of them.
    CutAfter(Duration),
    /// Open, but with nothing in them after this time: as if they were kept back.
    SilentAfter(Duration),
    /// Answered by something else.
    Refused(&'static str),
    /// Made up: this word, over and over, whatever the service says.
    Invented(&'static str, Duration),
}

#[derive(Default)]
struct Seen {
    streams: AtomicUsize,
    status_calls: AtomicUsize,
    live: AtomicUsize,
    heads: Mutex<Vec<String>>,
}

pub(crate) struct Proxy {
    address: SocketAddr,
    streams: Arc<Mutex<Streams>>,
    seen: Arc<Seen>,
}

impl Proxy {
    /// One before the service at this address.
    pub(crate) async fn before(service_url: &str, streams: Streams) -> Self {
        let service: SocketAddr = service_url.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, streams: Arc::new(Mutex::new(streams)), seen: Arc::default() };
        let (streams, seen) = (Arc::clone(&proxy.streams), Arc::clone(&proxy.seen));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (streams, seen) = (Arc::clone(&streams), Arc::clone(&seen));
                tokio::spawn(async move { pass(client, service, &streams, &seen).await });
            }
        });
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on; streams that are open go on as they are.
    pub(crate) fn treat_streams(&self, streams: Streams) {
        *self.streams.lock().unwrap() = streams;
    }

    /// How often a stream was asked for.
    pub(crate) fn streams(&self) -> usize {
        self.seen.streams.load(Ordering::SeqCst)
    }

    /// How many streams are open now.
    pub(crate) fn live_streams(&self) -> usize {
        self.seen.live.load(Ordering::SeqCst)
    }

    /// The heads of all requests, as they came.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.seen.heads.lock().unwrap().clone()
    }

    /// How often the state was asked for.
    pub(crate) fn status_calls(&self) -> usize {
        self.seen.status_calls.load(Ordering::SeqCst)
    }
}

async fn pass(mut client: TcpStream, service: SocketAddr, streams: &Mutex<Streams>, seen: &Seen) {
    let Some(request) = read_request(&mut client).await else { return };
    let head = request.split("\r\n\r\n").next().unwrap_or_default();
    seen.heads.lock().unwrap().push(head.to_owned());
    let target = request.split(' ').nth(1).unwrap_or_default();
    if target.ends_with("/status") {
        seen.status_calls.fetch_add(1, Ordering::SeqCst);
    }
    if !target.ends_with("/stream") {
        forward(&mut client, service, &request, None).await;
        return;
    }
    seen.streams.fetch_add(1, Ordering::SeqCst);
    seen.live.fetch_add(1, Ordering::SeqCst);
    let how = streams.lock().unwrap().clone();
    match how {
        Streams::Passed => forward(&mut client, service, &request, None).await,
        Streams::CutAfter(time) => forward(&mut client, service, &request, Some(time)).await,
        Streams::SilentAfter(time) => {
            forward(&mut client, service, &request, Some(time)).await;
            let _ = client.read(&mut [0]).await;
        }
        Streams::Refused(head) => {
            let _ =
                client.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes()).await;
        }
        Streams::Invented(word, every) => {
            let _ = client
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
                .await;
            let event =
                format!("event: status\ndata: {{\"authenticated\":true,\"session_status\":\"{word}\"}}\n\n");
            while client.write_all(event.as_bytes()).await.is_ok() {
                tokio::time::sleep(every).await;
            }
        }
    }
    seen.live.fetch_sub(1, Ordering::SeqCst);
}

/// Passes on what the service answers, for so long, until it or the client has enough.
async fn forward(client: &mut TcpStream, service: SocketAddr, request: &str, time: Option<Duration>) {
    let Ok(mut upstream) = TcpStream::connect(service).await else { return };
    let request = request.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
    if upstream.write_all(request.as_bytes()).await.is_err() {
        return;
    }
    let passing = tokio::io::copy_bidirectional(client, &mut upstream);
    let _ = tokio::time::timeout(time.unwrap_or(Duration::MAX), passing).await;
}

async fn read_request(client: &mut TcpStream) -> Option<String> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = client.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
        let text = std::str::from_utf8(&request).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|length| length.trim().parse().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            return Some(text.to_owned());
        }
    }
}
