//! Frames that are cut off, out of order, or too many: the connection ends, and the service goes on.

use std::time::{Duration, Instant};

use super::caller::{
    CONTINUATION, END_HEADERS, END_STREAM, HEAD, HEADERS, PREFACE, RST_STREAM, SETTINGS, SOON, Secure, frame,
};

const SHORT: Duration = Duration::from_millis(600);
const GOAWAY: u8 = 7;

/// Whether a frame of this kind is among these.
fn has(kind: u8, mut bytes: &[u8]) -> bool {
    while let [a, b, c, found, _, _, _, _, _, rest @ ..] = bytes {
        if *found == kind {
            return true;
        }
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        bytes = rest.get(length..).unwrap_or_default();
    }
    false
}

#[tokio::test]
async fn a_connection_that_does_not_begin_is_closed() {
    let secure = Secure::with(|config| config.limits.head_timeout = SHORT).await;
    for bytes in
        [&b""[..], &PREFACE[..10], PREFACE, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"PRI * HTTP/3.0\r\n\r\n"]
    {
        let mut raw = secure.raw().await;
        raw.send(bytes).await;
        raw.rest().await;
    }
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let secure = Secure::with(|config| config.limits.head_timeout = SHORT).await;
    // Half a head in one frame, half a frame, and frames that go on without an end.
    let mut raw = secure.raw().await;
    raw.begin().await;
    raw.send(&frame(HEADERS, END_STREAM, 1, HEAD)).await;
    raw.rest().await;
    let mut raw = secure.raw().await;
    raw.begin().await;
    raw.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, HEAD)[..11]).await;
    raw.rest().await;
    let mut raw = secure.raw().await;
    raw.begin().await;
    raw.send(&frame(HEADERS, END_STREAM, 1, HEAD)).await;
    let started = Instant::now();
    // Each piece comes long before the time is over.
    while raw.send(&frame(CONTINUATION, 0, 1, &[])).await && !raw.has_ended_after(SHORT / 6).await {
        assert!(started.elapsed() < SOON, "it is not closed");
    }
}

#[tokio::test]
async fn requests_that_are_taken_back_at_once_end_the_connection() {
    let secure = Secure::with(|_| {}).await;
    let mut raw = secure.raw().await;
    raw.begin().await;
    let mut flood = Vec::new();
    for number in 0..2_000 {
        flood.extend(frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, HEAD));
        flood.extend(frame(RST_STREAM, 0, 2 * number + 1, &[0, 0, 0, 8]));
    }
    raw.send(&flood).await;
    raw.rest().await;
    assert_eq!(secure.caller().await.get(&secure.rig, "/healthz").await.unwrap().status(), 200);
}

#[tokio::test]
async fn malformed_frames_end_the_connection() {
    let secure = Secure::with(|_| {}).await;
    let endless = frame(CONTINUATION, 0, 1, &[0x82; 16_000]).repeat(40);
    for (name, bytes) in [
        ("a frame that is too long", vec![0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]),
        ("data of no stream", frame(0, 0, 0, b"x")),
        ("data of a stream that was not opened", frame(0, 0, 1, b"x")),
        ("settings that are cut off", frame(SETTINGS, 0, 0, &[0, 1, 2])),
        ("a window that is too large", frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff])),
        ("a stream of the service's own", frame(HEADERS, END_STREAM | END_HEADERS, 2, HEAD)),
        ("a head that is not packed", frame(HEADERS, END_STREAM | END_HEADERS, 1, &[0xff; 40])),
        ("another frame within a head", [frame(HEADERS, 0, 1, HEAD), frame(6, 0, 0, &[0; 8])].concat()),
        ("a head without an end", [frame(HEADERS, 0, 1, HEAD), endless].concat()),
    ] {
        let mut raw = secure.raw().await;
        raw.begin().await;
        raw.send(&bytes).await;
        let rest = raw.rest().await;
        assert!(has(GOAWAY, &rest), "{name}");
    }
    assert_eq!(secure.caller().await.get(&secure.rig, "/healthz").await.unwrap().status(), 200);
}
