//! Making requests: from nearly good ones to noise.
//!
//! Most are signed well for the very address that they go to, however odd that is: what is refused at the door shows nothing about what is
//! behind it.

use iampass_core::signing::BodyDigest;
use iampass_server::Route;

use crate::body::body;
use crate::draw::Draw;
use crate::framing::framed;
use crate::inhabitant::{Inhabitant, is_of_phone};
use crate::login::is_of_login;
use crate::noise::noise;

pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    /// Whether it is for a route at all.
    pub(crate) is_for_route: bool,
    /// Whether the service has all that it needs to answer.
    pub(crate) is_whole: bool,
}

pub(crate) fn make(route: Route, one: &Inhabitant, draw: &mut Draw) -> Request {
    if draw.once_in(24) {
        return noise(draw);
    }
    let mut request = nearly_good(route, one, draw);
    if draw.once_in(12) {
        // Another one behind it, without waiting for the answer.
        let second = nearly_good(route, one, draw);
        request.bytes.extend(second.bytes);
        request.is_whole = false;
    }
    if draw.once_in(10) {
        for _ in 0..=draw.below(4) {
            let at = draw.below(request.bytes.len());
            request.bytes[at] = draw.next() as u8;
        }
        request.is_whole = false;
    }
    if draw.once_in(16) {
        request.bytes.truncate(draw.below(request.bytes.len()) + 1);
        request.is_whole = false;
    }
    request
}

fn nearly_good(route: Route, one: &Inhabitant, draw: &mut Draw) -> Request {
    let body = body(route, one, draw);
    let mut target = target(route, one, draw);
    if route.method == "POST" && is_of_phone(route.pattern) {
        target = with_digest(&target, &body, draw);
    }
    let method = if draw.once_in(6) {
        draw.one_of(&[
            "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "BREW", "get", "", "GE T", "G\u{7f}T",
        ])
    } else {
        route.method
    };
    let mut head = format!("{method} {target} {}\r\n", version(draw)).into_bytes();
    for (name, value) in headers(route, one, &target, draw) {
        head.extend(name.as_bytes());
        head.extend(b": ");
        head.extend(value);
        head.extend(b"\r\n");
    }
    let is_whole = framed(&mut head, &body, draw) && method != "HEAD";
    Request { bytes: head, is_for_route: true, is_whole }
}

fn version(draw: &mut Draw) -> &'static str {
    if draw.once_in(30) {
        draw.one_of(&["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTP/", "", "http/1.1", "HTTP/1.1 x"])
    } else {
        "HTTP/1.1"
    }
}

/// Odd texts that are put into paths and queries.
pub(crate) const ODD: [&str; 24] = [
    "",
    "%",
    "%%",
    "%zz",
    "%00",
    "%ff",
    "%C3%28",
    "%2f",
    "%2e%2e",
    "..",
    ".",
    "/",
    "//",
    "+",
    "?",
    "&",
    "=",
    "#",
    "\u{e9}",
    "://",
    ";",
    "\\",
    "{x}",
    "%F0%9F%92%A9",
];

fn target(route: Route, one: &Inhabitant, draw: &mut Draw) -> String {
    let is_odd = draw.once_in(2);
    let mut target = String::new();
    for part in route.pattern.split('/').skip(1) {
        target.push('/');
        let good = if part.starts_with('{') { one.value(route, part).unwrap() } else { part };
        // A part that is no placeholder leads nowhere if it is changed.
        let may_be_odd = is_odd && (part.starts_with('{') || draw.once_in(12));
        match draw.below(if may_be_odd { 8 } else { 1 }) {
            1 => target.push_str(draw.one_of(&ODD)),
            2 => target.extend(std::iter::repeat_n(draw.one_of(&['a', '%', '/']), draw.below(9_000))),
            3 => (0..draw.below(40)).for_each(|_| target.push_str(draw.one_of(&ODD))),
            4 => target.push_str(&good.to_uppercase()),
            5 => target.push_str(&good[..draw.below(good.len() + 1)]),
            6 => {
                let (before, after) = good.split_at(draw.below(good.len() + 1));
                target.extend([before, draw.one_of(&ODD), after]);
            }
            _ => target.push_str(good),
        }
    }
    if is_of_login(route) {
        target.push_str(&one.visitor.query(draw));
    } else if draw.once_in(3) {
        target.push('?');
        for _ in 0..draw.below(4) {
            target.push_str(draw.one_of(&[
                "methods",
                "duration_seconds",
                "wait",
                "known",
                "phones",
                "phone",
                "add",
                "asked_at",
                "display_name",
                "x",
                "",
            ]));
            target.push('=');
            // No wait that is good is longer than the test likes to take.
            target.push_str(draw.one_of(&[
                "",
                "0",
                "-1",
                "acceptance",
                "device,,facial",
                "18446744073709551616",
                "1e3",
                "True",
                "%",
                "%00",
                "%C3%A9",
                "+",
                "%0d%0aX:y",
                "99999999999",
                "acceptance,acceptance",
                "a%2Cb",
            ]));
            target.push_str(draw.one_of(&["&", "&&", ";", ""]));
        }
    }
    target
}

/// The digest of the body in the URL, mostly as it has to be.
fn with_digest(target: &str, body: &[u8], draw: &mut Draw) -> String {
    let digest = BodyDigest::of(body);
    let good = digest.appended_to(target);
    match draw.below(20) {
        0 => target.to_owned(),
        1 => digest.appended_to(&good),
        2 => BodyDigest::of(b"another").appended_to(&good),
        3 => BodyDigest::of(b"another").appended_to(target),
        4 => good.replace(&digest.to_string(), &digest.to_string().to_uppercase()),
        5 => good.replace(&digest.to_string(), draw.one_of(&["", "%", "%ff", "0", "null", "==", "a=b"])),
        6 => {
            good.replace("body_sha256", draw.one_of(&["%62ody_sha256", "BODY_SHA256", "body_sha256%00", ""]))
        }
        7 => format!("{good}{}", draw.one_of(&["0", "&", "&body_sha256", "#x", "%20", "&x=%zz"])),
        8 => {
            let end = good.len().min(target.len() + draw.below(80));
            good.get(..end).unwrap_or(target).to_owned()
        }
        _ => good,
    }
}

fn headers(route: Route, one: &Inhabitant, target: &str, draw: &mut Draw) -> Vec<(String, Vec<u8>)> {
    let mut headers: Vec<(String, Vec<u8>)> = vec![("Host".into(), one.authority.clone().into_bytes())];
    if draw.once_in(20) {
        headers[0].1 =
            draw.one_of(&["", "a b", "[::1", "h:99999", "u@h", "\u{e9}", "h/x"]).as_bytes().to_vec();
    }
    if let Some(pair) = one.signer(route) {
        let signed = one.sign(pair, target, draw.next());
        headers.extend(signed.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())));
    }
    if route.pattern.starts_with("/console") {
        // As a browser sends the forms of our own pages.
        headers.push(("Origin".into(), format!("http://{}", one.authority).into_bytes()));
        headers.push(("Sec-Fetch-Site".into(), b"same-origin".to_vec()));
        headers.push(("Accept".into(), b"text/html".to_vec()));
        let cookies = if is_of_login(route) { one.visitor.cookies(draw) } else { one.member.cookies() };
        headers.push(("Cookie".into(), cookies.into_bytes()));
        headers.push(("Content-Type".into(), b"application/x-www-form-urlencoded".to_vec()));
    }
    if !draw.once_in(5) {
        headers.push(("Connection".into(), b"close".to_vec()));
    }
    if draw.once_in(4) {
        let at = draw.below(headers.len());
        match draw.below(6) {
            0 => drop(headers.remove(at)),
            1 => headers.push(headers[at].clone()),
            2 => headers[at].1 = draw.bytes(60),
            3 => {
                let length = draw.below(headers[at].1.len() + 1);
                headers[at].1.truncate(length);
            }
            4 => {
                headers[at].1 = draw
                    .one_of(&["-1", "0", "99999999999999999999", "hmac", "hmac ::", "hmac a:1:=", "Bearer x"])
                    .into()
            }
            _ => headers[at].0 = headers[at].0.to_uppercase(),
        }
    }
    for _ in 0..(if draw.once_in(6) { draw.below(150) } else { 0 }) {
        let name = draw.one_of(&[
            "X",
            "Cookie",
            "Accept",
            "X-Forwarded-For",
            "Forwarded",
            "Origin",
            "Sec-Fetch-Site",
            "Range",
            "Upgrade",
            "Expect",
            "Content-Encoding",
            "X-Request-Id",
            "",
        ]);
        let value = match draw.below(4) {
            0 => draw.bytes(200),
            1 => vec![b'a'; draw.below(3_000)],
            2 => b"100-continue".to_vec(),
            _ => draw
                .one_of(&[
                    "gzip",
                    "bytes=0-",
                    "websocket",
                    "127.0.0.1, ::1",
                    "for=\"[::1\"",
                    "\0",
                    "a\r\n b",
                    "text/html;q=2",
                ])
                .into(),
        };
        headers.push((name.to_owned(), value));
    }
    headers
}
