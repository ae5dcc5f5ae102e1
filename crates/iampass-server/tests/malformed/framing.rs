//! Telling where the body of a request ends, rightly and wrongly.

use crate::draw::Draw;

/// Puts the body behind the head, in one of the ways that there are and are not; whether all of it is there.
pub(crate) fn framed(head: &mut Vec<u8>, body: &[u8], draw: &mut Draw) -> bool {
    let length = body.len();
    let chunk = |text: &str| [text.as_bytes(), b"\r\n", body, b"\r\n0\r\n\r\n"].concat();
    let (lines, framed, is_whole) = match draw.below(20) {
        0 => (format!("Content-Length: {}\r\n", length + 1 + draw.below(100)), body.to_vec(), false),
        1 => (format!("Content-Length: {}\r\n", length / 2), body.to_vec(), false),
        2 => {
            (format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1), body.to_vec(), false)
        }
        3 => {
            let odd = draw.one_of(&["-1", "x", "18446744073709551616", "+1", "1, 2", "0x1", ""]);
            (format!("Content-Length: {odd}\r\n"), body.to_vec(), false)
        }
        4 | 5 => ("Transfer-Encoding: chunked\r\n".into(), chunk(&format!("{length:x}")), length > 0),
        6 => {
            let odd = draw.one_of(&[
                "-1",
                "zz",
                "ffffffffffffffff",
                "fffffffffffffffff",
                "1;a=b",
                "",
                "7fffffff",
                "0x1",
                " 1",
            ]);
            ("Transfer-Encoding: chunked\r\n".into(), chunk(odd), false)
        }
        7 => {
            let lines = format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n");
            (lines, chunk(&format!("{length:x}")), false)
        }
        8 => {
            let odd =
                draw.one_of(&["gzip, chunked", "chunked, chunked", "identity", "xchunked", "chunked;x"]);
            (format!("Transfer-Encoding: {odd}\r\n"), chunk(&format!("{length:x}")), false)
        }
        9 => (String::new(), body.to_vec(), false),
        _ => (format!("Content-Length: {length}\r\n"), body.to_vec(), true),
    };
    head.extend(lines.as_bytes());
    head.extend(b"\r\n");
    head.extend(framed);
    is_whole
}
