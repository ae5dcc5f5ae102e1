//! Requests as bytes, so that a path arrives as it was written, and a browser without a script on top of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use iampass_testkit::{VirtualPhone, code_on_page};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// For things that happen at once, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Page {
    /// The headers by which the site was told who the user is, as it says itself; those without a value say nothing.
    pub(crate) fn told(&self) -> Vec<&str> {
        let lines = self.text.lines().filter(|line| line.starts_with("remote"));
        let said =
            lines.filter(|line| line.split_once(':').is_some_and(|(_, value)| !value.trim().is_empty()));
        let mut told: Vec<_> = said.collect();
        told.sort_unstable();
        told
    }

    /// The text without the site's line about cookies, which are sealed: any letters may stand in them.
    pub(crate) fn without_cookies(&self) -> String {
        let lines = self.text.lines().filter(|line| !line.starts_with("cookie: "));
        lines.map(|line| format!("{line}\n")).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// Sends one request, and reads the answer to its end. Status 0: the connection ended without one.
pub(crate) async fn send(
    port: u16,
    method: &str,
    address: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Page {
    let mut request = format!("{method} {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body);
    let answer = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // A connection that is cut short has said all that it will.
        let _ = stream.read_to_end(&mut answer).await;
        Some(answer)
    };
    let answer = tokio::time::timeout(SOON, answer).await.expect("no answer").unwrap_or_default();
    read(&String::from_utf8_lossy(&answer))
}

fn read(answer: &str) -> Page {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let text = if is_chunked { unchunked(body) } else { body.to_owned() };
    Page { status, headers, text }
}

fn unchunked(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).unwrap_or(0);
        if length == 0 || rest.len() < length {
            break;
        }
        text.push_str(&rest[..length]);
        body = rest[length..].trim_start_matches("\r\n");
    }
    text
}

/// A browser without a script.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    port: u16,
    host: String,
    cookies: BTreeMap<String, String>,
}

/// The headers of a person who goes to an address.
const NAVIGATES: [(&str, &str); 3] =
    [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Site", "none")];

impl Browser {
    /// One that reaches the site of this host at this port.
    pub(crate) fn new(port: u16, host: &str) -> Self {
        Self { port, host: host.to_owned(), cookies: BTreeMap::new() }
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("Cookie", &cookies));
        }
        let page = send(self.port, method, address, &self.host, &all, body).await;
        for (_, cookie) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    /// Goes to an address.
    pub(crate) async fn get(&mut self, address: &str) -> Page {
        self.send("GET", address, &NAVIGATES, "").await
    }

    /// Goes to an address with more headers.
    pub(crate) async fn get_with(&mut self, address: &str, headers: &[(&str, &str)]) -> Page {
        self.send("GET", address, &[&NAVIGATES[..], headers].concat(), "").await
    }

    /// A request of a script.
    pub(crate) async fn fetch(&mut self, address: &str) -> Page {
        self.send("GET", address, &[("Accept", "*/*"), ("Sec-Fetch-Mode", "cors")], "").await
    }

    /// A form of a page of the site.
    pub(crate) async fn post(&mut self, address: &str, body: &str) -> Page {
        let origin = format!("http://{}", self.host);
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "text/html"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Origin", &origin),
        ];
        self.send("POST", address, &headers, body).await
    }

    /// Reloads until the page is so.
    pub(crate) async fn reload_until(&mut self, address: &str, is_so: impl Fn(&Page) -> bool) -> Page {
        let began = Instant::now();
        loop {
            let page = self.get(address).await;
            if is_so(&page) {
                return page;
            }
            assert!(began.elapsed() < SOON, "{address} stays {page:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Signs in from the login page that it was led to, and gives the place that it is led to then.
    pub(crate) async fn sign_in(&mut self, login: &str, phone: &VirtualPhone, next: &str) -> String {
        let form = |pairs: &[(&str, &str)]| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let body = form(&[("login_name", login), ("return_to", next)]);
        let page = self.post("/_iampass/login", &body).await;
        assert_eq!(page.status, 303, "{page:?}");
        let wait = page.header("location").unwrap().to_owned();
        let page = self.reload_until(&wait, |page| code_on_page(&page.text).is_some()).await;
        phone.accept_code(&code_on_page(&page.text).unwrap()).await.unwrap();
        let page = self.reload_until(&format!("{wait}&shown=nothing"), |page| page.status == 303).await;
        page.header("location").unwrap().to_owned()
    }
}
