//! A server that shows the bytes that came in, and answers with bytes from a script.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The server's reaction to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Answer with these bytes and keep the connection.
    Bytes(Vec<u8>),
    /// Answer with these bytes and keep silent from then on.
    BytesThenSilence(Vec<u8>),
    /// Answer with these bytes and cut the connection.
    BytesThenCut(Vec<u8>),
    /// Answer with these bytes, and with `x` for ever after.
    BytesThenFlood(Vec<u8>),
}

pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// One request as the socket saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn request_line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn target(&self) -> &str {
        self.request_line().split(' ').nth(1).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

pub(crate) struct RawServer {
    pub(crate) authority: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    accepted: Arc<Mutex<usize>>,
    ended: Arc<Mutex<usize>>,
}

impl RawServer {
    pub(crate) async fn start(reply: Reply) -> Self {
        Self::start_on("127.0.0.1", reply).await
    }

    pub(crate) async fn start_on(address: &str, reply: Reply) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let (seen, accepted) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<Mutex<usize>>::default());
        let ended = Arc::<Mutex<usize>>::default();
        let (seen_too, accepted_too, ended_too) = (seen.clone(), accepted.clone(), ended.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *accepted_too.lock().unwrap() += 1;
                let serving = serve(stream, reply.clone(), seen_too.clone());
                let ended = ended_too.clone();
                tokio::spawn(async move {
                    serving.await;
                    *ended.lock().unwrap() += 1;
                });
            }
        });
        Self { authority, seen, accepted, ended }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.authority)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.connections() - *self.ended.lock().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.accepted.lock().unwrap()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut bytes = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut bytes).await {
        seen.lock().unwrap().push(request);
        match &reply {
            Reply::Bytes(answer) => stream.write_all(answer).await.unwrap(),
            Reply::BytesThenSilence(answer) => {
                stream.write_all(answer).await.unwrap();
                std::future::pending::<()>().await;
            }
            Reply::BytesThenCut(answer) => {
                stream.write_all(answer).await.unwrap();
                return;
            }
            Reply::BytesThenFlood(answer) => {
                stream.write_all(answer).await.unwrap();
                while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut request = Seen { head, body: Vec::new() };
            let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                request.body = bytes[end + 4..end + 4 + length].to_vec();
                bytes.drain(..end + 4 + length);
                return Some(request);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
