//! Mozilla's side for Firefox: JSON over a `WebSocket`.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedSender};

use super::request::Request;
use super::{Known, Subscription};

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// The text that brings a message to the browser.
pub(super) fn notification(channel: &str, count: u64, request: &Request) -> String {
    let encoding = request.header("content-encoding").unwrap_or_default();
    json!({
        "messageType": "notification", "channelID": channel, "version": count.to_string(),
        "data": URL_SAFE_NO_PAD.encode(&request.body), "headers": {"encoding": encoding},
    })
    .to_string()
}

/// Serves a browser until it goes. `key` is that of its request (RFC 6455).
pub(super) async fn serve(mut socket: TcpStream, key: &str, known: Arc<Known>, address: SocketAddr) {
    let accepted =
        digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11").as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\
         Sec-WebSocket-Protocol: push-notification\r\n\r\n",
        STANDARD.encode(accepted.as_ref())
    );
    if socket.write_all(head.as_bytes()).await.is_err() {
        return;
    }
    let (sender, mut texts) = mpsc::unbounded_channel::<String>();
    let (mut read, mut browser) = (Vec::new(), String::new());
    loop {
        tokio::select! {
            more = socket.read_buf(&mut read) => {
                if !matches!(more, Ok(1..)) {
                    break;
                }
                while let Some((kind, data)) = frame(&mut read) {
                    let answer = match kind {
                        TEXT => {
                            let said = serde_json::from_slice(&data).unwrap_or_default();
                            answer(&said, &mut browser, &sender, &known, address).map(|text| (TEXT, text.into_bytes()))
                        }
                        PING => Some((PONG, data)),
                        CLOSE => return,
                        _ => None,
                    };
                    if let Some((kind, data)) = answer
                        && socket.write_all(&framed(kind, &data)).await.is_err()
                    {
                        return;
                    }
                }
            }
            Some(text) = texts.recv() => {
                if socket.write_all(&framed(TEXT, text.as_bytes())).await.is_err() {
                    break;
                }
            }
        }
    }
    known.lock().browsers.remove(&browser);
}

fn answer(
    said: &Value,
    browser: &mut String,
    sender: &UnboundedSender<String>,
    known: &Known,
    address: SocketAddr,
) -> Option<String> {
    let mut known = known.lock();
    let channel = said["channelID"].as_str().unwrap_or_default();
    let answer = match said["messageType"].as_str() {
        None => json!({}),
        Some("hello") => {
            let named = said["uaid"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
            *browser = named.unwrap_or_else(|| format!("{:032x}", known.next()));
            known.browsers.insert(browser.clone(), sender.clone());
            json!({"messageType": "hello", "status": 200, "uaid": browser, "use_webpush": true, "broadcasts": {}})
        }
        Some("register") => {
            let id = format!("autopush-{}", known.next());
            let subscription =
                Subscription::Autopush { browser: browser.clone(), channel: channel.to_owned() };
            known.subscriptions.insert(id.clone(), subscription);
            let endpoint = format!("http://{address}/push/{id}");
            json!({"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": endpoint})
        }
        Some("unregister") => {
            let is_it = |one: &Subscription| matches!(one, Subscription::Autopush { channel: known, .. } if known == channel);
            known.subscriptions.retain(|_, one| !is_it(one));
            json!({"messageType": "unregister", "channelID": channel, "status": 200})
        }
        Some(_) => return None,
    };
    Some(answer.to_string())
}

fn framed(kind: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | kind];
    match u8::try_from(data.len()) {
        Ok(short) if short < 126 => frame.push(short),
        _ => match u16::try_from(data.len()) {
            Ok(length) => {
                frame.push(126);
                frame.extend(length.to_be_bytes());
            }
            Err(_) => {
                frame.push(127);
                frame.extend((data.len() as u64).to_be_bytes());
            }
        },
    }
    frame.extend(data);
    frame
}

/// Takes the first frame out of what was read, without its mask. Firefox sends short messages, each in one frame.
fn frame(read: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let (kind, length) = (read.first()? & 15, read.get(1)? & 127);
    let (length, head) = match length {
        126 => (usize::from(u16::from_be_bytes(read.get(2..4)?.try_into().ok()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(read.get(2..10)?.try_into().ok()?)).ok()?, 10),
        short => (usize::from(short), 2),
    };
    let mask: [u8; 4] = read.get(head..head + 4)?.try_into().ok()?;
    let end = head + 4 + length;
    let masked = read.get(head + 4..end)?;
    let data = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
    read.drain(..end);
    Some((kind, data))
}
