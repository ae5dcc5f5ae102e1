//! A way to a server that can fall silent.
//!
//! Belongs here: passing connections on, or not. Does not belong here: the server at the end of the way.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use url::Url;

use crate::failure::{Failure, needed};

/// Passes connections on to a server, until it is told to be silent. Connections from before stay open then, and nothing comes through them
/// ever again; so it is when a server freezes, or its host vanishes. It goes on when it is dropped, for as long as the process.
#[derive(Debug)]
pub struct Forwarder {
    url: Url,
    /// How often it was frozen or let go: odd while it is frozen.
    turns: Arc<AtomicU64>,
}

impl Forwarder {
    /// To the server of this URL.
    ///
    /// # Panics
    /// When no port is free, or the URL has no host and port.
    #[must_use]
    pub fn to(url: &str) -> Self {
        needed(Self::start(url))
    }

    fn start(url: &str) -> Result<Self, Failure> {
        let mut url: Url = url.parse().map_err(|error| format!("{error}"))?;
        let server = url.socket_addrs(|| None).map_err(|error| error.to_string())?;
        let server = server.first().copied().ok_or("the URL names no server")?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let own = listener.local_addr().map_err(|error| error.to_string())?;
        url.set_ip_host(own.ip()).map_err(|()| "the URL takes no address")?;
        url.set_port(Some(own.port())).map_err(|()| "the URL takes no port")?;
        let turns = Arc::new(AtomicU64::new(0));
        let now = Arc::clone(&turns);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let turn = Turn { began: now.load(Ordering::SeqCst), now: Arc::clone(&now) };
                std::thread::spawn(move || {
                    if turn.began % 2 == 1 {
                        turn.keep(&client);
                    }
                    let Ok(server) = TcpStream::connect(server) else { return };
                    let back = (server.try_clone(), client.try_clone(), turn.clone());
                    let (Ok(from), Ok(to), turn_back) = back else { return };
                    std::thread::spawn(move || turn_back.pass_on(&from, &to));
                    turn.pass_on(&client, &server);
                });
            }
        });
        Ok(Self { url, turns })
    }

    /// The URL of the same database by this way.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Falls silent: for the connections that there are, and for new ones, which are accepted.
    pub fn freeze(&self) {
        self.turns.fetch_or(1, Ordering::SeqCst);
    }

    /// Passes new connections on again. Those from before stay silent.
    pub fn thaw(&self) {
        let turn = self.turns.load(Ordering::SeqCst);
        self.turns.store(turn + turn % 2, Ordering::SeqCst);
    }
}

/// The turn in which a connection was made.
#[derive(Clone)]
struct Turn {
    began: u64,
    now: Arc<AtomicU64>,
}

impl Turn {
    fn pass_on(&self, mut from: &TcpStream, mut to: &TcpStream) {
        let mut buffer = [0; 16_384];
        loop {
            let read = from.read(&mut buffer);
            if self.now.load(Ordering::SeqCst) != self.began {
                self.keep(from);
            }
            match read {
                Ok(count @ 1..) if to.write_all(buffer.get(..count).unwrap_or_default()).is_ok() => {}
                _ => break,
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    }

    /// Keeps a connection open that is silent.
    fn keep(&self, _connection: &TcpStream) -> ! {
        loop {
            std::thread::park();
        }
    }
}
