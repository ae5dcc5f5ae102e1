//! Callers that do not read what they asked for.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::rig::Rig;

/// One connection at a time, which may stand still for as long.
async fn rig(write_timeout: Duration) -> Rig {
    Rig::with(|config| {
        config.limits.connections = 1;
        config.limits.write_timeout = write_timeout;
    })
    .await
}

/// Asks for more than fits into the buffers of both sides.
async fn ask_for_much(rig: &Rig, socket: TcpSocket) -> TcpStream {
    let mut stream = socket.connect(rig.address).await.unwrap();
    let request = format!("GET /phone HTTP/1.1\r\nHost: {}\r\n\r\n", rig.address);
    stream.write_all(request.repeat(REQUESTS).as_bytes()).await.unwrap();
    stream
}

const REQUESTS: usize = 2_000;

#[tokio::test]
async fn a_connection_whose_answers_nobody_reads_makes_room_for_others() {
    let rig = rig(Duration::from_millis(200)).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = ask_for_much(&rig, socket).await;
    let started = Instant::now();
    let others = tokio::time::timeout(Duration::from_secs(10), rig.add_users(&["u"]));
    others.await.expect("the one connection there is was given back");
    assert!(started.elapsed() >= Duration::from_millis(200), "there was no other one");
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    let answers = String::from_utf8_lossy(&read).matches("HTTP/1.1 200").count();
    assert!(answers < REQUESTS, "it was cut off");
}

#[tokio::test]
async fn a_caller_that_reads_slowly_but_reads_gets_all_of_it() {
    let rig = rig(Duration::from_millis(500)).await;
    let mut stream = ask_for_much(&rig, TcpSocket::new_v4().unwrap()).await;
    stream.write_all(b"GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.unwrap();
    let started = Instant::now();
    let (mut piece, mut read) = (vec![0; 512 * 1024], Vec::new());
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            length => read.extend_from_slice(&piece[..length]),
        }
    }
    assert!(started.elapsed() > Duration::from_millis(500), "longer than one may stand still");
    let text = String::from_utf8_lossy(&read);
    assert_eq!(text.matches("HTTP/1.1 200").count(), REQUESTS);
    assert!(text.contains("NOT_FOUND"), "to the last");
}
