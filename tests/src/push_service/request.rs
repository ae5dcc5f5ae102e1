//! A request over HTTP/1.1, as far as browsers and the service send it.

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

const LONGEST: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Request {
    /// Of the URL, without its query.
    pub(super) path: String,
    /// All of the head, in small letters.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// Keys of `WebSocket`s are not in small letters.
    written: String,
}

impl Request {
    pub(super) async fn read(socket: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if bytes.len() > LONGEST || socket.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        };
        let mut body = bytes.split_off(end);
        let written = String::from_utf8(bytes).ok()?;
        let target = written.split(' ').nth(1)?;
        let path = target.split('?').next()?.to_owned();
        let mut request = Self { path, head: written.to_ascii_lowercase(), body: Vec::new(), written };
        let length: usize =
            request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while body.len() < length.min(LONGEST) {
            if socket.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        request.body = body;
        Some(request)
    }

    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.written.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}
