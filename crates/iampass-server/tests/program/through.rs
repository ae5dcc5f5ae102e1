//! `config check --through`: what it says of what stands in front of a running service.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::free_port::free_port;
use crate::process::program;
use crate::settings::write_certificate;

/// The faults of a forwarder in handing requests on.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    /// Writes escapes as what they stand for.
    decodes: bool,
    /// Adds no line about the caller's address.
    tells_nobody: bool,
    /// Refuses a POST of no bytes.
    wants_bytes: bool,
    /// Hands an answer on when it is whole.
    holds_back: bool,
    /// Ends what is silent for so long.
    cuts_after: Option<Duration>,
    /// Leaves the header of probes out.
    drops_probe: bool,
    /// Takes `/iam` off the path.
    takes_prefix_off: bool,
}

/// A forwarder between a client and the service: one request a connection.
fn forwarder(service: SocketAddr, faults: Faults) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || forward(client, service, faults));
        }
    });
    address
}

fn forward(mut client: TcpStream, service: SocketAddr, faults: Faults) -> Option<()> {
    let (head, body) = read_request(&mut client)?;
    let mut lines = head.lines();
    let line = lines.next()?;
    let (method, rest) = line.split_once(' ')?;
    let mut target = rest.rsplit_once(' ')?.0.to_owned();
    if faults.takes_prefix_off {
        target = target.strip_prefix("/iam")?.to_owned();
    }
    if faults.decodes {
        for (escape, plain) in [("%2F", "/"), ("%40", "@"), ("%2B", "+"), ("%27", "'")] {
            target = target.replace(escape, plain);
        }
    }
    if faults.wants_bytes && method == "POST" && body.is_empty() {
        let refused = b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nServer: lighttpd/1.4.69\r\n\r\n";
        return client.write_all(refused).ok();
    }
    let mut sent = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    for line in
        lines.filter(|line| !(faults.drops_probe && line.to_lowercase().starts_with("iampass-probe:")))
    {
        sent.push_str(&format!("{line}\r\n"));
    }
    if !faults.tells_nobody {
        sent.push_str("X-Forwarded-For: 203.0.113.5\r\n");
    }
    let mut upstream = TcpStream::connect(service).ok()?;
    upstream.write_all(&[sent.as_bytes(), b"\r\n", &body].concat()).ok()?;
    upstream.set_read_timeout(faults.cuts_after).ok()?;
    let (mut held, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = upstream.read(&mut buffer) {
        if faults.holds_back {
            held.extend_from_slice(&buffer[..read]);
        } else {
            client.write_all(&buffer[..read]).ok()?;
        }
    }
    client.write_all(&held).ok()?;
    client.shutdown(Shutdown::Both).ok()
}

fn read_request(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = client.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
        let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(request[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|length| length.trim().parse().unwrap())
        });
        if request.len() >= end + 4 + length.unwrap_or(0) {
            return Some((head, request[end + 4..].to_vec()));
        }
    }
}

/// A service with something in front of it.
struct Place {
    folder: TempDir,
    service: SocketAddr,
    url: String,
    child: Option<Child>,
    /// A file of a certificate that the check trusts.
    trusted: Option<String>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Place {
    fn start(faults: Faults, path: &str, more: &[&str]) -> Self {
        let service = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let url = format!("http://{}{path}", forwarder(service, faults));
        Self::start_as(service, url, more)
    }

    fn start_as(service: SocketAddr, url: String, more: &[&str]) -> Self {
        let mut place =
            Self { folder: tempfile::tempdir().unwrap(), service, url, child: None, trusted: None };
        let mut arguments = vec!["run".to_owned()];
        arguments.extend(place.settings(more));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        place.child = Some(program(&arguments).stdout(Stdio::null()).spawn().unwrap());
        let begun = Instant::now();
        while TcpStream::connect(service).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the service does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        place
    }

    fn settings(&self, more: &[&str]) -> Vec<String> {
        let data = self.folder.path().join("d.sqlite").display().to_string();
        let own = ["--data", &data, "--listen", &self.service.to_string(), "--public-url", &self.url];
        own.iter().chain(more).map(|&word| word.to_owned()).collect()
    }

    /// The exit code, and what is printed.
    fn check(&self, through: &str, settings: &[&str], flags: &[&str]) -> (i32, String) {
        let settings = self.settings(settings);
        let mut arguments = vec!["config", "check", "--through", through];
        arguments.extend(settings.iter().map(String::as_str));
        arguments.extend(flags);
        let trusted = self.trusted.iter().map(|file| ("SSL_CERT_FILE", file));
        let output = program(&arguments).envs(trusted).output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), said)
    }

    fn quick(&self, settings: &[&str]) -> (i32, String) {
        self.check(&self.url, settings, &["--quick"])
    }

    /// The same where streams are passed on at once. A machine that is very slow may be late with an event, so it gets several tries.
    fn quick_with_good_streams(&self, settings: &[&str]) -> (i32, String) {
        (0..10)
            .map(|_| self.quick(settings))
            .find(|(_, said)| lines(said, "streams").iter().all(|line| line.starts_with("good")))
            .expect("an event is late each time")
    }
}

const TRUSTED: [&str; 2] = ["--trusted-proxy", "127.0.0.1"];

/// The lines of a topic, or of a word at the beginning of the line.
fn lines<'a>(said: &'a str, word: &str) -> Vec<&'a str> {
    said.lines().filter(|line| line.contains(word)).collect()
}

fn has(said: &str, parts: &[&str]) {
    let found = said.lines().any(|line| parts.iter().all(|part| line.contains(part)));
    assert!(found, "no line with {parts:?}:\n{said}");
}

#[test]
fn what_is_right_is_said_to_be_right() {
    let place = Place::start(Faults::default(), "", &TRUSTED);
    let (code, said) = place.quick_with_good_streams(&TRUSTED);
    assert_eq!((code, lines(&said, "CHANGE").len()), (0, 0), "{said}");
    for topic in ["HTTP/1.1", "public_url", "path", "query", "long URLs", "methods", "streams"] {
        has(&said, &["good", topic]);
    }
    has(&said, &["good", "caller's address", "203.0.113.5, as the trusted proxy 127.0.0.1"]);
    has(&said, &["note", "silence", "--quick"]);
    // The key opens nothing here, so nothing of it is to be seen.
    let key = std::fs::read_to_string(place.folder.path().join("d.sqlite.key")).unwrap();
    assert!(!said.contains(key.trim()));
}

#[test]
fn what_a_proxy_changes_is_told_with_what_to_do() {
    let faults = Faults { decodes: true, wants_bytes: true, holds_back: true, ..Faults::default() };
    let place = Place::start(faults, "", &TRUSTED);
    let (code, said) = place.quick(&TRUSTED);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "path", "an encoded slash: a%2Fb arrives as a/b", "docs/proxies.md"]);
    has(&said, &["CHANGE", "path", "a%2Bb arrives as a+b"]);
    has(&said, &["CHANGE", "query", "signatures break"]);
    has(&said, &["CHANGE", "methods", "a POST with Content-Length: 0 is refused with 411"]);
    has(&said, &["CHANGE", "streams", "held back", "s late"]);
    has(&said, &["good", "caller's address"]);
    has(&said, &["good", "long URLs"]);
    has(&said, &["lines that say what has to be changed"]);
}

#[test]
fn whose_address_is_believed_is_told() {
    let nobody = Faults { tells_nobody: true, ..Faults::default() };
    // The caller's own line arrives as the last one.
    let (code, said) = Place::start(nobody, "", &TRUSTED).quick(&TRUSTED);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "caller's address", "a caller chooses it"]);
    let (code, said) = Place::start(Faults::default(), "", &[]).quick(&[]);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "caller's address", "--trusted-proxy 127.0.0.1"]);
}

#[test]
fn a_path_prefix_may_be_taken_off_by_either() {
    let off = Faults { takes_prefix_off: true, ..Faults::default() };
    for (faults, who) in
        [(off, "the proxy takes /iam off"), (Faults::default(), "the service takes /iam off")]
    {
        let (_, said) = Place::start(faults, "/iam", &TRUSTED).quick(&TRUSTED);
        has(&said, &["good", "path prefix", who]);
        for topic in ["path  ", "query", "public_url"] {
            has(&said, &["good", topic]);
        }
    }
    // The service does not know of the prefix.
    let place = Place::start(Faults::default(), "", &TRUSTED);
    let (code, said) = place.check(&format!("{}/iam", place.url), &TRUSTED, &["--quick"]);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "path prefix", "public_url"]);
    has(&said, &["CHANGE", "public_url", "signatures for"]);
    has(&said, &["good", "path  "]);
}

#[test]
fn where_nothing_gets_through_it_is_told_why() {
    let faults = Faults { drops_probe: true, ..Faults::default() };
    let place = Place::start(faults, "", &TRUSTED);
    let (code, said) = place.quick(&TRUSTED);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "service", "The service itself answers at", "iampass-probe"]);
    // A service with another master key does not believe a word.
    let key = place.folder.path().join("other.key").display().to_string();
    assert_eq!(crate::process::run(&["master-key", "new", "--to", &key]).0, 0);
    let other = ["--trusted-proxy", "127.0.0.1", "--master-key-file", &key];
    let (code, said) = place.quick(&other);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "service", "another master key"]);
    let nowhere = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let (code, said) = place.check(&format!("http://{nowhere}"), &TRUSTED, &["--quick"]);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "connection", "The service itself answers at"]);
}

#[test]
fn silence_that_is_cut_off_is_told_with_its_length() {
    let cuts = Faults { cuts_after: Some(Duration::from_secs(6)), ..Faults::default() };
    let place = Place::start(cuts, "", &TRUSTED);
    let (code, said) = place.check(&place.url, &TRUSTED, &[]);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "silence before an answer is cut off after", "25 s have to pass"]);
    has(&said, &["CHANGE", "silence within a stream is cut off after"]);
}

/// The service does TLS itself, with nothing in front of it.
#[test]
fn whether_clients_trust_the_certificate_is_told() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let tls = ["--tls-certificate", &certificate, "--tls-key", &key];
    let service = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let mut place = Place::start_as(service, format!("https://localhost:{}", service.port()), &tls);
    let (code, said) = place.quick(&tls);
    assert_eq!(code, 1, "{said}");
    has(&said, &["CHANGE", "certificate", "clients do not trust it"]);
    place.trusted = Some(certificate.clone());
    let (code, said) = place.quick_with_good_streams(&tls);
    assert_eq!(code, 0, "{said}");
    has(&said, &["good", "certificate", "trusted, for localhost"]);
    has(&said, &["good", "HTTP/2", "offered by ALPN"]);
    let plain = Place::start(Faults::default(), "", &TRUSTED);
    let service = format!("https://{}", plain.service);
    has(&plain.check(&service, &TRUSTED, &["--quick"]).1, &["CHANGE", "TLS", "no encryption is agreed on"]);
    has(&said, &["good", "path  "]);
    has(&said, &["good", "caller's address", "no proxy between"]);
}

#[test]
fn what_is_no_url_is_told_at_once() {
    for url in ["nonsense", "ftp://h", "https://h/?a"] {
        let (code, _, said) = crate::process::run(&["config", "check", "--through", url]);
        assert_eq!(code, 2, "{said}");
    }
    assert_eq!(crate::process::run(&["config", "check", "--quick"]).0, 2);
}

/// Only the holder of the key gets an answer to a probe.
#[test]
fn a_stranger_gets_no_echo() {
    let place = Place::start(Faults::default(), "", &TRUSTED);
    for probe in ["", "1.2.echo.00", "99999999999999999999.a.echo.", &"a.".repeat(40_000)] {
        let mut stream = TcpStream::connect(place.service).unwrap();
        let head = format!(
            "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\niampass-probe: {probe}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.ends_with("{\"status\":true}"), "{answer}");
    }
}
