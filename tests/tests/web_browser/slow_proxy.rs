//! A proxy that passes on the head of a stream of events at once and its body only at its end, as some do that compress or inspect.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct SlowProxy {
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for SlowProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl SlowProxy {
    pub(crate) fn start(listener: std::net::TcpListener, application: String) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let application = application.clone();
                tokio::spawn(async move { forward(browser, &application).await });
            }
        });
        Self { serving }
    }
}

pub(crate) async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    // One request for each connection is enough.
    Some(String::from_utf8(head).ok()?.replacen("\r\n", "\r\nconnection: close\r\n", 1))
}

async fn forward(mut browser: TcpStream, application: &str) -> Option<()> {
    let mut application = TcpStream::connect(application.trim_start_matches("http://")).await.ok()?;
    let request = head(&mut browser).await?;
    application.write_all(request.as_bytes()).await.ok()?;
    let length = request
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    browser.read_exact(&mut body).await.ok()?;
    application.write_all(&body).await.ok()?;
    let answer = head(&mut application).await?;
    browser.write_all(answer.as_bytes()).await.ok()?;
    if !answer.contains("text/event-stream") {
        tokio::io::copy(&mut application, &mut browser).await.ok()?;
        return Some(());
    }
    let mut held = Vec::new();
    let mut gone = [0; 1];
    tokio::select! {
        read = application.read_to_end(&mut held) => { read.ok()?; }
        _ = browser.read(&mut gone) => return None,
    }
    browser.write_all(&held).await.ok()
}
