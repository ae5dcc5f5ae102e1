//! The order in which things are tried, and what is said when nothing gets through.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::Method;
use http::header::LOCATION;
use rustls::RootCertStore;

use super::advice::{Front, Trouble};
use super::caller::{Answered, BodySent, Caller, NoAnswer, NotOpened, Sent, Version};
use super::echo::Echo;
use super::finding::Report;
use super::probe::ProbeKeys;
use super::{address, urls, waits};
use crate::{ProxyProtocol, PublicUrl, ServerError, ServiceConfig, StorageLocation};

/// The subject of a check.
pub(crate) struct Check<'a> {
    /// The settings that the service runs with.
    pub(crate) config: &'a ServiceConfig,
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// The URL by which clients call it.
    pub(crate) url: PublicUrl,
    /// Whether what takes long is left out.
    pub(crate) is_quick: bool,
}

/// The URL that no proxy changes.
const PLAIN: &str = "/management/has_registered_mobile_device/config-check/u";

/// The longest URL that is tried.
const LONGEST_URL: usize = 8_000;

/// Tries everything, and tells before each step what it is.
///
/// # Errors
/// [`ServerError`] when there is no master key, or nothing to encrypt with.
pub(crate) async fn check(check: Check<'_>, step: &(dyn Fn(&str) + Sync)) -> Result<Report, ServerError> {
    let caller = check.caller(check.url.clone())?;
    let mut report = Report::default();
    step("the first probe");
    let Some(first) = check.first(&caller, &mut report).await? else { return Ok(report) };
    check.names(&first.echo, &mut report);
    let left = first.left.as_str();
    for version in [Version::Http1, Version::Http2] {
        if version == Version::Http2 && !speaks_http2(&caller, &mut report).await {
            continue;
        }
        let name = version.name();
        step(&format!("URLs over {name}"));
        urls::check(&caller, version, first.front, left, &mut report).await;
        let length = LONGEST_URL.min(check.config.limits.url_bytes);
        urls::check_long(&caller, version, first.front, left, length, &mut report).await;
        step(&format!("methods and bodies over {name}"));
        methods(&caller, version, first.front, &mut report).await;
        step(&format!("the caller's address over {name}"));
        whose_address(&caller, version, check.config.proxies.protocol, first.front, &mut report).await;
        step(&format!("a stream over {name}, some seconds"));
        waits::check_stream(&caller, version, first.front, &mut report).await;
        if !check.is_quick {
            let silence = waits::silence(check.config.limits.longest_poll);
            step(&format!("{silence} s of silence over {name}"));
            waits::check_silence(&caller, version, first.front, silence, &mut report).await;
        }
    }
    if check.is_quick {
        report.note("silence", "not tried, because of --quick");
    }
    Ok(report)
}

/// The findings of the first probe.
struct First {
    echo: Echo,
    front: Front,
    /// The prefix that arrives and that the service does not take off.
    left: String,
}

impl Check<'_> {
    fn caller(&self, url: PublicUrl) -> Result<Caller, ServerError> {
        let mut roots = RootCertStore::empty();
        // A certificate that cannot be read vouches for no server.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let data = match &self.config.data {
            StorageLocation::File(path) => Some(path.canonicalize().unwrap_or_else(|_| path.clone())),
            _ => None,
        };
        let keys = ProbeKeys::of(&self.config.master_key, data.as_deref())?;
        Caller::new(url, roots, keys)
            .map_err(|_| ServerError::Settings("this system has nothing to encrypt with"))
    }

    /// Whether a probe gets through at all, and over which connection. None where it does not.
    async fn first(&self, caller: &Caller, report: &mut Report) -> Result<Option<First>, ServerError> {
        let url = &caller.url;
        let answered = caller.ask(Sent::get(Version::Http1, PLAIN)).await;
        let is_open = !matches!(answered, Err(NoAnswer::NotOpened(_)));
        if is_open && url.is_https() {
            report.good("certificate", format!("trusted, for {}", url.host()));
        } else if is_open {
            report
                .note("certificate", "none: the URL is not https, and what is signed can be seen on the way");
        }
        let (echo, front) = match answered {
            Ok(Answered::Echo(echo)) => (*echo, self.front(caller).await),
            Ok(Answered::Kept) => {
                report.change(
                    "answers",
                    "a proxy or cache keeps answers, though they say no-store: switch its cache off",
                );
                return Ok(None);
            }
            Ok(Answered::Other { status, headers }) => {
                let front = Front::of(&headers);
                if let Some(place) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
                    let place = place.to_str().unwrap_or("another place");
                    report.change(
                        "URL",
                        format!(
                            "{} leads to {place}, and clients do not follow: check the URL that clients call",
                            status.as_u16()
                        ),
                    );
                } else {
                    let seen = format!("{} came instead of the service's answer", status.as_u16());
                    let why = self.directly(url).await?;
                    report.change("service", format!("{seen}. {why}. {}", front.advice(Trouble::Method)));
                }
                return Ok(None);
            }
            Err(NoAnswer::NotOpened(NotOpened::Untrusted(why))) => {
                report.change(
                    "certificate",
                    format!("clients do not trust it: {why}. Serve a whole chain for {}, from an authority that clients know", url.host()),
                );
                return Ok(None);
            }
            Err(NoAnswer::NotOpened(NotOpened::Tls(why))) => {
                report.change(
                    "TLS",
                    format!(
                        "no encryption is agreed on: {why}. What listens there has to speak TLS 1.2 or 1.3"
                    ),
                );
                return Ok(None);
            }
            Err(why) => {
                let direct = self.directly(url).await?;
                report.change("connection", format!("{url}: {why}. {direct}"));
                return Ok(None);
            }
        };
        report.good("HTTP/1.1", "spoken");
        let prefix = url.path();
        let mut left = String::new();
        if echo.within == [prefix, PLAIN].concat() && !prefix.is_empty() {
            prefix.clone_into(&mut left);
            report.change(
                "path prefix",
                format!("{prefix} is still in front of the path when it arrives, and public_url of the service has none: set public_url = \"{url}\""),
            );
        } else if echo.within != PLAIN {
            report.change(
                "path prefix",
                format!("{prefix}{PLAIN} arrives as {}. {}", echo.target, front.advice(Trouble::Url)),
            );
        } else if !prefix.is_empty() {
            let who = if echo.target == PLAIN { "the proxy" } else { "the service" };
            report.good("path prefix", format!("{who} takes {prefix} off"));
        }
        Ok(Some(First { echo, front, left }))
    }

    /// Which program is in front, by an answer of its own or of the service.
    async fn front(&self, caller: &Caller) -> Front {
        let Ok(mut opened) = caller.open(Version::Http1).await else { return Front::Unknown };
        let sent = caller.send(&mut opened, Sent::get(Version::Http1, PLAIN));
        sent.await.map(|(response, _)| Front::of(response.headers())).unwrap_or_default()
    }

    /// Whether the service answers past everything in front, in a sentence.
    async fn directly(&self, url: &PublicUrl) -> Result<String, ServerError> {
        let mut address = self.listen;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        let caller = self.caller(url.clone())?.directly(address, self.config.tls.is_some());
        Ok(match caller.ask(Sent::get(Version::Http1, PLAIN)).await {
            Ok(Answered::Echo(_)) => format!(
                "The service itself answers at {address}, so what is in front does not hand requests on to it, or leaves the header iampass-probe out; \
                 and where a proxy on another machine does, trusted_proxies has to name it"
            ),
            Ok(_) => format!(
                "What listens at {address} does not recognize the probe either: it is another service, an older version, one with another master key, or \
                 its clock is more than a minute off. Give this command the settings that the service runs with"
            ),
            Err(why) => format!(
                "The service does not answer at {address} either ({why}): start it, and give this command the settings that it runs with"
            ),
        })
    }

    /// The names of the service: what it is called, what it thinks that it is called, and what it is said to be called.
    fn names(&self, echo: &Echo, report: &mut Report) {
        let topic = "public_url";
        let called = self.url.as_str();
        match &echo.public_url {
            Some(public) if public == called => report.good(topic, format!("{public}, as clients call the service")),
            Some(public) => report.change(
                topic,
                format!(
                    "the service runs with {public}, and signatures for {called} are refused: set public_url = \"{called}\", or run this check with {public}"
                ),
            ),
            None if echo.host == self.url.authority() => {
                report.note(topic, format!("not set. {} arrives as the host, so signatures hold", echo.host));
            }
            None => report.change(
                topic,
                format!(
                    "not set, and the host arrives as {} and not as {}, so signatures break: set public_url = \"{called}\"",
                    echo.host,
                    self.url.authority()
                ),
            ),
        }
        let set = self.config.public_url.as_ref().map(PublicUrl::as_str);
        if set != echo.public_url.as_deref() {
            let (set, running) = (set.unwrap_or("none"), echo.public_url.as_deref().unwrap_or("none"));
            report.change(
                topic,
                format!("the settings given here say {set}, the running service has {running}: start it again with these settings, or give those to this command"),
            );
        }
    }
}

async fn speaks_http2(caller: &Caller, report: &mut Report) -> bool {
    if !caller.url.is_https() {
        return false;
    }
    match caller.open(Version::Http2).await {
        Ok(_) => {
            report.good("HTTP/2", "offered by ALPN");
            true
        }
        Err(_) => {
            report.note("HTTP/2", "not offered by ALPN: clients use HTTP/1.1");
            false
        }
    }
}

/// Methods, and the bodies that are empty.
async fn methods(caller: &Caller, version: Version, front: Front, report: &mut Report) {
    const JSON: &str = "{\"a\":1}";
    let topic = "methods";
    let tries = [
        (Method::POST, BodySent::Json(JSON), "a POST of JSON", true),
        (Method::POST, BodySent::Empty, "a POST with Content-Length: 0", true),
        (Method::POST, BodySent::Nothing, "a POST that says no length", false),
        (Method::DELETE, BodySent::Nothing, "a DELETE", false),
    ];
    let mut is_good = true;
    for (method, body, what, is_needed) in tries {
        let sent = Sent { method: method.clone(), body, ..Sent::get(version, PLAIN) };
        let expected = if let BodySent::Json(text) = body { text.len() } else { 0 };
        let seen = match caller.ask(sent).await {
            Ok(Answered::Echo(echo)) if echo.method != method.as_str() => {
                format!("arrives as {}", echo.method)
            }
            Ok(Answered::Echo(echo)) if echo.body_bytes != expected => {
                format!("arrives with {} of {expected} bytes", echo.body_bytes)
            }
            Ok(Answered::Echo(_)) => continue,
            Ok(Answered::Kept) => "is answered with what was kept of another answer".to_owned(),
            Ok(Answered::Other { status, .. }) => format!("is refused with {}", status.as_u16()),
            Err(error) => format!("is not answered: {error}"),
        };
        let said = format!("over {}, {what} {seen}", version.name());
        if is_needed {
            is_good = false;
            report.change(topic, format!("{said}. {}", front.advice(Trouble::Method)));
        } else {
            report.note(topic, format!("{said}; no client of this project sends one"));
        }
    }
    if is_good {
        report.good(topic, "POST arrives, with a body and without");
    }
}

async fn whose_address(
    caller: &Caller,
    version: Version,
    header: ProxyProtocol,
    front: Front,
    report: &mut Report,
) {
    let topic = "caller's address";
    let sent = Sent { headers: &address::LIES, ..Sent::get(version, PLAIN) };
    // Judged by the connection that it came by.
    match caller.ask_with_local(sent).await {
        Ok((Answered::Echo(echo), local)) => address::judge(&echo, local, header, front, report),
        Ok(_) => report.change(
            topic,
            "a request with X-Forwarded-For and Forwarded of the caller's own is refused: let the proxy remove them instead",
        ),
        Err(error) => report.change(topic, format!("a request with X-Forwarded-For and Forwarded is not answered: {error}")),
    }
}
