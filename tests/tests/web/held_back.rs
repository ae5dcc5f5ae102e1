//! A request whose body is held back until its session is over.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::each_framework;
use crate::setting::Setting;

each_framework!(a_body_that_is_held_back_does_not_outlive_its_session);

async fn a_body_that_is_held_back_does_not_outlive_its_session(setting: Setting) {
    let mut owner = setting.logged_in().await;
    assert!(owner.is_in().await);
    let page = owner.post("/posts", &[("text", "x")]).await;
    assert!(page.text.contains("Anna has posted text=x"), "{}", page.text);

    let host = owner.origin.strip_prefix("http://").unwrap().to_owned();
    let cookies: Vec<_> = owner.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "POST /posts HTTP/1.1\r\nhost: {host}\r\norigin: {}\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n\
         content-type: text/plain\r\ncontent-length: 6\r\ncookie: {}\r\n\r\nt",
        owner.origin,
        cookies.join("; ")
    );
    let mut held = TcpStream::connect(&host).await.unwrap();
    held.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    owner.post("/auth/logout", &[]).await;
    held.write_all(b"ext=y").await.unwrap();
    let mut answer = Vec::new();
    held.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("posted"), "{answer}");
}
