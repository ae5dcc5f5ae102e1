//! Sending bytes and taking what comes back.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// How long to wait for an answer that should come, and for one that the service need not give.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(60);

/// Sends `bytes` from an address that no other request has, so that no limit by address keeps the next ones away from the code that is
/// meant. Nothing beyond a megabyte of the answer is read.
pub(crate) async fn exchange(to: SocketAddr, number: u64, bytes: &[u8], is_whole: bool) -> Vec<u8> {
    let mut answer = Vec::new();
    let Some(mut stream) = connect(to, number).await else { return answer };
    let (mut read, mut write) = stream.split();
    // A request refused early is not read to its end.
    let _ = timeout(LONG, write.write_all(bytes)).await;
    let mut buffer = vec![0; 16 * 1024];
    let mut wait = if is_whole { LONG } else { SHORT };
    while answer.len() < 1024 * 1024 {
        match timeout(wait, read.read(&mut buffer)).await {
            Ok(Ok(length)) if length > 0 => answer.extend_from_slice(&buffer[..length]),
            _ => break,
        }
        wait = SHORT;
    }
    answer
}

async fn connect(to: SocketAddr, number: u64) -> Option<TcpStream> {
    let [.., high, middle, low] = number.to_be_bytes();
    let socket = TcpSocket::new_v4().unwrap();
    // Other systems than Linux have only 127.0.0.1, where the limit by address stays in the way of what is not signed.
    let _ = socket.bind((Ipv4Addr::new(127, 16 + (high & 63), middle, low), 0).into());
    socket.connect(to).await.ok()
}

/// The codes of all answers in what came back.
pub(crate) fn statuses(answer: &[u8]) -> Vec<u16> {
    let codes = answer.windows(13).filter(|part| part.starts_with(b"HTTP/1.") && part[8] == b' ');
    codes.filter_map(|part| std::str::from_utf8(&part[9..12]).ok()?.parse().ok()).collect()
}
