//! A small load generator: connections that ask one question after another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Failure;

/// The next request, as bytes.
pub(crate) type Question = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// How many requests a second are answered with 200 over `connections` connections, for `time`. Any other answer is an error: speed
/// at refusing is not what is measured.
pub(crate) async fn requests_per_second(
    address: &str,
    connections: u64,
    time: Duration,
    question: &Question,
) -> Result<f64, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for connection in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (stop, answered, question) = (Arc::clone(&stop), Arc::clone(&answered), Arc::clone(question));
        tasks.push(tokio::spawn(async move { ask(stream, connection, &stop, &answered, &question).await }));
    }
    let start = Instant::now();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let (answered, elapsed) = (answered.load(Ordering::Relaxed), start.elapsed());
    for task in tasks {
        task.await?.map_err(|error| -> Failure { error.into() })?;
    }
    Ok(answered as f64 / elapsed.as_secs_f64())
}

async fn ask(
    mut stream: TcpStream,
    connection: u64,
    stop: &AtomicBool,
    answered: &AtomicU64,
    question: &Question,
) -> Result<(), String> {
    let mut buffer = Vec::with_capacity(4096);
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(&question(connection)).await.map_err(|error| error.to_string())?;
        buffer.clear();
        read_answer(&mut stream, &mut buffer).await?;
        if !buffer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("not a 200: {}", String::from_utf8_lossy(&buffer)));
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Reads head and body of one answer with a `Content-Length`.
pub(crate) async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), String> {
    loop {
        if let Some(length) = whole_length(buffer)
            && buffer.len() >= length
        {
            return Ok(());
        }
        if stream.read_buf(buffer).await.map_err(|error| error.to_string())? == 0 {
            return Err("the connection was closed".to_owned());
        }
    }
}

fn whole_length(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(buffer.get(..end)?).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    Some(end + length)
}
