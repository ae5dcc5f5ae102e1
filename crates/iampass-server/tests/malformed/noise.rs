//! Bytes that are no request, or hardly one.

use crate::draw::Draw;
use crate::request::Request;

/// Bytes that are no request at all.
pub(crate) fn noise(draw: &mut Draw) -> Request {
    let bytes = match draw.below(8) {
        0 => draw.bytes(4_000),
        1 => b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        // The beginning of TLS.
        2 => [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &draw.bytes(500)].concat(),
        3 => [&b"GET /"[..], &vec![b'a'; 140_000], b" HTTP/1.1\r\nHost: h\r\n\r\n"].concat(),
        4 => [&b"GET /phone HTTP/1.1\r\nHost: h\r\nX: "[..], &vec![b'a'; 200_000], b"\r\n\r\n"].concat(),
        5 => b"\r\n\r\n\r\nGET /phone HTTP/1.1\r\nHost: h\r\n\r\n".to_vec(),
        6 => draw
            .one_of(&[
                "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET http://other/phone HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET phone HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /phone\r\n\r\n",
                "GET /phone HTTP/1.1\nHost: h\n\n",
                "GET\t/phone\tHTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /phone HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
                "GET /phone HTTP/1.1\r\nHost : h\r\n\r\n",
                "GET /phone HTTP/1.1\r\n\r\n",
            ])
            .into(),
        _ => "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n".repeat(draw.below(200) + 1).into_bytes(),
    };
    Request { bytes, is_for_route: false, is_whole: false }
}
