//! A way to PostgreSQL that counts, for tests: trips and transactions, as they are seen on the wire. It shares no code with what it counts.
//!
//! A trip is a turn of a connection: the client has sent something after the server did. Statements that are sent together are one trip. A transaction
//! is what the server ends by saying that it is idle, so a statement of its own is one as well. The connection that hears notifications is left out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// The number of things that have passed.
#[derive(Debug, Default)]
pub(super) struct Counted {
    trips: AtomicU64,
    transactions: AtomicU64,
    commits: AtomicU64,
}

/// Trips, transactions, and those of them that ended by `COMMIT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trips {
    pub(super) trips: u64,
    pub(super) transactions: u64,
    pub(super) commits: u64,
}

impl Counted {
    pub(super) fn now(&self) -> Trips {
        Trips {
            trips: self.trips.load(Ordering::SeqCst),
            transactions: self.transactions.load(Ordering::SeqCst),
            commits: self.commits.load(Ordering::SeqCst),
        }
    }
}

impl Counted {
    /// The same, once nothing has passed for a while: answers that nothing waits for come after what they belong to.
    pub(super) async fn at_rest(&self) -> Trips {
        let mut before = self.now();
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let now = self.now();
            if now == before {
                return now;
            }
            before = now;
        }
    }
}

impl Trips {
    pub(super) fn sum(parts: &[Self]) -> Self {
        Self {
            trips: parts.iter().map(|part| part.trips).sum(),
            transactions: parts.iter().map(|part| part.transactions).sum(),
            commits: parts.iter().map(|part| part.commits).sum(),
        }
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            trips: self.trips - before.trips,
            transactions: self.transactions - before.transactions,
            commits: self.commits - before.commits,
        }
    }
}

/// Begins to pass connections on to the server of this URL; the URL of the way, and what passes on it.
pub(super) async fn counted_way(url: &str) -> (String, Arc<Counted>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap();
    let mut url = Url::parse(url).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5_432));
    url.set_ip_host(own.ip()).unwrap();
    url.set_port(Some(own.port())).unwrap();
    let counted = Arc::<Counted>::default();
    let counting = Arc::clone(&counted);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let turn = Arc::new(Turn { servers: AtomicBool::new(true), hears: AtomicBool::new(false) });
            tokio::spawn(asked(from_client, to_server, Arc::clone(&counting), Arc::clone(&turn)));
            tokio::spawn(answered(from_server, to_client, Arc::clone(&counting), turn));
        }
    });
    (url.to_string(), counted)
}

/// One connection.
struct Turn {
    /// Whether the server was the last to send something.
    servers: AtomicBool,
    /// Whether it hears notifications.
    hears: AtomicBool,
}

async fn asked(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counted: Arc<Counted>, turn: Arc<Turn>) {
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if buffer[..length].windows(6).any(|word| word == b"LISTEN") {
            turn.hears.store(true, Ordering::SeqCst);
        }
        if turn.servers.swap(false, Ordering::SeqCst) && !turn.hears.load(Ordering::SeqCst) {
            counted.trips.fetch_add(1, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn answered(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counted: Arc<Counted>, turn: Arc<Turn>) {
    let (mut buffer, mut unread) = (vec![0; 65_536], Vec::new());
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        unread.extend_from_slice(&buffer[..length]);
        while let Some((kind, body)) = message(&mut unread) {
            if turn.hears.load(Ordering::SeqCst) {
                continue;
            }
            match kind {
                b'Z' if body == b"I" => counted.transactions.fetch_add(1, Ordering::SeqCst),
                b'C' if body == b"COMMIT\0" => counted.commits.fetch_add(1, Ordering::SeqCst),
                _ => 0,
            };
        }
        turn.servers.store(true, Ordering::SeqCst);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Takes a whole message of the server out of what has come.
fn message(unread: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let length = u32::from_be_bytes(unread.get(1..5)?.try_into().unwrap()) as usize;
    if unread.len() < length + 1 {
        return None;
    }
    let whole: Vec<u8> = unread.drain(..=length).collect();
    Some((whole[0], whole[5..].to_vec()))
}
